"""Outbound messages: by priority, the latest per topic, a bounded number in flight."""

import asyncio
import heapq
import logging
from typing import Final, NamedTuple, Protocol

from controller.ports.bus import Bus, BusUnavailable, Outbound
from controller.service.tally import Tally

_PAUSE_S: Final = 0.1
"""After a message that could not be sent."""

_SENDERS: Final = 4
"""Tasks that send, a batch each: while one waits for its answers the others go on."""

_STALE_PLACES: Final = 1000
"""Places in the queue whose message went by another, before they are cleared away."""

_log = logging.getLogger("lamplighter.dispatch")


class Errand(Protocol):
    """What the sender of a command wants to know of it. Called on the loop; must not raise."""

    def is_wanted(self) -> bool:
        """Asked when the command's turn has come; if not, it is dropped."""

    def sent(self) -> None:
        """The broker took it."""

    def failed(self) -> None:
        """The broker was not there, or refused it; it is not tried again."""


class _Waiting(NamedTuple):
    priority: int
    number: int
    message: Outbound
    errand: Errand | None


class Dispatch:
    """A queue to the broker that coalesces: a newer message replaces one that still waits.

    Its length is bounded by the number of topics. While there is no link documents wait; a
    command is dropped, since the engine asks again where it still applies.
    """

    def __init__(self, bus: Bus, tally: Tally, in_flight: int = 512) -> None:
        self._bus = bus
        self._tally = tally
        self._batch = max(1, in_flight // _SENDERS)
        self._senders = min(_SENDERS, in_flight)
        self._waiting: dict[str, _Waiting] = {}
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
            return
        self._is_up.clear()
        # By the time the link is back they may be wrong: a luminaire without a clock would
        # take even what has expired.
        for topic, waiting in list(self._waiting.items()):
            if not waiting.message.retained:
                del self._waiting[topic]
                self._give_up(waiting)
        self._clear_places()

    def forget(self) -> None:
        """Drop all that waits, documents too: another controller leads."""
        for waiting in self._waiting.values():
            self._give_up(waiting)
        self._waiting.clear()
        self._clear_places()

    def put(self, priority: int, message: Outbound, errand: Errand | None = None) -> None:
        """Queue a message; it replaces one for the same topic that still waits.

        It takes over the place of one as urgent.
        """
        before = self._waiting.get(message.topic)
        if before is not None and before.priority == priority:
            number = before.number
        else:
            self._count += 1
            number = self._count
            heapq.heappush(self._heap, (priority, number, message.topic))
        self._waiting[message.topic] = _Waiting(priority, number, message, errand)
        if len(self._heap) > 2 * len(self._waiting) + _STALE_PLACES:
            self._clear_places()
        self._has_work.set()

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            for number in range(self._senders):
                group.create_task(self._send(), name=f"dispatch.sender-{number}")

    async def _send(self) -> None:
        while True:
            await self._has_work.wait()
            await self._is_up.wait()
            batch = self._take_batch()
            if not batch:
                self._has_work.clear()
                continue
            self._sending += len(batch)
            try:
                refused = await self._bus.publish_all([one.message for one in batch])
            finally:
                self._sending -= len(batch)
            why = {one.message.topic: one.why for one in refused}
            for one in batch:
                error = why.get(one.message.topic) if why else None
                if error is None:
                    self._sent(one)
                else:
                    self._not_sent(one, error)
            if refused:
                # The bus says no before it says that the link is gone: do not spin.
                await asyncio.sleep(_PAUSE_S)

    def _take_batch(self) -> list[_Waiting]:
        """The most urgent that wait, no topic twice."""
        batch: list[_Waiting] = []
        while len(batch) < self._batch and (waiting := self._take()) is not None:
            batch.append(waiting)
        return batch

    def _sent(self, waiting: _Waiting) -> None:
        self._tally.messages_out[_topic_class(waiting.message.topic)] += 1
        self._tally.payload_bytes["out"] += len(waiting.message.payload)
        if waiting.errand is not None:
            waiting.errand.sent()

    def _take(self) -> _Waiting | None:
        while self._heap:
            _, number, topic = heapq.heappop(self._heap)
            waiting = self._waiting.get(topic)
            if waiting is None or waiting.number != number:
                continue
            del self._waiting[topic]
            if waiting.errand is None or waiting.errand.is_wanted():
                return waiting
        return None

    def _clear_places(self) -> None:
        self._heap = [(one.priority, one.number, topic) for topic, one in self._waiting.items()]
        heapq.heapify(self._heap)

    def _not_sent(self, waiting: _Waiting, error: BusUnavailable) -> None:
        message = waiting.message
        _log.debug("not sent: %s: %s", message.topic, error)
        if not message.retained:
            self._give_up(waiting)
        elif message.topic not in self._waiting:
            self.put(waiting.priority, message)

    def _give_up(self, waiting: _Waiting) -> None:
        if waiting.errand is not None:
            waiting.errand.failed()


def _topic_class(topic: str) -> str:
    return topic.rsplit("/", 1)[-1]
