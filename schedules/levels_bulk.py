"""Levels of many luminaires at many instants: `schedules.decision.resolve` in numpy.

Luminaires that share zone, calendar and limits are worked out once; numpy does zones by
instants. Levels equal `resolve` exactly, overrides included; the reasons stay with `resolve`.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import ceil
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.compiler import fallback_program
from schedules.day import control_day_of
from schedules.grid import Floats, Grid, Instants
from schedules.layers import Limits, assignment_for, limits_for
from schedules.light_output import has_constant_light, scale_of
from schedules.models import Layer
from schedules.nights_bulk import nights
from schedules.overrides import (
    PASSES_CEILING,
    PASSES_FLOOR,
    Override,
    overrides_in_force,
)
from schedules.programs import ControlProgram
from schedules.site import Site
from zones.models import Luminaire, Zone

Flags = npt.NDArray[np.bool_]
ChooseProgram = Callable[[date], ControlProgram]

_DAY = timedelta(days=1)
_GAP_S = 30 * 86_400
"""Instants further apart than this are worked out apart."""


class Subject(NamedTuple):
    """What the program layer tells apart: a place, a calendar (None: none) and limits."""

    zone: Zone
    calendar: str | None
    floor: float
    ceiling: float


def subject_of(site: Site, zone: Zone, luminaire_id: str | None = None) -> Subject:
    """Place, calendar and limits of a zone's program, or of one luminaire's."""
    assignment = assignment_for(site, zone, luminaire_id)
    limits = limits_for(site, zone, luminaire_id)
    calendar = None if assignment is None else assignment.calendar
    return Subject(zone, calendar, limits.floor, limits.ceiling)


def excepted_luminaires(site: Site) -> frozenset[str]:
    """Identifiers of the luminaires that have a calendar or limits of their own."""
    plan = site.plan
    return frozenset(
        target
        for layer, target in (*plan.assignment_by_target, *plan.limits_by_target)
        if layer is Layer.LUMINAIRE
    )


def program_of_calendar(site: Site, calendar: str | None) -> ChooseProgram:
    """Which program holds on a control day; without a calendar the fallback."""
    if calendar is None:
        fallback = fallback_program(site)
        return lambda _day: fallback
    rules, programs = site.plan.calendar_by_id[calendar], site.plan.program_by_id
    return lambda day: programs[rules.program_on(day)]


def levels_at(
    site: Site, luminaires: Sequence[str], instants: npt.ArrayLike, *, overrides: bool = True
) -> Floats:
    """Levels, % of rated light output, of luminaires (rows) at instants (columns).

    `instants` are whole Unix seconds UTC in any order. With `overrides` False the plan's
    overrides are left out. Dynamic rules are left out, as `resolve` leaves them out without
    readings. Raises `UnknownTarget` for a luminaire that the site does not have, ValueError
    for instants that are not whole seconds.
    """
    at = np.asarray(instants)
    if at.ndim != 1 or not np.issubdtype(at.dtype, np.integer):
        raise ValueError(
            f"instants must be a list of whole Unix seconds, not {at.dtype} of shape {at.shape}"
        )
    seconds, column_of = np.unique(at.astype(np.int64), return_inverse=True)
    chosen = [site.luminaire(one) for one in luminaires]
    subjects, row_of = _subjects(site, chosen)
    levels, is_lit = program_levels(site, subjects, seconds)
    found = levels[row_of]
    _keep_light_constant(site, chosen, seconds, found)
    if overrides and site.plan.overrides:
        _override(site, chosen, seconds, found, is_lit[row_of])
    return found[:, column_of]


def _keep_light_constant(
    site: Site, luminaires: Sequence[Luminaire], seconds: Instants, levels: Floats
) -> None:
    """Scale the levels of lamps that are newer than the street was designed for, in place."""
    types = {one.id for one in site.inventory.lamp_types if has_constant_light(one)}
    rows = [row for row, one in enumerate(luminaires) if one.lamp_type in types]
    if not rows or not seconds.size:
        return
    days = [control_day_of(int(at), site.time_zone) for at in seconds]
    for row in rows:
        one = luminaires[row]
        scale_on = {day: scale_of(site, one, day) for day in dict.fromkeys(days)}
        if all(scale == 1 for scale in scale_on.values()):
            continue
        scale = np.array([scale_on[day] for day in days])
        floor = limits_for(site, site.zone(one.zone), one.id).floor
        given = np.minimum(100.0, np.maximum(levels[row] * scale, floor))
        levels[row] = np.where((levels[row] > 0) & (scale < 1), given, levels[row])


def _subjects(
    site: Site, luminaires: Sequence[Luminaire]
) -> tuple[list[Subject], npt.NDArray[np.intp]]:
    excepted = excepted_luminaires(site)
    rows: dict[tuple[str, str | None, float, float], int] = {}
    subjects: list[Subject] = []
    known: dict[str, int] = {}
    row_of = np.empty(len(luminaires), dtype=np.intp)
    for index, luminaire in enumerate(luminaires):
        is_excepted = luminaire.id in excepted
        if not is_excepted and luminaire.zone in known:
            row_of[index] = known[luminaire.zone]
            continue
        zone = site.zone(luminaire.zone)
        subject = subject_of(site, zone, luminaire.id if is_excepted else None)
        key = (zone.id, subject.calendar, subject.floor, subject.ceiling)
        if key not in rows:
            rows[key] = len(subjects)
            subjects.append(subject)
        row_of[index] = rows[key]
        if not is_excepted:
            known[luminaire.zone] = rows[key]
    return subjects, row_of


def program_levels(
    site: Site, subjects: Sequence[Subject], seconds: Instants
) -> tuple[Floats, Flags]:
    """What the program layer says at rising instants: levels and whether the window is lit.

    (subjects, instants); no overrides.
    """
    levels = np.zeros((len(subjects), seconds.size))
    is_lit = np.zeros((len(subjects), seconds.size), dtype=np.bool_)
    by_calendar: dict[str | None, list[int]] = {}
    for row, subject in enumerate(subjects):
        by_calendar.setdefault(subject.calendar, []).append(row)
    for calendar, members in by_calendar.items():
        rows = np.array(members)
        choose = program_of_calendar(site, calendar)
        limits = np.array([(subjects[row].floor, subjects[row].ceiling) for row in members])
        places = [subjects[row].zone for row in members]
        for part in _parts(seconds):
            level, lit = _programmed(site, places, choose, seconds[part])
            bounded = np.maximum(np.minimum(level, limits[:, 1:]), limits[:, :1])
            levels[rows, part] = np.where(lit, bounded, 0.0)
            is_lit[rows, part] = lit
    return levels, is_lit


def _parts(seconds: Instants) -> Iterator[slice]:
    cuts = (np.nonzero(np.diff(seconds) > _GAP_S)[0] + 1).tolist()
    edges = [0, *cuts, seconds.size]
    for start, end in pairwise(edges):
        if start < end:
            yield slice(start, end)


def _programmed(
    site: Site, zones: Sequence[Zone], choose: ChooseProgram, seconds: Instants
) -> tuple[Floats, Flags]:
    """Level before limits, and whether lit, of zones that follow one calendar."""
    first = control_day_of(int(seconds[0]), site.time_zone) - _DAY
    last = control_day_of(int(seconds[-1]), site.time_zone) + _DAY
    grid = Grid(
        [zone.latitude for zone in zones],
        [zone.longitude for zone in zones],
        site.time_zone,
        first,
        (last - first).days + 1,
        zones,
    )
    programs: dict[str, ControlProgram] = {}
    names: list[str] = []
    for column in range(grid.days):
        program = choose(grid.day(column))
        programs[program.id] = program
        names.append(program.id)
    program_on = np.array(names)
    own = np.searchsorted(grid.starts[0], seconds, side="right") - 1
    level = np.zeros((len(zones), seconds.size))
    is_lit = np.zeros((len(zones), seconds.size), dtype=np.bool_)
    tonight = {name: nights(program, grid) for name, program in programs.items()}
    # Of the control days that light an instant the latest decides: it is written last.
    for offset in (-1, 0, 1):
        columns = own + offset
        for name, night in tonight.items():
            here = np.nonzero(program_on[columns] == name)[0]
            if not here.size:
                continue
            lit = np.broadcast_to(
                night.is_lit(columns[here], seconds[here]), (len(zones), here.size)
            )
            stepped = night.level(columns[here], seconds[here])
            level[:, here] = np.where(lit, stepped, level[:, here])
            is_lit[:, here] |= lit
    return level, is_lit


def _override(
    site: Site,
    luminaires: Sequence[Luminaire],
    seconds: Instants,
    levels: Floats,
    is_lit: Flags,
) -> None:
    """Lay the overrides over `levels`, in place."""
    zone_ids = sorted({one.zone for one in luminaires})
    zone_row = {zone_id: row for row, zone_id in enumerate(zone_ids)}
    zone_of = np.array([zone_row[one.zone] for one in luminaires], dtype=np.intp)
    row_by_id: dict[str, list[int]] = {}
    for row, luminaire in enumerate(luminaires):
        row_by_id.setdefault(luminaire.id, []).append(row)
    limits: dict[int, Limits] = {}
    edges = np.unique(
        [
            ceil(instant.timestamp())
            for one in site.plan.overrides
            for instant in (one.start_at, one.end_at)
        ]
    )
    # Between two edges the same overrides are in force.
    stretch_of = np.searchsorted(edges, seconds, side="right")
    for stretch in np.unique(stretch_of):
        here = np.nonzero(stretch_of == stretch)[0]
        instant = datetime.fromtimestamp(int(seconds[here[0]]), UTC)
        for override in reversed(overrides_in_force(site.plan.overrides, instant)):
            selects = np.array(
                [override.selector.selects_zone(site.zone(zone_id)) for zone_id in zone_ids],
                dtype=np.bool_,
            )
            is_meant = selects[zone_of]
            for named in override.selector.luminaires:
                is_meant[row_by_id.get(named, [])] = True
            rows = np.nonzero(is_meant)[0]
            if not rows.size:
                continue
            for row in rows.tolist():
                if row not in limits:
                    one = luminaires[row]
                    limits[row] = limits_for(site, site.zone(one.zone), one.id)
            wanted = _wanted(site, override, zone_ids, seconds[here])[zone_of[rows]]
            where = np.ix_(rows, here)
            if override.kind not in PASSES_CEILING:
                wanted = np.minimum(wanted, _column(limits[row].ceiling for row in rows.tolist()))
            if override.kind not in PASSES_FLOOR:
                floors = _column(limits[row].floor for row in rows.tolist())
                wanted = np.where(is_lit[where], np.maximum(wanted, floors), wanted)
            levels[where] = wanted


def _column(values: Iterator[float]) -> Floats:
    return np.fromiter(values, dtype=np.float64)[:, None]


def _wanted(site: Site, override: Override, zone_ids: Sequence[str], seconds: Instants) -> Floats:
    """The level that an override asks for, by zone (rows) and instant."""
    if override.level is not None:
        return np.full((len(zone_ids), seconds.size), override.level)
    assert override.program is not None, "an override says level or program"
    program = site.plan.program_by_id[override.program]
    zones = [site.zone(zone_id) for zone_id in zone_ids]
    level = np.zeros((len(zones), seconds.size))
    for part in _parts(seconds):
        stepped, lit = _programmed(site, zones, lambda _day: program, seconds[part])
        level[:, part] = np.where(lit, stepped, 0.0)
    return level
