"""Sensors in the loop: readings come in, levels change, and change back."""

import json
from datetime import UTC, datetime

import numpy as np

from controller.engine.book import compile_book
from controller.engine.engine import Edge, Engine
from controller.engine.orders import ZoneCommandOrder
from controller.ports.bus import Inbound
from controller.service.intake import Intake
from controller.service.tally import Tally
from controller.wire.codec import Reason
from controller.wire.messages import State
from controller.wire.topics import Topics
from schedules import (
    DynamicRule,
    Override,
    OverrideKind,
    RuleAction,
    Selector,
    Site,
    Trust,
    Window,
    parse_anchor,
)
from tests.fakes.small_city import small_site

NOON = datetime(2026, 3, 20, 4, tzinfo=UTC).timestamp()  # 12:00 in the small city
LATE, DAWN = NOON + 12 * 3600, NOON + 18 * 3600


class Clock:
    """Site time that the test sets."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    def offset(self) -> float:
        return 0.0

    async def sleep_until(self, at: float) -> None:
        """Nothing waits here."""


def city(*overrides: Override) -> Site:
    """Zone ``a`` brightens to 90 % for traffic and holds it for five minutes."""
    site = small_site(*overrides)
    rule = DynamicRule(
        id="busy",
        name="车流",
        selector=Selector(zones=frozenset({"a"})),
        sensors=frozenset({"radar"}),
        reading="vehicles_per_hour",
        above=100,
        action=RuleAction.MAX,
        level=90,
        hold_s=300,
    )
    return site.model_copy(update={"plan": site.plan.model_copy(update={"rules": (rule,)})})


class Street:
    """Engine and intake, with luminaires that say what they are told to."""

    def __init__(self, *overrides: Override, site: Site | None = None) -> None:
        site = site or city(*overrides)
        self.clock, self.tally = Clock(), Tally()
        self.delays: list[tuple[Edge, float]] = []
        self.engine = Engine(
            site, NOON, lambda: 0.5, lambda edge, s: self.delays.extend((edge, x) for x in s)
        )
        self.engine.adopt(compile_book(site, NOON))
        self.intake = Intake(Topics("small"), self.engine, self.clock, self.tally)

    def read(self, value: float, at: float, sensor: str = "radar") -> None:
        words = {"at_ms": int(at * 1000), "kind": "vehicles_per_hour", "value": value}
        topic = f"lamplighter/v1/small/sensor/{sensor}/reading"
        self.intake.take(Inbound(topic, json.dumps(words).encode(), False))

    def desired(self, at: float) -> list[float]:
        """Desired levels of a1, a2, b1 and b2 after a pass."""
        self.clock.at = at
        self.engine.reconcile(at, at)
        return [float(level) for level in self.engine.columns.desired]

    def report(self, level: float, at: float, *names: str) -> None:
        for name in names:
            state = State(rev=1, program_rev=1, level=level, source="command", at_ms=int(at * 1000))
            self.engine.take_state(self.engine.columns.row_of[name], state, at)


def test_a_reading_raises_its_zone_and_the_hold_lets_it_go() -> None:
    street = Street()
    assert street.desired(LATE) == [50, 50, 50, 50]
    street.clock.at = LATE + 10
    street.read(150, LATE + 10)
    assert street.desired(LATE + 10) == [90, 90, 50, 50]
    street.clock.at = LATE + 70
    street.read(20, LATE + 70)
    assert street.desired(LATE + 309) == [90, 90, 50, 50]
    assert street.desired(LATE + 310) == [50, 50, 50, 50]


def test_a_sensor_that_falls_silent_lets_go() -> None:
    street = Street()
    street.clock.at = LATE
    street.read(150, LATE)
    assert street.desired(LATE)[0] == 90
    assert street.desired(LATE + 899)[0] == 90
    assert street.desired(LATE + 902)[0] == 50


def test_a_rule_lights_nothing_by_day() -> None:
    street = Street()
    street.read(150, NOON)
    assert street.desired(NOON + 1) == [0, 0, 0, 0]
    street.clock.at = DAWN - 100
    street.read(150, DAWN - 100)
    assert street.desired(DAWN - 1)[0] == 90
    assert street.desired(DAWN) == [0, 0, 0, 0]


def test_luminaires_are_commanded_at_once_and_measured_from_the_reading() -> None:
    street = Street()
    street.desired(LATE)
    street.report(50, LATE, "a1", "a2", "b1", "b2")
    street.desired(LATE + 1)
    street.clock.at = LATE + 60
    street.read(150, LATE + 60)
    orders = street.engine.reconcile(LATE + 60, LATE + 60)
    commands = {one.zone: one.level for one in orders if isinstance(one, ZoneCommandOrder)}
    assert commands == {"a": 90}
    street.delays.clear()
    street.report(90, LATE + 62, "a1", "a2")
    street.desired(LATE + 62)
    assert street.delays == [(Edge.DIM, 2.0), (Edge.DIM, 2.0)]


def test_an_override_stands_above_the_rule() -> None:
    over = Override(
        id="o",
        selector=Selector(luminaires=frozenset({"a1"})),
        level=30,
        kind=OverrideKind.OPERATOR,
        start_at=datetime.fromtimestamp(NOON, UTC),
        end_at=datetime.fromtimestamp(DAWN, UTC),
        reason="r",
        author="a",
    )
    street = Street(over)
    street.clock.at = LATE
    street.read(150, LATE)
    assert street.desired(LATE) == [30, 90, 50, 50]


def test_readings_that_are_no_use_are_counted_and_dropped() -> None:
    street = Street()
    street.clock.at = LATE
    street.read(150, LATE, sensor="nobody")
    street.read(150, LATE + 3600)
    assert street.tally.rejected[Reason.UNKNOWN_DEVICE] == 1
    assert street.tally.rejected[Reason.RANGE] == 1
    assert street.desired(LATE)[0] == 50
    street.read(150, LATE + 5)  # a clock a little ahead
    assert street.desired(LATE)[0] == 90
    assert street.tally.messages_in["reading"] == 1


def test_readings_are_subscribed_to() -> None:
    assert ("lamplighter/v1/small/sensor/+/reading", 1) in Street().intake.filters(1)


def test_a_site_without_rules_asks_nothing_again() -> None:
    site = small_site()
    engine = Engine(site, NOON, lambda: 0.5, lambda _edge, _s: None)
    engine.adopt(compile_book(site, NOON))
    engine.reconcile(NOON, 0.0)
    assert engine.next_change_at() == NOON + 6 * 3600
    assert np.isinf(engine.rules.looks_again_s)


def test_a_rule_without_a_time_of_its_own_is_not_asked_again_and_again() -> None:
    street = Street()
    street.clock.at = LATE
    street.read(150, LATE)
    street.desired(LATE)
    assert street.engine.next_change_at() == DAWN


def test_a_window_that_ends_lets_go() -> None:
    site = city()
    (rule,) = site.plan.rules
    window = Window(on=parse_anchor("22:00"), off=parse_anchor("00:10"))
    bounded = rule.model_copy(update={"window": window, "hold_s": 86_400})
    plan = site.plan.model_copy(update={"rules": (bounded,)})
    street = Street(site=site.model_copy(update={"plan": plan}))
    street.clock.at = LATE
    street.read(150, LATE)
    assert street.desired(LATE)[0] == 90
    assert street.desired(LATE + 599)[0] == 90
    assert street.desired(LATE + 630)[0] == 50


def test_sensors_are_counted_by_whether_they_are_heard() -> None:
    street = Street()
    assert street.engine.rules.trusts(LATE) == {Trust.SILENT: 1, Trust.BELIEVED: 0}
    street.clock.at = LATE
    street.read(150, LATE)
    assert street.engine.rules.trusts(LATE) == {Trust.BELIEVED: 1}
    assert street.engine.rules.trusts(LATE + 3600) == {Trust.STALE: 1, Trust.BELIEVED: 0}
