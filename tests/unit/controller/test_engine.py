"""The closed loop, without a broker: what is ordered, when, and when not."""

from datetime import UTC, datetime, timedelta
from itertools import count

import numpy as np
import pytest

from controller.engine.book import compile_book
from controller.engine.columns import Floats
from controller.engine.engine import Edge, Engine
from controller.engine.orders import (
    MAX_ATTEMPTS,
    CommandOrder,
    ConfigOrder,
    Priority,
    ProgramOrder,
    ZoneCommandOrder,
)
from controller.engine.repair import MAX_AWAITED
from controller.wire.messages import State
from schedules import Override, OverrideKind, Selector
from tests.fakes.small_city import small_site

NOON = datetime(2026, 3, 20, 4, tzinfo=UTC).timestamp()  # 12:00 in the small city
DUSK, DIM, DAWN = NOON + 6 * 3600, NOON + 11 * 3600, NOON + 18 * 3600


class Street:
    """An engine and the answers of its luminaires."""

    def __init__(self, *overrides: Override, now: float = NOON) -> None:
        site = small_site(*overrides)
        self.confirmed: list[tuple[Edge, list[float]]] = []
        self.engine = Engine(site, now, jitter=lambda: 0.5, confirmed=self._note)
        self.engine.adopt(compile_book(site, now))
        rows = np.arange(4)
        self.engine.expect_program(rows[:3], 7)
        for row in rows:
            self.engine.expect_config(int(row), 3)

    def _note(self, edge: Edge, delays_s: Floats) -> None:
        self.confirmed.append((edge, delays_s.tolist()))

    def report(self, level: float, at: float, *names: str, **fields: object) -> None:
        words = {"rev": 3, "program_rev": 7, "source": "program"} | fields
        for name in names or ("a1", "a2", "b1", "b2"):
            state = State(level=level, at_ms=int(at * 1000), **words)  # type: ignore[arg-type]  # words of a test
            self.engine.take_state(self.engine.columns.row_of[name], state, at)

    def commands(self, now: float, elapsed: float) -> list[CommandOrder]:
        orders = self.engine.reconcile(now, elapsed)
        return [order for order in orders if isinstance(order, CommandOrder)]


def test_a_street_that_agrees_is_left_alone() -> None:
    street = Street()
    street.report(0, NOON)
    assert list(street.engine.reconcile(NOON, 0.0)) == []
    assert list(street.engine.reconcile(NOON + 3600, 3600.0)) == []


def test_a_luminaire_without_a_clock_is_commanded_at_the_switching_point() -> None:
    street = Street()
    street.report(0, NOON)
    street.engine.reconcile(NOON, 0.0)
    (order,) = street.commands(DUSK, 100.0)
    assert order.luminaire == "b2"
    assert order.level == 100
    assert order.expires_at == DIM
    assert order.priority is Priority.RAISE_LIGHT


def test_those_with_a_clock_get_grace_and_then_a_command() -> None:
    street = Street()
    street.report(0, NOON)
    street.engine.reconcile(NOON, 0.0)
    street.report(100, DUSK, "b2")
    assert street.commands(DUSK, 100.0) == []
    assert street.commands(DUSK + 1, 104.0) == []
    ordered = {order.luminaire for order in street.commands(DUSK + 2, 106.0)}
    assert ordered == {"a1", "a2", "b1"}


def test_retries_back_off_and_the_silent_are_named() -> None:
    street = Street()
    street.report(0, NOON)
    street.engine.reconcile(NOON, 0.0)
    street.report(100, DUSK, "a1", "a2", "b2")
    sent_at = [
        100.0 + second for second in range(3600) if street.commands(DUSK + 1, 100.0 + second)
    ]
    gaps = np.diff(sent_at)
    assert (np.diff(gaps) >= 0).all(), "each wait is at least as long as the one before"
    assert gaps.max() <= 900 * 1.25 + 1
    assert len(sent_at) < 15
    row = street.engine.columns.row_of["b1"]
    assert len(sent_at) >= MAX_ATTEMPTS
    assert street.engine.not_following().nonzero()[0].tolist() == [row]


def test_light_is_raised_before_it_is_lowered() -> None:
    street = Street(now=DUSK + 60)
    street.report(100, DUSK, "a1", "a2")
    street.report(0, DUSK, "b1")
    street.engine.reconcile(DUSK + 60, 0.0)
    street.report(100, DIM, "a1")
    street.report(0, DIM, "b1")
    street.report(50, DIM, "a2", "b2")
    street.commands(DIM + 10, 1000.0)
    orders = street.commands(DIM + 10, 1010.0)
    by_name = {order.luminaire: order.priority for order in orders}
    assert by_name == {"a1": Priority.LOWER_LIGHT, "b1": Priority.RAISE_LIGHT}


def test_an_unknown_level_counts_as_dark_at_night_and_is_asked_for() -> None:
    street = Street(now=DUSK + 60)
    assert street.commands(DUSK + 60, 0.0) == []
    orders = street.commands(DUSK + 70, 10.0)
    assert {order.luminaire for order in orders} == {"a1", "a2", "b1", "b2"}
    assert {order.priority for order in orders} == {Priority.RAISE_LIGHT}


def test_an_unknown_luminaire_is_not_darkened_by_day_but_asked() -> None:
    street = Street()
    street.commands(NOON, 0.0)
    orders = street.commands(NOON + 10, 10.0)
    assert {order.luminaire for order in orders} == {"a1", "a2", "b1", "b2"}
    assert {order.level for order in orders} == {None}


def test_a_luminaire_never_heard_is_accounted_as_the_documents_ask() -> None:
    street = Street()
    street.report(0, NOON, "a1", "a2", "b2")
    street.engine.reconcile(NOON, 0.0)
    street.engine.reconcile(DUSK, 1.0)
    row = street.engine.columns.row_of["b1"]
    assert street.engine.account.power_w[row] == 100
    street.engine.reconcile(DIM, 2.0)
    assert street.engine.account.power_w[row] == 50


def test_a_lamp_that_cannot_be_dimmed_is_right_when_it_is_lit() -> None:
    street = Street()
    street.engine.columns.is_dimmable[:] = [True, False, True, True]
    street.report(100, DUSK)
    street.engine.reconcile(DUSK, 0.0)
    street.report(50, DIM, "b1", "b2")
    street.commands(DIM, 100.0)
    assert [order.luminaire for order in street.commands(DIM + 10, 110.0)] == ["a1"]
    street.report(0, DIM + 20)
    street.commands(DIM + 20, 120.0)
    assert "a2" in {order.luminaire for order in street.commands(DIM + 30, 130.0)}


def test_behind_a_dead_gateway_nothing_is_sent_and_on_its_return_it_is() -> None:
    street = Street()
    street.report(0, NOON)
    street.engine.reconcile(NOON, 0.0)
    street.report(100, DUSK, "b1", "b2")
    street.engine.take_gateway_availability(0, is_online=False)
    street.commands(DUSK, 100.0)
    assert street.commands(DUSK + 60, 200.0) == []
    street.engine.take_gateway_availability(0, is_online=True)
    assert street.commands(DUSK + 61, 201.0) == []
    assert {order.luminaire for order in street.commands(DUSK + 67, 207.0)} == {"a1", "a2"}


def test_an_offline_word_is_taken_back_by_the_next_state() -> None:
    street = Street()
    row = street.engine.columns.row_of["b1"]
    street.engine.take_availability(row, is_online=False)
    assert not street.engine.columns.is_reachable[row]
    street.report(0, NOON, "b1")
    assert street.engine.columns.is_reachable[row]


def test_confirmation_is_measured_by_edge_from_the_switching_point() -> None:
    street = Street()
    street.report(0, NOON)
    street.engine.reconcile(NOON, 0.0)
    street.engine.reconcile(DUSK, 1.0)
    street.report(100, DUSK + 2.5)
    street.engine.reconcile(DUSK + 3, 2.0)
    street.engine.reconcile(DIM, 3.0)
    street.report(50, DIM + 4)
    street.engine.reconcile(DIM + 5, 4.0)
    street.engine.reconcile(DAWN, 5.0)
    street.report(0, DAWN + 1)
    street.engine.reconcile(DAWN + 2, 6.0)
    assert street.confirmed == [
        (Edge.DUSK, [2.5] * 4),
        (Edge.DIM, [4.0] * 4),
        (Edge.DAWN, [1.0] * 4),
    ]


def test_a_state_that_comes_before_the_pass_notices_the_switching_point_counts() -> None:
    street = Street()
    street.report(0, NOON)
    street.engine.reconcile(NOON, 0.0)
    street.report(100, DUSK + 0.5)
    assert street.commands(DUSK + 30, 100.0) == []
    assert street.confirmed == [(Edge.DUSK, [0.5] * 4)]


def test_documents_are_sent_again_to_those_that_do_not_hold_them() -> None:
    street = Street()
    street.report(0, NOON)
    street.report(0, NOON, "a1", rev=2)
    street.report(0, NOON, "b1", program_rev=6)
    assert list(street.engine.reconcile(NOON, 0.0)) == []
    orders = street.engine.reconcile(NOON, 6.0)
    assert list(orders) == [ConfigOrder(luminaire="a1"), ProgramOrder(owner="zone", id="b")]
    assert list(street.engine.reconcile(NOON, 7.0)) == []


@pytest.mark.parametrize("kind", [OverrideKind.OPERATOR, OverrideKind.EMERGENCY])
def test_an_override_is_commanded_at_once_until_its_end(kind: OverrideKind) -> None:
    start = datetime.fromtimestamp(DUSK + 3600, UTC)
    override = Override(
        id="o",
        selector=Selector(zones=frozenset({"a"})),
        level=20,
        kind=kind,
        start_at=start,
        end_at=start + timedelta(minutes=30),
        reason="works",
        author="li",
    )
    street = Street(override, now=DUSK)
    street.report(100, DUSK)
    street.engine.reconcile(DUSK, 0.0)
    (order,) = street.engine.reconcile(DUSK + 3600, 10.0)
    assert isinstance(order, ZoneCommandOrder)
    assert (order.zone, order.level) == ("a", 20)
    assert order.expires_at == DUSK + 3600 + 1800
    street.report(20, DUSK + 3601, "a1", "a2", source="command")
    assert street.commands(DUSK + 3700, 20.0) == []
    street.commands(DUSK + 3600 + 1800, 30.0)
    assert street.engine.columns.desired.tolist() == [100] * 4


def test_a_restart_alone_orders_nothing() -> None:
    street = Street(now=DUSK + 600)
    street.report(100, DUSK + 1)
    assert list(street.engine.reconcile(DUSK + 600, 0.0)) == []
    assert list(street.engine.reconcile(DUSK + 601, 60.0)) == []
    assert street.confirmed == []


def test_a_dark_city_is_raised_in_bounded_waves() -> None:
    inventory = small_site().inventory
    many = tuple(
        inventory.luminaires[0].model_copy(update={"id": f"n{number}", "gateway": None})
        for number in range(MAX_AWAITED + 500)
    )
    site = small_site().model_copy(
        update={"inventory": inventory.model_copy(update={"luminaires": many})}
    )
    engine = Engine(site, DUSK + 60, jitter=lambda: 0.5, confirmed=lambda _edge, _delays: None)
    engine.adopt(compile_book(site, DUSK + 60))
    dark = State(rev=0, program_rev=0, level=0, source="local", at_ms=int(DUSK * 1000))
    for row in range(len(many)):
        engine.take_state(row, dark, DUSK + 60)
    engine.reconcile(DUSK + 60, 0.0)
    revs = count(1)

    def ordered(now: float, elapsed: float) -> int:
        orders = [one for one in engine.reconcile(now, elapsed) if isinstance(one, CommandOrder)]
        told = 0
        while orders:
            told += len(orders)
            for order in orders:
                engine.commanded(order, next(revs), elapsed)
            orders = list(engine.more(now, elapsed))
        return told

    assert ordered(DUSK + 66, 6.0) == MAX_AWAITED
    assert ordered(DUSK + 67, 7.0) == 0
    lit = State(rev=0, program_rev=0, level=100, source="command", at_ms=int((DUSK + 67) * 1000))
    for row in range(300):
        engine.take_state(row, lit, DUSK + 67)
        engine.awaited.answer(np.array([row]), engine.awaited.rev[row : row + 1])
    assert ordered(DUSK + 68, 8.0) == 300
    # Those who do not answer give their place to those who were not asked yet.
    assert ordered(DUSK + 77, 17.0) >= 200


def test_the_way_back_from_an_override_is_measured_from_its_end() -> None:
    start = datetime.fromtimestamp(DUSK + 3600, UTC)
    override = Override(
        id="o",
        selector=Selector(zones=frozenset({"a"})),
        level=20,
        kind=OverrideKind.OPERATOR,
        start_at=start,
        end_at=start + timedelta(minutes=30),
        reason="works",
        author="li",
    )
    street = Street(override, now=DUSK)
    street.report(100, DUSK)
    street.engine.reconcile(DUSK, 0.0)
    street.engine.reconcile(DUSK + 3600, 10.0)
    street.report(20, DUSK + 3603, "a1", "a2", source="command")
    street.engine.reconcile(DUSK + 3604, 20.0)
    street.engine.reconcile(DUSK + 5400, 30.0)
    street.report(100, DUSK + 5402, "a1", "a2")
    street.engine.reconcile(DUSK + 5403, 40.0)
    assert street.confirmed == [(Edge.DIM, [3.0, 3.0]), (Edge.DIM, [2.0, 2.0])]
