"""What a plan will cost: its energy at the price of its hours.

The nights are those of `schedules.forecast`: programs, calendars, limits and constant light
output; no overrides, no sensors. Each zone pays its own tariff of each local calendar date.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from schedules.day import day_bounds
from schedules.energy.figures import kwh
from schedules.energy.in_force import tariff_for
from schedules.energy.tariffs import QUARTER_S, Tariff, prices_at
from schedules.forecast import LitTime, Progress, Use, each_lamp, lit_time, use_of, weighed_j
from schedules.grid import Floats, Instants
from schedules.light import Rows
from schedules.site import Site
from zones.models import Zone

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PlannedCost:
    """What the plan costs over the nights of a forecast."""

    by_currency: Mapping[str, float] = field(default_factory=dict)
    """Empty: no tariff is known."""
    unpriced_kwh: float = 0.0
    """Energy at hours and in zones without a tariff; the cost is of the rest."""


def forecast_with_cost(
    site: Site, first: date, count: int, progress: Progress = lambda _: None
) -> tuple[Mapping[str, Use], PlannedCost]:
    """Use by district over `count` control days from `first` on, and what it costs.

    Raises `OutOfRange` for years without sun.
    """
    payers = _payers(site, first, count)
    rates = _rates(site, payers)
    lit = lit_time(site, first, count, [*rates.values()], progress)
    by_rate = dict(zip(rates, _worth(site, lit, [*rates.values()]), strict=True))
    unpriced_kwh = kwh(by_rate.pop(None, 0.0))
    cost = {currency: kwh(worth) for currency, worth in by_rate.items() if currency is not None}
    return use_of(site, lit), PlannedCost(dict(sorted(cost.items())), unpriced_kwh)


class _Payers(NamedTuple):
    """Who pays which tariff when."""

    edges: Instants
    """Of the quarter-hours, one more than there are."""
    parts: tuple[slice, ...]
    """Quarter-hours between the dates on which tariffs begin."""
    lines: tuple[tuple[Tariff | None, ...], ...]
    """Tariffs by part; zones that pay the same all the time have one line."""
    line_of: Mapping[str, int]
    """By zone."""


def _payers(site: Site, first: date, count: int) -> _Payers:
    since = day_bounds(site.time_zone, first)[0]
    until = day_bounds(site.time_zone, first + (count - 1) * _DAY)[1]
    edges = np.arange(since, until + 1, QUARTER_S, dtype=np.int64)
    begins = sorted(
        {first} | {one.valid_from for one in site.plan.tariffs if one.valid_from > first}
    )
    cuts = [0, *(_quarter_of(site, edges, day) for day in begins[1:]), edges.size - 1]
    lines: dict[tuple[str | None, ...], tuple[Tariff | None, ...]] = {}
    numbers: dict[tuple[str | None, ...], int] = {}
    line_of = {}
    for zone in site.inventory.zones:
        line = tuple(tariff_for(site, zone, day) for day in begins)
        key = tuple(None if one is None else one.id for one in line)
        lines[key] = line
        line_of[zone.id] = numbers.setdefault(key, len(numbers))
    parts = tuple(slice(*pair) for pair in pairwise(cuts))
    return _Payers(edges, parts, tuple(lines.values()), line_of)


def _quarter_of(site: Site, edges: Instants, day: date) -> int:
    """Number of the first quarter-hour of a local calendar date, as far as there is one."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=site.time_zone).astimezone(UTC)
    return min(int(np.searchsorted(edges, int(midnight.timestamp()))), edges.size - 1)


@dataclass(frozen=True)
class _Rate:
    """What a second is worth, summed up from the first instant on."""

    edges: Instants
    sums: Floats
    """By line and edge."""
    line_of: Mapping[str, int]

    def __call__(self, zones: Sequence[Zone], row: Rows, start: Instants, end: Instants) -> Floats:
        """Worth of stretches of time in the zones that `row` says."""
        lines = np.array([self.line_of[zone.id] for zone in zones], dtype=np.int64)[row]
        found = np.zeros(row.size)
        for line in np.unique(lines).tolist():
            here, sums = lines == line, self.sums[line]
            found[here] = np.interp(end[here], self.edges, sums)
            found[here] -= np.interp(start[here], self.edges, sums)
        return found

    def whole(self, zone: Zone) -> float:
        """Worth of all the time in a zone."""
        return float(self.sums[self.line_of[zone.id], -1])


def _rates(site: Site, payers: _Payers) -> dict[str | None, _Rate]:
    """Price of a kWh by currency; under None 1 where and while there is no price."""
    shape = len(payers.lines), payers.edges.size - 1
    found: dict[str | None, Floats] = {}
    for row, line in enumerate(payers.lines):
        for tariff, part in zip(line, payers.parts, strict=True):
            key = None if tariff is None else tariff.currency
            of_line = found.setdefault(key, np.zeros(shape))[row]
            of_line[part] = 1.0 if tariff is None else _prices(site, tariff, payers.edges[part])
    return {
        key: _Rate(
            payers.edges,
            np.concatenate(
                [np.zeros((shape[0], 1)), np.cumsum(of_key * QUARTER_S, axis=1)], axis=1
            ),
            payers.line_of,
        )
        for key, of_key in found.items()
    }


def _prices(site: Site, tariff: Tariff, starts: Instants) -> list[float]:
    return [one.price_per_kwh for one in prices_at(tariff, starts.tolist(), site.time_zone)]


def _worth(site: Site, lit: LitTime, rates: Sequence[_Rate]) -> Iterator[float]:
    """Energy of all luminaires times the worth of its time, by rate."""
    sums = [0.0] * len(rates)
    for subject, lamp_type, number, given, (_, *weighed) in each_lamp(site, lit):
        for place, (rate, weights) in enumerate(zip(rates, weighed, strict=True)):
            whole = rate.whole(subject.zone)
            sums[place] += number * weighed_j(lamp_type, given, weights, whole)
    yield from sums
