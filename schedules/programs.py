"""Control programs: the lit window of a control day and the dimming steps within it.

Owns the documents. What they mean on a given control day is in `schedules.night`.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from schedules.anchors import Anchor
from zones.models import Document, Identifier, Level, Name

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
    """From the anchor on, `level` holds until the next step of the control day."""

    at: Anchor
    level: Level
    ramp_s: RampS = 0


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

    @model_validator(mode="after")
    def _window_is_no_instant(self) -> Self:
        if self.window.on == self.window.off:
            raise ValueError(f"program {self.id!r}: the window's on and off are the same anchor")
        return self
