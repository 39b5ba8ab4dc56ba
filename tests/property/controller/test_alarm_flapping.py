"""However the street flaps: no alarm is raised twice without a clear, and counts hold."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.engine.alarm_types import LUMINAIRE_TYPES, Scope
from controller.engine.faults import FaultBit
from tests.fakes.alarm_street import AlarmStreet, cabinet_inventory

INVENTORY = cabinet_inventory(2, 2, 4)
SIZE = len(INVENTORY.luminaires)
ROWS = st.lists(st.integers(0, SIZE - 1), max_size=SIZE)
ACTIONS = st.sampled_from(
    ["offline", "online", "gateway", "fail", "well", "light", "dark", "stale", "clock", "ask"]
)


def act(street: AlarmStreet, action: str, rows: list[int]) -> None:
    columns = street.columns
    names = [columns.ids[row] for row in rows]
    match action:
        case "offline":
            columns.is_online[rows] = False
        case "online":
            columns.is_online[rows] = True
            street.say(*names)
        case "gateway":
            columns.is_gateway_online[0] = not columns.is_gateway_online[0]
        case "fail":
            street.say(*names, faults=FaultBit.LAMP_FAILURE | FaultBit.POWER_RANGE)
        case "well":
            street.say(*names, faults=0)
        case "light" | "dark":
            level = 100.0 if action == "light" else 0.0
            street.want(level)
            street.say(*names, level=level)
        case "stale":
            street.is_stale[rows] = ~street.is_stale[rows]
        case "clock":
            street.clock_says(1000.0 * (len(rows) % 2), *names)
        case _:
            street.ask(*names)


@settings(max_examples=40)
@given(st.lists(st.tuples(ACTIONS, ROWS, st.integers(1, 90)), max_size=25))
def test_flapping_never_raises_twice_and_counts_hold(
    script: list[tuple[str, list[int], int]],
) -> None:
    # A pass is ten seconds of the street, so that all holding times come to an end.
    street = AlarmStreet(INVENTORY, speed=10.0)
    for action, rows, seconds in script:
        act(street, action, rows)
        street.wait(seconds)  # fails where an alarm is raised that is open
        for kind in LUMINAIRE_TYPES:
            members = [street.members(key) for key in street.open if key.type is kind]
            everyone = np.concatenate([np.zeros(0, dtype=np.intp), *members])
            assert len(everyone) == len(set(everyone.tolist())), "in two alarms of one type"
            assert set(everyone.tolist()) == set(
                np.flatnonzero(street.alarms.affected(kind)).tolist()
            )
        for key, event in street.open.items():
            assert event.affected == len(street.members(key)) > 0
            assert event.affected <= event.total
            if key.scope is Scope.LUMINAIRE:
                assert street.columns.ids[street.members(key)[0]] == key.subject
    # When all is well again, everything clears.
    street.columns.is_online[:] = True
    street.columns.is_gateway_online[:] = True
    street.clock_says(0.0)
    street.is_stale[:] = False
    for level in (100.0, 0.0):
        street.want(level)
        street.say(*street.columns.ids, level=level, faults=0)
        street.wait(1000)
    assert street.open == {}
    assert sorted(street.raised) == sorted(street.cleared)
