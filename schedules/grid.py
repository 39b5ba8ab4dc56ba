"""Anchors over many places and control days at once: `schedules.day` in numpy.

Owns the mapping from anchors to instants for places (rows) by consecutive control days
(columns) of one time zone. Instants are Unix seconds UTC in int64; an anchor that does not
take place is `BEFORE` or `AFTER` every instant. Clock times are looked up once a date; an
array that is the same for every place has one row.
"""

from collections.abc import Sequence
from datetime import date, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from schedules.anchors import (
    AnyAnchor,
    ClockAnchor,
    Direction,
    ElevationAnchor,
    IlluminanceAnchor,
    SunAnchor,
)
from schedules.day import (
    NOON,
    Locale,
    clock_instant,
    elevation_of,
    solar_dates,
    wall_instant,
)
from schedules.solar import Place
from schedules.solar_bulk import CrossingStatus, bulk_crossings
from zones.models import Zone

Instants = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BEFORE, AFTER = -(1 << 61), 1 << 61
"""Stand for `schedules.day.Never`."""

_DAY = timedelta(days=1)
_DAY_S = 86_400
_EPOCH = date(1970, 1, 1)
_MIDNIGHT = time(0)
_NOON_IS_CLEAR = 1 / 6
"""A mean solar noon so many days from local midnight has its date without doubt."""


class Grid:
    """Places by the control days `first`, `first` + 1, ... of a time zone.

    Latitudes and longitudes are degrees, one each for every place. Raises `OutOfRange` for
    years without sun, when a solar anchor is first asked for.
    """

    def __init__(
        self,
        latitudes: npt.ArrayLike,
        longitudes: npt.ArrayLike,
        time_zone: ZoneInfo,
        first: date,
        days: int,
        zones: Sequence[Zone] = (),
    ) -> None:
        self.latitudes: Floats = np.asarray(latitudes, dtype=np.float64)
        self.longitudes: Floats = np.asarray(longitudes, dtype=np.float64)
        self.time_zone = time_zone
        self.first = first
        self.days = days
        self.zones = zones
        """What stands at the places, for programs that ask for light; empty: not known."""
        self._crossings: dict[tuple[float, Direction], Instants] = {}
        self._clocks: dict[time, Instants] = {}

    @property
    def places(self) -> int:
        """Number of places."""
        return int(self.latitudes.size)

    def day(self, column: int) -> date:
        """The control day of a column."""
        return self.first + column * _DAY

    @cached_property
    def bounds(self) -> Instants:
        """Starts of the control days from the one before the first to two after the last."""
        days = (self.first + n * _DAY for n in range(-1, self.days + 2))
        return np.array([wall_instant(self.time_zone, day, NOON) for day in days], dtype=np.int64)

    @property
    def starts(self) -> Instants:
        """Starts of the control days, (1, days)."""
        return self.bounds[None, 1:-2]

    @property
    def ends(self) -> Instants:
        """Ends of the control days, exclusive, (1, days)."""
        return self.bounds[None, 2:-1]

    def clock(self, local_time: time) -> Instants:
        """A clock time of every control day, (1, days)."""
        found = self._clocks.get(local_time)
        if found is None:
            instants = [
                clock_instant(self.time_zone, self.day(column), local_time)
                for column in range(self.days)
            ]
            found = np.array(instants, dtype=np.int64)[None, :]
            self._clocks[local_time] = found
        return found

    def anchor(self, anchor: AnyAnchor) -> Instants:
        """`anchor_time` of every place and control day, (places or 1, days)."""
        if isinstance(anchor, ClockAnchor):
            at = self.clock(anchor.local_time) + anchor.offset_s
        else:
            at = self._event(anchor)
            if anchor.offset_s:
                at = np.where(np.abs(at) < AFTER, at + anchor.offset_s, at)
        if anchor.not_before is not None:
            at = np.maximum(at, np.where(at == AFTER, at, self.clock(anchor.not_before)))
        if anchor.not_after is not None:
            at = np.minimum(at, np.where(at == BEFORE, at, self.clock(anchor.not_after)))
        return at

    def _event(self, anchor: SunAnchor | ElevationAnchor | IlluminanceAnchor) -> Instants:
        return self.crossing(*elevation_of(anchor))

    def crossing(self, elevation: float, direction: Direction) -> Instants:
        """When the sun passes an elevation around the night of each day, (places, days).

        Setting in the evening, rising the next morning. `AFTER` a setting and `BEFORE` a
        rising of a sun that stays above; the other way round where it stays below.
        """
        found = self._crossings.get((elevation, direction))
        if found is None:
            found = self._find(elevation, direction)
            self._crossings[elevation, direction] = found
        return found

    def _find(self, elevation: float, direction: Direction) -> Instants:
        shifts = self._solar_shifts
        low = int(shifts.min(initial=0))
        more = int(shifts.max(initial=0)) - low
        is_rising = direction is Direction.RISING
        crossings = bulk_crossings(
            self.latitudes,
            self.longitudes,
            self.first + (low + is_rising) * _DAY,
            self.days + more,
            elevation,
            direction,
        )
        above, below = (BEFORE, AFTER) if is_rising else (AFTER, BEFORE)
        at = np.where(crossings.status == CrossingStatus.POLAR_DAY, above, crossings.at)
        at = np.where(crossings.status == CrossingStatus.POLAR_NIGHT, below, at)
        if not more:
            return at
        columns = np.arange(self.days)[None, :] + shifts - low
        moved: Instants = np.take_along_axis(at, columns, axis=1)
        return moved

    @cached_property
    def _solar_shifts(self) -> npt.NDArray[np.int64]:
        """Mean solar date of the noon that begins the night, less the control day, in days."""
        numbers = np.arange(self.days) + (self.first - _EPOCH).days
        ends = [
            wall_instant(self.time_zone, self.first + (n + 1) * _DAY, _MIDNIGHT)
            for n in range(self.days)
        ]
        # The last noon before the local date has passed.
        last = (np.array(ends)[None, :] / _DAY_S - 0.5) + self.longitudes[:, None] / 360
        shifts: Instants = np.ceil(last).astype(np.int64) - 1 - numbers
        shifts = np.minimum(shifts, 1)
        is_unclear = (np.abs(last - np.rint(last)) < _NOON_IS_CLEAR) | (shifts < -2)
        for row, column in np.argwhere(is_unclear):
            place = Place(float(self.latitudes[row]), float(self.longitudes[row]))
            day = self.day(int(column))
            begins, _ = solar_dates(Locale(place, self.time_zone), day)
            shifts[row, column] = (begins - day).days
        return shifts

    @cached_property
    def noons(self) -> Instants:
        """Mean solar noons that begin the nights, and the one that ends the last.

        (places, days + 1); within 20 minutes of the true noons.
        """
        numbers = np.arange(self.days) + (self.first - _EPOCH).days + self._solar_shifts
        numbers = np.concatenate([numbers, numbers[:, -1:] + 1], axis=1)
        noons = (numbers + 0.5) * _DAY_S - self.longitudes[:, None] * (_DAY_S / 360)
        found: Instants = np.rint(noons).astype(np.int64)
        return found
