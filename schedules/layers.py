"""Which calendar a zone or luminaire follows, and within which limits."""

from collections.abc import Iterator
from functools import lru_cache
from math import ceil
from typing import NamedTuple

from schedules.models import Assignment, Layer, Limit
from schedules.site import Site
from zones import night_floor_level
from zones.models import Zone


class Limits(NamedTuple):
    """Highest floor and lowest ceiling of all layers, and where each comes from."""

    floor: float = 0.0
    ceiling: float = 100.0
    floor_from: Limit | None = None
    ceiling_from: Limit | None = None

    def apply(self, level: float) -> float:
        """The level within floor and ceiling; where they contradict, the floor."""
        return max(min(level, self.ceiling), self.floor)


def targets(site: Site, zone: Zone, luminaire_id: str | None = None) -> Iterator[tuple[Layer, str]]:
    """What the plan may name to mean this zone or luminaire, the narrowest first."""
    if luminaire_id is not None:
        yield Layer.LUMINAIRE, luminaire_id
    yield Layer.ZONE, zone.id
    yield Layer.CATEGORY, zone.category.value
    for district in site.inventory.districts_around(zone.district):
        yield Layer.DISTRICT, district
    yield Layer.CITY, site.inventory.city.id


def assignment_for(site: Site, zone: Zone, luminaire_id: str | None = None) -> Assignment | None:
    """The narrowest assignment; None where nothing is assigned."""
    assigned = site.plan.assignment_by_target
    for target in targets(site, zone, luminaire_id):
        if target in assigned:
            return assigned[target]
    return None


def limits_for(site: Site, zone: Zone, luminaire_id: str | None = None) -> Limits:
    """Limits of all layers together, the night floor of the zone's lighting class among them."""
    ceiling_from: Limit | None = None
    ceiling = 100.0
    floor_from = _class_floor(zone)
    floor = 0.0 if floor_from is None or floor_from.floor is None else floor_from.floor
    for target in targets(site, zone, luminaire_id):
        for limit in site.plan.limits_by_target.get(target, ()):
            if limit.floor is not None and limit.floor > floor:
                floor, floor_from = limit.floor, limit
            if limit.ceiling is not None and limit.ceiling < ceiling:
                ceiling, ceiling_from = limit.ceiling, limit
    return Limits(floor, ceiling, floor_from, ceiling_from)


@lru_cache(maxsize=65_536)
def _class_floor(zone: Zone) -> Limit | None:
    """What the zone's lighting class leaves late at night, as a limit; None: nothing."""
    # A level below a whole per cent is below what drivers resolve; never round down.
    floor = float(ceil(round(night_floor_level(zone), 6)))
    if not floor:
        return None
    return Limit(
        layer=Layer.ZONE,
        target=zone.id,
        floor=floor,
        reason=f"night floor of lighting class {zone.lighting_class}",
    )
