"""Sends the month before to the city's platform, from a day of the month on.

Looks every hour of site time and leaves the sending to a `Sender`; what was taken is not sent
again, so that looking once more does no harm.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from controller.ports.clock import Clock
from schedules.energy.periods import Period, PeriodKind, period_of

_HOUR_S = 3600.0
_log = logging.getLogger("lamplighter.reports")

Sender = Callable[[Period], Awaitable[str | None]]
"""Sends the reports of a month; answers None where all were taken, else what went wrong."""


class MonthlyPush:
    """The month before, sent once a month."""

    def __init__(
        self,
        send: Sender,
        clock: Clock,
        time_zone: ZoneInfo,
        day_of_month: int,
        leads: Callable[[], bool],
    ) -> None:
        self._send = send
        self._leads = leads
        self._clock = clock
        self._time_zone = time_zone
        self._day_of_month = day_of_month
        self._done: Period | None = None

    def due(self, now: float) -> Period | None:
        """The month to send at site time ``now`` (Unix s); None where there is none."""
        local = datetime.fromtimestamp(now, UTC).astimezone(self._time_zone)
        if local.day < self._day_of_month:
            return None
        month = period_of(PeriodKind.MONTH, local.date()).before()
        return None if month == self._done else month

    async def look(self) -> None:
        """Send what is due. Of two controllers the one that leads does."""
        month = self.due(self._clock.now())
        if month is None or not self._leads():
            return
        wrong = await self._send(month)
        if wrong is None:
            self._done = month
            _log.info("reports of %s were taken by the platform", month.text)
        else:
            _log.warning("reports of %s: %s; tried again in an hour", month.text, wrong)

    async def run(self) -> None:
        """Look every hour, until cancelled."""
        while True:
            await self.look()
            await self._clock.sleep_until(self._clock.now() + _HOUR_S)
