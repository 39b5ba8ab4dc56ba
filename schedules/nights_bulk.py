"""Nights of one program at many places on many control days: `schedules.night` in numpy.

Arrays are (places or 1, days); one row stands for every place. Instants are Unix seconds
UTC, intervals half-open, and an interval whose end is not after its start is empty.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.grid import AFTER, BEFORE, Floats, Grid, Instants
from schedules.light_demand import level_of
from schedules.programs import ControlProgram

Columns = npt.NDArray[np.intp]


class Span(NamedTuple):
    """Intervals [start, end) of places and days."""

    start: Instants
    end: Instants


class Stretch(NamedTuple):
    """Intervals at the levels of one step, limits not yet applied."""

    start: Instants
    end: Instants
    level: Floats


@dataclass(frozen=True, slots=True)
class Nights:
    """Control days of one program at many places."""

    program: ControlProgram
    on: Instants
    """The on anchor; `BEFORE` or `AFTER` where it does not take place."""
    off: Instants
    window: Span
    hole: Span | None
    """The extinguish window; None where the program has none."""
    lit: tuple[Span, ...]
    """One stretch, or two around the extinguish window, in order of time."""
    too_short: tuple[Span, ...]
    """Stretches that `min_burn` suppressed."""
    step_at: Instants
    """Instants of the steps in order of time, (steps, places or 1, days)."""
    step_level: Floats
    """Their levels."""

    def is_lit(self, columns: Columns, at: Instants) -> npt.NDArray[np.bool_]:
        """Whether the night of each column burns at the instant beside it, (places, instants)."""
        found = np.zeros((1, at.size), dtype=np.bool_)
        for span in self.lit:
            found = found | ((span.start[:, columns] <= at) & (at < span.end[:, columns]))
        return found

    def level(self, columns: Columns, at: Instants) -> Floats:
        """The level of the steps, the window left out of account, (places or 1, instants)."""
        found = np.full((1, at.size), self.program.base_level)
        for step_at, step_level in zip(self.step_at, self.step_level, strict=True):
            found = np.where(step_at[:, columns] <= at, step_level[:, columns], found)
        return found

    def segments(self) -> Iterator[Stretch]:
        """The lit stretches cut at the steps, in order of time; many may be empty."""
        for start, end in self.lit:
            level: Floats = np.full((1, 1), self.program.base_level)
            begun = start
            for step_at, step_level in zip(self.step_at, self.step_level, strict=True):
                next_at = np.minimum(np.maximum(step_at, begun), np.maximum(begun, end))
                yield Stretch(begun, next_at, level)
                begun, level = next_at, step_level
            yield Stretch(begun, end, level)


def nights(program: ControlProgram, grid: Grid) -> Nights:
    """What a program means at every place on every control day of a grid."""
    on, off = grid.anchor(program.window.on), grid.anchor(program.window.off)
    window = between(on, off, grid)
    hole = _hole(program, grid)
    stretches = (window,) if hole is None else _cut(window, hole)
    shortest = max(1, program.min_burn_s)
    step_at, step_level = _steps(program, grid)
    return Nights(
        program=program,
        on=on,
        off=off,
        window=window,
        hole=hole,
        lit=tuple(_kept(one, one.end - one.start >= shortest) for one in stretches),
        too_short=tuple(_kept(one, one.end - one.start < shortest) for one in stretches),
        step_at=step_at,
        step_level=step_level,
    )


def between(on: Instants, off: Instants, grid: Grid) -> Span:
    """From one anchor to another; one that does not take place is the control day's bound."""
    start = np.maximum(_instant(on, grid), grid.bounds[None, :-3])
    end = np.minimum(_instant(off, grid), grid.bounds[None, 3:])
    # What never comes lights nothing, though an offset put the other end past the control day.
    comes = (on != AFTER) & (off != BEFORE)
    return Span(start, np.where(comes, np.maximum(end, start), start))


def _instant(at: Instants, grid: Grid) -> Instants:
    found = np.where(at == BEFORE, grid.starts, at)
    return np.where(at == AFTER, grid.ends, found)


def _hole(program: ControlProgram, grid: Grid) -> Span | None:
    if program.extinguish is None:
        return None
    start, end = grid.anchor(program.extinguish.off), grid.anchor(program.extinguish.on)
    # An anchor that does not take place must not put out the street: no part-night that day.
    takes_place = (np.abs(start) < AFTER) & (np.abs(end) < AFTER) & (start < end)
    return Span(np.where(takes_place, start, 0), np.where(takes_place, end, 0))


def _cut(window: Span, hole: Span) -> tuple[Span, ...]:
    is_cut = (hole.start < hole.end) & (hole.end > window.start) & (hole.start < window.end)
    first_end = np.where(is_cut, np.maximum(hole.start, window.start), window.end)
    second_start = np.where(is_cut, np.minimum(hole.end, window.end), window.end)
    return Span(window.start, first_end), Span(second_start, window.end)


def _kept(span: Span, is_kept: npt.NDArray[np.bool_]) -> Span:
    return Span(span.start, np.where(is_kept, span.end, span.start))


def _steps(program: ControlProgram, grid: Grid) -> tuple[Instants, Floats]:
    if not program.steps:
        return np.zeros((0, 1, grid.days), np.int64), np.zeros((0, 1, grid.days))
    times = [grid.anchor(step.at) for step in program.steps]
    rows = max(one.shape[0] for one in times)
    at = np.stack([np.broadcast_to(one, (rows, grid.days)) for one in times])
    # A step whose event does not take place never comes into force.
    at = np.where(np.abs(at) < AFTER, at, AFTER)
    order = np.argsort(at, axis=0, kind="stable")
    return np.take_along_axis(at, order, axis=0), _levels(program, grid, order)


def _levels(program: ControlProgram, grid: Grid, order: npt.NDArray[np.intp]) -> Floats:
    """Levels of the steps in order; a row for each place where they ask for light."""
    if not (program.asks_for_light and grid.zones):
        own = np.array([program.step_level(number) for number in range(len(program.steps))])
        levels: Floats = own[order]
        return levels
    each = np.array([[level_of(step, zone) for zone in grid.zones] for step in program.steps])
    shape = len(program.steps), len(grid.zones), grid.days
    spread = np.broadcast_to(each[:, :, None], shape)
    return np.take_along_axis(spread, np.broadcast_to(order, shape), axis=0)
