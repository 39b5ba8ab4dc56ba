"""Trouble with whole messages on their way through the proxy.

Owns duplicates, late and reordered messages and replays of old ones. Reads MQTT packets of
either version as far as it must; a stream that is no MQTT passes untouched. What it adds has
QoS 0, so that neither side sees an identifier that it does not know.
"""

import heapq
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Annotated, Final, Literal

import msgspec

from simulator.chaos.packets import CONNACK, CONNECT, copy_of, is_publish, length_of, topic_of

_KEPT: Final = 20_000
"""Messages of a connection kept for replays; with more, the oldest are forgotten."""
_KEPT_BYTES: Final = 16 * 1024 * 1024
_LONGEST_PACKET: Final = 1024 * 1024
"""Longer packets pass untouched."""
_HELD_BYTES: Final = 16 * 1024 * 1024
"""Kept back at most; beyond it nothing more is made late."""

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class MessageTrouble(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of messages; the default is nothing. Times are machine seconds."""

    topics: tuple[str, ...] = ("*",)
    """Patterns of topics that are troubled: ``*/state``, ``lamplighter/*``."""
    way: Literal["up", "down", "both"] = "both"
    """From the client to the broker, or from the broker to the client."""
    duplicate: Share = 0.0
    """Share that comes twice, the second time up to ``late_s`` later."""
    late: Share = 0.0
    """Share that comes up to ``late_s`` late: others overtake it."""
    late_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 1.0
    swap: Share = 0.0
    """Share that changes places with the message after it (or comes ``late_s`` later)."""
    replay: Share = 0.0
    """So many messages of the past come again for each that passes."""
    replay_s: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = 86_400.0
    """How far back the past reaches."""


NO_TROUBLE: Final = MessageTrouble()


@dataclass
class MessageCounts:
    """What was done to messages since the start."""

    messages: int = 0
    duplicated: int = 0
    delayed: int = 0
    swapped: int = 0
    replayed: int = 0


class MessageStage:
    """A direction of one connection. ``trouble`` is asked at each message."""

    def __init__(
        self,
        trouble: Callable[[], MessageTrouble],
        direction: Literal["up", "down"],
        counts: MessageCounts,
        rng: random.Random,
    ) -> None:
        self._trouble = trouble
        self._direction = direction
        self._counts = counts
        self._rng = rng
        self._rest = b""
        """Bytes of a packet that is not whole yet."""
        self._pass_on = 0
        """Bytes of a packet that is too long to be read."""
        self._is_new = True
        self._is_plain = False
        self._held: list[tuple[float, int, bytes]] = []
        self._held_bytes = 0
        self._order = 0
        self._swapping: bytes | None = None
        self._swap_until = float("inf")
        self._past: deque[tuple[float, bytes]] = deque()
        self._past_bytes = 0

    def take(self, data: bytes, at: float) -> Sequence[bytes]:
        """Bytes came in at loop time ``at``; what goes on at once."""
        if self._is_new and data:
            self._is_new = False
            self._is_plain = data[0] != (CONNECT if self._direction == "up" else CONNACK)
        if self._is_plain:
            return [data]
        buffer = self._rest + data if self._rest else data
        out: list[bytes] = []
        position = 0
        while position < len(buffer):
            if self._pass_on:
                part = buffer[position : position + self._pass_on]
                self._pass_on -= len(part)
                position += len(part)
                out.append(part)
                continue
            try:
                length = length_of(buffer, position)
            except ValueError:
                self._is_plain = True
                out.append(buffer[position:])
                position = len(buffer)
                break
            if length is None:
                break
            if length > _LONGEST_PACKET:
                self._pass_on = length
                continue
            if position + length > len(buffer):
                break
            out += self._pass(buffer[position : position + length], at)
            position += length
        self._rest = buffer[position:]
        return [b"".join(out)] if out else out

    def due(self, at: float) -> Sequence[bytes]:
        """What was kept back and goes on by now."""
        out: list[bytes] = []
        while self._held and self._held[0][0] <= at:
            _, _, packet = heapq.heappop(self._held)
            self._held_bytes -= len(packet)
            out.append(packet)
        if self._swapping is not None and self._swap_until <= at:
            out.append(self._end_swap())
        return out

    def next_at(self) -> float:
        """Loop time at which `due` has something; infinity for never."""
        return min(self._held[0][0] if self._held else float("inf"), self._swap_until)

    def _pass(self, packet: bytes, at: float) -> list[bytes]:
        trouble = self._trouble()
        if trouble.way not in ("both", self._direction) or not is_publish(packet):
            return [packet]
        try:
            topic = topic_of(packet)
        except ValueError:
            return [packet]
        if not any(fnmatchcase(topic, pattern) for pattern in trouble.topics):
            return [packet]
        counts, rng = self._counts, self._rng
        counts.messages += 1
        out: list[bytes] = []
        if trouble.replay:
            self._remember(copy_of(packet), at, trouble.replay_s)
            if rng.random() < trouble.replay:
                counts.replayed += 1
                out.append(self._past[rng.randrange(len(self._past))][1])
        if rng.random() < trouble.duplicate:
            counts.duplicated += 1
            self._hold(copy_of(packet), at + rng.random() * trouble.late_s)
        if rng.random() < trouble.late and self._held_bytes < _HELD_BYTES:
            counts.delayed += 1
            self._hold(packet, at + rng.random() * trouble.late_s)
            return out
        if self._swapping is None and rng.random() < trouble.swap:
            counts.swapped += 1
            self._swapping, self._swap_until = packet, at + trouble.late_s
            return out
        out.append(packet)
        if self._swapping is not None:
            out.append(self._end_swap())
        return out

    def _end_swap(self) -> bytes:
        assert self._swapping is not None
        packet, self._swapping, self._swap_until = self._swapping, None, float("inf")
        return packet

    def _hold(self, packet: bytes, until: float) -> None:
        if self._held_bytes >= _HELD_BYTES:
            return  # only a copy comes here then
        self._order += 1
        self._held_bytes += len(packet)
        heapq.heappush(self._held, (until, self._order, packet))

    def _remember(self, packet: bytes, at: float, back_s: float) -> None:
        self._past.append((at, packet))
        self._past_bytes += len(packet)
        while len(self._past) > 1 and (
            len(self._past) > _KEPT
            or self._past_bytes > _KEPT_BYTES
            or self._past[0][0] < at - back_s
        ):
            self._past_bytes -= len(self._past.popleft()[1])
