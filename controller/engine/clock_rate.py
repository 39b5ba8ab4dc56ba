"""How the wall clock ran in the last seconds, beside a clock that never jumps."""

from collections import deque
from itertools import pairwise
from statistics import median
from typing import NamedTuple

_LOOK_BACK_S = 4.0
_ENOUGH_S = 3.0
_LEAST_SAMPLES = 3
_JUMP_S = 0.5


class Sample(NamedTuple):
    """Both clocks of the machine, read at one moment."""

    wall: float
    """Unix seconds UTC, as the machine believes; may jump, stop and run at any rate."""
    steady: float
    """Machine seconds from an arbitrary origin; counts suspends, is never set."""


class ClockRate:
    """Samples of the last four seconds."""

    def __init__(self, first: Sample) -> None:
        self._samples = deque([first])

    @property
    def last(self) -> Sample:
        """The newest sample."""
        return self._samples[-1]

    def add(self, sample: Sample) -> float:
        """Take a sample later than the last; returns by how much wall time jumped, s."""
        jump = sample.wall - self.last.wall - (sample.steady - self.last.steady)
        self._samples.append(sample)
        # One older than the look-back stays: together they span all of it.
        while len(self._samples) > 2 and sample.steady - self._samples[1].steady >= _LOOK_BACK_S:
            self._samples.popleft()
        return jump

    @property
    def is_known(self) -> bool:
        """True once the samples say how fast the clock runs."""
        span = self.last.steady - self._samples[0].steady
        return span >= _ENOUGH_S and len(self._samples) > _LEAST_SAMPLES

    @property
    def excess(self) -> float:
        """Rate of wall time minus 1: 0.1 is 10 % fast, -1 stands still. 0 while not known.

        The median over the samples, so that one jump is no rate.
        """
        return median(self._rates()) if self.is_known else 0.0

    @property
    def excess_lately(self) -> float:
        """As `excess`, of the last three samples."""
        rates = self._rates()[-3:]
        return median(rates) if rates else 0.0

    @property
    def has_jumped(self) -> bool:
        """True where wall time jumped by more than half a second lately."""
        return any(abs(jump) > _JUMP_S for jump in self._jumps())

    def _pairs(self) -> list[tuple[Sample, Sample]]:
        return list(pairwise(self._samples))

    def _jumps(self) -> list[float]:
        return [
            (after.wall - before.wall) - (after.steady - before.steady)
            for before, after in self._pairs()
        ]

    def _rates(self) -> list[float]:
        return [
            jump / (after.steady - before.steady)
            for jump, (before, after) in zip(self._jumps(), self._pairs(), strict=True)
        ]
