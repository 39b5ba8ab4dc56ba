"""Calendars: which control program on which control day.

Owns the calendar documents and their matching. A condition looks at the date of the
control day alone: the night from 30 April to 1 May is 30 April. A condition of which it is
not known whether it holds, such as a public holiday of a year not yet announced, does not
hold, and says so.
"""

import calendar as month_calendar
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple, Self, assert_never

from pydantic import Field, PlainSerializer, model_validator

from schedules.holiday_conditions import (
    DayTypes,
    Holiday,
    HolidayEve,
    MakeUpWorkingDay,
    WorkingDay,
    holiday_match,
    holiday_words,
)
from schedules.lunar_conditions import (
    FestivalDays,
    LunarDates,
    LunarRange,
    lunar_match,
    lunar_words,
)
from schedules.sentences import SAY
from zones.models import Document, Identifier, Name


class Weekday(StrEnum):
    """Day of the week."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


_WEEKDAYS = tuple(Weekday)

# A set is written in order, so that a document reads and compares the same every time.
_IN_ORDER = PlainSerializer(sorted, return_type=list)
_IN_WEEK_ORDER = PlainSerializer(lambda days: sorted(days, key=_WEEKDAYS.index), return_type=list)

Month = Annotated[int, Field(ge=1, le=12)]


class Weekdays(Document):
    """Any of the given days of the week."""

    kind: Literal["weekdays"] = "weekdays"
    days: Annotated[frozenset[Weekday], Field(min_length=1), _IN_WEEK_ORDER]


class NthWeekday(Document):
    """The nth such weekday of a month, or counted from the end: -1 is the last."""

    kind: Literal["nth_weekday"] = "nth_weekday"
    nth: Literal[1, 2, 3, 4, 5, -1, -2, -3, -4, -5]
    weekday: Weekday
    months: Annotated[frozenset[Month], _IN_ORDER] = frozenset()
    """Empty: every month."""


class DateRange(Document):
    """From `first` to `last`, both included, in given years; open where one is left out."""

    kind: Literal["date_range"] = "date_range"
    first: date | None = None
    last: date | None = None

    @model_validator(mode="after")
    def _is_forward(self) -> Self:
        if self.first is None and self.last is None:
            raise ValueError(SAY("range_empty"))
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError(SAY("range_crossed", first=self.first, last=self.last))
        return self


class MonthDay(Document):
    """A day of every year. 29 February is passed over in common years."""

    month: Month
    day: Annotated[int, Field(ge=1, le=31)]

    @model_validator(mode="after")
    def _exists(self) -> Self:
        longest = month_calendar.monthrange(2000, self.month)[1]
        if self.day > longest:
            raise ValueError(SAY("no_day", month=self.month, day=self.day, last=longest))
        return self


class YearlyRange(Document):
    """From `first` to `last` of every year, both included; wraps the year where last is earlier."""

    kind: Literal["yearly_range"] = "yearly_range"
    first: MonthDay
    last: MonthDay


class Dates(Document):
    """Any of the given dates."""

    kind: Literal["dates"] = "dates"
    dates: Annotated[frozenset[date], Field(min_length=1), _IN_ORDER]


AnyCondition = (
    Weekdays
    | NthWeekday
    | DateRange
    | YearlyRange
    | Dates
    | Holiday
    | HolidayEve
    | WorkingDay
    | MakeUpWorkingDay
    | DayTypes
    | FestivalDays
    | LunarDates
    | LunarRange
)
Condition = Annotated[AnyCondition, Field(discriminator="kind")]


class RuleMatch(NamedTuple):
    """Whether a rule applies; `is_unknown`: as far as is known, and data is lacking."""

    applies: bool
    is_unknown: bool


class CalendarRule(Document):
    """One line of a calendar: `program`, when every condition holds and no exception does."""

    name: Name
    when: Annotated[tuple[Condition, ...], Field(min_length=1)]
    unless: tuple[Condition, ...] = ()
    program: Identifier

    def match_on(self, control_day: date) -> RuleMatch:
        """Whether the rule applies on a control day, and whether that is in doubt."""
        wanted = [match_on(condition, control_day) for condition in self.when]
        if False in wanted:
            return RuleMatch(applies=False, is_unknown=False)
        barred = [match_on(condition, control_day) for condition in self.unless]
        if True in barred:
            return RuleMatch(applies=False, is_unknown=False)
        return RuleMatch(applies=None not in wanted, is_unknown=None in wanted or None in barred)


class Calendar(Document):
    """Ordered rules, the first match wins; otherwise the default program."""

    id: Identifier
    name: Name
    name_en: Name | None = None
    rules: tuple[CalendarRule, ...] = ()
    default: Identifier
    """Program of the control days that no rule matches."""

    def rule_on(self, control_day: date) -> tuple[int, CalendarRule] | None:
        """The first rule that matches and its index from 0; None where the default holds."""
        for index, rule in enumerate(self.rules):
            if rule.match_on(control_day).applies:
                return index, rule
        return None

    def unknown_on(self, control_day: date) -> tuple[CalendarRule, ...]:
        """The rules that might choose otherwise if the data were there, in their order."""
        found: list[CalendarRule] = []
        for rule in self.rules:
            applies, is_unknown = rule.match_on(control_day)
            if is_unknown:
                found.append(rule)
            if applies:
                break
        return tuple(found)

    def program_on(self, control_day: date) -> str:
        """Identifier of the program of a control day."""
        match = self.rule_on(control_day)
        return self.default if match is None else match[1].program


def holds(condition: AnyCondition, control_day: date) -> bool:
    """Whether a condition is known to hold on a control day."""
    return match_on(condition, control_day) is True


def match_on(condition: AnyCondition, control_day: date) -> bool | None:
    """Whether a condition holds on a control day; None where that is not known."""
    match condition:
        case Weekdays():
            return _WEEKDAYS[control_day.weekday()] in condition.days
        case NthWeekday():
            return _is_nth_weekday(condition, control_day)
        case DateRange():
            return (condition.first or date.min) <= control_day <= (condition.last or date.max)
        case YearlyRange():
            today = (control_day.month, control_day.day)
            first = (condition.first.month, condition.first.day)
            last = (condition.last.month, condition.last.day)
            if first <= last:
                return first <= today <= last
            return today >= first or today <= last
        case Dates():
            return control_day in condition.dates
        case Holiday() | HolidayEve() | WorkingDay() | MakeUpWorkingDay() | DayTypes():
            return holiday_match(condition, control_day)
        case FestivalDays() | LunarDates() | LunarRange():
            return lunar_match(condition, control_day)
        case _:
            assert_never(condition)


def matched_words(rule: CalendarRule, control_day: date) -> tuple[str, str]:
    """What a control day is to a rule that matches it, in Chinese and English.

    Empty for conditions that need no explanation beside the rule's name.
    """
    pairs = [words for one in rule.when if (words := _words(one, control_day)) is not None]
    return "、".join(chinese for chinese, _ in pairs), ", ".join(english for _, english in pairs)


def _words(condition: AnyCondition, control_day: date) -> tuple[str, str] | None:
    match condition:
        case Weekdays() | NthWeekday():
            weekday = control_day.weekday()
            return f"星期{'一二三四五六日'[weekday]}", _WEEKDAYS[weekday].value.capitalize()
        case DateRange() | YearlyRange() | Dates():
            return None
        case Holiday() | HolidayEve() | WorkingDay() | MakeUpWorkingDay() | DayTypes():
            return holiday_words(condition, control_day)
        case FestivalDays() | LunarDates() | LunarRange():
            return lunar_words(condition, control_day)
        case _:
            assert_never(condition)


def _is_nth_weekday(condition: NthWeekday, control_day: date) -> bool:
    if _WEEKDAYS[control_day.weekday()] is not condition.weekday:
        return False
    if condition.months and control_day.month not in condition.months:
        return False
    if condition.nth > 0:
        return (control_day.day - 1) // 7 + 1 == condition.nth
    last = month_calendar.monthrange(control_day.year, control_day.month)[1]
    return (last - control_day.day) // 7 + 1 == -condition.nth
