"""The port to time."""

from typing import Protocol

from controller.engine.clock_evidence import KernelClock, StreetTime
from controller.engine.clock_guard import ClockEvent, ClockGuard, ClockTrusted


class Machine(Protocol):
    """The clocks of the machine, as they are: nothing here is to be trusted."""

    def wall(self) -> float:
        """Unix seconds UTC, as the machine believes; may jump, stop and run at any rate."""

    def steady(self) -> float:
        """Machine seconds from an arbitrary origin; never set, counts suspends where it can."""

    def kernel(self) -> KernelClock | None:
        """What the kernel says of its time service; None where it does not say."""


class Clock(Protocol):
    """Site time, and machine time that never jumps."""

    def now(self) -> float:
        """Unix seconds UTC on the street, by trusted time."""

    def monotonic(self) -> float:
        """Machine seconds from an arbitrary origin; never goes back."""

    async def sleep_until(self, at: float) -> None:
        """Return at site time ``at`` (Unix seconds), or at once if it has passed.

        The wait is derived anew at least every second, so corrections and suspends heal.
        """


class GuardedClock(Clock, Protocol):
    """A clock that knows how far it may be trusted."""

    @property
    def guard(self) -> ClockGuard:
        """The judge of the machine's clock."""

    def machine_now(self) -> float:
        """Trusted machine time, Unix seconds UTC; site time but for demonstrations."""

    def steady(self) -> float:
        """The steady clock that `guard` runs on, s."""

    @property
    def is_site_time(self) -> bool:
        """True where the street's time is the machine's: no demonstration."""

    def open(self, last_known: float | None) -> None:
        """Begin: judge the machine's clock by the newest instant of earlier runs (Unix s)."""

    def sample(self, street: StreetTime | None) -> ClockEvent | None:
        """Look at the machine's clocks; once a second at least. Returns what changed."""

    def accept(self) -> ClockTrusted | None:
        """An operator vouches for the wall clock; see `ClockGuard.accept`."""
