"""The controller of one site: its loops in one task group.

Owns the order of things: restore, listen who leads, adopt a book, publish documents, then
reconcile for ever. A passive controller does all but publish and order.
"""

import asyncio
import random
from collections.abc import Coroutine, Iterable
from typing import Any

import numpy as np

from controller.engine.columns import Floats
from controller.engine.engine import Confirmed, Edge, Engine
from controller.ports.bus import Bus, Inbound
from controller.ports.clock import GuardedClock
from controller.ports.notifier import Notifier
from controller.ports.store import Store
from controller.service.alarm_log import KEEP_DAYS, AlarmLog
from controller.service.backups import Backups
from controller.service.charge import Charge
from controller.service.dispatch import Dispatch
from controller.service.documents import Documents
from controller.service.energy import Energy, Retention
from controller.service.intake import Intake
from controller.service.keeping import SAVE_EVERY_S, Keeping
from controller.service.leadership import FencedBus, Leader
from controller.service.outlook import Outlook
from controller.service.own_alarms import OwnAlarms
from controller.service.reconcile import Reconcile
from controller.service.revisions import Revisions
from controller.service.signed_bus import SignedBus, Signing
from controller.service.store_watch import StoreWatch
from controller.service.tally import Tally
from controller.service.watch import Watch
from controller.service.watch_clock import ClockWatch
from controller.wire.topics import Topics
from schedules import Place, Site, sun_elevation

_LONGEST_PAUSE_S = 10.0


class Control:
    """One site under control. ``pass_every_s`` is machine seconds between passes.

    ``qos`` is that of the controller's subscriptions, ``keep_alarms_days`` how long past
    alarms are kept. One that ``shares_site`` listens for other controllers before it leads,
    under the name ``instance``; ``backs_up`` asks for copies of the store; with ``signing``
    whatever commands the street is signed. Construct it off the loop: it reads the store.
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
        signing: Signing | None = None,
    ) -> None:
        self.tally = Tally()
        if signing is not None:
            bus = SignedBus(bus, signing, self.tally)
        self.store_watch = StoreWatch()
        self.store_size_bytes = store.size_bytes
        """Bytes of the store; asks the disk, so call it off the loop."""
        store.watch_commits(self.tally.commit_s.add)
        self._clock = clock
        self._qos = qos
        topics = Topics(site.inventory.city.id)
        self._topics = topics
        self.confirmed_listeners: list[Confirmed] = [self._count_confirmed]
        clock.open(store.trusted_at())
        self.engine = Engine(site, clock.now(), random.Random().random, self._confirmed)
        self.revisions = Revisions(store, self.store_watch)
        self.leader = self._leader_of(bus, store, instance, is_alone=not shares_site)
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
        self.reconcile = self._reconcile_every(pass_every_s)
        self._pass_every_s = pass_every_s
        self.energy = Energy(self.engine, store, clock, retention)
        self.charge = self._charge_of(site)
        self.keeping = self._keeping_in(store)
        self.keeping.restore()
        self.backups = Backups(store) if backs_up else None
        self.outlooks: tuple[Outlook, ...] = ()
        """Where targets are heading, as last looked at."""
        self.alarms = AlarmLog(self.engine, store, clock, keep_days=keep_alarms_days)
        self._own_alarms = self._own_alarms_with(store.notice)
        self.leader.on_rival = self.charge.say_all_again
        self._lead_changed()

    @property
    def site(self) -> Site:
        """The documents in force."""
        return self.charge.site

    @property
    def is_ready(self) -> asyncio.Event:
        """Set when the first book is in force and the broker was reached."""
        return self.charge.is_ready

    @property
    def is_in_charge(self) -> bool:
        """Whether what the street should hold and do is ours to say."""
        return self.charge.is_in_charge

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
            "lead": self.charge.follow_lead(),
            "book": self.charge.keep_book(),
            "dispatch": self.dispatch.run(),
            "reconcile": self.reconcile.run(),
            "revisions": self.revisions.keep(),
            "held": self.charge.watch_revisions(),
            "save": self.keeping.run(),
            "watch": self.watch.run(),
            "alarms": self._own_alarms.run(),
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

    # --- its parts -------------------------------------------------------------------------

    def _leader_of(self, bus: Bus, store: Store, instance: str, *, is_alone: bool) -> Leader:
        return Leader(
            bus,
            self._topics,
            self._clock,
            store,
            self.revisions,
            self.store_watch,
            self.tally,
            instance=instance,
            is_alone=is_alone,
            is_time_known=lambda: self.clock_watch.is_known.is_set(),
        )

    def _reconcile_every(self, pass_every_s: float) -> Reconcile:
        return Reconcile(
            self.engine,
            self.documents,
            self.intake,
            self.dispatch,
            self._clock,
            self.tally,
            self._topics,
            self.revisions.take,
            lambda: self.charge.may_order(),
            pass_every_s=pass_every_s,
            may_pass=self._may_control,
            made_round=lambda: self.watch.made_round("reconciler"),
        )

    def _charge_of(self, site: Site) -> Charge:
        return Charge(
            site,
            self.engine,
            self.documents,
            self.revisions,
            self.leader,
            self.dispatch,
            self.tally,
            self._clock,
            self.clock_watch,
            self.energy,
        )

    def _keeping_in(self, store: Store) -> Keeping:
        return Keeping(
            self.engine,
            self.intake,
            self.documents,
            store,
            self.store_watch,
            self._trusted_at,
            made_round=lambda: self.watch.made_round("saving"),
            energy=self.energy,
        )

    def _own_alarms_with(self, notice: str) -> OwnAlarms:
        return OwnAlarms(
            self.alarms,
            self.store_watch,
            self.leader,
            self.charge,
            self.clock_watch,
            self.watch,
            self.tally,
            notice=notice,
        )

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
        self.charge.look_again()

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
        self.charge.link_changed(is_up=is_up)
        self.clock_watch.link_changed(is_up=is_up)

    def _lead_changed(self) -> None:
        self.reconcile.epoch = self.leader.epoch
        self.charge.lead_changed()

    # --- documents -------------------------------------------------------------------------

    async def use_site(self, site: Site) -> None:
        """Follow other documents of the same inventory from the next pass on."""
        await self.charge.use_site(site)
        if self.backups is not None:
            self.backups.is_wanted.set()
