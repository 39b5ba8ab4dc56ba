"""What a zone will do, night by night."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from schedules import (
    Calendar,
    CalendarRule,
    ControlProgram,
    Layer,
    Limit,
    OutOfRange,
    ReasonCode,
    UnknownTarget,
    compile_zone,
    day_bounds,
)
from schedules.holiday_conditions import Holiday
from schedules.night_plan import NightPlan, plan_nights
from schedules.site import Site
from tests.fakes.one_zone import (
    BERLIN,
    KOTZEBUE,
    LONGYEARBYEN,
    SANTIAGO,
    ZONE,
    Spot,
    burning_s,
    program,
    site,
    unix,
)

NIGHT = program("18:00", "06:00", ("23:00", 50), ramp_s=60)


def nights(where: Site, first: str, count: int = 1) -> list[NightPlan]:
    return list(plan_nights(where, ZONE, date.fromisoformat(first), count))


def test_a_night_has_its_switchings_and_what_made_them() -> None:
    floor = Limit(layer=Layer.ZONE, target=ZONE, floor=60)
    (night,) = nights(site(NIGHT, limits=[floor]), "2026-03-20")
    assert [(one.at, one.level, one.ramp_s) for one in night.switchings] == [
        (unix("2026-03-20T18:00"), 100, 0),
        (unix("2026-03-20T23:00"), 60, 60),
        (unix("2026-03-21T06:00"), 0, 0),
    ]
    assert [[reason.code for reason in one.decisive] for one in night.switchings] == [
        [ReasonCode.WINDOW_LIT],
        [ReasonCode.STEP, ReasonCode.FLOOR],
        [ReasonCode.WINDOW_DARK],
    ]
    assert night.burning_s == 12 * 3600
    assert night.full_load_s == pytest.approx((5 + 7 * 0.6) * 3600)
    assert night.idle is None


@pytest.mark.parametrize("spot", [BERLIN, KOTZEBUE, LONGYEARBYEN, SANTIAGO])
def test_a_year_of_nights_is_the_compiled_year(spot: Spot) -> None:
    where = site(program("sunset", "sunrise", ("22:00", 60), ("05:00", 90)), spot)
    first, count = date(2026, 1, 1), 366
    since = day_bounds(where.time_zone, first)[0]
    until = day_bounds(where.time_zone, first + timedelta(days=count - 1))[1]
    planned = nights(where, "2026-01-01", count)
    told = [(one.at, one.level) for night in planned for one in night.switchings]
    compiled = [(one.at, one.level) for one in compile_zone(where, ZONE, since, until)]
    assert told == (compiled if compiled[0][1] else compiled[1:])
    stretches = [one for night in planned for one in night.stretches]
    assert stretches[0].start == since
    assert stretches[-1].end == until
    assert all(a.end == b.start for a, b in pairwise(stretches))
    assert sum(night.burning_s for night in planned) == burning_s(where, "2026-01-01", count)


def test_a_polar_night_begins_lit_and_says_why_nothing_is_switched() -> None:
    first, second = nights(site(program("sunset", "sunrise"), LONGYEARBYEN), "2026-12-10", 2)
    assert [(one.at, one.level) for one in first.switchings] == [(first.start, 100)]
    assert (second.switchings, second.level_at_start) == ((), 100)
    assert second.burning_s == 86_400
    assert second.idle is not None
    assert second.idle.code is ReasonCode.WINDOW_LIT


@pytest.mark.parametrize(
    ("only", "code"),
    [
        (program("06:00", "sunrise"), ReasonCode.WINDOW_EMPTY),
        (program("18:00", "18:10", min_burn_s=3600), ReasonCode.WINDOW_DARK),
    ],
)
def test_a_night_without_light_says_why(only: ControlProgram, code: ReasonCode) -> None:
    (night,) = nights(site(only), "2026-06-21")
    assert (night.switchings, night.burning_s) == ((), 0)
    assert night.idle is not None
    assert night.idle.code is code


def test_a_switching_at_noon_itself_belongs_to_the_day_that_begins() -> None:
    where = site(program("12:00", "11:00", ramp_s=0))
    first, second = nights(where, "2026-03-20", 2)
    for night in (first, second):
        assert night.switchings[0].at == night.start
        assert [one.level for one in night.switchings] == [100, 0]


def test_what_is_left_of_a_ramp_is_told_where_a_plan_begins_within_it() -> None:
    where = site(program("11:59:30", "12:30", base_level=70, ramp_s=60))
    assert nights(where, "2026-03-20")[0].switchings == ()
    late = program("18:00", "06:00", ("11:59:30", 50), ramp_s=60)
    assert nights(site(late), "2026-03-20")[0].switchings[0].ramp_s == 0


def test_nights_of_clock_changes_are_as_long_as_they_are() -> None:
    where = site(NIGHT, BERLIN)
    (spring,), (autumn,) = (nights(where, day) for day in ("2026-03-28", "2026-10-24"))
    assert (spring.burning_s, autumn.burning_s) == (11 * 3600, 13 * 3600)
    assert (spring.end - spring.start, autumn.end - autumn.start) == (23 * 3600, 25 * 3600)


def test_rules_whose_holidays_are_not_known_are_named() -> None:
    where = site(NIGHT, others=[program("sunset", "22:00", identifier="q")])
    rule = CalendarRule(name="节日", when=(Holiday(country="CN"),), program="q")
    calendar = Calendar(id="all", name="all", rules=(rule,), default="p")
    where = where.model_copy(
        update={"plan": where.plan.model_copy(update={"calendars": (calendar,)})}
    )
    known, unknown = nights(where, "2026-05-06")[0], nights(where, "2090-05-06")[0]
    assert (known.in_doubt, unknown.in_doubt) == ((), ("节日",))


def test_unknown_zones_and_far_years_are_refused_at_once() -> None:
    with pytest.raises(UnknownTarget):
        plan_nights(site(NIGHT), "nowhere", date(2026, 1, 1), 1)
    with pytest.raises(OutOfRange, match="1901 to 2198"):
        plan_nights(site(NIGHT), ZONE, date(2198, 6, 1), 1000)
