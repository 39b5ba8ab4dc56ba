"""From the account and the documents to a report. Reads rows, computes; writes nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import numpy as np

from controller.reports.burning import Burning, gather_burning
from controller.reports.content import (
    COMPLETE,
    AlarmCount,
    Compared,
    DayRow,
    DayState,
    ExcessZone,
    GroupRow,
    Quality,
    Report,
    ZoneRow,
)
from controller.reports.documents import baseline_uncertainty, baselines_used, factors_in, sources
from controller.reports.errors import NoData
from controller.reports.history import EnergyHistory, History, Progress, gather
from controller.reports.sentences import SAY
from controller.reports.standing import coverage_by_zone, coverage_of, standing, widened
from schedules import Site, UnknownTarget, control_day
from schedules.emission_factors import EmissionFactor
from schedules.energy.density import Density, Lacking, density
from schedules.energy.figures import emission_kg, kwh, uncertainty
from schedules.energy.ladder import FIELDS
from schedules.energy.outlook import Standing
from schedules.energy.periods import Period, PeriodKind
from schedules.energy.planned import planned_nights
from schedules.energy.targets import target_for
from zones import Category, District, Zone

_BASELINE, _METERED, _MODELLED = (
    FIELDS.index(name) for name in ("baseline_j", "metered_j", "modelled_j")
)
_HARDLY = 0.001
"""A day that is covered less than this is missing: a row at its edge is no account of it."""
_MOST_NAMED = 30
"""Districts that are named to someone who asks for one that is none."""


@dataclass(frozen=True)
class Question:
    """What is to be reported on."""

    site: Site
    period: Period
    now: datetime
    """Aware; nights that end after it are to come."""
    district: str | None = None
    revision: int | None = None
    alarms: Sequence[AlarmCount] | None = None
    quarantined: Mapping[str, int] = field(default_factory=dict)


def build(question: Question, rows: EnergyHistory, progress: Progress = lambda _: None) -> Report:
    """The report; raises `NoData` where the store holds nothing of the period,
    `UnknownTarget` for a district that is none."""
    site, period = question.site, question.period
    district = _district(site, question.district)
    zones = _zones(site, district)
    if not zones:
        where = SAY("the_city") if district is None else SAY("the_district", id=district.id)
        raise NoData(SAY("no_zones", where=where))
    history = gather(
        site, rows, zones, period.first_day, period.days, lambda share: progress(0.4 * share)
    )
    if not history.has_rows.any():
        raise NoData(_nothing(question, district))
    burning = gather_burning(
        site, rows, zones, period.first_day, period.days, lambda s: progress(0.4 + 0.2 * s)
    )
    scope = _Scope(site, zones, history, burning)
    days = _day_rows(question, scope)
    compared = tuple(
        one
        for other in (period.before(), period.year_before())
        if (one := _compared(question, scope, rows, other)) is not None
    )
    progress(0.8)
    annual, is_accounted = _annual(site, zones, period, history, days)
    zone_rows = tuple(
        ZoneRow(zone, scope.group(zone.id, zone.name, zone.name_en, [row]), dense)
        for row, (zone, dense) in enumerate(zip(zones, _densities(scope, annual), strict=True))
    )
    whole_density, dense_zones = _whole_density(zone_rows, annual)
    baselines = baselines_used(site, history)
    share = baseline_uncertainty(baselines)
    whole = scope.group(
        site.inventory.city.id if district is None else district.id,
        site.inventory.city.name if district is None else district.name,
        site.inventory.city.name_en if district is None else district.name_en,
        range(len(zones)),
    )
    standings = tuple(_standings(question, scope, district, rows))
    progress(1.0)
    since, until = period.bounds(site.time_zone)
    return Report(
        site=site,
        district=district,
        period=period,
        since=datetime.fromtimestamp(since, UTC).astimezone(site.time_zone),
        until=datetime.fromtimestamp(until, UTC).astimezone(site.time_zone),
        generated_at=question.now.astimezone(site.time_zone),
        nights_ahead=min(period.days, max(0, (period.last_day - _today(question)).days + 1)),
        revision=question.revision,
        history=history,
        burning=burning,
        whole=whole,
        money=history.money(),
        uncertainty=uncertainty(whole.ladder, site.plan.metering, share),
        baseline_uncertainty=share,
        density=whole_density,
        dense_zones=dense_zones,
        days=days,
        zones=zone_rows,
        districts=_district_rows(site, scope) if district is None else (),
        categories=tuple(_category_rows(scope)),
        compared=compared,
        standings=standings,
        quality=Quality(
            days={
                state: tuple(one.day for one in days if one.state is state) for state in DayState
            },
            quarantined=dict(question.quarantined),
            rolled_up=history.rolled_up,
            excess=_excess(site, history),
            alarms=None if question.alarms is None else tuple(question.alarms),
        ),
        sources=sources(history, baselines, scope.factors, is_accounted=is_accounted),
    )


def _district(site: Site, asked: str | None) -> District | None:
    if asked is None:
        return None
    found = site.inventory.district_by_id.get(asked)
    if found is None:
        named = [one for one in site.inventory.districts if asked in (one.name, one.name_en)]
        if named:
            raise UnknownTarget(SAY("goes_by", asked=asked, id=named[0].id))
        districts = sorted(site.inventory.districts, key=lambda one: one.id)[:_MOST_NAMED]
        known = ", ".join(f"{one.id} {one.name}" for one in districts)
        raise UnknownTarget(SAY("no_district", asked=asked, known=known))
    return found


def _zones(site: Site, district: District | None) -> tuple[Zone, ...]:
    zones = site.inventory.zones
    if district is None:
        return zones
    return tuple(zone for zone in zones if zone.district == district.id)


def _nothing(question: Question, district: District | None) -> str:
    period, today = question.period, _today(question)
    if district is None:
        said = SAY("nothing", period=period.text)
    else:
        where = SAY("the_district", id=district.id)
        said = SAY("nothing_of", where=where, period=period.text)
    if period.first_day >= today:
        return SAY("to_come", what=said, first=period.first_day, today=today)
    return said


def _today(question: Question) -> date:
    return control_day(question.now, question.site.time_zone)


def _excess(site: Site, history: History) -> tuple[ExcessZone, ...]:
    shares, is_excess = coverage_by_zone(site, history.zones, history)
    days = is_excess.sum(axis=1)
    return tuple(
        ExcessZone(zone.id, int(days[row]), float(shares[row][is_excess[row]].max()))
        for row, zone in enumerate(history.zones)
        if days[row]
    )


@dataclass(frozen=True)
class _Scope:
    """Zones of a report with what was gathered of them."""

    site: Site
    zones: tuple[Zone, ...]
    history: History
    burning: Burning
    lamps: Mapping[str, Counter[str]] = field(init=False)
    """Lamp types of each zone's luminaires, counted."""
    factors: tuple[EmissionFactor | None, ...] = field(init=False)
    """By control day."""

    def __post_init__(self) -> None:
        lamps: dict[str, Counter[str]] = {zone.id: Counter() for zone in self.zones}
        for one in self.site.inventory.luminaires:
            if one.zone in lamps:
                lamps[one.zone][one.lamp_type] += 1
        object.__setattr__(self, "lamps", lamps)
        object.__setattr__(self, "factors", factors_in(self.site, self.history))

    def connected_w(self, zone: Zone) -> float:
        types = self.site.inventory.lamp_type_by_id
        return sum(types[name].rated_power_w * n for name, n in self.lamps[zone.id].items())

    def group(self, name_id: str, name: str, name_en: str | None, rows: Sequence[int]) -> GroupRow:
        chosen = list(rows)
        money: dict[str, tuple[float, float]] = {}
        for row in chosen:
            for currency, (cost, before) in self.history.zone_money[row].items():
                had = money.get(currency, (0.0, 0.0))
                money[currency] = (had[0] + cost, had[1] + before)
        emission, baseline_emission = emissions(self.history, self.factors, chosen)
        return GroupRow(
            id=name_id,
            name=name,
            name_en=name_en or name,
            luminaires=sum(self.lamps[self.zones[row].id].total() for row in chosen),
            connected_w=sum(self.connected_w(self.zones[row]) for row in chosen),
            ladder=self.history.ladder(chosen),
            money=money,
            unpriced_j=self.history.unpriced_j(chosen),
            emission_kg=emission,
            baseline_emission_kg=baseline_emission,
            lit_ratio=self.burning.lit_ratio(chosen),
            night_hours=self.burning.mean_hours(chosen),
            **self._daylight(chosen),
        )

    def _daylight(self, rows: Sequence[int]) -> dict[str, float | None]:
        by_zone = self.history.zone_daylight_j
        if by_zone is None:
            return {"daylight_j": None, "daylight_hours": None}
        hours = 0.0
        for row in rows:
            zone = self.zones[row]
            if power_w := self.connected_w(zone):
                hours += float(by_zone[row]) / power_w * self.lamps[zone.id].total() / 3600
        return {"daylight_j": float(by_zone[list(rows)].sum()), "daylight_hours": hours}


def emissions(
    history: History, factors: Sequence[EmissionFactor | None], rows: Sequence[int]
) -> tuple[float | None, float | None]:
    """Emission of use and of baseline, each day by its own factor, kg; None where one lacks."""
    by_day = history.energy_j[list(rows)].sum(axis=0)
    used = (by_day[:, _METERED] + by_day[:, _MODELLED]).tolist()
    baseline = by_day[:, _BASELINE].tolist()
    known: list[tuple[EmissionFactor, float, float]] = []
    for factor, energy, before in zip(factors, used, baseline, strict=True):
        if factor is not None:
            known.append((factor, energy, before))
        elif energy or before:
            return None, None
    return (
        emission_kg((factor, energy) for factor, energy, _ in known),
        emission_kg((factor, before) for factor, _, before in known),
    )


def _day_rows(question: Question, scope: _Scope) -> tuple[DayRow, ...]:
    coverage = coverage_of(scope.site, scope.zones, scope.history)
    today = _today(question)
    rows = []
    for column in range(scope.history.days):
        day = scope.history.day(column)
        covered = float(coverage.share[column])
        if coverage.is_excess[column]:
            state = DayState.EXCESS
        elif day >= today:
            # The last night of a demonstration may lie ahead of the machine's clock.
            state = DayState.COMPLETE if covered >= COMPLETE else DayState.TO_COME
        elif covered < _HARDLY:
            state = DayState.MISSING
        else:
            state = DayState.COMPLETE if covered >= COMPLETE else DayState.PARTIAL
        rows.append(DayRow(day, scope.history.ladder(column=column), covered, state))
    return tuple(rows)


def _compared(
    question: Question, scope: _Scope, rows: EnergyHistory, period: Period
) -> Compared | None:
    site = question.site
    history = gather(site, rows, scope.zones, period.first_day, period.days)
    if not history.has_rows.any():
        return None
    coverage = coverage_of(site, scope.zones, history)
    whole = range(len(scope.zones))
    return Compared(
        period=period,
        ladder=history.ladder(),
        money=history.money(),
        unpriced_j=history.unpriced_j(),
        emission_kg=emissions(history, factors_in(site, history), whole)[0],
        complete_days=int(np.count_nonzero((coverage.share >= COMPLETE) & ~coverage.is_excess)),
    )


def _annual(
    site: Site, zones: Sequence[Zone], period: Period, history: History, days: Sequence[DayRow]
) -> tuple[Mapping[str, float], bool]:
    """A year's use by zone, J: accounted where the report is of a complete year, else planned."""
    if period.kind is PeriodKind.YEAR and all(one.state is DayState.COMPLETE for one in days):
        return {zone.id: history.ladder([row]).used_j for row, zone in enumerate(zones)}, True
    year = period.whole_year()
    planned = planned_nights(site, year.first_day, year.days).energy_j.sum(axis=1)
    of_zone = {zone.id: float(planned[row]) for row, zone in enumerate(site.inventory.zones)}
    return {zone.id: of_zone[zone.id] for zone in zones}, False


def _densities(scope: _Scope, annual: Mapping[str, float]) -> Iterable[Density]:
    return (density(zone, scope.connected_w(zone), annual[zone.id]) for zone in scope.zones)


def _whole_density(rows: Sequence[ZoneRow], annual: Mapping[str, float]) -> tuple[Density, int]:
    """Densities of all zones with a known area together; D_P of those with illuminance too.

    Ref: EN 13201-5:2015 4.2: D_P of several areas is power over the sum of lx m2.
    """
    known = [one for one in rows if not isinstance(one.density.area_m2, Lacking)]
    area = sum(one.zone.lit_area_m2 or 0.0 for one in known)
    power = sum(one.group.connected_w for one in known)
    lit = [one for one in known if not isinstance(one.density.power_density, Lacking)]
    lumen = sum((one.zone.design_illuminance_lx or 0) * (one.zone.lit_area_m2 or 0) for one in lit)
    lacking = Lacking(("area_m2",))
    return Density(
        connected_w=power,
        area_m2=area if known else lacking,
        power_density=(
            sum(one.group.connected_w for one in lit) / lumen
            if lumen
            else Lacking(("design_illuminance_lx", "area_m2"))
        ),
        lighting_power_density=power / area if known else lacking,
        limit_w_per_m2=None,
        annual_kwh_per_m2=(
            sum(kwh(annual[one.zone.id]) for one in known) / area if known else lacking
        ),
    ), len(known)


def _district_rows(site: Site, scope: _Scope) -> tuple[GroupRow, ...]:
    rows: dict[str, list[int]] = {}
    for row, zone in enumerate(scope.zones):
        rows.setdefault(zone.district, []).append(row)
    return tuple(
        scope.group(one.id, one.name, one.name_en, rows[one.id])
        for one in site.inventory.districts
        if one.id in rows
    )


def _category_rows(scope: _Scope) -> Iterable[tuple[Category, GroupRow]]:
    rows: dict[Category, list[int]] = {}
    for row, zone in enumerate(scope.zones):
        rows.setdefault(zone.category, []).append(row)
    for category in Category:
        if category in rows:
            yield category, scope.group(category.value, category.value, None, rows[category])


def _standings(
    question: Question, scope: _Scope, district: District | None, rows: EnergyHistory
) -> Iterable[tuple[Period, Standing]]:
    """Targets of the quarter and of the year in which the period lies."""
    site, period = question.site, question.period
    name = None if district is None else district.id
    history = scope.history
    for whole in (period.quarter(), period.whole_year()):
        target = None if whole is None else target_for(site.plan.targets, name, whole)
        if whole is None or target is None:
            continue
        history = widened(site, rows, history, whole)
        yield whole, standing(site, question.now, whole, history, target)
