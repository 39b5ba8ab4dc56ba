"""Public holidays and working weekends, as the `holidays` library records them.

Owns what is known of a date in a country, and what is not: a country that decides its days
off year by year is known up to the last year that the library carries, and a holiday that
the library only estimates is not known. Nothing is guessed.
"""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

import holidays

_DAY = timedelta(days=1)
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_CURRENCY = "CN"
"""Its data has a working weekend every year, so its last year tells how new the library is."""
_STILL_ARRANGES = 3
"""A country whose last working weekend is within so many years of the newest still has them."""
_LABELS = ("observed_estimated_label", "observed_label", "estimated_label")
_LANGUAGES = {"en": "en_US", "zh": "zh_CN"}
_SAY_ESTIMATED = frozenset({"islamic_show_estimated"})
_ESTIMATE_MARGIN = 2
"""An estimated holiday may fall so many days earlier or later."""


class DayType(StrEnum):
    """What a date is to those who work; each date is exactly one."""

    WORKING_DAY = "working_day"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP_WORKING_DAY = "make_up_working_day"


@dataclass(frozen=True, slots=True)
class DayFacts:
    """What is known of one date in one country."""

    day_type: DayType
    names: Mapping[str, tuple[str, ...]]
    """Names of its holidays by language, ``own`` being the country's; ``en``, ``zh`` if known."""
    plain_names: frozenset[str]
    """The same without "observed" and the like, case folded, all languages together."""

    @property
    def is_off(self) -> bool:
        """Whether people are off: a holiday, or a weekend that is not worked."""
        return self.day_type in (DayType.HOLIDAY, DayType.WEEKEND)


def is_country(country: str) -> bool:
    """Whether the library has the country, by ISO 3166 code such as ``CN``."""
    return country in _countries()


def is_subdivision(country: str, subdivision: str) -> bool:
    """Whether the country has holidays of its own for the subdivision."""
    return subdivision in _countries().get(country, ())


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, frozenset[str]]:
    supported = holidays.list_supported_countries(include_aliases=True)
    return {code: frozenset(parts) for code, parts in supported.items()}


@lru_cache(maxsize=65_536)
def day_facts(country: str, subdivision: str | None, day: date) -> DayFacts | None:
    """What a date is; None where that is not known."""
    first, last = known_years(country, subdivision)
    if not first <= day.year <= last:
        return None
    year = _year(country, subdivision, day.year)
    if year is None or day in year.unsure:
        return None
    names = year.plain_names.get(day, frozenset())
    return DayFacts(_day_type(year, day), year.names.get(day, {}), names)


@lru_cache(maxsize=256)
def known_years(country: str, subdivision: str | None = None) -> tuple[int, int]:
    """First and last year whose days off are known, both included; from 2000 to 2100 at most."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # years without data are found one by one
        table = _load(country, subdivision, range(_FIRST_YEAR, _LAST_YEAR + 1))
    first = max(_FIRST_YEAR, table.start_year)
    last = min(_LAST_YEAR, table.end_year)
    arranged = sorted({day.year for day in table.weekend_workdays if day.year >= _FIRST_YEAR})
    if arranged and arranged[-1] > _newest_year() - _STILL_ARRANGES:
        # Whoever moves working days says so a year ahead: what follows is yet to be decided.
        first, last = max(first, arranged[0]), min(last, arranged[-1])
    return first, last


@lru_cache(maxsize=1)
def _newest_year() -> int:
    table = _load(_CURRENCY, None, range(_FIRST_YEAR, _LAST_YEAR + 1))
    return max(day.year for day in table.weekend_workdays)


@dataclass(frozen=True, slots=True)
class _Year:
    names: Mapping[date, Mapping[str, tuple[str, ...]]]
    plain_names: Mapping[date, frozenset[str]]
    weekends: frozenset[date]
    make_up: frozenset[date]
    unsure: frozenset[date]


@lru_cache(maxsize=1024)
def _year(country: str, subdivision: str | None, year: int) -> _Year | None:
    entity = _entity(country)
    with warnings.catch_warnings(record=True) as doubts:
        warnings.simplefilter("always")
        own = _load(country, subdivision, range(year, year + 1))
    if doubts:  # the library says so of a country whose data ends within its years
        return None
    by_language = {"own": own}
    for code, language in _LANGUAGES.items():
        if language == entity.default_language:
            by_language[code] = own
        elif language in entity.supported_languages:
            by_language[code] = _load(country, subdivision, range(year, year + 1), language)
    estimated = str(getattr(own, "estimated_label", "")).replace("%s", "").strip()
    unsure: set[date] = set()
    for day in own:
        if estimated and any(estimated in name for name in own.get_list(day)):
            unsure |= {day + n * _DAY for n in range(-_ESTIMATE_MARGIN, _ESTIMATE_MARGIN + 1)}
    return _Year(
        names={
            day: {code: tuple(table.get_list(day)) for code, table in by_language.items()}
            for day in own
        },
        plain_names={
            day: frozenset(
                _plain(table, name)
                for table in by_language.values()
                for name in table.get_list(day)
            )
            for day in own
        },
        weekends=frozenset(day for day in _days_of(year) if own.is_weekend(day)),
        make_up=_make_up(country, subdivision, year),
        unsure=frozenset(unsure),
    )


@lru_cache(maxsize=256)
def holiday_names(country: str, subdivision: str | None = None) -> tuple[str, ...]:
    """Names of holidays that the country has or had since 2000, as they may be asked for."""
    entity = _entity(country)
    years = range(_FIRST_YEAR, _LAST_YEAR + 1)
    spoken = (one for one in _LANGUAGES.values() if one in entity.supported_languages)
    found: dict[str, str] = {}
    for language in dict.fromkeys((entity.default_language, *spoken)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = _load(country, subdivision, years, language)
        substituted = str(table.tr(getattr(table, "substituted_label", ""))).partition("%s")[0]
        for day in sorted(table):
            for name in table.get_list(day):
                if not (substituted and name.startswith(substituted)):
                    found.setdefault(_plain(table, name), _without_label(table, name))
    return tuple(found.values())


def is_holiday_name(country: str, subdivision: str | None, name: str) -> bool:
    """Whether the country has, or had, a holiday of that name; case does not matter."""
    return name.casefold() in {one.casefold() for one in holiday_names(country, subdivision)}


def _plain(table: holidays.HolidayBase, name: str) -> str:
    return _without_label(table, name).casefold()


def _without_label(table: holidays.HolidayBase, name: str) -> str:
    for label in _LABELS:
        before, found, after = str(table.tr(getattr(table, label, ""))).partition("%s")
        if found and name.startswith(before) and name.endswith(after):
            name = name[len(before) : len(name) - len(after)]
    return name


def _make_up(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    # A year's arrangement may make a working day of the last days of the year before.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = _load(country, subdivision, range(year, year + 2))
    return frozenset(table.weekend_workdays)


def _days_of(year: int) -> Iterator[date]:
    first = date(year, 1, 1)
    return (first + n * _DAY for n in range((date(year, 12, 31) - first).days + 1))


def _entity(country: str) -> type[holidays.HolidayBase]:
    return type(holidays.country_holidays(country, language="en_US"))


def _load(
    country: str, subdivision: str | None, years: range, language: str | None = None
) -> holidays.HolidayBase:
    # Without a language the library takes the environment's; without its estimates it would
    # leave out that it estimates.
    entity = _entity(country)
    known = range(max(years.start, entity.start_year), min(years.stop, entity.end_year + 1))
    options: dict[str, Any] = dict.fromkeys(
        _SAY_ESTIMATED & entity.get_supported_options().keys(), True
    )
    return holidays.country_holidays(
        country,
        subdiv=subdivision,
        years=known,
        language=language or entity.default_language,
        **options,
    )


def _day_type(year: _Year, day: date) -> DayType:
    if day in year.make_up:
        return DayType.MAKE_UP_WORKING_DAY
    if day in year.names:
        return DayType.HOLIDAY
    return DayType.WEEKEND if day in year.weekends else DayType.WORKING_DAY
