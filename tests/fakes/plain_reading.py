"""The schedule language read once more, plainly: one instant at a time, nothing shared.

Written from docs/schedules.md alone. Only the sun's crossings come from `schedules.solar`,
which has its own reference; clock times, windows, steps, part-night and limits are worked
out here in another way than in the engine, so that a mistake would have to be made twice.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from math import inf
from typing import NamedTuple, assert_never
from zoneinfo import ZoneInfo

from schedules import (
    Calendar,
    ClockAnchor,
    ControlProgram,
    Direction,
    ElevationAnchor,
    IlluminanceAnchor,
    Place,
    SunAnchor,
    SunEvent,
    crossing,
    solar_date_of,
)
from schedules.anchors import AnyAnchor
from schedules.twilight import elevation_at_lx
from tests.fakes.one_zone import Spot

DAY = timedelta(days=1)


class PlainNight(NamedTuple):
    """A control day: lit stretches, and steps in the order in which they come into force."""

    lit: tuple[tuple[float, float], ...]
    steps: tuple[tuple[float, float], ...]
    base_level: float
    causes: frozenset[float]
    """Instants at which something may change."""


@lru_cache(maxsize=300_000)
def clock(zone: ZoneInfo, day: date, at: time) -> int:
    """The first second that shows this time, or where none does, the first that shows a later."""
    shown = datetime.combine(day, at)
    naive = shown.replace(tzinfo=UTC)
    offsets = {
        (naive + shift).astimezone(zone).utcoffset() or timedelta(0) for shift in (-DAY, DAY)
    }
    candidates = sorted(naive - offset for offset in offsets)
    for one in candidates:
        if one.astimezone(zone).replace(tzinfo=None) == shown:
            return int(one.timestamp())
    moment = candidates[0].replace(second=0)
    while moment.astimezone(zone).replace(tzinfo=None) < shown:
        moment += timedelta(minutes=1)
    return int(moment.timestamp())


@lru_cache(maxsize=300_000)
def solar_date(spot: Spot, day: date) -> date:
    """The solar day whose noon has this local date."""
    found = solar_date_of(Place(spot.latitude, spot.longitude), ZoneInfo(spot.time_zone), day)
    assert found is not None, "no date is skipped at these places"
    return found


@lru_cache(maxsize=300_000)
def sun(spot: Spot, day: date, elevation: float, direction: Direction) -> float:
    """Setting on the evening of a control day, rising on its morning; infinite where never."""
    is_setting = direction is Direction.SETTING
    at = crossing(
        Place(spot.latitude, spot.longitude),
        solar_date(spot, day if is_setting else day + DAY),
        elevation,
        direction,
    )
    if isinstance(at, int):
        return at
    stays_above = at.status.value == "polar_day"
    return inf if stays_above == is_setting else -inf


class PlainReading:
    """What one program does at one place."""

    def __init__(self, program: ControlProgram, spot: Spot) -> None:
        self.program = program
        self.spot = spot
        self.zone = ZoneInfo(spot.time_zone)
        self._nights: dict[date, PlainNight] = {}

    def moment(self, anchor: AnyAnchor, day: date) -> float:
        """Where an anchor falls on a control day."""
        match anchor:
            case ClockAnchor():
                at: float = self.wall(day, anchor.local_time)
            case SunAnchor(event=SunEvent.SUNSET):
                at = sun(self.spot, day, -0.8333, Direction.SETTING)
            case SunAnchor(event=SunEvent.SUNRISE):
                at = sun(self.spot, day, -0.8333, Direction.RISING)
            case SunAnchor(event=SunEvent.CIVIL_DUSK):
                at = sun(self.spot, day, -6.0, Direction.SETTING)
            case SunAnchor():
                at = sun(self.spot, day, -6.0, Direction.RISING)
            case ElevationAnchor():
                at = sun(self.spot, day, anchor.elevation, anchor.direction)
            case IlluminanceAnchor():
                elevation = elevation_at_lx(anchor.illuminance_lx)
                at = sun(self.spot, day, elevation, anchor.direction)
            case _:
                assert_never(anchor)
        at += anchor.offset_s
        if anchor.not_before is not None:
            at = max(at, self.wall(day, anchor.not_before))
        if anchor.not_after is not None:
            at = min(at, self.wall(day, anchor.not_after))
        return at

    def wall(self, day: date, at: time) -> int:
        """A clock time of a control day."""
        return clock(self.zone, day if at.hour >= 12 else day + DAY, at)

    def noon(self, day: date) -> int:
        """Where a control day begins."""
        return clock(self.zone, day, time(12))

    def night(self, day: date) -> PlainNight:
        """A control day."""
        if day not in self._nights:
            self._nights[day] = self._night(day)
        return self._nights[day]

    def _night(self, day: date) -> PlainNight:
        program = self.program
        on, off = self.moment(program.window.on, day), self.moment(program.window.off, day)
        causes = {on, off}
        if on == -inf:
            on = self.noon(day)
        if off == inf:
            off = self.noon(day + DAY)
        on = max(on, self.noon(day - DAY))
        off = min(off, self.noon(day + 2 * DAY))
        stretches: list[tuple[float, float]] = [(on, off)]
        if program.extinguish is not None:
            dark = self.moment(program.extinguish.off, day)
            light = self.moment(program.extinguish.on, day)
            if -inf < dark < light < inf:
                stretches = [(on, min(off, dark)), (max(on, light), off)]
                causes |= {dark, light}
        steps: list[tuple[float, float]] = []
        for step in program.steps:
            at = self.moment(step.at, day)
            if -inf < at < inf:
                assert step.level is not None, "these steps say levels"
                steps.append((at, step.level))
        steps.sort(key=lambda one: one[0])
        shortest = max(1, program.min_burn_s)
        return PlainNight(
            tuple((first, last) for first, last in stretches if last - first >= shortest),
            tuple(steps),
            program.base_level,
            frozenset(causes | {on, off} | {at for at, _ in steps}),
        )


class PlainCalendar:
    """Control days of several programs, by a calendar."""

    def __init__(
        self,
        readings: Mapping[str, PlainReading],
        program_of: Mapping[date, str],
        calendar: Calendar,
    ) -> None:
        self._readings = readings
        self._program_of = program_of
        self._calendar = calendar
        self._zone = next(iter(readings.values())).zone

    def program(self, day: date) -> ControlProgram:
        """The program of a control day."""
        return self._reading(day).program

    def _reading(self, day: date) -> PlainReading:
        name = self._program_of.get(day) or self._calendar.program_on(day)
        return self._readings[name]

    def night(self, day: date) -> PlainNight:
        """The control day of the program that holds on it."""
        return self._reading(day).night(day)

    def level(self, at: int, floor: float = 0.0, ceiling: float = 100.0) -> float:
        """Level at an instant; of the nights that light it the latest decides."""
        shown = datetime.fromtimestamp(at, UTC).astimezone(self._zone)
        own = shown.date() if shown.hour >= 12 else shown.date() - DAY
        for day in (own + DAY, own, own - DAY):
            night = self.night(day)
            if any(first <= at < last for first, last in night.lit):
                level = night.base_level
                for begins, says in night.steps:
                    if begins <= at:
                        level = says
                return max(floor, min(ceiling, level))
        return 0.0
