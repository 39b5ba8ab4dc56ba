"""One by one: how often, how urgently, and when a luminaire is given up."""

from itertools import count

import numpy as np

from controller.engine.awaited import Outcome
from controller.engine.book import compile_book
from controller.engine.engine import Engine
from controller.engine.orders import (
    LONGEST_RETRY_S,
    MAX_ATTEMPTS,
    CommandOrder,
    Order,
    backoff_s,
)
from controller.wire.messages import State
from tests.fakes.small_city import small_site

NOON = 1_773_979_200.0  # 2026-03-20 12:00 in the small city
DUSK, DIM = NOON + 6 * 3600, NOON + 11 * 3600


class Street:
    """Lit by night but for b1, whose gear hears nothing."""

    def __init__(self) -> None:
        site = small_site()
        self.engine = Engine(site, NOON, lambda: 0.5, lambda _edge, _delays: None)
        self.engine.adopt(compile_book(site, NOON))
        self.revs = count(1)
        self.report(0, NOON, "a1", "a2", "b1", "b2")
        self.orders(NOON, 0.0)
        self.report(100, DUSK, "a1", "a2", "b2")

    def report(self, level: float, at: float, *names: str) -> None:
        for name in names:
            state = State(rev=0, program_rev=0, level=level, source="program", at_ms=int(at * 1000))
            self.engine.take_state(self.engine.columns.row_of[name], state, at)

    def orders(self, now: float, elapsed: float, *, is_linked: bool = True) -> list[Order]:
        orders = list(self.engine.reconcile(now, elapsed, is_linked=is_linked))
        for order in orders:
            if isinstance(order, CommandOrder):
                self.engine.commanded(order, next(self.revs), elapsed)
        return orders

    def asked_at(self, seconds: range) -> list[int]:
        return [second for second in seconds if self.orders(DUSK + 1, float(second))]

    @property
    def not_following(self) -> list[str]:
        ids = self.engine.columns.ids
        return [ids[row] for row in np.flatnonzero(self.engine.not_following())]


def test_waits_double_are_spread_and_end_at_the_longest() -> None:
    middle = [float(backoff_s(np.array([n]), 0.5)[0]) for n in range(1, MAX_ATTEMPTS + 3)]
    assert middle == [5, 10, 20, 40, 80, *[LONGEST_RETRY_S] * 3]
    many = backoff_s(np.ones(1000, dtype=np.int64), 0.9)
    assert many.min() >= 5 * 0.75
    assert many.max() < 5 * 1.25
    quarters = np.histogram(many, bins=4, range=(3.75, 6.25))[0]
    assert (quarters > 240).all()


def test_who_does_not_follow_is_given_up_and_asked_at_the_longest_interval() -> None:
    street = Street()
    first = street.asked_at(range(1, 250))
    assert len(first) == MAX_ATTEMPTS
    assert street.not_following == ["b1"]
    later = street.asked_at(range(250, 4000))
    assert len(later) == 4
    assert np.diff([first[-1], *later]).min() >= 0.75 * LONGEST_RETRY_S
    street.report(100, DUSK + 2, "b1")
    street.orders(DUSK + 3, 4001.0)
    assert street.not_following == []


def test_the_last_try_has_its_time_to_be_answered() -> None:
    street = Street()
    last = street.asked_at(range(1, 250))[-1]
    again = Street()
    again.asked_at(range(1, last + 1))
    assert again.not_following == []
    again.orders(DUSK + 1, last + 10.0)
    assert again.not_following == ["b1"]


def test_a_luminaire_that_comes_back_is_asked_as_for_the_first_time() -> None:
    street = Street()
    street.asked_at(range(1, 300))
    row = street.engine.columns.row_of["b1"]
    street.engine.take_availability(row, is_online=False)
    assert street.asked_at(range(300, 320)) == []
    street.engine.take_availability(row, is_online=True)
    assert street.not_following == []
    assert street.asked_at(range(320, 330)) == [325]


def test_without_a_link_nobody_is_asked_and_its_return_gives_time() -> None:
    street = Street()
    assert street.asked_at(range(1, 7)) == [6]
    assert [s for s in range(7, 60) if street.orders(DUSK + 1, float(s), is_linked=False)] == []
    street.engine.link_restored()
    assert street.asked_at(range(60, 70)) == [65]


def test_a_command_that_waits_is_withdrawn_when_the_street_agrees_by_itself() -> None:
    street = Street()
    street.orders(DUSK + 1, 1.0)
    (order,) = street.orders(DUSK + 1, 6.0)
    assert isinstance(order, CommandOrder)
    assert street.engine.is_wanted(order.row, 1)
    assert not street.engine.is_wanted(order.row, 2)
    street.report(100, DUSK + 2, "b1")
    assert not street.engine.is_wanted(order.row, 1)
    assert street.engine.awaited.finished == {Outcome.SUPERSEDED: 1}


def test_what_is_not_wanted_any_more_does_not_go_out() -> None:
    street = Street()
    street.orders(DUSK + 1, 1.0)
    (order,) = street.orders(DUSK + 1, 6.0)
    assert isinstance(order, CommandOrder)
    street.orders(DIM, 7.0)
    assert not street.engine.is_wanted(order.row, 1)


def test_a_command_that_did_not_go_out_was_no_attempt() -> None:
    street = Street()
    street.orders(DUSK + 1, 1.0)
    for turn in range(20):
        (order,) = street.orders(DUSK + 1, 6.0 + turn)
        assert isinstance(order, CommandOrder)
        assert order.attempt == 1
        street.engine.command_failed(order.row, turn + 1)
    assert street.not_following == []


def test_the_time_to_answer_begins_when_the_broker_took_it() -> None:
    street = Street()
    street.orders(DUSK + 1, 1.0)
    (order,) = street.orders(DUSK + 1, 6.0)
    assert isinstance(order, CommandOrder)
    street.engine.command_sent(order.row, 1, 30.0)
    assert street.asked_at(range(7, 45)) == [35]
