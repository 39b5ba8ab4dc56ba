"""The sun: when it crosses an elevation at a place, to the second.

The one module that asks astral, through its public functions `elevation` and
`noon`. Their ready-made `dusk`, `dawn`, `sunrise` and `sunset` are not used:
they add refraction to a depression, dip the horizon by the observer's height and answer a
day off, or not at all, where an event crosses 00:00 UTC.

The way here: a solar day runs from solar midnight to solar midnight around one solar noon.
An event belongs to the half-day before (rising) or after (setting) that noon; there the
geometric elevation, less the sun's parallax, is root-found. An event that does not take
place is `PolarDay` or `PolarNight`, a value.

Instants are Unix seconds UTC. Latitudes and longitudes are WGS 84 degrees, north and east
positive; the observer stands at height 0. Beyond 89.8 degrees of latitude the sun of 89.8
is taken, as astral does.

Ref: J. Meeus, Astronomical Algorithms, chapters 25 and 40 (parallax), 15 (-0.8333).
"""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from math import cos, radians
from typing import NamedTuple
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import elevation as astral_elevation
from astral.sun import noon as astral_noon

from schedules.anchors import Direction
from schedules.errors import OutOfRange

SUNRISE_ELEVATION = -0.8333
"""Elevation of the sun's centre at sunrise and sunset: 34' of refraction and 16' of radius."""
CIVIL_ELEVATION = -6.0
PARALLAX = 0.00244
"""Horizontal parallax of the sun, degrees."""
FIRST_YEAR, LAST_YEAR = 1900, 2199

_DAY_S = 86_400
_EPOCH = date(1970, 1, 1).toordinal()


class Place(NamedTuple):
    """Where the sun is looked at from, degrees."""

    latitude: float
    longitude: float


class Polar(StrEnum):
    """Why a crossing does not take place: the sun stays above, or below, the elevation."""

    DAY = "polar_day"
    NIGHT = "polar_night"


class PolarDay(NamedTuple):
    """The sun stays above the elevation."""

    status: Polar = Polar.DAY


class PolarNight(NamedTuple):
    """The sun stays below the elevation."""

    status: Polar = Polar.NIGHT


class SunTimes(NamedTuple):
    """Sunrise and sunset around one solar noon, Unix seconds UTC."""

    rising: int
    setting: int


Crossing = int | PolarDay | PolarNight
"""Unix seconds UTC of a crossing, or why there is none."""


def solar_noon(place: Place, solar_date: date) -> int:
    """The sun's transit on a date of local mean solar time, Unix seconds UTC."""
    return _noon(place.latitude, place.longitude, _day_number(solar_date))


def solar_date_of(place: Place, time_zone: ZoneInfo, local_date: date) -> date | None:
    """The mean solar date whose solar noon has this local date.

    The two differ where the time zone is far from the sun's: Kiritimati's noon of one
    mean solar date is noon of the next local date. None where a time zone skipped the
    date, as Apia did 30 December 2011.
    """
    for shift in (0, -1, 1):
        solar_date = local_date + timedelta(days=shift)
        if local_date_of_noon(place, time_zone, solar_date) == local_date:
            return solar_date
    return None


def local_date_of_noon(place: Place, time_zone: ZoneInfo, solar_date: date) -> date:
    """Local date of the solar noon of a mean solar date."""
    return datetime.fromtimestamp(solar_noon(place, solar_date), time_zone).date()


def crossing(place: Place, solar_date: date, elevation: float, direction: Direction) -> Crossing:
    """When the sun's centre passes a geometric elevation, rising before or setting after noon.

    `elevation` is in degrees above the horizon as seen from the ground, parallax included,
    refraction not. The answer is rounded to the second.
    """
    return _crossing(
        place.latitude,
        place.longitude,
        _day_number(solar_date),
        elevation,
        is_rising=direction is Direction.RISING,
    )


def sun_times(
    place: Place, solar_date: date, elevation: float = SUNRISE_ELEVATION
) -> SunTimes | PolarDay | PolarNight:
    """Rising and setting around one solar noon; where either is missing, the reason."""
    rising = crossing(place, solar_date, elevation, Direction.RISING)
    setting = crossing(place, solar_date, elevation, Direction.SETTING)
    if not isinstance(rising, int):
        return rising
    if not isinstance(setting, int):
        return setting
    return SunTimes(rising, setting)


def sun_elevation(place: Place, at: int) -> float:
    """Elevation of the sun's centre seen from the ground without refraction, degrees."""
    return _elevation(Observer(place.latitude, place.longitude, 0.0), at)


def _day_number(solar_date: date) -> int:
    if not FIRST_YEAR <= solar_date.year <= LAST_YEAR:
        raise OutOfRange(f"date {solar_date}: the sun is computed for {FIRST_YEAR} to {LAST_YEAR}")
    return solar_date.toordinal() - _EPOCH


def _elevation(observer: Observer, at: int) -> float:
    geocentric = astral_elevation(observer, _utc(at), with_refraction=False)
    return geocentric - PARALLAX * cos(radians(geocentric))


def _utc(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


@lru_cache(maxsize=65_536)
def _noon_raw(longitude: float, day: int) -> int:
    solar_date = date.fromordinal(day + _EPOCH)
    return int(astral_noon(Observer(0.0, longitude, 0.0), solar_date).timestamp())


@lru_cache(maxsize=65_536)
def _noon(_latitude: float, longitude: float, day: int) -> int:
    # astral takes the equation of time at 00:00 UTC of the date; it moves by up to 30 s a
    # day, so it is interpolated to the hour of the transit.
    today = _noon_raw(longitude, day)
    drift = _noon_raw(longitude, day + 1) - today - _DAY_S
    return today + round(drift * (today - day * _DAY_S) / _DAY_S)


@lru_cache(maxsize=262_144)
def _crossing(
    latitude: float, longitude: float, day: int, elevation: float, *, is_rising: bool
) -> Crossing:
    observer = Observer(latitude, longitude, 0.0)
    noon = _noon(latitude, longitude, day)
    if is_rising:
        low = (_noon(latitude, longitude, day - 1) + noon) // 2
        high = noon
    else:
        low = noon
        high = (noon + _noon(latitude, longitude, day + 1)) // 2
    sign = 1.0 if is_rising else -1.0

    def height(at: int) -> float:
        return sign * (_elevation(observer, at) - elevation)

    at_low, at_high = height(low), height(high)
    if not at_low < 0 <= at_high:
        is_above = (at_high if is_rising else at_low) * sign >= 0
        return PolarDay() if is_above else PolarNight()
    # Regula falsi (Illinois) with whole seconds: astral reads no fractions of a second.
    kept = 0
    while high - low > 1:
        at = low + round((high - low) * at_low / (at_low - at_high))
        at = min(max(at, low + 1), high - 1)
        here = height(at)
        if here < 0:
            low, at_low = at, here
            at_high = at_high / 2 if kept == 1 else at_high
            kept = 1
        else:
            high, at_high = at, here
            at_low = at_low / 2 if kept == -1 else at_low
            kept = -1
    return low if -height(low) <= height(high) else high
