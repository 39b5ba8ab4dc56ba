"""A TCP proxy in front of a broker, whose link goes wrong when it is told to.

Owns listening, the connections through it and what is counted. A client goes by its MQTT
client identifier where its first bytes are a CONNECT packet, else by ``host:port``.
"""

import asyncio
import random
import socket
import struct
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Final, Self

from simulator.chaos.lane import Lane
from simulator.chaos.link import NO_FAULT, FaultTable, LinkFault, Way
from simulator.chaos.messages import NO_TROUBLE, MessageCounts, MessageStage, MessageTrouble
from simulator.chaos.packets import client_id_of

BUFFER_BYTES: Final = 4 * 1024 * 1024
"""Kept of one direction of one connection, about; then TCP's own brake holds the sender."""
_CONNECT_TIMEOUT_S: Final = 10.0
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)


@dataclass
class ProxyCounts:
    """What the proxy did since its start."""

    connections: int = 0
    refused: int = 0
    resets: int = 0
    unreachable: int = 0
    """Connections that found no broker behind the proxy."""
    bytes_up: int = 0
    bytes_down: int = 0
    swallowed_up: int = 0
    swallowed_down: int = 0
    flaps: int = 0


class Proxy:
    """An asynchronous context manager: it listens inside, and nothing is left after it.

    ``listen_port`` 0 takes a free one; `port` says which. ``seed`` decides jitter.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        listen_host: str = "127.0.0.1",
        listen_port: int = 0,
        seed: int = 1,
        buffer_bytes: int = BUFFER_BYTES,
    ) -> None:
        self._target = (host, port)
        self._listen = (listen_host, listen_port)
        self._buffer_bytes = buffer_bytes
        self._rng = random.Random(seed)
        self._table = FaultTable()
        self._troubles: dict[str, MessageTrouble] = {}
        self._flappers: dict[str, asyncio.Task[None]] = {}
        self._down: set[str] = set()
        """Patterns whose flapping link is down now."""
        self._through: dict[_Through, asyncio.Task[None]] = {}
        self._group = asyncio.TaskGroup()
        self._server: asyncio.Server | None = None
        self._is_closing = False
        self.port = listen_port
        self.counts = ProxyCounts()
        self.message_counts = MessageCounts()

    async def __aenter__(self) -> Self:
        host, port = self._listen
        self._server = await asyncio.start_server(self._accept, host, port)
        self.port = self._server.sockets[0].getsockname()[1]
        await self._group.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._is_closing = True
        if self._server is not None:
            self._server.close()
        for task in (*self._flappers.values(), *self._through.values()):
            task.cancel()
        await self._group.__aexit__(None, None, None)

    @property
    def clients(self) -> list[str]:
        """Names of the clients that are connected."""
        return sorted(one.name for one in self._through)

    def say(self) -> dict[str, int]:
        """The counts, and how many are connected."""
        counts = {**asdict(self.counts), **asdict(self.message_counts)}
        return {**counts, "connected": len(self._through)}

    # --- faults -------------------------------------------------------------------------

    def put(self, fault: LinkFault, clients: str = "*") -> None:
        """From now on this is wrong with the links of these clients, and nothing else.

        ``clients`` is a pattern (``street-*``); ``*`` replaces all rules.
        """
        for pattern in list(self._flappers) if clients == "*" else [clients]:
            if pattern in self._flappers:
                self._flappers.pop(pattern).cancel()
            self._down.discard(pattern)
        self._table.put(clients, fault)
        if fault.flap_s is not None:
            self._down.add(clients)
            self._flappers[clients] = self._group.create_task(
                self._flap(clients, fault.flap_s), name="chaos.flap"
            )
        self._stir()

    def trouble(self, trouble: MessageTrouble, clients: str = "*") -> None:
        """From now on this happens to the messages of these clients; ``*`` replaces all."""
        if clients == "*":
            self._troubles.clear()
        self._troubles.pop(clients, None)
        if trouble != NO_TROUBLE or self._troubles:
            self._troubles[clients] = trouble

    def heal(self, clients: str = "*") -> None:
        """Nothing is wrong any more; connections with a hole in their stream are reset."""
        self.leave(clients)
        self.mend(clients)

    def mend(self, clients: str = "*") -> None:
        """Nothing is wrong with the link any more."""
        self.put(NO_FAULT, clients)

    def leave(self, clients: str = "*") -> None:
        """Nothing happens to the messages any more."""
        self.trouble(NO_TROUBLE, clients)

    def reset(self, clients: str = "*") -> int:
        """Reset (RST) the connections of these clients now; how many there were."""
        table = FaultTable()
        table.put(clients, LinkFault(is_refused=True))
        chosen = [one for one in self._through if table.fault_of(one.name) != NO_FAULT]
        for one in chosen:
            self._reset(one)
        return len(chosen)

    def _fault_of(self, client: str) -> LinkFault:
        return self._table.fault_of(client)

    def _trouble_of(self, client: str) -> MessageTrouble:
        for pattern, trouble in reversed(self._troubles.items()):
            if fnmatchcase(client, pattern):
                return trouble
        return NO_TROUBLE

    async def _flap(self, clients: str, every_s: float) -> None:
        while True:
            self._down.add(clients)
            self.counts.flaps += 1
            self.reset(clients)
            await asyncio.sleep(every_s)
            self._down.discard(clients)
            await asyncio.sleep(every_s)

    def _is_refused(self, client: str) -> bool:
        fault = self._fault_of(client)
        if fault.is_refused:
            return True
        if fault.flap_s is None or not self._down:
            return False
        table = FaultTable()
        for pattern in self._down:
            table.put(pattern, fault)
        return table.fault_of(client) != NO_FAULT

    def _stir(self) -> None:
        for one in list(self._through):
            for lane in one.lanes:
                lane.stir()
            if any(lane.is_torn for lane in one.lanes):
                self._reset(one)

    def _reset(self, through: "_Through") -> None:
        self.counts.resets += 1
        through.reset()
        task = self._through.get(through)
        if task is not None:
            task.cancel()

    # --- connections --------------------------------------------------------------------

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_closing:
            writer.transport.abort()
            return
        self.counts.connections += 1
        peer = writer.get_extra_info("peername")
        through = _Through(f"{peer[0]}:{peer[1]}" if peer else "unknown", reader, writer)
        task = self._group.create_task(self._carry(through), name="chaos.connection")
        self._through[through] = task

    async def _carry(self, through: "_Through") -> None:
        try:
            if self._is_refused(through.name):
                self._refuse(through)
                return
            if self._fault_of(through.name).up is Way.SWALLOW:
                await self._swallow(through)
                return
            await self._connect(through)
        except (OSError, EOFError):
            through.reset()
        finally:
            self._through.pop(through, None)
            through.close()

    def _refuse(self, through: "_Through") -> None:
        self.counts.refused += 1
        through.reset()

    async def _swallow(self, through: "_Through") -> None:
        """A connection into nothing, until the fault ends."""
        lane = self._lane(through, through.near, through.near_writer, is_up=True)
        lane.has_hole = True
        through.lanes = [lane]
        await lane.read()
        await asyncio.get_running_loop().create_future()  # until somebody resets it

    async def _connect(self, through: "_Through") -> None:
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                far, far_writer = await asyncio.open_connection(*self._target)
        except (OSError, TimeoutError):
            self.counts.unreachable += 1
            through.reset()
            return
        through.far_writer = far_writer
        for writer in (through.near_writer, far_writer):
            # Small messages must not wait for the acknowledgement of the one before.
            sock: socket.socket = writer.get_extra_info("socket")
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        up = self._lane(through, through.near, far_writer, is_up=True)
        down = self._lane(through, far, through.near_writer, is_up=False)
        through.lanes = [up, down]
        try:
            async with asyncio.TaskGroup() as group:
                for lane, name in ((up, "up"), (down, "down")):
                    group.create_task(lane.read(), name=f"chaos.read-{name}")
                    group.create_task(lane.write(), name=f"chaos.write-{name}")
                self._stir()
        except ExceptionGroup as failed:
            _, rest = failed.split((OSError, EOFError))
            if rest is not None:
                raise
            if any(lane.has_hole for lane in through.lanes):
                # One side is gone, and the other must not learn it before the fault ends.
                await asyncio.get_running_loop().create_future()
            through.reset()

    def _lane(
        self,
        through: "_Through",
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        is_up: bool,
    ) -> Lane:
        counts = self.counts

        def count(data: bytes) -> None:
            if is_up:
                if not through.is_named and data:
                    self._name(through, data)
                counts.bytes_up += len(data)
            else:
                counts.bytes_down += len(data)

        def count_lost(size: int) -> None:
            if is_up:
                counts.swallowed_up += size
            else:
                counts.swallowed_down += size

        stage = MessageStage(
            lambda: self._trouble_of(through.name),
            "up" if is_up else "down",
            self.message_counts,
            self._rng,
        )
        return Lane(
            reader,
            writer,
            lambda: self._fault_of(through.name),
            lambda fault: fault.up if is_up else fault.down,
            count,
            count_lost,
            stage=stage,
            buffer_bytes=self._buffer_bytes,
            rng=self._rng,
        )

    def _name(self, through: "_Through", data: bytes) -> None:
        through.is_named = True
        name = client_id_of(data)
        if name:
            through.name = name
            if self._is_refused(name):
                self._refuse(through)
                raise ConnectionResetError


class _Through:
    """One connection through the proxy: the client is near, the broker far."""

    def __init__(
        self, name: str, near: asyncio.StreamReader, near_writer: asyncio.StreamWriter
    ) -> None:
        self.name = name
        self.is_named = False
        self.near = near
        self.near_writer = near_writer
        self.far_writer: asyncio.StreamWriter | None = None
        self.lanes: list[Lane] = []

    def reset(self) -> None:
        """Both sides get an RST."""
        for writer in (self.near_writer, self.far_writer):
            if writer is None or writer.transport.is_closing():
                continue
            sock: socket.socket = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            writer.transport.abort()

    def close(self) -> None:
        """Both sides are told the end, where they were not."""
        for writer in (self.near_writer, self.far_writer):
            if writer is not None:
                writer.close()
