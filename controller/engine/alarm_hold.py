"""Hysteresis over rows: a condition must last before it counts, and be gone before it does not.

Owns, for one alarm type, which rows have it and since when that is in doubt. Knows neither
what the condition is nor what is made of it.
"""

import numpy as np

from controller.engine.alarm_types import AlarmRule, Lasting
from controller.engine.columns import Flags, Floats, Rows

_NONE: Rows = np.zeros(0, dtype=np.intp)


class Hold:
    """Rows of one alarm type. Instants are site time (Unix s) and machine time (s)."""

    def __init__(self, size: int, rule: AlarmRule) -> None:
        self._rule = rule
        self.is_raised: Flags = np.zeros(size, dtype=np.bool_)
        """Rows that have an alarm of their own or are part of one."""
        self._is_pending: Flags = np.zeros(size, dtype=np.bool_)
        self._has_pending = False
        self._since_site: Floats = np.full(size, np.inf)
        self._since_machine: Floats = np.full(size, np.inf)

    @property
    def suspects(self) -> Flags:
        """Rows that have the condition, for long enough or not yet."""
        suspects: Flags = self.is_raised | self._is_pending
        return suspects

    def step(
        self, is_present: Flags, is_judged: Flags, now: float, elapsed: float
    ) -> tuple[Rows, Rows]:
        """Take what is seen; returns the rows due to be raised and the rows just cleared.

        Rows that are not judged stay as they are, and what they waited for begins anew. Rows
        that are due stay so until `accept`.
        """
        differs = is_present != self.is_raised
        differs &= is_judged
        if not differs.any():
            if self._has_pending:
                self._is_pending[:] = False
                self._has_pending = False
            return _NONE, _NONE
        rows = np.flatnonzero(differs)
        fresh = rows[~self._is_pending[rows]]
        self._since_site[fresh] = now
        self._since_machine[fresh] = elapsed
        self._is_pending = differs
        self._has_pending = True
        # Site time may be set back; nothing began in the future.
        self._since_site[rows] = np.minimum(self._since_site[rows], now)
        site_s, machine_s = now - self._since_site[rows], elapsed - self._since_machine[rows]
        raising = ~self.is_raised[rows]
        due = _has_lasted(self._rule.raised_after, site_s, machine_s) & raising
        gone = _has_lasted(self._rule.cleared_after, site_s, machine_s) & ~raising
        cleared = rows[gone]
        self.is_raised[cleared] = False
        self._is_pending[cleared] = False
        return rows[due], cleared

    @property
    def has_pending(self) -> bool:
        """Whether any row is in doubt."""
        return self._has_pending

    def pause(self) -> None:
        """Nothing can be seen for now: what is waited for begins anew."""
        if self._has_pending:
            self._is_pending[:] = False
            self._has_pending = False

    def time_moved(self, by_s: float) -> None:
        """Site time was corrected: what is waited for began as long ago as before."""
        self._since_site += by_s

    def accept(self, rows: Rows) -> None:
        """These rows, due, are raised now."""
        self.is_raised[rows] = True
        self._is_pending[rows] = False

    def began_at(self, rows: Rows) -> float:
        """Site instant at which the first of these rows, not raised yet, began."""
        return float(self._since_site[rows].min())


def _has_lasted(lasting: Lasting, site_s: Floats, machine_s: Floats) -> Flags:
    has_lasted: Flags = (site_s >= lasting.site_s) & (machine_s >= lasting.machine_s)
    return has_lasted
