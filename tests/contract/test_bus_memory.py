import pytest

from controller.ports.bus import Bus
from tests.contract.bus_suite import BusSuite, Rig
from tests.contract.memory_bus import MemoryBroker, MemoryBus, matches


class MemoryRig:
    def __init__(self) -> None:
        self.broker = MemoryBroker()

    def bus(self, client_id: str) -> Bus:
        return MemoryBus(self.broker)

    async def stop(self) -> None:
        self.broker.stop()

    async def start(self) -> None:
        self.broker.start()


class TestMemoryBus(BusSuite):
    @pytest.fixture
    def rig(self) -> Rig:
        return MemoryRig()


@pytest.mark.parametrize(
    ("topic_filter", "topic", "expected"),
    [
        ("a/+/c", "a/b/c", True),
        ("a/+/c", "a//c", True),
        ("a/+", "a/b/c", False),
        ("a/#", "a", True),
        ("a/#", "a/b/c", True),
        ("#", "a/b", True),
        ("+", "a", True),
        ("+", "/a", False),
        ("a/b", "a/b/", False),
        ("#", "$SYS/x", False),
        ("$SYS/#", "$SYS/x", True),
    ],
)
def test_filters_match_as_mqtt_says(topic_filter: str, topic: str, expected: bool) -> None:
    assert matches(topic_filter, topic) is expected
