"""How long switchings took, by edge, as the demonstration tells it."""

import numpy as np

from controller.cli.demo_summary import Delays
from controller.engine.engine import Edge


def test_every_edge_is_told_by_itself_in_seconds_of_the_machine() -> None:
    delays = Delays(speed=100)
    delays.note(Edge.DUSK, np.array([100.0, 300.0]))
    delays.note(Edge.DUSK, np.array([200.0]))
    delays.note(Edge.DAWN, np.array([50.0]))
    assert delays.count() == 4
    assert delays.by_edge() == {
        "dusk": {"confirmed": 3, "p50_s": 2.0, "p99_s": 2.98},
        "dim": {"confirmed": 0, "p50_s": None, "p99_s": None},
        "dawn": {"confirmed": 1, "p50_s": 0.5, "p99_s": 0.5},
    }
    assert delays.site_s(50) == 150
    assert Delays(1).machine_s(99) is None
