"""The broker fails, or the link to it does, small enough for every run of the tests.

`run_scenarios.py` beside this plays the same at the size of a city and prints its figures.
"""

from pathlib import Path

import pytest

from simulator.chaos import LinkFault
from tests.system.scenarios import broker
from tests.system.scenarios.messages import take_bad_messages


@pytest.mark.parametrize("keeps_store", [True, False])
async def test_the_broker_dies_in_the_middle_of_a_switch_on(
    tmp_path: Path, *, keeps_store: bool
) -> None:
    _, judged = await broker.broker_killed_at_dusk(
        tmp_path, luminaires=300, speed=120, lead_s=8, gone_s=5, keeps_store=keeps_store
    )
    judged.assert_holds()


@pytest.mark.parametrize(
    "fault", [broker.HALF_OPEN, broker.FLAPPING, broker.SLOW], ids=["half-open", "flaps", "slow"]
)
async def test_the_link_is_in_trouble_at_dusk(tmp_path: Path, fault: LinkFault) -> None:
    stage, judged = await broker.link_in_trouble(
        tmp_path, fault, luminaires=100, speed=120, lead_s=8, lasts_s=15
    )
    judged.assert_holds()
    assert stage.figures["connections"] > 0


async def test_messages_come_twice_late_and_out_of_order(tmp_path: Path) -> None:
    stage, judged = await broker.messages_in_disorder(tmp_path, luminaires=100, speed=120, lead_s=8)
    judged.assert_holds()
    assert stage.figures["replayed"] > 0


def test_bad_messages_are_counted_and_change_nothing() -> None:
    came = take_bad_messages(1_000_000)
    assert came.counted == came.sent
    assert len(came.sent) >= 9, "every reason was tried"
    assert came.changed == ()
