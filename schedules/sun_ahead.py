"""The sun of a whole site worked out ahead, so that compiling many nights need not wait for it.

Owns which crossings a plan may ask for. They come from the bulk form, whose answers are
those of `schedules.solar.crossing` to the second.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
from pydantic import BaseModel

from schedules.anchors import Direction, ElevationAnchor, IlluminanceAnchor, SunAnchor
from schedules.day import elevation_of
from schedules.errors import OutOfRange
from schedules.site import Site
from schedules.solar import Crossings, day_number, remember
from schedules.solar_bulk import CrossingStatus, bulk_crossings

_MARGIN = timedelta(days=3)
"""Nights reach over the days that were asked for, and solar dates lie beside local ones."""


def know_sun_ahead(site: Site, first: date, last: date) -> None:
    """Make the crossings of the site's zones from ``first`` to ``last`` cost nothing.

    Where the sun is not computed for those dates, nothing is known ahead.
    """
    try:
        remember(_ahead(site, first - _MARGIN, last + _MARGIN))
    except (OutOfRange, OverflowError):
        return


def _ahead(site: Site, first: date, last: date) -> Crossings:
    places = sorted({(zone.latitude, zone.longitude) for zone in site.inventory.zones})
    latitudes, longitudes = zip(*places, strict=True) if places else ((), ())
    days = (last - first).days + 1
    start = day_number(first)
    day_number(last)  # refuses what the sun is not computed for
    ahead: Crossings = {}
    for elevation, direction in sorted(set(_elevations(site.plan))):
        found = bulk_crossings(latitudes, longitudes, first, days, elevation, direction)
        is_rising = direction is Direction.RISING
        # The reasons why there is none are left to the scalar form: they are few.
        for row, column in np.argwhere(found.status == CrossingStatus.OK).tolist():
            key = (*places[row], start + column, elevation, is_rising)
            ahead[key] = int(found.at[row, column])
    return ahead


def _elevations(part: object) -> Iterator[tuple[float, Direction]]:
    """What the sun is asked for anywhere in a document: elevation in degrees, and which way."""
    if isinstance(part, SunAnchor | ElevationAnchor | IlluminanceAnchor):
        yield elevation_of(part)
    elif isinstance(part, BaseModel):
        for field in type(part).model_fields:
            yield from _elevations(getattr(part, field))
    elif isinstance(part, tuple):
        for one in part:
            yield from _elevations(one)
