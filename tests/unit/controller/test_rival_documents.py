"""After another controller led beside ours for a moment: whose documents the broker holds."""

import asyncio
import json
from pathlib import Path

from controller.adapters.clock import MachineClock
from controller.adapters.sqlite import SqliteStore
from controller.service.control import Control
from controller.wire.timebase import Timebase
from tests.contract.memory_bus import MemoryBroker, MemoryBus
from tests.fakes.small_city import small_site

ROOT = "lamplighter/v1/small/"


def beat(*, epoch: int, role: str) -> bytes:
    words = {"at_ms": 0, "epoch": epoch, "instance": "old-one", "role": role, "rev": 5}
    return json.dumps(words).encode()


async def test_documents_are_said_again_when_one_that_led_beside_us_gives_way(
    tmp_path: Path,
) -> None:
    broker = MemoryBroker()
    clock = MachineClock(Timebase(real_at=1e15, site_at=1_773_979_200.0, speed=1.0))
    with SqliteStore(tmp_path) as store:
        store.lead(10)
        control = Control(small_site(), MemoryBus(broker), store, clock, pass_every_s=0.05)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(control.run(), name="test.control")
            async with asyncio.timeout(20):
                # Two programs and four configs.
                while (  # noqa: ASYNC110  # what is awaited tells nobody
                    len(broker.retained) < 6 or control.dispatch.length or control.dispatch.sending
                ):
                    await asyncio.sleep(0.01)
            ours = dict(broker.retained)
            for role in ("active", "passive"):
                for topic in ours:
                    broker.publish(topic, b'{"rev":1}', retained=True)
                broker.publish(f"{ROOT}controller/heartbeat", beat(epoch=3, role=role))
                async with asyncio.timeout(20):
                    while broker.retained != ours:  # noqa: ASYNC110  # what is awaited tells nobody
                        await asyncio.sleep(0.01)
            running.cancel()
