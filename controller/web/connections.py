"""Bounds to the connections of a listener: how many, and how long one may say nothing.

File descriptors are the control's as well: whoever opens connections and leaves them must not
keep it from its broker and its store.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol


@dataclass(frozen=True)
class Bounds:
    """Of one listener."""

    most: int = 600
    """Connections at once; a further one is closed at once."""
    silent_s: float = 20.0
    """Seconds in which a new connection must have sent the head of a request, and the longest
    pause within a body."""


BOUNDS: Final = Bounds()


def bounded(bounds: Bounds) -> type[H11Protocol]:
    """The server's protocol within bounds."""

    class Bounded(H11Protocol):
        """One connection."""

        _silence: asyncio.TimerHandle | None = None
        _has_said_something = False

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the server's own
            super().connection_made(transport)
            if len(self.connections) > bounds.most:
                transport.abort()
            else:
                self._listen_on()

        def data_received(self, data: bytes) -> None:
            self._has_said_something = True
            super().data_received(data)

        def connection_lost(self, exc: Exception | None) -> None:
            if self._silence is not None:
                self._silence.cancel()
            super().connection_lost(exc)

        def _listen_on(self) -> None:
            self._silence = self.loop.call_later(bounds.silent_s, self._end_if_silent)

        def _end_if_silent(self) -> None:
            has_no_head = not self.headers  # none before the first request
            is_in_body = getattr(self.cycle, "more_body", False)  # no cycle before a request
            is_awaited = is_in_body and not self.flow.read_paused
            if has_no_head or (is_awaited and not self._has_said_something):
                self.transport.abort()
                return
            self._has_said_something = False
            self._listen_on()

    return Bounded
