"""What an edit of the documents would do: differences, energy before and after, the proof."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from schedules import Site
from schedules.difference import Difference, difference
from schedules.emission_factors import EmissionFactor
from schedules.energy.in_force import emission_factor_for
from schedules.energy.planned_cost import PlannedCost, forecast_with_cost
from schedules.forecast import Use
from schedules.proof import prove
from schedules.proof_edit import touched_zones
from schedules.proof_result import Proof

Tell = Callable[[float], None]
"""Told the share that is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Forecasts:
    """Use by district, before and after, over the same nights."""

    first: date
    nights: int
    before: Mapping[str, Use]
    after: Mapping[str, Use]
    factor: EmissionFactor | None
    """None: no grid factor is declared, and none is known for where the city lies."""
    cost_before: PlannedCost
    cost_after: PlannedCost

    @property
    def money_delta(self) -> Mapping[str, float] | None:
        """By currency: cost after less cost before; None where no tariff is known."""
        was, will = self.cost_before.by_currency, self.cost_after.by_currency
        currencies = sorted(was.keys() | will.keys())
        return {one: will.get(one, 0.0) - was.get(one, 0.0) for one in currencies} or None

    @property
    def unpriced_kwh_delta(self) -> float:
        """Of the change in energy, what has no price and is not in the money."""
        return self.cost_after.unpriced_kwh - self.cost_before.unpriced_kwh

    def of(self, district: str) -> tuple[Use, Use]:
        """Use of a district before and after."""
        return self.before.get(district, Use()), self.after.get(district, Use())


@dataclass(frozen=True, slots=True)
class Edit:
    """What replacing the documents in force would do."""

    after: Site
    change: Difference
    forecasts: Forecasts | None
    """None where nothing changes, or no nights were asked for."""
    proof: Proof | None
    """None where it was not asked for, or concerns no zone."""

    @property
    def is_unproved(self) -> bool:
        """Whether a night of it fails."""
        return self.proof is not None and not self.proof.is_proved


def weigh(
    before: Site | None,
    after: Site,
    *,
    tonight: date,
    first: date | None = None,
    nights: int = 365,
    factor: EmissionFactor | None = None,
    is_proof_wanted: bool = True,
    reckoning: Tell = lambda _: None,
    proving: Tell = lambda _: None,
) -> Edit:
    """Compare two sites, reckon their nights and prove those that may change.

    ``tonight`` is the present control day, from which the proof begins; ``first`` and
    ``nights`` say what is reckoned (from tonight unless said, 0 nights: nothing). Works long.
    """
    change = difference(before, after)
    if not change.documents:
        return Edit(after, change, None, None)
    since = first or tonight
    forecasts = None
    if nights:
        was, cost_before = (
            ({}, PlannedCost())
            if before is None
            else forecast_with_cost(before, since, nights, lambda share: reckoning(share / 2))
        )
        will, cost_after = forecast_with_cost(
            after, since, nights, lambda share: reckoning(0.5 + share / 2)
        )
        used = factor or emission_factor_for(after, tonight)
        forecasts = Forecasts(since, nights, was, will, used, cost_before, cost_after)
    zones = tuple(after.inventory.zone_by_id) if before is None else touched_zones(before, after)
    if not is_proof_wanted or not zones:
        return Edit(after, change, forecasts, None)
    proof = prove(
        after, tonight, zones=zones, tell=lambda done, to_do: proving(done / max(1, to_do))
    )
    return Edit(after, change, forecasts, proof)
