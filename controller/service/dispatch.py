"""Outbound messages: by priority, the latest per topic, a bounded number in flight."""

import asyncio
import heapq
import logging

from controller.ports.bus import Bus, BusUnavailable, Outbound
from controller.service.tally import Tally

_PAUSE_S = 0.1
"""After a message that could not be sent."""

_log = logging.getLogger("lamplighter.dispatch")


class Dispatch:
    """A queue to the broker that coalesces: a newer message replaces one that still waits.

    Its length is bounded by the number of topics. While there is no link it holds what
    waits; a command that could not be sent is dropped, since the engine asks again while
    it still applies; documents go back to the queue.
    """

    def __init__(self, bus: Bus, tally: Tally, in_flight: int = 128) -> None:
        self._bus = bus
        self._tally = tally
        self._in_flight = in_flight
        self._waiting: dict[str, tuple[int, Outbound]] = {}
        self._heap: list[tuple[int, int, str]] = []
        self._count = 0
        self._has_work = asyncio.Event()
        self._is_up = asyncio.Event()
        self._sending = 0

    @property
    def length(self) -> int:
        """Messages waiting to be sent."""
        return len(self._waiting)

    @property
    def sending(self) -> int:
        """Messages sent and not yet taken by the broker."""
        return self._sending

    def set_link(self, *, is_up: bool) -> None:
        """Let messages go, or hold them."""
        if is_up:
            self._is_up.set()
        else:
            self._is_up.clear()

    def put(self, priority: int, message: Outbound) -> None:
        """Queue a message; it replaces one for the same topic that still waits."""
        self._count += 1
        self._waiting[message.topic] = (self._count, message)
        heapq.heappush(self._heap, (priority, self._count, message.topic))
        self._has_work.set()

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            for number in range(self._in_flight):
                group.create_task(self._work(), name=f"dispatch.worker-{number}")

    async def _work(self) -> None:
        while True:
            await self._has_work.wait()
            await self._is_up.wait()
            taken = self._take()
            if taken is None:
                self._has_work.clear()
                continue
            priority, message = taken
            self._sending += 1
            try:
                await self._bus.publish(message)
            except BusUnavailable as error:
                self._not_sent(priority, message, error)
                # The bus says no before it says that the link is gone: do not spin.
                await asyncio.sleep(_PAUSE_S)
            else:
                self._tally.messages_out[_topic_class(message.topic)] += 1
                self._tally.payload_bytes["out"] += len(message.payload)
            finally:
                self._sending -= 1

    def _take(self) -> tuple[int, Outbound] | None:
        while self._heap:
            priority, number, topic = heapq.heappop(self._heap)
            waiting = self._waiting.get(topic)
            if waiting is not None and waiting[0] == number:
                del self._waiting[topic]
                return priority, waiting[1]
        return None

    def _not_sent(self, priority: int, message: Outbound, error: BusUnavailable) -> None:
        _log.debug("not sent: %s: %s", message.topic, error)
        if message.retained and message.topic not in self._waiting:
            self.put(priority, message)
        elif message.topic.endswith("/command"):
            self._tally.commands["failed"] += 1


def _topic_class(topic: str) -> str:
    return topic.rsplit("/", 1)[-1]
