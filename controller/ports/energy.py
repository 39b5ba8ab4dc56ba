"""What the store keeps of the energy account. All energies are joules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ASKED_FIGURES: Final = (
    "baseline_j",
    "retrofitted_j",
    "windowed_j",
    "dimmed_j",
    "clo_j",
    "ruled_j",
    "overridden_j",
)
"""The counterfactuals of the ladder, from the previous lamps to all that was asked for."""

USED_FIGURES: Final = ("metered_j", "modelled_j")


class IntervalEnergy(NamedTuple):
    """A zone in [start_at, start_at + span_s): the ladder's counterfactuals, and what was used.

    Each rung of the ladder is the difference of two neighbours, the last one that of
    `overridden_j` and `used_j`; so they add up to baseline minus used.
    """

    zone: str
    start_at: int
    """Unix seconds UTC, site time; a whole quarter-hour."""
    baseline_j: float
    """Previous lamps in their hours."""
    retrofitted_j: float
    """Present lamps in the previous hours, full level."""
    windowed_j: float
    """Present lamps in the program's window, full level."""
    dimmed_j: float
    """At the program's levels."""
    clo_j: float
    """With constant light output."""
    ruled_j: float
    """With dynamic rules."""
    overridden_j: float
    """With overrides: what was asked of the street."""
    metered_j: float
    modelled_j: float
    span_s: int = 900
    """A quarter-hour; an hour or a control day where old figures were rolled up."""

    @property
    def used_j(self) -> float:
        """Metered and modelled together, J."""
        return self.metered_j + self.modelled_j


class LuminaireNight(NamedTuple):
    """What one luminaire used in one control day, noon to noon; whole joules."""

    luminaire: str
    control_day: str
    """ISO date."""
    metered_j: float
    modelled_j: float
    burning_s: float
    """Seconds with light, by what it reported or its program."""


class IntervalBlock(NamedTuple):
    """All zones that were accounted in [start_at, start_at + span_s)."""

    start_at: int
    """Unix seconds UTC, site time; a whole quarter-hour."""
    span_s: int
    """A quarter-hour; an hour or a control day where old figures were rolled up."""
    zones: Sequence[str]
    figures: Floats
    """`ASKED_FIGURES` and `USED_FIGURES` by zone, (9, zones)."""


class NightBlock(NamedTuple):
    """All luminaires that were accounted in one control day."""

    control_day: str
    """ISO date."""
    luminaires: Sequence[str]
    figures: Floats
    """Energy metered and modelled, J, and burning seconds by luminaire, (3, luminaires)."""


class ZoneTotal(NamedTuple):
    """A zone's energy since commissioning."""

    zone: str
    baseline_j: float
    retrofitted_j: float
    windowed_j: float
    dimmed_j: float
    clo_j: float
    ruled_j: float
    overridden_j: float
    metered_j: float
    modelled_j: float
    metered_counter_j: float
    """Never falls: for counters."""
    modelled_counter_j: float
    """Never falls, though modelled energy does where a meter's word replaces it."""


class PartRecord(NamedTuple):
    """One part of a quarter-hour: figures by zones."""

    start_at: int
    part: str
    """``asked`` (`ASKED_FIGURES`) or ``used`` (`USED_FIGURES`)."""
    figures: Floats


class NightRecord(NamedTuple):
    """A night of all luminaires."""

    control_day: str
    metered_j: Floats
    modelled_j: Floats
    burning_s: Floats


@dataclass(frozen=True)
class EnergyRecord:
    """What is written of the account in one transaction."""

    zones: tuple[str, ...]
    luminaires: tuple[str, ...]
    totals: Sequence[ZoneTotal]
    parts: Sequence[PartRecord]
    nights: Sequence[NightRecord]
    columns: Mapping[str, npt.NDArray[np.generic]]
    """Arrays by luminaire; a name ends in the type, such as ``level:f4``."""
    dropped: Sequence[str]
    """Names of columns that are needed no more."""
    marks: Mapping[str, float]


@dataclass(frozen=True)
class EnergyState:
    """What the account goes on from; each array with the identifiers of its places."""

    marks: Mapping[str, float] = field(default_factory=dict)
    columns: Mapping[str, tuple[tuple[str, ...], npt.NDArray[np.generic]]] = field(
        default_factory=dict
    )
    used: Sequence[tuple[int, tuple[str, ...], Floats]] = ()
    """(start_at, zones, `USED_FIGURES` by zones) of quarter-hours that may still change."""
    asked: Sequence[tuple[int, tuple[str, ...], Floats]] = ()
    """The same with `ASKED_FIGURES` of the last quarter-hours: the open one goes on."""
