"""Targets: what is allowed, and how a forecast stands to it."""

import pytest
from pydantic import ValidationError

from schedules.energy.periods import Period, PeriodKind, read_period
from schedules.energy.targets import Target, WarningLevel, target_for
from schedules.errors import PeriodWrong

Q4 = Period(PeriodKind.QUARTER, 2026, 4)


def target(**fields: object) -> Target:
    return Target.model_validate({"id": "t", "energy_kwh": 1000, **fields})


def test_levels_of_a_target_in_kwh() -> None:
    one = target(yellow_above=0.95, red_above=1.02)
    levels = [one.level(kwh, 0) for kwh in (0, 950, 950.1, 1020, 1020.1)]
    assert levels == [
        WarningLevel.GREEN, WarningLevel.GREEN, WarningLevel.YELLOW, WarningLevel.YELLOW,
        WarningLevel.RED,
    ]  # fmt: skip


def test_a_share_saved_is_a_share_of_the_periods_baseline() -> None:
    one = target(energy_kwh=None, saved_ratio=0.6)
    assert one.allowed_kwh(2000) == pytest.approx(800)
    assert one.level(800, 2000) is WarningLevel.GREEN
    assert one.level(801, 2000) is WarningLevel.YELLOW
    assert one.level(841, 2000) is WarningLevel.RED


def test_the_target_that_names_most_holds() -> None:
    targets = (
        target(id="each-quarter", period="quarter"),
        target(id="q4", period="quarter", quarter=4),
        target(id="q4-2026", period="quarter", quarter=4, year=2026),
        target(id="2026", period="quarter", year=2026),
        target(id="year"),
        target(id="district", district="d", period="quarter"),
    )

    def named(district: str | None, period: Period) -> str | None:
        found = target_for(targets, district, period)
        return None if found is None else found.id

    assert named(None, Q4) == "q4-2026"
    assert named(None, Q4._replace(year=2027)) == "q4"
    assert named(None, Q4._replace(number=1)) == "2026"
    assert named(None, Period(PeriodKind.QUARTER, 2030, 1)) == "each-quarter"
    assert named(None, Q4.whole_year()) == "year"
    assert named("d", Q4) == "district"
    assert named("e", Q4) is None
    assert named("d", Q4.whole_year()) is None
    assert named(None, Period(PeriodKind.MONTH, 2026, 11)) is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"saved_ratio": 0.5}, "either energy_kwh or saved_ratio"),
        ({"energy_kwh": None}, "either energy_kwh or saved_ratio"),
        ({"yellow_above": 1.2}, "yellow_above 1.2 is above red_above 1.05"),
        ({"quarter": 2}, "quarter 2 needs 'period: quarter'"),
        ({"energy_kwh": 0}, "greater than 0"),
    ],
)
def test_what_is_wrong_is_said(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        target(**fields)


def test_periods_read_back_and_have_neighbours() -> None:
    month = read_period(PeriodKind.MONTH, "2026-01")
    assert month.before().text == "2025-12"
    assert month.year_before().text == "2025-01"
    assert month.quarter() == Period(PeriodKind.QUARTER, 2026, 1)
    assert (month.first_day.isoformat(), month.last_day.isoformat()) == ("2026-01-01", "2026-01-31")
    assert read_period(PeriodKind.QUARTER, "2026-Q4") == Q4
    assert Q4.days == 92
    assert Q4.before().text == "2026-Q3"
    assert read_period(PeriodKind.MONTH, "2024-02").days == 29
    year = read_period(PeriodKind.YEAR, "2026")
    assert year.days == 365
    assert year.quarter() is None
    for text in ("2026-13", "2026-00", "26-01", "2026", "", "2026-11-01", "1900-01"):
        with pytest.raises(PeriodWrong, match="is no month; one such is '2026-11'"):
            read_period(PeriodKind.MONTH, text)
    with pytest.raises(PeriodWrong, match="is no quarter"):
        read_period(PeriodKind.QUARTER, "2026-Q5")
