"""The oracle: what was lit against what should have been.

Owns the comparison of the street's true light with the documents, integrated exactly from
one change to the next. Reads no message; the controller cannot flatter it. Sums are in
seconds and percent-seconds, instants Unix seconds UTC of true site time.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from schedules import SwitchingPoint
from simulator.causes import CAUSES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_INSTANT_BITS: Final = 41


class Timetables:
    """Levels over time by table number, looked up for many luminaires at once."""

    def __init__(self, tables: Sequence[Sequence[SwitchingPoint]], until: int) -> None:
        at: list[int] = []
        level: list[float] = []
        before: list[float] = []
        ramp_s: list[int] = []
        key: list[int] = []
        first: list[int] = []
        for number, points in enumerate(tables):
            first.append(len(at))
            previous = points[0].level
            for point in points:
                at.append(point.at)
                level.append(point.level)
                before.append(previous)
                ramp_s.append(point.ramp_s)
                key.append((number << _INSTANT_BITS) + point.at)
                previous = point.level
        self.until = until
        self._first: Ints = np.array(first, dtype=np.int64)
        self._key: Ints = np.array(key, dtype=np.int64)
        self._at: Floats = np.array(at, dtype=np.float64)
        self._end: Floats = np.append(self._at[1:], until)
        if len(first) > 1:
            self._end[self._first[1:] - 1] = until
        self._level: Floats = np.array(level, dtype=np.float64)
        self._before: Floats = np.array(before, dtype=np.float64)
        self._ramp_s: Floats = np.array(ramp_s, dtype=np.float64)

    def piece(self, table: Ints, at: Floats) -> Ints:
        """The stretch between two switching points in which ``at`` lies."""
        key = (table << _INSTANT_BITS) + np.floor(at).astype(np.int64)
        found = np.searchsorted(self._key, key, side="right") - 1
        return np.maximum(found, self._first[table])

    def changes(self, since: float, until: float) -> Ints:
        """Changes of level in (since, until], by table."""
        counts = (self._at > since) & (self._at <= until) & (self._level != self._before)
        total = np.concatenate([[0], np.cumsum(counts)])
        last = np.append(self._first[1:], len(self._at))
        found: Ints = total[last] - total[self._first]
        return found

    def is_lit(self, piece: Ints) -> Flags:
        """True where the stretch has a level above 0."""
        return self._level[piece] > 0

    def level(self, piece: Ints, at: Floats) -> Floats:
        """Level at an instant of the stretch, ramp included."""
        ramp_s = self._ramp_s[piece]
        into = at - self._at[piece]
        share = np.divide(into, ramp_s, out=np.ones_like(into), where=ramp_s > 0)
        begin, end = self._before[piece], self._level[piece]
        return np.where(share >= 1, end, begin + (end - begin) * np.maximum(share, 0.0))

    def straight_until(self, piece: Ints, at: Floats) -> Floats:
        """End of the straight line on which ``at`` lies: of the ramp, else of the stretch."""
        ramp_end = self._at[piece] + self._ramp_s[piece]
        end = self._end[piece]
        return np.where(at < ramp_end, np.minimum(ramp_end, end), end)


class Oracle:
    """Sums for each luminaire, by row, since the start."""

    def __init__(self, timetables: Timetables, table: Ints, at: float) -> None:
        """``table`` is each row's timetable; ``at`` is where the street begins."""
        size = len(table)
        self._timetables = timetables
        self._table = table
        self._counted_at = at
        self._planned_changes: Ints = np.zeros(size, dtype=np.int64)
        self.lit_as_expected_s: Floats = np.zeros(size)
        self.dark_s: Floats = np.zeros((CAUSES, size))
        """Dark though it should have been lit, by cause."""
        self.daylight_s: Floats = np.zeros((CAUSES, size))
        """Lit though it should have been dark, by cause."""
        self.lit_s: Floats = np.zeros(size)
        self.level_error_s: Floats = np.zeros(size)
        """Deviation from the expected level while lit, percent-seconds."""

    @property
    def until(self) -> int:
        """Where the timetables end."""
        return self._timetables.until

    def begin(self, timetables: Timetables, table: Ints, at: float) -> None:
        """The street begins at another instant: no change was due before."""
        self._timetables = timetables
        self._table = table
        self._counted_at = at
        self._planned_changes[:] = 0

    def planned_changes(self, at: float) -> Ints:
        """Times that each row's level should have changed up to ``at``."""
        self._planned_changes += self._timetables.changes(self._counted_at, at)[self._table]
        self._counted_at = max(at, self._counted_at)
        return self._planned_changes

    def extend(self, timetables: Timetables, table: Ints, at: float) -> None:
        """Go on with later timetables, from ``at`` on."""
        self.planned_changes(at)
        self._timetables = timetables
        self._table = table

    def expected_lit(self, at: float) -> Flags:
        """Rows that should be lit at an instant."""
        instant = np.full(len(self._table), at)
        return self._timetables.is_lit(self._timetables.piece(self._table, instant))

    def observe(
        self,
        rows: Ints,
        since: Floats,
        until: Floats,
        level_from: Floats,
        level_to: Floats,
        is_lit: Flags,
        cause: Ints,
    ) -> None:
        """Take in [since, until) of some rows, each at most once.

        The true level goes straight from ``level_from`` to ``level_to``; ``is_lit`` is what
        the lamp did, ``cause`` (`simulator.causes`) who answers for it where it is wrong.
        """
        times = self._timetables
        width = until - since
        slope = np.divide(level_to - level_from, width, out=np.zeros_like(width), where=width > 0)
        open_ = np.flatnonzero(width > 0)
        begin = since.copy()
        while open_.size:
            row, at = rows[open_], begin[open_]
            piece = times.piece(self._table[row], at)
            end = np.minimum(times.straight_until(piece, at), until[open_])
            end = np.where(end > at, end, until[open_])  # past the end of the timetables
            seconds = end - at
            lit, expected, answers = is_lit[open_], times.is_lit(piece), cause[open_]
            self.lit_as_expected_s[row] += np.where(expected & lit, seconds, 0.0)
            self.dark_s[answers, row] += np.where(expected & ~lit, seconds, 0.0)
            self.daylight_s[answers, row] += np.where(lit & ~expected, seconds, 0.0)
            self.lit_s[row] += np.where(lit, seconds, 0.0)
            over_from = level_from[open_] + slope[open_] * (at - since[open_])
            over_to = level_from[open_] + slope[open_] * (end - since[open_])
            error = _mean_distance(
                over_from - times.level(piece, at), over_to - times.level(piece, end)
            )
            self.level_error_s[row] += np.where(lit, error * seconds, 0.0)
            begin[open_] = end
            open_ = open_[end < until[open_]]


def _mean_distance(begin: Floats, end: Floats) -> Floats:
    """Mean of |x| while x goes straight from ``begin`` to ``end``."""
    same_side = begin * end >= 0
    total = np.abs(begin) + np.abs(end)
    crossing = np.divide(
        begin * begin + end * end, 2 * total, out=np.zeros_like(total), where=total > 0
    )
    return np.where(same_side, total / 2, crossing)
