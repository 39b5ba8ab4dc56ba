"""Sensors of any kind: the stream gives what the history gives, nothing flaps, nothing stays."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schedules import (
    DynamicRule,
    Layer,
    Limit,
    Plausible,
    Reading,
    ReasonCode,
    RuleAction,
    RuleScope,
    Selector,
    Sensors,
    Site,
    resolve,
)
from tests.fakes.one_zone import LUMINAIRE, ZONE, local, program, site

KIND = "vehicles_per_hour"
START = local("2026-03-20T21:00")
BARE = site(
    program("18:00", "06:00", ("23:00", 50), extinguish=("01:00", "04:00")),
    limits=[Limit(layer=Layer.ZONE, target=ZONE, floor=20, ceiling=90)],
)


@st.composite
def rules(draw: st.DrawFn) -> DynamicRule:
    action = draw(st.sampled_from(RuleAction))
    lowest = -100 if action is RuleAction.ADD else 1
    side: dict[str, Any] = {draw(st.sampled_from(["above", "below"])): draw(st.integers(40, 60))}
    return DynamicRule(
        id="r",
        name="r",
        selector=Selector(city=True),
        sensors=frozenset({"s"}),
        reading=KIND,
        hysteresis=draw(st.integers(0, 20)),
        action=action,
        level=draw(st.integers(lowest, 100).filter(bool)),
        hold_s=draw(st.sampled_from([0, 60, 300, 900])),
        stale_after_s=draw(st.sampled_from([60, 300, 900])),
        stuck_after_s=draw(st.sampled_from([None, 120, 600])),
        plausible=draw(st.sampled_from([None, Plausible(low=5, high=95)])),
        scope=draw(st.sampled_from(RuleScope)),
        **side,
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Reading]:
    gaps = draw(st.lists(st.integers(0, 400), max_size=40))
    at, history = START.timestamp(), []
    for gap in gaps:
        at += gap
        history.append(Reading(at, KIND, float(draw(st.integers(0, 100)))))
    return history


def with_rule(one: DynamicRule) -> Site:
    return BARE.model_copy(update={"plan": BARE.plan.model_copy(update={"rules": (one,)})})


@settings(deadline=None, max_examples=150)
@given(rules(), histories())
def test_a_stream_gives_what_its_history_gives(one: DynamicRule, history: list[Reading]) -> None:
    stream = Sensors([one])
    for reading in sorted(history):
        stream.take("s", reading)
        so_far = Sensors.after([one], {"s": history}, reading.at)
        later = [two for two in history if two.at == reading.at]
        if reading == max(later):
            assert stream.verdict(one, reading.at) == so_far.verdict(one, reading.at)


@settings(deadline=None, max_examples=150)
@given(rules(), histories(), st.integers(0, 3000))
def test_between_readings_a_verdict_changes_when_it_was_said_to(
    one: DynamicRule, history: list[Reading], wait: int
) -> None:
    sensors = Sensors.after([one], {"s": history}, START.timestamp() + 1e6)
    at = (history[-1].at if history else START.timestamp()) + wait
    until = min(sensors.changes_after(at), at + 5000)
    found = {sensors.verdict(one, at + (until - at - 1) * share) for share in (0, 0.3, 0.7, 1)}
    assert len(found) == 1


@settings(deadline=None, max_examples=100)
@given(rules(), histories())
def test_a_sensor_that_flaps_is_bounded_by_the_hold(
    one: DynamicRule, history: list[Reading]
) -> None:
    # As often beyond and back as it likes: each time in force lasts for the hold at least.
    sensors = Sensors([one])
    begins: list[float] = []
    was = False
    for reading in history:
        now = sensors.verdict(one, reading.at).is_in_force
        was = was and now
        sensors.take("s", reading)
        now = sensors.verdict(one, reading.at).is_in_force
        if now and not was:
            begins.append(reading.at)
        was = now
    assert all(later - before >= one.hold_s for before, later in pairwise(begins))


@settings(deadline=None, max_examples=100)
@given(rules(), histories(), st.integers(0, 36))
def test_a_rule_keeps_the_lamp_within_its_limits(
    one: DynamicRule, history: list[Reading], half_hours: int
) -> None:
    instant = START + timedelta(minutes=30 * half_hours)
    level = resolve(with_rule(one), LUMINAIRE, instant, {"s": history}).level
    plain = resolve(BARE, LUMINAIRE, instant).level
    assert level == 0 or 20 <= level <= 90
    assert level > 0 or plain == 0


@settings(deadline=None, max_examples=100)
@given(rules(), histories(), st.integers(1, 20_000))
def test_a_rule_that_is_over_leaves_no_trace(
    one: DynamicRule, history: list[Reading], seconds: int
) -> None:
    last = history[-1].at if history else START.timestamp()
    over = last + max(one.hold_s, one.stale_after_s) + seconds
    instant = START + timedelta(seconds=over - START.timestamp())
    found = resolve(with_rule(one), LUMINAIRE, instant, {"s": history})
    plain = resolve(BARE, LUMINAIRE, instant)
    assert (found.level, found.ramp_s) == (plain.level, plain.ramp_s)
    heard = [two for two in found.reasons if two.code is not ReasonCode.SENSOR_IGNORED]
    assert heard == list(plain.reasons)
