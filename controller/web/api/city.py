"""``/city``: what stands in the city, as far as the reader may see."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated, Final

import numpy as np
from fastapi import APIRouter, Depends
from pydantic import BaseModel

from controller.config import Coordinates
from controller.web.api.context import Context, context
from controller.web.api.shapes import Outlines
from controller.web.api.sight import Sight, sight
from schedules.layers import limits_for
from schedules.site import Site
from zones.inventory.shifted import to_gcj02
from zones.outlines import Point

router = APIRouter(tags=["city"])

Outline = list[list[tuple[float, float]]]
"""Rings of [longitude, latitude], degrees."""


class DistrictModel(BaseModel):
    """A district."""

    id: str
    name: str
    name_en: str | None
    parent: str | None
    """The district it lies in."""
    center: tuple[float, float]
    outline: Outline | None


class ZoneModel(BaseModel):
    """A zone."""

    id: str
    name: str
    name_en: str | None
    district: str
    category: str
    lighting_class: str | None
    floor: float
    """Lowest level while lit, %."""
    center: tuple[float, float]
    outline: Outline | None
    luminaires: int


class CityModel(BaseModel):
    """The city and its parts."""

    id: str
    name: str
    name_en: str | None
    synthetic: bool
    time_zone: str
    revision: int
    center: tuple[float, float]
    luminaires: int
    districts: list[DistrictModel]
    zones: list[ZoneModel]
    groups: list[str]
    """Categories of zones, which overrides may name."""


@router.get("/city")
async def city(
    here: Annotated[Context, Depends(context)],
    seen: Annotated[Sight, Depends(sight)],
    coordinates: Coordinates = Coordinates.WGS84,
) -> CityModel:
    """The city, its districts and zones. Outlines are hulls of luminaires."""
    site = here.control.site
    revision = await here.revision()
    outlines = await here.shapes.of(site.inventory)
    counts = here.control.engine.columns.luminaires_in_zone.tolist()
    return await asyncio.to_thread(
        _city, site, revision, outlines, counts, here, seen, _DRAWN[coordinates]
    )


def _city(
    site: Site,
    revision: int,
    outlines: Outlines,
    counts: list[int],
    here: Context,
    seen: Sight,
    drawn: Callable[[Sequence[Point]], list[Point]],
) -> CityModel:
    inventory = site.inventory
    districts = seen.districts(here)
    zones = [
        ZoneModel(
            id=zone.id,
            name=zone.name,
            name_en=zone.name_en,
            district=zone.district,
            category=zone.category.value,
            lighting_class=zone.lighting_class,
            floor=limits_for(site, zone).floor,
            center=drawn([(zone.longitude, zone.latitude)])[0],
            outline=_rings(outlines.zones.get(zone.id), drawn),
            luminaires=count,
        )
        for zone, count in zip(inventory.zones, counts, strict=True)
        if seen.has(zone.id)
    ]
    return CityModel(
        id=inventory.city.id,
        name=inventory.city.name,
        name_en=inventory.city.name_en,
        synthetic=inventory.city.synthetic,
        time_zone=inventory.city.time_zone,
        revision=revision,
        center=drawn([(inventory.city.longitude, inventory.city.latitude)])[0],
        luminaires=sum(zone.luminaires for zone in zones),
        districts=[
            DistrictModel(
                id=one.id,
                name=one.name,
                name_en=one.name_en,
                parent=one.inside,
                center=drawn([(one.longitude, one.latitude)])[0],
                outline=_rings(outlines.districts.get(one.id), drawn),
            )
            for one in inventory.districts
            if one.id in districts
        ],
        zones=zones,
        groups=sorted({zone.category for zone in zones}),
    )


def _rings(
    hull: Sequence[Point] | None, drawn: Callable[[Sequence[Point]], list[Point]]
) -> Outline | None:
    return None if hull is None else [drawn(hull)]


def _shifted(points: Sequence[Point]) -> list[Point]:
    x, y = to_gcj02(*np.array(points, dtype=np.float64).T)
    return list(zip(x.tolist(), y.tolist(), strict=True))


_DRAWN: Final[dict[Coordinates, Callable[[Sequence[Point]], list[Point]]]] = {
    Coordinates.WGS84: list,
    Coordinates.GCJ02: _shifted,
}
