"""From switching point to confirmation, by edge.

Owns which luminaires are on their way to a new level, and since when. A switching point is
that of a program, or the begin or end of an override; a change by a sensor or by other
documents counts from the pass that put it in force.
"""

from collections.abc import Callable
from enum import StrEnum

import numpy as np

from controller.engine.columns import Columns, Flags, Floats


class Edge(StrEnum):
    """Which way a switching point goes."""

    DUSK = "dusk"
    """From dark to lit."""
    DIM = "dim"
    """From one lit level to another."""
    DAWN = "dawn"
    """From lit to dark."""


Confirmed = Callable[[Edge, Floats], None]
"""Told of luminaires confirmed in one pass: their seconds from switching point to
confirmation, site time."""


class Convergence:
    """The measurement of one fleet; ``confirmed`` hears of every confirmation."""

    def __init__(self, columns: Columns, confirmed: Confirmed) -> None:
        self._columns = columns
        self._confirmed = confirmed
        self._from_level: Floats = np.zeros(columns.size)
        self._is_converging: Flags = np.zeros(columns.size, dtype=np.bool_)
        self._advanced_at = -np.inf

    @property
    def is_converging(self) -> Flags:
        """True from a switching point until its level is confirmed."""
        return self._is_converging

    def begin(self, changed: Flags, since: Floats, now: float, last_edge: float) -> Floats:
        """Desired levels are about to change; returns the instants to count from.

        A level that was not known before, as after a start, begins nothing: how long it has
        been wanted says nothing about the street. Where no switching point lies between two
        passes, the override's edge did it that does, else something else, now.
        """
        before = self._columns.desired
        self._from_level[changed] = np.nan_to_num(before[changed])
        self._is_converging[changed] = ~np.isnan(before[changed])
        cause = last_edge if last_edge > self._advanced_at else now
        since = np.where(since > self._advanced_at, since, cause)
        self._advanced_at = now
        return since

    def note(self, agrees: Flags) -> None:
        """Measure those that have arrived."""
        rows = np.flatnonzero(self._is_converging & agrees)
        if not rows.size:
            return
        columns = self._columns
        took_s = columns.reported_at[rows] - columns.desired_since[rows]
        before, after = self._from_level[rows], columns.desired[rows]
        is_dusk, is_dawn = before <= 0, after <= 0
        # Heard before the switching point: it held the level already.
        is_fresh = took_s >= 0
        for edge, mask in (
            (Edge.DUSK, is_dusk),
            (Edge.DAWN, is_dawn & ~is_dusk),
            (Edge.DIM, ~is_dusk & ~is_dawn),
        ):
            if (is_fresh & mask).any():
                self._confirmed(edge, took_s[is_fresh & mask])
        self._is_converging[rows] = False
