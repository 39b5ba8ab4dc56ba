"""The controller of one site: its loops in one task group.

Owns the order of things: restore, adopt a book, publish documents, then reconcile for ever.
"""

import asyncio
import logging
import math
import random
from collections.abc import Callable, Iterable

import numpy as np

from controller.engine.alarm_types import AlarmType
from controller.engine.book import compile_book
from controller.engine.columns import Floats
from controller.engine.engine import Confirmed, Edge, Engine
from controller.errors import StoreError
from controller.ports.bus import Bus, Outbound
from controller.ports.clock import GuardedClock
from controller.ports.notifier import Notifier
from controller.ports.store import MeterMark, ReportedState, Store, ZoneEnergy
from controller.service.alarm_log import KEEP_DAYS, AlarmLog
from controller.service.dispatch import Dispatch
from controller.service.documents import Documents
from controller.service.intake import Intake
from controller.service.reconcile import Reconcile
from controller.service.tally import Tally
from controller.service.watch import Watch
from controller.service.watch_clock import ClockWatch
from controller.wire.codec import encode
from controller.wire.messages import Heartbeat
from controller.wire.topics import Topics
from schedules import Place, Site, sun_elevation

_log = logging.getLogger("lamplighter.control")

Snapshot = tuple[list[ReportedState], list[ZoneEnergy], list[MeterMark]]
"""What is saved together."""

_REV_BLOCK = 4096
_REV_MARGIN = 1_000_000
_HIGHEST_BELIEVED_REV = 2**48
_REVISIONS_EVERY_S = 2.0
_REVISIONS_PAUSE_S = 600.0

_SAVE_EVERY_S = 30.0
_HEARTBEAT_EVERY_S = 10.0
_RENEW_BEFORE_END_S = 13 * 86_400
_LOOK_AT_BOOK_S = 0.2
_LONGEST_PAUSE_S = 10.0
_ALARMS_EVERY_S = 1.0


class Control:
    """One site under control. ``pass_every_s`` is machine seconds between passes.

    ``qos`` is that of the controller's subscriptions. Construct it off the loop: it reads
    the store.
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
    ) -> None:
        self.site = site
        self.tally = Tally()
        self._bus = bus
        self._store = store
        self._clock = clock
        self._qos = qos
        topics = Topics(site.inventory.city.id)
        self._topics = topics
        self.confirmed_listeners: list[Confirmed] = [self._count_confirmed]
        clock.open(store.trusted_at())
        self.engine = Engine(site, clock.now(), random.Random().random, self._confirmed)
        self.dispatch = Dispatch(bus, self.tally)
        self.documents = Documents(self.engine, store, topics, self.dispatch)
        self.clock_watch = ClockWatch(clock, self.engine.columns, self._ask_time, self._time_moved)
        self.watch = Watch(
            clock, self.tally, notifier, look=self.clock_watch.look, status=self.status
        )
        self._notifier = notifier
        self.intake = Intake(topics, self.engine, clock, self.tally, self.clock_watch.heard)
        self.epoch = store.next_epoch()
        self._next_rev = 0
        self._revs_left = 0
        self.reconcile = Reconcile(
            self.engine,
            self.documents,
            self.intake,
            self.dispatch,
            clock,
            self.tally,
            topics,
            self._rev,
            epoch=self.epoch,
            pass_every_s=pass_every_s,
            may_pass=self._may_control,
            made_round=lambda: self.watch.made_round("reconciler"),
        )
        self._pass_every_s = pass_every_s
        self._restore()
        self.alarms = AlarmLog(self.engine, store, clock, keep_days=keep_alarms_days)
        self.is_ready = asyncio.Event()
        """Set when the first book is in force and the broker was reached."""
        self._has_book = asyncio.Event()
        self._book_due_at = -math.inf
        self._renewing = asyncio.Lock()

    def _restore(self) -> None:
        engine = self.engine
        columns, account = engine.columns, engine.account
        for mark in self._store.marks():
            row = columns.row_of.get(mark.luminaire)
            if row is not None:
                account.restore_mark(row, mark.closed_at, mark.meter_at, mark.meter_wh)
        for totals in self._store.energy():
            zone = columns.zone_row_of.get(totals.zone)
            if zone is not None:
                account.metered_j[zone] = totals.metered_j
                account.modelled_j[zone] = totals.modelled_j
                account.baseline_j[zone] = totals.baseline_j
        self.intake.restore(self._store.reported())

    async def run(self) -> None:
        """Control the street until cancelled; then save what is known."""
        self.watch.expect("reconciler", max(_LONGEST_PAUSE_S, 5 * self._pass_every_s))
        self.watch.expect("saving", 3 * _SAVE_EVERY_S)
        if self._notifier is not None:
            self._notifier.ready()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_book(), name="control.book")
                group.create_task(
                    self._bus.run(
                        self.intake.filters(self._qos), self.intake.take, self._link_changed
                    ),
                    name="control.bus",
                )
                group.create_task(self.dispatch.run(), name="control.dispatch")
                group.create_task(self.reconcile.run(), name="control.reconcile")
                group.create_task(self._heartbeat(), name="control.heartbeat")
                group.create_task(self._save_regularly(), name="control.save")
                group.create_task(self.watch.run(), name="control.watch")
                group.create_task(self._watch_revisions(), name="control.revisions")
                group.create_task(self._watch_alarms(), name="control.alarms")
                group.create_task(self.alarms.run(), name="control.alarm-log")
        finally:
            try:
                self.save()
            finally:
                self.alarms.save()

    def status(self) -> str:
        """How the service stands, in one line for people."""
        columns = self.engine.columns
        heard = int(np.count_nonzero(columns.is_known & columns.is_reachable))
        broker = "broker connected" if self.tally.is_connected else "no broker"
        clock = self.clock_watch.check().detail
        return f"{heard} of {columns.size} luminaires heard, {broker}, clock: {clock}"

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
        self._book_due_at = -math.inf

    def _ask_time(self, rows: Iterable[int]) -> bool:
        for row in rows:
            self.reconcile.ask_time(row)
        return True

    def _confirmed(self, edge: Edge, delays_s: Floats) -> None:
        for listener in self.confirmed_listeners:
            listener(edge, delays_s)

    def _count_confirmed(self, edge: Edge, delays_s: Floats) -> None:
        self.tally.switching_delay_s[edge].add(delays_s)

    def _link_changed(self, is_up: bool) -> None:  # noqa: FBT001  # the port's signature
        self.tally.is_connected = is_up
        self.tally.connects["up" if is_up else "down"] += 1
        if is_up:
            self.engine.link_restored()
        if is_up and self.engine.book is not None:
            self.documents.send_all()
            self.is_ready.set()
        self.dispatch.set_link(is_up=is_up)
        self.clock_watch.link_changed(is_up=is_up)

    async def _keep_book(self) -> None:
        """Compile the coming nights at the start, once a control day, and after time moved."""
        while True:
            await self.clock_watch.is_known.wait()
            self._book_due_at = math.inf
            async with self._renewing:
                book = await asyncio.to_thread(compile_book, self.site, self._clock.now())
                renewal = await asyncio.to_thread(self.documents.prepare, book)
                self.documents.adopt(renewal)
            _log.info("new book in force, %d documents to send", len(renewal.fresh))
            if not self._has_book.is_set() and self.tally.is_connected:
                self.documents.send_all()
                self.is_ready.set()
            self._has_book.set()
            due_at = book.valid_until - _RENEW_BEFORE_END_S
            self._book_due_at = min(self._book_due_at, due_at)
            while self._clock.now() < self._book_due_at:  # noqa: ASYNC110  # time itself may move
                await asyncio.sleep(_LOOK_AT_BOOK_S)

    async def use_site(self, site: Site) -> None:
        """Follow other documents of the same inventory from the next pass on."""
        async with self._renewing:
            if not self.clock_watch.is_known.is_set():
                self.site = site  # the first book, once the time is known, is of these
                self.engine.use_site(site)
                self._book_due_at = -math.inf
                return
            book = await asyncio.to_thread(compile_book, site, self._clock.now())
            renewal = await asyncio.to_thread(self.documents.prepare, book, site)
            self.site = site
            self.engine.use_site(site)
            self.documents.adopt(renewal)
        _log.info("other documents in force, %d messages to send", len(renewal.fresh))

    async def _watch_revisions(self) -> None:
        """Go above revisions that the street holds and we never gave.

        A data folder that was lost or restored counts from too low, and luminaires rightly
        ignore what is lower than what they hold.
        """
        await self._has_book.wait()
        while True:
            await asyncio.sleep(_REVISIONS_EVERY_S)
            held = self.engine.highest_held_rev()
            book = self.engine.book
            if book is None or held <= self.documents.highest_rev:
                continue
            if held > _HIGHEST_BELIEVED_REV:
                _log.error("a luminaire says it holds revision %d: not believed", held)
            else:
                _log.warning(
                    "the street holds revision %d, we count from %d: is this data folder new or "
                    "restored? Everything is published anew above it",
                    held,
                    self.documents.highest_rev,
                )
                async with self._renewing:
                    # Commands count on the same counter and may be ahead of documents.
                    await asyncio.to_thread(self._store.lift_revs, held + _REV_MARGIN)
                    self._revs_left = 0
                    renewal = await asyncio.to_thread(self.documents.prepare, book, is_all_new=True)
                    self.documents.adopt(renewal)
            # One liar must not make the whole street be told anew all the time.
            await asyncio.sleep(_REVISIONS_PAUSE_S)

    def _rev(self) -> int:
        if self._revs_left == 0:
            self._next_rev = self._store.reserve_revs(_REV_BLOCK)
            self._revs_left = _REV_BLOCK
        self._revs_left -= 1
        self._next_rev += 1
        return self._next_rev - 1

    async def _watch_alarms(self) -> None:
        while True:
            await asyncio.sleep(_ALARMS_EVERY_S)
            self.clock_watch.tell(self.alarms.conditions)
            self.watch.tell(self.alarms.conditions)
            self.alarms.step(
                is_linked=self.tally.is_connected,
                is_clock_trusted=self.clock_watch.is_known.is_set(),
            )

    async def _heartbeat(self) -> None:
        while True:
            # A luminaire may take its time from here as a last resort: never an unknown one.
            await self.clock_watch.is_known.wait()
            beat = Heartbeat(at_ms=int(self._clock.now() * 1000), epoch=self.epoch)
            self.dispatch.put(1, Outbound(self._topics.heartbeat, encode(beat), qos=0))
            await asyncio.sleep(_HEARTBEAT_EVERY_S)

    async def _save_regularly(self) -> None:
        while True:
            await asyncio.sleep(_SAVE_EVERY_S)
            await self._save_in_thread()
            self.watch.made_round("saving")

    async def _save_in_thread(self) -> None:
        snapshot = self._snapshot()
        try:
            await self._in_thread(self._store.save_night, snapshot)
            if self.clock_watch.is_known.is_set():
                await asyncio.to_thread(self._store.save_trusted_at, self._clock.machine_now())
        except StoreError as error:
            # The street goes on; what was not saved stays due for the next round.
            self._put_back(snapshot)
            self.alarms.conditions.note(AlarmType.STORE_FAILING, detail=str(error)[:200])
            _log.exception("states and energy not saved")

    async def _in_thread(self, save: Callable[..., None], snapshot: Snapshot) -> None:
        """Save in a thread; a cancellation waits for it, so that no older save comes last."""
        saving = asyncio.ensure_future(asyncio.to_thread(save, *snapshot))
        try:
            await asyncio.shield(saving)
        except asyncio.CancelledError:
            await saving
            raise

    def sun_elevation_deg(self, now: float) -> float:
        """Geometric elevation of the sun at the city's reference point, degrees."""
        city = self.site.inventory.city
        return sun_elevation(Place(city.latitude, city.longitude), int(now))

    def save(self) -> None:
        """Keep states, energy and meter marks now. Blocks on the disk."""
        snapshot = self._snapshot()
        try:
            self._store.save_night(*snapshot)
            if self.clock_watch.is_known.is_set():
                self._store.save_trusted_at(self._clock.machine_now())
        except StoreError:
            self._put_back(snapshot)
            raise

    def _snapshot(self) -> Snapshot:
        self.intake.apply()
        engine = self.engine
        columns, account = engine.columns, engine.account
        states = self.intake.take_unsaved()
        totals = account.totals()
        energy = [
            ZoneEnergy(
                name,
                float(totals.metered_j[zone]),
                float(totals.modelled_j[zone]),
                float(totals.baseline_j[zone]),
            )
            for zone, name in enumerate(columns.zone_ids)
        ]
        marks = [
            MeterMark(
                columns.ids[row],
                float(account.closed_at[row]),
                None if math.isnan(account.meter_at[row]) else float(account.meter_at[row]),
                None if math.isnan(account.meter_wh[row]) else float(account.meter_wh[row]),
            )
            for row in np.flatnonzero(account.touched)
        ]
        account.touched[:] = False
        return states, energy, marks

    def _put_back(self, snapshot: Snapshot) -> None:
        states, _, marks = snapshot
        self.intake.put_back(states)
        for mark in marks:
            self.engine.account.touched[self.engine.columns.row_of[mark.luminaire]] = True
