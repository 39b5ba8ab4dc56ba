"""Calendars: which program on which control day."""

from datetime import date

import pytest
from pydantic import ValidationError

from schedules import (
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
from schedules.calendars import AnyCondition, holds


def yearly(first: tuple[int, int], last: tuple[int, int]) -> YearlyRange:
    return YearlyRange(
        first=MonthDay(month=first[0], day=first[1]), last=MonthDay(month=last[0], day=last[1])
    )


@pytest.mark.parametrize(
    ("condition", "inside", "outside"),
    [
        (
            Weekdays(days=frozenset({Weekday.FRIDAY, Weekday.SATURDAY})),
            ["2026-03-20", "2026-03-21"],
            ["2026-03-19", "2026-03-22"],
        ),
        (
            NthWeekday(nth=1, weekday=Weekday.MONDAY),
            ["2026-06-01", "2026-09-07"],
            ["2026-06-08", "2026-06-02"],
        ),
        (
            NthWeekday(nth=-1, weekday=Weekday.SUNDAY, months=frozenset({3, 10})),
            ["2026-03-29", "2026-10-25"],
            ["2026-03-22", "2026-05-31"],
        ),
        (NthWeekday(nth=5, weekday=Weekday.FRIDAY), ["2026-05-29"], ["2026-06-26"]),
        (NthWeekday(nth=-5, weekday=Weekday.FRIDAY), ["2026-05-01"], ["2026-06-05"]),
        (
            DateRange(first=date(2026, 12, 30), last=date(2027, 1, 2)),
            ["2026-12-30", "2027-01-02"],
            ["2026-12-29", "2027-01-03", "2027-12-31"],
        ),
        (DateRange(first=date(2026, 5, 1)), ["2026-05-01", "2099-01-01"], ["2026-04-30"]),
        (DateRange(last=date(2026, 5, 1)), ["2026-05-01", "2001-01-01"], ["2026-05-02"]),
        (
            yearly((10, 1), (10, 7)),
            ["2026-10-01", "2031-10-07"],
            ["2026-09-30", "2026-10-08"],
        ),
        (
            yearly((12, 24), (1, 6)),
            ["2026-12-24", "2026-12-31", "2027-01-01", "2027-01-06"],
            ["2026-12-23", "2027-01-07", "2026-07-01"],
        ),
        (
            yearly((2, 29), (2, 29)),
            ["2028-02-29"],
            ["2026-02-28", "2026-03-01", "2028-02-28", "2028-03-01"],
        ),
        (
            yearly((2, 27), (3, 1)),
            ["2026-02-28", "2026-03-01", "2028-02-29"],
            ["2026-03-02"],
        ),
        (
            Dates(dates=frozenset({date(2026, 2, 17), date(2027, 2, 6)})),
            ["2026-02-17", "2027-02-06"],
            ["2026-02-06", "2027-02-17"],
        ),
    ],
)
def test_a_condition_holds_on_its_days_only(
    condition: AnyCondition, inside: list[str], outside: list[str]
) -> None:
    assert [day for day in inside if not holds(condition, date.fromisoformat(day))] == []
    assert [day for day in outside if holds(condition, date.fromisoformat(day))] == []


def test_the_first_rule_that_matches_wins_and_exceptions_pass_on() -> None:
    week = Calendar(
        id="c",
        name="c",
        rules=(
            CalendarRule(name="holiday", when=(yearly((10, 1), (10, 7)),), program="holiday"),
            CalendarRule(
                name="weekend",
                when=(Weekdays(days=frozenset({Weekday.SATURDAY})),),
                unless=(Dates(dates=frozenset({date(2026, 10, 10)})),),
                program="weekend",
            ),
        ),
        default="plain",
    )
    assert week.program_on(date(2026, 10, 3)) == "holiday"
    assert week.program_on(date(2026, 10, 10)) == "plain"
    assert week.program_on(date(2026, 10, 17)) == "weekend"
    match = week.rule_on(date(2026, 10, 17))
    assert match is not None
    assert (match[0], match[1].name) == (1, "weekend")
    assert week.rule_on(date(2026, 10, 19)) is None


def test_all_conditions_of_a_rule_must_hold() -> None:
    rule = CalendarRule(
        name="Fridays in May",
        when=(Weekdays(days=frozenset({Weekday.FRIDAY})), yearly((5, 1), (5, 31))),
        program="p",
    )
    calendar = Calendar(id="c", name="c", rules=(rule,), default="d")
    assert calendar.program_on(date(2026, 5, 8)) == "p"
    assert calendar.program_on(date(2026, 6, 5)) == "d"
    assert calendar.program_on(date(2026, 5, 9)) == "d"


def test_impossible_dates_are_refused() -> None:
    with pytest.raises(ValidationError, match="no day 30"):
        MonthDay(month=2, day=30)
    with pytest.raises(ValidationError, match="is after"):
        DateRange(first=date(2026, 2, 2), last=date(2026, 2, 1))
    with pytest.raises(ValidationError, match="needs first, last or both"):
        DateRange()


def test_sets_are_written_in_order() -> None:
    days = Weekdays(days=frozenset({Weekday.SUNDAY, Weekday.FRIDAY, Weekday.MONDAY}))
    assert days.model_dump(mode="json")["days"] == ["monday", "friday", "sunday"]
