"""Switching points of many zones, and what they say at an instant.

Owns the compiled points by zone or luminaire. Lookups are exact at every instant: a point
holds from its own second on (half-open intervals).
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from schedules import SwitchingPoint

Floats = npt.NDArray[np.float64]

_STRETCH: Final = 2**41
"""Above every instant of the wire contract, s; with 2**22 tables still within 64 bits."""


class Timetable:
    """The switching points of one zone or luminaire between two instants (Unix s, UTC)."""

    __slots__ = ("_at", "_lit_s", "points", "valid_until")

    def __init__(self, points: Sequence[SwitchingPoint], valid_until: int) -> None:
        self.points = tuple(points)
        self.valid_until = valid_until
        self._at = [point.at for point in self.points]
        lit = np.zeros(len(self.points))
        if len(self.points) > 1:
            spans = np.diff(np.array(self._at, dtype=np.float64))
            burning = np.array([point.level > 0 for point in self.points[:-1]])
            lit[1:] = np.cumsum(spans * burning)
        self._lit_s = lit.tolist()

    def point_at(self, at: float) -> SwitchingPoint:
        """The point in force at ``at``; the first one before the table begins."""
        return self.points[max(0, bisect_right(self._at, at) - 1)]

    def next_at(self, at: float) -> int:
        """Instant of the next switching point after ``at``; the table's end where none is left."""
        index = bisect_right(self._at, at)
        return self._at[index] if index < len(self._at) else self.valid_until

    def lit_s(self, since: float, until: float) -> float:
        """Seconds with a level above 0 in [since, until)."""
        return self._lit_until(until) - self._lit_until(since)

    def _lit_until(self, at: float) -> float:
        index = bisect_right(self._at, at) - 1
        if index < 0:
            return 0.0
        lit: float = self._lit_s[index]
        if self.points[index].level > 0:
            lit += at - self._at[index]
        return lit


class Moment(NamedTuple):
    """What many timetables say at one instant; one entry each."""

    level: Floats
    """% of rated light output."""
    since: Floats
    """Instant of the point in force, Unix s."""
    until: Floats
    """Instant of the next point, or the table's end, Unix s."""
    ramp_s: Floats


class Timetables:
    """Many timetables, looked up together; equal to `Timetable.point_at` and `next_at` of each."""

    def __init__(self, tables: Sequence[Timetable]) -> None:
        counts = np.array([len(table.points) for table in tables], dtype=np.int64)
        points = [point for table in tables for point in table.points]
        self._counts = counts
        self._first = np.cumsum(counts) - counts
        self._at = np.array([point.at for point in points], dtype=np.float64)
        self._level = np.array([point.level for point in points], dtype=np.float64)
        self._ramp_s = np.array([point.ramp_s for point in points], dtype=np.float64)
        self._valid_until = np.array([table.valid_until for table in tables], dtype=np.float64)
        # One rising line of all points, each table in a stretch of its own.
        self._base = np.arange(len(tables), dtype=np.int64) * _STRETCH
        self._line = np.repeat(self._base, counts) + self._at.astype(np.int64)

    def at(self, now: float) -> Moment:
        """What holds at ``now`` (Unix s); before a table begins its first point."""
        second = int(min(max(math.floor(now), 0), _STRETCH - 1))
        passed = np.searchsorted(self._line, self._base + second, side="right") - self._first
        point = self._first + np.maximum(passed - 1, 0)
        following = self._first + np.minimum(passed, self._counts - 1)
        until = np.where(passed < self._counts, self._at[following], self._valid_until)
        return Moment(self._level[point], self._at[point], until, self._ramp_s[point])
