"""What every counterfactual of the ladder asks of the street over time, compiled.

Luminaires that nothing tells apart are one group: a zone, a lamp type, a timetable, a scale
and what names them. Owns the groups and their curves; compiled off the loop, then never
changed. Instants are Unix seconds UTC, intervals half-open.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from math import ceil
from typing import Final

import numpy as np

from controller.engine.account_power import PowerCurves
from controller.engine.columns import Flags, Floats, Ints, Rows
from controller.engine.ladder_curves import LadderCurves, Lines
from schedules import Override, Site, SwitchingPoint, compile_baseline, compile_zone
from schedules.compiler import compile_luminaire, compile_override, compile_window
from schedules.day import control_day_of
from schedules.energy.previous import declared_baseline, previous_power_w
from schedules.layers import limits_for
from schedules.levels_bulk import excepted_luminaires, levels_at
from schedules.light_output import has_constant_light, scale_of
from schedules.rules_bulk import RuleTargets
from zones import LampType, Luminaire, Technology

BASELINE, RETROFITTED, WINDOWED, DIMMED, CLO, RULED, OVERRIDDEN = range(7)
FIGURES: Final = 7
"""Counterfactuals: the lines of the ladder before what was used."""

_UNIT = LampType(id="unit", name="1 W", technology=Technology.UNKNOWN, rated_power_w=1)
"""Stands for previous lamps: power in proportion to level, dark without any."""

_LEAD_S: Final = 3600
"""Curves begin so much earlier, that a ramp under way knows where it came from."""

NO_CURVE: Final = -1


@dataclass(frozen=True)
class Group:
    """Luminaires of one zone that nothing in the documents tells apart."""

    zone: int
    lamp_type: int
    representative: str
    subject: str | None
    """The luminaire whose calendar or limits they have; None: their zone's."""
    scale: float
    floor: float


@dataclass(frozen=True)
class LadderTables:
    """The groups of one site and their curves from ``since`` to ``until``."""

    site: Site
    since: int
    until: int
    group_of_row: Rows
    """Group of each luminaire, in the order of the inventory."""
    representatives: tuple[str, ...]
    zone: Rows
    """Zone row of each group."""
    lamp_type: Rows
    count: Floats
    """Luminaires in each group."""
    power: PowerCurves
    asked: LadderCurves
    """Curves of the present lamps."""
    curve: Rows
    """Curve of each figure but the first and the last two (4 by groups)."""
    previous: LadderCurves
    """Curves of the previous lamps, one a group."""
    override_edges: Floats
    """Instants at which an override begins or ends, rising."""
    held: Sequence[Flags]
    """Groups that an override holds, before the first edge and after each."""
    held_curve: Rows
    """Curve in ``overridden`` of each group, `NO_CURVE` where none ever holds it."""
    overridden: LadderCurves | None
    rule_targets: RuleTargets | None
    """Rules over the representatives; None: the plan has none."""

    def held_at(self, at: float) -> Flags:
        """Groups that an override holds at an instant."""
        return self.held[int(np.searchsorted(self.override_edges, at, side="right"))]


def compile_ladder(site: Site, since: int, until: int) -> LadderTables:
    """Compile the ladder of a site's present documents for [since, until)."""
    groups, group_of_row = _groups(site, since)
    since -= _LEAD_S
    inventory = site.inventory
    power = PowerCurves((*inventory.lamp_types, _UNIT))
    zone = np.array([one.zone for one in groups], dtype=np.intp)
    lamp_type = np.array([one.lamp_type for one in groups], dtype=np.intp)
    scale = np.array([one.scale for one in groups])
    floor = np.array([one.floor for one in groups])
    size = len(groups)

    hours = [compile_baseline(site, one.id, since, until) for one in inventory.zones]
    windows: dict[tuple[int, str | None], int] = {}
    for one in groups:
        windows.setdefault((one.zone, one.subject), len(windows))
    lit = [
        compile_window(site, inventory.zones[place].id, subject, since, until)
        for place, subject in windows
    ]
    programs = [
        (None if subject is None else compile_luminaire(site, subject, since, until))
        or compile_zone(site, inventory.zones[place].id, since, until)
        for place, subject in windows
    ]
    window = np.array([windows[one.zone, one.subject] for one in groups], dtype=np.intp)
    # As many lines as zones, then as many as windows, then the programs.
    full = [_at_full(points) for points in hours]
    lines = Lines([*full, *lit, *programs])
    own = window + len(hours) + len(lit)
    asked = LadderCurves(
        lines,
        power,
        np.concatenate([zone, window + len(hours), own, own]),
        np.tile(lamp_type, 4),
        np.concatenate([np.ones(3 * size), scale]),
        np.concatenate([np.zeros(3 * size), floor]),
    )
    edges, held, held_curve, overridden = _overridden(site, groups, since, until, power)
    free = site.model_copy(update={"plan": site.plan.model_copy(update={"overrides": ()})})
    names = tuple(one.representative for one in groups)
    return LadderTables(
        site=site,
        since=since + _LEAD_S,
        until=until,
        group_of_row=group_of_row,
        representatives=names,
        zone=zone,
        lamp_type=lamp_type,
        count=np.bincount(group_of_row, minlength=size).astype(np.float64),
        power=power,
        asked=asked,
        curve=np.arange(4 * size).reshape(4, size),
        previous=_previous(site, groups, hours, power),
        override_edges=edges,
        held=held,
        held_curve=held_curve,
        overridden=overridden,
        rule_targets=RuleTargets(free, names) if site.plan.rules else None,
    )


def _groups(site: Site, since: int) -> tuple[list[Group], Rows]:
    inventory, plan = site.inventory, site.plan
    day = control_day_of(since, site.time_zone)
    zone_row = {one.id: row for row, one in enumerate(inventory.zones)}
    type_row = {one.id: row for row, one in enumerate(inventory.lamp_types)}
    excepted = excepted_luminaires(site)
    selectors = [one.selector.luminaires for one in plan.rules]
    selectors += [one.selector.luminaires for one in plan.overrides]
    named = frozenset().union(*selectors)
    constant = {one.id for one in inventory.lamp_types if has_constant_light(one)}
    found: dict[tuple[object, ...], int] = {}
    groups: list[Group] = []
    group_of_row = np.zeros(len(inventory.luminaires), dtype=np.intp)
    for row, one in enumerate(inventory.luminaires):
        key: tuple[object, ...] = (one.zone, one.lamp_type)
        is_own, scale, floor = one.id in excepted, 1.0, 0.0
        if one.lamp_type in constant:
            scale, floor = _scale(site, one, day)
            key = (*key, scale, floor)
        if one.id in named:
            key = (*key, tuple(one.id in names for names in selectors))
        if is_own:
            key = (*key, one.id)
        if key not in found:
            found[key] = len(groups)
            subject = one.id if is_own else None
            groups.append(
                Group(zone_row[one.zone], type_row[one.lamp_type], one.id, subject, scale, floor)
            )
        group_of_row[row] = found[key]
    return groups, group_of_row


def _scale(site: Site, luminaire: Luminaire, day: date) -> tuple[float, float]:
    scale = scale_of(site, luminaire, day)
    if scale == 1:
        return 1.0, 0.0
    return scale, limits_for(site, site.zone(luminaire.zone), luminaire.id).floor


def _at_full(points: Iterable[SwitchingPoint]) -> list[SwitchingPoint]:
    """The hours alone: whatever level the previous lamps had."""
    return [SwitchingPoint(at, 100.0 if level > 0 else 0.0, 0) for at, level, _ in points]


def _previous(
    site: Site,
    groups: Sequence[Group],
    hours: Sequence[Sequence[SwitchingPoint]],
    power: PowerCurves,
) -> LadderCurves:
    size = len(groups)
    curves = LadderCurves(
        Lines(hours),
        power,
        np.array([one.zone for one in groups], dtype=np.intp),
        np.full(size, len(site.inventory.lamp_types), dtype=np.intp),
        np.ones(size),
        np.zeros(size),
    )
    inventory = site.inventory
    known: dict[tuple[int, int], list[float]] = {}
    factors: list[float] = []
    for one in groups:
        key = one.zone, one.lamp_type
        if key not in known:
            zone, lamp_type = inventory.zones[one.zone], inventory.lamp_types[one.lamp_type]
            known[key] = [
                previous_power_w(
                    declared_baseline(site, zone, control_day_of(point.at, site.time_zone)),
                    zone,
                    lamp_type,
                )
                for point in hours[one.zone]
            ]
        factors += known[key]
    curves.scaled_by(np.array(factors, dtype=np.float64))
    return curves


def _overridden(
    site: Site,
    groups: Sequence[Group],
    since: int,
    until: int,
    power: PowerCurves,
) -> tuple[Floats, list[Flags], Rows, LadderCurves | None]:
    """Who is held by overrides when, and at which levels: `levels_at` at every change."""
    nobody = np.zeros(len(groups), dtype=np.bool_)
    no_curves = np.full(len(groups), NO_CURVE, dtype=np.intp)
    overrides = [
        one
        for one in site.plan.overrides
        if one.start_at.timestamp() < until and one.end_at.timestamp() > since
    ]
    if not overrides:
        return np.zeros(0), [nobody], no_curves, None
    edges = sorted(
        {
            instant.timestamp()
            for one in overrides
            for instant in (one.start_at, one.end_at)
            if since < instant.timestamp() < until
        }
    )
    meant = [_meant(site, groups, one) for one in overrides]
    held: list[Flags] = []
    for begin in [float(since), *edges]:
        at = datetime.fromtimestamp(begin, UTC)
        flags = nobody.copy()
        for one, who in zip(overrides, meant, strict=True):
            if one.is_in_force(at):
                flags |= who
        held.append(flags)
    chosen = np.flatnonzero(np.logical_or.reduce(held))
    curve: Rows = no_curves.copy()
    curve[chosen] = np.arange(len(chosen))
    lines = _held_lines(site, groups, chosen, overrides, edges, (since, until))
    overridden = LadderCurves(
        Lines(lines),
        power,
        np.arange(len(chosen)),
        np.array([groups[one].lamp_type for one in chosen.tolist()], dtype=np.intp),
        np.ones(len(chosen)),
        np.zeros(len(chosen)),
    )
    return np.array(edges), held, curve, overridden


def _meant(site: Site, groups: Sequence[Group], override: Override) -> Flags:
    zones = [override.selector.selects_zone(one) for one in site.inventory.zones]
    return np.array(
        [zones[one.zone] or one.representative in override.selector.luminaires for one in groups],
        dtype=np.bool_,
    )


def _held_lines(
    site: Site,
    groups: Sequence[Group],
    chosen: Ints,
    overrides: Sequence[Override],
    edges: Sequence[float],
    span: tuple[int, int],
) -> list[list[SwitchingPoint]]:
    since, until = span
    by_zone: dict[int, list[int]] = {}
    for place, number in enumerate(chosen.tolist()):
        by_zone.setdefault(groups[number].zone, []).append(place)
    lines: list[list[SwitchingPoint]] = [[] for _ in chosen]
    for zone_row, places in by_zone.items():
        zone = site.inventory.zones[zone_row]
        own = [groups[int(chosen[place])] for place in places]
        instants = {since, *(ceil(edge) for edge in edges)}
        for subject in {one.subject for one in own}:
            lit = compile_window(site, zone.id, subject, since, until)
            instants.update(point.at for point in lit)
        for one in overrides:
            if one.program is not None:
                steps = compile_override(site, zone.id, one, since, until)
                instants.update(point.at for point in steps)
        at = sorted(instants)
        levels = levels_at(site, [one.representative for one in own], at)
        for place, row in zip(places, levels.tolist(), strict=True):
            points = [SwitchingPoint(*one, 0) for one in zip(at, row, strict=True)]
            lines[place] = [points[0]] + [
                point for last, point in pairwise(points) if point.level != last.level
            ]
    return lines
