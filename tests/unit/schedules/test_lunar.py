"""Lunar dates and festivals against published ones and a second table."""

from datetime import date, timedelta

import pytest
from holidays.calendars.chinese import _ChineseLunisolar

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

SPRING_FESTIVALS = (
    "2020-01-25 2021-02-12 2022-02-01 2023-01-22 2024-02-10 2025-01-29 2026-02-17 2027-02-06",
    "2028-01-26 2029-02-13 2030-02-03 2031-01-23 2032-02-11 2033-01-31 2034-02-19 2035-02-08",
)
"""As the Hong Kong Observatory publishes them."""
LEAP_MONTHS = {2020: 4, 2023: 2, 2025: 6, 2028: 5, 2031: 3, 2033: 11}


@pytest.mark.parametrize("text", " ".join(SPRING_FESTIVALS).split())
def test_spring_festival(text: str) -> None:
    day = date.fromisoformat(text)
    assert festival_date(Festival.SPRING_FESTIVAL, day.year) == day
    assert lunar_date(day) == Lunar(day.year, 1, False, 1)
    assert festival_date(Festival.NEW_YEARS_EVE, day.year - 1) == day - timedelta(days=1)


@pytest.mark.parametrize("year", range(2020, 2036))
def test_leap_months(year: int) -> None:
    found = [month for month in range(1, 13) if month_days(year, month, is_leap=True)]
    assert found == ([LEAP_MONTHS[year]] if year in LEAP_MONTHS else [])


@pytest.mark.parametrize(
    ("festival", "day"),
    [
        (Festival.LANTERN_FESTIVAL, date(2026, 3, 3)),
        (Festival.QINGMING, date(2026, 4, 5)),
        (Festival.DRAGON_BOAT, date(2026, 6, 19)),
        (Festival.QIXI, date(2026, 8, 19)),
        (Festival.MID_AUTUMN, date(2026, 9, 25)),
        (Festival.CHONGYANG, date(2026, 10, 18)),
        (Festival.WINTER_SOLSTICE, date(2026, 12, 22)),
        (Festival.LABA, date(2027, 1, 15)),
        (Festival.NEW_YEARS_EVE, date(2027, 2, 5)),
        # Leap months do not have the festivals again: 2025 has two sixth months.
        (Festival.QIXI, date(2025, 8, 29)),
        (Festival.MID_AUTUMN, date(2033, 9, 8)),
    ],
)
def test_festivals(festival: Festival, day: date) -> None:
    year = day.year - (festival in {Festival.LABA, Festival.NEW_YEARS_EVE})
    assert festival_date(festival, year) == day


@pytest.mark.parametrize(
    ("festival", "table"),
    [
        (Festival.SPRING_FESTIVAL, _ChineseLunisolar.LUNAR_NEW_YEAR_DATES),
        (Festival.DRAGON_BOAT, _ChineseLunisolar.DRAGON_BOAT_DATES),
        (Festival.MID_AUTUMN, _ChineseLunisolar.MID_AUTUMN_DATES),
        (Festival.CHONGYANG, _ChineseLunisolar.DOUBLE_NINTH_DATES),
    ],
)
def test_festivals_equal_a_second_table(
    festival: Festival, table: dict[int, tuple[int, int]]
) -> None:
    # From 2089 the tables differ where a new moon falls within minutes of midnight.
    years = [year for year in table if 1949 <= year <= 2088]
    assert len(years) == 140
    wrong = {
        year: found
        for year in years
        if (found := festival_date(festival, year)) != date(year, *table[year])
    }
    assert wrong == {}


def test_days_follow_each_other() -> None:
    day, before = FIRST_DATE, lunar_date(FIRST_DATE)
    assert before == Lunar(1900, 1, False, 1)
    while day < LAST_DATE:
        day += timedelta(days=1)
        today = lunar_date(day)
        assert before is not None
        assert today is not None
        if today.day == 1:
            assert before.day == month_days(before.year, before.month, is_leap=before.is_leap)
            assert today > before
        else:
            assert today == before._replace(day=before.day + 1)
        before = today


def test_beyond_the_tables_nothing_is_known() -> None:
    assert lunar_date(FIRST_DATE - timedelta(days=1)) is None
    assert lunar_date(LAST_DATE + timedelta(days=1)) is None
    assert festival_date(Festival.QINGMING, LAST_DATE.year + 1) is None
    assert festival_date(Festival.SPRING_FESTIVAL, 1899) is None
    assert month_days(2200, 1, is_leap=False) is None


def test_every_festival_has_names() -> None:
    assert set(FESTIVAL_NAMES) == set(Festival)
