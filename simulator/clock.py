"""Site time for the fleet: real, fast, or standing until it is told to go."""

import time

from controller.wire.timebase import Timebase


class SiteClock:
    """Site time, Unix seconds UTC, from a `Timebase` of the machine's wall clock.

    Stands at ``start_at`` until a timebase is given, never goes back, and stands again at
    ``end_at``.
    """

    def __init__(self, start_at: float, end_at: float = float("inf")) -> None:
        self._timebase: Timebase | None = None
        self._latest = start_at
        self.end_at = end_at

    @property
    def is_set(self) -> bool:
        """True once there is a timebase."""
        return self._timebase is not None

    def set_timebase(self, timebase: Timebase) -> None:
        """Let site time pass like this from now on. A first one may begin anywhere."""
        if self._timebase is None:
            self._latest = timebase.site_at
        self._timebase = timebase

    def now(self) -> float:
        """Site time."""
        if self._timebase is not None:
            site_time = min(self._timebase.site_time(time.time()), self.end_at)
            self._latest = max(self._latest, site_time)
        return self._latest

    def seconds_until(self, at: float) -> float:
        """Machine seconds until site time ``at``; infinity where it does not come."""
        timebase = self._timebase
        if timebase is None or timebase.speed <= 0 or at > self.end_at:
            return float("inf")
        return max(0.0, timebase.real_time(at) - time.time())
