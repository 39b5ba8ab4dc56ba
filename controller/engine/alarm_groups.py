"""Which rows make one alarm: a cabinet that vanishes is one thing that is wrong, not 2,000.

Owns, for one alarm type, the open alarms and the row's place in them. A row is part of at
most one open alarm of a type. Rows go from narrow alarms to wider ones and never back, so
that nothing flaps when a group recovers piece by piece.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

import numpy as np

from controller.engine.alarm_hold import Hold
from controller.engine.alarm_types import AlarmKey, AlarmType, Scope
from controller.engine.columns import Columns, Flags, Floats, Ints, Rows

GROUP_RATIO: Final = 0.8
"""From this share on, a group's luminaires are spoken of as one."""

GROUP_LEAST: Final = 3
"""Fewer luminaires are named one by one."""

JOIN_RATIO: Final = 0.5
"""While a group's alarm still covers this share, others of the group join it."""

FLOOD: Final = 20
"""So many of one group, due together, are one alarm whatever their share."""

GATHER_S: Final = 5.0
"""Machine seconds without a further one before a group is taken as complete."""

GATHER_MOST_S: Final = 120.0
"""Machine seconds after which a group that still grows is not waited for."""

_WIDEST_FIRST: Final = (Scope.CITY, Scope.CABINET, Scope.GATEWAY, Scope.FEEDER, Scope.ZONE)
_NARROWEST_FIRST: Final = (Scope.FEEDER, Scope.GATEWAY, Scope.CABINET, Scope.ZONE)
_WIDTH: Final = {scope: -width for width, scope in enumerate((*_WIDEST_FIRST, Scope.LUMINAIRE))}
_NO_ALARM: Final = -1
_EMPTY: Rows = np.zeros(0, dtype=np.intp)


class Change(Enum):
    """What happened to an alarm."""

    RAISED = auto()
    CHANGED = auto()
    CLEARED = auto()


@dataclass(frozen=True, slots=True)
class AlarmEvent:
    """One change of one alarm."""

    change: Change
    key: AlarmKey
    began_at: float
    """Site instant at which the condition began, Unix s."""
    affected: int
    """Luminaires that have the condition now."""
    total: int
    """Luminaires of the subject; 0 for the service's own."""
    joined: Rows = field(default_factory=lambda: _EMPTY)
    left: Rows = field(default_factory=lambda: _EMPTY)
    is_grouped: bool = False
    """Cleared because a wider alarm took its place."""
    detail: str = ""


class Places:
    """Which rows lie together, by scope."""

    def __init__(self, columns: Columns, city: str) -> None:
        self.ids = columns.ids
        size = columns.size
        self.of: Mapping[Scope, Rows] = {
            Scope.CITY: np.zeros(size, dtype=np.intp),
            Scope.CABINET: columns.cabinet,
            Scope.GATEWAY: columns.gateway,
            Scope.FEEDER: columns.feeder,
            Scope.ZONE: columns.zone,
        }
        """By scope, the group of each row; -1 for none."""
        self.names: Mapping[Scope, tuple[str, ...]] = {
            Scope.CITY: (city,),
            Scope.CABINET: columns.cabinet_ids,
            Scope.GATEWAY: columns.gateway_ids,
            Scope.FEEDER: columns.feeder_ids,
            Scope.ZONE: columns.zone_ids,
        }
        self.sizes: Mapping[Scope, Ints] = {
            scope: self.counts(scope, np.arange(size)) for scope in self.of
        }
        self.has_gateway_alone = self._with_one_gateway(columns)
        """By cabinet: all of its luminaires are those of one gateway."""

    def counts(self, scope: Scope, rows: Rows) -> Ints:
        """How many of the rows each group of a scope has."""
        groups = self.of[scope][rows]
        return np.bincount(groups[groups >= 0], minlength=len(self.names[scope]))

    def total(self, scope: Scope, group: int) -> int:
        """Luminaires of a group."""
        return int(self.sizes[scope][group])

    def _with_one_gateway(self, columns: Columns) -> Flags:
        is_alone = np.zeros(len(columns.cabinet_ids), dtype=np.bool_)
        sizes = self.sizes[Scope.CABINET]
        if not columns.gateway_ids:
            return is_alone
        both = (columns.cabinet >= 0) & (columns.gateway >= 0)
        pairs, first, counts = np.unique(
            columns.cabinet[both] * len(columns.gateway_ids) + columns.gateway[both],
            return_index=True,
            return_counts=True,
        )
        cabinets = columns.cabinet[both][first]
        gateways = columns.gateway[both][first]
        assert len(pairs) == len(cabinets)
        whole = (counts == sizes[cabinets]) & (counts == self.sizes[Scope.GATEWAY][gateways])
        is_alone[cabinets[whole]] = True
        return is_alone


@dataclass(slots=True)
class _Open:
    key: AlarmKey
    began_at: float
    affected: int
    total: int


class Grouping:
    """The open alarms of one type."""

    def __init__(self, kind: AlarmType, places: Places) -> None:
        self._kind = kind
        self._places = places
        self._owner: Ints = np.full(len(places.ids), _NO_ALARM, dtype=np.int64)
        self._open: dict[int, _Open] = {}
        self._number_of: dict[AlarmKey, int] = {}
        self._next = 0
        self._seen: dict[Scope, Ints] = {}
        self._grown_at: dict[Scope, Floats] = {}
        self._growing_since: dict[Scope, Floats] = {}
        for scope in _NARROWEST_FIRST:
            groups = len(places.names[scope])
            self._seen[scope] = np.zeros(groups, dtype=np.int64)
            self._grown_at[scope] = np.full(groups, -np.inf)
            self._growing_since[scope] = np.full(groups, -np.inf)

    def restore(self, key: AlarmKey, began_at: float, rows: Rows) -> None:
        """An alarm that was open before a restart; the rows are in no other of this type."""
        self._start(key, began_at, rows, self._total_of(key))

    def members(self, key: AlarmKey) -> Rows:
        """Rows of an open alarm."""
        return np.flatnonzero(self._owner == self._number_of[key])

    def key_of(self, row: int) -> AlarmKey | None:
        """The open alarm that a row is part of; None: it is part of none."""
        found = self._open.get(int(self._owner[row]))
        return None if found is None else found.key

    @property
    def affected(self) -> Flags:
        """Rows that are part of an open alarm."""
        affected: Flags = self._owner != _NO_ALARM
        return affected

    def step(self, hold: Hold, due: Rows, cleared: Rows, elapsed: float) -> list[AlarmEvent]:
        """Take rows that are due and rows that cleared; returns what became of the alarms."""
        joined: dict[int, list[Rows]] = {}
        raised: set[int] = set()
        before = self._leave(cleared)
        suspects = np.flatnonzero(hold.suspects) if hold.has_pending else _EMPTY
        if suspects.size:
            self._watch_growth(suspects, elapsed)
        if due.size:
            due = self._join_open(hold, due, suspects, joined)
            due = self._gather_wide(hold, due, suspects, elapsed, joined, raised, before)
            due = self._gather_flood(hold, due, joined, raised)
            for row in due.tolist():
                rows = np.array([row], dtype=np.intp)
                key = AlarmKey(self._kind, Scope.LUMINAIRE, self._places.ids[row])
                number = self._start(key, hold.began_at(rows), rows, 1)
                hold.accept(rows)
                joined[number] = [rows]
                raised.add(number)
        return self._events(joined, raised, before)

    # --- who goes where -----------------------------------------------------------------

    def _leave(self, cleared: Rows) -> dict[int, list[Rows]]:
        """Take rows out of their alarms; by alarm, the rows that left."""
        left: dict[int, list[Rows]] = {}
        owners = self._owner[cleared]
        for number in np.unique(owners[owners != _NO_ALARM]).tolist():
            left[number] = [cleared[owners == number]]
            self._open[number].affected -= len(left[number][0])
        self._owner[cleared] = _NO_ALARM
        return left

    def _join_open(
        self, hold: Hold, due: Rows, suspects: Rows, joined: dict[int, list[Rows]]
    ) -> Rows:
        """Let rows join the open alarm of their group, while it speaks for most of it."""
        for scope in _WIDEST_FIRST:
            groups = {key.subject for key in self._number_of if key.scope is scope}
            if not groups or not due.size:
                continue
            counts = self._places.counts(scope, suspects)
            of_due = self._places.of[scope][due]
            stays = np.ones(len(due), dtype=np.bool_)
            for group in np.unique(of_due[of_due >= 0]).tolist():
                name = self._places.names[scope][group]
                if name in groups and counts[group] >= JOIN_RATIO * self._places.total(
                    scope, group
                ):
                    number = self._number_of[AlarmKey(self._kind, scope, name)]
                    mine = of_due == group
                    self._add(number, due[mine], hold, joined)
                    stays &= ~mine
            due = due[stays]
        return due

    def _gather_wide(
        self,
        hold: Hold,
        due: Rows,
        suspects: Rows,
        elapsed: float,
        joined: dict[int, list[Rows]],
        raised: set[int],
        left: dict[int, list[Rows]],
    ) -> Rows:
        """Make one alarm of a group that is wrong nearly as a whole, the widest first.

        Returns the rows to be told of otherwise; others wait, since a group of theirs still
        grows and may soon be seen to be wrong as a whole.
        """
        for scope in _WIDEST_FIRST:
            if not due.size:
                break
            counts = self._places.counts(scope, suspects)
            needed = np.maximum(GROUP_LEAST, np.ceil(GROUP_RATIO * self._places.sizes[scope]))
            is_wide = (counts >= needed) & self._speaks_for(scope)
            of_due = self._places.of[scope][due]
            stays = np.ones(len(due), dtype=np.bool_)
            for group in np.unique(of_due[of_due >= 0]).tolist():
                if not is_wide[group]:
                    continue
                mine = of_due == group
                number = self._alarm_of(scope, group, hold.began_at(due[mine]), raised)
                self._add(number, due[mine], hold, joined)
                self._absorb(number, scope, group, joined, left)
                stays &= ~mine
            due = due[stays]
            if scope in self._seen:
                due = due[~self._still_grows(scope, due, elapsed)]
        return due

    def _speaks_for(self, scope: Scope) -> Flags:
        """Groups of a scope that are the best name for what they hold."""
        places = self._places
        if scope is Scope.CABINET and self._kind is AlarmType.COMMUNICATION_FAILURE:
            return ~places.has_gateway_alone
        if scope is Scope.CITY:
            # Where all hangs on one cabinet or gateway, that is what is wrong.
            inner = (places.sizes[Scope.CABINET], places.sizes[Scope.GATEWAY])
            is_one = any(sizes.max(initial=0) == len(places.ids) for sizes in inner)
            return np.array([not is_one])
        return np.ones(len(places.names[scope]), dtype=np.bool_)

    def _absorb(
        self,
        number: int,
        scope: Scope,
        group: int,
        joined: dict[int, list[Rows]],
        left: dict[int, list[Rows]],
    ) -> None:
        """Take over the group's rows from narrower alarms."""
        owner = self._owner
        rows = np.flatnonzero(
            (self._places.of[scope] == group) & (owner != _NO_ALARM) & (owner != number)
        )
        for other in np.unique(owner[rows]).tolist():
            if _WIDTH[self._open[other].key.scope] >= _WIDTH[scope]:
                continue
            moving = rows[owner[rows] == other]
            left.setdefault(other, []).append(moving)
            joined.setdefault(number, []).append(moving)
            self._open[other].affected -= len(moving)
            self._open[number].affected += len(moving)
            self._open[number].began_at = min(
                self._open[number].began_at, self._open[other].began_at
            )
            owner[moving] = number

    def _gather_flood(
        self, hold: Hold, due: Rows, joined: dict[int, list[Rows]], raised: set[int]
    ) -> Rows:
        """Many of one group at once are one alarm, though the rest of the group is well."""
        for scope in _NARROWEST_FIRST:
            if len(due) < FLOOD:
                break
            counts = self._places.counts(scope, due)
            of_due = self._places.of[scope][due]
            stays = np.ones(len(due), dtype=np.bool_)
            for group in np.flatnonzero(counts >= FLOOD).tolist():
                mine = of_due == group
                number = self._alarm_of(scope, group, hold.began_at(due[mine]), raised)
                self._add(number, due[mine], hold, joined)
                stays &= ~mine
            due = due[stays]
        return due

    def _watch_growth(self, suspects: Rows, elapsed: float) -> None:
        for scope in _NARROWEST_FIRST:
            counts = self._places.counts(scope, suspects)
            grew = counts > self._seen[scope]
            afresh = grew & (elapsed - self._grown_at[scope] >= GATHER_S)
            self._growing_since[scope][afresh] = elapsed
            self._grown_at[scope][grew] = elapsed
            self._seen[scope] = counts

    def _still_grows(self, scope: Scope, due: Rows, elapsed: float) -> Flags:
        """Rows whose group got more suspects just now."""
        is_growing = (
            (self._seen[scope] >= GROUP_LEAST)
            & (elapsed - self._grown_at[scope] < GATHER_S)
            & (elapsed - self._growing_since[scope] < GATHER_MOST_S)
        )
        grows: Flags = np.append(is_growing, np.False_)[self._places.of[scope][due]]
        return grows

    # --- bookkeeping --------------------------------------------------------------------

    def _alarm_of(self, scope: Scope, group: int, began_at: float, raised: set[int]) -> int:
        """The open alarm of a group, a new one where there is none."""
        key = AlarmKey(self._kind, scope, self._places.names[scope][group])
        number = self._number_of.get(key)
        if number is None:
            number = self._start(key, began_at, _EMPTY, self._places.total(scope, group))
            raised.add(number)
        return number

    def _start(self, key: AlarmKey, began_at: float, rows: Rows, total: int) -> int:
        number = self._next
        self._next += 1
        self._open[number] = _Open(key, began_at, len(rows), total)
        self._number_of[key] = number
        self._owner[rows] = number
        return number

    def _add(self, number: int, rows: Rows, hold: Hold, joined: dict[int, list[Rows]]) -> None:
        self._owner[rows] = number
        self._open[number].affected += len(rows)
        joined.setdefault(number, []).append(rows)
        hold.accept(rows)

    def _total_of(self, key: AlarmKey) -> int:
        if key.scope is Scope.LUMINAIRE:
            return 1
        return self._places.total(key.scope, self._places.names[key.scope].index(key.subject))

    def _events(
        self,
        joined: dict[int, list[Rows]],
        raised: set[int],
        left: dict[int, list[Rows]],
    ) -> list[AlarmEvent]:
        events = []
        for number in sorted(joined.keys() | left.keys() | raised):
            alarm = self._open[number]
            came, went = _joined(joined.get(number)), _joined(left.get(number))
            if alarm.affected == 0:
                change = Change.CLEARED
                del self._open[number]
                del self._number_of[alarm.key]
            else:
                change = Change.RAISED if number in raised else Change.CHANGED
            # Rows that left for another alarm are still affected.
            is_grouped = change is Change.CLEARED and bool((self._owner[went] >= 0).any())
            events.append(
                AlarmEvent(
                    change=change,
                    key=alarm.key,
                    began_at=alarm.began_at,
                    affected=alarm.affected,
                    total=alarm.total,
                    joined=came,
                    left=went,
                    is_grouped=is_grouped,
                )
            )
        return events


def _joined(parts: list[Rows] | None) -> Rows:
    return np.concatenate(parts) if parts else _EMPTY
