"""Decorative light: the grade of each day, the curfew, the ceiling, and nowhere else."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from schedules import (
    Language,
    Layer,
    Site,
    compile_zone,
    control_day,
    demo_plan,
    reason_text,
    resolve,
    resolve_zone,
    unknown_years,
)
from schedules.landscape import DECORATIVE, landscape_calendars, landscape_programs
from schedules.public_holidays import known_years
from zones import demo_inventory
from zones.models import Category

BEIJING = ZoneInfo("Asia/Shanghai")
LANDSCAPE, FACADE = landscape_calendars()
SITE = Site(inventory=(inventory := demo_inventory(2000, 1)), plan=demo_plan(inventory))


def grade(day: date) -> str:
    return LANDSCAPE.program_on(day).removeprefix("landscape-")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-01-01", "holiday"),
        ("2026-01-02", "holiday"),  # a Friday off, made up on Sunday
        ("2026-01-04", "ordinary"),
        ("2026-02-13", "holiday"),  # a plain Friday night
        ("2026-02-14", "ordinary"),  # a Saturday on which people work
        ("2026-02-15", "major"),  # the Sunday that begins the break
        ("2026-02-16", "major"),  # New Year's Eve
        ("2026-02-17", "major"),
        ("2026-02-23", "major"),
        ("2026-02-24", "ordinary"),
        ("2026-03-03", "holiday"),  # Lantern Festival
        ("2026-04-05", "holiday"),  # Qingming, a Sunday
        ("2026-04-06", "holiday"),
        ("2026-04-30", "major"),
        ("2026-05-05", "major"),  # the break is longer than the fixed days
        ("2026-05-06", "ordinary"),
        ("2026-05-09", "ordinary"),  # a Saturday on which people work
        ("2026-06-19", "holiday"),
        ("2026-09-25", "holiday"),  # Mid-Autumn
        ("2026-09-30", "major"),
        ("2026-10-07", "major"),
        ("2026-10-08", "ordinary"),
        ("2025-10-08", "major"),  # National Day with Mid-Autumn lasts a day longer
        ("2026-11-24", "ordinary"),
    ],
)
def test_the_grade_of_a_day(day: str, expected: str) -> None:
    assert grade(date.fromisoformat(day)) == expected


def test_festivals_and_fixed_days_hold_where_days_off_are_not_announced() -> None:
    year = known_years("CN")[1] + 1
    assert grade(date(year, 10, 1)) == "major"
    assert grade(date(year, 5, 1)) == "major"
    assert grade(date(2033, 1, 30)) == "major"  # New Year's Eve
    assert grade(date(2033, 9, 8)) == "holiday"  # Mid-Autumn
    assert grade(date(2033, 9, 6)) == "ordinary"


def test_what_is_not_announced_is_said() -> None:
    last = known_years("CN")[1]
    assert unknown_years(SITE.plan, date(2024, 1, 1), date(last, 12, 30)) == ()
    unknown = unknown_years(SITE.plan, date(last, 1, 1), date(last + 2, 12, 31))
    assert {one.calendar for one in unknown} == {"landscape", "facade"}
    assert {one.years for one in unknown} == {(last + 1, last + 2)}
    zone = next(one for one in SITE.inventory.zones if one.category is Category.LANDSCAPE)
    told = resolve_zone(SITE, zone.id, datetime(last + 1, 7, 7, 20, tzinfo=BEIJING)).reasons
    texts = [reason_text(one, BEIJING) for one in told]
    assert any("not known whether rule '节假日' of calendar landscape" in text for text in texts)


@pytest.mark.parametrize("category", sorted(DECORATIVE))
def test_decorative_light_keeps_its_curfew_and_ceiling_all_year(category: Category) -> None:
    zone = next(one for one in SITE.inventory.zones if one.category is category)
    since = int(datetime(2026, 1, 1, 12, tzinfo=BEIJING).timestamp())
    until = int(datetime(2027, 1, 1, 12, tzinfo=BEIJING).timestamp())
    ceiling, latest = {"landscape": (80, "23:30"), "facade": (60, "23:00")}[category.value]
    points = compile_zone(SITE, zone.id, since, until)
    assert max(point.level for point in points) == ceiling
    offs = [datetime.fromtimestamp(one.at, BEIJING) for one in points[1:] if one.level == 0]
    assert len(offs) == 365
    assert max(one.strftime("%H:%M") for one in offs) == latest
    for off in offs:
        major = grade(control_day(off - timedelta(minutes=1), BEIJING)) == "major"
        assert (off.strftime("%H:%M") == latest) == major


def test_only_decorative_zones_follow_its_calendars() -> None:
    decorative = {one.id for one in landscape_calendars()}
    programs = {one.id for one in landscape_programs()}
    for assignment in SITE.plan.assignments:
        if assignment.calendar in decorative:
            assert assignment.layer is Layer.CATEGORY
            assert Category(assignment.target) in DECORATIVE
    for calendar in SITE.plan.calendars:
        if calendar.id not in decorative:
            assert programs.isdisjoint(
                {calendar.default, *(rule.program for rule in calendar.rules)}
            )


def test_reasons_name_the_holiday() -> None:
    zone = next(one for one in SITE.inventory.zones if one.category is Category.LANDSCAPE)
    luminaire = next(one for one in SITE.inventory.luminaires if one.zone == zone.id)
    decision = resolve(SITE, luminaire.id, datetime(2026, 6, 19, 21, tzinfo=BEIJING))
    assert reason_text(decision.reasons[1], BEIJING) == (
        "control day 2026-06-19: rule '节假日' (public holiday: Dragon Boat Festival), "
        "program landscape-holiday"
    )
    assert reason_text(decision.reasons[1], BEIJING, Language.CHINESE) == (
        "控制日 2026-06-19：规则“节假日”（节假日：端午节）选用程序 landscape-holiday"
    )
