"""Two controllers on one site: a second one takes over, and no lamp knows of it."""

from pathlib import Path

import pytest

from tests.system.scenarios.two_controllers import Trouble, two_controllers


@pytest.mark.parametrize("trouble", list(Trouble))
async def test_the_second_controller_takes_over_and_no_lamp_changes(
    tmp_path: Path, trouble: Trouble
) -> None:
    stage, judged, leaders = await two_controllers(tmp_path, trouble, luminaires=60, speed=1440)
    print(stage.figures)
    judged.assert_holds()
    assert leaders == 1
    before, after = stage.figures["epochs"]
    assert after > before
    assert judged.street["unasked_changes"] == 0
