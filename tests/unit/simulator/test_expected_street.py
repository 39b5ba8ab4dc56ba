"""What the oracle expects: the documents' word, overrides and exceptions included."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from schedules import (
    Assignment,
    Calendar,
    ControlProgram,
    Layer,
    Limit,
    Override,
    OverrideKind,
    Plan,
    Selector,
    Site,
    Step,
    Window,
    parse_anchor,
    resolve,
)
from simulator.causes import CAUSES, SOFTWARE
from simulator.expected import expected_points
from simulator.oracle import Oracle, Timetables
from tests.fakes.small_city import small_inventory

NOON = datetime(2026, 9, 22, 4, tzinfo=UTC)
"""Noon in Beijing."""
SINCE = int(NOON.timestamp())
DAY = 86_400


def override(name: str, begin: float, end: float, **changes: object) -> Override:
    """An override by hours after noon."""
    fields: dict[str, object] = {
        "id": name,
        "selector": Selector(zones=frozenset({"a"})),
        "level": 70,
        "kind": OverrideKind.OPERATOR,
        "start_at": NOON + timedelta(hours=begin),
        "end_at": NOON + timedelta(hours=end),
        "reason": "test",
        "author": "tester",
    }
    return Override.model_validate({**fields, **changes})


def site(*overrides: Override) -> Site:
    """18:00 to 06:00; 50 % from 23:00; ``a2`` all night; ``b1`` not below 60 %."""
    window = Window(on=parse_anchor("18:00"), off=parse_anchor("06:00"))
    steps = (Step(at=parse_anchor("23:00"), level=50),)
    plan = Plan(
        programs=(
            ControlProgram(id="night", name="night", window=window, steps=steps),
            ControlProgram(id="whole", name="whole", window=window),
        ),
        calendars=(
            Calendar(id="all", name="all", default="night"),
            Calendar(id="own", name="own", default="whole"),
        ),
        assignments=(
            Assignment(layer=Layer.CITY, target="small", calendar="all"),
            Assignment(layer=Layer.LUMINAIRE, target="a2", calendar="own"),
        ),
        limits=(Limit(layer=Layer.LUMINAIRE, target="b1", floor=60),),
        overrides=overrides,
    )
    return Site(inventory=small_inventory(), plan=plan)


CASES = {
    "none": (),
    "dim in the evening": (override("one", 7, 9),),
    "dark by night": (override("one", 7, 9, level=0),),
    "lit by day": (override("one", 1, 3),),
    "over a switching point": (override("one", 10, 12, level=30),),
    "fractions of a second": (
        override("one", 7, 9, start_at=NOON + timedelta(hours=7, seconds=0.25)),
    ),
    "one above the other": (
        override("low", 7, 12, kind=OverrideKind.EVENT),
        override("high", 8, 9, level=20, kind=OverrideKind.EMERGENCY),
    ),
    "two that end together": (
        override("one", 7, 9),
        override("two", 8, 9, level=20, kind=OverrideKind.MAINTENANCE),
    ),
    "another program": (override("one", 5, 20, level=None, program="whole"),),
    "one luminaire": (override("one", 7, 9, selector=Selector(luminaires=frozenset({"b1"}))),),
    "begun before": (override("one", -30, 8, level=10),),
}


@pytest.mark.parametrize("case", CASES)
def test_timetables_equal_the_decision_at_every_quarter_of_an_hour(case: str) -> None:
    city = site(*CASES[case])
    tables, numbers = expected_points(city, SINCE, SINCE + DAY)
    times = Timetables(tables, SINCE + DAY)
    for minute in range(0, 24 * 60, 15):
        for shift in (-1, 0, 1):
            at = SINCE + minute * 60 + shift
            if at < SINCE:
                continue
            instants = np.full(len(numbers), float(at))
            piece = times.piece(np.array(numbers), instants)
            for row, luminaire in enumerate(city.inventory.luminaires):
                wanted = resolve(city, luminaire.id, datetime.fromtimestamp(at, UTC)).level
                assert bool(times.is_lit(piece)[row]) == (wanted > 0), (luminaire.id, minute)
                # No ramps here: the straight line is the level itself.
                assert times.level(piece, instants)[row] == wanted, (luminaire.id, minute)


def test_luminaires_that_are_treated_alike_share_a_timetable() -> None:
    tables, numbers = expected_points(site(), SINCE, SINCE + DAY)
    assert len(tables) == 4
    assert len(set(numbers)) == 4
    plain = site().model_copy(update={"plan": site().plan.model_copy(update={"limits": ()})})
    tables, numbers = expected_points(Site.model_validate(plain.model_dump()), SINCE, SINCE + DAY)
    assert len(tables) == 3
    assert numbers[2] == numbers[3]


def observe(
    oracle: Oracle, level: float, *, begin: float, end: float, cause: int = SOFTWARE
) -> None:
    """One lamp at a level between hours after noon."""
    since, until = (np.array([SINCE + hours * 3600.0]) for hours in (begin, end))
    levels = np.array([float(level)])
    oracle.observe(
        np.array([0]), since, until, levels, levels, np.array([level > 0]), np.array([cause])
    )


def oracle() -> Oracle:
    tables, numbers = expected_points(site(), SINCE, SINCE + DAY)
    return Oracle(Timetables(tables, SINCE + DAY), np.array(numbers[:1]), SINCE)


def test_dark_and_daylight_are_counted_where_they_differ() -> None:
    seen = oracle()
    observe(seen, 100, begin=5, end=7)
    observe(seen, 0, begin=7, end=19)
    assert seen.daylight_s[:, 0].tolist() == [3600, 0, 0, 0]
    assert seen.lit_as_expected_s[0] == 3600
    assert seen.dark_s[:, 0].tolist() == [11 * 3600, 0, 0, 0]
    assert seen.lit_s[0] == 7200


@pytest.mark.parametrize("cause", range(CAUSES))
def test_each_cause_has_sums_of_its_own(cause: int) -> None:
    seen = oracle()
    observe(seen, 0, begin=6, end=8, cause=cause)
    observe(seen, 100, begin=18, end=19, cause=cause)
    assert seen.dark_s.sum() == seen.dark_s[cause, 0] == 7200
    assert seen.daylight_s.sum() == seen.daylight_s[cause, 0] == 3600


def test_planned_changes_are_counted_once_over_later_timetables() -> None:
    tables, numbers = expected_points(site(), SINCE, SINCE + 2 * DAY)
    seen = Oracle(Timetables(tables, SINCE + 2 * DAY), np.array(numbers[:1]), SINCE)
    hour = 3600
    assert seen.planned_changes(SINCE + 6 * hour - 1)[0] == 0
    assert seen.planned_changes(SINCE + 6 * hour)[0] == 1
    seen.extend(Timetables(tables, SINCE + 2 * DAY), np.array(numbers[:1]), SINCE + 12 * hour)
    assert seen.planned_changes(SINCE + 12 * hour)[0] == 2, "on, dimmed"
    assert seen.planned_changes(SINCE + DAY)[0] == 3
    assert seen.planned_changes(SINCE + DAY)[0] == 3
    seen.begin(Timetables(tables, SINCE + 2 * DAY), np.array(numbers[:1]), SINCE + DAY)
    assert seen.planned_changes(SINCE + DAY)[0] == 0


def test_deviation_of_level_counts_while_lit() -> None:
    seen = oracle()
    observe(seen, 80, begin=10, end=12)  # expected: 100, then 50 from the 11th hour
    assert seen.level_error_s[0] == pytest.approx(3600 * 20 + 3600 * 30)


def test_deviation_of_a_ramp_that_crosses_what_is_expected() -> None:
    seen = oracle()
    seen.observe(
        np.array([0]),
        np.array([SINCE + 12 * 3600.0]),
        np.array([SINCE + 13 * 3600.0]),
        np.array([0.0]),
        np.array([100.0]),
        np.array([True]),
        np.array([SOFTWARE]),
    )
    assert seen.level_error_s[0] == pytest.approx(3600 * 25)
