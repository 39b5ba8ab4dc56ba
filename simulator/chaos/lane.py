"""One direction of a connection through the proxy.

Owns the way of bytes from one socket to the other: late, slow, held or lost, in a buffer of
bounded size. Asks at every turn which fault is in force.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from simulator.chaos.link import LinkFault, Way
from simulator.chaos.messages import MessageStage

READ_BYTES: Final = 65_536
_TURNS_PER_S: Final = 20
"""A limited rate is kept in pieces of this part of a second."""


class Lane:
    """Bytes from ``reader`` to ``writer``. ``way`` reads this direction out of a fault."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        fault: Callable[[], LinkFault],
        way: Callable[[LinkFault], Way],
        on_bytes: Callable[[bytes], None],
        on_lost: Callable[[int], None],
        *,
        stage: MessageStage,
        buffer_bytes: int,
        rng: random.Random,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._fault = fault
        self._way = way
        self._on_bytes = on_bytes
        self._on_lost = on_lost
        self._stage = stage
        self._buffer_bytes = buffer_bytes
        self._rng = rng
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._bytes = 0
        self._latest_at = 0.0
        self._is_over = False
        self._stirred = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self.has_hole = False
        """True once something was swallowed."""

    @property
    def is_torn(self) -> bool:
        """True where something was swallowed and swallowing is over: the stream is no use."""
        return self.has_hole and self._way(self._fault()) is not Way.SWALLOW

    def stir(self) -> None:
        """The fault in force may be another now."""
        self._stirred.set()

    async def read(self) -> None:
        """Take bytes in until the stream ends. Raises OSError where the connection breaks."""
        loop = asyncio.get_running_loop()
        while True:
            await self._room.wait()
            data = await self._reader.read(READ_BYTES)
            self._on_bytes(data)
            if self._way(self._fault()) is Way.SWALLOW:
                self.has_hole = True
                self._on_lost(len(data))
                if not data:
                    return  # nobody on the other side learns that it ended
                continue
            if not data:
                self._is_over = True
                self._stirred.set()
                return
            now = loop.time()
            self._put(self._stage.take(data, now), now)

    async def write(self) -> None:
        """Let bytes out as the fault allows, until the stream is over. Raises OSError."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            self._put(self._stage.due(now), now)
            fault = self._fault()
            if self._way(fault) is Way.HOLD or not self._waiting:
                if self._is_over and not self._waiting and self._nothing_kept():
                    break
                await self._rest(float("inf"))
                continue
            due_at, data = self._waiting[0]
            if due_at > now:
                await self._rest(due_at)
                continue
            self._waiting.popleft()
            rate = fault.bytes_per_s
            if rate is not None:
                piece = max(1, int(rate / _TURNS_PER_S))
                if len(data) > piece:
                    self._waiting.appendleft((due_at, data[piece:]))
                    data = data[:piece]
                await asyncio.sleep(len(data) / rate)
            self._bytes -= len(data)
            if self._bytes < self._buffer_bytes:
                self._room.set()
            if self._way(self._fault()) is Way.SWALLOW:
                self.has_hole = True
                self._on_lost(len(data))
                continue
            self._writer.write(data)
            await self._writer.drain()
        if self._writer.can_write_eof():
            self._writer.write_eof()

    def _nothing_kept(self) -> bool:
        return self._stage.next_at() == float("inf")

    def _put(self, parts: Sequence[bytes], now: float) -> None:
        fault = self._fault()
        for data in parts:
            late_s = fault.latency_s + fault.jitter_s * self._rng.random()
            self._latest_at = max(self._latest_at, now + late_s)
            self._waiting.append((self._latest_at, data))
            self._bytes += len(data)
        if self._bytes >= self._buffer_bytes:
            self._room.clear()
        if parts:
            self._stirred.set()

    async def _rest(self, until: float) -> None:
        """Until that loop time, until the stage has something, or until something stirs."""
        until = min(until, self._stage.next_at())
        self._stirred.clear()
        try:
            async with asyncio.timeout_at(None if until == float("inf") else until):
                await self._stirred.wait()
        except TimeoutError:
            pass
