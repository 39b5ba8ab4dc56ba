"""The controller is killed, or its clock goes wrong."""

from pathlib import Path

from tests.system.scenarios import controller


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
