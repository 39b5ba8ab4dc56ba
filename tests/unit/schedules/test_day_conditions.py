"""Conditions by holidays and by the lunar calendar, on dates whose answer is public."""

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from schedules.holiday_conditions import HolidayCondition, holiday_match, holiday_words
from schedules.lunar_conditions import LunarCondition, lunar_match, lunar_words
from schedules.public_holidays import known_years

HOLIDAY: TypeAdapter[HolidayCondition] = TypeAdapter(HolidayCondition)
LUNAR: TypeAdapter[LunarCondition] = TypeAdapter(LunarCondition)


def on_holiday(day: date, **fields: Any) -> bool | None:
    return holiday_match(HOLIDAY.validate_python({"country": "CN", **fields}), day)


def on_lunar(day: date, **fields: Any) -> bool | None:
    return lunar_match(LUNAR.validate_python(fields), day)


def holding(year: int, **fields: Any) -> list[str]:
    condition = HOLIDAY.validate_python({"country": "CN", **fields})
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(365))
    return [day.isoformat()[5:] for day in days if holiday_match(condition, day)]


def holding_lunar(since: date, count: int, /, **fields: Any) -> list[str]:
    condition = LUNAR.validate_python(fields)
    days = (since + timedelta(days=n) for n in range(count))
    return [day.isoformat() for day in days if lunar_match(condition, day)]


def test_a_holiday_by_name() -> None:
    assert holding(2026, kind="holiday", name="国庆节") == ["10-01", "10-02", "10-03", "10-05"]
    assert holding(2026, kind="holiday", name="national day") == holding(
        2026, kind="holiday", name="国庆节"
    )


def test_a_whole_break_has_its_weekends_and_moved_days() -> None:
    assert holding(2026, kind="holiday", name="国庆节", whole_break=True) == [
        f"10-0{day}" for day in range(1, 8)
    ]
    spring = holding(2026, kind="holiday", name="春节", whole_break=True)
    assert spring == [f"02-{day}" for day in range(15, 24)]
    assert holding(2026, kind="holiday", name="劳动节", whole_break=True) == [
        f"05-0{day}" for day in range(1, 6)
    ]


def test_a_break_does_not_reach_over_a_working_weekend() -> None:
    # 4 January 2026 is a Sunday on which people work for 2 January.
    assert holding(2026, kind="holiday", name="元旦", whole_break=True) == [
        "01-01",
        "01-02",
        "01-03",
    ]


def test_an_eve_is_the_day_before_a_holiday() -> None:
    assert holding(2026, kind="holiday_eve", name="国庆节", whole_break=True) == ["09-30"]
    # Within a break the day before a holiday is one itself, and no eve.
    assert holding(2026, kind="holiday_eve", name="春节") == ["02-16"]


def test_working_and_made_up_days() -> None:
    assert holding(2026, kind="make_up_working_day") == [
        "01-04", "02-14", "02-28", "05-09", "09-20", "10-10",
    ]  # fmt: skip
    assert on_holiday(date(2026, 10, 10), kind="working_day") is True
    assert on_holiday(date(2026, 10, 11), kind="working_day") is False
    assert len(holding(2026, kind="working_day")) == 248


def test_types_of_day_part_a_year() -> None:
    counts = {
        one: len(holding(2026, kind="day_type", types=[one]))
        for one in ("working_day", "weekend", "holiday", "make_up_working_day")
    }
    assert sum(counts.values()) == 365
    assert counts["make_up_working_day"] == 6
    weekend_or_holiday = holding(2026, kind="day_type", types=["weekend", "holiday"])
    assert "10-04" in weekend_or_holiday
    assert "10-10" not in weekend_or_holiday


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "holiday"},
        {"kind": "holiday", "name": "国庆节"},
        {"kind": "holiday", "name": "国庆节", "whole_break": True},
        {"kind": "holiday_eve"},
        {"kind": "working_day"},
        {"kind": "make_up_working_day"},
        {"kind": "day_type", "types": ["working_day", "weekend", "holiday"]},
    ],
)
def test_past_the_data_nothing_is_said(fields: dict[str, Any]) -> None:
    unknown = known_years("CN")[1] + 1
    assert on_holiday(date(unknown, 10, 1), **fields) is None
    assert on_holiday(date(unknown, 7, 7), **fields) is None


def test_the_last_known_day_does_not_guess_the_next() -> None:
    last = date(known_years("CN")[1], 12, 31)
    assert on_holiday(last, kind="holiday_eve") is None
    assert on_holiday(last, kind="holiday") is False


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "holiday", "country": "XX"}, "holidays of country 'XX' are not known"),
        ({"kind": "holiday", "subdivision": "BJ9"}, "has no subdivision 'BJ9'"),
        ({"kind": "holiday", "name": "Nationl Day"}, "has no holiday 'Nationl Day'; its holidays"),
        ({"kind": "day_type", "types": []}, "at least 1 item"),
    ],
)
def test_what_is_wrong_is_said(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        HOLIDAY.validate_python({"country": "CN", **fields})


def test_a_festival_with_days_around_it() -> None:
    found = holding_lunar(
        date(2026, 1, 1), 90, kind="festival", festival="spring_festival", days_before=1,
        days_after=6,
    )  # fmt: skip
    assert (found[0], found[-1], len(found)) == ("2026-02-16", "2026-02-23", 8)


def test_new_years_eve_to_lantern_festival() -> None:
    found = holding_lunar(
        date(2026, 1, 1), 300, kind="festival", festival="new_years_eve", until="lantern_festival"
    )
    assert (found[0], found[-1], len(found)) == ("2026-02-16", "2026-03-03", 16)


def test_the_same_as_a_range_of_lunar_days() -> None:
    asked = {"kind": "lunar_range", "first": {"month": 12, "day": -1},
             "last": {"month": 1, "day": 15}}  # fmt: skip
    festival = {"kind": "festival", "festival": "new_years_eve", "until": "lantern_festival"}
    first = date(2020, 1, 1)
    assert holding_lunar(first, 6000, **asked) == holding_lunar(first, 6000, **festival)


def test_lunar_days_do_not_recur_in_a_leap_month() -> None:
    plain = holding_lunar(
        date(2025, 1, 29), 384, kind="lunar_dates", days=[{"month": 6, "day": 15}]
    )
    leap = holding_lunar(
        date(2025, 1, 29), 384, kind="lunar_dates", days=[{"month": 6, "day": 15, "leap": True}]
    )
    assert (plain, leap) == (["2025-07-09"], ["2025-08-08"])
    assert holding_lunar(
        date(2026, 2, 17), 350, kind="lunar_dates", days=[{"month": 6, "day": 15, "leap": True}]
    ) == []  # fmt: skip


def test_a_range_takes_in_the_leap_month_between() -> None:
    found = holding_lunar(
        date(2025, 1, 29), 384, kind="lunar_range",
        first={"month": 6, "day": 1}, last={"month": 7, "day": 1},
    )  # fmt: skip
    assert (found[0], found[-1], len(found)) == ("2025-06-25", "2025-08-23", 60)


def test_a_thirtieth_day_is_passed_over_and_the_last_is_not() -> None:
    # The twelfth month of 2024 and that of 2025 have 29 days.
    span = date(2024, 2, 10), 760
    thirtieth = holding_lunar(*span, kind="lunar_dates", days=[{"month": 12, "day": 30}])
    last = holding_lunar(*span, kind="lunar_dates", days=[{"month": 12, "day": -1}])
    assert thirtieth == []
    assert last == ["2025-01-28", "2026-02-16"]


def test_lunar_days_beyond_the_tables_are_not_known() -> None:
    for fields in (
        {"kind": "festival", "festival": "mid_autumn"},
        {"kind": "lunar_dates", "days": [{"month": 8, "day": 15}]},
        {"kind": "lunar_range", "first": {"month": 1, "day": 1}, "last": {"month": 1, "day": 15}},
    ):
        assert on_lunar(date(2102, 9, 1), **fields) is None
        assert on_lunar(date(1899, 9, 1), **fields) is None
    assert on_lunar(date(2100, 9, 18), kind="festival", festival="mid_autumn") is True


def test_a_lunar_month_has_no_day_nought() -> None:
    with pytest.raises(ValidationError, match="no day 0"):
        LUNAR.validate_python({"kind": "lunar_dates", "days": [{"month": 1, "day": 0}]})


def test_words_name_the_holiday() -> None:
    def words(day: date, **fields: Any) -> tuple[str, str]:
        return holiday_words(HOLIDAY.validate_python({"country": "CN", **fields}), day)

    assert words(date(2026, 10, 1), kind="holiday") == ("国庆节", "National Day")
    assert words(date(2026, 10, 4), kind="holiday", name="国庆节", whole_break=True) == (
        "国庆节假期",
        "the break of 国庆节",
    )
    assert words(date(2026, 9, 30), kind="holiday_eve", name="国庆节") == (
        "国庆节前一日",
        "the day before National Day",
    )
    assert words(date(2026, 10, 1), kind="day_type", types=["holiday"]) == (
        "节假日：国庆节",
        "public holiday: National Day",
    )
    assert words(date(2026, 10, 10), kind="make_up_working_day")[0] == "调休上班日"


def test_words_name_the_festival() -> None:
    def words(day: date, **fields: Any) -> tuple[str, str]:
        return lunar_words(LUNAR.validate_python(fields), day)

    assert words(date(2026, 9, 25), kind="festival", festival="mid_autumn") == (
        "中秋节",
        "Mid-Autumn Festival",
    )
    assert words(date(2025, 8, 8), kind="lunar_dates", days=[{"month": 6, "day": 15}]) == (
        "农历闰6月15日",
        "day 15 of leap lunar month 6",
    )
