"""What others say of the time: the kernel's time service and the luminaires' own clocks.

Values and a bounded memory. Everything is machine time: ``wall`` is Unix seconds UTC by the
machine's clock, ``steady`` machine seconds that never jump, from an arbitrary origin.
"""

from statistics import median
from typing import NamedTuple

AGREES_WITHIN_S = 5.0
"""Clocks this close say the same time: room for a slow radio, far below what matters to light."""

_KEPT = 256
_FRESH_FOR_S = 900.0
_QUORUM = 3
_MOST = 0.75


class KernelClock(NamedTuple):
    """What the kernel says of its clock.

    Ref: Linux ``adjtimex(2)``: ``STA_UNSYNC``, ``maxerror``.
    """

    is_synchronised: bool
    """True while a time service keeps it; a clock set by hand is not."""
    max_error_s: float
    """Bound of its error by that service's word, s."""


class StreetTime(NamedTuple):
    """What most luminaires say."""

    ahead_s: float
    """Median of their clocks minus `steady`, s: add `steady` to get Unix seconds."""
    luminaires: int
    """How many were heard."""


class StreetClock:
    """The newest words of at most 256 luminaires about the time.

    One word a luminaire: one that talks all the time weighs no more than any other.
    """

    def __init__(self) -> None:
        self._words: dict[int, tuple[float, float]] = {}

    def note(self, row: int, said_at: float, steady: float) -> None:
        """Luminaire ``row`` said that it was ``said_at`` (Unix s) when it was heard."""
        # Taken out first, so that the order of the keys is the order of arrival.
        self._words.pop(row, None)
        self._words[row] = said_at - steady, steady
        if len(self._words) > _KEPT:
            del self._words[next(iter(self._words))]

    def clear(self) -> None:
        """Forget all words: they were about another time."""
        self._words.clear()

    def time(self, steady: float) -> StreetTime | None:
        """What three quarters and at least three of the fresh words agree on, or None.

        A few wrong, late or replayed words change nothing; where the street is of many
        minds it says nothing.
        """
        words = [ahead for ahead, at in self._words.values() if steady - at <= _FRESH_FOR_S]
        if len(words) < _QUORUM:
            return None
        middle = median(words)
        agreeing = sum(abs(ahead - middle) <= AGREES_WITHIN_S for ahead in words)
        if agreeing < max(_QUORUM, _MOST * len(words)):
            return None
        return StreetTime(middle, len(words))
