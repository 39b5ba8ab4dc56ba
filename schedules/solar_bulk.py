"""The sun over many places and dates at once: the instants of `schedules.solar`, in numpy.

Owns the same sun as the scalar form, cut into one short polynomial a day, and the same
meaning: half-days around solar noon, `polar_day` and `polar_night`, whole seconds. Where the
sun nearly grazes the elevation the scalar form itself is asked, so that both agree to the
second at every latitude.

Ref: J. Meeus, Astronomical Algorithms, chapters 22, 25 and 28; otherwise as
`schedules.solar`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from math import cos, radians, sin
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.anchors import Direction
from schedules.errors import OutOfRange
from schedules.solar import (
    FIRST_YEAR,
    LAST_YEAR,
    PARALLAX,
    Place,
    PolarDay,
    PolarNight,
    crossing,
)

Floats = npt.NDArray[np.float64]
Instants = npt.NDArray[np.int64]

_DAY_S = 86_400.0
_EPOCH = date(1970, 1, 1)
_J2000_DAYS = 10_957.5
_SUN_SPEED = 0.98565
_ABERRATION = 0.0057183
_CONVERGED_S = 1e-4
_HALF_WAY_S = 5e-5
"""So near to half a second the scalar form is asked; the two differ by 2e-5 s at most."""
_MAX_ROUNDS = 12
_CHUNK_CELLS = 1 << 16
"""Cells worked on at a time: what stays in the processor's cache."""

_NODES = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
_TO_COEFFICIENTS = np.linalg.inv(np.vander(_NODES, increasing=True))


class CrossingStatus(IntEnum):
    """Whether a crossing takes place."""

    OK = 0
    POLAR_DAY = 1
    POLAR_NIGHT = 2


@dataclass(frozen=True, slots=True)
class BulkCrossings:
    """Crossings of places (rows) by dates of mean solar time (columns)."""

    at: Instants
    """Unix seconds UTC; 0 where `status` is not OK."""
    status: npt.NDArray[np.int8]
    """`CrossingStatus` as int8."""


class _Spots(NamedTuple):
    """Where the sun is looked at from, degrees."""

    latitude: Floats
    longitude: Floats


class _Sun(NamedTuple):
    """Polynomials of four powers by day (rows), in days from 12:00 UTC of that day."""

    sine_declination: Floats
    cut_equation: Floats
    """The equation of time that astral's series gives, degrees."""
    equation: Floats
    """The true one less the perturbation, refined for a mean noon at that instant, degrees."""
    later: Floats
    """How much later astral's sun stands where the true sun is, days."""


def bulk_crossings(
    latitudes: npt.ArrayLike,
    longitudes: npt.ArrayLike,
    first: date,
    days: int,
    elevation: float,
    direction: Direction,
) -> BulkCrossings:
    """When the sun passes a geometric elevation at many places on consecutive dates.

    `latitudes` and `longitudes` are of one length, degrees; `first` is a date of mean solar
    time as for `schedules.solar.crossing`, whose answers these are. Shape (places, days).
    Raises `OutOfRange` beyond the years of `schedules.solar`, ValueError for unequal lengths.
    """
    latitude = np.asarray(latitudes, dtype=np.float64)
    longitude = np.asarray(longitudes, dtype=np.float64)
    if latitude.ndim != 1 or latitude.shape != longitude.shape:
        raise ValueError(
            f"latitudes {latitude.shape} and longitudes {longitude.shape} must be of one length"
        )
    last = first + timedelta(days=max(0, days - 1))
    if first.year < FIRST_YEAR or last.year > LAST_YEAR:
        raise OutOfRange(f"{first} to {last}: the sun is computed for {FIRST_YEAR} to {LAST_YEAR}")
    noons: Floats = (np.arange(days, dtype=np.float64) + (first - _EPOCH).days + 0.5) * _DAY_S
    sun = _sun(noons)
    at = np.zeros((latitude.size, days), dtype=np.int64)
    status = np.zeros((latitude.size, days), dtype=np.int8)
    rows = max(1, _CHUNK_CELLS // max(1, days))
    for start in range(0, latitude.size, rows):
        part = slice(start, start + rows)
        spots = _Spots(latitude[part], longitude[part])
        _cross(sun, noons, spots, elevation, direction, at[part], status[part])
    for row, column in np.argwhere(status < 0):
        place = Place(float(latitude[row]), float(longitude[row]))
        exact = crossing(place, first + timedelta(days=int(column)), elevation, direction)
        match exact:
            case PolarDay():
                status[row, column] = CrossingStatus.POLAR_DAY
            case PolarNight():
                status[row, column] = CrossingStatus.POLAR_NIGHT
            case _:
                at[row, column], status[row, column] = exact, CrossingStatus.OK
    at[status != CrossingStatus.OK] = 0
    return BulkCrossings(at, status)


def _cross(
    sun: _Sun,
    noons: Floats,
    spots: _Spots,
    elevation: float,
    direction: Direction,
    at: Instants,
    status: npt.NDArray[np.int8],
) -> None:
    """Fill `at` and `status` in place; status -1 where only the scalar form is exact enough."""
    phi = np.radians(np.clip(spots.latitude, -89.8, 89.8))[:, None]
    sine_height = sin(radians(_geocentric(elevation)))
    sign = -1.0 if direction is Direction.RISING else 1.0
    mean_noon = -spots.longitude[:, None] / 360
    later = np.rint(_value(sun.later, mean_noon) * _DAY_S) / _DAY_S
    transit = (
        mean_noon
        - (_value(sun.equation, mean_noon) - _value(sun.cut_equation, mean_noon + later)) / 360
    )
    sine_phi, cosine_phi = np.sin(phi), np.cos(phi)
    moment = mean_noon + sign * 0.25
    cosine_hour = np.empty_like(moment)
    for _ in range(_MAX_ROUNDS):
        sine = _value(sun.sine_declination, moment + later)
        cosine_hour = (sine_height - sine_phi * sine) / (cosine_phi * np.sqrt(1 - sine * sine))
        hour = np.arccos(np.clip(cosine_hour, -1, 1)) / (2 * np.pi)
        before = moment
        moment = transit - _value(sun.cut_equation, moment + later) / 360 + sign * hour
        if np.abs(moment - before).max(initial=0.0) * _DAY_S < _CONVERGED_S:
            break
    # The declination moves by a fifth of a degree in a half-day; near the poles that decides.
    margin = 0.02 + 0.008 * np.abs(np.tan(phi))
    status[cosine_hour > 1] = CrossingStatus.POLAR_NIGHT
    status[cosine_hour < -1] = CrossingStatus.POLAR_DAY
    status[np.abs(np.abs(cosine_hour) - 1) < margin] = -1
    seconds = noons + moment * _DAY_S
    at[:] = np.rint(seconds).astype(np.int64)
    # Half-way between two seconds the last digits decide, which are not the scalar's.
    status[np.abs(seconds - np.floor(seconds) - 0.5) < _HALF_WAY_S] = -1


def _geocentric(elevation: float) -> float:
    """The geocentric elevation at which the sun is seen at `elevation`, degrees."""
    found = elevation
    for _ in range(4):
        found = elevation + PARALLAX * cos(radians(found))
    return found


def _value(coefficients: Floats, moment: Floats) -> Floats:
    """Polynomials by day at moments (places, days)."""
    c0, c1, c2, c3, c4 = coefficients.T
    found: Floats = c0 + moment * (c1 + moment * (c2 + moment * (c3 + moment * c4)))
    return found


def _sun(noons: Floats) -> _Sun:
    at = (noons[:, None] / _DAY_S + _NODES - _J2000_DAYS) / 36_525
    ahead = _perturbation(at)
    later = ahead / _SUN_SPEED
    century = at + later / 36_525
    longitude, mean_longitude = _apparent_longitude(century)
    obliquity = np.radians(_obliquity(century))
    right_ascension = np.degrees(
        np.arctan2(np.cos(obliquity) * np.sin(longitude), np.cos(longitude))
    )
    nutation = -0.00478 * np.sin(_node(century)) * np.cos(obliquity)
    equation = mean_longitude - ahead - _ABERRATION - right_ascension + nutation
    plain_longitude, _ = _apparent_longitude(at)
    plain_obliquity = np.radians(_obliquity(at))
    return _Sun(
        sine_declination=_fit(np.sin(plain_obliquity) * np.sin(plain_longitude)),
        cut_equation=_fit(_cut_equation(at)),
        equation=_fit((equation + 180) % 360 - 180),
        later=_fit(later),
    )


def _fit(values: Floats) -> Floats:
    found: Floats = values @ _TO_COEFFICIENTS.T
    return found


def _node(century: Floats) -> Floats:
    return np.radians(125.04 - 1934.136 * century)


def _mean_longitude(century: Floats) -> Floats:
    found: Floats = (280.46646 + century * (36000.76983 + 0.0003032 * century)) % 360
    return found


def _mean_anomaly(century: Floats) -> Floats:
    return np.radians(357.52911 + century * (35999.05029 - 0.0001537 * century))


def _apparent_longitude(century: Floats) -> tuple[Floats, Floats]:
    """Of the sun in radians, and the mean longitude in degrees."""
    mean = _mean_longitude(century)
    anomaly = _mean_anomaly(century)
    centre = (
        np.sin(anomaly) * (1.914602 - century * (0.004817 + 0.000014 * century))
        + np.sin(2 * anomaly) * (0.019993 - 0.000101 * century)
        + np.sin(3 * anomaly) * 0.000289
    )
    nutation = 0.00478 * np.sin(_node(century))
    return np.radians(mean + centre - 0.00569 - nutation), mean


def _obliquity(century: Floats) -> Floats:
    seconds = 21.448 - century * (46.815 + century * (0.00059 - century * 0.001813))
    found: Floats = 23 + (26 + seconds / 60) / 60 + 0.00256 * np.cos(_node(century))
    return found


def _cut_equation(century: Floats) -> Floats:
    """The equation of time by the five-term series, degrees."""
    mean = np.radians(_mean_longitude(century))
    anomaly = _mean_anomaly(century)
    eccentricity = 0.016708634 - century * (0.000042037 + 0.0000001267 * century)
    y = np.tan(np.radians(_obliquity(century)) / 2) ** 2
    found: Floats = (
        y * np.sin(2 * mean)
        - 2 * eccentricity * np.sin(anomaly)
        + 4 * eccentricity * y * np.sin(anomaly) * np.cos(2 * mean)
        - 0.5 * y * y * np.sin(4 * mean)
        - 1.25 * eccentricity * eccentricity * np.sin(2 * anomaly)
    )
    return np.degrees(found)


def _perturbation(century: Floats) -> Floats:
    since_1900 = century + 1
    found: Floats = (
        0.00134 * np.cos(np.radians(153.23 + 22518.7541 * since_1900))
        + 0.00154 * np.cos(np.radians(216.57 + 45037.5082 * since_1900))
        + 0.00200 * np.cos(np.radians(312.69 + 32964.3577 * since_1900))
        + 0.00179 * np.sin(np.radians(350.74 + 445267.1142 * since_1900))
        + 0.00178 * np.sin(np.radians(231.19 + 20.20 * since_1900))
    )
    return found
