"""Constant light output: how much of its light a lamp needs to give what was designed.

Owns the lumen depreciation of a luminaire and the `scale` of its config. A lamp gives more
light when it is new than at the end of its life, for which the street was designed; dimmed
by the scale it gives the same all its life, and the difference is saved.
"""

from datetime import date
from functools import lru_cache
from math import ceil

from schedules.site import Site
from zones.models import LampType, Luminaire

YEARLY_BURNING_H = 4100.0
"""Burning hours of a year from dusk to dawn, where a luminaire's own are not told."""

_YEAR_DAYS = 365.25


def light_state(lamp_type: LampType, burning_h: float) -> float:
    """Share of its first light that a lamp gives after so many burning hours, linear.

    From 1 down to the maintenance factor at the end of rated life, and that from there on.
    1 where the lamp type does not tell its depreciation.
    """
    if lamp_type.lumen_maintenance is None or lamp_type.rated_life_h is None:
        return 1.0
    worn = min(1.0, max(0.0, burning_h) / lamp_type.rated_life_h)
    return 1.0 - (1.0 - lamp_type.lumen_maintenance) * worn


def burning_hours(luminaire: Luminaire, day: date) -> float | None:
    """Burning hours of a luminaire on a control day, h; None where its age is not known."""
    if luminaire.installed_on is None:
        return None
    return max(0, (day - luminaire.installed_on).days) / _YEAR_DAYS * YEARLY_BURNING_H


def scale_of(site: Site, luminaire: Luminaire, day: date, burning_h: float | None = None) -> float:
    """Factor on every program level on a control day: above 0, at most 1, hundredths.

    Rounded up, so that never less light is given than designed. 1 where the lamp type has no
    constant light output, cannot dim, or the age of the luminaire is not known.
    `burning_h` are the hours that the luminaire reported; None: estimated from its age.
    """
    lamp_type = site.inventory.lamp_type_by_id[luminaire.lamp_type]
    if not has_constant_light(lamp_type):
        return 1.0
    hours = burning_hours(luminaire, day) if burning_h is None else burning_h
    return 1.0 if hours is None else _scale(lamp_type, hours)


def has_constant_light(lamp_type: LampType) -> bool:
    """Whether lamps of the type are dimmed while they give more than was designed."""
    return (
        lamp_type.is_dimmable
        and lamp_type.lumen_maintenance is not None
        and lamp_type.rated_life_h is not None
    )


@lru_cache(maxsize=65_536)
def _scale(lamp_type: LampType, hours: float) -> float:
    assert lamp_type.lumen_maintenance is not None, "asked of lamps with constant light only"
    share = lamp_type.lumen_maintenance / light_state(lamp_type, hours)
    return min(1.0, ceil(round(100 * share, 6)) / 100)


def scaled(level: float, scale: float, floor: float) -> float:
    """A program level as the luminaire gives it, %. Ref: docs/wire.md, scale and floor."""
    return min(100.0, max(level * scale, floor)) if level > 0 else 0.0
