"""Why a level is what it is: codes with parameters, and their wording.

Owns the codes. A reason is data first; `text` words it in English or Chinese.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

Value = str | int | float | None


class ReasonCode(StrEnum):
    """One link of the chain."""

    ASSIGNMENT = "assignment"
    NO_CALENDAR = "no_calendar"
    CALENDAR_RULE = "calendar_rule"
    CALENDAR_DEFAULT = "calendar_default"
    CALENDAR_UNKNOWN = "calendar_unknown"
    WINDOW_LIT = "window_lit"
    WINDOW_DARK = "window_dark"
    WINDOW_EMPTY = "window_empty"
    EXTINGUISH = "extinguish"
    MIN_BURN = "min_burn"
    BASE_LEVEL = "base_level"
    STEP = "step"
    RULE = "rule"
    SENSOR_IGNORED = "sensor_ignored"
    FLOOR = "floor"
    CEILING = "ceiling"
    CONSTANT_LIGHT = "constant_light"
    OVERRIDE = "override"


class Reason(NamedTuple):
    """One link: a code and its parameters. Instants among them are Unix seconds UTC."""

    code: ReasonCode
    params: Mapping[str, Value]
