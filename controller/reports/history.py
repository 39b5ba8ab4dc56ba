"""The account of some zones over control days, gathered from the store into arrays.

Reads a control day at a time, so that a year of a large city fits. Energies are joules.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from controller.ports.energy import IntervalBlock, NightBlock
from controller.reports.daylight import Daylight
from controller.reports.ledger import BandKey, Floats, Ledger, TariffQuarters, ZoneBand
from schedules import Site, day_bounds
from schedules.energy.figures import BandUse, Money
from schedules.energy.ladder import FIELDS, Ladder
from schedules.energy.tariffs import QUARTER_S
from zones import Zone

_DAY = timedelta(days=1)
_USED = slice(FIELDS.index("metered_j"), len(FIELDS))
_HOUR_S: Final = 3600

Progress = Callable[[float], None]
"""Told the share that is done, 0 to 1."""


class EnergyHistory(Protocol):
    """Where the account comes from."""

    def interval_blocks(self, since: int, until: int) -> Iterable[IntervalBlock]:
        """Intervals that start in [since, until), all zones of each together."""

    def night_blocks(self, first_day: date, last_day: date) -> Iterable[NightBlock]:
        """Nights of luminaires from the first control day to the last, both included."""


@dataclass(frozen=True)
class History:
    """Zones (rows) over control days (columns)."""

    zones: tuple[Zone, ...]
    first: date
    energy_j: Floats
    """Figures of `Ladder`, (zones, days, 9)."""
    has_rows: npt.NDArray[np.bool_]
    """Whether the store holds any row, (zones, days)."""
    quarters: npt.NDArray[np.int64]
    """Starts of all quarter-hours of the control days, Unix s."""
    by_tariff: tuple[TariffQuarters, ...]
    zone_money: tuple[Mapping[str, tuple[float, float]], ...]
    """By zone: currency to cost of the use and of the baseline."""
    rolled_up: int
    """Rows that cover more than a quarter-hour; their cost is spread evenly over it."""
    zone_bands: tuple[ZoneBand, ...] = ()
    """What stands behind the zones' money, in the order of the zones."""
    night_bands: Mapping[BandKey, Floats] = field(default_factory=dict)
    """What stands behind those: use and baseline at each price, (zones, days, 2)."""
    zone_unpriced_j: Floats = field(default_factory=lambda: np.zeros((0, 2)))
    """Use and baseline that no tariff prices, (zones, 2)."""
    unpriced: Mapping[int, tuple[date, date]] = field(default_factory=dict)
    """Rows of zones with energy without a price: first and last local date of it."""
    zone_daylight_j: Floats | None = None
    """Energy used in daylight beyond what was asked for, by zone; None: rows are too coarse."""

    @property
    def days(self) -> int:
        """How many control days."""
        return int(self.energy_j.shape[1])

    def day(self, column: int) -> date:
        """The control day of a column."""
        return self.first + column * _DAY

    def ladder(self, rows: Sequence[int] | None = None, column: int | None = None) -> Ladder:
        """The sum of some zones, or all, on one control day, or all."""
        chosen = self.energy_j if rows is None else self.energy_j[list(rows)]
        if column is not None:
            chosen = chosen[:, column : column + 1]
        return Ladder(*chosen.sum(axis=(0, 1)).tolist())

    def unpriced_j(self, rows: Sequence[int] | None = None) -> tuple[float, float]:
        """Energy used, and baseline, where and while no tariff was known, J."""
        chosen = self.zone_unpriced_j if rows is None else self.zone_unpriced_j[list(rows)]
        used, baseline = chosen.sum(axis=0).tolist()
        return used, baseline

    def money(self) -> tuple[Money, ...]:
        """What it cost, by currency."""
        found: dict[str, dict[tuple[str, str], BandUse]] = {}
        for group in self.by_tariff:
            if group.tariff is None:
                continue
            bands = found.setdefault(group.tariff.currency, {})
            used = group.energy_j[:, _USED].sum(axis=1)
            names = np.array(group.bands)
            for name in dict.fromkeys(one for one in group.bands if one):
                here = names == name
                bands[group.tariff.id, name] = BandUse(
                    band=name,
                    price_per_kwh=float(group.prices[here][0]),
                    energy_j=float(used[here].sum()),
                    baseline_j=float(group.energy_j[here, 0].sum()),
                )
        return tuple(Money(currency, bands) for currency, bands in sorted(found.items()))


def gather(
    site: Site,
    rows: EnergyHistory,
    zones: Sequence[Zone],
    first: date,
    count: int,
    progress: Progress = lambda _: None,
) -> History:
    """The account of zones over `count` control days from `first` on."""
    edges = [day_bounds(site.time_zone, first + n * _DAY)[0] for n in range(count)]
    edges.append(day_bounds(site.time_zone, first + (count - 1) * _DAY)[1])
    quarters = np.arange(edges[0], edges[-1], QUARTER_S, dtype=np.int64)
    energy = np.zeros((len(zones), count, len(FIELDS)))
    has_rows = np.zeros((len(zones), count), dtype=np.bool_)
    ledger, places = Ledger(site, zones, quarters.size, count), _Places(zones)
    daylight = Daylight(site, zones, first, count)
    rolled_up = 0
    is_fine = True
    for column in range(count):
        since, until = edges[column], edges[column + 1]
        night = np.zeros((len(zones), (until - since) // QUARTER_S, len(FIELDS)))
        for block in rows.interval_blocks(since, until):
            there, ours = places.of(block.zones)
            if not ours.size:
                continue
            figures = block.figures[:, there].T
            at = (block.start_at - since) // QUARTER_S
            span = min(max(block.span_s // QUARTER_S, 1), night.shape[1] - at)
            if span == 1:
                night[ours, at] += figures
            else:
                # What was rolled up is spread evenly over the quarter-hours that it covers.
                night[ours, at : at + span] += figures[:, None, :] / span
                rolled_up += ours.size
                is_fine = is_fine and block.span_s <= _HOUR_S
            has_rows[ours, column] = True
        energy[:, column] = night.sum(axis=1)
        here = slice((since - edges[0]) // QUARTER_S, (until - edges[0]) // QUARTER_S)
        ledger.enter(column, quarters[here], night, here)
        if has_rows[:, column].any():
            daylight.enter(column, quarters[here], night)
        progress((column + 1) / count)
    return History(
        zones=tuple(zones),
        first=first,
        energy_j=energy,
        has_rows=has_rows,
        quarters=quarters,
        by_tariff=tuple(table.done() for table in ledger.tables.values()),
        zone_money=ledger.zone_money(),
        zone_bands=ledger.zone_bands(),
        night_bands=ledger.nights,
        zone_unpriced_j=ledger.unpriced_j,
        unpriced=ledger.unpriced,
        zone_daylight_j=daylight.energy_j if is_fine else None,
        rolled_up=rolled_up,
    )


class _Places:
    """Which rows the zones of a block have; looked up anew where they are others."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        self._row_of = {zone.id: row for row, zone in enumerate(zones)}
        self._names: Sequence[str] | None = None
        self._found = np.zeros((2, 0), dtype=np.int64)

    def of(self, names: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Columns of the block that are asked for, and the row of each."""
        if names is not self._names and names != self._names:
            self._names = names
            pairs = [
                (column, self._row_of[name])
                for column, name in enumerate(names)
                if name in self._row_of
            ]
            self._found = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        return self._found[0], self._found[1]
