"""Control days and the instants of their anchors.

Owns local time: noon-to-noon days, wall times that a clock change skips or repeats, and the
mapping from an anchor to an instant. Instants are Unix seconds UTC.
"""

from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from functools import lru_cache
from typing import NamedTuple, assert_never
from zoneinfo import ZoneInfo

from schedules.anchors import (
    AnyAnchor,
    ClockAnchor,
    Direction,
    ElevationAnchor,
    IlluminanceAnchor,
    SunAnchor,
    SunEvent,
)
from schedules.solar import (
    CIVIL_ELEVATION,
    SUNRISE_ELEVATION,
    Crossing,
    Place,
    PolarDay,
    PolarNight,
    crossing,
    local_date_of_noon,
)
from schedules.twilight import elevation_at_lx

NOON = time(12)
_DAY = timedelta(days=1)

_SUN_EVENTS = {
    SunEvent.SUNSET: (SUNRISE_ELEVATION, Direction.SETTING),
    SunEvent.SUNRISE: (SUNRISE_ELEVATION, Direction.RISING),
    SunEvent.CIVIL_DUSK: (CIVIL_ELEVATION, Direction.SETTING),
    SunEvent.CIVIL_DAWN: (CIVIL_ELEVATION, Direction.RISING),
}


class Never(Enum):
    """An anchor without an instant: before, or after, the whole control day."""

    BEFORE = "before"
    AFTER = "after"


class AnchorTime(NamedTuple):
    """Where an anchor falls on a control day, and how it came to be there."""

    at: int | Never
    event: Crossing | None
    """The solar event before offset and clamps; None for a clock time."""
    clamp: str | None = None
    """``not_before`` or ``not_after`` where that decided."""


class Locale(NamedTuple):
    """Sun and clock of a zone."""

    place: Place
    time_zone: ZoneInfo


def control_day(instant: datetime, time_zone: ZoneInfo) -> date:
    """The control day, noon to noon local, of an aware instant."""
    local = instant.astimezone(time_zone)
    return local.date() if local.time() >= NOON else local.date() - _DAY


def control_day_of(at: int, time_zone: ZoneInfo) -> date:
    """The control day of an instant in Unix seconds."""
    return control_day(datetime.fromtimestamp(at, UTC), time_zone)


@lru_cache(maxsize=65_536)
def wall_instant(time_zone: ZoneInfo, local_date: date, local_time: time) -> int:
    """Instant of a wall time: the end of the gap if it is skipped, the first if it repeats."""
    wall = datetime.combine(local_date, local_time)
    first = int(wall.replace(tzinfo=time_zone, fold=0).timestamp())
    if datetime.fromtimestamp(first, time_zone).replace(tzinfo=None) == wall:
        return first
    # In a gap the two folds give instants on either side of the clock change.
    low, high = int(wall.replace(tzinfo=time_zone, fold=1).timestamp()), first
    before = datetime.fromtimestamp(low, time_zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, time_zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def clock_instant(time_zone: ZoneInfo, day: date, local_time: time) -> int:
    """Instant of a clock time of a control day: before noon is the next calendar date."""
    return wall_instant(time_zone, day if local_time >= NOON else day + _DAY, local_time)


def day_bounds(time_zone: ZoneInfo, day: date) -> tuple[int, int]:
    """[start, end) of a control day."""
    return wall_instant(time_zone, day, NOON), wall_instant(time_zone, day + _DAY, NOON)


@lru_cache(maxsize=65_536)
def solar_dates(locale: Locale, day: date) -> tuple[date, date]:
    """Mean solar dates of the noons that begin and end the night of a control day.

    The first is the last solar noon whose local date is not after `day`, so that a date
    that a time zone skipped has the night around it.
    """
    for shift in (1, 0, -1, -2):
        solar_date = day + timedelta(days=shift)
        if local_date_of_noon(locale.place, locale.time_zone, solar_date) <= day:
            return solar_date, solar_date + _DAY
    raise AssertionError(f"no solar noon within two days of {day}")


def anchor_time(anchor: AnyAnchor, locale: Locale, day: date) -> AnchorTime:
    """The instant of an anchor on a control day."""
    event: Crossing | None = None
    at: int | Never
    match anchor:
        case ClockAnchor():
            at = clock_instant(locale.time_zone, day, anchor.local_time) + anchor.offset_s
        case SunAnchor() | ElevationAnchor() | IlluminanceAnchor():
            elevation, direction = elevation_of(anchor)
            begins, ends = solar_dates(locale, day)
            solar_date = begins if direction is Direction.SETTING else ends
            event = crossing(locale.place, solar_date, elevation, direction)
            is_setting = direction is Direction.SETTING
            match event:
                case PolarDay():
                    at = Never.AFTER if is_setting else Never.BEFORE
                case PolarNight():
                    at = Never.BEFORE if is_setting else Never.AFTER
                case _:
                    at = event + anchor.offset_s
        case _:
            assert_never(anchor)
    clamp: str | None = None
    if anchor.not_before is not None:
        earliest = clock_instant(locale.time_zone, day, anchor.not_before)
        if at is Never.BEFORE or (isinstance(at, int) and at < earliest):
            at, clamp = earliest, "not_before"
    if anchor.not_after is not None:
        latest = clock_instant(locale.time_zone, day, anchor.not_after)
        if at is Never.AFTER or (isinstance(at, int) and at > latest):
            at, clamp = latest, "not_after"
    return AnchorTime(at, event, clamp)


def elevation_of(
    anchor: SunAnchor | ElevationAnchor | IlluminanceAnchor,
) -> tuple[float, Direction]:
    """The elevation in degrees that an anchor waits for, and which way the sun passes it."""
    match anchor:
        case SunAnchor():
            return _SUN_EVENTS[anchor.event]
        case ElevationAnchor():
            return anchor.elevation, anchor.direction
        case IlluminanceAnchor():
            return elevation_at_lx(anchor.illuminance_lx), anchor.direction
        case _:
            assert_never(anchor)
