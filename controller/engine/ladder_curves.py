"""Energy over time along timetables: one lookup for many curves at any instants.

Owns the cumulated joules and lit seconds of timetables burned by lamp types. Whole ramps are
exact; within one the power is taken as a straight line of the right area. Instants are Unix
seconds UTC, energies joules of one lamp.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from controller.engine.account_power import PowerCurves
from controller.engine.columns import Floats, Ints, Rows
from schedules import SwitchingPoint

_INSTANT_BITS: Final = 41


class Lines:
    """The points of timetables, one after the other."""

    def __init__(self, timetables: Sequence[Sequence[SwitchingPoint]]) -> None:
        self.count: Ints = np.array([len(one) for one in timetables], dtype=np.int64)
        self.first: Ints = np.cumsum(self.count) - self.count
        points = [point for one in timetables for point in one]
        self.at: Ints = np.array([point.at for point in points], dtype=np.int64)
        self.level: Floats = np.array([point.level for point in points], dtype=np.float64)
        self.ramp_s: Floats = np.array([point.ramp_s for point in points], dtype=np.float64)
        self.before: Floats = np.roll(self.level, 1)
        """The level before each point; of a first point its own."""
        self.before[self.first] = self.level[self.first]


class LadderCurves:
    """Cumulated energy of ``line[i]`` burned by ``lamp_type[i]``, for every curve ``i``."""

    def __init__(
        self,
        lines: Lines,
        power: PowerCurves,
        line: Rows,
        lamp_type: Rows,
        scale: Floats,
        floor: Floats,
    ) -> None:
        count = lines.count[line]
        curve = np.repeat(np.arange(len(line)), count)
        self.first: Ints = np.cumsum(count) - count
        entry = np.arange(int(count.sum()))
        point = lines.first[line][curve] + entry - self.first[curve]
        kinds = lamp_type[curve]
        level = _scaled(lines.level[point], scale[curve], floor[curve])
        before = _scaled(lines.before[point], scale[curve], floor[curve])
        self._at: Floats = lines.at[point].astype(np.float64)
        self._key: Ints = (curve << _INSTANT_BITS) + lines.at[point]
        self._ramp_s: Floats = np.where(power.is_dimmable[kinds], lines.ramp_s[point], 0.0)
        self._power_w: Floats = power.power_w(kinds, level)
        self._before_w: Floats = power.power_w(kinds, before)
        self._mean_w: Floats = power.mean_w(kinds, before, level)
        self._is_lit = level > 0
        self.level: Floats = level
        self._cumulate()

    def _cumulate(self) -> None:
        is_last = np.zeros(len(self._at), dtype=np.bool_)
        is_last[self.first[1:] - 1] = True
        is_last[-1:] = True
        spans = np.append(np.diff(self._at), 0.0)
        spans[is_last] = 0.0
        everything = np.arange(len(self._at))
        grown = np.cumsum(self._within(everything, spans))
        lit = np.cumsum(np.where(self._is_lit, spans, 0.0))
        own = np.repeat(np.arange(len(self.first)), np.diff(np.append(self.first, len(self._at))))
        self._energy_j: Floats = _from_start(grown, self.first, own)
        self._lit_s: Floats = _from_start(lit, self.first, own)

    def scaled_by(self, factor: Floats) -> None:
        """Multiply the power of every entry; for lamps whose curve is their share of it."""
        self._power_w *= factor
        self._before_w *= factor
        self._mean_w *= factor
        self._cumulate()

    def entry_of(self, curve: Rows, at: Floats) -> Ints:
        """The point in force on each curve at the instant beside it."""
        key = (curve << _INSTANT_BITS) + np.floor(at).astype(np.int64)
        found: Ints = np.searchsorted(self._key, key, side="right") - 1
        return np.maximum(found, self.first[curve])

    def energy_j(self, curve: Rows, at: Floats) -> Floats:
        """Joules from the beginning of each curve to the instant beside it."""
        entry = self.entry_of(curve, at)
        return self._energy_j[entry] + self._within(entry, np.maximum(at - self._at[entry], 0.0))

    def lit_s(self, curve: Rows, at: Floats) -> Floats:
        """Seconds with a level above 0 from the beginning to the instant."""
        entry = self.entry_of(curve, at)
        into = np.maximum(at - self._at[entry], 0.0)
        return self._lit_s[entry] + np.where(self._is_lit[entry], into, 0.0)

    def point_at(self, entry: Ints) -> tuple[Floats, Floats]:
        """Instant and ramp of points."""
        return self._at[entry], self._ramp_s[entry]

    def instants(self, curve: Rows, since: float, until: float) -> Ints:
        """All instants of points of some curves in (since, until), rising."""
        chosen = np.zeros(len(self.first), dtype=np.bool_)
        chosen[curve] = True
        is_within = (self._at > since) & (self._at < until)
        at = self._at[is_within & chosen[self._key >> _INSTANT_BITS]]
        return np.unique(at.astype(np.int64))

    def _within(self, entry: Ints, into: Floats) -> Floats:
        """Joules of the first ``into`` seconds after points."""
        ramp_s = self._ramp_s[entry]
        ramped = np.minimum(into, ramp_s)
        bend = (self._mean_w[entry] - self._before_w[entry]) * ramped * ramped
        bent = np.divide(bend, ramp_s, out=np.zeros_like(bend), where=ramp_s > 0)
        return self._before_w[entry] * ramped + bent + self._power_w[entry] * (into - ramped)


def _scaled(level: Floats, scale: Floats, floor: Floats) -> Floats:
    """`schedules.light_output.scaled` of many."""
    given = np.minimum(100.0, np.maximum(level * scale, floor))
    return np.where((level > 0) & (scale < 1), given, level)


def _from_start(summed: Floats, first: Ints, own: Ints) -> Floats:
    """Sums before each entry, from the first entry of its curve on."""
    before = np.append(0.0, summed[:-1]) if len(summed) else summed
    return before - before[first][own]
