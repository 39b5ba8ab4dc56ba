"""How much of the city a reader may see: zones, as a mask over the engine's zone rows."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from fastapi import Depends

from controller.engine.columns import Flags, Ints
from controller.service.people import Caller, Right
from controller.web.api.access import require
from controller.web.api.context import Context, context
from controller.web.api.problems import no_such
from zones import Zone


@dataclass(frozen=True)
class Sight:
    """Zones that a reader may see; None: all of the city."""

    zones: frozenset[str] | None

    @property
    def is_whole(self) -> bool:
        """Whether the reader may see the whole city."""
        return self.zones is None

    def has(self, zone: str) -> bool:
        """Whether a zone may be seen."""
        return self.zones is None or zone in self.zones

    def zone_rows(self, context: Context) -> Flags:
        """Mask over the engine's zones."""
        ids = context.control.engine.columns.zone_ids
        if self.zones is None:
            return np.ones(len(ids), dtype=np.bool_)
        return np.array([one in self.zones for one in ids], dtype=np.bool_)

    def districts(self, context: Context) -> frozenset[str]:
        """Districts of which at least one zone may be seen, and those they lie in."""
        inventory = context.control.site.inventory
        if self.zones is None:
            return frozenset(inventory.district_by_id)
        found = {zone.district for zone in inventory.zones if zone.id in self.zones}
        return frozenset(outer for one in found for outer in inventory.districts_around(one))

    def zone(self, context: Context, zone_id: str) -> Zone:
        """A zone that may be seen; a foreign one is answered as one that is not there."""
        found = context.control.site.inventory.zone_by_id.get(zone_id)
        if found is None or not self.has(zone_id):
            raise no_such("zone", zone_id)
        return found

    def luminaire_row(self, context: Context, luminaire: str) -> int:
        """The engine's row of a luminaire that may be seen."""
        columns = context.control.engine.columns
        row = columns.row_of.get(luminaire)
        if row is None or not self.has(columns.zone_ids[columns.zone[row]]):
            raise no_such("luminaire", luminaire)
        return row

    def rows(self, context: Context) -> Ints:
        """The engine's rows of luminaires that may be seen, in the order of the inventory."""
        columns = context.control.engine.columns
        if self.zones is None:
            return np.arange(columns.size)
        return np.flatnonzero(self.zone_rows(context)[columns.zone])


async def sight(
    asking: Annotated[Caller, Depends(require(Right.VIEW))],
    here: Annotated[Context, Depends(context)],
) -> Sight:
    """What the reader may see; a dependency of routes."""
    return sight_of(asking, here)


def sight_of(asking: Caller, here: Context) -> Sight:
    """What somebody may see."""
    return Sight(asking.zones(Right.VIEW, here.control.site.inventory))
