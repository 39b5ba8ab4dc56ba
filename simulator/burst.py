"""A socket for thousands of small messages at once.

The client library makes a system call, a lock and a dozen objects of every message it sends,
and as much again of every confirmation. A street sends nothing but small messages of QoS 1,
so these two packets, and only these, are written and read here; all others pass through to
the library. Reads ahead and writes a whole turn's packets with one call.

Ref: MQTT 3.1.1, 2.2 (fixed header), 3.3 (PUBLISH), 3.4 (PUBACK).
"""

import socket
import ssl
from collections.abc import Callable
from typing import Final

_READ_BYTES: Final = 65_536
_PUBLISH_QOS_1: Final = 0x32
_RETAIN: Final = 0x01
_PUBACK: Final = 0x40
_PUBACK_BYTES: Final = 4
_LONGEST_LENGTH: Final = 4
"""Bytes of the remaining length, at most."""


def publish_packet(topic: str, message_id: int, payload: bytes, *, retain: bool) -> bytes:
    """A PUBLISH packet of QoS 1; ``message_id`` is 1 to 65,535."""
    name = topic.encode()
    remaining = 2 + len(name) + 2 + len(payload)
    head = bytearray((_PUBLISH_QOS_1 | (_RETAIN if retain else 0),))
    while True:
        remaining, digit = remaining >> 7, remaining & 0x7F
        head.append(digit | 0x80 if remaining else digit)
        if not remaining:
            break
    head += len(name).to_bytes(2) + name + message_id.to_bytes(2) + payload
    return bytes(head)


class BurstSocket:
    """A connected non-blocking socket, TCP or TLS, as the client library wants one.

    ``on_confirmed`` is told how many PUBACK packets came in.
    """

    def __init__(self, inner: socket.socket, on_confirmed: Callable[[int], None]) -> None:
        self._inner = inner
        self._on_confirmed = on_confirmed
        self._buffer = b""
        self._position = 0
        self._left = 0
        """Bytes of the packet that the library is reading."""
        self._unsent = bytearray()

    def recv(self, size: int) -> bytes:
        """At most ``size`` bytes of one packet; empty at the end. Raises as the socket inside."""
        while not self._deliverable():
            data = self._inner.recv(_READ_BYTES)
            if not data:
                return b""
            self._buffer = self._buffer[self._position :] + data
            self._position = 0
        count = min(size, self._left)
        part = self._buffer[self._position : self._position + count]
        self._position += len(part)
        self._left -= len(part)
        return part

    def pending(self) -> int:
        """Bytes that can be read without asking the kernel."""
        inner = getattr(self._inner, "pending", None)
        return self._deliverable() + (inner() if inner else 0)

    def _deliverable(self) -> int:
        """Bytes here of the packet at hand, confirmations taken out before it begins."""
        confirmed = 0
        buffer, position = self._buffer, self._position
        if not self._left:
            while buffer[position : position + 1] == b"\x40" and (
                len(buffer) - position >= _PUBACK_BYTES
            ):
                position += _PUBACK_BYTES
                confirmed += 1
            self._position = position
            if position < len(buffer) and buffer[position] != _PUBACK:
                self._left = _packet_bytes(buffer, position)
        if confirmed:
            self._on_confirmed(confirmed)
        return min(self._left, len(buffer) - position)

    def send(self, data: bytes) -> int:
        """Keep the bytes for the next `flush`; all of them."""
        self._unsent += data
        return len(data)

    def flush(self) -> bool:
        """Hand over what is unsent; False where the kernel took only part of it."""
        while self._unsent:
            try:
                sent = self._inner.send(self._unsent)
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                return False
            del self._unsent[:sent]
        return True

    def fileno(self) -> int:
        """The descriptor, -1 once closed."""
        return self._inner.fileno()

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001 - the socket's own signature
        """Blocking or not."""
        self._inner.setblocking(flag)

    def close(self) -> None:
        """Close the socket inside."""
        self._inner.close()


def _packet_bytes(buffer: bytes, position: int) -> int:
    """Whole length of the packet that begins at ``position``; 0 where that is not here yet."""
    remaining = 0
    for index in range(_LONGEST_LENGTH):
        at = position + 1 + index
        if at >= len(buffer):
            return 0
        remaining |= (buffer[at] & 0x7F) << (7 * index)
        if not buffer[at] & 0x80:
            return 2 + index + remaining
    return len(buffer) - position  # no packet at all: the library says so
