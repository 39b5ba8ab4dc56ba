"""Calendar conditions by public holidays, working weekends and types of day.

Owns the documents and their matching. A match is True, False, or None where the days off
of that date are not known: nothing is guessed.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Annotated, Literal, Self, assert_never

from pydantic import Field, PlainSerializer, model_validator

from schedules.public_holidays import (
    DayFacts,
    DayType,
    day_facts,
    holiday_names,
    is_country,
    is_holiday_name,
    is_subdivision,
)
from schedules.sentences import SAY
from zones.models import Document, Name
from zones.said import Said

_DAY = timedelta(days=1)
_LONGEST_BREAK = 30
_SHOWN_NAMES = 20
_IN_ORDER = PlainSerializer(sorted, return_type=list)


class _OfCountry(Document):
    country: Annotated[str, Field(max_length=8)]
    """ISO 3166-1 code, such as ``CN``."""
    subdivision: Annotated[str, Field(max_length=40)] | None = None
    """A part of the country with holidays of its own, by the code of its ISO 3166-2 entry."""

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        if not is_country(self.country):
            raise ValueError(SAY("no_country", country=self.country))
        if self.subdivision is not None and not is_subdivision(self.country, self.subdivision):
            raise ValueError(SAY("no_subdivision", country=self.country, part=self.subdivision))
        return self


class _OfHoliday(_OfCountry):
    name: Name | None = None
    """A holiday's name in the country's language, Chinese or English; None: any holiday."""
    whole_break: bool = False
    """Every day of the run of days off around the holiday, weekends included."""

    @model_validator(mode="after")
    def _has_a_known_name(self) -> Self:
        if self.name is not None and not is_holiday_name(self.country, self.subdivision, self.name):
            names = holiday_names(self.country, self.subdivision)
            raise ValueError(
                SAY("no_holiday", country=self.country, name=self.name, names=_shown(names))
            )
        return self


def _shown(names: Sequence[str]) -> str:
    """The first of them; for a Chinese reader those that have a Chinese form, if any has."""
    here = [name for name in names if not name.isascii()] or names
    return Said(*(_first(some) for some in (names, here)))


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN_NAMES]) + (" ..." if len(names) > _SHOWN_NAMES else "")


class Holiday(_OfHoliday):
    """A public holiday, with the days off given or moved for it."""

    kind: Literal["holiday"] = "holiday"


class HolidayEve(_OfHoliday):
    """The day before a public holiday (before its break), where it is not one itself."""

    kind: Literal["holiday_eve"] = "holiday_eve"


class WorkingDay(_OfCountry):
    """A day on which people work, made up ones included."""

    kind: Literal["working_day"] = "working_day"


class MakeUpWorkingDay(_OfCountry):
    """A day of a weekend that is worked in exchange for a day off."""

    kind: Literal["make_up_working_day"] = "make_up_working_day"


class DayTypes(_OfCountry):
    """Any of the given types of day; each date is of exactly one."""

    kind: Literal["day_type"] = "day_type"
    types: Annotated[frozenset[DayType], Field(min_length=1), _IN_ORDER]


HolidayCondition = Holiday | HolidayEve | WorkingDay | MakeUpWorkingDay | DayTypes


def holiday_match(condition: HolidayCondition, day: date) -> bool | None:
    """Whether a condition holds on a date; None where that is not known."""
    match condition:
        case Holiday():
            return _is_holiday(condition, day)
        case HolidayEve():
            is_next = _is_holiday(condition, day + _DAY)
            if not is_next:
                return is_next
            is_one = _is_holiday(condition, day)
            return None if is_one is None else not is_one
        case WorkingDay():
            facts = day_facts(condition.country, condition.subdivision, day)
            return None if facts is None else not facts.is_off
        case MakeUpWorkingDay():
            facts = day_facts(condition.country, condition.subdivision, day)
            return None if facts is None else facts.day_type is DayType.MAKE_UP_WORKING_DAY
        case DayTypes():
            facts = day_facts(condition.country, condition.subdivision, day)
            return None if facts is None else facts.day_type in condition.types
        case _:
            assert_never(condition)


def _is_holiday(condition: Holiday | HolidayEve, day: date) -> bool | None:
    facts = day_facts(condition.country, condition.subdivision, day)
    if facts is None:
        return None
    if _is_meant(condition, facts):
        return True
    if not condition.whole_break or not facts.is_off:
        return False
    is_known = True
    for one in _neighbours(condition, day):
        if one is None:
            is_known = False
        elif _is_meant(condition, one):
            return True
    return False if is_known else None


def _is_meant(condition: Holiday | HolidayEve, facts: DayFacts) -> bool:
    if facts.day_type is not DayType.HOLIDAY:
        return False
    return condition.name is None or condition.name.casefold() in facts.plain_names


def _neighbours(condition: _OfCountry, day: date) -> Iterator[DayFacts | None]:
    """The other days of the run of days off; None where it runs into the unknown."""
    for direction in (-_DAY, _DAY):
        for distance in range(1, _LONGEST_BREAK):
            facts = day_facts(condition.country, condition.subdivision, day + distance * direction)
            if facts is not None and not facts.is_off:
                break
            yield facts
            if facts is None:
                break


def holiday_words(condition: HolidayCondition, day: date) -> tuple[str, str]:
    """What a day that matches is, in Chinese and English."""
    match condition:
        case Holiday():
            return _holiday_words(condition, day)
        case HolidayEve():
            chinese, english = _holiday_words(condition, day + _DAY)
            return f"{chinese}前一日", f"the day before {english}"
        case WorkingDay():
            return "工作日", "working day"
        case MakeUpWorkingDay():
            return "调休上班日", "make-up working day"
        case DayTypes():
            facts = day_facts(condition.country, condition.subdivision, day)
            if facts is None:
                return "未知", "unknown"
            names = _names(facts)
            chinese, english = _TYPE_WORDS[facts.day_type]
            if names is None:
                return chinese, english
            return f"{chinese}：{names[0]}", f"{english}: {names[1]}"
        case _:
            assert_never(condition)


_TYPE_WORDS = {
    DayType.WORKING_DAY: ("工作日", "working day"),
    DayType.WEEKEND: ("周末", "weekend"),
    DayType.HOLIDAY: ("节假日", "public holiday"),
    DayType.MAKE_UP_WORKING_DAY: ("调休上班日", "make-up working day"),
}


def _names(facts: DayFacts) -> tuple[str, str] | None:
    if not facts.names:
        return None
    own = facts.names["own"]
    return "、".join(facts.names.get("zh", own)), ", ".join(facts.names.get("en", own))


def _holiday_words(condition: Holiday | HolidayEve, day: date) -> tuple[str, str]:
    facts = day_facts(condition.country, condition.subdivision, day)
    names = None if facts is None else _names(facts)
    if names is not None and not (condition.whole_break and condition.name):
        return names
    if condition.name:
        return f"{condition.name}假期", f"the break of {condition.name}"
    return "节假日假期", "the break of a public holiday"
