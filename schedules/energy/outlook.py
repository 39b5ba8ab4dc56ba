"""The end of a period as it looks from here: used so far and the planned nights to come.

Owns the planned baseline of coming nights and the standing of a target. Planned use is
`schedules.forecast`: programs, calendars, limits and constant light; no overrides, no sensors.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from schedules.energy.previous import baseline_chooser, declared_baseline, previous_power_w
from schedules.energy.targets import Target, WarningLevel
from schedules.grid import Floats, Grid
from schedules.nights_bulk import nights
from schedules.programs import ControlProgram
from schedules.site import Site
from zones.models import Zone

_DAY = timedelta(days=1)
_ASSESSABLE = 0.8
"""Share of a period's past nights that have to be accounted for a warning level to mean much."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A target and where its period is heading."""

    target: Target
    used_kwh: float
    """Of the nights with an account."""
    planned_kwh: float
    """Of the nights to come, as the documents plan them."""
    unaccounted_kwh: float
    """Of past nights without an account, and of the parts that lack one: as planned."""
    baseline_kwh: float
    """Of the whole period, accounted and planned alike."""
    accounted_days: int
    planned_days: int
    unaccounted_days: int
    """Past nights without an account, or with a part of one."""

    @property
    def forecast_kwh(self) -> float:
        """Use at the end of the period."""
        return self.used_kwh + self.unaccounted_kwh + self.planned_kwh

    @property
    def allowed_kwh(self) -> float:
        """What the target allows for the period."""
        return self.target.allowed_kwh(self.baseline_kwh)

    @property
    def shortfall_kwh(self) -> float:
        """How far the forecast is over what is allowed; 0 where it is not."""
        return max(0.0, self.forecast_kwh - self.allowed_kwh)

    @property
    def is_assessable(self) -> bool:
        """Whether enough of the past nights is accounted; else the level is mostly the plan's."""
        past = self.accounted_days + self.unaccounted_days
        return self.accounted_days > 0 and self.accounted_days >= _ASSESSABLE * past

    @property
    def level(self) -> WarningLevel:
        """Green, yellow or red."""
        return self.target.level(self.forecast_kwh, self.baseline_kwh)


def baseline_nights(site: Site, first: date, count: int) -> Floats:
    """What the baseline uses by zone (rows, as in the inventory) and control day, J.

    `count` control days from `first` on; raises `OutOfRange` for years without sun.
    """
    full_s = _full_load_s(site, site.inventory.zones, first, count)
    lamps: dict[str, Counter[str]] = {zone.id: Counter() for zone in site.inventory.zones}
    for luminaire in site.inventory.luminaires:
        lamps[luminaire.zone][luminaire.lamp_type] += 1
    for row, zone in enumerate(site.inventory.zones):
        full_s[row] *= _power_w(site, zone, lamps[zone.id], first, count)
    return full_s


def _power_w(site: Site, zone: Zone, lamps: Mapping[str, int], first: date, count: int) -> Floats:
    """Power of the previous lamps of a zone at full level by night, W."""
    types = site.inventory.lamp_type_by_id
    known: dict[str | None, float] = {}
    powers = np.zeros(count)
    for night in range(count):
        baseline = declared_baseline(site, zone, first + night * _DAY)
        key = None if baseline is None else baseline.id
        if key not in known:
            known[key] = sum(
                number * previous_power_w(baseline, zone, types[lamp])
                for lamp, number in lamps.items()
            )
        powers[night] = known[key]
    return powers


def _full_load_s(site: Site, zones: Sequence[Zone], first: date, count: int) -> Floats:
    """Seconds at level 100 that the previous hours come to, by zone and night."""
    found = np.zeros((len(zones), count))
    if not zones or not count:
        return found
    grid = Grid(
        [zone.latitude for zone in zones],
        [zone.longitude for zone in zones],
        site.time_zone,
        first,
        count,
        zones,
    )
    cells_of: dict[ControlProgram, list[tuple[int, int]]] = {}
    for row, zone in enumerate(zones):
        choose = baseline_chooser(site, zone)
        # Hashing a program takes far longer than a night, and a zone has few.
        of_zone: dict[int, list[tuple[int, int]]] = {}
        for night in range(count):
            program = choose(first + night * _DAY)
            if id(program) not in of_zone:
                of_zone[id(program)] = cells_of.setdefault(program, [])
            of_zone[id(program)].append((row, night))
    for program, cells in cells_of.items():
        load = np.zeros((len(zones), count))
        for start, end, level in nights(program, grid).segments():
            lasting = np.maximum(end - start, 0) * level / 100
            load += np.broadcast_to(lasting, load.shape)
        rows, columns = (np.array(one) for one in zip(*cells, strict=True))
        found[rows, columns] = load[rows, columns]
    return found
