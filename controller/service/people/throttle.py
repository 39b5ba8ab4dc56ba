"""Slows guessing down, for each user and each address, without locking a city out for ever.

A user who failed often waits, twice as long each time, at most a quarter of an hour; a
one-time link from the command line lets them in meanwhile. An address that failed often, at
whatever users, waits as well. What is remembered of addresses is bounded.
"""

from collections import OrderedDict
from typing import Final

_FREE: Final = 5
"""Wrong passwords in a row that cost nothing."""
_LONGEST_S: Final = 900.0
_ADDRESS_FREE: Final = 30
_ADDRESS_SPAN_S: Final = 600.0
_ADDRESSES: Final = 10_000


def wait_after(failures: int) -> float:
    """Machine seconds that a user waits after so many wrong passwords in a row."""
    if failures < _FREE:
        return 0.0
    return min(_LONGEST_S, 2.0 ** (failures - _FREE))


class AddressThrottle:
    """Failures by address, within a moving span; in memory only."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    def wait_s(self, address: str, now: float) -> float:
        """Machine seconds until this address may try again; 0: now."""
        recent = self._recent(address, now)
        return recent[0] + _ADDRESS_SPAN_S - now if len(recent) >= _ADDRESS_FREE else 0.0

    def fail(self, address: str, now: float) -> None:
        """One more wrong guess from there."""
        recent = self._recent(address, now)
        recent.append(now)
        self._failures[address] = recent[-_ADDRESS_FREE:]
        self._failures.move_to_end(address)
        while len(self._failures) > _ADDRESSES:
            self._failures.popitem(last=False)

    def _recent(self, address: str, now: float) -> list[float]:
        kept = self._failures.get(address, [])
        return [at for at in kept if now - _ADDRESS_SPAN_S < at <= now]
