"""Site time as a linear function of the machine's time.

A demonstration lets a night pass in minutes. Controller and simulated fleet, two
processes, must agree on what time it is on the street; both are handed one `Timebase`.
Pure arithmetic: the machine's time is an argument.
"""

import msgspec


class Timebase(msgspec.Struct, frozen=True):
    """Site time stands at ``site_at`` until the machine's ``real_at``, then runs at ``speed``.

    All three are Unix seconds, or seconds per second. The identity is ``Timebase(0, 0, 1)``.
    """

    real_at: float = 0.0
    site_at: float = 0.0
    speed: float = 1.0

    def site_time(self, real_time: float) -> float:
        """Unix seconds on the street when the machine's clock reads ``real_time``."""
        return self.site_at + max(0.0, real_time - self.real_at) * self.speed

    def real_time(self, site_time: float) -> float:
        """Unix seconds on the machine when the street's clock reads ``site_time``."""
        return self.real_at + (site_time - self.site_at) / self.speed
