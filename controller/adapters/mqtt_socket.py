"""Sockets as the controller needs them: one that reads ahead and writes behind, one that
closes itself.

The client library asks the socket for one byte, then for another, then for the rest of each
packet, and hands it every packet alone: four system calls a message, and more turns of the
event loop. A buffer in both directions makes that one call for hundreds of messages. It offers
what the library asks of a TLS socket, so that the library itself reads on while something is
left.
"""

import contextlib
import socket
import ssl
from typing import Final

_READ_AHEAD_BYTES: Final = 32_768
"""Bounds how long one turn of the event loop can be: some hundred messages."""
_WRITE_BEHIND_BYTES: Final = 65_536
"""With more than this unsent, `BufferedSocket.send` would block."""


class BufferedSocket:
    """A connected non-blocking socket, TCP or TLS, with a buffer in each direction."""

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner
        self._incoming = b""
        self._position = 0
        self._outgoing = bytearray()

    def recv(self, size: int) -> bytes:
        """At most ``size`` bytes; empty at the end. Raises as the socket inside does."""
        position = self._position
        if position >= len(self._incoming):
            self._incoming = self._inner.recv(_READ_AHEAD_BYTES)
            position = 0
        end = position + size
        self._position = end
        return self._incoming[position:end]

    def pending(self) -> int:
        """Bytes that can be read without asking the kernel."""
        inner = getattr(self._inner, "pending", None)
        return max(0, len(self._incoming) - self._position) + (inner() if inner else 0)

    def send(self, data: bytes) -> int:
        """Take ``data`` whole, to be sent by `flush`; `BlockingIOError` where that is full."""
        if len(self._outgoing) >= _WRITE_BEHIND_BYTES:
            raise BlockingIOError
        self._outgoing += data
        return len(data)

    def flush(self) -> bool:
        """Hand the kernel what it takes; True where nothing is left. Raises `OSError`."""
        while self._outgoing:
            try:
                taken = self._inner.send(self._outgoing)
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                return False
            del self._outgoing[:taken]
        return True

    def fileno(self) -> int:
        """The descriptor, -1 once closed."""
        return self._inner.fileno()

    def close(self) -> None:
        """Send what can be sent at once, and close the socket inside."""
        with contextlib.suppress(OSError):
            self.flush()
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
