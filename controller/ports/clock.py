"""The port to time."""

from typing import Protocol


class Clock(Protocol):
    """Site time, and machine time that never jumps."""

    def now(self) -> float:
        """Unix seconds UTC on the street."""

    def monotonic(self) -> float:
        """Machine seconds from an arbitrary origin; never goes back."""

    def offset(self) -> float:
        """Machine wall time minus monotonic time, seconds; changes when the clock is stepped."""

    async def sleep_until(self, at: float) -> None:
        """Return at site time ``at`` (Unix seconds), or at once if it has passed.

        The wait is derived anew at least every minute, so clock steps and suspends heal.
        """
