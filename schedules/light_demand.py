"""Lux-first: the level that gives a zone the light that a step asks for.

Owns the arithmetic from a lighting class or an illuminance to a dimming level. A zone's
design illuminance is a maintained one, what its lamps give at the end of their maintenance
cycle; constant light output (`schedules.light_output`) takes off what newer lamps give
beyond it. So the level that is asked for is the same over the years.
"""

from collections.abc import Mapping
from math import ceil
from typing import Final

from schedules.programs import ControlProgram, Step
from zones import LIGHTING_CLASSES, LightingClass, lighting_class_of
from zones.models import Zone

LX_PER_CD_M2: Final = 15.0
"""Mean illuminance for a mean luminance of 1 cd/m2 on asphalt. Ref: CJJ 45-2015 3.3.1."""


def program_for(program: ControlProgram, zone: Zone) -> ControlProgram:
    """The program with a level in every step, as the zone needs it."""
    if not program.asks_for_light:
        return program
    steps = tuple(
        step if step.level is not None else step.model_copy(update={"level": level_of(step, zone)})
        for step in program.steps
    )
    return program.model_copy(update={"steps": steps})


def level_of(step: Step, zone: Zone) -> float:
    """Level of a step in a zone, %: a whole per cent, rounded up, at most 100.

    100 where the zone says neither design illuminance nor lighting class: what is not known
    is not dimmed.
    """
    if step.level is not None:
        return step.level
    asked, full = asked_lx(step), full_lx(zone)
    if asked is None or full is None:
        return 100.0
    return min(100.0, float(ceil(round(100 * asked / full, 6))))


def asked_lx(step: Step) -> float | None:
    """Mean illuminance that a step asks for, lx; None where it says a level."""
    if step.illuminance_lx is not None:
        return step.illuminance_lx
    if step.lighting_class is None:
        return None
    return _class_lx(LIGHTING_CLASSES[step.lighting_class])


def full_lx(zone: Zone, classes: Mapping[str, LightingClass] = LIGHTING_CLASSES) -> float | None:
    """Maintained mean illuminance of a zone at level 100, lx; None where nothing tells it."""
    if zone.design_illuminance_lx is not None:
        return zone.design_illuminance_lx
    lighting_class = lighting_class_of(zone, classes)
    return None if lighting_class is None else _class_lx(lighting_class)


def _class_lx(lighting_class: LightingClass) -> float | None:
    if lighting_class.illuminance_lx is not None:
        return lighting_class.illuminance_lx
    if lighting_class.luminance_cd_m2 is not None:
        return lighting_class.luminance_cd_m2 * LX_PER_CD_M2
    return None
