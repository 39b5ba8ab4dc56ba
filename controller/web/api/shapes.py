"""Outlines of zones and districts, worked out once an inventory, off the loop."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from zones import Inventory
from zones.outlines import Point, convex_hull


class Outlines(NamedTuple):
    """Hulls by identifier; None where there are too few points for one."""

    zones: Mapping[str, tuple[Point, ...] | None]
    districts: Mapping[str, tuple[Point, ...] | None]


class Shapes:
    """Keeps the outlines of the inventory in force."""

    def __init__(self) -> None:
        self._inventory: Inventory | None = None
        self._outlines = Outlines({}, {})
        self._working = asyncio.Lock()

    async def of(self, inventory: Inventory) -> Outlines:
        """The outlines of an inventory."""
        async with self._working:
            if self._inventory is not inventory:
                self._outlines = await asyncio.to_thread(_outlines, inventory)
                self._inventory = inventory
            return self._outlines


def _outlines(inventory: Inventory) -> Outlines:
    points: dict[str, list[Point]] = defaultdict(list)
    for luminaire in inventory.luminaires:
        points[luminaire.zone].append((luminaire.longitude, luminaire.latitude))
    hulls = {zone.id: convex_hull(points[zone.id]) for zone in inventory.zones}
    corners: dict[str, list[Point]] = defaultdict(list)
    for zone in inventory.zones:
        corners[zone.district] += hulls[zone.id]
    districts = {one.id: convex_hull(corners[one.id]) for one in inventory.districts}
    return Outlines(
        {name: _area(hull) for name, hull in hulls.items()},
        {name: _area(hull) for name, hull in districts.items()},
    )


def _area(hull: tuple[Point, ...]) -> tuple[Point, ...] | None:
    return hull if len(hull) > 2 else None
