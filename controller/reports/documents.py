"""The documents behind a report's figures: which counted, how much, how well they are known."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from math import hypot

from controller.reports.content import BaselineUse, Sources, Unpriced
from controller.reports.history import History
from schedules import Site
from schedules.emission_factors import EmissionFactor
from schedules.energy.baselines import DeclaredBaseline
from schedules.energy.in_force import emission_factor_for, is_default_factor, is_default_tariff
from schedules.energy.ladder import FIELDS
from schedules.energy.previous import declared_baseline
from zones import Zone

_BASELINE = FIELDS.index("baseline_j")
_UNDECLARED_SHARE = 0.05
"""Uncertainty of a baseline that nobody declared."""


def baselines_used(site: Site, history: History) -> tuple[BaselineUse, ...]:
    """Every baseline that is in force on a control day, with what was counted against it.

    In the order of the plan; what no declared one counts comes last.
    """
    found: dict[str | None, DeclaredBaseline | None] = {}
    zones: dict[str | None, set[int]] = {}
    energy: dict[str | None, float] = {}
    for columns, in_force in _parts(site, history):
        sums = history.energy_j[:, columns, _BASELINE].sum(axis=1)
        for row, baseline in enumerate(in_force):
            key = None if baseline is None else baseline.id
            found[key] = baseline
            zones.setdefault(key, set()).add(row)
            energy[key] = energy.get(key, 0.0) + float(sums[row])
    order: list[str | None] = [*(one.id for one in site.plan.baselines), None]
    return tuple(
        BaselineUse(found[key], len(zones[key]), energy[key]) for key in order if key in found
    )


def _parts(
    site: Site, history: History
) -> Iterator[tuple[slice, Sequence[DeclaredBaseline | None]]]:
    """Columns between the dates on which baselines begin, and the zones' baselines in them."""
    days = {(one.valid_from - history.first).days for one in site.plan.baselines}
    begins = [0, *sorted(one for one in days if 0 < one < history.days), history.days]
    for begin, end in pairwise(begins):
        day = history.day(begin)
        yield slice(begin, end), [declared_baseline(site, zone, day) for zone in history.zones]


def baseline_uncertainty(used: Sequence[BaselineUse]) -> float:
    """Uncertainty of the baselines' energy together, as a share of it.

    What one document says is wrong in the same direction everywhere; of several each is as
    independent of the others as the surveys behind them.

    Ref: JCGM 100:2008 5.1.2 (combination of independent contributions).
    """
    total = sum(one.energy_j for one in used)
    shares = [
        _UNDECLARED_SHARE if one.baseline is None else one.baseline.uncertainty for one in used
    ]
    if not total:
        return max(shares)
    parts = (one.energy_j * share for one, share in zip(used, shares, strict=True))
    return hypot(*parts) / total


def factors_in(site: Site, history: History) -> tuple[EmissionFactor | None, ...]:
    """The grid factor of each control day."""
    days = (history.day(column) for column in range(history.days))
    return tuple(emission_factor_for(site, day) for day in days)


def sources(
    history: History,
    used: Sequence[BaselineUse],
    factors: Sequence[EmissionFactor | None],
    *,
    is_accounted: bool,
) -> Sources:
    """Every document that counted."""
    tariffs = [one.tariff for one in history.by_tariff if one.tariff is not None]
    by_id = {one.id: one for one in factors if one is not None}
    return Sources(
        baselines=tuple(one for one in used if one.baseline is not None),
        undeclared_zones=sum(one.zones for one in used if one.baseline is None),
        tariffs=tuple(tariffs),
        zones_without_tariff=sum(not money for money in history.zone_money),
        unpriced=_unpriced(history),
        factors=tuple(by_id.values()),
        default_tariffs=frozenset(one.id for one in tariffs if is_default_tariff(one)),
        default_factors=frozenset(one.id for one in by_id.values() if is_default_factor(one)),
        annual_is_accounted=is_accounted,
    )


def _unpriced(history: History) -> tuple[Unpriced, ...]:
    """Gaps between tariffs: zones that lack a price on the same dates together."""
    zones: dict[tuple[date, date], list[Zone]] = {}
    for row, gap in sorted(history.unpriced.items()):
        zones.setdefault(gap, []).append(history.zones[row])
    return tuple(
        Unpriced(first, last, tuple(zone.id for zone in lacking))
        for (first, last), lacking in sorted(zones.items(), key=lambda pair: pair[0])
    )
