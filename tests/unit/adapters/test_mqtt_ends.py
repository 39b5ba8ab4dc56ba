"""A bus that is told to end while its session is lost ends all the same."""

import asyncio
from typing import Any

import pytest

from controller.adapters.mqtt import MqttBus
from controller.adapters.mqtt_options import MqttOptions


async def test_a_session_that_is_lost_in_the_moment_of_the_end_keeps_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bus = MqttBus(MqttOptions.from_url("mqtt://127.0.0.1:1", client_id="c"))
    held = asyncio.Event()

    async def hold(*_: Any) -> None:
        held.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise OSError("the broker went at the same time") from None

    monkeypatch.setattr(bus, "_hold", hold)
    running = asyncio.create_task(bus.run([], lambda _: None, lambda _: None))
    await held.wait()
    running.cancel()
    done, _ = await asyncio.wait([running], timeout=10)
    assert done, "it goes on as if nobody had said anything"
    assert running.cancelled()
