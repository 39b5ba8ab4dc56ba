"""Bulk nights are the scalar nights, and bulk levels are what `resolve` says."""

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schedules import (
    Assignment,
    Calendar,
    CalendarRule,
    ControlProgram,
    Layer,
    Limit,
    Override,
    OverrideKind,
    Place,
    Plan,
    Selector,
    Site,
    UnknownTarget,
    Weekday,
    Weekdays,
    day_bounds,
    resolve,
)
from schedules.anchors import AnyAnchor
from schedules.day import Locale, Never, anchor_time
from schedules.grid import AFTER, BEFORE, Grid
from schedules.levels_bulk import levels_at
from schedules.night import night
from schedules.nights_bulk import nights
from tests.fakes.one_zone import (
    APIA,
    LONGYEARBYEN,
    LUMINAIRE,
    NEIGHBOUR,
    REYKJAVIK,
    SPOTS,
    URUMQI,
    Spot,
    at_utc,
    site,
)
from tests.fakes.one_zone import program as program_in_notation
from tests.fakes.random_programs import anchors, days, levels, programs

slowly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
all_spots = st.sampled_from([*SPOTS, APIA, REYKJAVIK, URUMQI])
places = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
more_days = days | st.sampled_from([date(2011, 12, 29), date(2011, 12, 30), date(2027, 3, 27)])


def as_bulk(at: int | Never) -> int:
    """An anchor's instant as the grid writes it."""
    if isinstance(at, int):
        return at
    return BEFORE if at is Never.BEFORE else AFTER


@slowly
@given(
    st.lists(anchors(), min_size=1, max_size=4), all_spots, st.lists(places, max_size=2), more_days
)
def test_anchors_on_a_grid_are_anchors(
    wanted: list[AnyAnchor], spot: Spot, others: list[tuple[float, float]], first: date
) -> None:
    time_zone = ZoneInfo(spot.time_zone)
    rows = [(spot.latitude, spot.longitude), *others]
    grid = Grid([one[0] for one in rows], [one[1] for one in rows], time_zone, first, 5)
    for anchor in wanted:
        found = np.broadcast_to(grid.anchor(anchor), (len(rows), 5))
        for row, place in enumerate(rows):
            for column in range(5):
                exact = anchor_time(
                    anchor, Locale(Place(*place), time_zone), first + timedelta(days=column)
                )
                assert found[row, column] == as_bulk(exact.at)


@slowly
@given(programs(), all_spots, st.lists(places, max_size=2), more_days)
def test_bulk_nights_are_nights(
    program: ControlProgram, spot: Spot, others: list[tuple[float, float]], first: date
) -> None:
    time_zone = ZoneInfo(spot.time_zone)
    rows = [(spot.latitude, spot.longitude), *others]
    grid = Grid([one[0] for one in rows], [one[1] for one in rows], time_zone, first, 4)
    bulk = nights(program, grid)
    shape = (len(rows), 4)

    def cell(array: np.ndarray, row: int, column: int) -> int:
        return int(np.broadcast_to(array, shape)[row, column])

    segments = list(bulk.segments())
    for row, place in enumerate(rows):
        for column in range(4):
            exact = night(program, Locale(Place(*place), time_zone), first + timedelta(days=column))
            start, end = (cell(one, row, column) for one in bulk.window)
            assert (None if start >= end else (start, end)) == exact.window
            for found, wanted in ((bulk.lit, exact.lit), (bulk.too_short, exact.too_short)):
                spans = [tuple(cell(one, row, column) for one in span) for span in found]
                assert [span for span in spans if span[0] < span[1]] == list(wanted)
            cut = [
                (
                    cell(one.start, row, column),
                    cell(one.end, row, column),
                    float(np.broadcast_to(one.level, shape)[row, column]),
                )
                for one in segments
            ]
            told = [(one.start, one.end, one.level) for one in exact.segments()]
            assert [one for one in cut if one[0] < one[1]] == told


@st.composite
def busy_sites(draw: st.DrawFn) -> tuple[Site, date]:
    """A city whose programs, limits, exceptions and overrides all get in each other's way."""
    spot, day = draw(all_spots), draw(days)
    first, second, third = draw(programs("p")), draw(programs("q")), draw(programs("r"))
    bare = site(first, spot, others=[second, third])
    noon = day_bounds(bare.time_zone, day)[0]
    limits = draw(
        st.lists(
            st.builds(
                Limit,
                layer=st.just(Layer.DISTRICT),
                target=st.just("d"),
                floor=st.sampled_from([None, 20.0, 70.0]),
                ceiling=st.sampled_from([80.0, 100.0]),
            )
            | st.builds(
                Limit,
                layer=st.just(Layer.LUMINAIRE),
                target=st.just(NEIGHBOUR),
                floor=st.sampled_from([0.0, 45.0]),
                ceiling=st.sampled_from([50.0, 60.0]),
            ),
            max_size=3,
        )
    )
    hours = st.integers(-30, 60)
    overrides = []
    for number in range(draw(st.integers(0, 4))):
        start, length = draw(hours), draw(st.integers(1, 20))
        says_level = draw(st.booleans())
        selector = draw(
            st.sampled_from(
                [
                    Selector(city=True),
                    Selector(districts={"d"}),
                    Selector(zones={"z"}),
                    Selector(luminaires={LUMINAIRE}),
                    Selector(luminaires={NEIGHBOUR}),
                ]
            )
        )
        overrides.append(
            Override(
                id=f"o{number}",
                selector=selector,
                level=draw(levels) if says_level else None,
                program=None if says_level else "r",
                kind=draw(st.sampled_from(OverrideKind)),
                start_at=at_utc(noon + 3600 * start)
                + timedelta(milliseconds=draw(st.sampled_from([0, 500]))),
                end_at=at_utc(noon + 3600 * (start + length)),
                reason="r",
                author="a",
            )
        )
    friday = Weekdays(days=frozenset({Weekday.FRIDAY, Weekday.SUNDAY}))
    calendars = (
        Calendar(
            id="all",
            name="all",
            default="p",
            rules=(CalendarRule(name="r", when=(friday,), program="q"),),
        ),
        Calendar(id="own", name="own", default="q"),
    )
    assignments = bare.plan.assignments if draw(st.booleans()) else ()
    if draw(st.booleans()):
        own = Assignment(layer=Layer.LUMINAIRE, target=NEIGHBOUR, calendar="own")
        assignments = (*assignments, own)
    plan = Plan(
        programs=bare.plan.programs,
        calendars=calendars,
        assignments=assignments,
        limits=tuple(limits),
        overrides=tuple(overrides),
    )
    return Site(inventory=bare.inventory, plan=plan), day


@slowly
@given(busy_sites(), st.lists(st.integers(-86_400, 3 * 86_400), min_size=5, max_size=20))
def test_bulk_levels_are_what_resolve_says(found: tuple[Site, date], offsets: list[int]) -> None:
    where, day = found
    noon = day_bounds(where.time_zone, day)[0]
    edges = [
        int(instant.timestamp()) + more
        for one in where.plan.overrides
        for instant in (one.start_at, one.end_at)
        for more in (-1, 0, 1)
    ]
    instants = [noon + offset for offset in offsets] + edges
    for overrides in (True, False):
        asked = where
        if not overrides:
            asked = where.model_copy(
                update={"plan": where.plan.model_copy(update={"overrides": ()})}
            )
        bulk = levels_at(where, [LUMINAIRE, NEIGHBOUR], instants, overrides=overrides)
        for row, luminaire in enumerate((LUMINAIRE, NEIGHBOUR)):
            for column, at in enumerate(instants):
                assert bulk[row, column] == resolve(asked, luminaire, at_utc(at)).level


@st.composite
def wide_programs(draw: st.DrawFn, identifier: str) -> ControlProgram:
    """Programs whose nights reach far into their neighbours, at levels that tell them apart."""
    hours = st.integers(1, 12)
    steps = [
        (f"{hour:02}:00", draw(st.sampled_from([0.0, 20.0, 55.0, 90.0]))) for hour in (2, 9, 13, 21)
    ]
    return program_in_notation(
        f"sunset-{draw(hours)}h",
        f"sunrise+{draw(hours)}h",
        *steps,
        identifier=identifier,
        base_level=draw(st.sampled_from([40.0, 70.0])),
        extinguish=draw(st.sampled_from([None, ("01:00", "03:00"), ("20:00", "11:00")])),
    )


@slowly
@given(
    wide_programs("p"),
    wide_programs("q"),
    st.sampled_from(SPOTS),
    days,
    st.lists(st.integers(0, 7 * 86_400), min_size=30, max_size=30),
)
def test_where_nights_overlap_the_later_decides(
    first: ControlProgram, second: ControlProgram, spot: Spot, day: date, offsets: list[int]
) -> None:
    where = site(first, spot, others=[second])
    every_other = Weekdays(days=frozenset({Weekday.MONDAY, Weekday.WEDNESDAY, Weekday.FRIDAY}))
    rule = CalendarRule(name="r", when=(every_other,), program="q")
    calendar = Calendar(id="all", name="all", default="p", rules=(rule,))
    where = where.model_copy(
        update={"plan": where.plan.model_copy(update={"calendars": (calendar,)})}
    )
    noon = day_bounds(where.time_zone, day)[0]
    instants = [noon + offset for offset in offsets]
    bulk = levels_at(where, [LUMINAIRE], instants)[0].tolist()
    assert bulk == [resolve(where, LUMINAIRE, at_utc(at)).level for at in instants]


def test_a_step_whose_event_does_not_take_place_never_comes_into_force() -> None:
    # In polar night a setting sun is before the day, in polar day after it.
    stepped = program_in_notation("12:00", "11:00", ("sunset", 20.0), ("sunrise", 30.0))
    where = site(stepped, LONGYEARBYEN)
    for day in (date(2026, 12, 21), date(2026, 6, 21), date(2026, 3, 21)):
        noon = day_bounds(where.time_zone, day)[0]
        instants = list(range(noon, noon + 86_400, 1800))
        bulk = levels_at(where, [LUMINAIRE], instants)[0].tolist()
        assert bulk == [resolve(where, LUMINAIRE, at_utc(at)).level for at in instants]
        assert 100.0 in bulk
        assert (20.0 in bulk) == (day.month == 3)


@slowly
@given(programs(), all_spots, st.permutations([0, 400, 401, 3000]))
def test_instants_far_apart_and_in_any_order(
    program: ControlProgram, spot: Spot, spread: list[int]
) -> None:
    where = site(program, spot)
    instants = [at_utc(1_750_000_000 + 86_400 * day + 7 * day) for day in spread]
    seconds = [int(one.timestamp()) for one in instants]
    bulk = levels_at(where, [LUMINAIRE], seconds)
    assert bulk[0].tolist() == [resolve(where, LUMINAIRE, one).level for one in instants]
    by_time = levels_at(where, [LUMINAIRE], sorted(seconds))[0]
    order = np.argsort(seconds)
    assert all(early < late for early, late in pairwise(sorted(seconds)))
    assert bulk[0][order].tolist() == by_time.tolist()


def test_nothing_asked_is_nothing_answered() -> None:
    where = site(program_for_all_night())
    assert levels_at(where, [], [0]).shape == (0, 1)
    assert levels_at(where, [LUMINAIRE], np.zeros(0, dtype=np.int64)).shape == (1, 0)


def test_what_cannot_be_answered_is_said() -> None:
    where = site(program_for_all_night())
    with pytest.raises(UnknownTarget, match="'nobody'"):
        levels_at(where, ["nobody"], [0])
    with pytest.raises(ValueError, match="whole Unix seconds"):
        levels_at(where, [LUMINAIRE], [0.5])


def program_for_all_night() -> ControlProgram:
    """Sunset to sunrise."""
    return program_in_notation("sunset", "sunrise")
