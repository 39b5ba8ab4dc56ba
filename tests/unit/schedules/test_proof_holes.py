"""The trade's known holes: each is found, with the counter-example that shows it."""

from datetime import date, datetime, timedelta

import pytest

from schedules import (
    CalendarRule,
    ControlProgram,
    DateRange,
    Dates,
    MonthDay,
    Override,
    OverrideKind,
    Selector,
    YearlyRange,
    resolve,
)
from schedules.proof import prove
from schedules.proof_result import Failure, Proof
from schedules.proof_rules import Finding
from schedules.reasons import ReasonCode
from tests.fakes.one_zone import (
    BEIJING,
    BERLIN,
    CASABLANCA,
    KOTZEBUE,
    LONGYEARBYEN,
    LORD_HOWE,
    LUMINAIRE,
    REYKJAVIK,
    SANTIAGO,
    URUMQI,
    ZONE,
    Spot,
    at_utc,
    local,
    program,
)
from tests.fakes.proofs import city
from zones.models import Category

FIRST = date(2026, 1, 1)
NIGHT = program("sunset", "sunrise")
NEVER = program("03:00", "02:00", identifier="never")


def on(name: str, *days: date, what: str = "never") -> CalendarRule:
    """A rule for single dates."""
    return CalendarRule(name=name, when=(Dates(dates=frozenset(days)),), program=what)


def only(proof: Proof, finding: Finding) -> Failure:
    """The one failure of a kind."""
    (found,) = (one for one in proof.failures if one.finding is finding)
    return found


def at(failure: Failure, spot: Spot = BEIJING) -> str:
    """Local time of a counter-example."""
    assert failure.example.at is not None
    zone = local("2026-01-01", spot).tzinfo
    return datetime.fromtimestamp(failure.example.at, zone).isoformat(sep=" ")


def test_on_at_six_and_off_at_sunrise_is_empty_where_the_sun_is_earlier() -> None:
    proof = prove(
        city(
            NIGHT,
            program("06:00", "sunrise", identifier="early"),
            rules=[
                CalendarRule(
                    name="all",
                    when=(DateRange(first=date(2026, 4, 1), last=date(2026, 4, 30)),),
                    program="early",
                )
            ],
        ),
        FIRST,
    )
    found = only(proof, Finding.EMPTY_WINDOW)
    # Sunrise in Beijing passes 06:00 on the first days of April.
    assert found.first_day == date(2026, 4, 1)
    assert found.last_day == date(2026, 4, 30)
    assert found.nights == 30
    assert found.example.at is None
    assert found.example.found == "on 06:00 is after sunrise 05:57"
    assert found.example.reasons[-1].code is ReasonCode.WINDOW_EMPTY
    assert "30 nights never switch on" in proof.text()
    assert "on 06:00 is after sunrise 05:57" in proof.text()


def test_a_morning_program_leaves_the_evening_dark() -> None:
    proof = prove(city(program("06:00", "sunrise")), FIRST)
    found = only(proof, Finding.DARK_AT_NIGHT)
    assert found.example.control_day == FIRST
    # Civil dusk in Beijing on New Year's Day.
    assert at(found).startswith("2026-01-01 17:30")
    assert found.example.reasons[-1].code is ReasonCode.WINDOW_DARK


def test_clock_times_over_midnight_are_late_in_winter_and_early_in_summer() -> None:
    proof = prove(city(program("18:30", "06:00")), FIRST)
    dark, lit = only(proof, Finding.DARK_AT_NIGHT), only(proof, Finding.LIT_IN_DAYLIGHT)
    assert dark.example.control_day == FIRST
    assert at(dark).startswith("2026-01-01 17:30")
    # In spring the sun sets more than half an hour after 18:30, and rises before 05:30.
    assert date(2026, 3, 20) < lit.first_day < date(2026, 5, 1)
    assert lit.example.found.startswith("100 % with the sun at")
    assert prove(city(program("18:30", "06:00"), category=Category.PARK), FIRST).failures == (lit,)


@pytest.mark.parametrize(
    "spot",
    [BEIJING, BERLIN, CASABLANCA, KOTZEBUE, LONGYEARBYEN, LORD_HOWE, REYKJAVIK, SANTIAGO, URUMQI],
)
def test_sunset_to_sunrise_is_proved_everywhere(spot: Spot) -> None:
    """Dusk after midnight UTC, clock changes of an hour and of a half, polar day and night."""
    steps = (("23:00", 60.0), ("05:00", 80.0))
    proof = prove(city(program("sunset", "sunrise", *steps), spot=spot), FIRST, years=3)
    assert proof.failures == ()
    assert proof.is_proved
    # Winter's night in Kotzebue ends after noon, a little earlier or later a year on.
    assert proof.burning_hours == pytest.approx(proof.astronomical_hours, abs=0.1)
    assert date(2028, 2, 29) in proof.special_nights


def test_polar_night_is_lit_all_day_and_a_clock_is_not_enough() -> None:
    proof = prove(city(program("sunset", "09:00"), spot=LONGYEARBYEN), date(2026, 11, 20))
    found = only(proof, Finding.DARK_AT_NIGHT)
    # Mid-winter in Svalbard: off at 09:00, and the sun stays down.
    assert found.first_day == date(2026, 11, 20)
    assert at(found, LONGYEARBYEN) == "2026-11-21 09:00:00+01:00"
    assert found.example.control_day == date(2026, 11, 20)


def test_a_polar_day_s_empty_window_is_right() -> None:
    summer = prove(city(NIGHT, spot=LONGYEARBYEN), date(2026, 5, 1))
    assert summer.is_proved
    clock = prove(city(program("22:00", "sunrise"), spot=LONGYEARBYEN), date(2026, 5, 1))
    assert Finding.EMPTY_WINDOW not in {one.finding for one in clock.failures}


@pytest.mark.parametrize("spot", [BERLIN, LORD_HOWE, SANTIAGO, CASABLANCA])
def test_both_clock_changes_are_among_the_nights(spot: Spot) -> None:
    plain = prove(city(NIGHT, spot=spot), FIRST)
    changes = [day for day, name in plain.special_nights.items() if "clock change" in name]
    assert len(changes) == 2
    for day in changes:
        found = only(
            prove(city(NIGHT, NEVER, spot=spot, rules=[on("x", day)]), FIRST), Finding.EMPTY_WINDOW
        )
        assert (found.first_day, found.nights) == (day, 1)


def test_the_next_leap_day_is_proved_though_two_years_away() -> None:
    leap = date(2028, 2, 29)
    proof = prove(city(NIGHT, NEVER, rules=[on("leap", leap)]), FIRST)
    assert proof.nights == 365 + 3
    found = only(proof, Finding.EMPTY_WINDOW)
    assert (found.first_day, found.last_day) == (leap, leap)
    assert found.example.found == "on 03:00 is after 02:00"


def test_a_range_over_the_year_s_end_counts_its_nights() -> None:
    over_new_year = YearlyRange(first=MonthDay(month=12, day=20), last=MonthDay(month=1, day=5))
    rule = CalendarRule(name="winter", when=(over_new_year,), program="never")
    found = only(prove(city(NIGHT, NEVER, rules=[rule]), date(2026, 6, 1)), Finding.EMPTY_WINDOW)
    assert (found.first_day, found.last_day, found.nights) == (
        date(2026, 12, 20),
        date(2027, 1, 5),
        17,
    )


def test_a_range_that_starts_and_hardly_ends_is_found_from_its_first_night() -> None:
    for_good = DateRange(first=date(2026, 9, 1), last=date(2099, 12, 31))
    rule = CalendarRule(name="forgotten", when=(for_good,), program="never")
    found = only(prove(city(NIGHT, NEVER, rules=[rule]), FIRST), Finding.EMPTY_WINDOW)
    assert found.first_day == date(2026, 9, 1)
    assert found.last_day == date(2028, 3, 1)
    assert found.example.reasons[1].params["rule"] == "forgotten"


def test_windows_that_reach_into_the_next_night_burn_by_day() -> None:
    proof = prove(city(program("sunset", "11:00+12h")), FIRST)
    found = only(proof, Finding.LIT_IN_DAYLIGHT)
    assert found.nights == 368
    # From noon on, the morning's margin being over.
    assert at(found).startswith("2026-01-01 12:")
    assert only(proof, Finding.BURNING_HOURS).example.found.startswith("8,760.0 burning hours")


def test_fifty_steps_are_too_many_switchings() -> None:
    start = local("2026-01-01 19:00")
    steps = [
        ((start + timedelta(minutes=10 * number)).strftime("%H:%M"), 50.0 + number % 2)
        for number in range(50)
    ]
    found = only(
        prove(city(program("sunset", "sunrise", *steps)), FIRST), Finding.TOO_MANY_SWITCHINGS
    )
    assert found.nights == 368
    assert found.example.found == "52 switching points"
    assert found.example.expected == "at most 12 switching points in a control day"


def test_a_step_before_dusk_in_midsummer_is_no_fault() -> None:
    stepped = program("sunset", "sunrise", ("22:00", 40.0), ("23:00", 30.0))
    assert prove(city(stepped, spot=REYKJAVIK), FIRST).is_proved


def test_a_step_of_zero_is_dark() -> None:
    found = only(
        prove(city(program("sunset", "sunrise", ("01:00", 0.0), ("04:00", 100.0))), FIRST),
        Finding.DARK_AT_NIGHT,
    )
    assert at(found) == "2026-01-02 01:00:00+08:00"
    assert found.example.reasons[-1].code is ReasonCode.STEP


def test_half_a_minute_in_the_dark_is_found() -> None:
    blink = program("sunset", "sunrise", ("01:00", 0.0), ("01:00:30", 100.0))
    found = only(prove(city(blink), FIRST), Finding.DARK_AT_NIGHT)
    assert (at(found), found.nights) == ("2026-01-02 01:00:00+08:00", 368)


def test_overrides_prove_nothing_and_spoil_nothing() -> None:
    end = local("2026-03-01 02:00")
    overrides = [
        Override(
            id=name,
            selector=Selector(city=True),
            level=0,
            kind=OverrideKind.EMERGENCY,
            start_at=at_utc(0),
            end_at=end,
            reason="r",
            author="a",
        )
        for name in ("one", "other")
    ]
    where = city(NIGHT)
    overridden = where.model_copy(
        update={"plan": where.plan.model_copy(update={"overrides": tuple(overrides)})}
    )
    assert prove(overridden, FIRST).as_dict() == prove(where, FIRST).as_dict()
    bad = city(program("sunset", "02:00"))
    overridden = bad.model_copy(
        update={"plan": bad.plan.model_copy(update={"overrides": tuple(overrides)})}
    )
    assert prove(overridden, FIRST).as_dict() == prove(bad, FIRST).as_dict()
    assert not prove(overridden, FIRST).is_proved


def test_an_extinguish_window_is_allowed_but_not_on_an_expressway_nor_all_night() -> None:
    part_night = program("sunset", "sunrise", extinguish=("00:30", "05:00"))
    assert prove(city(part_night), FIRST).is_proved
    found = only(
        prove(city(part_night, category=Category.EXPRESSWAY), FIRST), Finding.DARK_AT_NIGHT
    )
    assert at(found) == "2026-01-02 00:30:00+08:00"
    whole = program("sunset", "sunrise", extinguish=("19:00", "05:00"))
    found = only(prove(city(whole), FIRST), Finding.DARK_AT_NIGHT)
    assert at(found) == "2026-01-01 19:00:00+08:00"


def test_min_burn_may_leave_out_a_short_stretch_only() -> None:
    def with_min_burn(minutes: int) -> ControlProgram:
        return program("sunset", "sunrise", extinguish=("00:30", "05:30"), min_burn_s=60 * minutes)

    assert prove(city(with_min_burn(20)), FIRST).is_proved
    found = only(prove(city(with_min_burn(120)), FIRST), Finding.DARK_AT_NIGHT)
    assert found.example.reasons[-1].code is ReasonCode.MIN_BURN


def test_a_curfew_is_for_what_nobody_s_way_home_depends_on() -> None:
    curfew = program("civil_dusk", "22:00")
    for category in (Category.LANDSCAPE, Category.FACADE, Category.PARK):
        assert prove(city(curfew, category=category), FIRST).is_proved
    found = only(prove(city(curfew, category=Category.RESIDENTIAL), FIRST), Finding.DARK_AT_NIGHT)
    assert at(found) == "2026-01-01 22:00:00+08:00"


def test_a_facade_that_never_burns_is_a_mistake() -> None:
    found = only(prove(city(NEVER, category=Category.FACADE), FIRST), Finding.NEVER_BURNS)
    assert (found.nights, found.zones) == (365, (ZONE,))
    assert found.example.found == "dark in all of 365 nights"


def test_levels_stand_above_the_lighting_class_s_floor() -> None:
    dimmed = program("sunset", "sunrise", ("23:00", 40.0), ("05:00", 100.0))
    # Class I, 30 lx at full level and 10 lx late at night: a third.
    fine = city(dimmed, lighting_class="CJJ45-I-high", design_illuminance_lx=30.0)
    assert prove(fine, FIRST).is_proved
    # A program that asks for less is raised: below the floor the controller does not go.
    poor = city(dimmed, lighting_class="CJJ45-I-high", design_illuminance_lx=20.0)
    assert prove(poor, FIRST).is_proved
    assert resolve(poor, LUMINAIRE, local("2026-01-02T02:00")).level == 50


def test_a_tunnel_may_burn_by_day() -> None:
    assert prove(city(program("12:00", "11:59:59"), category=Category.TUNNEL), FIRST).is_proved


def test_twenty_minutes_too_long_every_day_show_in_the_hours_of_the_year() -> None:
    assert prove(city(program("sunset-10m", "sunrise+10m")), FIRST).is_proved
    proof = prove(city(program("sunset-25m", "sunrise+25m")), FIRST)
    found = only(proof, Finding.BURNING_HOURS)
    assert len(proof.failures) == 1
    # 50 min on each of 365 days.
    extra = proof.burning_hours - proof.astronomical_hours
    assert extra == pytest.approx(365 * 50 / 60, abs=0.01)
    assert "from sunset to sunrise" in found.example.expected
