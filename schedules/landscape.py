"""Landscape and facade lighting as Beijing runs it: three grades of day, a curfew, a ceiling.

Owns the programs and calendars of decorative light. The grades follow the city's practice
for landscape lighting: ordinary days, ordinary holidays with weekends and traditional
festivals, and major holidays (Spring Festival, Labour Day, National Day). Hours and levels
are proposals that a city edits. Festivals and fixed dates hold in every year; what hangs on
the arrangement of days off is added where that is published.
"""

from collections.abc import Iterable
from typing import Final

from schedules.anchors import parse_anchor
from schedules.calendars import (
    AnyCondition,
    Calendar,
    CalendarRule,
    MonthDay,
    Weekday,
    Weekdays,
    YearlyRange,
)
from schedules.holiday_conditions import DayTypes, Holiday, MakeUpWorkingDay
from schedules.lunar import FESTIVAL_NAMES, Festival
from schedules.lunar_conditions import FestivalDays
from schedules.models import Layer, Limit
from schedules.programs import ControlProgram, Window
from schedules.public_holidays import DayType
from zones.models import Category

DECORATIVE: Final = frozenset({Category.LANDSCAPE, Category.FACADE})
"""The only categories that follow these calendars."""

_COUNTRY = "CN"
_RAMP_S = 60
_SHORTEST_S = 1200
_GRADES = (
    ("landscape-ordinary", "景观平日", "Landscape, ordinary day", "22:00", 60),
    ("landscape-holiday", "景观一般节日", "Landscape, ordinary holiday", "22:30", 70),
    ("landscape-major", "景观重大节日", "Landscape, major holiday", "23:30", 80),
    ("facade-ordinary", "楼宇平日", "Facade, ordinary day", "21:30", 40),
    ("facade-holiday", "楼宇一般节日", "Facade, ordinary holiday", "22:30", 50),
    ("facade-major", "楼宇重大节日", "Facade, major holiday", "23:00", 60),
)
_CEILINGS = {Category.LANDSCAPE: 80.0, Category.FACADE: 60.0}
_TRADITIONAL = (
    Festival.LANTERN_FESTIVAL,
    Festival.QIXI,
    Festival.MID_AUTUMN,
    Festival.CHONGYANG,
)


def landscape_programs() -> tuple[ControlProgram, ...]:
    """From civil dusk to the curfew of the grade, one level; a dusk after it is no burn."""
    return tuple(
        ControlProgram(
            id=identifier,
            name=name,
            name_en=name_en,
            window=Window(on=parse_anchor("civil_dusk"), off=parse_anchor(curfew)),
            base_level=level,
            on_ramp_s=_RAMP_S,
            min_burn_s=_SHORTEST_S,
        )
        for identifier, name, name_en, curfew, level in _GRADES
    )


def landscape_calendars() -> tuple[Calendar, ...]:
    """The grade of each control day, for landscape and for facades."""
    return (
        _calendar("landscape", "景观照明", "Landscape"),
        _calendar("facade", "楼宇立面", "Facade"),
    )


def landscape_limits() -> tuple[Limit, ...]:
    """Ceilings of decorative light."""
    return tuple(
        Limit(
            layer=Layer.CATEGORY,
            target=category.value,
            ceiling=ceiling,
            reason="bounded light",
        )
        for category, ceiling in _CEILINGS.items()
    )


def _calendar(kind: str, name: str, name_en: str) -> Calendar:
    major, ordinary = f"{kind}-major", f"{kind}-holiday"
    return Calendar(
        id=kind,
        name=name,
        name_en=name_en,
        default=f"{kind}-ordinary",
        rules=(
            _rule("春节", (_spring_festival(),), major),
            _rule("劳动节", (_yearly((4, 30), (5, 3)),), major),
            _rule("国庆节", (_yearly((9, 30), (10, 7)),), major),
            *(
                _rule(f"{holiday}假期", (_break(holiday),), major)
                for holiday in ("春节", "劳动节", "国庆节")
            ),
            _rule("元旦", (_yearly((12, 31), (1, 1)),), ordinary),
            *(
                _rule(FESTIVAL_NAMES[one][0], (FestivalDays(festival=one),), ordinary)
                for one in _TRADITIONAL
            ),
            _rule(
                "节假日",
                (DayTypes(country=_COUNTRY, types=frozenset({DayType.HOLIDAY})),),
                ordinary,
            ),
            _rule(
                "周末夜",
                (Weekdays(days=frozenset({Weekday.FRIDAY, Weekday.SATURDAY})),),
                ordinary,
                unless=(MakeUpWorkingDay(country=_COUNTRY),),
            ),
        ),
    )


def _rule(
    name: str,
    when: Iterable[AnyCondition],
    program: str,
    unless: Iterable[AnyCondition] = (),
) -> CalendarRule:
    return CalendarRule(name=name, when=tuple(when), unless=tuple(unless), program=program)


def _spring_festival() -> FestivalDays:
    return FestivalDays(festival=Festival.SPRING_FESTIVAL, days_before=1, days_after=6)


def _break(holiday: str) -> Holiday:
    return Holiday(country=_COUNTRY, name=holiday, whole_break=True)


def _yearly(first: tuple[int, int], last: tuple[int, int]) -> YearlyRange:
    return YearlyRange(
        first=MonthDay(month=first[0], day=first[1]), last=MonthDay(month=last[0], day=last[1])
    )
