"""Everybody comes back at once, a cabinet vanishes, nobody is in charge."""

from pathlib import Path

from tests.system.scenarios import street


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
        tmp_path, luminaires=50, nights=7, speed=86_400
    )
    assert by_program["dark_minutes"] == 0
    assert by_program["daylight_burn_minutes"] == 0
    # Later the last night is repeated: the sun moves on by minutes, no night is dark.
    assert summary["dark_minutes"] == 0
    assert summary["daylight_burn_minutes"] == 0
    assert summary["dark_by_expiry_minutes"] / (50 * 7) < 10
    assert summary["lit_ratio"] > 0.99
