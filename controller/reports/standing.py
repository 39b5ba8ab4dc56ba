"""Where the targets of a quarter and a year are heading, for reports and for metrics.

Accounted nights count as they are, all others as the documents plan them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from controller.reports.content import COMPLETE, EXCESS
from controller.reports.history import EnergyHistory, History, gather
from controller.reports.ledger import Floats
from schedules import Site, control_day
from schedules.energy.figures import kwh
from schedules.energy.ladder import FIELDS
from schedules.energy.outlook import Standing, baseline_nights
from schedules.energy.periods import Period, PeriodKind, period_of
from schedules.energy.planned import planned_nights
from schedules.energy.targets import Target, target_for
from zones import Zone

_BASELINE, _METERED, _MODELLED = (
    FIELDS.index(name) for name in ("baseline_j", "metered_j", "modelled_j")
)
_DAY = timedelta(days=1)
_ROUNDING = 0.001
"""Share of the longest night that is no excess in any."""
_MOST = 99.0
"""Highest share that is told."""
_OPEN_DAYS = 3
"""Control days that late readings may still change."""


class Coverage(NamedTuple):
    """How much of a baseline that the documents give was accounted."""

    share: Floats
    """Above 1 where more was accounted than the documents' luminaires can have used."""
    is_excess: npt.NDArray[np.bool_]
    """Where that is more than a rounding."""


def coverage_of(site: Site, zones: Sequence[Zone], history: History) -> Coverage:
    """By control day."""
    due = _due(site, zones, history).sum(axis=0)
    counted = history.energy_j[:, :, _BASELINE].sum(axis=0)
    return _coverage(counted, due, np.asarray(history.has_rows.any(axis=0)))


def coverage_by_zone(site: Site, zones: Sequence[Zone], history: History) -> Coverage:
    """By zone and control day."""
    counted = history.energy_j[:, :, _BASELINE]
    return _coverage(counted, _due(site, zones, history), history.has_rows)


def _due(site: Site, zones: Sequence[Zone], history: History) -> Floats:
    place = {zone.id: row for row, zone in enumerate(site.inventory.zones)}
    expected = baseline_nights(site, history.first, history.days)
    return expected[[place[zone.id] for zone in zones]]


def _coverage(counted: Floats, due: Floats, has_rows: npt.NDArray[np.bool_]) -> Coverage:
    # Where the baseline burns nothing, on a polar day, any row covers it.
    share = np.where(due > 0, counted / np.where(due > 0, due, 1.0), has_rows.astype(np.float64))
    # In the shortest of nights a minute is a large share.
    least = _ROUNDING * due.max(axis=-1, keepdims=True, initial=0.0)
    return Coverage(np.minimum(share, _MOST), counted > EXCESS * due + least)


def widened(site: Site, rows: EnergyHistory, known: History, period: Period) -> History:
    """The days of a longer period around those that are known; their sums by day alone."""
    before = (known.first - period.first_day).days
    after = period.days - before - known.days
    if not before and not after:
        return known
    parts = [known]
    if before:
        parts.insert(0, gather(site, rows, known.zones, period.first_day, before))
    if after:
        parts.append(gather(site, rows, known.zones, known.day(known.days), after))
    return History(
        zones=known.zones,
        first=period.first_day,
        energy_j=np.concatenate([one.energy_j for one in parts], axis=1),
        has_rows=np.concatenate([one.has_rows for one in parts], axis=1),
        quarters=np.zeros(0, dtype=np.int64),
        by_tariff=(),
        zone_money=(),
        rolled_up=0,
    )


def standing(
    site: Site, now: datetime, period: Period, history: History, target: Target
) -> Standing:
    """Where a target's period is heading; `history` holds the days of the whole period.

    Of a night that is accounted in part, the rest is planned.
    """
    place = {zone.id: row for row, zone in enumerate(site.inventory.zones)}
    rows = [place[zone.id] for zone in history.zones]
    planned = planned_nights(site, period.first_day, period.days).energy_j[rows].sum(axis=0)
    expected = baseline_nights(site, period.first_day, period.days)[rows].sum(axis=0)
    coverage = coverage_of(site, history.zones, history).share
    by_day = history.energy_j.sum(axis=0)
    used, baseline = by_day[:, _METERED] + by_day[:, _MODELLED], by_day[:, _BASELINE]
    rest = 1.0 - np.clip(coverage, 0.0, 1.0)
    today = control_day(now, site.time_zone)
    past = max(0, min(period.days, (today - period.first_day).days))
    accounted = coverage >= COMPLETE
    return Standing(
        target=target,
        used_kwh=kwh(float(used.sum())),
        planned_kwh=kwh(float(planned[past:] @ rest[past:])),
        unaccounted_kwh=kwh(float(planned[:past] @ rest[:past])),
        baseline_kwh=kwh(float(baseline.sum() + expected @ rest)),
        accounted_days=int(np.count_nonzero(accounted)),
        planned_days=int(np.count_nonzero(~accounted[past:])),
        unaccounted_days=int(np.count_nonzero(~accounted[:past])),
    )


@dataclass(frozen=True, slots=True)
class TargetStanding:
    """A target of a district, or of the city (None), in its present period."""

    district: str | None
    period: Period
    standing: Standing


class TargetWatch:
    """Standings of all targets of the present quarter and year, read anew where days changed.

    Not for the event loop: the first look reads the year's account.
    """

    def __init__(self, site: Site, rows: EnergyHistory) -> None:
        self._site = site
        self._rows = rows
        self._closed: dict[date, tuple[Floats, npt.NDArray[np.bool_]]] = {}
        """Energy and rows by zone of days that are read once."""

    def look(self, now: datetime) -> tuple[TargetStanding, ...]:
        """Every target's standing at an aware instant; of the city first."""
        site = self._site
        today = control_day(now, site.time_zone)
        year = period_of(PeriodKind.YEAR, today)
        if not site.plan.targets:
            return ()
        whole = self._year(year, today)
        found: list[TargetStanding] = []
        served = {zone.district for zone in site.inventory.zones}
        named: list[str | None] = [None]
        named += [one.id for one in site.inventory.districts if one.id in served]
        for district in named:
            for period in (period_of(PeriodKind.QUARTER, today), year):
                target = target_for(site.plan.targets, district, period)
                if target is not None:
                    part = _part(whole, district, period)
                    found.append(
                        TargetStanding(district, period, standing(site, now, period, part, target))
                    )
        return tuple(found)

    def _year(self, year: Period, today: date) -> History:
        zones = self._site.inventory.zones
        energy = np.zeros((len(zones), year.days, len(FIELDS)))
        has_rows = np.zeros((len(zones), year.days), dtype=np.bool_)
        for column in range(year.days):
            day = year.first_day + column * _DAY
            if day > today:
                break
            kept = self._closed.get(day)
            if kept is None:
                one = gather(self._site, self._rows, zones, day, 1)
                kept = one.energy_j[:, 0], one.has_rows[:, 0]
                if day < today - _OPEN_DAYS * _DAY:
                    self._closed[day] = kept
            energy[:, column], has_rows[:, column] = kept
        for day in [one for one in self._closed if one < year.first_day]:
            del self._closed[day]
        return History(
            zones=zones,
            first=year.first_day,
            energy_j=energy,
            has_rows=has_rows,
            quarters=np.zeros(0, dtype=np.int64),
            by_tariff=(),
            zone_money=(),
            rolled_up=0,
        )


def _part(whole: History, district: str | None, period: Period) -> History:
    """Some zones and days of a year."""
    rows = [
        row for row, zone in enumerate(whole.zones) if district is None or zone.district == district
    ]
    first = (period.first_day - whole.first).days
    days = slice(first, first + period.days)
    return History(
        zones=tuple(whole.zones[row] for row in rows),
        first=period.first_day,
        energy_j=whole.energy_j[rows][:, days],
        has_rows=whole.has_rows[rows][:, days],
        quarters=whole.quarters,
        by_tariff=(),
        zone_money=(),
        rolled_up=0,
    )
