"""The controller of one site: its loops in one task group.

Owns the order of things: restore, listen who leads, adopt a book, publish documents, then
reconcile for ever. A passive controller does all but publish and order.
"""

import asyncio
import logging
import math
import random
from collections.abc import Coroutine, Iterable
from typing import Any

import numpy as np

from controller.engine.alarm_types import AlarmType
from controller.engine.book import Book, compile_book
from controller.engine.columns import Floats
from controller.engine.engine import Confirmed, Edge, Engine
from controller.engine.leadership import HIGHEST_BELIEVED
from controller.ports.bus import Bus, Inbound
from controller.ports.clock import GuardedClock
from controller.ports.notifier import Notifier
from controller.ports.store import Store
from controller.service.alarm_log import KEEP_DAYS, AlarmLog
from controller.service.backups import Backups
from controller.service.dispatch import Dispatch
from controller.service.documents import Documents, Key, digest
from controller.service.energy import Energy, Retention
from controller.service.intake import Intake
from controller.service.keeping import SAVE_EVERY_S, Keeping
from controller.service.leadership import FencedBus, Leader
from controller.service.outlook import Outlook
from controller.service.reconcile import Reconcile
from controller.service.revisions import Revisions
from controller.service.store_watch import StoreWatch
from controller.service.tally import Tally
from controller.service.watch import Watch
from controller.service.watch_clock import ClockWatch
from controller.wire.topics import Topics
from schedules import Place, Site, sun_elevation

_log = logging.getLogger("lamplighter.control")

_REVISIONS_EVERY_S = 2.0
_REVISIONS_FIRST_PAUSE_S = 5.0
_REVISIONS_LONGEST_PAUSE_S = 600.0
_QUIET_S = 3600.0
_RENEW_BEFORE_END_S = 13 * 86_400
_LOOK_AT_BOOK_S = 0.2
_LONGEST_PAUSE_S = 10.0
_ALARMS_EVERY_S = 1.0


class Control:
    """One site under control. ``pass_every_s`` is machine seconds between passes.

    ``qos`` is that of the controller's subscriptions, ``keep_alarms_days`` how long past
    alarms are kept. One that ``shares_site`` listens for other controllers before it leads,
    under the name ``instance``; ``backs_up`` asks for copies of the store. Construct it off
    the loop: it reads the store.
    """

    def __init__(
        self,
        site: Site,
        bus: Bus,
        store: Store,
        clock: GuardedClock,
        *,
        pass_every_s: float = 1.0,
        qos: int = 1,
        keep_alarms_days: float = KEEP_DAYS,
        notifier: Notifier | None = None,
        instance: str = "alone",
        shares_site: bool = False,
        backs_up: bool = False,
        retention: Retention | None = None,
    ) -> None:
        self.site = site
        self.tally = Tally()
        self.store_watch = StoreWatch()
        self._clock = clock
        self._qos = qos
        topics = Topics(site.inventory.city.id)
        self._topics = topics
        self.confirmed_listeners: list[Confirmed] = [self._count_confirmed]
        clock.open(store.trusted_at())
        self.engine = Engine(site, clock.now(), random.Random().random, self._confirmed)
        self.revisions = Revisions(store, self.store_watch)
        self.leader = Leader(
            bus,
            topics,
            clock,
            store,
            self.revisions,
            self.store_watch,
            self.tally,
            instance=instance,
            is_alone=not shares_site,
            is_time_known=lambda: self.clock_watch.is_known.is_set(),
        )
        self.leader.on_change = self._lead_changed
        self._bus = FencedBus(bus, self.leader.may_send)
        self.dispatch = Dispatch(self._bus, self.tally)
        self.documents = Documents(
            self.engine, store, topics, self.dispatch, self.revisions, self.store_watch
        )
        self.clock_watch = ClockWatch(clock, self.engine.columns, self._ask_time, self._time_moved)
        self.watch = Watch(
            clock, self.tally, notifier, look=self.clock_watch.look, status=self.status
        )
        self._notifier = notifier
        self.intake = Intake(topics, self.engine, clock, self.tally, self.clock_watch.heard)
        self.reconcile = Reconcile(
            self.engine,
            self.documents,
            self.intake,
            self.dispatch,
            clock,
            self.tally,
            topics,
            self.revisions.take,
            self._may_order,
            pass_every_s=pass_every_s,
            may_pass=self._may_control,
            made_round=lambda: self.watch.made_round("reconciler"),
        )
        self._pass_every_s = pass_every_s
        self.energy = Energy(self.engine, store, clock, retention)
        self.keeping = Keeping(
            self.engine,
            self.intake,
            self.documents,
            store,
            self.store_watch,
            self._trusted_at,
            made_round=lambda: self.watch.made_round("saving"),
            energy=self.energy,
        )
        self.keeping.restore()
        self.backups = Backups(store) if backs_up else None
        self.outlooks: tuple[Outlook, ...] = ()
        """Where targets are heading, as last looked at."""
        self._notice = store.notice
        self.alarms = AlarmLog(self.engine, store, clock, keep_days=keep_alarms_days)
        self.is_ready = asyncio.Event()
        """Set when the first book is in force and the broker was reached."""
        self._has_book = asyncio.Event()
        self._book_due_at = -math.inf
        self._renewing = asyncio.Lock()
        self._is_in_charge = False
        self._lead_news = asyncio.Event()
        self._lead_changed()

    @property
    def epoch(self) -> int:
        """The epoch that this controller leads with, or last led with."""
        return self.leader.epoch

    async def run(self) -> None:
        """Control the street until cancelled; then save what is known."""
        self.watch.expect("reconciler", max(_LONGEST_PAUSE_S, 5 * self._pass_every_s))
        self.watch.expect("saving", 3 * SAVE_EVERY_S)
        if self._notifier is not None:
            self._notifier.ready()
        filters = [*self.intake.filters(self._qos), (self._topics.heartbeat, 0)]
        tasks: dict[str, Coroutine[Any, Any, None]] = {
            "bus": self._bus.run(filters, self._take, self._link_changed),
            "leader": self.leader.run(),
            "lead": self._follow_lead(),
            "book": self._keep_book(),
            "dispatch": self.dispatch.run(),
            "reconcile": self.reconcile.run(),
            "revisions": self.revisions.keep(),
            "held": self._watch_revisions(),
            "save": self.keeping.run(),
            "watch": self.watch.run(),
            "alarms": self._watch_alarms(),
            "alarm-log": self.alarms.run(),
        }
        if self.backups is not None:
            tasks["backups"] = self.backups.run()
        try:
            async with asyncio.TaskGroup() as group:
                for name, task in tasks.items():
                    group.create_task(task, name=f"control.{name}")
        finally:
            try:
                self.save()
            finally:
                self.alarms.save()

    def save(self) -> None:
        """Keep states, energy and meter marks now. Blocks on the disk; raises `StoreError`."""
        self.keeping.save()

    def status(self) -> str:
        """How the service stands, in one line for people."""
        columns = self.engine.columns
        heard = int(np.count_nonzero(columns.is_known & columns.is_reachable))
        broker = "broker connected" if self.tally.is_connected else "no broker"
        clock = self.clock_watch.check().detail
        return (
            f"{self.leader.role}, {heard} of {columns.size} luminaires heard, {broker}, "
            f"clock: {clock}"
        )

    def sun_elevation_deg(self, now: float) -> float:
        """Geometric elevation of the sun at the city's reference point, degrees."""
        city = self.site.inventory.city
        return sun_elevation(Place(city.latitude, city.longitude), int(now))

    def _confirmed(self, edge: Edge, delays_s: Floats) -> None:
        for listener in self.confirmed_listeners:
            listener(edge, delays_s)

    def _count_confirmed(self, edge: Edge, delays_s: Floats) -> None:
        self.tally.switching_delay_s[edge].add(delays_s)

    # --- time ------------------------------------------------------------------------------

    def _may_control(self) -> bool:
        """Whether there is a book, and it speaks of a present that is known to be one."""
        book = self.engine.book
        return (
            book is not None
            and self.clock_watch.may_command
            and book.valid_from <= self._clock.now() < book.valid_until
        )

    def _time_moved(self, by_s: float) -> None:
        """Trusted time jumped: look anew at what is desired now, and at the coming nights."""
        self.engine.time_moved(by_s)
        self.alarms.time_moved(by_s)
        self._book_due_at = -math.inf

    def _ask_time(self, rows: Iterable[int]) -> bool:
        if not self.leader.may_send():
            return False
        for row in rows:
            self.reconcile.ask_time(row)
        return True

    def _trusted_at(self) -> float | None:
        return self._clock.machine_now() if self.clock_watch.is_known.is_set() else None

    # --- the broker ------------------------------------------------------------------------

    def _take(self, message: Inbound) -> None:
        if message.topic == self._topics.heartbeat:
            self.leader.take(message)
        else:
            self.intake.take(message)

    def _link_changed(self, is_up: bool) -> None:  # noqa: FBT001  # the port's signature
        self.tally.is_connected = is_up
        self.tally.connects["up" if is_up else "down"] += 1
        if is_up:
            self.engine.link_restored()
        self.leader.link_changed(is_up=is_up)
        if is_up and self._has_book.is_set():
            if self._is_in_charge:
                self.documents.send_all()
            self.is_ready.set()
        self._set_dispatch()
        self.clock_watch.link_changed(is_up=is_up)

    def _set_dispatch(self) -> None:
        """Let messages go while this controller may send; commands do not wait for that."""
        self.dispatch.set_link(is_up=self.tally.is_connected and self.leader.may_send())

    # --- who leads -------------------------------------------------------------------------

    @property
    def is_in_charge(self) -> bool:
        """Whether what the street should hold and do is ours to say."""
        return self._is_in_charge

    def _may_order(self) -> bool:
        return self.tally.is_connected and self._is_in_charge and self.leader.may_send()

    def _lead_changed(self) -> None:
        """We begin or cease to lead; what must not wait is done at once."""
        self._lead_news.set()
        self.reconcile.epoch = self.leader.epoch
        if not self.leader.is_active:
            self._is_in_charge = False
            self.engine.use_lead(is_ours=False)
            self.dispatch.forget()

    async def _follow_lead(self) -> None:
        """Take charge when it is our turn, and hold the queue while others may lead."""
        while True:
            self._set_dispatch()
            if self.leader.is_active and not self._is_in_charge and self._has_book.is_set():
                await self._take_charge()
            try:
                async with asyncio.timeout(0.25):
                    await self._lead_news.wait()
            except TimeoutError:
                continue
            self._lead_news.clear()

    async def _take_charge(self) -> None:
        """Put what the street should hold in force as our words."""
        above = self.leader.takes_over_above
        async with self._renewing:
            if above:
                held = self.engine.highest_held_rev(HIGHEST_BELIEVED)
                await asyncio.to_thread(self.revisions.lift, max(above, held))
            book = self.engine.book
            assert book is not None, "there is a first book"
            renewal = await asyncio.to_thread(
                self.documents.prepare, book, anew=lambda _key: above > 0
            )
            if not self.leader.is_active:
                return
            self.engine.use_lead(is_ours=True)
            self.documents.adopt(renewal)
            self._is_in_charge = True
        self.leader.takes_over_above = 0
        if self.tally.is_connected:
            self.documents.send_all()
            self.is_ready.set()
        self._set_dispatch()
        _log.info("in charge, %d documents are new", len(renewal.fresh))

    # --- documents -------------------------------------------------------------------------

    async def _keep_book(self) -> None:
        """Compile the coming nights at the start, once a control day, and after time moved."""
        self.leader.documents = await asyncio.to_thread(digest, self.site)
        while True:
            await self.clock_watch.is_known.wait()
            self._book_due_at = math.inf
            async with self._renewing:
                book = await self._renew(self.site)
            self._has_book.set()
            self._lead_news.set()
            if self.tally.is_connected and not self.leader.is_active:
                self.is_ready.set()
            due_at = book.valid_until - _RENEW_BEFORE_END_S
            self._book_due_at = min(self._book_due_at, due_at)
            while self._clock.now() < self._book_due_at:  # noqa: ASYNC110  # time itself may move
                await asyncio.sleep(_LOOK_AT_BOOK_S)

    async def use_site(self, site: Site) -> None:
        """Follow other documents of the same inventory from the next pass on."""
        async with self._renewing:
            if self.clock_watch.is_known.is_set():
                await self._renew(site)
            else:
                # The first book, once the time is known, is of these.
                await self._use_documents(site)
                self._book_due_at = -math.inf
        if self.backups is not None:
            self.backups.is_wanted.set()

    async def _use_documents(self, site: Site) -> None:
        self.leader.documents = await asyncio.to_thread(digest, site)
        self.site = site
        self.engine.use_site(site)

    async def _renew(self, site: Site) -> Book:
        since = self.energy.prepare()
        book = await asyncio.to_thread(compile_book, site, self._clock.now(), since)
        renewal = None
        if self._is_in_charge:
            renewal = await asyncio.to_thread(self.documents.prepare, book, site)
        if site is not self.site:
            await self._use_documents(site)
        if renewal is not None and self._is_in_charge:
            self.documents.adopt(renewal)
            _log.info("new book in force, %d documents to send", len(renewal.fresh))
        else:
            self.engine.adopt(book)
        await self.energy.catch_up_soon()
        return book

    async def _watch_revisions(self) -> None:
        """Go above revisions that the street holds and we never gave.

        A data folder that was lost or restored counts from too low, and luminaires rightly
        ignore what is lower than what they hold. Only what they ignore is said anew, and ever
        less often: one that lies about what it holds must not keep the whole street busy.
        """
        pause_s, at = _REVISIONS_FIRST_PAUSE_S, float("-inf")
        while True:
            await asyncio.sleep(_REVISIONS_EVERY_S)
            if not self._is_in_charge or not self.tally.is_connected:
                continue
            ahead = self.engine.documents_ahead(HIGHEST_BELIEVED)
            now = self._clock.monotonic()
            if now - at > _QUIET_S:
                pause_s = _REVISIONS_FIRST_PAUSE_S
            if not ahead or now - at < pause_s:
                continue
            at, pause_s = now, min(2 * pause_s, _REVISIONS_LONGEST_PAUSE_S)
            await self._go_above(ahead)

    async def _go_above(self, ahead: set[Key]) -> None:
        held = self.engine.highest_held_rev(HIGHEST_BELIEVED)
        _log.warning(
            "the street holds revision %d where we count from %d: is this data folder new or "
            "restored? %d documents are published anew above it",
            held,
            self.documents.highest_rev,
            len(ahead),
        )
        async with self._renewing:
            book = self.engine.book
            if book is None or not self._is_in_charge:
                return
            # Commands count on the same counter and may be ahead of documents.
            await asyncio.to_thread(self.revisions.lift, held)
            renewal = await asyncio.to_thread(self.documents.prepare, book, anew=ahead.__contains__)
            if self._is_in_charge:
                self.documents.adopt(renewal)

    # --- rounds ----------------------------------------------------------------------------

    async def _watch_alarms(self) -> None:
        conditions = self.alarms.conditions
        if self._notice:
            _log.error(self._notice)
        while True:
            await asyncio.sleep(_ALARMS_EVERY_S)
            conditions.set_condition(
                AlarmType.STORE_FAILING,
                is_present=bool(self._notice),
                subject="restored",
                detail=self._notice[:200],
            )
            conditions.set_condition(
                AlarmType.STORE_FAILING,
                is_present=not self.store_watch.is_up,
                detail=self.store_watch.error[:200],
            )
            differing = self.leader.differing
            conditions.set_condition(
                AlarmType.DOCUMENTS_DIFFER,
                is_present=bool(differing),
                detail=", ".join(differing)[:200],
            )
            rivals = [beat.instance for beat in self.leader.others() if beat.is_active]
            conditions.set_condition(
                AlarmType.TWO_CONTROLLERS,
                is_present=self.leader.is_active and bool(rivals),
                detail=", ".join(rivals)[:200],
            )
            self.clock_watch.tell(conditions)
            self.watch.tell(conditions)
            self.alarms.step(
                is_linked=self.tally.is_connected,
                is_clock_trusted=self.clock_watch.is_known.is_set(),
                is_in_charge=self._is_in_charge,
            )
