"""Sockets as the controller needs them: one that reads ahead, one that closes itself.

The client library asks the socket for one byte, then for another, then for the rest of each
packet: three system calls a message, and one turn of the event loop each. Reading ahead makes
that one call for hundreds of messages; it offers what the library asks of a TLS socket, so
that the library itself goes on reading while something is left.
"""

import socket
import ssl
from typing import Final

_READ_AHEAD_BYTES: Final = 32_768
"""Bounds how long one turn of the event loop can be: some hundred messages."""


class ReadAheadSocket:
    """A connected non-blocking socket, TCP or TLS, with a read buffer."""

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner
        self._buffer = b""
        self._position = 0

    def recv(self, size: int) -> bytes:
        """At most ``size`` bytes; empty at the end. Raises as the socket inside does."""
        position = self._position
        if position >= len(self._buffer):
            if size >= _READ_AHEAD_BYTES:
                return self._inner.recv(size)
            self._buffer = self._inner.recv(_READ_AHEAD_BYTES)
            position = 0
        end = position + size
        self._position = end
        return self._buffer[position:end]

    def pending(self) -> int:
        """Bytes that can be read without asking the kernel."""
        inner = getattr(self._inner, "pending", None)
        return max(0, len(self._buffer) - self._position) + (inner() if inner else 0)

    def send(self, data: bytes) -> int:
        """Bytes of ``data`` that the kernel took."""
        return self._inner.send(data)

    def fileno(self) -> int:
        """The descriptor, -1 once closed."""
        return self._inner.fileno()

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001 - the socket's own signature
        """Blocking or not."""
        self._inner.setblocking(flag)

    def close(self) -> None:
        """Close the socket inside."""
        self._inner.close()


class TidySslSocket(ssl.SSLSocket):
    """A TLS socket that is closed where its handshake fails; the library forgets it there."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - the socket's own signature
        """Shake hands. Raises as `ssl.SSLSocket.do_handshake` does, the socket then closed."""
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise
