"""Figures of the account: energy, money, emission, uncertainty.

Pure arithmetic on sums of the account and on documents. Energy comes in joules and goes out in
kilowatt-hours; money in the tariff's currency; mass in kilograms.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import hypot
from typing import Final

from schedules.emission_factors import EmissionFactor
from schedules.energy.ladder import Ladder
from schedules.models import Metering

J_PER_KWH: Final = 3_600_000.0


def kwh(energy_j: float) -> float:
    """Joules as kilowatt-hours."""
    return energy_j / J_PER_KWH


@dataclass(frozen=True, slots=True)
class BandUse:
    """Energy and cost at the hours of one price."""

    band: str
    price_per_kwh: float
    energy_j: float
    baseline_j: float

    @property
    def cost(self) -> float:
        """Cost of what was used, in the tariff's currency."""
        return kwh(self.energy_j) * self.price_per_kwh

    @property
    def baseline_cost(self) -> float:
        """Cost of what the baseline would have used."""
        return kwh(self.baseline_j) * self.price_per_kwh


@dataclass(frozen=True, slots=True)
class Money:
    """What energy cost in one currency, by tariff and band."""

    currency: str
    bands: Mapping[tuple[str, str], BandUse] = field(default_factory=dict)
    """By tariff and band."""

    @property
    def cost(self) -> float:
        """Cost of what was used."""
        return sum(one.cost for one in self.bands.values())

    @property
    def baseline_cost(self) -> float:
        """Cost of what the baseline would have used."""
        return sum(one.baseline_cost for one in self.bands.values())

    @property
    def saved(self) -> float:
        """Cost of the baseline less cost of the use; negative where more was paid."""
        return self.baseline_cost - self.cost


def emission_kg(by_factor: Iterable[tuple[EmissionFactor, float]]) -> float:
    """Emission of amounts of energy, J, each by the factor of its days, kg."""
    return sum(factor.mass_kg(energy_j) for factor, energy_j in by_factor)


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Expanded uncertainties (about 95 %), J.

    Meters, and the models beside them, are taken as wrong in the same direction all together,
    which is the worst case; use and baseline as independent of each other.
    """

    used_j: float
    saved_j: float


def uncertainty(ladder: Ladder, metering: Metering, baseline_share: float) -> Uncertainty:
    """How well use and saving are known; `baseline_share` is the baseline's own, 0 to 1.

    Ref: JCGM 100:2008 5.1.2 (combination of independent contributions).
    """
    used_j = hypot(
        ladder.metered_j * metering.metered_uncertainty,
        ladder.modelled_j * metering.modelled_uncertainty,
    )
    return Uncertainty(used_j, hypot(used_j, ladder.baseline_j * baseline_share))
