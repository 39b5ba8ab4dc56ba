"""Dynamic rules: what a sensor may do to the level, as documents.

Owns the documents. What a sensor's readings mean is in `schedules.sensing`, what a rule in
force does to a level in `schedules.rule_layer`.
"""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, PlainSerializer, model_validator

from schedules.overrides import Selector
from schedules.programs import RampS, Window
from schedules.sentences import SAY
from zones.models import Document, Identifier, Name
from zones.sentences import thing_said

_IN_ORDER = PlainSerializer(sorted, return_type=list)
_Value = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
_Seconds = Annotated[int, Field(ge=1, le=7 * 86_400)]


class RuleAction(StrEnum):
    """What a rule does to the level."""

    SET = "set"
    MAX = "max"
    """The higher of the level and the rule's."""
    MIN = "min"
    """The lower of the level and the rule's."""
    ADD = "add"
    """The rule's level more; less where it is negative."""


class RuleScope(StrEnum):
    """When a rule may act."""

    LIT = "lit"
    """While the program is lit."""
    WINDOW = "window"
    """In the extinguish window and the stretches that `min_burn_s` suppressed too."""
    ANY_TIME = "any_time"
    """By day too: a photocell under a thunderstorm."""


class Combination(StrEnum):
    """How several sensors of one rule are heard; those that are ignored have no voice."""

    ANY = "any"
    ALL = "all"


class Plausible(Document):
    """Values outside [`low`, `high`] are not believed."""

    low: _Value
    high: _Value

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.low >= self.high:
            raise ValueError(SAY("plausible", low=self.low, high=self.high))
        return self


class DynamicRule(Document):
    """While sensors read `above` or `below` a value, the selected luminaires change level.

    The condition comes into force with a reading beyond the value and ends with one that is
    back by `hysteresis`; what lies between changes nothing. The rule stays in force
    for `hold_s` after the last reading beyond the value. A sensor is ignored when its last
    reading is older than `stale_after_s`, when its value is not `plausible`, and when it has
    said the same value for `stuck_after_s`. Rules act in the order of the plan, each on what
    the one before left, within floor and ceiling, below overrides.
    """

    id: Identifier
    name: Name
    name_en: Name | None = None
    selector: Selector
    sensors: Annotated[frozenset[Identifier], Field(min_length=1, max_length=100), _IN_ORDER]
    reading: Identifier
    """Kind of reading, such as ``traffic``; other kinds of the sensor are not heard."""
    combine: Combination = Combination.ANY
    above: _Value | None = None
    below: _Value | None = None
    hysteresis: Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)] = 0.0
    """In the unit of the reading."""
    action: RuleAction
    level: Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]
    """% of rated light output; above 0 but for `add`: a sensor switches no street off."""
    ramp_s: RampS = 0
    hold_s: Annotated[int, Field(ge=0, le=86_400)] = 300
    window: Window | None = None
    """When in the control day the rule may act; None: whenever its scope allows."""
    scope: RuleScope = RuleScope.LIT
    stale_after_s: _Seconds = 900
    plausible: Plausible | None = None
    stuck_after_s: _Seconds | None = None
    """None: the same value may come as long as it likes."""
    start_at: AwareDatetime | None = None
    end_at: AwareDatetime | None = None
    """The rule exists from `start_at` until before `end_at`; open where left out."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        where = SAY("of", kind=thing_said("rule"), id=self.id)
        if (self.above is None) == (self.below is None):
            raise ValueError(SAY("rule_side", where=where))
        if self.action is not RuleAction.ADD and self.level <= 0:
            raise ValueError(
                SAY("rule_off", where=where, action=self.action.value, level=self.level)
            )
        if self.action is RuleAction.ADD and self.level == 0:
            raise ValueError(SAY("rule_idle", where=where))
        if self.start_at is not None and self.end_at is not None and self.start_at >= self.end_at:
            raise ValueError(
                SAY(
                    "ends_before",
                    where=where,
                    end_at=self.end_at.isoformat(),
                    start_at=self.start_at.isoformat(),
                )
            )
        return self

    def is_beyond(self, value: float) -> bool:
        """Whether a reading brings the rule into force."""
        if self.above is not None:
            return value > self.above
        assert self.below is not None, "a rule has above or below"
        return value < self.below

    def is_back(self, value: float) -> bool:
        """Whether a reading ends what one beyond began."""
        if self.above is not None:
            return value <= self.above - self.hysteresis
        assert self.below is not None, "a rule has above or below"
        return value >= self.below + self.hysteresis
