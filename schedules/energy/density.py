"""Power and energy over lit area: EN 13201-5 and CJJ 45, by zone.

A figure that needs what the zone does not tell is a `Lacking` that names the field; nothing
is guessed.

Ref: EN 13201-5:2015 clause 4 (power density indicator D_P) and 5 (annual energy consumption
indicator D_E); CJJ 45-2015 7.1.2 and table 7.1.2 (lighting power density, LPD).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from zones import LIGHTING_CLASSES, LightingClass, lighting_class_of
from zones.models import LampType, Zone

_J_PER_KWH = 3_600_000.0


class Lacking(NamedTuple):
    """A figure that is not known, and the fields of the zone that would tell it."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Density:
    """What a zone draws and uses for its area."""

    connected_w: float
    """Rated input power of its luminaires, control gear included, W."""
    area_m2: float | Lacking
    power_density: float | Lacking
    """D_P, W/(lx m2): connected power over design illuminance and area."""
    lighting_power_density: float | Lacking
    """LPD, W/m2: connected power over area."""
    limit_w_per_m2: float | Lacking | None
    """Highest LPD of its lighting class; None where the class sets none."""
    annual_kwh_per_m2: float | Lacking
    """D_E of the year that was given, kWh/m2."""

    @property
    def is_within_limit(self) -> bool | None:
        """Whether LPD keeps its limit; None where either is not known or no limit is set."""
        if isinstance(self.lighting_power_density, Lacking):
            return None
        if self.limit_w_per_m2 is None or isinstance(self.limit_w_per_m2, Lacking):
            return None
        return self.lighting_power_density <= self.limit_w_per_m2


def connected_w(lamp_types: Iterable[LampType]) -> float:
    """Rated input power of luminaires, given by the type of each, W."""
    return sum(one.rated_power_w for one in lamp_types)


def density(
    zone: Zone,
    power_w: float,
    annual_j: float,
    classes: Mapping[str, LightingClass] = LIGHTING_CLASSES,
) -> Density:
    """The densities of a zone with such a connected power and use of a year, J."""
    area = zone.lit_area_m2
    lacking = _area_fields(zone)
    if area is None:
        without = Lacking(lacking)
        illuminance = () if zone.design_illuminance_lx else ("design_illuminance_lx",)
        dense: float | Lacking = Lacking((*illuminance, *lacking))
        return Density(power_w, without, dense, without, _limit(zone, classes), without)
    if zone.design_illuminance_lx is None:
        dense = Lacking(("design_illuminance_lx",))
    else:
        dense = power_w / (zone.design_illuminance_lx * area)
    return Density(
        connected_w=power_w,
        area_m2=area,
        power_density=dense,
        lighting_power_density=power_w / area,
        limit_w_per_m2=_limit(zone, classes),
        annual_kwh_per_m2=annual_j / _J_PER_KWH / area,
    )


def _area_fields(zone: Zone) -> tuple[str, ...]:
    """What would tell the area; a zone that tells part of it is asked for the rest."""
    if zone.road_length_m is None and zone.road_width_m is None:
        return ("area_m2",)
    return ("road_length_m",) if zone.road_length_m is None else ("road_width_m",)


def _limit(zone: Zone, classes: Mapping[str, LightingClass]) -> float | Lacking | None:
    if zone.lighting_class is None:
        return Lacking(("lighting_class",))
    lighting_class = lighting_class_of(zone, classes)
    if lighting_class is None or not lighting_class.power_density_limits:
        return None
    if zone.lanes is None:
        return Lacking(("lanes",))
    return lighting_class.power_density_limit(zone.lanes)
