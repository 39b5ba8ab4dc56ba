"""What burned by day: energy of quarter-hours between sunrise and sunset that nobody asked for.

What programs, sensors and overrides ask for in daylight, a tunnel's light or a lamp that is
mended, is no waste and not counted.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from controller.reports.ledger import Floats
from schedules import Site
from schedules.anchors import SunAnchor, SunEvent
from schedules.energy.ladder import FIELDS
from schedules.energy.tariffs import QUARTER_S
from schedules.grid import Grid
from zones import Zone

_ASKED, _METERED, _MODELLED = (
    FIELDS.index(name) for name in ("overridden_j", "metered_j", "modelled_j")
)
_SUNSET, _SUNRISE = SunAnchor(event=SunEvent.SUNSET), SunAnchor(event=SunEvent.SUNRISE)


class Daylight:
    """Adds up the energy of zones while the sun is above the horizon."""

    def __init__(self, site: Site, zones: Sequence[Zone], first: date, count: int) -> None:
        latitudes = [zone.latitude for zone in zones]
        longitudes = [zone.longitude for zone in zones]
        self._grid = Grid(latitudes, longitudes, site.time_zone, first, count)
        self.energy_j: Floats = np.zeros(len(zones))
        """By zone."""

    def enter(self, column: int, starts: npt.NDArray[np.int64], night: Floats) -> None:
        """One control day: its quarter-hours, and the zones' energy in them."""
        sunset, sunrise = self._grid.anchor(_SUNSET), self._grid.anchor(_SUNRISE)
        is_before = starts[None, :] + QUARTER_S <= sunset[:, column, None]
        is_after = starts[None, :] >= sunrise[:, column, None]
        unasked = night[:, :, _METERED] + night[:, :, _MODELLED] - night[:, :, _ASKED]
        self.energy_j += np.where(is_before | is_after, np.maximum(unasked, 0.0), 0.0).sum(axis=1)
