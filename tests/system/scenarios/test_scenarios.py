"""What can go wrong on a street, small enough for every run of the tests.

`run_scenarios.py` beside this plays the same at the size of a city and prints its figures.
"""

from pathlib import Path

import pytest

from simulator.chaos import LinkFault
from tests.system.scenarios import broker, controller, street
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


async def test_everybody_reconnects_at_once(tmp_path: Path) -> None:
    _, judged = await street.everybody_reconnects(tmp_path, luminaires=300, lead_s=8)
    judged.assert_holds()
    assert judged.street["connections_lost"] >= judged.street["connections"]


async def test_a_cabinet_that_vanishes_is_one_alarm(tmp_path: Path) -> None:
    _, judged, gone, back = await street.a_cabinet_vanishes(tmp_path, luminaires=200, lead_s=8)
    judged.assert_holds()
    assert len(gone) == 1, gone
    assert back == []
    assert judged.street["dark_by_outage_minutes"] > 0


async def test_the_street_is_right_without_anybody_in_charge(tmp_path: Path) -> None:
    _, by_program, summary = await street.nobody_in_charge(
        tmp_path, luminaires=50, nights=7, speed=86_400, lead_s=8
    )
    assert by_program["dark_minutes"] == 0
    assert by_program["daylight_burn_minutes"] == 0
    # Later the last night is repeated: the sun moves on by minutes, no night is dark.
    assert summary["dark_minutes"] == 0
    assert summary["daylight_burn_minutes"] == 0
    assert summary["dark_by_expiry_minutes"] / (50 * 7) < 10
    assert summary["lit_ratio"] > 0.99


async def test_the_controller_is_killed_again_and_again(tmp_path: Path) -> None:
    _, judged, lost = await controller.controller_killed(
        tmp_path, luminaires=60, kills=6, speed=1500, lead_s=8
    )
    judged.assert_holds()
    assert lost == 0
    assert judged.street["unasked_changes"] == 0


async def test_a_wall_clock_that_goes_wrong_is_noticed_and_switches_nothing(
    tmp_path: Path,
) -> None:
    _, judged, noticed = await controller.wall_clock_goes_wrong(
        tmp_path, ["+3600", "-86400", "2038-01-19 03:14:00"], luminaires=40, lead_s=8
    )
    judged.assert_holds()
    assert None not in noticed.values(), noticed
    assert judged.street["unasked_changes"] == 0


async def test_a_controller_that_starts_with_a_wrong_clock_darkens_nobody(tmp_path: Path) -> None:
    _, judged = await controller.started_with_a_wrong_clock(
        tmp_path, "1970-01-01 00:00:10", luminaires=40, lead_s=8
    )
    judged.assert_holds()
    assert judged.street["unasked_changes"] == 0


def test_bad_messages_are_counted_and_change_nothing() -> None:
    came = take_bad_messages(1_000_000)
    assert came.counted == came.sent
    assert len(came.sent) >= 9, "every reason was tried"
    assert came.changed == ()
