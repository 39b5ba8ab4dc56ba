"""Site time from the machine's clocks, as far as they may be trusted."""

import asyncio
import time

from controller.adapters.machine_time import MachineTime
from controller.engine.clock_evidence import StreetTime
from controller.engine.clock_guard import ClockEvent, ClockGuard, ClockTrusted
from controller.engine.clock_rate import Sample
from controller.ports.clock import Machine
from controller.wire.timebase import Timebase

# Short enough that those who wait notice a new timebase and a corrected clock.
_LONGEST_WAIT_S = 1.0
_SHORTEST_WAIT_S = 0.001


class MachineClock:
    """Site time as a `Timebase` of trusted machine time; the identity unless told otherwise.

    ``machine`` are the clocks to go by, this machine's unless said.
    """

    def __init__(self, timebase: Timebase | None = None, machine: Machine | None = None) -> None:
        self.timebase = Timebase() if timebase is None else timebase
        self._machine: Machine = MachineTime() if machine is None else machine
        self.guard = ClockGuard(self._read())

    def now(self) -> float:
        """Unix seconds UTC on the street."""
        return self.timebase.site_time(self.machine_now())

    def machine_now(self) -> float:
        """Trusted machine time, Unix seconds UTC."""
        return self.guard.time(self._machine.steady())

    def monotonic(self) -> float:
        """Machine seconds from an arbitrary origin; never goes back."""
        return time.monotonic()

    def steady(self) -> float:
        """The steady clock that the guard runs on, s."""
        return self._machine.steady()

    @property
    def is_site_time(self) -> bool:
        """True where the street's time is the machine's."""
        return self.timebase == Timebase()

    def open(self, last_known: float | None) -> None:
        """Begin: judge the machine's clock by the newest instant of earlier runs (Unix s)."""
        self.guard = ClockGuard(self._read())
        self.guard.open(last_known, self._machine.kernel())

    def sample(self, street: StreetTime | None) -> ClockEvent | None:
        """Look at the machine's clocks; once a second at least. Returns what changed."""
        return self.guard.sample(self._read(), self._machine.kernel(), street)

    def accept(self) -> ClockTrusted | None:
        """An operator vouches for the wall clock; see `ClockGuard.accept`."""
        return self.guard.accept()

    async def sleep_until(self, at: float) -> None:
        """Return at site time ``at`` (Unix seconds), or at once if it has passed."""
        # The timebase and trusted time change under the wait: it is derived anew each turn.
        while (left_s := self.timebase.real_time(at) - self.machine_now()) > 0:  # noqa: ASYNC110  # no event tells of corrected time
            await asyncio.sleep(min(max(left_s, _SHORTEST_WAIT_S), _LONGEST_WAIT_S))

    def _read(self) -> Sample:
        """Both clocks at one moment, as near as the system lets us."""
        before = self._machine.steady()
        wall = self._machine.wall()
        after = self._machine.steady()
        return Sample(wall, (before + after) / 2)
