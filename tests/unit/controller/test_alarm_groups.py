"""Grouping: what is wrong with a whole cabinet is one alarm, and nothing flaps around it."""

import numpy as np
import pytest

from controller.engine.alarm_groups import GATHER_MOST_S
from controller.engine.alarm_types import AlarmKey, AlarmType, Scope
from controller.engine.faults import FaultBit
from tests.fakes.alarm_street import AlarmStreet, cabinet_inventory

LOST = AlarmType.COMMUNICATION_FAILURE
LAMP_FAILURE = AlarmType.LAMP_FAILURE


def failing(street: AlarmStreet, *names: str) -> None:
    street.say(*names, faults=FaultBit.LAMP_FAILURE)


def well(street: AlarmStreet, *names: str) -> None:
    street.say(*names, level=100.0, faults=0)


def night(*shape: int) -> AlarmStreet:
    """Lit, so that a lamp failure can be seen to be gone."""
    cabinets, feeders, per_feeder = shape
    street = AlarmStreet(cabinet_inventory(cabinets, feeders, per_feeder))
    street.want(100.0)
    street.say(*street.columns.ids, level=100.0)
    street.step()
    return street


def test_a_cabinet_of_2000_vanishes_and_comes_back() -> None:
    street = AlarmStreet(cabinet_inventory(2, 10, 200))
    street.columns.is_gateway_online[0] = False
    street.wait(600)
    (key,) = street.raised
    assert key == AlarmKey(LOST, Scope.GATEWAY, "g0")
    assert street.open[key].affected == street.open[key].total == 2000
    street.columns.is_gateway_online[0] = True
    street.wait(600)
    assert street.cleared == [key]
    assert street.raised == [key]


def test_luminaires_that_vanish_one_after_another_are_still_one_alarm() -> None:
    street = AlarmStreet(cabinet_inventory(2, 10, 200))
    order = np.random.default_rng(7).permutation(2000)
    for part in np.array_split(order, 80):
        street.columns.is_online[part] = False
        street.step()
    street.wait(300)
    assert [(key.type, key.scope) for key in street.raised] == [(LOST, Scope.GATEWAY)]
    for part in np.array_split(order, 80):
        street.columns.is_online[part] = True
        street.wait(7)
    street.wait(60)
    assert len(street.raised) == 1
    assert street.cleared == street.raised


def test_a_cabinet_is_named_where_several_gateways_hang_on_it() -> None:
    inventory = cabinet_inventory(2, 2, 10)
    second = inventory.gateways[0].model_copy(update={"id": "g0b"})
    street = AlarmStreet(
        inventory.model_copy(
            update={
                "gateways": (*inventory.gateways, second),
                "luminaires": tuple(
                    one.model_copy(update={"gateway": "g0b"}) if one.feeder == "c0f1" else one
                    for one in inventory.luminaires
                ),
            }
        )
    )
    street.columns.is_gateway_online[[0, 2]] = False
    street.wait(60)
    assert street.raised == [AlarmKey(LOST, Scope.CABINET, "c0")]


def test_a_feeder_of_a_cabinet() -> None:
    street = night(2, 2, 10)
    failing(street, *(f"c0f1-{number}" for number in range(9)))
    street.wait(90)
    (key,) = street.raised
    assert key == AlarmKey(LAMP_FAILURE, Scope.FEEDER, "c0f1")
    assert (street.open[key].affected, street.open[key].total) == (9, 10)


def test_the_whole_city_is_one_alarm() -> None:
    street = AlarmStreet(cabinet_inventory(4, 2, 5))
    street.columns.is_online[:] = False
    street.wait(60)
    assert street.raised == [AlarmKey(LOST, Scope.CITY, "city")]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_a_part_below_four_fifths_is_named_one_by_one(count: int) -> None:
    street = night(2, 2, 10)
    failing(street, *(f"c0f0-{number}" for number in range(count)))
    street.wait(90)
    assert sorted(key.subject for key in street.raised) == [f"c0f0-{n}" for n in range(count)]


def test_two_of_two_are_no_group() -> None:
    street = night(2, 1, 2)
    failing(street, "c0f0-0", "c0f0-1")
    street.wait(90)
    assert {key.scope for key in street.raised} == {Scope.LUMINAIRE}


def test_one_phase_of_a_cabinet_is_no_flood() -> None:
    street = AlarmStreet(cabinet_inventory(2, 1, 300))
    street.columns.is_online[0:300:3] = False
    street.wait(60)
    (key,) = street.raised
    assert key == AlarmKey(LOST, Scope.FEEDER, "c0f0")
    assert (street.open[key].affected, street.open[key].total) == (100, 300)
    # Another one of the same feeder, a day later, is its own news.
    street.wait(100)
    street.columns.is_online[1] = False
    street.wait(60)
    assert [key.subject for key in street.raised] == ["c0f0", "c0f0-1"]


def test_single_alarms_go_over_into_their_groups() -> None:
    street = night(2, 2, 10)
    failing(street, "c0f0-0")
    street.wait(90)
    failing(street, *(f"c0f0-{number}" for number in range(1, 10)))
    street.wait(90)
    single = AlarmKey(LAMP_FAILURE, Scope.LUMINAIRE, "c0f0-0")
    group = AlarmKey(LAMP_FAILURE, Scope.FEEDER, "c0f0")
    assert street.raised == [single, group]
    assert street.cleared == [single]
    assert street.open[group].affected == 10


def test_a_group_that_shrinks_stays_one_alarm_until_the_last_is_well() -> None:
    street = night(2, 2, 10)
    names = [f"c0f0-{number}" for number in range(10)]
    failing(street, *names)
    street.wait(90)
    for name in names[:-1]:
        well(street, name)
        street.wait(700)
    (event,) = street.open.values()
    assert event.affected == 1
    assert len(street.raised) == 1
    well(street, names[-1])
    street.wait(700)
    assert street.cleared == street.raised


def test_a_group_that_grows_back_does_not_flap() -> None:
    street = night(2, 2, 10)
    names = [f"c0f0-{number}" for number in range(10)]
    failing(street, *names)
    street.wait(90)
    for _ in range(5):
        well(street, *names[:4])
        street.wait(700)
        failing(street, *names[:4])
        street.wait(700)
    assert len(street.raised) == 1
    assert street.cleared == []


def test_one_more_of_a_group_that_is_mostly_well_is_news() -> None:
    street = night(2, 2, 10)
    names = [f"c0f0-{number}" for number in range(10)]
    failing(street, *names)
    street.wait(90)
    well(street, *names[:8])
    street.wait(700)
    failing(street, names[0])
    street.wait(90)
    assert [key.subject for key in street.raised] == ["c0f0", names[0]]


def test_a_cabinet_takes_over_from_its_feeder() -> None:
    street = night(2, 2, 10)
    failing(street, *(f"c0f0-{number}" for number in range(10)))
    street.wait(90)
    failing(street, *(f"c0f1-{number}" for number in range(10)))
    street.wait(90)
    assert [key.subject for key in street.raised] == ["c0f0", "c0"]
    assert [key.subject for key in street.cleared] == ["c0f0"]
    (event,) = street.open.values()
    assert event.affected == 20


def test_a_group_that_never_stops_growing_is_told_of_in_the_end() -> None:
    street = night(1, 1, 200)
    for number in range(140):
        failing(street, f"c0f0-{number}")
        street.wait(4)
        if street.raised:
            break
    assert street.raised
    assert street.elapsed < 2 * GATHER_MOST_S + 120


def test_a_city_without_cabinets_is_grouped_by_zone() -> None:
    inventory = cabinet_inventory(1, 1, 40)
    other = inventory.zones[0].model_copy(update={"id": "y"})
    bare = inventory.model_copy(
        update={
            "cabinets": (),
            "feeders": (),
            "gateways": (),
            "zones": (*inventory.zones, other),
            "luminaires": tuple(
                one.model_copy(
                    update={"gateway": None, "feeder": None, "zone": "y" if row < 30 else "z"}
                )
                for row, one in enumerate(inventory.luminaires)
            ),
        }
    )
    street = AlarmStreet(bare)
    street.columns.is_online[:30] = False
    street.wait(60)
    assert street.raised == [AlarmKey(LOST, Scope.ZONE, "y")]


def test_a_restart_raises_nothing_twice_and_clears_nothing() -> None:
    street = night(2, 2, 10)
    street.columns.is_gateway_online[0] = False
    failing(street, "c1f0-0")
    street.alarms.note(AlarmType.CLOCK_STEPPED)
    street.wait(90)
    before = sorted(street.open)
    assert len(before) == 3
    street.columns.is_gateway_online[0] = True  # a new process knows no better at first
    street.restart()
    street.wait(120)
    street.columns.is_gateway_online[0] = False
    street.wait(120)
    assert sorted(street.open) == before
    assert sorted(street.raised) == before
    street.columns.is_gateway_online[0] = True
    street.say(*street.columns.ids, level=100.0, faults=0)
    street.wait(4000)
    assert street.open == {}
    assert sorted(street.cleared) == before


def test_what_is_gone_from_the_inventory_is_told_to_be() -> None:
    street = night(1, 1, 10)
    gone = AlarmKey(LAMP_FAILURE, Scope.FEEDER, "c9f9")
    empty = AlarmKey(LAMP_FAILURE, Scope.LUMINAIRE, "c0f0-0")
    kept = [(gone, 0.0, np.array([1])), (empty, 0.0, np.array([], dtype=np.intp))]
    assert street.alarms.restore(kept) == [gone, empty]
