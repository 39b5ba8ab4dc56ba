"""Overrides over the whole fleet: whom they hold, at which level, until when.

Owns the bulk form of the override layer of `schedules.resolve`, equal to it by property
test. Built anew with every book; knows neither programs' levels nor sensors.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np

from controller.engine.columns import Columns, Flags, Floats, Rows
from controller.engine.timetable import Timetable, Timetables
from schedules import Override, Site, overrides_in_force
from schedules.layers import limits_for
from schedules.levels_bulk import excepted_luminaires
from schedules.overrides import PASSES_CEILING, PASSES_FLOOR

HANDOVER_S: Final = 30.0
"""Site seconds that a command outlives its level where another command follows: the street
is not to fall back to its program for the moment in between."""


class Held(NamedTuple):
    """What overrides make of the levels of programs, one entry a luminaire."""

    level: Floats
    """% of rated light output; the program's where no override selects the luminaire."""
    since: Floats
    """Instant from which the override in force says this level; ``-inf`` where none does."""
    until: Floats
    """Instant up to which a command of this level may hold; ``inf`` where no override does."""
    ramp_s: Floats
    changes_at: float
    """Instant of the next change of any of this; ``inf`` for never."""
    last_edge: float
    """Latest begin or end of an override up to now; ``-inf`` for none."""


class _Selection(NamedTuple):
    override: Override
    start_at: float
    end_at: float
    zones: Flags
    """By zone row: whether the whole zone is meant."""
    named: Rows
    programs: tuple[Timetables, Rows] | None
    """Tables of the override's program, and which of them a zone row has."""


class Overriding:
    """The overrides of one site. ``programs`` are by (override, zone) identifiers."""

    def __init__(
        self, site: Site, columns: Columns, programs: dict[tuple[str, str], Timetable]
    ) -> None:
        self._columns = columns
        self._selections = {
            id(override): self._select(site, override, programs) for override in site.plan.overrides
        }
        self._overrides: Sequence[Override] = site.plan.overrides
        edges = [e for s in self._selections.values() for e in (s.start_at, s.end_at)]
        self._edges = np.unique(np.array(edges, dtype=np.float64))
        self._floor, self._ceiling = _limits(site, columns, is_needed=bool(self._selections))

    def over(self, level: Floats, next_at: Floats, now: float) -> Held:
        """Lay the overrides in force at ``now`` (Unix s) over the programs' levels.

        ``next_at`` are the programs' next switching points.
        """
        size = self._columns.size
        held = Held(
            level=level.copy(),
            since=np.full(size, -np.inf),
            until=np.full(size, np.inf),
            ramp_s=np.zeros(size),
            changes_at=self._next_edge(now),
            last_edge=self._last_edge(now),
        )
        instant = datetime.fromtimestamp(now, UTC)
        changes_at = held.changes_at
        # The weakest first, so that the strongest has the last word.
        for override in reversed(overrides_in_force(self._overrides, instant)):
            selection = self._selections[id(override)]
            mask = self._meant(selection)
            rows = np.flatnonzero(mask)
            if not rows.size:
                continue
            until = np.where(
                self._others_at(selection, mask)[rows],
                selection.end_at + HANDOVER_S,
                selection.end_at,
            )
            since: float | Floats = selection.start_at
            if selection.programs is None:
                assert override.level is not None, "an override says level or program"
                wanted = np.full(rows.size, override.level)
            else:
                tables, table_of = selection.programs
                moment = tables.at(now)
                table = table_of[self._columns.zone[rows]]
                wanted = moment.level[table]
                since = np.maximum(moment.since[table], selection.start_at)
                point_at = moment.until[table]
                until = np.where(point_at < selection.end_at, point_at + HANDOVER_S, until)
                changes_at = min(changes_at, float(point_at.min()))
            if override.kind not in PASSES_CEILING:
                wanted = np.minimum(wanted, self._ceiling[rows])
            if override.kind not in PASSES_FLOOR:
                floored = np.maximum(wanted, self._floor[rows])
                # By day below a floor that holds by night: the next point may change it.
                ends = np.where(floored > wanted, next_at[rows] + HANDOVER_S, np.inf)
                until = np.minimum(until, ends)
                # Where a floor is above 0, a program's level of 0 means that nothing is lit.
                wanted = np.where(level[rows] > 0, floored, wanted)
            held.level[rows] = wanted
            held.since[rows], held.until[rows] = since, until
            held.ramp_s[rows] = override.ramp_s
        return held._replace(changes_at=changes_at)

    def _meant(self, selection: _Selection) -> Flags:
        mask: Flags = selection.zones[self._columns.zone]
        mask[selection.named] = True
        return mask

    def _others_at(self, selection: _Selection, mask: Flags) -> Flags:
        """Those of ``mask`` whom another override holds when this one ends."""
        others: Flags = np.zeros(self._columns.size, dtype=np.bool_)
        for other in self._selections.values():
            if other is not selection and other.start_at <= selection.end_at < other.end_at:
                others |= self._meant(other)
        return others & mask

    def _next_edge(self, now: float) -> float:
        index = int(np.searchsorted(self._edges, now, side="right"))
        return float(self._edges[index]) if index < self._edges.size else np.inf

    def _last_edge(self, now: float) -> float:
        index = int(np.searchsorted(self._edges, now, side="right"))
        return float(self._edges[index - 1]) if index else -np.inf

    def _select(
        self, site: Site, override: Override, programs: dict[tuple[str, str], Timetable]
    ) -> _Selection:
        columns, selector = self._columns, override.selector
        zones = site.inventory.zones
        named = [columns.row_of[name] for name in selector.luminaires if name in columns.row_of]
        tables: tuple[Timetables, Rows] | None = None
        is_known = True
        if override.program is not None:
            own = [programs.get((override.id, zone.id)) for zone in zones]
            found = [table for table in own if table is not None]
            place = np.cumsum([table is not None for table in own]) - 1
            is_known = bool(found)  # outside the book's nights: what is not known dims nobody
            tables = (Timetables(found), np.asarray(place, dtype=np.intp))
        return _Selection(
            override,
            override.start_at.timestamp(),
            override.end_at.timestamp(),
            np.array([is_known and selector.selects_zone(zone) for zone in zones], dtype=np.bool_),
            np.array(named if is_known else [], dtype=np.intp),
            tables,
        )


def _limits(site: Site, columns: Columns, *, is_needed: bool) -> tuple[Floats, Floats]:
    """Floor and ceiling of every luminaire, %."""
    if not is_needed:
        return np.zeros(0), np.zeros(0)
    by_zone = [limits_for(site, zone) for zone in site.inventory.zones]
    floor = np.array([limits.floor for limits in by_zone])[columns.zone]
    ceiling = np.array([limits.ceiling for limits in by_zone])[columns.zone]
    for name in excepted_luminaires(site):
        row = columns.row_of.get(name)
        if row is not None:
            zone = site.zone(columns.zone_ids[columns.zone[row]])
            limits = limits_for(site, zone, name)
            floor[row], ceiling[row] = limits.floor, limits.ceiling
    return floor, ceiling
