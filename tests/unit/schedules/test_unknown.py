"""What a calendar does where the data ends, and how that is said."""

from datetime import date

import pytest

from schedules import (
    Calendar,
    CalendarRule,
    Dates,
    Holiday,
    HolidayEve,
    MakeUpWorkingDay,
    Plan,
    Weekday,
    Weekdays,
    known_years,
    unknown_words,
    unknown_years,
)
from schedules.calendars import AnyCondition, holds, match_on
from tests.fakes.one_zone import program

LAST = known_years("CN")[1]
FRIDAY = Weekdays(days=frozenset({Weekday.FRIDAY}))
HOLIDAY = Holiday(country="CN")
MADE_UP = MakeUpWorkingDay(country="CN")
NEXT_FRIDAY = next(
    day for n in range(1, 8) if (day := date(LAST + 1, 7, n)).weekday() == 4
)  # fmt: skip
NEXT_SATURDAY = NEXT_FRIDAY.replace(day=NEXT_FRIDAY.day + 1)


def rule(
    *when: AnyCondition, unless: tuple[AnyCondition, ...] = (), name: str = "r"
) -> CalendarRule:
    return CalendarRule(name=name, when=when, unless=unless, program="q")


def calendar(*rules: CalendarRule) -> Calendar:
    return Calendar(id="c", name="c", rules=rules, default="p")


def test_what_is_not_known_neither_holds_nor_bars() -> None:
    assert match_on(HOLIDAY, NEXT_FRIDAY) is None
    assert not holds(HOLIDAY, NEXT_FRIDAY)
    assert calendar(rule(HOLIDAY)).program_on(NEXT_FRIDAY) == "p"
    assert calendar(rule(FRIDAY, unless=(MADE_UP,))).program_on(NEXT_FRIDAY) == "q"


@pytest.mark.parametrize(
    ("one", "day", "is_unknown"),
    [
        (rule(HOLIDAY), NEXT_FRIDAY, True),
        # What is certain decides whatever the rest would say.
        (rule(HOLIDAY, FRIDAY), NEXT_SATURDAY, False),
        (rule(FRIDAY, unless=(MADE_UP,)), NEXT_FRIDAY, True),
        (rule(FRIDAY, unless=(MADE_UP,)), NEXT_SATURDAY, False),
        (rule(FRIDAY, unless=(MADE_UP, FRIDAY)), NEXT_FRIDAY, False),
        (rule(HOLIDAY), date(LAST, 7, 1), False),
    ],
)
def test_a_rule_is_in_doubt_only_where_the_data_would_decide(
    one: CalendarRule, day: date, is_unknown: bool
) -> None:
    assert bool(calendar(one).unknown_on(day)) == is_unknown


def test_rules_after_the_one_that_matches_are_not_in_doubt() -> None:
    named = Dates(dates=frozenset({NEXT_FRIDAY}))
    ordered = calendar(rule(named, name="first"), rule(HOLIDAY, name="second"))
    assert ordered.unknown_on(NEXT_FRIDAY) == ()
    turned = calendar(rule(HOLIDAY, name="second"), rule(named, name="first"))
    assert [one.name for one in turned.unknown_on(NEXT_FRIDAY)] == ["second"]


def test_doubt_is_worded() -> None:
    assert unknown_words(calendar(rule(HOLIDAY)), date(LAST, 7, 1)) is None
    assert unknown_words(calendar(rule(HOLIDAY)), NEXT_FRIDAY) == (
        f"holidays of {LAST + 1} are not in the data: rule 'r' taken as not met"
    )


def test_years_in_doubt_are_listed_by_rule() -> None:
    plan = Plan(
        programs=(program("18:00", "06:00"), program("19:00", "05:00", identifier="q")),
        calendars=(calendar(rule(HOLIDAY, name="h"), rule(HolidayEve(country="CN"), name="e")),),
    )
    found = {one.rule: one for one in unknown_years(plan, date(LAST, 1, 1), date(LAST + 2, 6, 30))}
    assert found["h"].years == (LAST + 1, LAST + 2)
    assert found["h"].first == date(LAST + 1, 1, 1)
    # Whether New Year's Eve is an eve is for the next year's data to say.
    assert found["e"].first == date(LAST, 12, 31)
    assert found["h"].days == (date(LAST + 2, 6, 30) - date(LAST, 12, 31)).days
    assert unknown_years(plan, date(LAST, 1, 1), date(LAST, 12, 30)) == ()
