"""What a report holds, in numbers and documents; words and layout are the writers'.

Energies are joules inside `Ladder` and kWh where a name says so. A value that is not known is
None or `Lacking`, never a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from controller.reports.burning import Burning
from controller.reports.history import History
from schedules import Site
from schedules.emission_factors import EmissionFactor
from schedules.energy.baselines import DeclaredBaseline
from schedules.energy.density import Density
from schedules.energy.figures import J_PER_KWH, Money, Uncertainty
from schedules.energy.ladder import Ladder
from schedules.energy.outlook import Standing
from schedules.energy.periods import Period
from schedules.energy.tariffs import Tariff
from zones import Category, District, Zone

COMPLETE = 0.98
"""Share of a control day's baseline that has to be accounted for it to count as complete."""
EXCESS = 1.02
"""Share above which more was accounted than there can be: luminaires that the documents do not
know any more, or not yet."""


class DayState(StrEnum):
    """How much of a control day the account covers."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    EXCESS = "excess"
    """It accounts for more luminaires than the documents know."""
    MISSING = "missing"
    TO_COME = "to_come"
    """It has not ended yet."""


@dataclass(frozen=True, slots=True)
class DayRow:
    """One control day of the scope."""

    day: date
    ladder: Ladder
    coverage: float
    """Accounted share of the baseline that the documents give for it; over 1 where more was."""
    state: DayState


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Some zones: a zone, a category, a district or all of the scope."""

    id: str
    name: str
    name_en: str
    luminaires: int
    connected_w: float
    ladder: Ladder
    money: Mapping[str, tuple[float, float]]
    """By currency: cost of the use and of the baseline."""
    unpriced_j: tuple[float, float]
    """Use and baseline without a price, which the money leaves out."""
    emission_kg: float | None
    baseline_emission_kg: float | None
    lit_ratio: float | None
    """Lit rate, 0 to 1."""
    night_hours: float | None
    """Burning hours of a luminaire and night, in the mean."""
    daylight_j: float | None
    """Burned in daylight beyond what was asked for; None: the rows are too coarse to tell."""
    daylight_hours: float | None
    """The same as luminaire-hours at full level."""

    @property
    def is_cost_partial(self) -> bool:
        """Whether the money leaves something out."""
        return bool(self.money) and any(self.unpriced_j)


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A zone with its densities."""

    zone: Zone
    group: GroupRow
    density: Density


@dataclass(frozen=True, slots=True)
class Compared:
    """Another period beside the report's own."""

    period: Period
    ladder: Ladder
    money: tuple[Money, ...]
    unpriced_j: tuple[float, float]
    """Use and baseline without a price, which the money leaves out."""
    emission_kg: float | None
    complete_days: int
    """Of `period.days`; 0: the store holds nothing of it."""


@dataclass(frozen=True, slots=True)
class AlarmCount:
    """Alarms of one kind that were raised in the period."""

    type: str
    severity: str
    raised: int
    still_open: int


class ExcessZone(NamedTuple):
    """A zone that accounts for more luminaires than the documents know."""

    zone: str
    days: int
    coverage: float
    """The most of a day, as a share of what the documents give."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the figures are."""

    days: Mapping[DayState, tuple[date, ...]]
    quarantined: Mapping[str, int]
    """Meter readings that were not believed, by reason, since commissioning."""
    rolled_up: int
    """Rows of the account that are coarser than a quarter-hour."""
    excess: tuple["ExcessZone", ...]
    """Zones that account for more than there can be."""
    alarms: tuple[AlarmCount, ...] | None
    """None: the store keeps no alarms."""


class BaselineUse(NamedTuple):
    """A baseline and what was counted against it."""

    baseline: DeclaredBaseline | None
    """None: the plan's default hours, the lamp types' powers."""
    zones: int
    energy_j: float
    """Energy of the baseline."""


class Unpriced(NamedTuple):
    """Zones whose energy has no price on some local dates."""

    first: date
    last: date
    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """The documents behind the figures."""

    baselines: tuple[BaselineUse, ...]
    """Declared ones, all that counted."""
    undeclared_zones: int
    """Zones without a declared baseline: the plan's default hours, the lamp types' powers."""
    tariffs: tuple[Tariff, ...]
    zones_without_tariff: int
    unpriced: tuple[Unpriced, ...]
    """Gaps between the tariffs."""
    factors: tuple[EmissionFactor, ...]
    default_tariffs: frozenset[str]
    default_factors: frozenset[str]
    annual_is_accounted: bool
    """Whether D_E is of the accounted year; else of the year as the documents plan it."""


@dataclass(frozen=True)
class Report:
    """One period of one district, or of the city."""

    site: Site
    district: District | None
    """None: the whole city."""
    period: Period
    since: datetime
    """Begin, aware, in the site's time zone."""
    until: datetime
    generated_at: datetime
    nights_ahead: int
    """Control days of the period that end after `generated_at`."""
    revision: int | None
    """Of the documents; None where they came from no store."""
    history: History
    burning: Burning
    whole: GroupRow
    money: tuple[Money, ...]
    uncertainty: Uncertainty
    baseline_uncertainty: float
    density: Density
    """Of all zones with a known area together."""
    dense_zones: int
    """Zones that `density` stands for."""
    days: tuple[DayRow, ...]
    zones: tuple[ZoneRow, ...]
    districts: tuple[GroupRow, ...]
    """Of the city's report; empty in a district's."""
    categories: tuple[tuple[Category, GroupRow], ...]
    compared: tuple[Compared, ...]
    """The period before and the same a year before, as far as there is data."""
    standings: tuple[tuple[Period, Standing], ...]
    """Targets of the quarter and the year in which the period lies."""
    quality: Quality
    sources: Sources

    @property
    def ladder(self) -> Ladder:
        """The whole scope and period."""
        return self.whole.ladder

    @property
    def unpriced_j(self) -> float:
        """Energy used where and while no tariff was known; `money` stands for the rest, J."""
        return self.whole.unpriced_j[0]

    @property
    def is_provisional(self) -> bool:
        """Whether nights of the period were not over when it was made."""
        return self.nights_ahead > 0


def kwh(energy_j: float) -> float:
    """Joules as kWh."""
    return energy_j / J_PER_KWH
