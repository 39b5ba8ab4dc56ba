"""Targets of districts and of the city, for a year or a quarter, as documents."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from schedules.energy.baselines import Note
from schedules.energy.periods import Period, PeriodKind
from schedules.sentences import SAY
from zones.models import Document, Identifier, Name
from zones.sentences import thing_said

Share = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]


class WarningLevel(StrEnum):
    """How the end of the period looks from here."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


class TargetPeriod(StrEnum):
    """What a target is for."""

    YEAR = "year"
    QUARTER = "quarter"


class Target(Document):
    """At most so many kWh, or at least such a share saved of the baseline, in a period."""

    id: Identifier
    name: Name | None = None
    district: Identifier | None = None
    """None: the whole city."""
    period: TargetPeriod = TargetPeriod.YEAR
    year: Annotated[int, Field(ge=1970, le=2200)] | None = None
    """None: every year that has no target of its own."""
    quarter: Annotated[int, Field(ge=1, le=4)] | None = None
    """1 to 4 of a quarterly target; None: every quarter that has none of its own."""
    energy_kwh: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Highest use in the period, kWh."""
    saved_ratio: Share | None = None
    """Lowest saving, as a share of the baseline of the same period."""
    yellow_above: Annotated[float, Field(gt=0, le=2, allow_inf_nan=False)] = 1.0
    """Yellow where the forecast is above this share of what the target allows."""
    red_above: Annotated[float, Field(gt=0, le=3, allow_inf_nan=False)] = 1.05
    """Red where it is above this share."""
    source: Note = ""
    author: Annotated[str, Field(max_length=100)] = ""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        where = SAY("of", kind=thing_said("target"), id=self.id)
        if (self.energy_kwh is None) == (self.saved_ratio is None):
            raise ValueError(SAY("target_says_one", where=where))
        if self.quarter is not None and self.period is not TargetPeriod.QUARTER:
            raise ValueError(SAY("target_quarter", where=where, quarter=self.quarter))
        if self.yellow_above > self.red_above:
            raise ValueError(
                SAY(
                    "target_colours",
                    where=where,
                    yellow=self.yellow_above,
                    red=self.red_above,
                )
            )
        return self

    def allowed_kwh(self, baseline_kwh: float) -> float:
        """The most that may be used in a period with such a baseline, kWh."""
        if self.energy_kwh is not None:
            return self.energy_kwh
        assert self.saved_ratio is not None, "validated: one of the two"
        return baseline_kwh * (1 - self.saved_ratio)

    def level(self, forecast_kwh: float, baseline_kwh: float) -> WarningLevel:
        """Green, yellow or red by the forecast use at the end of the period."""
        allowed = self.allowed_kwh(baseline_kwh)
        if forecast_kwh > allowed * self.red_above:
            return WarningLevel.RED
        if forecast_kwh > allowed * self.yellow_above:
            return WarningLevel.YELLOW
        return WarningLevel.GREEN


def target_for(targets: Iterable[Target], district: str | None, period: Period) -> Target | None:
    """The target of a district, or of the city, for a quarter or a year; None: there is none.

    Of several the one that names year and quarter, then the quarter, then the year.
    """
    if period.kind is PeriodKind.MONTH:
        return None
    found = [
        one
        for one in targets
        if one.district == district
        and one.period.value == period.kind.value
        and one.year in (None, period.year)
        and one.quarter in (None, period.number)
    ]
    return max(
        found, key=lambda one: (one.year is not None) + 2 * (one.quarter is not None), default=None
    )
