"""Lighting classes of roads, as data with their sources.

A lighting class says how much light a road is owed: a maintained mean illuminance (lx) or
luminance (cd/m2) at full level, and how far it may be dimmed when traffic has gone. The
tables are data, so that a city can correct them: hand `night_floor_level` another class.

Ref: CJJ 45-2015 3.3 and 3.5 (China, urban roads); EN 13201-2:2015 tables 1 to 3.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field

from zones.models import Document, Identifier, Name, Zone


class Standard(StrEnum):
    """Where a lighting class is defined."""

    CJJ_45 = "CJJ 45-2015"
    EN_13201 = "EN 13201-2:2015"


class PowerDensityLimit(Document):
    """Highest lighting power density of a carriageway of at least so many lanes."""

    lanes_at_least: Annotated[int, Field(ge=1)]
    w_per_m2: Annotated[float, Field(gt=0, le=100)]
    """Input power of lamps and gear over the area of the carriageway, W/m2."""


class LightingClass(Document):
    """What light a road of this class is owed."""

    id: Identifier
    """Key that a zone names, such as ``CJJ45-I-high``."""
    standard: Standard
    name: Name
    illuminance_lx: Annotated[float, Field(gt=0, le=1000)] | None = None
    """Maintained mean horizontal illuminance, lx; None where the class is told in luminance."""
    luminance_cd_m2: Annotated[float, Field(gt=0, le=100)] | None = None
    """Maintained mean road surface luminance, cd/m2; None where told in illuminance."""
    night_floor_lx: Annotated[float, Field(gt=0, le=1000)] | None = None
    """Mean illuminance that dimming late at night must leave, lx; None: no floor is set."""
    power_density_limits: tuple[PowerDensityLimit, ...] = ()
    """The most lanes first; empty where the standard sets none."""
    source: Name
    """Standard, clause or table."""

    def power_density_limit(self, lanes: int) -> float | None:
        """Highest lighting power density with so many lanes, W/m2; None: none is set."""
        for limit in self.power_density_limits:
            if lanes >= limit.lanes_at_least:
                return limit.w_per_m2
        return None


def _cjj(
    grade: str,
    step: str,
    illuminance_lx: float,
    night_floor_lx: float,
    *limits: tuple[int, float],
) -> LightingClass:
    return LightingClass(
        id=f"CJJ45-{grade}-{step}",
        standard=Standard.CJJ_45,
        name=f"Road grade {grade}, {step} value",
        illuminance_lx=illuminance_lx,
        night_floor_lx=night_floor_lx,
        power_density_limits=tuple(
            PowerDensityLimit(lanes_at_least=lanes, w_per_m2=w_per_m2) for lanes, w_per_m2 in limits
        ),
        source="CJJ 45-2015, road lighting values for motor traffic; floor after dimming; "
        "power density of table 7.1.2",
    )


def _en_luminance(index: int, luminance_cd_m2: float) -> LightingClass:
    return LightingClass(
        id=f"EN13201-M{index}",
        standard=Standard.EN_13201,
        name=f"Motorised traffic M{index}",
        luminance_cd_m2=luminance_cd_m2,
        source="EN 13201-2:2015 table 1",
    )


def _en_illuminance(letter: str, index: int, illuminance_lx: float) -> LightingClass:
    name, table = {"C": ("Conflict area", 2), "P": ("Pedestrians and slow traffic", 3)}[letter]
    return LightingClass(
        id=f"EN13201-{letter}{index}",
        standard=Standard.EN_13201,
        name=f"{name} {letter}{index}",
        illuminance_lx=illuminance_lx,
        source=f"EN 13201-2:2015 table {table}",
    )


LIGHTING_CLASSES: Final[Mapping[str, LightingClass]] = MappingProxyType(
    {
        lighting_class.id: lighting_class
        for lighting_class in (
            _cjj("I", "high", 30, 10, (6, 1.00), (1, 1.20)),
            _cjj("I", "low", 20, 10, (6, 0.70), (1, 0.85)),
            _cjj("II", "high", 20, 10, (4, 0.80), (1, 0.90)),
            _cjj("II", "low", 15, 10, (4, 0.60), (1, 0.70)),
            _cjj("III", "high", 10, 8, (2, 0.50), (1, 0.60)),
            _cjj("III", "low", 8, 8, (2, 0.40), (1, 0.45)),
            *(
                _en_luminance(index, value)
                for index, value in enumerate((2.0, 1.5, 1.0, 0.75, 0.5, 0.3), 1)
            ),
            *(
                _en_illuminance("C", index, value)
                for index, value in enumerate((50, 30, 20, 15, 10, 7.5))
            ),
            *(
                _en_illuminance("P", index, value)
                for index, value in enumerate((15, 10, 7.5, 5, 3, 2), 1)
            ),
        )
    }
)
"""Every class that ships, by identifier; read only."""


def lighting_class_of(
    zone: Zone, classes: Mapping[str, LightingClass] = LIGHTING_CLASSES
) -> LightingClass | None:
    """The zone's lighting class; None where none is assigned or the key is not known."""
    return None if zone.lighting_class is None else classes.get(zone.lighting_class)


def night_floor_level(zone: Zone, classes: Mapping[str, LightingClass] = LIGHTING_CLASSES) -> float:
    """Lowest dimming level late at night, % of rated light output, 0 to 100.

    The class's floor over the zone's design illuminance (the class's own where the zone has
    none), at most 100. 0 where the zone has no class or its class sets no floor. Light is
    taken as proportional to level.
    """
    lighting_class = lighting_class_of(zone, classes)
    if lighting_class is None or lighting_class.night_floor_lx is None:
        return 0.0
    full_lx = zone.design_illuminance_lx or lighting_class.illuminance_lx
    if full_lx is None:
        return 0.0
    return min(100.0, 100.0 * lighting_class.night_floor_lx / full_lx)
