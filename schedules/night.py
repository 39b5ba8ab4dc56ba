"""One control day of one program: when it is lit, and at which level.

Owns the meaning of windows, extinguish windows, steps and `min_burn`. Knows nothing of
calendars, limits and overrides. Instants are Unix seconds UTC, intervals half-open.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from schedules.day import AnchorTime, Locale, Never, anchor_time, day_bounds
from schedules.programs import ControlProgram

_DAY = timedelta(days=1)


class Lit(NamedTuple):
    """A stretch of time [start, end)."""

    start: int
    end: int


class DatedStep(NamedTuple):
    """A step with its instant on one control day."""

    at: int
    number: int
    """Its place in the program, from 0."""
    time: AnchorTime


class Segment(NamedTuple):
    """A stretch [start, end) at one level; `ramp_s` is how fast the level is reached."""

    start: int
    end: int
    level: float
    ramp_s: int


@dataclass(frozen=True, slots=True)
class Night:
    """A control day of a program at a place."""

    day: date
    program: ControlProgram
    on: AnchorTime
    off: AnchorTime
    window: Lit | None
    """None: an empty window, no burn."""
    extinguish: Lit | None
    lit: tuple[Lit, ...]
    too_short: tuple[Lit, ...]
    """Stretches that `min_burn` suppressed."""
    steps: tuple[DatedStep, ...]
    """In order of time; steps whose event does not take place are left out."""

    def is_lit(self, at: int) -> bool:
        """Whether the night burns at an instant."""
        return any(start <= at < end for start, end in self.lit)

    def step_at(self, at: int) -> DatedStep | None:
        """The step in force at an instant; None before the first."""
        index = bisect_right(self.steps, at, key=lambda step: step.at)
        return self.steps[index - 1] if index else None

    def segments(self) -> tuple[Segment, ...]:
        """The lit stretches cut at the steps, in order of time."""
        program = self.program
        found: list[Segment] = []
        for start, end in self.lit:
            begun = self.step_at(start)
            level = program.base_level if begun is None else program.step_level(begun.number)
            at, ramp_s = start, program.on_ramp_s
            for step in self.steps:
                if start < step.at < end:
                    if step.at > at:
                        found.append(Segment(at, step.at, level, ramp_s))
                    at = step.at
                    level = program.step_level(step.number)
                    ramp_s = program.steps[step.number].ramp_s
            found.append(Segment(at, end, level, ramp_s))
        return tuple(found)


def night(program: ControlProgram, locale: Locale, day: date) -> Night:
    """What a program means on a control day at a place."""
    on = anchor_time(program.window.on, locale, day)
    off = anchor_time(program.window.off, locale, day)
    day_start, day_end = day_bounds(locale.time_zone, day)
    start = _instant(on.at, day_start, day_end)
    end = _instant(off.at, day_start, day_end)
    # A night may begin or end in its neighbours' control days, no further.
    start = max(start, day_bounds(locale.time_zone, day - _DAY)[0])
    end = min(end, day_bounds(locale.time_zone, day + _DAY)[1])
    # What never comes lights nothing, though an offset put the other end past the control day.
    comes = on.at is not Never.AFTER and off.at is not Never.BEFORE
    window = Lit(start, end) if comes and start < end else None
    extinguish = _extinguish(program, locale, day)
    stretches = [] if window is None else _cut(window, extinguish)
    steps = []
    for index, step in enumerate(program.steps):
        time = anchor_time(step.at, locale, day)
        if isinstance(time.at, int):
            steps.append(DatedStep(time.at, index, time))
    steps.sort(key=lambda step: (step.at, step.number))
    return Night(
        day=day,
        program=program,
        on=on,
        off=off,
        window=window,
        extinguish=extinguish,
        lit=tuple(one for one in stretches if one.end - one.start >= program.min_burn_s),
        too_short=tuple(one for one in stretches if one.end - one.start < program.min_burn_s),
        steps=tuple(steps),
    )


def _instant(at: int | Never, day_start: int, day_end: int) -> int:
    if isinstance(at, int):
        return at
    return day_start if at is Never.BEFORE else day_end


def _extinguish(program: ControlProgram, locale: Locale, day: date) -> Lit | None:
    if program.extinguish is None:
        return None
    start = anchor_time(program.extinguish.off, locale, day).at
    end = anchor_time(program.extinguish.on, locale, day).at
    # An anchor that does not take place must not put out the street: no part-night that day.
    if isinstance(start, int) and isinstance(end, int) and start < end:
        return Lit(start, end)
    return None


def _cut(window: Lit, hole: Lit | None) -> list[Lit]:
    if hole is None or hole.end <= window.start or hole.start >= window.end:
        return [window]
    parts = [Lit(window.start, hole.start), Lit(hole.end, window.end)]
    return [part for part in parts if part.start < part.end]
