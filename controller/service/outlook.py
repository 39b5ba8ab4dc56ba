"""Where the targets of the running quarter and year are heading, looked at once a night.

Owns when to look; who looks is handed in, since it reads a year of the account.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from controller.ports.clock import Clock

_LOOK_EVERY_S = 3600.0
_log = logging.getLogger("lamplighter.outlook")


class Outlook(NamedTuple):
    """A target and the end of its period as it looks from here."""

    district: str | None
    """None: the whole city."""
    period: str
    """``quarter`` or ``year``."""
    forecast_ratio: float
    """Use at the end of the period as a share of what the target allows; above 1 is too much."""
    level: str
    """``green``, ``yellow`` or ``red``."""


Looker = Callable[[], Awaitable[Sequence[Outlook]]]
"""Works out how all targets stand."""


class OutlookWatch:
    """Looks every hour of site time, until cancelled."""

    def __init__(
        self, look: Looker, clock: Clock, found: Callable[[tuple[Outlook, ...]], None]
    ) -> None:
        self._look = look
        self._clock = clock
        self._found = found

    async def run(self) -> None:
        """Look at the start and every hour."""
        while True:
            self._found(tuple(await self._look()))
            await self._clock.sleep_until(self._clock.now() + _LOOK_EVERY_S)
