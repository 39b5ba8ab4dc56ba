"""How bright it should be at an instant, and why.

Pure rules over the documents of `zones`: sun, programs, calendars, layers, limits and
overrides. Reads no clock, does no I/O: time is an argument.
"""

from schedules.anchors import (
    Anchor,
    ClockAnchor,
    Direction,
    ElevationAnchor,
    IlluminanceAnchor,
    SunAnchor,
    SunEvent,
    anchor_text,
    parse_anchor,
)
from schedules.calendars import (
    Calendar,
    CalendarRule,
    DateRange,
    Dates,
    MonthDay,
    NthWeekday,
    Weekday,
    Weekdays,
    YearlyRange,
)
from schedules.compiler import SwitchingPoint, compile_baseline, compile_luminaire, compile_zone
from schedules.day import control_day, day_bounds, wall_instant
from schedules.decision import Decision, resolve, resolve_zone
from schedules.errors import OutOfRange, SchedulesError, UnknownTarget
from schedules.models import Assignment, Baseline, Layer, Limit, Plan
from schedules.overrides import Override, OverrideKind, Selector, overrides_in_force
from schedules.presets import default_plan, demo_plan
from schedules.programs import ControlProgram, Extinguish, Step, Window
from schedules.reasons import Reason, ReasonCode
from schedules.site import Site
from schedules.solar import (
    Place,
    PolarDay,
    PolarNight,
    SunTimes,
    crossing,
    solar_date_of,
    solar_noon,
    sun_elevation,
    sun_times,
)
from schedules.solar_bulk import BulkCrossings, CrossingStatus, bulk_crossings
from schedules.wording import Language, reason_text

__all__ = [
    "Anchor",
    "Assignment",
    "Baseline",
    "BulkCrossings",
    "Calendar",
    "CalendarRule",
    "ClockAnchor",
    "ControlProgram",
    "CrossingStatus",
    "DateRange",
    "Dates",
    "Decision",
    "Direction",
    "ElevationAnchor",
    "Extinguish",
    "IlluminanceAnchor",
    "Language",
    "Layer",
    "Limit",
    "MonthDay",
    "NthWeekday",
    "OutOfRange",
    "Override",
    "OverrideKind",
    "Place",
    "Plan",
    "PolarDay",
    "PolarNight",
    "Reason",
    "ReasonCode",
    "SchedulesError",
    "Selector",
    "Site",
    "Step",
    "SunAnchor",
    "SunEvent",
    "SunTimes",
    "SwitchingPoint",
    "UnknownTarget",
    "Weekday",
    "Weekdays",
    "Window",
    "YearlyRange",
    "anchor_text",
    "bulk_crossings",
    "compile_baseline",
    "compile_luminaire",
    "compile_zone",
    "control_day",
    "crossing",
    "day_bounds",
    "default_plan",
    "demo_plan",
    "overrides_in_force",
    "parse_anchor",
    "reason_text",
    "resolve",
    "resolve_zone",
    "solar_date_of",
    "solar_noon",
    "sun_elevation",
    "sun_times",
    "wall_instant",
]
