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
from schedules.holiday_conditions import (
    DayTypes,
    Holiday,
    HolidayEve,
    MakeUpWorkingDay,
    WorkingDay,
)
from schedules.light_output import scale_of
from schedules.lunar import Festival
from schedules.lunar_conditions import FestivalDays, LunarDates, LunarDay, LunarRange
from schedules.models import Assignment, Baseline, Layer, Limit, Plan
from schedules.overrides import Override, OverrideKind, Selector, overrides_in_force
from schedules.presets import default_plan, demo_plan
from schedules.programs import ControlProgram, Extinguish, Step, Window
from schedules.public_holidays import DayType, known_years
from schedules.reasons import Reason, ReasonCode
from schedules.rules import Combination, DynamicRule, Plausible, RuleAction, RuleScope
from schedules.sensing import Reading, Readings, Sensors, Trust
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
from schedules.unknown import UnknownYears, unknown_words, unknown_years
from schedules.wording import Language, reason_text

__all__ = [
    "Anchor",
    "Assignment",
    "Baseline",
    "BulkCrossings",
    "Calendar",
    "CalendarRule",
    "ClockAnchor",
    "Combination",
    "ControlProgram",
    "CrossingStatus",
    "DateRange",
    "Dates",
    "DayType",
    "DayTypes",
    "Decision",
    "Direction",
    "DynamicRule",
    "ElevationAnchor",
    "Extinguish",
    "Festival",
    "FestivalDays",
    "Holiday",
    "HolidayEve",
    "IlluminanceAnchor",
    "Language",
    "Layer",
    "Limit",
    "LunarDates",
    "LunarDay",
    "LunarRange",
    "MakeUpWorkingDay",
    "MonthDay",
    "NthWeekday",
    "OutOfRange",
    "Override",
    "OverrideKind",
    "Place",
    "Plan",
    "Plausible",
    "PolarDay",
    "PolarNight",
    "Reading",
    "Readings",
    "Reason",
    "ReasonCode",
    "RuleAction",
    "RuleScope",
    "SchedulesError",
    "Selector",
    "Sensors",
    "Site",
    "Step",
    "SunAnchor",
    "SunEvent",
    "SunTimes",
    "SwitchingPoint",
    "Trust",
    "UnknownTarget",
    "UnknownYears",
    "Weekday",
    "Weekdays",
    "Window",
    "WorkingDay",
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
    "known_years",
    "overrides_in_force",
    "parse_anchor",
    "reason_text",
    "resolve",
    "resolve_zone",
    "scale_of",
    "solar_date_of",
    "solar_noon",
    "sun_elevation",
    "sun_times",
    "unknown_words",
    "unknown_years",
    "wall_instant",
]
