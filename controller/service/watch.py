"""The service's watch over itself: is the loop turning, do its tasks do their rounds?

What it finds is what ``/healthz`` says and what keeps the service manager's watchdog quiet: a
service that has stopped controlling is to be started anew, and says so by falling silent.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import NamedTuple

from controller.engine.alarm_types import AlarmType
from controller.engine.alarms import Alarms
from controller.ports.clock import Clock
from controller.ports.notifier import Notifier
from controller.service.sentences import SAY
from controller.service.tally import Tally
from zones.said import listed

_log = logging.getLogger("lamplighter.watch")

_LOOK_EVERY_S = 0.25
_STATUS_EVERY_S = 5.0
_LATE_S = 2.0
"""A wake-up this late is a fault of its own."""
_REMEMBERED_FOR_S = 30.0


class Check(NamedTuple):
    """One thing that was looked at."""

    name: str
    is_ok: bool
    detail: str
    """How it stands, in a few words."""


class _Round(NamedTuple):
    within_s: float
    last_at: float


class Watch:
    """Watches over one service; all instants are machine time.

    ``look`` is called four times a second; ``status`` says in one line how the service
    stands.
    """

    def __init__(
        self,
        clock: Clock,
        tally: Tally,
        notifier: Notifier | None = None,
        look: Callable[[], None] = lambda: None,
        status: Callable[[], str] = lambda: "",
    ) -> None:
        self._clock = clock
        self._tally = tally
        self._notifier = notifier
        self._look = look
        self._status = status
        self._rounds: dict[str, _Round] = {}
        self._late_at = -float("inf")
        self._late_s = 0.0
        self._looked_at = clock.monotonic()

    def expect(self, name: str, within_s: float) -> None:
        """From now on ``name`` makes a round at least every ``within_s``."""
        self._rounds[name] = _Round(within_s, self._clock.monotonic())

    def made_round(self, name: str) -> None:
        """``name`` is at work."""
        self._rounds[name] = self._rounds[name]._replace(last_at=self._clock.monotonic())

    def checks(self) -> list[Check]:
        """Whether the service lives: its loop, and every task that makes rounds."""
        now = self._clock.monotonic()
        unseen_s = now - self._looked_at - _LOOK_EVERY_S
        late_s = max(unseen_s, self._late_s if now - self._late_at < _REMEMBERED_FOR_S else 0.0)
        found = [
            Check("loop", late_s < _LATE_S, SAY("loop_late", late_s=max(0.0, late_s))),
        ]
        for name, made in self._rounds.items():
            silent_s = now - made.last_at
            found.append(
                Check(
                    name,
                    silent_s <= made.within_s,
                    SAY("last_round", silent_s=silent_s, within_s=made.within_s),
                )
            )
        return found

    def tell(self, alarms: Alarms) -> None:
        """Tell the alarms whether control is on time."""
        late = [check for check in self.checks() if not check.is_ok]
        told = (SAY("check_told", name=check.name, detail=check.detail) for check in late)
        detail = listed(told, between=("; ", "；"))
        alarms.set_condition(AlarmType.CONTROL_LATE, is_present=bool(late), detail=detail)

    async def run(self) -> None:
        """Watch until cancelled."""
        ping_every_s = _LOOK_EVERY_S
        if self._notifier is not None and self._notifier.watchdog_s is not None:
            ping_every_s = self._notifier.watchdog_s / 3
        pinged_at = told_at = -float("inf")
        was_alive = True
        while True:
            planned = self._clock.monotonic() + _LOOK_EVERY_S
            await asyncio.sleep(_LOOK_EVERY_S)
            now = self._clock.monotonic()
            self._note_lag(max(0.0, now - planned), now)
            self._look()
            is_alive = self._are_rounds_made()
            if is_alive != was_alive:
                self._tell_change(is_alive=is_alive)
                was_alive = is_alive
            if self._notifier is None:
                continue
            if is_alive and now - pinged_at >= ping_every_s:
                self._notifier.alive()
                pinged_at = now
            if now - told_at >= _STATUS_EVERY_S:
                self._notifier.status(self._status())
                told_at = now

    def _note_lag(self, lag_s: float, now: float) -> None:
        self._tally.loop_lag_s.add(lag_s)
        self._looked_at = now
        if lag_s >= self._late_s or now - self._late_at >= _REMEMBERED_FOR_S:
            self._late_s, self._late_at = lag_s, now
        if lag_s >= _LATE_S:
            _log.warning("the event loop was %.1f s late", lag_s)

    def _are_rounds_made(self) -> bool:
        # A loop that was late and turns again needs no new start: tasks' rounds count here.
        return all(check.is_ok for check in self.checks() if check.name != "loop")

    def _tell_change(self, *, is_alive: bool) -> None:
        if is_alive:
            _log.warning("all tasks do their rounds again")
            return
        for check in self.checks():
            if not check.is_ok:
                _log.error("%s has stopped: %s", check.name, check.detail)
