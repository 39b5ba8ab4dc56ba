"""Days off against an independent record, and what is said not to be known."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from chinese_calendar import constants

from schedules.public_holidays import (
    DayType,
    day_facts,
    holiday_names,
    is_country,
    is_holiday_name,
    is_subdivision,
    known_years,
)

DAY = timedelta(days=1)
OVERLOOKED = {date(2005, 12, 31)}
"""A Saturday worked for 3 January 2006 by the notice for 2006; the second record begins its
working weekends with those of the notices it holds under their own year."""


def days(first: date, last: date) -> list[date]:
    return [first + n * DAY for n in range((last - first).days + 1)]


def type_of(day: date, country: str = "CN") -> DayType | None:
    facts = day_facts(country, None, day)
    return None if facts is None else facts.day_type


def test_days_off_in_china_equal_the_second_record_in_every_year_both_know() -> None:
    first = max(2004, known_years("CN")[0])
    last = min(max(constants.holidays).year, known_years("CN")[1])
    assert last >= 2026
    wrong = [
        day
        for day in days(date(first, 1, 1), date(last, 12, 31))
        if (facts := day_facts("CN", None, day)) is None
        or facts.is_off == chinese_calendar.is_workday(day)
    ]
    assert set(wrong) == OVERLOOKED


def test_working_weekends_equal_the_second_record() -> None:
    last = min(max(constants.holidays).year, known_years("CN")[1])
    recorded = {day for day in constants.workdays if day.weekday() >= 5 and day.year <= last}
    found = {
        day
        for day in days(date(2004, 1, 1), date(last, 12, 31))
        if type_of(day) is DayType.MAKE_UP_WORKING_DAY
    }
    assert found - OVERLOOKED == recorded


@pytest.mark.parametrize(
    ("day", "is_what"),
    [
        (date(2026, 2, 14), DayType.MAKE_UP_WORKING_DAY),
        (date(2026, 2, 15), DayType.WEEKEND),
        (date(2026, 2, 16), DayType.HOLIDAY),
        (date(2026, 2, 23), DayType.HOLIDAY),
        (date(2026, 2, 24), DayType.WORKING_DAY),
        (date(2026, 10, 7), DayType.HOLIDAY),
        (date(2026, 10, 10), DayType.MAKE_UP_WORKING_DAY),
        # Decided with the arrangement of the year after.
        (date(2005, 12, 31), DayType.MAKE_UP_WORKING_DAY),
    ],
)
def test_types_of_day(day: date, is_what: DayType) -> None:
    assert type_of(day) is is_what


def test_a_year_whose_arrangement_is_not_in_the_data_is_not_known() -> None:
    last = known_years("CN")[1]
    assert day_facts("CN", None, date(last, 12, 31)) is not None
    # National Day is law, but which days are off and worked around it is yet to be decided.
    assert day_facts("CN", None, date(last + 1, 10, 1)) is None
    assert day_facts("CN", None, date(last + 1, 7, 7)) is None
    assert day_facts("CN", None, date(1999, 1, 1)) is None


def test_a_country_that_computes_its_holidays_is_known_far_ahead() -> None:
    assert known_years("DE")[1] >= 2099
    assert type_of(date(2060, 12, 25), "DE") is DayType.HOLIDAY


def test_a_country_that_gave_up_moving_working_days_is_known_far_ahead() -> None:
    assert known_years("BG")[1] >= 2099


def test_an_estimated_holiday_is_not_known_nor_are_the_days_beside_it() -> None:
    # The feast falls by the sight of the moon; the library estimates it.
    assert type_of(date(2027, 3, 9), "SA") is None
    assert type_of(date(2027, 9, 23), "SA") is DayType.HOLIDAY
    assert type_of(date(2024, 4, 10), "SA") is DayType.HOLIDAY


def test_years_for_which_the_library_warns_are_not_known() -> None:
    assert type_of(date(2035, 1, 26), "IN") is DayType.HOLIDAY
    assert type_of(date(2036, 1, 26), "IN") is None


def test_names_do_not_hang_on_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "th")
    facts = day_facts("CHN", None, date(2018, 10, 1))  # nobody asked for this code before
    assert facts is not None
    assert facts.names == {"own": ("国庆节",), "en": ("National Day",), "zh": ("国庆节",)}


def test_an_observed_holiday_keeps_its_plain_name() -> None:
    facts = day_facts("CN", None, date(2026, 5, 4))
    assert facts is not None
    assert facts.plain_names == {"劳动节", "labor day"}


def test_names_that_may_be_asked_for() -> None:
    names = holiday_names("CN")
    assert {"国庆节", "National Day", "春节"} <= set(names)
    assert not any("调休" in name or "substituted" in name for name in names)
    assert is_holiday_name("CN", None, "national day")
    assert not is_holiday_name("CN", None, "Nationl Day")


def test_countries_and_their_parts() -> None:
    assert is_country("CN")
    assert not is_country("XX")
    assert is_subdivision("DE", "BY")
    assert not is_subdivision("DE", "XX")


def test_a_part_of_a_country_has_its_own_holidays() -> None:
    assert day_facts("DE", "BY", date(2026, 1, 6)) != day_facts("DE", None, date(2026, 1, 6))
