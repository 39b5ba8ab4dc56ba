"""What can go wrong on a street, small enough for every run of the tests.

`run_scenarios.py` beside this plays the same at the size of a city and prints its figures.
"""

from pathlib import Path

import pytest

from tests.system.scenarios.broker import broker_killed_at_dusk


@pytest.mark.parametrize("keeps_store", [True, False])
async def test_the_broker_dies_in_the_middle_of_a_switch_on(
    tmp_path: Path, *, keeps_store: bool
) -> None:
    _, judged = await broker_killed_at_dusk(
        tmp_path, luminaires=300, speed=60, lead_s=8, gone_s=5, keeps_store=keeps_store
    )
    judged.assert_holds()
