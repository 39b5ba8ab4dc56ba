"""A broker in memory, and the bus on it: MQTT's meaning without a socket.

Topic filters with ``+`` and ``#``, retained messages, one copy a subscriber however many of
its filters match, order kept, delivery in a later turn of the loop. `MemoryBroker.stop`
takes all links down; retained messages are kept, as by a broker that persists.
"""

import asyncio
from collections.abc import Sequence

from controller.ports.bus import (
    BusUnavailable,
    Inbound,
    LinkHandler,
    MessageHandler,
    Outbound,
    Refused,
)


def matches(topic_filter: str, topic: str) -> bool:
    """MQTT 3.1.1, 4.7: ``+`` is one level, ``#`` the level above it and all below."""
    wanted, found = topic_filter.split("/"), topic.split("/")
    if topic.startswith("$") and wanted[0] in {"+", "#"}:
        return False
    for i, level in enumerate(wanted):
        if level == "#":
            return True
        if i >= len(found) or level not in {"+", found[i]}:
            return False
    return len(wanted) == len(found)


class MemoryBroker:
    """Holds subscriptions and retained messages."""

    def __init__(self) -> None:
        self.retained: dict[str, bytes] = {}
        self.is_running = True
        self.buses: list[MemoryBus] = []

    def start(self) -> None:
        """Take links again."""
        self.is_running = True
        for bus in self.buses:
            bus.wake()

    def stop(self) -> None:
        """Lose every link."""
        self.is_running = False
        for bus in self.buses:
            bus.wake()

    def publish(self, topic: str, payload: bytes, *, retained: bool = False) -> None:
        """Take a message and pass it on."""
        if retained and payload:
            self.retained[topic] = payload
        elif retained:
            self.retained.pop(topic, None)
        for bus in self.buses:
            bus.offer(Inbound(topic, payload, retained=False))


class MemoryBus:
    """A `controller.ports.bus.Bus` on a `MemoryBroker`."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker
        self._filters: Sequence[tuple[str, int]] = ()
        self._inbox: asyncio.Queue[Inbound | None] = asyncio.Queue()
        self._is_up: bool | None = None
        self.last_error: str | None = None

    async def run(
        self, filters: Sequence[tuple[str, int]], on_message: MessageHandler, on_link: LinkHandler
    ) -> None:
        """Keep the session up until cancelled."""
        self._filters = filters
        self._broker.buses.append(self)
        try:
            while True:
                if self._broker.is_running is not self._is_up:
                    self._follow(on_link)
                message = await self._inbox.get()
                if message is not None:
                    on_message(message)
        finally:
            self._broker.buses.remove(self)
            self._is_up = None

    def offer(self, message: Inbound) -> None:
        """Queue a message where the link is up and a filter matches."""
        if self._is_up and any(matches(wanted, message.topic) for wanted, _ in self._filters):
            self._inbox.put_nowait(message)

    def wake(self) -> None:
        """Let `run` notice that the broker came or went."""
        self._inbox.put_nowait(None)

    async def publish(self, message: Outbound) -> None:
        """Send a message; `BusUnavailable` while there is no link."""
        if not self._is_up or not self._broker.is_running:
            raise BusUnavailable(self.last_error or "memory broker: not connected yet")
        await asyncio.sleep(0)
        self._broker.publish(message.topic, message.payload, retained=message.retained)

    async def publish_all(self, messages: Sequence[Outbound]) -> Sequence[Refused]:
        """Send one after the other."""
        refused: list[Refused] = []
        for message in messages:
            try:
                await self.publish(message)
            except BusUnavailable as error:
                refused.append(Refused(message, error))
        return refused

    def _follow(self, on_link: LinkHandler) -> None:
        self._inbox = asyncio.Queue()
        is_up = self._is_up = self._broker.is_running
        self.last_error = None if is_up else "memory broker: stopped"
        for topic, payload in self._broker.retained.items():
            self.offer(Inbound(topic, payload, retained=True))
        on_link(is_up)
