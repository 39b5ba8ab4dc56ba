"""What the account holds of every luminaire, as arrays of equal length.

Owns the columns, the ring of open quarter-hours and the ring of nights. Energies are joules,
instants Unix seconds UTC, site time.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from controller.engine.columns import Flags, Floats, Ints, Rows

RING: Final = 64
"""Quarter-hours in which a gap is replaced one by one; an older one by the night."""

NIGHTS: Final = 16
"""Control days in which a gap is replaced at all, the present one included."""


class AccountColumns:
    """The rows of the account; all are open since ``now`` and were never heard."""

    def __init__(self, size: int, now: float) -> None:
        self.since: Floats = np.full(size, now)
        """Modelled up to here."""
        self.changed_at: Floats = np.full(size, now)
        """What it is modelled by has not changed since."""
        self.heard_at: Floats = np.full(size, -np.inf)
        """Last word of any kind."""
        self.level: Floats = np.zeros(size)
        """Level it burns at by its own word, faults it reported taken into account."""
        self.power_w: Floats = np.zeros(size)
        self.is_lit: Flags = np.zeros(size, dtype=np.bool_)
        self.follows: Flags = np.ones(size, dtype=np.bool_)
        """Modelled by its program: never heard, or mute since its program switched."""
        self.meter_at: Floats = np.full(size, np.nan)
        self.meter_wh: Floats = np.full(size, np.nan)
        """The last reading that was believed."""
        self.suspect_at: Floats = np.full(size, np.nan)
        self.suspect_wh: Floats = np.full(size, np.nan)
        """A reading that was not, and may yet prove to be the new origin."""
        self.agreed: Ints = np.zeros(size, dtype=np.int64)
        """Readings that spoke for the suspect."""
        self.slow: Ints = np.zeros(size, dtype=np.int64)
        """Slow readings in a row."""
        self.was_stuck: Flags = np.zeros(size, dtype=np.bool_)
        self.open_j: Floats = np.zeros((RING, size))
        """Modelled in a quarter-hour since the last believed reading: replaceable."""
        self.night_open_j: Floats = np.zeros((NIGHTS, size))
        """The same of quarter-hours that left the ring, by night."""
        self.expired_j: Floats = np.zeros(size)
        """The same of nights that left the ring too: not replaceable any more."""
        self.night_metered_j: Floats = np.zeros((NIGHTS, size))
        self.night_settled_j: Floats = np.zeros((NIGHTS, size))
        """Modelled for good."""
        self.night_burning_s: Floats = np.zeros((NIGHTS, size))


MARKS: Final = {
    "since": "f8",
    "heard_at": "f8",
    "level": "f4",
    "follows": "u1",
    "meter_at": "f8",
    "meter_wh": "f8",
    "suspect_at": "f8",
    "suspect_wh": "f8",
    "agreed": "u1",
    "slow": "u1",
    "was_stuck": "u1",
    "expired_j": "f8",
}
"""Columns that are saved whole, and their types."""

NIGHT_COLUMNS: Final = {
    "night_open_j": "f8",
    "night_metered_j": "f8",
    "night_settled_j": "f8",
    "night_burning_s": "f4",
}
"""Columns that are saved for each night that changed."""

OPEN: Final = "open_j"
"""The ring, saved for each quarter-hour that changed."""


def rounds(rows: Rows) -> Iterator[Rows]:
    """Places in a batch such that each row stands once a round, in order."""
    order = np.argsort(rows, kind="stable")
    ordered = rows[order]
    is_first = np.ones(len(rows), dtype=np.bool_)
    is_first[1:] = ordered[1:] != ordered[:-1]
    if is_first.all():
        yield np.arange(len(rows))
        return
    begins = np.flatnonzero(is_first)
    turn = np.arange(len(rows)) - np.repeat(begins, np.diff(np.append(begins, len(rows))))
    for number in range(int(turn.max()) + 1):
        yield np.sort(order[turn == number])
