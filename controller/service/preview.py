"""What zones will do, for people who plan: nights with their anchors, and whole years.

Everything is asked of `schedules`; nothing here decides a level. Works long: call it off the
loop. Instants are Unix seconds UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from typing import Final

import numpy as np
import numpy.typing as npt

from schedules import ControlProgram, Site, SunAnchor, SunEvent, wall_instant
from schedules.compiler import locale_of, program_chooser
from schedules.day import AnchorTime, Locale, anchor_time, day_bounds
from schedules.layers import assignment_for, limits_for
from schedules.levels_bulk import program_levels, subject_of
from schedules.night import Night, night
from schedules.night_plan import NightPlan, plan_nights

QUARTER_S: Final = 900
QUARTERS: Final = 96
"""Of a control day by the clock on the wall; one that DST makes longer or shorter has as many."""

_DAY: Final = timedelta(days=1)
_DAY_S: Final = 86_400


@dataclass(frozen=True)
class Anchors:
    """Where the anchors of a program fall; None where one does not come."""

    on_at: int | None
    off_at: int | None
    extinguish_off_at: int | None
    extinguish_on_at: int | None
    steps_at: tuple[int | None, ...]
    """In the order of the program's document."""


@dataclass(frozen=True)
class PreviewedNight:
    """One control day of a zone."""

    plan: NightPlan
    sunset_at: int | None
    sunrise_at: int | None
    dusk_at: int | None
    """Civil dusk."""
    dawn_at: int | None
    floor: float
    ceiling: float
    calendar: str | None
    """None: no calendar is assigned, and the zone is lit at the failsafe level."""
    rule: str | None
    """Name of the calendar rule; None: the calendar's default."""
    program: str
    anchors: Anchors


def previewed_nights(site: Site, zone_id: str, first: date, count: int) -> Iterator[PreviewedNight]:
    """Control days of a zone, overrides and sensors left out.

    Raises `UnknownTarget` and `OutOfRange`.
    """
    zone = site.zone(zone_id)
    locale = locale_of(site, zone)
    limits = limits_for(site, zone)
    assignment = assignment_for(site, zone)
    calendar = None if assignment is None else site.plan.calendar_by_id[assignment.calendar]
    choose = program_chooser(site, zone, None)
    for plan in plan_nights(site, zone_id, first, count):
        rule = None if calendar is None else calendar.rule_on(plan.day)
        program = choose(plan.day)
        yield PreviewedNight(
            plan=plan,
            sunset_at=_sun(SunEvent.SUNSET, locale, plan.day),
            sunrise_at=_sun(SunEvent.SUNRISE, locale, plan.day),
            dusk_at=_sun(SunEvent.CIVIL_DUSK, locale, plan.day),
            dawn_at=_sun(SunEvent.CIVIL_DAWN, locale, plan.day),
            floor=limits.floor,
            ceiling=limits.ceiling,
            calendar=None if calendar is None else calendar.id,
            rule=None if rule is None else rule[1].name,
            program=program.id,
            anchors=_anchors(program, night(program, locale, plan.day), locale),
        )


def _sun(event: SunEvent, locale: Locale, day: date) -> int | None:
    return _instant(anchor_time(SunAnchor(event=event), locale, day))


def _instant(found: AnchorTime) -> int | None:
    return found.at if isinstance(found.at, int) else None


def _anchors(program: ControlProgram, tonight: Night, locale: Locale) -> Anchors:
    steps: list[int | None] = [None] * len(program.steps)
    for step in tonight.steps:
        steps[step.number] = step.at
    hole = program.extinguish
    return Anchors(
        on_at=_instant(tonight.on),
        off_at=_instant(tonight.off),
        extinguish_off_at=None
        if hole is None
        else _instant(anchor_time(hole.off, locale, tonight.day)),
        extinguish_on_at=None
        if hole is None
        else _instant(anchor_time(hole.on, locale, tonight.day)),
        steps_at=tuple(steps),
    )


@dataclass(frozen=True)
class PreviewedYear:
    """The control days of a year in quarter-hours by the clock on the wall, from noon on."""

    first_day: date
    days: int
    levels: npt.NDArray[np.uint8]
    """[day, quarter], whole %."""
    sunset: list[float | None]
    """In quarter-hours after noon; None where the sun does not set."""
    sunrise: list[float | None]
    programs: list[str]
    program: list[int]
    """Place in ``programs``, by day."""


def previewed_year(site: Site, zone_id: str, year: int) -> PreviewedYear:
    """A year of a zone, overrides and sensors left out. Raises `UnknownTarget`."""
    zone = site.zone(zone_id)
    first = date(year, 1, 1)
    days = (date(year + 1, 1, 1) - first).days
    bounds = [day_bounds(site.time_zone, first + n * _DAY) for n in range(days)]
    seconds = np.concatenate(
        [_quarters(site, first + n * _DAY, *bound) for n, bound in enumerate(bounds)]
    )
    rising, place = np.unique(seconds, return_inverse=True)
    levels, _ = program_levels(site, [subject_of(site, zone)], rising)
    locale = locale_of(site, zone)
    choose = program_chooser(site, zone, None)
    names = [choose(first + n * _DAY).id for n in range(days)]
    programs = sorted(set(names))
    sunset, sunrise = (
        [
            None if at is None else (at - start) / QUARTER_S
            for n, (start, _) in enumerate(bounds)
            for at in (_sun(event, locale, first + n * _DAY),)
        ]
        for event in (SunEvent.SUNSET, SunEvent.SUNRISE)
    )
    return PreviewedYear(
        first_day=first,
        days=days,
        levels=np.rint(levels[0][place]).astype(np.uint8).reshape(days, QUARTERS),
        sunset=sunset,
        sunrise=sunrise,
        programs=programs,
        program=[programs.index(name) for name in names],
    )


def _quarters(site: Site, day: date, start: int, end: int) -> npt.NDArray[np.int64]:
    if end - start == _DAY_S:
        return np.arange(start, end, QUARTER_S, dtype=np.int64)
    # A day of another length: by the clock on the wall, whose gap repeats an instant.
    wall = [datetime.combine(day, time_of_day(12)) + k * timedelta(minutes=15) for k in range(96)]
    return np.array([wall_instant(site.time_zone, at.date(), at.time()) for at in wall])
