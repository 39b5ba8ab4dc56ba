"""A service manager's end of the notification socket."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def manager(address: str) -> Iterator[socket.socket]:
    """A datagram socket at ``address``; one that begins with NUL is abstract."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address)
        listening.settimeout(5)
        yield listening
