"""Alarms: what is wrong on the street and in the service, raised once and cleared by itself.

Owns which alarms are open. Every pass looks at the columns, lets `Hold` decide what lasted
long enough and `Grouping` which rows make one alarm, and returns what changed. Conditions of
the service itself are set by whoever sees them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from controller.engine.alarm_groups import AlarmEvent, Change, Grouping, Places
from controller.engine.alarm_hold import Hold
from controller.engine.alarm_signs import Signs, Standing
from controller.engine.alarm_types import (
    LUMINAIRE_TYPES,
    RULES,
    SERVICE_TYPES,
    AlarmKey,
    AlarmType,
    Lasting,
    Scope,
)
from controller.engine.book import Book
from controller.engine.columns import Columns, Flags, Floats, Rows
from controller.engine.timetable import Timetable
from zones import Inventory

__all__ = ["AlarmEvent", "Alarms", "Change", "Standing", "longest_ramps"]

LINK_SETTLE_S: Final = 10.0
"""Machine seconds after the link came up before luminaires are judged: what the broker kept
is still on its way."""


@dataclass(slots=True)
class _Condition:
    """One condition of the service itself."""

    detail: str
    is_present: bool = False
    is_raised: bool = False
    began_at: float = 0.0
    since: tuple[float, float] | None = None
    """(site, machine) instant since which what is seen differs from what is raised."""
    was_seen: bool = False
    """It was there, if only for a moment, since the last pass."""


class Alarms:
    """The alarms of one site. `step` about once a second of machine time."""

    def __init__(self, inventory: Inventory, columns: Columns) -> None:
        self._columns = columns
        self._places = Places(columns, inventory.city.id)
        self.signs = Signs(inventory, columns)
        self._holds = {kind: Hold(columns.size, RULES[kind]) for kind in LUMINAIRE_TYPES}
        self._groupings = {kind: Grouping(kind, self._places) for kind in LUMINAIRE_TYPES}
        self._conditions: dict[tuple[AlarmType, str], _Condition] = {}
        self._linked_since: float | None = None

    # --- what is told ------------------------------------------------------------------

    def set_condition(
        self, kind: AlarmType, *, is_present: bool, subject: str = "", detail: str = ""
    ) -> None:
        """Say whether a condition of the service is there. May be repeated at will.

        ``subject`` tells several of one type apart, such as the names of two controllers.
        """
        if kind not in SERVICE_TYPES:
            raise ValueError(f"{kind} is about luminaires: it is seen, not told")
        key = kind, subject
        condition = self._conditions.get(key)
        if condition is None:
            if not is_present:
                return
            condition = self._conditions[key] = _Condition(detail)
        condition.is_present = is_present
        if is_present:
            condition.was_seen = True
            condition.detail = detail or condition.detail

    def note(self, kind: AlarmType, *, subject: str = "", detail: str = "") -> None:
        """Tell of something that happened and is over, such as a step of the clock.

        The alarm clears by itself when it did not happen again for the type's clear time.
        """
        self.set_condition(kind, is_present=True, subject=subject, detail=detail)
        self.set_condition(kind, is_present=False, subject=subject)

    def restore(self, alarms: Iterable[tuple[AlarmKey, float, Rows]]) -> list[AlarmKey]:
        """Take up alarms that were open before a restart: (key, began, rows).

        Returns those that have no place any more: what they were about is gone.
        """
        gone: list[AlarmKey] = []
        for key, began_at, rows in alarms:
            if key.scope is Scope.SERVICE:
                self._conditions[key.type, key.subject] = _Condition(
                    "", is_raised=True, began_at=began_at
                )
            elif key.type not in self._groupings or not rows.size or not self._is_there(key):
                gone.append(key)
            else:
                self._groupings[key.type].restore(key, began_at, rows)
                self._holds[key.type].accept(rows)
                if key.type is AlarmType.COMMUNICATION_FAILURE:
                    # Only a word of its own shows that it is back.
                    self.signs.is_lost[rows] = True
        return gone

    def time_moved(self, by_s: float) -> None:
        """Site time was corrected by ``by_s``, and the columns were moved along."""
        self.signs.time_moved(by_s)
        for hold in self._holds.values():
            hold.time_moved(by_s)
        for condition in self._conditions.values():
            if condition.since is not None:
                condition.since = condition.since[0] + by_s, condition.since[1]

    # --- what follows ------------------------------------------------------------------

    def step(
        self,
        standing: Standing | None,
        now: float,
        elapsed: float,
        *,
        is_linked: bool,
    ) -> list[AlarmEvent]:
        """One pass; what became of the alarms, in no particular order.

        ``standing`` is None before the first book: the street is not judged.
        """
        self._watch_link(elapsed, is_linked=is_linked)
        events = self._service_events(now, elapsed)
        is_settled = (
            self._linked_since is not None and elapsed - self._linked_since >= LINK_SETTLE_S
        )
        if standing is None or not is_settled:
            self.signs.pause()
            for hold in self._holds.values():
                hold.pause()
            return events
        for kind, sign in self.signs.step(standing, now, elapsed).items():
            hold = self._holds[kind]
            due, cleared = hold.step(sign.is_present, sign.is_judged, now, elapsed)
            if due.size or cleared.size or hold.has_pending:
                events += self._groupings[kind].step(hold, due, cleared, elapsed)
        return events

    def _watch_link(self, elapsed: float, *, is_linked: bool) -> None:
        if is_linked and self._linked_since is None:
            self._linked_since = elapsed
        elif not is_linked:
            self._linked_since = None
        self.set_condition(AlarmType.BROKER_DOWN, is_present=not is_linked)

    def _service_events(self, now: float, elapsed: float) -> list[AlarmEvent]:
        events = []
        for (kind, subject), condition in list(self._conditions.items()):
            is_seen = condition.is_present or condition.was_seen
            condition.was_seen = False
            if is_seen == condition.is_raised:
                condition.since = None
            elif condition.since is None:
                condition.since = now, elapsed
            if condition.since is not None:
                rule = RULES[kind]
                lasting = rule.cleared_after if condition.is_raised else rule.raised_after
                if _has_lasted(lasting, condition.since, now, elapsed):
                    if not condition.is_raised:
                        condition.began_at = condition.since[0]
                    condition.is_raised = not condition.is_raised
                    condition.since = None
                    events.append(_service_event(kind, subject, condition))
            if not condition.is_raised and condition.since is None and not is_seen:
                del self._conditions[kind, subject]
        return events

    # --- how it stands -----------------------------------------------------------------

    def affected(self, kind: AlarmType) -> Flags:
        """Rows that are part of an open alarm of a type about luminaires."""
        return self._groupings[kind].affected

    def members(self, key: AlarmKey) -> Rows:
        """Rows of an open alarm; none for the service's own."""
        if key.scope is Scope.SERVICE:
            return np.zeros(0, dtype=np.intp)
        return self._groupings[key.type].members(key)

    def of_row(self, row: int) -> list[AlarmKey]:
        """The open alarms that a row is part of, one of a type at most."""
        found = (grouping.key_of(row) for grouping in self._groupings.values())
        return [key for key in found if key is not None]

    def _is_there(self, key: AlarmKey) -> bool:
        if key.scope is Scope.LUMINAIRE:
            return key.subject in self._columns.row_of
        return key.subject in self._places.names.get(key.scope, ())


def _has_lasted(lasting: Lasting, since: tuple[float, float], now: float, elapsed: float) -> bool:
    # A clock set back must not hold a condition of the service up.
    is_set_back = now < since[0]
    return (is_set_back or now - since[0] >= lasting.site_s) and (
        elapsed - since[1] >= lasting.machine_s
    )


def _service_event(kind: AlarmType, subject: str, condition: _Condition) -> AlarmEvent:
    return AlarmEvent(
        change=Change.RAISED if condition.is_raised else Change.CLEARED,
        key=AlarmKey(kind, Scope.SERVICE, subject),
        began_at=condition.began_at,
        affected=0,
        total=0,
        detail=condition.detail,
    )


def longest_ramps(book: Book, columns: Columns) -> Floats:
    """Longest ramp of each row's program, site seconds."""
    by_zone = np.array([_longest_ramp(book.zones[zone]) for zone in columns.zone_ids])
    ramps: Floats = by_zone[columns.zone] if columns.size else np.zeros(0)
    for name, table in book.exceptions.items():
        ramps[columns.row_of[name]] = _longest_ramp(table)
    return ramps


def _longest_ramp(table: Timetable) -> float:
    return float(max((point.ramp_s for point in table.points), default=0))
