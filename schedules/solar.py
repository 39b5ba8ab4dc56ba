"""The sun: when it crosses an elevation at a place, to the second.

The one module that asks astral. Its ready-made `dusk`, `dawn`, `sunrise` and `sunset` are
not used: they add refraction to a depression, dip the horizon by the observer's height and
answer a day off, or not at all, where an event crosses 00:00 UTC.

The way here: a solar day runs from solar midnight to solar midnight around one solar noon.
An event belongs to the half-day before (rising) or after (setting) that noon; there the
geometric elevation, less the sun's parallax, is root-found. An event that does not take
place is `PolarDay` or `PolarNight`, a value.

astral's sun is up to 12" off in declination and 3.6 s in hour angle, which makes 6 s at 60
degrees of latitude. Two refinements leave a third of the one and a sixth of the other:
Venus, Jupiter and the Moon pull at the earth, which moves the sun's longitude by up to 30";
and the equation of time follows from the right ascension instead of a cut series. Both
are handed to astral as a slightly different instant and longitude.

Instants are Unix seconds UTC. Latitudes and longitudes are WGS 84 degrees, north and east
positive; the observer stands at height 0. Beyond 89.8 degrees of latitude the sun of 89.8
is taken, as astral does.

Ref: J. Meeus, Astronomical Algorithms, chapters 15 (-0.8333), 28 (equation of time) and 40
(parallax); Astronomical Formulae for Calculators, chapter 18 (perturbations).
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from math import acos, cos, degrees, radians, sin
from typing import NamedTuple
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import elevation as astral_elevation
from astral.sun import (
    eq_of_time,
    geom_mean_long_sun,
    obliquity_correction,
    sun_declination,
    sun_rt_ascension,
)

from schedules.anchors import Direction
from schedules.errors import OutOfRange
from schedules.sentences import SAY

SUNRISE_ELEVATION = -0.8333
"""Elevation of the sun's centre at sunrise and sunset: 34' of refraction and 16' of radius."""
CIVIL_ELEVATION = -6.0
PARALLAX = 0.00244
"""Horizontal parallax of the sun, degrees."""
FIRST_YEAR, LAST_YEAR = 1900, 2199

_DAY_S = 86_400
_J2000_DAYS = 10_957.5
_SUN_SPEED = 0.98565
"""Mean motion of the sun in longitude, degrees a day."""
_ABERRATION = 0.0057183
_PLAIN_LATITUDE = 75.0
_PLAIN_COSINE = 0.95
"""Of the hour angle: nearer to 1 the sun may graze, or miss, the elevation within the half-day."""
_MAX_CORRECTIONS = 6
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

Crossings = dict[tuple[float, float, int, float, bool], Crossing]
"""By latitude, longitude, day number, elevation and whether the sun rises."""

_MOST_KNOWN = 262_144
_known: Crossings = {}


def solar_noon(place: Place, solar_date: date) -> int:
    """The sun's transit on a date of local mean solar time, Unix seconds UTC."""
    return _noon(place.longitude, day_number(solar_date))


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
    day, is_rising = day_number(solar_date), direction is Direction.RISING
    key = (place.latitude, place.longitude, day, elevation, is_rising)
    found = _known.get(key)
    if found is None:
        found = _crossing(place.latitude, place.longitude, day, elevation, is_rising=is_rising)
        remember({key: found})
    return found


def remember(crossings: Crossings) -> None:
    """Let `crossing` give these answers, which must be its own, without working them out."""
    if len(_known) + len(crossings) > _MOST_KNOWN:
        _known.clear()
    _known.update(crossings)


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
    refined = _refine(at)
    observer = Observer(place.latitude, _wrap(place.longitude + refined.east), 0.0)
    return _elevation(observer, at + refined.later_s)


def day_number(solar_date: date) -> int:
    """Days since 1970-01-01. Raises `OutOfRange` where the sun is not computed."""
    if not FIRST_YEAR <= solar_date.year <= LAST_YEAR:
        raise OutOfRange(SAY("sun_years", day=solar_date, first=FIRST_YEAR, last=LAST_YEAR))
    return solar_date.toordinal() - _EPOCH


def _elevation(observer: Observer, at: int) -> float:
    geocentric = astral_elevation(observer, _utc(at), with_refraction=False)
    return geocentric - PARALLAX * cos(radians(geocentric))


def _utc(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


class _Refined(NamedTuple):
    """How astral must be asked about an instant to answer for the true sun."""

    later_s: int
    """Instant at which astral's sun has the true right ascension and declination."""
    east: float
    """Degrees to add to the longitude, so that the hour angle is the true one."""
    equation_of_time: float
    """Hour angle of the true sun less that of the mean sun, degrees."""


@lru_cache(maxsize=65_536)
def _refine(at: int) -> _Refined:
    ahead = _perturbation(_centuries(at))
    later = ahead / _SUN_SPEED * _DAY_S
    later_s = round(later)
    century = _centuries(at + later)
    node = radians(125.04 - 1934.136 * century)
    nutation = -0.00478 * sin(node) * cos(radians(obliquity_correction(century)))
    right_ascension = sun_rt_ascension(century)
    equation = _wrap(geom_mean_long_sun(century) - ahead - _ABERRATION - right_ascension + nutation)
    return _Refined(
        later_s=later_s,
        east=equation - eq_of_time(_centuries(at + later_s)) / 4 - later_s * 360 / _DAY_S,
        equation_of_time=equation,
    )


def _perturbation(century: float) -> float:
    """What astral's solar longitude lacks, degrees; centuries from J2000."""
    # These angles count from 1900: Venus twice, Jupiter, the Moon, and a term of 1,800 years.
    since_1900 = century + 1
    return (
        0.00134 * cos(radians(153.23 + 22518.7541 * since_1900))
        + 0.00154 * cos(radians(216.57 + 45037.5082 * since_1900))
        + 0.00200 * cos(radians(312.69 + 32964.3577 * since_1900))
        + 0.00179 * sin(radians(350.74 + 445267.1142 * since_1900))
        + 0.00178 * sin(radians(231.19 + 20.20 * since_1900))
    )


def _centuries(at: float) -> float:
    return (at / _DAY_S - _J2000_DAYS) / 36_525


def _wrap(angle: float) -> float:
    return (angle + 180) % 360 - 180


def _mean_noon(longitude: float, day: int) -> int:
    return round((day + 0.5) * _DAY_S - longitude * _DAY_S / 360)


@lru_cache(maxsize=65_536)
def _noon(longitude: float, day: int) -> int:
    at = _mean_noon(longitude, day)
    for _ in range(2):
        at = _mean_noon(longitude + _refine(at).equation_of_time, day)
    return at


def _crossing(
    latitude: float, longitude: float, day: int, elevation: float, *, is_rising: bool
) -> Crossing:
    sign = 1.0 if is_rising else -1.0
    refined = _refine(_mean_noon(longitude, day))
    observer = Observer(latitude, _wrap(longitude + refined.east), 0.0)

    def height(at: int) -> float:
        return sign * (_elevation(observer, at + refined.later_s) - elevation)

    transit = _mean_noon(longitude + refined.equation_of_time, day)
    guess = _guess(latitude, transit, elevation, sign)
    near = None if guess is None else _close_in(height, *guess)
    if near is not None:
        return near
    noon = _noon(longitude, day)
    other = (noon + _noon(longitude, day - 1 if is_rising else day + 1)) // 2
    low, high = (other, noon) if is_rising else (noon, other)
    if not height(low) < 0 <= height(high):
        return PolarDay() if sign * height(noon) >= 0 else PolarNight()
    while high - low > 1:
        middle = (low + high) // 2
        if height(middle) < 0:
            low = middle
        else:
            high = middle
    # astral reads no fractions of a second: between two the sun moves straight.
    return min(low, high, key=lambda at: (abs(height(at)), at))


def _guess(
    latitude: float, transit: int, elevation: float, sign: float
) -> tuple[int, float] | None:
    """Instant and speed (degrees a second) of a plain crossing; None near a grazing one."""
    if abs(latitude) > _PLAIN_LATITUDE:
        return None
    declination = radians(sun_declination(_centuries(transit - sign * _DAY_S / 4)))
    phi = radians(latitude)
    across = cos(phi) * cos(declination)
    cosine = (sin(radians(elevation)) - sin(phi) * sin(declination)) / across
    if abs(cosine) > _PLAIN_COSINE:
        return None
    hour_angle = acos(cosine)
    speed = across * sin(hour_angle) / cos(radians(elevation)) * 360 / _DAY_S
    return transit - round(sign * degrees(hour_angle) * _DAY_S / 360), speed


def _close_in(height: Callable[[int], float], guess: int, speed: float) -> int | None:
    """The second nearest to a rising zero near `guess`; None where it is not near."""
    at = guess
    for _ in range(_MAX_CORRECTIONS):
        here = height(at)
        next_to = at + 1 if here < 0 else at - 1
        if abs(here) <= 2 * speed:
            beyond = height(next_to)
            if (here < 0) != (beyond < 0):
                return min((abs(here), at), (abs(beyond), next_to))[1]
        # A guess a second off must still move on.
        at -= round(here / speed) or at - next_to
    return None
