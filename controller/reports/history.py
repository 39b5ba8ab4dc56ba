"""The account of some zones over control days, gathered from the store into arrays.

Reads a control day at a time, so that a year of a large city fits. Energies are joules.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from schedules import Site, day_bounds
from schedules.energy.figures import J_PER_KWH, BandUse, Money
from schedules.energy.in_force import tariff_for
from schedules.energy.ladder import FIELDS, Counted, Ladder
from schedules.energy.planned import planned_nights
from schedules.energy.tariffs import QUARTER_S, Priced, Tariff, prices_at
from zones import Zone

_figures = attrgetter(*FIELDS)

Floats = npt.NDArray[np.float64]

_DAY = timedelta(days=1)
_USED = slice(FIELDS.index("metered_j"), len(FIELDS))

Progress = Callable[[float], None]
"""Told the share that is done, 0 to 1."""


class Interval(Counted, Protocol):
    """A row of the account: a zone's joules in the time from `start_at` on."""

    @property
    def zone(self) -> str:
        """Its zone."""

    @property
    def start_at(self) -> int:
        """Unix seconds UTC, on the quarter-hour."""

    @property
    def span_s(self) -> int:
        """How long it is: a quarter-hour, longer where old figures were rolled up."""


class Night(Protocol):
    """A luminaire's use in one control day."""

    @property
    def luminaire(self) -> str:
        """Its identifier."""

    @property
    def control_day(self) -> str:
        """ISO date."""

    @property
    def burning_s(self) -> float:
        """Seconds with a level above 0."""


class EnergyHistory(Protocol):
    """Where the rows of the account come from."""

    def intervals(
        self, since: int, until: int, zones: Collection[str] | None = None
    ) -> Iterable[Interval]:
        """Rows that start in [since, until)."""

    def luminaire_nights(
        self, first_day: date, last_day: date, luminaires: Collection[str] | None = None
    ) -> Iterable[Night]:
        """Rows of the control days from the first to the last, both included."""


class TariffQuarters(NamedTuple):
    """The quarter-hours of the zones that pay one tariff."""

    tariff: Tariff | None
    """None: no tariff is known."""
    bands: tuple[str, ...]
    """Band of each quarter-hour; empty without a tariff."""
    prices: Floats
    """Price of a kWh in each; zero without a tariff."""
    energy_j: Floats
    """Figures of `Ladder` by quarter-hour, (quarters, 9)."""


class ZoneBand(NamedTuple):
    """What a zone used at the hours of one price of a tariff."""

    zone: int
    """Row of the zone."""
    tariff: str
    band: str
    currency: str
    price_per_kwh: float
    used_j: float
    baseline_j: float


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

    def unpriced_j(self) -> float:
        """Energy used where and while no tariff was known, J."""
        without = (one.energy_j[:, _USED].sum() for one in self.by_tariff if one.tariff is None)
        return float(sum(without))

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
    row_of = {zone.id: row for row, zone in enumerate(zones)}
    energy = np.zeros((len(zones), count, len(FIELDS)))
    has_rows = np.zeros((len(zones), count), dtype=np.bool_)
    edges = [day_bounds(site.time_zone, first + n * _DAY)[0] for n in range(count)]
    edges.append(day_bounds(site.time_zone, first + (count - 1) * _DAY)[1])
    quarters = np.arange(edges[0], edges[-1], QUARTER_S, dtype=np.int64)
    rolled_up = 0
    wanted = frozenset(row_of)
    ledger = _Ledger(site, zones, quarters.size)
    for column in range(count):
        since, until = edges[column], edges[column + 1]
        night = np.zeros((len(zones), (until - since) // QUARTER_S, len(FIELDS)))
        found = [row for row in rows.intervals(since, until, wanted) if row.zone in row_of]
        if found:
            zone_of = np.array([row_of[row.zone] for row in found])
            at = (np.array([row.start_at for row in found], dtype=np.int64) - since) // QUARTER_S
            spans = np.array([row.span_s for row in found], dtype=np.int64) // QUARTER_S
            spans = np.clip(spans, 1, night.shape[1] - at)
            figures = np.array([_figures(row) for row in found])
            is_fine = spans == 1
            np.add.at(night, (zone_of[is_fine], at[is_fine]), figures[is_fine])
            # What was rolled up is spread evenly over the quarter-hours that it covers.
            for one in np.flatnonzero(~is_fine).tolist():
                covered = slice(at[one], at[one] + spans[one])
                night[zone_of[one], covered] += figures[one] / spans[one]
            rolled_up += int(np.count_nonzero(~is_fine))
            has_rows[zone_of, column] = True
        energy[:, column] = night.sum(axis=1)
        here = slice((since - edges[0]) // QUARTER_S, (until - edges[0]) // QUARTER_S)
        ledger.enter(quarters[here], night, here)
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
        rolled_up=rolled_up,
    )


class _Table:
    """The quarter-hours of one tariff while they are gathered."""

    def __init__(self, tariff: Tariff | None, size: int) -> None:
        self.tariff = tariff
        self.bands = [""] * size
        self.prices = np.zeros(size)
        self.energy_j = np.zeros((size, len(FIELDS)))

    def done(self) -> TariffQuarters:
        return TariffQuarters(self.tariff, tuple(self.bands), self.prices, self.energy_j)


class _Paid(NamedTuple):
    """What zones used at one price, or paid in one currency."""

    used: Floats
    """By zone."""
    baseline: Floats
    has: npt.NDArray[np.bool_]
    """Zones that it is about."""


class _Ledger:
    """Puts energy under the tariffs of its zones, and adds up what it cost."""

    def __init__(self, site: Site, zones: Sequence[Zone], quarters: int) -> None:
        self.tables: dict[str | None, _Table] = {}
        self._site, self._zones, self._quarters = site, zones, quarters
        self._money: dict[str, _Paid] = {}
        self._bands: dict[tuple[str, str, float, str], _Paid] = {}
        self._groups: dict[tuple[bool, ...], list[tuple[Tariff | None, list[int]]]] = {}

    def enter(self, quarters: npt.NDArray[np.int64], night: Floats, here: slice) -> None:
        """One control day: its quarter-hours, the zones' energy in them, their place in all."""
        day = site_date(self._site, int(quarters[0]))
        # A tariff begins on a calendar date: the midnight within the control day may change it.
        cut = next(
            (
                index
                for index, at in enumerate(quarters.tolist())
                if site_date(self._site, at) != day
            ),
            quarters.size,
        )
        for part, on in ((slice(0, cut), day), (slice(cut, quarters.size), day + _DAY)):
            if part.start >= part.stop:
                continue
            where = slice(here.start + part.start, here.start + part.stop)
            for tariff, members in self._paying(on):
                key = None if tariff is None else tariff.id
                table = self.tables.setdefault(key, _Table(tariff, self._quarters))
                energy = night[members][:, part]
                table.energy_j[where] += energy.sum(axis=0)
                if tariff is not None:
                    priced = prices_at(tariff, quarters[part].tolist(), self._site.time_zone)
                    table.prices[where] = [one.price_per_kwh for one in priced]
                    table.bands[where] = [one.band for one in priced]
                    self._pay(tariff, priced, members, energy)

    def _paying(self, on: date) -> list[tuple[Tariff | None, list[int]]]:
        """Zones by the tariff that they pay on a calendar date."""
        # Between the dates on which tariffs begin, nothing changes.
        begun = tuple(one.valid_from <= on for one in self._site.plan.tariffs)
        if begun not in self._groups:
            groups: dict[str | None, tuple[Tariff | None, list[int]]] = {}
            for row, zone in enumerate(self._zones):
                tariff = tariff_for(self._site, zone, on)
                key = None if tariff is None else tariff.id
                groups.setdefault(key, (tariff, []))[1].append(row)
            self._groups[begun] = list(groups.values())
        return self._groups[begun]

    def _pay(
        self, tariff: Tariff, priced: Sequence[Priced], members: list[int], energy: Floats
    ) -> None:
        used, baseline = energy[:, :, _USED].sum(axis=2), energy[:, :, 0]
        for one in dict.fromkeys(priced):
            here = np.array([other == one for other in priced])
            used_j, baseline_j = used[:, here].sum(axis=1), baseline[:, here].sum(axis=1)
            key = tariff.id, one.band, one.price_per_kwh, tariff.currency
            self._add(self._bands.setdefault(key, self._nothing()), members, used_j, baseline_j)
            price = one.price_per_kwh / J_PER_KWH
            paid = self._money.setdefault(tariff.currency, self._nothing())
            self._add(paid, members, used_j * price, baseline_j * price)

    def _nothing(self) -> _Paid:
        count = len(self._zones)
        return _Paid(np.zeros(count), np.zeros(count), np.zeros(count, dtype=np.bool_))

    @staticmethod
    def _add(paid: _Paid, members: list[int], used: Floats, baseline: Floats) -> None:
        paid.used[members] += used
        paid.baseline[members] += baseline
        paid.has[members] = True

    def zone_money(self) -> tuple[Mapping[str, tuple[float, float]], ...]:
        """By zone: currency to cost of the use and of the baseline."""
        return tuple(
            {
                currency: (float(paid.used[row]), float(paid.baseline[row]))
                for currency, paid in self._money.items()
                if paid.has[row]
            }
            for row in range(len(self._zones))
        )

    def zone_bands(self) -> tuple[ZoneBand, ...]:
        """What stands behind that."""
        return tuple(
            ZoneBand(
                row, tariff, band, currency, price, float(paid.used[row]), float(paid.baseline[row])
            )
            for row in range(len(self._zones))
            for (tariff, band, price, currency), paid in sorted(
                self._bands.items(), key=lambda pair: pair[0]
            )
            if paid.has[row]
        )


def site_date(site: Site, at: int) -> date:
    """The local calendar date of an instant in Unix seconds."""
    return datetime.fromtimestamp(at, UTC).astimezone(site.time_zone).date()


@dataclass(frozen=True, slots=True)
class Burning:
    """Lit as planned, by zone."""

    luminaire_nights: npt.NDArray[np.int64]
    """Luminaires by nights with an account, (zones)."""
    burning_s: Floats
    """Burning seconds of all luminaires, (zones)."""
    planned_s: Floats
    """What the programs plan for the same luminaires and nights, (zones)."""
    kept_s: Floats
    """Of what was planned, what burned, (zones)."""

    def lit_ratio(self, rows: Sequence[int] | None = None) -> float | None:
        """Lit rate: burned of planned, 0 to 1; None where nothing was planned."""
        planned = self._sum(self.planned_s, rows)
        return self._sum(self.kept_s, rows) / planned if planned else None

    def mean_hours(self, rows: Sequence[int] | None = None) -> float | None:
        """Burning hours of a luminaire and night, in the mean; None without any."""
        nights = self._sum(self.luminaire_nights.astype(np.float64), rows)
        return self._sum(self.burning_s, rows) / nights / 3600 if nights else None

    def hours(self, rows: Sequence[int] | None = None) -> float:
        """Luminaire-hours."""
        return self._sum(self.burning_s, rows) / 3600

    @staticmethod
    def _sum(values: Floats, rows: Sequence[int] | None) -> float:
        return float(values.sum() if rows is None else values[list(rows)].sum())


def gather_burning(
    site: Site,
    rows: EnergyHistory,
    zones: Sequence[Zone],
    first: date,
    count: int,
    progress: Progress = lambda _: None,
) -> Burning:
    """How long the luminaires of zones burned, and how long they should have."""
    planned = planned_nights(site, first, count)
    place = {zone.id: row for row, zone in enumerate(site.inventory.zones)}
    row_of = {zone.id: row for row, zone in enumerate(zones)}
    ours = [one for one in site.inventory.luminaires if one.zone in row_of]
    zone_row = {one.id: row_of[one.zone] for one in ours}
    plan_rows = np.array([place[zone.id] for zone in zones])
    own = planned.own_burning_s
    counts, burned, due_s, kept = np.zeros((4, len(zones)))
    is_whole = len(ours) == len(site.inventory.luminaires)
    wanted = None if is_whole else frozenset(zone_row)
    for night in range(count):
        day = first + night * _DAY
        nights = [
            one for one in rows.luminaire_nights(day, day, wanted) if one.luminaire in zone_row
        ]
        if nights:
            row_of_night = np.array([zone_row[one.luminaire] for one in nights])
            burning = np.array([one.burning_s for one in nights], dtype=np.float64)
            should = planned.burning_s[plan_rows[row_of_night], night]
            if own:
                for at, one in enumerate(nights):
                    if one.luminaire in own:
                        should[at] = own[one.luminaire][night]
            for sums, values in (
                (counts, np.ones(len(nights))),
                (burned, burning),
                (due_s, should),
                (kept, np.minimum(burning, should)),
            ):
                sums += np.bincount(row_of_night, weights=values, minlength=len(zones))
        progress((night + 1) / count)
    return Burning(counts.astype(np.int64), burned, due_s, kept)
