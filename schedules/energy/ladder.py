"""The ladder: from what the baseline would have used, rung by rung, to what was used.

Each counterfactual is a night with one more measure than the one before; a rung is the
difference of two neighbours. So the rungs add up to baseline minus used whatever the
counterfactuals are, and a rung is negative where a measure used more.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final, NamedTuple, Protocol, Self


class Rung(StrEnum):
    """What a step of the ladder is owed to, from the first to the last."""

    RETROFIT = "retrofit"
    """Other lamps."""
    WINDOW = "window"
    """Hours between on and off, part-night included."""
    DIMMING = "dimming"
    """The steps of the programs."""
    CONSTANT_LIGHT = "constant_light"
    """Constant light output (CLO)."""
    RULES = "rules"
    """Sensors: dynamic rules."""
    OVERRIDES = "overrides"
    """People: overrides."""
    DEVIATION = "deviation"
    """What the street did otherwise than it was told: faults, losses, meters beside models."""


class Counted(Protocol):
    """A row of the account: joules of a zone in a quarter-hour, or sums of such rows."""

    @property
    def baseline_j(self) -> float:
        """Previous lamps, previous hours."""

    @property
    def retrofitted_j(self) -> float:
        """Present lamps, previous hours, full level."""

    @property
    def windowed_j(self) -> float:
        """Present lamps in the programs' windows, full level."""

    @property
    def dimmed_j(self) -> float:
        """With the programs' levels."""

    @property
    def clo_j(self) -> float:
        """With constant light output."""

    @property
    def ruled_j(self) -> float:
        """With dynamic rules."""

    @property
    def overridden_j(self) -> float:
        """With overrides: all that was asked for."""

    @property
    def metered_j(self) -> float:
        """Used, by meters."""

    @property
    def modelled_j(self) -> float:
        """Used, reckoned from reported level and power curve."""


FIELDS: Final = (
    "baseline_j",
    "retrofitted_j",
    "windowed_j",
    "dimmed_j",
    "clo_j",
    "ruled_j",
    "overridden_j",
    "metered_j",
    "modelled_j",
)
"""The figures of `Counted`, in order."""


class Ladder(NamedTuple):
    """Sums of rows, J; adds up."""

    baseline_j: float = 0.0
    retrofitted_j: float = 0.0
    windowed_j: float = 0.0
    dimmed_j: float = 0.0
    clo_j: float = 0.0
    ruled_j: float = 0.0
    overridden_j: float = 0.0
    metered_j: float = 0.0
    modelled_j: float = 0.0

    def plus(self, other: Counted) -> "Ladder":
        """With one more row, or the sum of others."""
        return Ladder(*(getattr(self, name) + getattr(other, name) for name in FIELDS))

    @property
    def used_j(self) -> float:
        """What was used, J."""
        return self.metered_j + self.modelled_j

    @property
    def saved_j(self) -> float:
        """Baseline minus used, J; negative where more was used."""
        return self.baseline_j - self.used_j

    @property
    def saved_ratio(self) -> float | None:
        """Saved over baseline; None where there is no baseline."""
        return self.saved_j / self.baseline_j if self.baseline_j else None

    @property
    def metered_ratio(self) -> float | None:
        """Share of what was used that meters counted; None where nothing was used."""
        return self.metered_j / self.used_j if self.used_j else None

    def steps(self) -> Iterator[tuple[Rung, float]]:
        """Each rung and its joules, positive where it saved; together `saved_j`."""
        values = (*self[:7], self.used_j)
        for rung, above, below in zip(Rung, values[:-1], values[1:], strict=True):
            yield rung, above - below

    @classmethod
    def of(cls, rows: Iterable[Counted]) -> Self:
        """The sum of rows."""
        sums = [0.0] * len(FIELDS)
        for row in rows:
            for index, name in enumerate(FIELDS):
                sums[index] += getattr(row, name)
        return cls(*sums)
