"""A machine whose wall clock goes wrong when it is told to; its steady clock is the real one."""

import time

from controller.engine.clock_evidence import KernelClock


class CrookedMachine:
    """Clocks for a service in this process: step, stop, run fast, come back.

    Give one to ``MachineClock(machine=...)``. ``wall_at`` is the wall time it starts with,
    the real one unless said.
    """

    def __init__(self, wall_at: float | None = None, kernel: KernelClock | None = None) -> None:
        self._since = time.monotonic()
        self._wall = time.time() if wall_at is None else wall_at
        self._rate = 1.0
        self.service = kernel
        """What the kernel says of its time service; nothing unless said."""

    def wall(self) -> float:
        """Unix seconds UTC, wrong as told."""
        return self._wall + (time.monotonic() - self._since) * self._rate

    def steady(self) -> float:
        """Real machine seconds."""
        return time.monotonic()

    def kernel(self) -> KernelClock | None:
        """What it was told to say."""
        return self.service

    def step(self, by_s: float) -> None:
        """Set the wall clock forward, or back by a negative number."""
        self._wall += by_s

    def set(self, at: float) -> None:
        """Set the wall clock to ``at``, Unix s."""
        self.step(at - self.wall())

    def run_at(self, rate: float) -> None:
        """Let the wall clock run at this rate from now on: 0 stands still, 1.1 is 10 % fast."""
        now = time.monotonic()
        self._wall += (now - self._since) * self._rate
        self._since, self._rate = now, rate
