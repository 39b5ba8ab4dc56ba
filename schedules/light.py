"""When many rows are lit: sorted intervals of many lines of time in flat arrays.

A row is a line of time of its own, a zone's or an exception's. Instants are Unix seconds UTC,
intervals half-open. Knows nothing of programs and of the sun.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.grid import Floats, Instants

Rows = npt.NDArray[np.int64]

_APART = 1 << 36
"""Distance between the lines of two rows laid end to end, s: over 2,000 years."""


class Pieces(NamedTuple):
    """Intervals at a level, of any rows in any order. `night` numbers the control day."""

    row: Rows
    night: Rows
    start: Instants
    end: Instants
    level: Floats

    def only(self, which: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> "Pieces":
        """Some of them, or all in another order."""
        return Pieces(
            self.row[which],
            self.night[which],
            self.start[which],
            self.end[which],
            self.level[which],
        )


def joined(parts: Sequence[Pieces]) -> Pieces:
    """All pieces of all parts."""
    none = np.zeros(0, dtype=np.int64)
    return Pieces(
        np.concatenate([none, *(one.row for one in parts)]),
        np.concatenate([none, *(one.night for one in parts)]),
        np.concatenate([none, *(one.start for one in parts)]),
        np.concatenate([none, *(one.end for one in parts)]),
        np.concatenate([np.zeros(0), *(one.level for one in parts)]),
    )


class Cover:
    """The union of intervals, by row, and how much of a stretch of time it covers."""

    def __init__(self, row: Rows, start: Instants, end: Instants) -> None:
        line_start, line_end = row * _APART + start, row * _APART + end
        order = np.argsort(line_start, kind="stable")
        line_start, line_end = line_start[order], line_end[order]
        reach = np.maximum.accumulate(line_end)
        begins = np.ones(line_start.size, dtype=np.bool_)
        begins[1:] = line_start[1:] > reach[:-1]
        self._start = line_start[begins]
        self._end = reach[np.append(begins[1:], True)] if line_start.size else line_end
        self._before = np.concatenate([[0], np.cumsum(self._end - self._start)])

    def seconds(self, row: Rows, start: Instants, end: Instants) -> Instants:
        """Covered seconds of [start, end), where end is not before start."""
        found: Instants = self._until(row, end) - self._until(row, start)
        return found

    def _until(self, row: Rows, at: Instants) -> Instants:
        line = row * _APART + at
        index = np.searchsorted(self._start, line, side="right")
        if not self._start.size:
            return np.zeros(line.shape, dtype=np.int64)
        over = np.where(index > 0, self._end[index - 1] - line, 0)
        found: Instants = self._before[index] - np.maximum(over, 0)
        return found

    def first_gap(self, row: int, at: int) -> int:
        """The first instant from `at` on that is not covered."""
        line = row * _APART + at
        index = int(np.searchsorted(self._start, line, side="right"))
        if index and self._end[index - 1] > line:
            return int(self._end[index - 1]) - row * _APART
        return at

    def first_covered(self, row: int, at: int) -> int | None:
        """The first instant from `at` on that is covered; None where there is none."""
        if self.first_gap(row, at) > at:
            return at
        line = row * _APART + at
        index = int(np.searchsorted(self._start, line, side="left"))
        if index == self._start.size or self._start[index] >= (row + 1) * _APART:
            return None
        return int(self._start[index]) - row * _APART


def visible(pieces: Pieces) -> Pieces:
    """What is seen of the pieces, by row and time: a later night hides the earlier.

    The pieces of one night of one row do not overlap.
    """
    order = np.lexsort((pieces.start, pieces.night, pieces.row))
    sorted_ = pieces.only(order)
    overlaps = (sorted_.row[1:] == sorted_.row[:-1]) & (sorted_.end[:-1] > sorted_.start[1:])
    if not overlaps.any():
        return sorted_
    # Rare, and most often a mistake in the plan: laid piece by piece.
    tangled = np.unique(sorted_.row[1:][overlaps])
    is_tangled = np.isin(sorted_.row, tangled)
    laid = [sorted_.only(~is_tangled)]
    laid += [_laid(sorted_.only(sorted_.row == row)) for row in tangled]
    whole = joined(laid)
    return whole.only(np.lexsort((whole.start, whole.row)))


def _laid(pieces: Pieces) -> Pieces:
    line: list[tuple[int, int, int, float]] = []
    for night, start, end, level in zip(*(one.tolist() for one in pieces[1:]), strict=True):
        behind: list[tuple[int, int, int, float]] = []
        before: list[tuple[int, int, int, float]] = []
        while line and line[-1][2] > start:
            old = line.pop()
            if old[1] < start:
                before.append((old[0], old[1], start, old[3]))
            if old[2] > end:
                behind.append((old[0], max(old[1], end), old[2], old[3]))
        line += [*before, (night, start, end, level), *reversed(behind)]
    night_of, start_of, end_of, level_of = (list(column) for column in zip(*line, strict=True))
    return Pieces(
        np.full(len(line), pieces.row[0]),
        np.array(night_of),
        np.array(start_of),
        np.array(end_of),
        np.array(level_of, dtype=np.float64),
    )


def switchings(seen: Pieces) -> tuple[Rows, Instants]:
    """Rows and instants at which the level changes; `seen` is what `visible` answers."""
    light = seen.only(seen.level > 0)
    touches = np.zeros(light.row.size, dtype=np.bool_)
    touches[1:] = (light.row[1:] == light.row[:-1]) & (light.start[1:] == light.end[:-1])
    is_same = touches.copy()
    is_same[1:] &= light.level[1:] == light.level[:-1]
    ends = np.append(~touches[1:], True) if light.row.size else touches
    return (
        np.concatenate([light.row[~is_same], light.row[ends]]),
        np.concatenate([light.start[~is_same], light.end[ends]]),
    )
