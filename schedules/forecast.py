"""What a plan will burn: burning hours, mean level and energy of the coming nights.

Compiled from programs, calendars, limits and the lamp types' power curves; overrides and
dynamic rules are not in it. A ramp counts as its end, and constant light output as on the
middle night. Numpy over zones and nights; reads no clock.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol, Self

import numpy as np

from schedules.day import day_bounds
from schedules.grid import Floats, Grid, Instants
from schedules.levels_bulk import (
    Subject,
    excepted_luminaires,
    program_of_calendar,
    subject_of,
)
from schedules.light import Pieces, Rows, visible
from schedules.light_output import has_constant_light, scale_of, scaled
from schedules.nights_bulk import nights
from schedules.programs import ControlProgram
from schedules.site import Site
from zones.models import LampType, Zone

_DAY = timedelta(days=1)
_CELLS = 1 << 16
"""Places by days worked on at a time: bounds the memory, and gives progress."""
_J_PER_KWH = 3_600_000.0

Progress = Callable[[float], None]
"""Told the share that is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Use:
    """What some luminaires use over the nights of a forecast; adds up."""

    luminaires: int = 0
    energy_j: float = 0.0
    burning_s: float = 0.0
    """Seconds with a level above 0, summed over luminaires."""
    level_s: float = 0.0
    """Level (%) times seconds, summed over luminaires."""

    def __add__(self, other: Self) -> "Use":
        return Use(
            self.luminaires + other.luminaires,
            self.energy_j + other.energy_j,
            self.burning_s + other.burning_s,
            self.level_s + other.level_s,
        )

    @property
    def energy_kwh(self) -> float:
        """Energy, kWh."""
        return self.energy_j / _J_PER_KWH

    @property
    def burning_hours(self) -> float:
        """Burning hours of a luminaire, in the mean; 0 where there is none."""
        return self.burning_s / 3600 / self.luminaires if self.luminaires else 0.0

    @property
    def mean_level(self) -> float:
        """Mean level while burning, % of rated light output; 0 where nothing burns."""
        return self.level_s / self.burning_s if self.burning_s else 0.0


def forecast(
    site: Site, first: date, count: int, progress: Progress = lambda _: None
) -> Mapping[str, Use]:
    """Use by district over `count` control days from `first` on.

    Every district of the inventory is in it, one without luminaires too. Raises
    `OutOfRange` for years without sun.
    """
    return use_of(site, lit_time(site, first, count, progress=progress))


class Measure(Protocol):
    """What stretches of time weigh beside their seconds, such as the price of their hours."""

    def __call__(self, zones: Sequence[Zone], row: Rows, start: Instants, end: Instants) -> Floats:
        """Of each stretch; `row` says in which of the zones it is."""


@dataclass(frozen=True)
class LitTime:
    """How long, and of what weight, luminaires of one kind are lit at each level."""

    groups: Mapping[Subject, Mapping["Lamps", int]]
    span: tuple[int, int]
    """Begin and end of all, Unix s."""
    levels: Floats
    """Distinct levels that were asked for."""
    weighed: tuple[Floats, ...]
    """Seconds, then each measure: by kind of luminaire and level."""


def lit_time(
    site: Site,
    first: date,
    count: int,
    measures: Sequence[Measure] = (),
    progress: Progress = lambda _: None,
) -> LitTime:
    """The lit time of `count` control days from `first` on, and what it weighs."""
    groups = lamp_groups(site, first + count // 2 * _DAY)
    span = day_bounds(site.time_zone, first)[0], _end(site, first, count)
    levels, weighed = _weighed_by_level(
        site, list(groups), first, count, span, (_seconds, *measures), progress
    )
    return LitTime(groups, span, levels, weighed)


def _seconds(zones: Sequence[Zone], row: Rows, start: Instants, end: Instants) -> Floats:
    del zones, row
    return (end - start).astype(np.float64)


def use_of(site: Site, lit: LitTime) -> Mapping[str, Use]:
    """Use by district."""
    span_s = lit.span[1] - lit.span[0]
    used = dict.fromkeys((district.id for district in site.inventory.districts), Use())
    for subject, lamp_type, lamps, given, seconds in each_lamp(site, lit):
        one = _use(lamp_type, given, seconds[0], span_s)
        used[subject.zone.district] += Use(
            lamps, one.energy_j * lamps, one.burning_s * lamps, one.level_s * lamps
        )
    return used


def each_lamp(
    site: Site, lit: LitTime
) -> Iterator[tuple[Subject, LampType, int, Floats, tuple[Floats, ...]]]:
    """Luminaires of one kind and lamp type: how many, at which levels, the weights of each."""
    for row, (subject, lamps) in enumerate(lit.groups.items()):
        for (lamp_type_id, scale), number in lamps.items():
            lamp_type = site.inventory.lamp_type_by_id[lamp_type_id]
            given = np.array([scaled(level, scale, subject.floor) for level in lit.levels])
            yield subject, lamp_type, number, given, tuple(one[row] for one in lit.weighed)


def total(used: Iterable[Use]) -> Use:
    """All of them together."""
    return sum(used, Use())


def _end(site: Site, first: date, count: int) -> int:
    return day_bounds(site.time_zone, first + (count - 1) * _DAY)[1]


Lamps = tuple[str, float]
"""A lamp type and the scale of its constant light output."""


def lamp_groups(site: Site, day: date) -> dict[Subject, Counter[Lamps]]:
    """Luminaires by what the program layer tells apart, counted by lamp type and scale."""
    scaling = {one.id for one in site.inventory.lamp_types if has_constant_light(one)}
    excepted = excepted_luminaires(site)
    of_zone = {zone.id: subject_of(site, zone) for zone in site.inventory.zones}
    groups: dict[Subject, Counter[Lamps]] = {}
    by_zone: dict[str, Counter[Lamps]] = {}
    for luminaire in site.inventory.luminaires:
        is_scaled = luminaire.lamp_type in scaling
        lamp = (luminaire.lamp_type, scale_of(site, luminaire, day) if is_scaled else 1.0)
        if luminaire.id in excepted:
            subject = subject_of(site, site.zone(luminaire.zone), luminaire.id)
            groups.setdefault(subject, Counter())[lamp] += 1
        else:
            by_zone.setdefault(luminaire.zone, Counter())[lamp] += 1
    for zone_id, lamps in by_zone.items():
        groups.setdefault(of_zone[zone_id], Counter()).update(lamps)
    return groups


def _use(lamp_type: LampType, levels: Floats, seconds: Floats, span_s: int) -> Use:
    is_lit = levels > 0
    return Use(
        luminaires=1,
        energy_j=weighed_j(lamp_type, levels, seconds, span_s),
        burning_s=float(seconds[is_lit].sum()),
        level_s=float((_burnt(lamp_type, levels) * seconds)[is_lit].sum()),
    )


def weighed_j(lamp_type: LampType, levels: Floats, weights: Floats, whole: float) -> float:
    """Energy of one lamp, each second times its weight: lit at the levels, else standing by.

    `weights` are those of the time at each level, `whole` of all time, lit or not.
    """
    is_lit = levels > 0
    power_w = np.array([burnt_power_w(lamp_type, level) for level in levels])
    dark = whole - float(weights[is_lit].sum())
    return float((power_w * weights)[is_lit].sum()) + dark * lamp_type.standby_power_w


def _burnt(lamp_type: LampType, levels: Floats) -> Floats:
    """The level at which a lamp burns: a lamp that cannot be dimmed burns at 100."""
    return levels if lamp_type.is_dimmable else np.where(levels > 0, 100.0, 0.0)


def burnt_power_w(lamp_type: LampType, level: float) -> float:
    """Input power at a level that was asked for, W: a lamp that cannot be dimmed burns at 100."""
    return lamp_type.power_w(level if lamp_type.is_dimmable or level <= 0 else 100.0)


def _weighed_by_level(
    site: Site,
    rows: Sequence[Subject],
    first: date,
    count: int,
    span: tuple[int, int],
    measures: Sequence[Measure],
    progress: Progress,
) -> tuple[Floats, tuple[Floats, ...]]:
    """Distinct levels, and by measure the weight of each row (rows, levels) at each of them."""
    by_calendar: dict[str | None, list[int]] = {}
    for row, subject in enumerate(rows):
        by_calendar.setdefault(subject.calendar, []).append(row)
    chunk = max(1, _CELLS // (count + 2))
    found: list[tuple[Rows, Floats, list[Floats]]] = []
    done = 0
    for calendar, members in by_calendar.items():
        for at in range(0, len(members), chunk):
            part = np.array(members[at : at + chunk])
            chosen = [rows[row] for row in part]
            pieces = lit_pieces(site, calendar, chosen, first, count)
            start = np.clip(pieces.start, *span)
            end = np.maximum(np.clip(pieces.end, *span), start)
            zones = [one.zone for one in chosen]
            weights = [measure(zones, pieces.row, start, end) for measure in measures]
            found.append((part[pieces.row], pieces.level, weights))
            done += part.size
            progress(done / len(rows))
    if not found:
        return np.zeros(1), tuple(np.zeros((len(rows), 1)) for _ in measures)
    row_of = np.concatenate([one[0] for one in found])
    levels, column = np.unique(np.concatenate([one[1] for one in found]), return_inverse=True)
    cell = row_of * levels.size + column
    shape = len(rows), levels.size
    summed = []
    for measure in range(len(measures)):
        weights_of_all = np.concatenate([one[2][measure] for one in found])
        sums = np.bincount(cell, weights=weights_of_all, minlength=shape[0] * shape[1])
        summed.append(sums.astype(np.float64).reshape(shape))
    return levels, tuple(summed)


def lit_pieces(
    site: Site, calendar: str | None, subjects: Sequence[Subject], first: date, count: int
) -> Pieces:
    """What is seen of the lit stretches of rows that follow one calendar, limits applied.

    Nights are numbered from the one before `first`, 0, to the one after the last.
    """
    grid = Grid(
        [one.zone.latitude for one in subjects],
        [one.zone.longitude for one in subjects],
        site.time_zone,
        first - _DAY,
        count + 2,
        [one.zone for one in subjects],
    )
    choose = program_of_calendar(site, calendar)
    chosen: dict[str, ControlProgram] = {}
    names = []
    for night in range(grid.days):
        program = choose(grid.day(night))
        chosen[program.id] = program
        names.append(program.id)
    program_on = np.array(names)
    floor = np.array([one.floor for one in subjects])
    ceiling = np.array([one.ceiling for one in subjects])
    shape = (len(subjects), grid.days)
    found: list[Pieces] = []
    for name, program in chosen.items():
        holds = (program_on == name)[None, :]
        for start, end, level in nights(program, grid).segments():
            is_there = np.broadcast_to((start < end) & holds, shape)
            row, column = np.nonzero(is_there)
            limited = np.maximum(
                np.minimum(np.broadcast_to(level, shape)[is_there], ceiling[row]), floor[row]
            )
            found.append(
                Pieces(
                    row,
                    column,
                    np.broadcast_to(start, shape)[is_there],
                    np.broadcast_to(end, shape)[is_there],
                    limited,
                )
            )
    return visible(Pieces(*(np.concatenate(columns) for columns in zip(*found, strict=True))))
