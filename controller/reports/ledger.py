"""What the account costs: quarter-hours under the tariffs of their zones, added up."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schedules import Site
from schedules.energy.figures import J_PER_KWH
from schedules.energy.in_force import tariff_for
from schedules.energy.ladder import FIELDS
from schedules.energy.tariffs import Priced, Tariff, prices_at
from zones import Zone

Floats = npt.NDArray[np.float64]

_DAY = timedelta(days=1)
_USED = slice(FIELDS.index("metered_j"), len(FIELDS))


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


BandKey = tuple[str, str, float, str]
"""Tariff, band, price of a kWh, currency."""


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


class Ledger:
    """Puts energy under the tariffs of its zones, and adds up what it cost."""

    def __init__(self, site: Site, zones: Sequence[Zone], quarters: int, days: int) -> None:
        self.tables: dict[str | None, _Table] = {}
        self._site, self._zones, self._quarters = site, zones, quarters
        self._money: dict[str, _Paid] = {}
        self._bands: dict[BandKey, _Paid] = {}
        self._days = days
        self.nights: dict[BandKey, Floats] = {}
        """Use and baseline at each price, (zones, days, 2)."""
        self._groups: dict[tuple[bool, ...], list[tuple[Tariff | None, list[int]]]] = {}
        self.unpriced_j = np.zeros((len(zones), 2))
        """By zone: use and baseline that no tariff prices."""
        self.unpriced: dict[int, tuple[date, date]] = {}
        """By zone: first and last local date on which energy was used without a price."""

    def enter(
        self, column: int, quarters: npt.NDArray[np.int64], night: Floats, here: slice
    ) -> None:
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
                if tariff is None:
                    self._leave_unpriced(members, energy, on)
                else:
                    priced = prices_at(tariff, quarters[part].tolist(), self._site.time_zone)
                    table.prices[where] = [one.price_per_kwh for one in priced]
                    table.bands[where] = [one.band for one in priced]
                    self._pay(column, tariff, priced, members, energy)

    def _leave_unpriced(self, members: list[int], energy: Floats, on: date) -> None:
        sums = energy.sum(axis=1)
        self.unpriced_j[members, 0] += sums[:, _USED].sum(axis=1)
        self.unpriced_j[members, 1] += sums[:, 0]
        for row, has_any in zip(members, sums.any(axis=1).tolist(), strict=True):
            if has_any:
                self.unpriced[row] = self.unpriced.get(row, (on, on))[0], on

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
        self,
        column: int,
        tariff: Tariff,
        priced: Sequence[Priced],
        members: list[int],
        energy: Floats,
    ) -> None:
        used, baseline = energy[:, :, _USED].sum(axis=2), energy[:, :, 0]
        for one in dict.fromkeys(priced):
            here = np.array([other == one for other in priced])
            used_j, baseline_j = used[:, here].sum(axis=1), baseline[:, here].sum(axis=1)
            key = tariff.id, one.band, one.price_per_kwh, tariff.currency
            self._add(self._bands.setdefault(key, self._nothing()), members, used_j, baseline_j)
            nights = self.nights.get(key)
            if nights is None:
                nights = self.nights[key] = np.zeros((len(self._zones), self._days, 2))
            nights[members, column] += np.stack([used_j, baseline_j], axis=1)
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
