"""A gateway that is told to end while its link is lost ends all the same."""

import asyncio

import pytest

from simulator.mqtt import LinkLost
from tests.unit.simulator.test_signed_street import Street


async def test_a_link_that_is_lost_in_the_moment_of_the_end_keeps_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gateway = Street().gateway
    held = asyncio.Event()

    async def hold() -> None:
        held.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise LinkLost("the broker went at the same time") from None

    monkeypatch.setattr(gateway, "_hold", hold)
    running = asyncio.create_task(gateway.run())
    await held.wait()
    running.cancel()
    done, _ = await asyncio.wait([running], timeout=10)
    assert done, "it goes on as if nobody had said anything"
    assert running.cancelled()
