"""Dynamic rules over many luminaires: who is meant, and which level each of them gets.

Owns the grouping; the meaning stays with `schedules.decision.resolve`, which is asked once
for all luminaires that it cannot tell apart.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.decision import resolve
from schedules.grid import Floats
from schedules.levels_bulk import excepted_luminaires
from schedules.light_output import has_constant_light
from schedules.overrides import overrides_in_force
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
        cells: dict[tuple[object, ...], list[int]] = {}
        for row, name in enumerate(luminaires):
            luminaire = site.luminaire(name)
            selected = by_zone[luminaire.zone]
            if name in named:
                pairs = zip(selected, selectors, strict=True)
                selected = tuple(whole or name in one.luminaires for whole, one in pairs)
            if any(selected):
                is_alone = name in excepted or luminaire.lamp_type in constant
                key = (luminaire.zone, name if is_alone else None, selected)
                cells.setdefault(key, []).append(row)
        self._cells = [
            _Cell(site.zone(str(zone)), selected, np.array(rows, dtype=np.intp))
            for (zone, _, selected), rows in cells.items()
            if isinstance(selected, tuple)
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
        rows: list[Rows] = [np.zeros(0, dtype=np.intp)]
        levels: list[Floats] = [np.zeros(0)]
        for cell in self._cells:
            if not any(a and b for a, b in zip(acting, cell.selected_by, strict=True)):
                continue
            if any(one.selector.selects_zone(cell.zone) for one in overrides):
                continue
            free = cell.rows[~np.isin(cell.rows, held)] if held else cell.rows
            if free.size:
                level = resolve(site, self._luminaires[free[0]], instant, sensors).level
                rows.append(free)
                levels.append(np.full(free.size, level))
        return RuledLevels(np.concatenate(rows), np.concatenate(levels))
