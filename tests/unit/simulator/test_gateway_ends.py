"""A gateway that is told to end while its link is lost ends; one whose link is lost comes back."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

import simulator.gateway
from simulator.mqtt import BrokerAddress, Link, LinkLost
from tests.unit.simulator.test_signed_street import Street


class Thread:
    """A link that a test cuts."""

    opened = 0
    in_flight = 0
    latest: "Thread"

    def __init__(self, *_: Any) -> None:
        self.is_cut = asyncio.Event()
        self.is_waited_for = asyncio.Event()
        Thread.latest = self

    async def open(self) -> None:
        Thread.opened += 1

    async def subscribe_all(self, filters: Sequence[str], qos: int) -> None:
        """All are granted."""

    def send(self, *_: Any, **__: Any) -> bool:
        return True

    async def wait_lost(self) -> None:
        self.is_waited_for.set()
        await self.is_cut.wait()
        raise LinkLost("cut by a test")

    async def close(self, *, is_abrupt: bool = False) -> None:
        """Nothing is left behind."""


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> simulator.gateway.Gateway:
    monkeypatch.setattr(simulator.gateway, "Link", Thread)
    monkeypatch.setattr(simulator.gateway, "_FIRST_DELAY_S", 0.0)
    monkeypatch.setattr(simulator.gateway, "_LAST_DELAY_S", 0.0)
    monkeypatch.setattr(Thread, "opened", 0)
    return Street().gateway


async def held(gateway: simulator.gateway.Gateway) -> Thread:
    """The link, once it stands and is listened to."""
    async with asyncio.timeout(10):
        await gateway.is_ready.wait()
        await Thread.latest.is_waited_for.wait()
    return Thread.latest


async def ended(task: "asyncio.Task[None]") -> bool:
    """Whether a task that was cancelled ends, and as one that was cancelled."""
    done, _ = await asyncio.wait([task], timeout=10)
    return bool(done) and task.cancelled()


@pytest.mark.parametrize("turns", range(6))
async def test_a_link_lost_in_the_moment_of_the_end_keeps_nobody(
    gateway: simulator.gateway.Gateway, turns: int
) -> None:
    running = asyncio.create_task(gateway.run())
    thread = await held(gateway)
    thread.is_cut.set()
    for _ in range(turns):  # of the event loop, between the loss and the order to end
        await asyncio.sleep(0)
    running.cancel()
    assert await ended(running), "it goes on as if nobody had said anything"


async def test_after_each_loss_it_connects_again(gateway: simulator.gateway.Gateway) -> None:
    running = asyncio.create_task(gateway.run())
    for _ in range(5):
        (await held(gateway)).is_cut.set()
        await asyncio.sleep(0.05)
    assert Thread.opened == 6
    running.cancel()
    assert await ended(running)


@pytest.mark.parametrize("answer", [(0,), OSError("refused")])
async def test_an_answer_in_the_moment_of_the_end_keeps_nobody(
    monkeypatch: pytest.MonkeyPatch, answer: object
) -> None:
    link = Link(BrokerAddress("x", 1), "g", ("t", b""), lambda *_: None, lambda: None)
    answers: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    monkeypatch.setattr(link, "subscribe", lambda _: asyncio.wait_for(answers, 10))
    running = asyncio.create_task(link.subscribe_all(["t"], 1))
    await asyncio.sleep(0.01)
    if isinstance(answer, Exception):
        answers.set_exception(answer)
    else:
        answers.set_result(answer)
    running.cancel()
    assert await ended(running)
