"""Where the targets of the running quarter and year are heading, looked at once a night.

Owns when to look; who looks is handed in, since it reads a year of the account.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import NamedTuple

_LOOK_EVERY_S = 60.0
_RETRY_S = 600.0
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


class OutlookFailed(Exception):
    """It could not be worked out; the message says why."""


Looker = Callable[[], Awaitable[Sequence[Outlook]]]
"""Works out how all targets stand; raises `OutlookFailed`."""


class OutlookWatch:
    """Looks whenever ``cause`` says something new: another night is over, other documents.

    A cause of None asks for nothing, and what was ``found`` before is taken back.
    """

    def __init__(
        self,
        look: Looker,
        cause: Callable[[], Hashable | None],
        found: Callable[[tuple[Outlook, ...]], None],
        *,
        look_every_s: float = _LOOK_EVERY_S,
        retry_s: float = _RETRY_S,
    ) -> None:
        self._look = look
        self._cause = cause
        self._found = found
        self._look_every_s = look_every_s
        self._retry_s = retry_s

    async def run(self) -> None:
        """Look until cancelled."""
        known: Hashable | None = None
        while True:
            await asyncio.sleep(self._look_every_s)
            cause = self._cause()
            if cause == known:
                continue
            try:
                self._found(() if cause is None else tuple(await self._look()))
            except OutlookFailed as error:
                _log.warning("no forecast of the targets: %s", error)
                await asyncio.sleep(self._retry_s)
                continue
            known = cause
