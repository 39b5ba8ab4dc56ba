"""Sensors: believed or not, in force or not, by history and reading by reading."""

from collections.abc import Sequence
from math import inf
from typing import Any

import pytest
from pydantic import ValidationError

from schedules.overrides import Selector
from schedules.rules import DynamicRule, RuleAction
from schedules.sensing import Reading, Sensors, Trust

KIND = "vehicles_per_hour"


def rule(**fields: Any) -> DynamicRule:
    given: dict[str, Any] = {
        "id": "busy",
        "name": "车流",
        "selector": Selector(city=True),
        "sensors": {"s"},
        "reading": KIND,
        "above": 100,
        "hysteresis": 20,
        "action": RuleAction.SET,
        "level": 80,
        "hold_s": 0,
        "stale_after_s": 600,
    }
    return DynamicRule(**(given | fields))


def said(*pairs: tuple[float, float], kind: str = KIND) -> list[Reading]:
    return [Reading(at, kind, value) for at, value in pairs]


def in_force(one: DynamicRule, history: Sequence[Reading], at: float) -> bool:
    return Sensors.after([one], {"s": history}, at).verdict(one, at).is_in_force


def trust(one: DynamicRule, history: Sequence[Reading], at: float) -> Trust:
    ignored = Sensors.after([one], {"s": history}, at).verdict(one, at).ignored
    return ignored[0].trust if ignored else Trust.BELIEVED


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([100], False),
        ([100.5], True),
        ([150, 90], True),
        ([150, 80], False),
        ([150, 80, 90], False),
        ([90], False),
        ([150, 80, 90, 101, 81], True),
    ],
)
def test_hysteresis_above(values: list[float], expected: bool) -> None:
    history = said(*((60.0 * n, value) for n, value in enumerate(values)))
    assert in_force(rule(), history, 60.0 * len(values)) is expected


@pytest.mark.parametrize(
    ("values", "expected"), [([30], False), ([29], True), ([20, 39], True), ([20, 40], False)]
)
def test_hysteresis_below(values: list[float], expected: bool) -> None:
    below = rule(above=None, below=30, hysteresis=10)
    history = said(*((60.0 * n, value) for n, value in enumerate(values)))
    assert in_force(below, history, 60.0 * len(values)) is expected


def test_hold_counts_from_the_last_reading_beyond() -> None:
    held = rule(hold_s=300)
    history = said((0, 150), (60, 150), (120, 10))
    assert in_force(held, history, 359.9)
    assert not in_force(held, history, 360)


def test_a_stale_sensor_is_ignored_when_its_hold_is_over() -> None:
    history = said((0, 150))
    assert in_force(rule(), history, 600)
    assert trust(rule(), history, 600) is Trust.BELIEVED
    assert not in_force(rule(), history, 600.1)
    assert trust(rule(), history, 600.1) is Trust.STALE
    held = rule(hold_s=900)
    assert in_force(held, history, 899)
    assert trust(held, history, 899) is Trust.STALE
    assert not in_force(held, history, 900)


def test_a_silence_forgets_what_lay_within_the_hysteresis() -> None:
    assert in_force(rule(), said((0, 150), (600, 90)), 610)
    assert not in_force(rule(), said((0, 150), (601, 90)), 610)


def test_a_value_out_of_range_is_not_believed() -> None:
    bounded = rule(plausible={"low": 0, "high": 5000})
    history = said((0, 10), (60, 99_999))
    assert not in_force(bounded, history, 61)
    assert trust(bounded, history, 61) is Trust.IMPLAUSIBLE
    # It does not end what is held either, and the next sane value is heard.
    held = rule(plausible={"low": 0, "high": 5000}, hold_s=300)
    assert in_force(held, said((0, 150), (60, -1)), 100)
    assert trust(held, said((0, 150), (60, -1), (120, 150)), 130) is Trust.BELIEVED


def test_the_same_value_for_too_long_is_not_believed() -> None:
    watched = rule(stuck_after_s=1800)
    stuck = said(*((60.0 * n, 150) for n in range(40)))
    assert in_force(watched, stuck[:30], 60 * 29 + 1)
    assert not in_force(watched, stuck, 60 * 39 + 1)
    assert trust(watched, stuck, 60 * 39 + 1) is Trust.STUCK
    freed = [*stuck, Reading(60 * 40, KIND, 151)]
    assert in_force(watched, freed, 60 * 40 + 1)
    assert in_force(rule(), stuck, 60 * 39 + 1)


def test_a_sensor_never_heard_is_said() -> None:
    assert trust(rule(), [], 0) is Trust.SILENT
    assert trust(rule(), said((0, 150), kind="temperature"), 1) is Trust.SILENT


def test_what_comes_after_the_instant_is_passed_over() -> None:
    history = said((0, 10), (100, 150))
    assert not in_force(rule(), history, 99)
    assert in_force(rule(), history, 100)


def test_a_late_reading_changes_nothing() -> None:
    one = rule()
    sensors = Sensors([one])
    for reading in said((100, 10), (50, 500)):
        sensors.take("s", reading)
    assert not sensors.verdict(one, 101).is_in_force


@pytest.mark.parametrize(
    ("combine", "first", "second", "expected"),
    [
        ("any", 150, 10, True),
        ("all", 150, 10, False),
        ("all", 150, 150, True),
        ("all", 150, None, True),
        ("any", 10, None, False),
        ("all", None, None, False),
    ],
)
def test_several_sensors(
    combine: str, first: float | None, second: float | None, expected: bool
) -> None:
    one = rule(sensors={"a", "b"}, combine=combine)
    readings = {
        name: said((0, value)) for name, value in (("a", first), ("b", second)) if value is not None
    }
    verdict = Sensors.after([one], readings, 1).verdict(one, 1)
    assert verdict.is_in_force is expected
    assert {two.sensor for two in verdict.ignored} == {"a", "b"} - readings.keys()


def test_the_next_change_by_time_alone_is_known() -> None:
    held = rule(hold_s=100)
    sensors = Sensors.after([held], {"s": said((0, 150), (10, 10))}, 10)
    assert sensors.changes_after(10) == 100
    assert sensors.changes_after(100) == 611
    assert sensors.changes_after(611) == inf
    assert sensors.known == {"s"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"above": None}, "rule 'busy': give either above or below"),
        ({"below": 3}, "rule 'busy': give either above or below"),
        ({"level": 0}, "set level 0 must be above 0; a sensor switches no street off"),
        ({"action": "min", "level": -5}, "min level -5 must be above 0"),
        ({"action": "add", "level": 0}, "adds 0"),
        ({"plausible": {"low": 5, "high": 5}}, "low 5 must be below high 5"),
        ({"sensors": []}, "at least 1 item"),
        ({"hysteresis": -1}, "greater than or equal to 0"),
        (
            {"start_at": "2026-01-02T00:00Z", "end_at": "2026-01-01T00:00Z"},
            "must be after start_at",
        ),
    ],
)
def test_what_is_wrong_with_a_rule_is_said(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        rule(**fields)
