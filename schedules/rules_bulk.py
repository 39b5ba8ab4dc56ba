"""Dynamic rules over many luminaires: who is meant, and which level each of them gets.

Owns the grouping; the meaning stays with `schedules.decision.resolve`, which is asked once
for all luminaires for which nothing that it looks at differs.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.day import control_day
from schedules.decision import resolve
from schedules.grid import Floats
from schedules.levels_bulk import Subject, excepted_luminaires, program_levels, subject_of
from schedules.light_output import has_constant_light, scale_of
from schedules.overrides import overrides_in_force
from schedules.rules import RuleScope
from schedules.sensing import Sensors
from schedules.site import Site
from zones.models import Zone

Rows = npt.NDArray[np.intp]


class RuledLevels(NamedTuple):
    """Places in the sequence of luminaires, and their levels, % of rated light output."""

    rows: Rows
    levels: Floats


class _Cell(NamedTuple):
    """Luminaires that no rule tells apart."""

    zone: Zone
    selected_by: tuple[bool, ...]
    rows: Rows
    subject: Subject
    is_constant: bool
    """Whether constant light output may scale their level."""


class RuleTargets:
    """The luminaires that the rules of a plan select, by their place in a sequence."""

    def __init__(self, site: Site, luminaires: Sequence[str]) -> None:
        self._site = site
        self._luminaires = luminaires
        self._row_of = {name: row for row, name in enumerate(luminaires)}
        excepted = excepted_luminaires(site)
        constant = {one.id for one in site.inventory.lamp_types if has_constant_light(one)}
        selectors = [rule.selector for rule in site.plan.rules]
        by_zone = {
            zone.id: tuple(one.selects_zone(zone) for one in selectors)
            for zone in site.inventory.zones
        }
        named = frozenset().union(*(one.luminaires for one in selectors))
        cells: dict[tuple[str, str | None, object, tuple[bool, ...]], list[int]] = {}
        for row, name in enumerate(luminaires):
            luminaire = site.luminaire(name)
            selected = by_zone[luminaire.zone]
            if name in named:
                pairs = zip(selected, selectors, strict=True)
                selected = tuple(whole or name in one.luminaires for whole, one in pairs)
            if any(selected):
                # Of one type and age lamps give the same share of their light.
                is_constant = luminaire.lamp_type in constant
                age = (luminaire.lamp_type, luminaire.installed_on) if is_constant else None
                key = (luminaire.zone, name if name in excepted else None, age, selected)
                cells.setdefault(key, []).append(row)
        self._cells = [
            _Cell(
                site.zone(zone),
                selected,
                np.array(rows, dtype=np.intp),
                subject_of(site, site.zone(zone), name),
                age is not None,
            )
            for (zone, name, age, selected), rows in cells.items()
        ]

    def levels(self, at: float, sensors: Sensors) -> RuledLevels:
        """Levels at an instant in Unix seconds UTC, of those whom rules may concern now.

        Of the luminaires that a rule in force by its sensors selects and no override holds;
        all others have the level of `levels_at`.
        """
        site = self._site
        acting = [sensors.verdict(rule, at).is_in_force for rule in site.plan.rules]
        instant = datetime.fromtimestamp(at, UTC)
        overrides = overrides_in_force(site.plan.overrides, instant)
        held = [
            self._row_of[name]
            for one in overrides
            for name in one.selector.luminaires
            if name in self._row_of
        ]
        cells = [
            cell
            for cell in self._cells
            if any(a and b for a, b in zip(acting, cell.selected_by, strict=True))
            and not any(one.selector.selects_zone(cell.zone) for one in overrides)
        ]
        rows: list[Rows] = [np.zeros(0, dtype=np.intp)]
        levels: list[Floats] = [np.zeros(0)]
        known: dict[object, float] = {}
        for cell, likeness in zip(cells, self._likenesses(cells, acting, at), strict=True):
            free = cell.rows[~np.isin(cell.rows, held)] if held else cell.rows
            if not free.size:
                continue
            level = known.get(likeness)
            if level is None:
                level = resolve(site, self._luminaires[free[0]], instant, sensors).level
                if likeness is not None:
                    known[likeness] = level
            rows.append(free)
            levels.append(np.full(free.size, level))
        return RuledLevels(np.concatenate(rows), np.concatenate(levels))

    def _likenesses(
        self, cells: Sequence[_Cell], acting: Sequence[bool], at: float
    ) -> list[object | None]:
        """For each cell what decides its level; None where only `resolve` can tell.

        Where the program is lit, its level, the limits and the rules decide. Where it is not,
        rules that act in lit hours alone do nothing, and of other rules the window counts.
        """
        if not cells:
            return []
        rules = self._site.plan.rules
        seconds = np.array([math.floor(at)], dtype=np.int64)
        level, is_lit = program_levels(self._site, [cell.subject for cell in cells], seconds)
        day = control_day(datetime.fromtimestamp(at, UTC), self._site.time_zone)
        found: list[object | None] = []
        for cell, (programmed,), (lit,) in zip(cells, level.tolist(), is_lit.tolist(), strict=True):
            involved = [
                rule
                for rule, acts, selects in zip(rules, acting, cell.selected_by, strict=True)
                if acts and selects
            ]
            is_plain = all(
                rule.window is None and (lit or rule.scope is RuleScope.LIT) for rule in involved
            )
            scale = 1.0
            if cell.is_constant:
                one = self._site.luminaire(self._luminaires[cell.rows[0]])
                scale = scale_of(self._site, one, day)
            limits = cell.subject.floor, cell.subject.ceiling
            likeness = (programmed, lit, *limits, scale, cell.selected_by)
            found.append(likeness if is_plain else None)
        return found
