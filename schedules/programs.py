"""Control programs: the lit window of a control day and the dimming steps within it.

Owns the documents. What they mean on a given control day is in `schedules.night`.
"""

from difflib import get_close_matches
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from schedules.anchors import Anchor
from schedules.sentences import SAY
from zones import LIGHTING_CLASSES
from zones.models import Document, Identifier, Level, Name
from zones.said import listed

MAX_STEPS = 100

RampS = Annotated[int, Field(ge=0, le=3600)]
"""Seconds over which a new level is reached, 0 to 3600."""


class Window(Document):
    """From `on` to `off`, half-open. On at or after off is an empty window: no burn."""

    on: Anchor
    off: Anchor


class Extinguish(Document):
    """Part-night: dark from `off` until `on` again, half-open, inside the lit window."""

    off: Anchor
    on: Anchor


class Step(Document):
    """From the anchor on, a level holds until the next step of the control day.

    Either `level` says it, or the light that is asked for, from which each zone's level
    follows (`schedules.light_demand`).
    """

    at: Anchor
    level: Level | None = None
    lighting_class: Identifier | None = None
    """As much light as a lighting class is owed, such as ``CJJ45-II-low``."""
    illuminance_lx: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] | None = None
    """Maintained mean illuminance, lx."""
    ramp_s: RampS = 0

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        said = [self.level, self.lighting_class, self.illuminance_lx]
        if said.count(None) != len(said) - 1:
            raise ValueError(SAY("step_says_one"))
        if self.lighting_class is not None and self.lighting_class not in LIGHTING_CLASSES:
            near = get_close_matches(self.lighting_class, LIGHTING_CLASSES, n=3)
            if near:
                raise ValueError(SAY("no_class_near", name=self.lighting_class, near=listed(near)))
            raise ValueError(SAY("no_class", name=self.lighting_class))
        return self


class ControlProgram(Document):
    """How a control day is lit.

    The steps say a level for the whole control day, whatever their order in the document:
    each holds until the next in time, and before the first `base_level` holds. The window
    gates it: outside the window, and inside the extinguish window, the level is 0.
    """

    id: Identifier
    name: Name
    name_en: Name | None = None
    window: Window
    extinguish: Extinguish | None = None
    steps: Annotated[tuple[Step, ...], Field(max_length=MAX_STEPS)] = ()
    base_level: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] = 100.0
    on_ramp_s: RampS = 0
    off_ramp_s: RampS = 0
    min_burn_s: Annotated[int, Field(ge=0, le=6 * 3600)] = 0
    """A lit stretch shorter than this many seconds is not switched on at all."""

    @cached_property
    def asks_for_light(self) -> bool:
        """Whether any step asks for light instead of a level."""
        return any(step.level is None for step in self.steps)

    def step_level(self, number: int) -> float:
        """Level of a step; full where the step asks for light and no zone was looked at."""
        level = self.steps[number].level
        return 100.0 if level is None else level

    @model_validator(mode="after")
    def _window_is_no_instant(self) -> Self:
        if self.window.on == self.window.off:
            raise ValueError(SAY("window_empty", id=self.id))
        return self
