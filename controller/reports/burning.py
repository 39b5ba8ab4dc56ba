"""How long luminaires burned, and how long they should have, by zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from controller.reports.history import EnergyHistory, Progress
from controller.reports.ledger import Floats
from schedules import Site
from schedules.energy.planned import planned_nights
from zones import Zone

_DAY = timedelta(days=1)
_AT_ONCE: Final = 7
"""Nights that are read together: bounds the memory."""


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
    plan_rows = np.array([place[zone.id] for zone in zones])
    own_rows = {name: row for row, name in enumerate(planned.own_burning_s)}
    own_s = np.array([*planned.own_burning_s.values()]).reshape(len(own_rows), count)
    lamps = _Lamps(site, zones, own_rows)
    counts, burned, due_s, kept = np.zeros((4, len(zones)))
    for begun in range(0, count, _AT_ONCE):
        last = min(begun + _AT_ONCE, count) - 1
        for block in rows.night_blocks(first + begun * _DAY, first + last * _DAY):
            night = (date.fromisoformat(block.control_day) - first).days
            lamps.find(block.luminaires)
            if not lamps.there.size:
                continue
            burning = block.figures[2, lamps.there]
            should = planned.burning_s[plan_rows[lamps.zone], night]
            should[lamps.own_at] = own_s[lamps.own_row, night]
            for sums, values in (
                (counts, np.ones(burning.size)),
                (burned, burning),
                (due_s, should),
                (kept, np.minimum(burning, should)),
            ):
                sums += np.bincount(lamps.zone, weights=values, minlength=len(zones))
        progress((last + 1) / count)
    return Burning(counts.astype(np.int64), burned, due_s, kept)


class _Lamps:
    """Where the luminaires of a night belong; looked up anew where they are others."""

    def __init__(self, site: Site, zones: Sequence[Zone], own_rows: dict[str, int]) -> None:
        row_of = {zone.id: row for row, zone in enumerate(zones)}
        lamps = site.inventory.luminaires
        self._zone_of = {one.id: row_of[one.zone] for one in lamps if one.zone in row_of}
        self._own_rows = own_rows
        self._names: Sequence[str] | None = None
        self.there = self.zone = self.own_at = self.own_row = np.zeros(0, dtype=np.int64)
        """Columns of the luminaires that belong to the zones; the row of each one's zone; which
        of them follow a plan of their own, and the row of that."""

    def find(self, names: Sequence[str]) -> None:
        """Look up the luminaires of a night."""
        if names is self._names or names == self._names:
            return
        self._names = names
        zone = np.array([self._zone_of.get(name, -1) for name in names], dtype=np.int64)
        self.there = np.flatnonzero(zone >= 0)
        self.zone = zone[self.there]
        own = [self._own_rows.get(names[at], -1) for at in self.there.tolist()]
        own_row = np.array(own, dtype=np.int64)
        self.own_at = np.flatnonzero(own_row >= 0)
        self.own_row = own_row[self.own_at]
