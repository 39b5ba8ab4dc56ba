"""Holes that lighting schedules are known to fall into, where calendars, clocks and nights meet."""

from datetime import date

import numpy as np
import pytest

from schedules import (
    Calendar,
    CalendarRule,
    ControlProgram,
    DateRange,
    MonthDay,
    Override,
    OverrideKind,
    Selector,
    Site,
    Weekday,
    Weekdays,
    YearlyRange,
    resolve,
)
from schedules.calendars import AnyCondition
from schedules.levels_bulk import levels_at
from tests.fakes.one_zone import (
    BEIJING,
    BERLIN,
    CASABLANCA,
    LONDON,
    LONGYEARBYEN,
    LORD_HOWE,
    LUMINAIRE,
    SANTIAGO,
    Spot,
    at_utc,
    burning_s,
    local,
    program,
    site,
    switchings,
    unix,
)

NIGHT = program("18:00", "06:00")
FEAST = program("18:00", "06:00", identifier="feast", base_level=80)


def ruled(*rules: tuple[AnyCondition, ControlProgram], spot: Spot = BEIJING) -> Site:
    """Nights as ever but where a rule, the first that matches, says otherwise."""
    others = {one.id: one for _, one in rules}
    where = site(NIGHT, spot, others=others.values())
    calendar = Calendar(
        id="all",
        name="all",
        default=NIGHT.id,
        rules=tuple(
            CalendarRule(name=f"r{number}", when=(condition,), program=one.id)
            for number, (condition, one) in enumerate(rules)
        ),
    )
    return where.model_copy(
        update={"plan": where.plan.model_copy(update={"calendars": (calendar,)})}
    )


def yearly(first: tuple[int, int], last: tuple[int, int]) -> YearlyRange:
    return YearlyRange(
        first=MonthDay(month=first[0], day=first[1]), last=MonthDay(month=last[0], day=last[1])
    )


def levels(where: Site, first: str, nights: int) -> list[float]:
    """What each night is switched on to."""
    return [level for _, level in switchings(where, first, nights) if level > 0]


def test_a_range_over_the_year_s_end_holds_until_the_morning_after_its_last_night() -> None:
    where = ruled((yearly((12, 31), (1, 1)), FEAST))
    assert switchings(where, "2026-12-30", nights=4) == [
        ("12-30 18:00:00", 100), ("12-31 06:00:00", 0),
        ("12-31 18:00:00", 80), ("01-01 06:00:00", 0),
        ("01-01 18:00:00", 80), ("01-02 06:00:00", 0),
        ("01-02 18:00:00", 100), ("01-03 06:00:00", 0),
    ]  # fmt: skip


def test_29_february_is_one_night_of_a_leap_year_and_none_of_another() -> None:
    where = ruled((yearly((2, 29), (2, 29)), FEAST))
    assert levels(where, "2028-02-28", 3) == [100, 80, 100]
    assert switchings(where, "2028-02-29")[1] == ("03-01 06:00:00", 0)
    assert levels(where, "2027-02-27", 4) == [100] * 4
    assert levels(where, "2100-02-27", 3) == [100] * 3


def test_a_range_from_29_february_on_begins_in_common_years_too() -> None:
    where = ruled((yearly((2, 29), (3, 2)), FEAST))
    assert levels(where, "2027-02-28", 4) == [100, 80, 80, 100]
    assert levels(where, "2028-02-28", 5) == [100, 80, 80, 80, 100]


def test_a_range_that_starts_and_never_ends_holds_for_good() -> None:
    where = ruled((DateRange(first=date(2026, 9, 1)), FEAST))
    assert levels(where, "2026-08-31", 2) == [100, 80]
    assert levels(where, "2099-12-31", 2) == [80, 80]


def test_of_two_ranges_that_overlap_the_first_in_the_calendar_holds() -> None:
    dim = program("18:00", "06:00", identifier="dim", base_level=30)
    october = DateRange(first=date(2026, 10, 1), last=date(2026, 10, 31))
    week = DateRange(first=date(2026, 9, 30), last=date(2026, 10, 7))
    assert levels(ruled((week, FEAST), (october, dim)), "2026-10-07", 2) == [80, 30]
    assert levels(ruled((october, dim), (week, FEAST)), "2026-09-30", 2) == [80, 30]


def test_where_a_night_reaches_into_the_next_the_later_night_holds() -> None:
    # Friday burns on until Saturday 20:00; Saturday begins at 18:00, at a level of its own.
    long = program("18:00", "08:00+12h", identifier="long", base_level=60)
    where = ruled((Weekdays(days=frozenset({Weekday.FRIDAY})), long))
    assert switchings(where, "2026-03-20", nights=2) == [
        ("03-20 18:00:00", 60),
        ("03-21 18:00:00", 100),
        ("03-22 06:00:00", 0),
    ]


def test_after_an_empty_window_the_next_night_is_whole() -> None:
    empty = program("06:00", "sunrise", identifier="empty")
    where = ruled((Weekdays(days=frozenset({Weekday.SATURDAY})), empty))
    assert switchings(where, "2026-06-19", nights=3) == [
        ("06-19 18:00:00", 100), ("06-20 06:00:00", 0),
        ("06-21 18:00:00", 100), ("06-22 06:00:00", 0),
    ]  # fmt: skip


def test_a_window_within_an_hour_that_the_clock_skips_is_empty() -> None:
    where = site(program("02:10", "02:50"), BERLIN)
    assert switchings(where, "2026-03-28") == []
    assert burning_s(where, "2026-03-27") == 40 * 60


def test_a_window_within_an_hour_that_the_clock_shows_twice_burns_the_first_time_only() -> None:
    assert burning_s(site(program("02:10", "02:50"), BERLIN), "2026-10-24") == 40 * 60


@pytest.mark.parametrize(
    ("spot", "day", "step", "at"),
    [
        # Lord Howe's half hour: 02:00 becomes 02:30.
        (LORD_HOWE, "2026-10-03", "02:15", "10-04 02:30:00"),
        (LORD_HOWE, "2026-10-03", "01:59", "10-04 01:59:00"),
        (LORD_HOWE, "2026-04-04", "01:45", "04-05 01:45:00"),
        # Santiago's clock skips midnight itself.
        (SANTIAGO, "2026-09-05", "00:00", "09-06 01:00:00"),
        (SANTIAGO, "2026-04-04", "23:30", "04-04 23:30:00"),
        # Casablanca puts the clock back for Ramadan.
        (CASABLANCA, "2026-02-14", "02:30", "02-15 02:30:00"),
        (CASABLANCA, "2026-03-21", "02:30", "03-22 03:00:00"),
    ],
)
def test_a_step_at_a_clock_change_happens_once(spot: Spot, day: str, step: str, at: str) -> None:
    told = switchings(site(program("18:00", "06:00", (step, 50)), spot), day)
    assert [level for _, level in told] == [100, 50, 0]
    assert told[1] == (at, 50)


def test_the_first_of_two_equal_times_is_meant() -> None:
    for spot, day, text in (
        (LORD_HOWE, "2026-04-04", "2026-04-05T01:45"),
        (SANTIAGO, "2026-04-04", "2026-04-04T23:30"),
        (CASABLANCA, "2026-02-14", "2026-02-15T02:30"),
    ):
        where = site(program("18:00", "06:00", (text[-5:], 50)), spot)
        first = unix(text, spot)
        asked = [first - 1, first, first + 3600]
        assert levels_at(where, [LUMINAIRE], asked).tolist() == [[100, 50, 50]], day


def test_steps_that_fall_together_in_a_gap_leave_the_later_in_the_document() -> None:
    where = site(program("18:00", "06:00", ("00:00", 60), ("00:30", 40), ("01:00", 20)), SANTIAGO)
    assert [level for _, level in switchings(where, "2026-09-05")] == [100, 20, 0]
    assert [level for _, level in switchings(where, "2026-09-06")] == [100, 60, 40, 20, 0]


@pytest.mark.parametrize("shown", ["2026-10-25T02:30", "2026-10-25T03:00"])
def test_two_overrides_that_end_at_the_same_second_leave_nothing_at_a_clock_change(
    shown: str,
) -> None:
    end = local(shown, BERLIN)
    overrides = [
        Override(
            id=name,
            selector=Selector(city=True),
            level=level,
            kind=kind,
            start_at=local("2026-10-24T20:00", BERLIN),
            end_at=end,
            reason="r",
            author="a",
        )
        for name, level, kind in (
            ("a", 10, OverrideKind.EVENT),
            ("b", 20, OverrideKind.EVENT),
            ("c", 30, OverrideKind.EMERGENCY),
        )
    ]
    where = site(NIGHT, BERLIN, overrides=overrides)
    at = int(end.timestamp())
    assert levels_at(where, [LUMINAIRE], np.array([at - 1, at])).tolist() == [[30, 100]]
    assert resolve(where, LUMINAIRE, at_utc(at - 1)).level == 30
    assert resolve(where, LUMINAIRE, at_utc(at)) == resolve(
        site(NIGHT, BERLIN), LUMINAIRE, at_utc(at)
    )


@pytest.mark.parametrize(
    ("on", "off", "spot", "day"),
    [
        # No dusk so deep in London's June, and an off that an offset puts past noon.
        ("elevation(-18)setting", "sunrise+12h", LONDON, "2028-06-29"),
        ("elevation(-18)setting-12h", "14:00+12h", LONDON, "2028-06-29"),
        # The sun stays up: no sunrise, and an on that an offset puts before noon.
        ("13:00-12h", "sunrise", LONGYEARBYEN, "2026-06-21"),
        ("sunset", "11:00+12h", LONGYEARBYEN, "2026-06-21"),
    ],
)
def test_a_dusk_that_does_not_come_lights_nothing_by_day(
    on: str, off: str, spot: Spot, day: str
) -> None:
    where = site(program(on, off), spot)
    assert switchings(where, day, nights=2) == []
    noon = unix(f"{day}T12:00", spot)
    asked = np.arange(noon - 12 * 3600, noon + 36 * 3600, 900)
    assert not levels_at(where, [LUMINAIRE], asked).any()


def test_in_a_polar_night_an_offset_may_still_reach_past_noon() -> None:
    # No sunset, as the sun stays down: lit from noon, and on until the off of the next day.
    where = site(program("sunset", "11:00+3h"), LONGYEARBYEN)
    assert burning_s(where, "2026-12-21", nights=3) == 3 * 86_400
