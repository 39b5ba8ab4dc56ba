"""How fast a feeder is loaded and a gateway is asked.

Owns the tokens of feeders and the bounds of gateways. All in machine seconds: a network and
a breaker do not run faster where a demonstration lets the night pass in minutes. Programs
and commands to a zone are not paced here: each luminaire follows those by itself.
"""

from typing import Final

import numpy as np

from controller.engine.columns import Columns, Flags, Floats, Ints, Rows

RAISED_PER_FEEDER_S: Final = 50.0
"""Luminaires of one feeder commanded to more light in a second. LED gear draws a multiple of
its rated current for less than a millisecond when it starts; 20 ms apart they do not add up
at the feeder's breaker, and a feeder of 100 is lit in two seconds."""

RAISED_AT_ONCE: Final = 5
"""Of those, at most so many in the same instant."""

ASKED_PER_GATEWAY: Final = 100
"""Commands to luminaires of one gateway whose answers are awaited: segments behind gateways
are slow, and a gateway that died must not hold every place."""


class Pacing:
    """The feeders' tokens and the gateways' bounds of one fleet."""

    def __init__(self, columns: Columns) -> None:
        self._feeder, self._gateway = columns.feeder, columns.gateway
        self._gateways = len(columns.gateway_ids)
        self._tokens: Floats = np.full(len(columns.feeder_ids), float(RAISED_AT_ONCE))
        self._filled_at = -np.inf

    def admit(self, rows: Rows, is_raised: Flags, asked: Rows, elapsed: float) -> Flags:
        """Which of the rows, in their order of urgency, may be commanded now.

        ``asked`` are the rows whose answers are awaited already.
        """
        self._refill(elapsed)
        admitted: Flags = np.ones(rows.size, dtype=np.bool_)
        paced = np.flatnonzero(is_raised & (self._feeder[rows] >= 0))
        feeder = self._feeder[rows[paced]]
        admitted[paced] = place_in_group(feeder) < np.floor(self._tokens)[feeder]
        awaited = np.bincount(_present(self._gateway[asked]), minlength=self._gateways)
        bound = np.flatnonzero(admitted & (self._gateway[rows] >= 0))
        gateway = self._gateway[rows[bound]]
        room = ASKED_PER_GATEWAY - awaited
        admitted[bound] = place_in_group(gateway) < room[gateway]
        return admitted

    def spend(self, raised: Rows) -> None:
        """These rows were commanded to more light."""
        used = np.bincount(_present(self._feeder[raised]), minlength=self._tokens.size)
        self._tokens -= used

    def _refill(self, elapsed: float) -> None:
        passed_s = max(0.0, elapsed - self._filled_at)
        self._filled_at = elapsed
        fresh = min(passed_s * RAISED_PER_FEEDER_S, float(RAISED_AT_ONCE))
        np.minimum(self._tokens + fresh, RAISED_AT_ONCE, out=self._tokens)


def place_in_group(groups: Rows) -> Ints:
    """How many of the same group stand before each entry."""
    if not groups.size:
        return np.zeros(0, dtype=np.int64)
    # Sixteen bits are sorted by counting, which is many times faster.
    small = groups.astype(np.uint16) if groups.max() < 2**16 and groups.min() >= 0 else groups
    order = np.argsort(small, kind="stable")
    ordered = groups[order]
    index = np.arange(groups.size)
    is_first = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    place = np.empty(groups.size, dtype=np.int64)
    place[order] = index - np.maximum.accumulate(np.where(is_first, index, 0))
    return place


def _present(groups: Rows) -> Rows:
    return groups[groups >= 0]
