"""Compiled switching points say what `resolve` says, at every instant, anywhere on earth."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schedules import (
    Calendar,
    CalendarRule,
    ControlProgram,
    Layer,
    Limit,
    Override,
    OverrideKind,
    Plan,
    Selector,
    Site,
    Weekday,
    Weekdays,
    anchor_text,
    compile_luminaire,
    compile_zone,
    day_bounds,
    parse_anchor,
    resolve,
    resolve_zone,
)
from schedules.anchors import AnyAnchor
from tests.fakes.one_zone import LUMINAIRE, ZONE, Spot, at_utc, program, site
from tests.fakes.random_programs import anchors, days, levels, programs, spots

slowly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
limits = st.lists(
    st.builds(
        Limit,
        layer=st.just(Layer.ZONE),
        target=st.just(ZONE),
        floor=st.sampled_from([0.0, 20.0, 40.0]),
        ceiling=st.sampled_from([60.0, 100.0]),
    ),
    max_size=2,
)
moments = st.lists(st.integers(0, 3 * 86_400), min_size=10, max_size=30)


def span(where: Site, day: date, nights: int) -> tuple[int, int]:
    last = day + timedelta(days=nights - 1)
    return day_bounds(where.time_zone, day)[0], day_bounds(where.time_zone, last)[1]


def two_program_site(first: ControlProgram, second: ControlProgram, spot: Spot) -> Site:
    """Fridays and Sundays run the second program."""
    where = site(first, spot, others=[second])
    rule = CalendarRule(
        name="r",
        when=(Weekdays(days=frozenset({Weekday.FRIDAY, Weekday.SUNDAY})),),
        program=second.id,
    )
    calendar = Calendar(id="all", name="all", rules=(rule,), default=first.id)
    return where.model_copy(
        update={"plan": where.plan.model_copy(update={"calendars": (calendar,)})}
    )


@slowly
@given(programs(), programs("q"), spots, days, limits, moments)
def test_replaying_the_points_is_resolving(
    first: ControlProgram,
    second: ControlProgram,
    spot: Spot,
    day: date,
    bounds: list[Limit],
    asked: list[int],
) -> None:
    where = two_program_site(first, second, spot)
    plan = where.plan.model_copy(update={"limits": tuple(bounds)})
    where = where.model_copy(update={"plan": plan})
    since, until = span(where, day, 3)
    points = compile_zone(where, ZONE, since, until)
    assert points[0].at == since
    assert all(early.at < late.at for early, late in pairwise(points))
    assert all(early.level != late.level for early, late in pairwise(points))
    assert points[-1].at < until
    instants = {min(since + offset, until - 1) for offset in asked}
    instants |= {point.at for point in points} | {point.at - 1 for point in points[1:]}
    for at in sorted(instants):
        replayed = next(point.level for point in reversed(points) if point.at <= at)
        assert resolve_zone(where, ZONE, at_utc(at)).level == replayed
        assert resolve(where, LUMINAIRE, at_utc(at)).level == replayed


@slowly
@given(programs(), spots, days, st.integers(1, 2 * 86_400))
def test_where_a_compilation_begins_changes_nothing_after_it(
    only: ControlProgram, spot: Spot, day: date, later: int
) -> None:
    where = site(only, spot)
    since, until = span(where, day, 3)
    whole = compile_zone(where, ZONE, since, until)
    part = compile_zone(where, ZONE, since + later, until)
    assert part[1:] == tuple(point for point in whole if point.at > since + later)
    in_force = next(point for point in reversed(whole) if point.at <= since + later)
    assert part[0].level == in_force.level
    assert compile_zone(where, ZONE, since, until) == whole


@slowly
@given(spots, days, st.integers(0, 5))
def test_a_night_from_sunset_to_sunrise_has_at_most_one_on_and_one_off(
    spot: Spot, day: date, steps: int
) -> None:
    times = ("20:00", "22:00", "00:00", "02:00", "05:00")
    where = site(
        program(
            "sunset", "sunrise", *[(text, 90 - 10 * n) for n, text in enumerate(times[:steps])]
        ),
        spot,
    )
    since, until = span(where, day, 10)
    lit = [point.level > 0 for point in compile_zone(where, ZONE, since, until)]
    switchings = sum(early != late for early, late in pairwise(lit))
    assert switchings <= 21
    if abs(spot.latitude) < 60:
        assert switchings == 20


@slowly
@given(programs(), spots, days, levels, st.sampled_from(OverrideKind), moments)
def test_an_expired_override_leaves_no_trace(
    only: ControlProgram, spot: Spot, day: date, level: float, kind: OverrideKind, asked: list[int]
) -> None:
    plain = site(only, spot)
    since, _ = span(plain, day, 3)
    override = Override(
        id="o",
        selector=Selector(city=True),
        level=level,
        kind=kind,
        start_at=at_utc(since + 3600),
        end_at=at_utc(since + 40_000),
        reason="r",
        author="a",
    )
    overridden = site(only, spot, overrides=[override])
    for offset in asked:
        instant = at_utc(since + offset)
        now, then = (resolve(one, LUMINAIRE, instant) for one in (overridden, plain))
        if override.start_at <= instant < override.end_at:
            assert now.level == level
        else:
            assert now == then


@slowly
@given(programs(), programs("q"), spots, limits)
def test_a_site_round_trips_through_json(
    first: ControlProgram, second: ControlProgram, spot: Spot, bounds: list[Limit]
) -> None:
    where = two_program_site(first, second, spot)
    plan = where.plan.model_copy(update={"limits": tuple(bounds)})
    where = where.model_copy(update={"plan": plan})
    text = where.model_dump_json()
    assert Site.model_validate_json(text) == where
    assert Site.model_validate_json(text).model_dump_json() == text
    assert Plan.model_validate(plan.model_dump()) == plan


@given(anchors())
def test_the_notation_of_anchors_round_trips(anchor: AnyAnchor) -> None:
    assert parse_anchor(anchor_text(anchor)) == anchor


@slowly
@given(programs(), spots, days, st.sampled_from([10.0, 45.0]))
def test_a_limit_of_one_luminaire_is_the_zone_s_program_within_it(
    only: ControlProgram, spot: Spot, day: date, floor: float
) -> None:
    limit = Limit(layer=Layer.LUMINAIRE, target=LUMINAIRE, floor=floor)
    where = site(only, spot, limits=[limit])
    since, until = span(where, day, 2)
    own = compile_luminaire(where, LUMINAIRE, since, until)
    assert own is not None
    for point in compile_zone(where, ZONE, since, until):
        level = next(one.level for one in reversed(own) if one.at <= point.at)
        if point.level > 0:
            assert level == max(point.level, floor)
