"""What every `controller.ports.bus.Bus` must do, whatever broker it talks to.

A test module subclasses `BusSuite` and gives a ``rig`` fixture.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import pytest

from controller.ports.bus import Bus, BusUnavailable, Inbound, Outbound
from controller.wire.topics import Topics

TOPICS = Topics("testing")
DEADLINE_S = 30
"""A bound for what hangs, never a measure: far above what the slowest machine needs."""


class Rig(Protocol):
    """A broker under the test's control."""

    def bus(self, client_id: str) -> Bus:
        """A new bus of the controller's rights."""

    async def stop(self) -> None:
        """End the broker as an operator would."""

    async def start(self) -> None:
        """Start it again, at the same address, with what it keeps."""


@dataclass
class Ear:
    """Collects what a bus reports, and lets a test wait for it."""

    messages: list[Inbound] = field(default_factory=list)
    links: list[bool] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def on_message(self, message: Inbound) -> None:
        self.messages.append(message)
        self._changed.set()

    def on_link(self, is_up: bool) -> None:
        self.links.append(is_up)
        self._changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def running(bus: Bus, *filters: str, wait: bool = True, qos: int = 1) -> AsyncIterator[Ear]:
    """Run a bus while the context is open."""
    ear = Ear()
    pairs = [(topic_filter, qos) for topic_filter in filters]
    task = asyncio.create_task(bus.run(pairs, ear.on_message, ear.on_link), name="test.bus")
    try:
        if wait:
            await ear.until(lambda: ear.links[-1:] == [True])
        yield ear
    finally:
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled(), task.exception()


class BusSuite:
    """The suite."""

    async def test_message_is_delivered_as_it_was_sent(self, rig: Rig) -> None:
        payload = bytes(range(256))
        async with running(rig.bus("a"), TOPICS.luminaire("+", "state")) as ear:
            await self._send(rig.bus("b"), Outbound(TOPICS.luminaire("L1", "state"), payload))
            await ear.until(lambda: len(ear.messages) == 1)
        assert ear.messages == [Inbound(TOPICS.luminaire("L1", "state"), payload, retained=False)]

    async def test_only_what_was_subscribed_arrives(self, rig: Rig) -> None:
        bus = rig.bus("a")
        async with running(bus, TOPICS.luminaire("+", "state"), TOPICS.gateway("+")) as ear:
            await bus.publish(Outbound(TOPICS.luminaire("L1", "telemetry"), b"no"))
            await bus.publish(Outbound(TOPICS.zone("Z1", "program"), b"no"))
            await bus.publish(Outbound(TOPICS.gateway("G1"), b"online"))
            await ear.until(lambda: bool(ear.messages))
            await bus.publish(Outbound(TOPICS.luminaire("L2", "state"), b"yes", qos=0))
            await ear.until(lambda: len(ear.messages) >= 2)
        assert [m.payload for m in ear.messages] == [b"online", b"yes"]

    async def test_retained_message_reaches_a_later_subscriber(self, rig: Rig) -> None:
        topics = [TOPICS.luminaire(f"L{i}", "state") for i in range(500)]
        sender = rig.bus("a")
        async with running(sender):
            for topic in topics:
                await sender.publish(Outbound(topic, topic.encode(), retained=True))
        async with running(rig.bus("b"), TOPICS.luminaire("+", "state")) as ear:
            await ear.until(lambda: len(ear.messages) == len(topics))
        assert {m.topic for m in ear.messages} == set(topics)
        assert all(m.retained and m.payload == m.topic.encode() for m in ear.messages)

    async def test_cleared_retained_message_is_gone(self, rig: Rig) -> None:
        gone, kept = TOPICS.luminaire("gone", "program"), TOPICS.luminaire("kept", "program")
        sender = rig.bus("a")
        async with running(sender, TOPICS.luminaire("+", "program")) as ear:
            await sender.publish(Outbound(gone, b"x", retained=True))
            await sender.publish(Outbound(kept, b"y", retained=True))
            await sender.publish(Outbound(gone, b"", retained=True))
            await ear.until(lambda: len(ear.messages) == 3)
        assert [(m.topic, m.payload) for m in ear.messages][-1] == (gone, b"")
        async with running(rig.bus("b"), TOPICS.luminaire("+", "program")) as ear:
            await ear.until(lambda: bool(ear.messages))
        assert [m.topic for m in ear.messages] == [kept]

    async def test_order_of_one_topic_is_kept(self, rig: Rig) -> None:
        bus = rig.bus("a")
        async with running(bus, TOPICS.luminaire("+", "state")) as ear:
            async with asyncio.TaskGroup() as group:
                for i in range(300):
                    message = Outbound(TOPICS.luminaire("L1", "state"), str(i).encode())
                    group.create_task(bus.publish(message))
            await ear.until(lambda: len(ear.messages) == 300)
        assert [int(m.payload) for m in ear.messages] == list(range(300))

    async def test_burst_of_ten_thousand_loses_nothing(self, rig: Rig) -> None:
        bus, count = rig.bus("a"), 10_000
        async with running(bus, TOPICS.luminaire("+", "state")) as ear:
            async with asyncio.TaskGroup() as group:
                for i in range(count):
                    message = Outbound(TOPICS.luminaire(f"L{i}", "state"), b"{}")
                    group.create_task(bus.publish(message))
            await ear.until(lambda: len(ear.messages) >= count)
        assert len({m.topic for m in ear.messages}) == count

    async def test_batch_is_taken_whole_and_in_order(self, rig: Rig) -> None:
        bus, topic = rig.bus("a"), TOPICS.luminaire("L1", "state")
        batch = [Outbound(topic, str(i).encode()) for i in range(1000)]
        async with running(bus, TOPICS.luminaire("+", "state")) as ear:
            assert list(await bus.publish_all(batch)) == []
            assert list(await bus.publish_all([])) == []
            await ear.until(lambda: len(ear.messages) == len(batch))
        assert [int(m.payload) for m in ear.messages] == list(range(1000))

    async def test_batch_without_a_link_is_refused_message_by_message(self, rig: Rig) -> None:
        batch = [Outbound(TOPICS.gateway(f"G{i}"), b"online") for i in range(3)]
        refused = await rig.bus("a").publish_all(batch)
        assert [one.message for one in refused] == batch
        assert all("not connected yet" in str(one.why) for one in refused)

    async def test_publish_before_the_first_link_is_refused(self, rig: Rig) -> None:
        with pytest.raises(BusUnavailable, match="not connected yet"):
            await rig.bus("a").publish(Outbound(TOPICS.heartbeat, b"{}", qos=0))

    async def test_link_lost_and_found(self, rig: Rig) -> None:
        bus = rig.bus("a")
        async with running(bus, TOPICS.luminaire("+", "state")) as ear:
            message = Outbound(TOPICS.luminaire("L1", "state"), b"1", retained=True)
            await bus.publish(message)
            await rig.stop()
            await ear.until(lambda: ear.links == [True, False])
            with pytest.raises(BusUnavailable):
                await bus.publish(message)
            await rig.start()
            await ear.until(lambda: ear.links == [True, False, True])
            # subscribed again: the retained message comes anew, and new ones arrive
            await ear.until(lambda: any(m.retained for m in ear.messages))
            await bus.publish(Outbound(TOPICS.luminaire("L1", "state"), b"2"))
            await ear.until(lambda: ear.messages[-1].payload == b"2")

    async def test_broker_that_is_away_at_first_is_found_later(self, rig: Rig) -> None:
        await rig.stop()
        async with running(rig.bus("a"), TOPICS.gateway("+"), wait=False) as ear:
            await ear.until(lambda: ear.links == [False])
            await rig.start()
            await ear.until(lambda: ear.links == [False, True])

    async def test_cancelled_run_ends_and_leaves_nothing(self, rig: Rig) -> None:
        for _ in range(3):
            async with running(rig.bus("a"), TOPICS.gateway("+"), wait=False):
                await asyncio.sleep(0)

    async def test_bus_can_be_run_again(self, rig: Rig) -> None:
        bus = rig.bus("a")
        for _ in range(2):
            async with running(bus, TOPICS.gateway("+")) as ear:
                await bus.publish(Outbound(TOPICS.gateway("G1"), b"online"))
                await ear.until(partial(bool, ear.messages))
        with pytest.raises(BusUnavailable):
            await bus.publish(Outbound(TOPICS.gateway("G1"), b"offline"))

    async def test_cancelled_publish_does_no_harm(self, rig: Rig) -> None:
        bus = rig.bus("a")
        async with running(bus, TOPICS.luminaire("+", "state")) as ear:
            message = Outbound(TOPICS.luminaire("L1", "state"), b"x")
            publishing = asyncio.create_task(bus.publish(message))
            await asyncio.sleep(0)
            publishing.cancel()
            await asyncio.wait([publishing])
            await bus.publish(Outbound(TOPICS.luminaire("L2", "state"), b"y"))
            await ear.until(lambda: any(m.payload == b"y" for m in ear.messages))

    async def _send(self, bus: Bus, *messages: Outbound) -> None:
        async with running(bus):
            for message in messages:
                await bus.publish(message)
