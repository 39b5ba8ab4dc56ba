"""Dynamic rules in `resolve`: actions, limits, windows, scopes, overrides, reasons."""

from datetime import timedelta
from typing import Any

import pytest

from schedules import (
    DynamicRule,
    Language,
    Layer,
    Limit,
    Override,
    OverrideKind,
    Reading,
    ReasonCode,
    RuleScope,
    Selector,
    Site,
    Window,
    parse_anchor,
    reason_text,
    resolve,
)
from tests.fakes.one_zone import LUMINAIRE, NEIGHBOUR, ZONE, local, program, site

NIGHT = program("18:00", "06:00", ("23:00", 50), extinguish=("01:00", "04:00"))
EVENING, LATE, OUT, DAY = (
    "2026-03-20T20:00", "2026-03-20T23:30", "2026-03-21T02:00", "2026-03-21T10:00",
)  # fmt: skip


def rule(identifier: str = "busy", **fields: Any) -> DynamicRule:
    given: dict[str, Any] = {
        "id": identifier,
        "name": "车流",
        "selector": Selector(zones=frozenset({ZONE})),
        "sensors": {"s"},
        "reading": "vehicles_per_hour",
        "above": 100,
        "action": "set",
        "level": 80,
    }
    return DynamicRule(**(given | fields))


def city(*rules: DynamicRule, limits: Any = (), overrides: Any = ()) -> Site:
    where = site(NIGHT, limits=limits, overrides=overrides)
    return where.model_copy(update={"plan": where.plan.model_copy(update={"rules": rules})})


def level(where: Site, wall: str, value: float = 200, luminaire: str = LUMINAIRE) -> float:
    instant = local(wall)
    readings = {"s": [Reading(instant.timestamp() - 60, "vehicles_per_hour", value)]}
    return resolve(where, luminaire, instant, readings).level


@pytest.mark.parametrize(
    ("fields", "evening", "late"),
    [
        ({"action": "set", "level": 80}, 80, 80),
        ({"action": "max", "level": 80}, 100, 80),
        ({"action": "min", "level": 80}, 80, 50),
        ({"action": "add", "level": 20}, 100, 70),
        ({"action": "add", "level": -20}, 80, 30),
        ({"action": "add", "level": -100}, 1, 1),
    ],
)
def test_actions(fields: dict[str, Any], evening: float, late: float) -> None:
    where = city(rule(**fields))
    assert (level(where, EVENING), level(where, LATE)) == (evening, late)
    assert (level(where, EVENING, 50), level(where, LATE, 50)) == (100, 50)


def test_without_readings_rules_are_left_out() -> None:
    assert resolve(city(rule()), LUMINAIRE, local(LATE)).level == 50
    assert resolve(city(rule()), LUMINAIRE, local(LATE), {}).level == 50


def test_a_rule_keeps_to_floor_and_ceiling() -> None:
    limits = [Limit(layer=Layer.ZONE, target=ZONE, floor=40, ceiling=70)]
    assert level(city(rule(level=90), limits=limits), LATE) == 70
    assert level(city(rule(action="add", level=-45), limits=limits), LATE) == 40


def test_rules_act_in_the_order_of_the_plan() -> None:
    raise_, cap = rule("up", action="add", level=40), rule("cap", action="min", level=60)
    assert level(city(raise_, cap), LATE) == 60
    assert level(city(cap, raise_), LATE) == 90


def test_a_rule_is_for_those_it_selects() -> None:
    only = rule(selector=Selector(luminaires=frozenset({NEIGHBOUR})))
    assert level(city(only), LATE) == 50
    assert level(city(only), LATE, luminaire=NEIGHBOUR) == 80


@pytest.mark.parametrize(
    ("scope", "out", "day"),
    [(RuleScope.LIT, 0, 0), (RuleScope.WINDOW, 80, 0), (RuleScope.ANY_TIME, 80, 80)],
)
def test_scopes(scope: RuleScope, out: float, day: float) -> None:
    where = city(rule(scope=scope))
    assert (level(where, LATE), level(where, OUT), level(where, DAY)) == (80, out, day)
    assert (level(where, OUT, 0), level(where, DAY, 0)) == (0, 0)


def test_a_rule_that_lights_a_dark_lamp_keeps_the_floor() -> None:
    limits = [Limit(layer=Layer.ZONE, target=ZONE, floor=40)]
    where = city(rule(scope=RuleScope.ANY_TIME, action="add", level=10), limits=limits)
    assert level(where, DAY) == 40


def test_a_rule_that_lowers_does_not_light_a_dark_lamp() -> None:
    where = city(rule(scope=RuleScope.ANY_TIME, action="min", level=30))
    assert level(where, DAY) == 0
    lowers = city(rule(scope=RuleScope.ANY_TIME, action="add", level=-30))
    assert level(lowers, DAY) == 0


def test_a_window_bounds_the_rule() -> None:
    window = Window(on=parse_anchor("22:00"), off=parse_anchor("00:30"))
    where = city(rule(window=window))
    assert level(where, EVENING) == 100
    assert level(where, LATE) == 80
    assert level(where, "2026-03-21T00:29:59") == 80
    assert level(where, "2026-03-21T00:30") == 50


def test_a_rule_exists_for_its_time_only() -> None:
    where = city(rule(start_at=local("2026-03-20T23:00"), end_at=local("2026-03-21T00:00")))
    assert level(where, "2026-03-20T22:59:59") == 100
    assert level(where, "2026-03-20T23:00") == 80
    assert level(where, "2026-03-21T00:00") == 50


def test_overrides_stand_above_rules() -> None:
    above = Override(
        id="o",
        selector=Selector(city=True),
        level=33,
        kind=OverrideKind.EVENT,
        start_at=local("2026-03-20T12:00"),
        end_at=local("2026-03-21T12:00"),
        reason="festival",
        author="li",
    )
    where = city(rule(), overrides=[above])
    assert level(where, LATE) == 33


def test_a_target_of_a_rule_stands_in_the_inventory() -> None:
    where = city()
    lost = rule(selector=Selector(zones=frozenset({"nowhere"})))
    plan = where.plan.model_copy(update={"rules": (lost,)})
    with pytest.raises(ValueError, match="rule 'busy': zone 'nowhere' is not in the inventory"):
        Site(inventory=where.inventory, plan=plan)


def test_the_chain_names_sensor_and_value() -> None:
    where = city(rule(sensors={"s", "t"}))
    instant = local(LATE)
    readings = {
        "s": [Reading(instant.timestamp() - 60, "vehicles_per_hour", 240.0)],
        "t": [Reading(instant.timestamp() - 3600, "vehicles_per_hour", 240.0)],
    }
    found = resolve(where, LUMINAIRE, instant, readings)
    assert [one.code for one in found.reasons[-2:]] == [
        ReasonCode.RULE,
        ReasonCode.SENSOR_IGNORED,
    ]
    texts = [reason_text(one, where.time_zone) for one in found.reasons[-2:]]
    assert texts == [
        "rule busy: vehicles_per_hour 240 of sensor s is above 100, set 50 % to 80 %",
        "rule busy: sensor t is ignored, stale",
    ]
    chinese = reason_text(found.reasons[-1], where.time_zone, Language.CHINESE)
    assert chinese == "规则 busy：忽略传感器 t（数据过期）"


def test_a_rule_that_is_over_leaves_no_trace() -> None:
    where = city(rule(hold_s=300))
    begun = local(LATE)
    readings = {
        "s": [
            Reading(begun.timestamp(), "vehicles_per_hour", 200),
            Reading(begun.timestamp() + 60, "vehicles_per_hour", 10),
        ]
    }
    during = resolve(where, LUMINAIRE, begun + timedelta(seconds=299), readings)
    after = resolve(where, LUMINAIRE, begun + timedelta(seconds=300), readings)
    assert during.level == 80
    assert after == resolve(city(), LUMINAIRE, begun + timedelta(seconds=300))
