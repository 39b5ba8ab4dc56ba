"""The local control socket: where a command line meets the running service.

Owns the socket's name, both ends of it, and what the client says. HTTP on a Unix socket in
the data folder; its rights are the folder's.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

import httpx

from controller import errors
from controller.errors import ConfigurationError, ControllerError

SOCKET_NAME: Final = "control.sock"
_LONGEST_PATH: Final = 100
"""Bytes; the system's own limit is 108 (unix(7))."""

_TIMEOUT = httpx.Timeout(5.0, read=120.0, write=60.0)
"""Seconds. An answer may wait for the disk and for a hundred thousand luminaires."""


def bind_local(data: Path) -> socket.socket:
    """Listen on the data folder's control socket, in place of one left by a killed service.

    The caller holds the folder's lock, so whatever stands there is nobody's. Raises
    `ConfigurationError`.
    """
    path = data / SOCKET_NAME
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        with _reachable(path) as name:
            listener.bind(name)
        path.chmod(0o600)
        listener.listen(16)
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"cannot listen on {str(path)!r}: {error}; the data folder must be writable and on "
            "a file system that has sockets"
        ) from error
    return listener


@contextmanager
def _reachable(path: Path) -> Iterator[str]:
    """A name of the socket that fits into an address, however deep its folder lies."""
    name = os.fspath(path)
    if len(os.fsencode(name)) <= _LONGEST_PATH:
        yield name
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


class RunningService:
    """The service that holds a data folder, as a command line speaks to it."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    @classmethod
    @contextmanager
    def of(cls, data: Path) -> Iterator[Self | None]:
        """The service of a data folder while the context is open; None where none runs."""
        path = data / SOCKET_NAME
        if not path.exists():
            yield None
            return
        with _reachable(path) as name:
            if not _answers(name):
                yield None
                return
            transport = httpx.HTTPTransport(uds=name)
            with httpx.Client(
                transport=transport, base_url="http://service", timeout=_TIMEOUT
            ) as client:
                yield cls(client)

    def get(self, path: str) -> dict[str, Any]:
        """What the service says of something. Raises `ControllerError`."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: bytes | dict[str, Any]) -> dict[str, Any]:
        """Ask for an action; returns the answer. Raises the error that the service met."""
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: bytes | dict[str, Any] | None) -> dict[str, Any]:
        content = body if isinstance(body, bytes) else None
        words = body if isinstance(body, dict) else None
        try:
            answer = self._client.request(method, path, content=content, json=words)
        except httpx.HTTPError as error:
            raise ControllerError(
                f"the running service did not answer ({error}): whether it took this is not "
                "known; 'lamplighter history' tells"
            ) from error
        try:
            told = answer.json()
        except ValueError:
            told = {}
        if answer.is_success and isinstance(told, dict):
            return told
        text = told.get("error") if isinstance(told, dict) else None
        kind = getattr(errors, str(told.get("kind")), ControllerError) if text else ControllerError
        raise kind(text or f"the running service answered {answer.status_code}")


def _answers(name: str) -> bool:
    """Whether somebody listens there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(5)
        try:
            probe.connect(name)
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
            return False
        except OSError as error:
            raise ControllerError(
                f"the running service's socket {name!r} cannot be reached: {error.strerror}; "
                "its user may, or root"
            ) from error
    return True
