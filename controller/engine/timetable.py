"""Switching points of many zones, and what they say at an instant.

Owns the compiled points by zone or luminaire. Lookups are exact at every instant: a point
holds from its own second on (half-open intervals).
"""

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np

from schedules import SwitchingPoint


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
