"""Alarms as people see them: numbered, kept, acknowledged.

Owns the open alarms with their numbers and what is still to be written. Control never waits
for the disk: changes of an alarm that wait coalesce, and what cannot be written is tried
again. An acknowledgement is different: it counts when it is stored.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np

from controller.engine.alarm_types import RULES, AlarmKey, AlarmType, Scope, Severity
from controller.engine.alarms import AlarmEvent, Alarms, Change, Standing, longest_ramps
from controller.engine.book import Book
from controller.engine.columns import Rows
from controller.engine.engine import Engine
from controller.errors import AlarmAcknowledged, ConfigurationError, NoSuchAlarm, StoreError
from controller.ports.alarms import (
    Acknowledgement,
    Alarm,
    AlarmChanges,
    AlarmStore,
    Ending,
)
from controller.ports.clock import Clock
from controller.service.in_thread import finished
from controller.service.sentences import SAY
from zones.said import cut, message_of

KEEP_DAYS: Final = 400
"""Days for which past alarms are kept: a year and what it takes to report on it."""

MAX_AUTHOR: Final = 100
MAX_NOTE: Final = 1000

MAX_UNSAVED: Final = 10_000
"""Past alarms that wait for a disk that fails; beyond it the oldest are forgotten."""

_RETRY_S: Final = 5.0
_FORGET_EVERY_S: Final = 6 * 3600.0
_DAY_S: Final = 86_400.0

_log = logging.getLogger("lamplighter.alarms")


class AlarmLog:
    """The alarms of one site's service. Construct it off the loop: it reads the store."""

    def __init__(
        self,
        engine: Engine,
        store: AlarmStore,
        clock: Clock,
        *,
        keep_days: float = KEEP_DAYS,
    ) -> None:
        self.conditions = Alarms(engine.site.inventory, engine.columns)
        """Where whoever sees something wrong with the service tells it."""
        self.raised_total: Counter[tuple[AlarmType, Severity]] = Counter()
        """Alarms raised since the start of the process."""
        self.forgotten = 0
        """Past alarms that a failing disk did not take in time."""
        self._engine = engine
        self._store = store
        self._clock = clock
        self._keep_s = keep_days * _DAY_S
        self._open: dict[AlarmKey, Alarm] = {}
        self._unsaved: dict[int, Alarm] = {}
        self._members: dict[int, dict[str, bool]] = {}
        self._has_work = asyncio.Event()
        self._acknowledging = asyncio.Lock()
        self._book: Book | None = None
        self._next_id = store.newest_alarm_id() + 1
        self._restore()

    # --- what is known -----------------------------------------------------------------

    @property
    def open(self) -> list[Alarm]:
        """Open alarms, the oldest first."""
        return sorted(self._open.values(), key=lambda alarm: alarm.id)

    def active(self) -> Counter[tuple[AlarmType, Severity]]:
        """How many alarms are open, by type and severity."""
        return Counter((alarm.type, alarm.severity) for alarm in self._open.values())

    def luminaires(self, alarm: Alarm) -> list[str]:
        """Luminaires that an open alarm is about."""
        ids = self._engine.columns.ids
        return [ids[row] for row in self.conditions.members(alarm.key).tolist()]

    def about(self, luminaire: str) -> list[Alarm]:
        """Open alarms that a luminaire of the inventory is part of, the oldest first."""
        keys = self.conditions.of_row(self._engine.columns.row_of[luminaire])
        found = (self._open.get(key) for key in keys)
        return sorted((one for one in found if one is not None), key=lambda one: one.id)

    # --- the pass ----------------------------------------------------------------------

    def step(
        self, *, is_linked: bool, is_clock_trusted: bool = True, is_in_charge: bool = True
    ) -> None:
        """Look at the street and the service once; about once a second of machine time.

        ``is_clock_trusted`` is about our own clock; ``is_in_charge`` is False for a controller
        that only listens.
        """
        engine = self._engine
        standing = None
        if engine.book is not None:
            if engine.book is not self._book:
                self._book = engine.book
                ramps = longest_ramps(engine.book, engine.columns)
                self.conditions.signs.power.use_ramps(ramps)
            standing = Standing(
                agrees=engine.columns.agrees(),
                is_stale=engine.stale_programs() | engine.stale_configs(),
                is_clock_trusted=is_clock_trusted,
                is_in_charge=is_in_charge,
            )
        now = self._clock.now()
        events = self.conditions.step(standing, now, self._clock.monotonic(), is_linked=is_linked)
        for event in events:
            self._take(event, now)

    def time_moved(self, by_s: float) -> None:
        """Site time was corrected by ``by_s``; the engine's columns were moved already."""
        self.conditions.time_moved(by_s)

    def _take(self, event: AlarmEvent, now: float) -> None:
        before = self._open.get(event.key)
        if event.change is Change.RAISED or before is None:
            alarm = self._raised(event, now)
        else:
            alarm = replace(
                before,
                affected=event.affected,
                worst=max(before.worst, event.affected),
                total=event.total,  # another one where the inventory changed since
                detail=event.detail or before.detail,
            )
        if event.change is Change.CLEARED:
            ending = Ending.GROUPED if event.is_grouped else Ending.CLEARED
            self._end(alarm, ending, now)
            return
        self._open[event.key] = alarm
        self._note_members(alarm, event.joined, is_member=True)
        self._note_members(alarm, event.left, is_member=False)
        self._save_later(alarm)

    def _raised(self, event: AlarmEvent, now: float) -> Alarm:
        alarm = Alarm(
            id=self._next_id,
            type=event.key.type,
            severity=RULES[event.key.type].severity_of(event.key.scope),
            scope=event.key.scope,
            subject=event.key.subject,
            began_at=event.began_at,
            raised_at=now,
            cleared_at=None,
            ending=None,
            affected=event.affected,
            worst=event.affected,
            total=event.total,
            detail=event.detail,
        )
        self._next_id += 1
        self.raised_total[alarm.type, alarm.severity] += 1
        _log.warning("alarm %d: %s", alarm.id, _words(alarm))
        return alarm

    def _end(self, alarm: Alarm, ending: Ending, now: float) -> None:
        ended = replace(alarm, cleared_at=now, ending=ending, affected=0)
        self._open.pop(alarm.key, None)
        if ending is not Ending.GROUPED:
            _log.info("alarm %d %s: %s", alarm.id, ending.value, _words(alarm))
        self._save_later(ended)

    def _note_members(self, alarm: Alarm, rows: Rows, *, is_member: bool) -> None:
        if rows.size:
            ids = self._engine.columns.ids
            names = (ids[row] for row in rows.tolist())
            self._members.setdefault(alarm.id, {}).update(dict.fromkeys(names, is_member))

    # --- acknowledging -----------------------------------------------------------------

    async def acknowledge(self, alarm_id: int, author: str, note: str = "") -> Alarm:
        """Somebody took notice of an alarm, open or past; stored before this returns.

        Raises `NoSuchAlarm`, `AlarmAcknowledged` where somebody was faster,
        `ConfigurationError` without an author, and `StoreError`.
        """
        acknowledgement = checked_acknowledgement(self._clock.now(), author, note)
        async with self._acknowledging:
            alarm = self._waiting(alarm_id)
            if alarm is None:
                alarm = await asyncio.to_thread(self._store.alarm, alarm_id)
            refuse_acknowledged(alarm, alarm_id)
            assert alarm is not None, "refused else"
            await asyncio.to_thread(self._store.acknowledge_alarm, alarm, acknowledgement)
            for kept in (self._open.get(alarm.key), self._unsaved.get(alarm_id)):
                if kept is not None and kept.id == alarm_id:
                    alarm = replace(kept, acknowledgement=acknowledgement)
                    if kept.cleared_at is None:
                        self._open[alarm.key] = alarm
                    if alarm_id in self._unsaved:
                        self._unsaved[alarm_id] = alarm
            return replace(alarm, acknowledgement=acknowledgement)

    def _waiting(self, alarm_id: int) -> Alarm | None:
        for alarm in self._open.values():
            if alarm.id == alarm_id:
                return alarm
        return self._unsaved.get(alarm_id)

    # --- keeping -----------------------------------------------------------------------

    async def run(self) -> None:
        """Write what changes, until cancelled; then `save` writes the rest."""
        forget_at = -np.inf
        while True:
            if self._clock.monotonic() >= forget_at:
                forget_at = self._clock.monotonic() + _FORGET_EVERY_S
                await self._forget()
            await self._has_work.wait()
            self._has_work.clear()
            changes = self._take_changes()
            try:
                await finished(
                    partial(self._store.save_alarms, changes),
                    if_failed=partial(self._put_back, changes),
                )
            except StoreError as error:
                self._tell_failing(error)
                await asyncio.sleep(_RETRY_S)

    def save(self) -> None:
        """Write what is left. Blocks on the disk; raises `StoreError`."""
        changes = self._take_changes()
        try:
            self._store.save_alarms(changes)
        except StoreError:
            self._put_back(changes)
            raise

    async def _forget(self) -> None:
        try:
            await asyncio.to_thread(self._store.forget_alarms, self._clock.now() - self._keep_s)
        except StoreError as error:
            self._tell_failing(error)

    def _tell_failing(self, error: StoreError) -> None:
        _log.error("alarms not saved: %s", error)
        self.conditions.note(AlarmType.STORE_FAILING, detail=cut(message_of(error), 200))

    def _save_later(self, alarm: Alarm) -> None:
        self._unsaved[alarm.id] = alarm
        if alarm.cleared_at is not None:
            # Who was affected goes with the alarm.
            self._members.pop(alarm.id, None)
        if len(self._unsaved) > MAX_UNSAVED:
            past = [kept.id for kept in self._unsaved.values() if kept.cleared_at is not None]
            for alarm_id in past[: len(self._unsaved) - MAX_UNSAVED]:
                del self._unsaved[alarm_id]
                self.forgotten += 1
        self._has_work.set()

    def _take_changes(self) -> AlarmChanges:
        alarms, members = self._unsaved, self._members
        self._unsaved, self._members = {}, {}
        return AlarmChanges(
            alarms=list(alarms.values()),
            joined=_pairs(members, is_member=True),
            left=_pairs(members, is_member=False),
        )

    def _put_back(self, changes: AlarmChanges) -> None:
        """What was not written waits again; newer words stand."""
        self._unsaved = {alarm.id: alarm for alarm in changes.alarms} | self._unsaved
        for pairs, is_member in ((changes.joined, True), (changes.left, False)):
            for alarm_id, name in pairs:
                if self._unsaved[alarm_id].cleared_at is None:
                    self._members.setdefault(alarm_id, {}).setdefault(name, is_member)
        self._has_work.set()

    def _restore(self) -> None:
        """Take up what was open before the last stop; nothing is raised or cleared by it."""
        row_of = self._engine.columns.row_of
        members: dict[int, list[int]] = {}
        for alarm_id, luminaire in self._store.alarm_luminaires():
            if luminaire in row_of:
                members.setdefault(alarm_id, []).append(row_of[luminaire])
        kept = {alarm.key: alarm for alarm in self._store.open_alarms()}
        self._open = dict(kept)
        gone = self.conditions.restore(
            (key, alarm.began_at, np.array(members.get(alarm.id, []), dtype=np.intp))
            for key, alarm in kept.items()
        )
        for key in gone:
            self._end(kept[key], Ending.RETIRED, self._clock.now())


def _pairs(members: dict[int, dict[str, bool]], *, is_member: bool) -> list[tuple[int, str]]:
    return [
        (alarm_id, name)
        for alarm_id, names in members.items()
        for name, is_one in names.items()
        if is_one is is_member
    ]


def checked_acknowledgement(at: float, author: str, note: str) -> Acknowledgement:
    """An acknowledgement by somebody; raises `ConfigurationError` for unusable words."""
    author, note = author.strip(), note.strip()
    if not author:
        raise ConfigurationError(SAY("alarm_nobody"))
    for name, text, most in (("author", author, MAX_AUTHOR), ("note", note, MAX_NOTE)):
        if len(text) > most:
            raise ConfigurationError(SAY("text_too_long", name=name, length=len(text), most=most))
    return Acknowledgement(at=at, author=author, note=note)


def refuse_acknowledged(alarm: Alarm | None, alarm_id: int) -> None:
    """Raise `NoSuchAlarm` or `AlarmAcknowledged` where there is nothing to acknowledge."""
    if alarm is None:
        raise NoSuchAlarm(SAY("alarm_unknown", number=alarm_id))
    if alarm.acknowledgement is not None:
        raise AlarmAcknowledged(
            SAY("alarm_acknowledged", number=alarm_id, author=alarm.acknowledgement.author)
        )


def _words(alarm: Alarm) -> str:
    what = f"{alarm.severity.value} {alarm.type.value}"
    if alarm.scope is Scope.SERVICE:
        said = [what, *filter(None, (alarm.subject, alarm.detail))]
        return ", ".join(said)
    of = f", {alarm.affected} of {alarm.total} luminaires" if alarm.total > 1 else ""
    return f"{what}, {alarm.scope.value} {alarm.subject}{of}"


def by_grade(alarms: Iterable[Alarm]) -> list[Alarm]:
    """The gravest first, then the oldest."""
    grades = list(Severity)
    return sorted(alarms, key=lambda alarm: (grades.index(alarm.severity), alarm.id))
