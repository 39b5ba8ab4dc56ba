"""Feeders are loaded slowly, gateways are asked within bounds, and nobody starves."""

import numpy as np

from controller.engine.columns import Columns
from controller.engine.pacing import (
    ASKED_PER_GATEWAY,
    RAISED_AT_ONCE,
    RAISED_PER_FEEDER_S,
    Pacing,
    place_in_group,
)
from tests.fakes.small_city import small_inventory
from zones import Feeder, Inventory


def inventory(count: int, *, feeder: str | None, gateway: str | None) -> Inventory:
    small = small_inventory()
    one = small.luminaires[0].model_copy(update={"feeder": feeder, "gateway": gateway})
    return small.model_copy(
        update={
            "feeders": (Feeder(id="f", cabinet="c"), Feeder(id="other", cabinet="c")),
            "luminaires": tuple(one.model_copy(update={"id": f"n{n}"}) for n in range(count)),
        }
    )


NOBODY = np.zeros(0, dtype=np.intp)


def test_places_count_within_each_group() -> None:
    groups = np.array([3, 1, 3, 3, 1, 0])
    assert place_in_group(groups).tolist() == [0, 0, 1, 2, 1, 0]
    assert place_in_group(groups - 1).tolist() == [0, 0, 1, 2, 1, 0]
    assert place_in_group(groups * 100_000).tolist() == [0, 0, 1, 2, 1, 0]
    assert place_in_group(NOBODY).tolist() == []


def test_a_feeder_is_raised_a_few_at_a_time_and_wholly_in_the_end() -> None:
    pacing = Pacing(Columns(inventory(200, feeder="f", gateway=None)))
    waiting = np.arange(200)
    raised_by: list[int] = []
    for tick in range(100):
        is_admitted = pacing.admit(waiting, np.ones(waiting.size, np.bool_), NOBODY, tick / 20)
        pacing.spend(waiting[is_admitted])
        assert np.count_nonzero(is_admitted) <= RAISED_AT_ONCE
        waiting = waiting[~is_admitted]
        raised_by.append(200 - waiting.size)
    assert waiting.size == 0
    for tick, count in enumerate(raised_by):
        assert count <= RAISED_AT_ONCE + RAISED_PER_FEEDER_S * tick / 20


def test_lowering_and_luminaires_of_no_feeder_are_not_held_up() -> None:
    pacing = Pacing(Columns(inventory(200, feeder="f", gateway=None)))
    rows = np.arange(200)
    assert pacing.admit(rows, np.zeros(200, np.bool_), NOBODY, 0.0).all()
    pacing = Pacing(Columns(inventory(200, feeder=None, gateway=None)))
    assert pacing.admit(rows, np.ones(200, np.bool_), NOBODY, 0.0).all()


def test_a_gateway_gets_no_more_while_its_answers_are_awaited() -> None:
    pacing = Pacing(Columns(inventory(300, feeder=None, gateway="g")))
    rows, lowers = np.arange(300), np.zeros(300, np.bool_)
    first = rows[pacing.admit(rows, lowers, NOBODY, 0.0)]
    assert first.tolist() == list(range(ASKED_PER_GATEWAY))
    rest = rows[ASKED_PER_GATEWAY:]
    assert not pacing.admit(rest, lowers[rest], first, 1.0).any()
    answered = pacing.admit(rest, lowers[rest], first[30:], 2.0)
    assert np.count_nonzero(answered) == 30


def test_a_clock_that_stands_still_or_goes_back_gives_no_tokens() -> None:
    pacing = Pacing(Columns(inventory(20, feeder="f", gateway=None)))
    rows, raises = np.arange(20), np.ones(20, np.bool_)
    pacing.spend(rows[pacing.admit(rows, raises, NOBODY, 5.0)])
    assert not pacing.admit(rows, raises, NOBODY, 5.0).any()
    assert not pacing.admit(rows, raises, NOBODY, 4.0).any()
