"""Calendar conditions by the Chinese lunar calendar: festivals, lunar dates and ranges.

Owns the documents and their matching. A match is True, False, or None where the lunar
calendar of that date is not known.
"""

from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schedules.lunar import (
    FESTIVAL_NAMES,
    FIRST_DATE,
    LAST_DATE,
    Festival,
    Lunar,
    festival_date,
    lunar_date,
    month_days,
)
from schedules.sentences import SAY
from zones.models import Document

MAX_DAYS_AROUND = 60
_SURE_FROM = FIRST_DATE + timedelta(days=400)
_SURE_TO = LAST_DATE - timedelta(days=MAX_DAYS_AROUND)
_AFTER_ALL = 99

_DaysAround = Annotated[int, Field(ge=0, le=MAX_DAYS_AROUND)]


class FestivalDays(Document):
    """A festival, with days before and after it, or on to the next `until`; all included."""

    kind: Literal["festival"] = "festival"
    festival: Festival
    until: Festival | None = None
    """The first such festival after `festival`, where the days last on to another one."""
    days_before: _DaysAround = 0
    days_after: _DaysAround = 0


class LunarDay(Document):
    """A day of every lunar year; -1 is the last of its month.

    In the ordinary month of that number; `leap`: in the leap month, in years that have it.
    A day 30 is passed over where the month has 29.
    """

    month: Annotated[int, Field(ge=1, le=12)]
    day: Annotated[int, Field(ge=-1, le=30)]
    leap: bool = False

    @model_validator(mode="after")
    def _exists(self) -> Self:
        if self.day == 0:
            raise ValueError(SAY("lunar_day"))
        return self

    @property
    def place(self) -> tuple[int, bool, int]:
        """Its place in the lunar year, for comparing."""
        return self.month, self.leap, _AFTER_ALL if self.day == -1 else self.day


class LunarDates(Document):
    """Any of the given lunar days."""

    kind: Literal["lunar_dates"] = "lunar_dates"
    days: Annotated[tuple[LunarDay, ...], Field(min_length=1)]


class LunarRange(Document):
    """From `first` to `last` of every lunar year, both included; wraps where last is earlier.

    A leap month between the two belongs to the range.
    """

    kind: Literal["lunar_range"] = "lunar_range"
    first: LunarDay
    last: LunarDay


LunarCondition = FestivalDays | LunarDates | LunarRange


def lunar_match(condition: LunarCondition, day: date) -> bool | None:
    """Whether a condition holds on a date; None where that is not known."""
    if isinstance(condition, FestivalDays):
        return _is_around_festival(condition, day)
    today = lunar_date(day)
    if today is None:
        return None
    if isinstance(condition, LunarDates):
        return any(_is_day(one, today) for one in condition.days)
    place = (today.month, today.is_leap, today.day)
    first, last = condition.first.place, condition.last.place
    if condition.first.day == -1 and place[:2] == first[:2]:
        # "The last day" is a day of its own only in its own month.
        length = month_days(today.year, today.month, is_leap=today.is_leap)
        place = (*place[:2], _AFTER_ALL) if today.day == length else place
    if first <= last:
        return first <= place <= last
    return place >= first or place <= last


def _is_day(one: LunarDay, today: Lunar) -> bool:
    if (one.month, one.leap) != (today.month, today.is_leap):
        return False
    if one.day == -1:
        return today.day == month_days(today.year, today.month, is_leap=today.is_leap)
    return today.day == one.day


def _is_around_festival(condition: FestivalDays, day: date) -> bool | None:
    for year in (day.year - 1, day.year, day.year + 1):
        begins = festival_date(condition.festival, year)
        ends = begins if condition.until is None else _next(condition.until, begins, year)
        if begins is None or ends is None:
            continue
        first = begins - timedelta(days=condition.days_before)
        if first <= day <= ends + timedelta(days=condition.days_after):
            return True
    return False if _SURE_FROM <= day <= _SURE_TO else None


def _next(festival: Festival, after: date | None, year: int) -> date | None:
    for one in (year - 1, year, year + 1):
        found = festival_date(festival, one)
        if found is not None and after is not None and found > after:
            return found
    return None


def lunar_words(condition: LunarCondition, day: date) -> tuple[str, str]:
    """What a day that matches is, in Chinese and English."""
    if isinstance(condition, FestivalDays):
        chinese, english = FESTIVAL_NAMES[condition.festival]
        if condition.until is not None:
            last_chinese, last_english = FESTIVAL_NAMES[condition.until]
            return f"{chinese}至{last_chinese}", f"{english} to {last_english}"
        if condition.days_before or condition.days_after:
            return f"{chinese}前后", f"around {english}"
        return chinese, english
    today = lunar_date(day)
    if today is None:
        return "农历", "lunar calendar"
    leap, word = ("闰", "leap ") if today.is_leap else ("", "")
    return (
        f"农历{leap}{today.month}月{today.day}日",
        f"day {today.day} of {word}lunar month {today.month}",
    )
