"""Clocks: site time from the machine's."""

import asyncio
import time

from controller.wire.timebase import Timebase

# Short enough that those who wait notice a new timebase.
_LONGEST_WAIT_S = 1.0
_SHORTEST_WAIT_S = 0.001


class MachineClock:
    """Site time as a `Timebase` of the machine's wall clock; the identity unless told otherwise."""

    def __init__(self, timebase: Timebase | None = None) -> None:
        self.timebase = Timebase() if timebase is None else timebase

    def now(self) -> float:
        """Unix seconds UTC on the street."""
        return self.timebase.site_time(time.time())

    def monotonic(self) -> float:
        """Machine seconds from an arbitrary origin; never goes back."""
        return time.monotonic()

    def offset(self) -> float:
        """Machine wall time minus monotonic time, seconds."""
        return time.time() - time.monotonic()

    async def sleep_until(self, at: float) -> None:
        """Return at site time ``at`` (Unix seconds), or at once if it has passed."""
        # The timebase and the wall clock change under the wait: it is derived anew each turn.
        while (left_s := self.timebase.real_time(at) - time.time()) > 0:  # noqa: ASYNC110  # no event tells of a stepped wall clock
            await asyncio.sleep(min(max(left_s, _SHORTEST_WAIT_S), _LONGEST_WAIT_S))
