"""One command to a whole zone, where it is right for every luminaire of it.

Owns when a zone is spoken to as one. A command to the zone reaches all its luminaires, so
it goes out only where one level is desired of all of them: a luminaire with a floor, an
override or constant light of its own would be wrong, and darker than desired perhaps, until
a newer command of its own arrived. Such zones are commanded one by one. Who does not follow
within `GRACE_S` is repaired one by one as well; a zone is never told twice for one change.
"""

from typing import Final

import numpy as np

from controller.engine.columns import Columns, Flags, Floats, Rows
from controller.engine.desired import Wanted
from controller.engine.orders import Priority, ZoneCommandOrder

GRACE_S: Final = 10.0
"""Machine seconds that luminaires have to follow a command to their zone: hundreds of them
spread their answers over a second or two."""

_LEAST: Final = 2
"""Fewer luminaires are commanded one by one."""


class Broadcasts:
    """The commands to zones of one fleet."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._order: Rows = np.argsort(columns.zone, kind="stable")
        counts = columns.luminaires_in_zone
        self._filled: Rows = np.flatnonzero(counts)
        """Zones with luminaires."""
        self._starts = (np.cumsum(counts) - counts)[self._filled]
        self._is_due: Flags = np.zeros(counts.size, dtype=np.bool_)

    def consider(self, affected: Flags) -> None:
        """Something else is desired of these luminaires, or they are held from now on: their
        zones are looked at once."""
        self._is_due |= self._columns.by_zone(affected) > 0

    def consider_zone(self, zone: int) -> None:
        """The command to this zone did not go out."""
        self._is_due[zone] = True

    def rows_of(self, zone: int) -> Rows:
        """The luminaires of a zone."""
        place = int(np.searchsorted(self._filled, zone))
        start = int(self._starts[place])
        return self._order[start : start + int(self._columns.luminaires_in_zone[zone])]

    def orders(
        self, agrees: Flags, wanted: Wanted, is_current: Flags, now: float, elapsed: float
    ) -> list[ZoneCommandOrder]:
        """What the zones under consideration are told; their luminaires are given time."""
        if not self._is_due.any():
            return []
        columns = self._columns
        due, self._is_due = self._is_due, np.zeros_like(self._is_due)
        by_command = columns.reported_by_command
        outlives = by_command & (columns.commanded_until > now)
        # Whom nothing holds when his program leaves the desired level: he is about to follow it.
        drifts = wanted.is_held & columns.has_clock & ~outlives
        differs = (~agrees | drifts) & columns.is_reachable
        lowest = self._of_zone(np.minimum, columns.desired)
        is_uniform = lowest == self._of_zone(np.maximum, columns.desired)
        expires_at = np.floor(self._of_zone(np.minimum, wanted.expires_at))
        many = np.maximum(_LEAST, (columns.luminaires_in_zone + 1) // 2)
        level = (
            is_uniform
            & (expires_at > now)
            & self._all(~columns.has_clock | wanted.is_covered)
            & (columns.by_zone(differs) >= many)
        )
        # Who is right by a command of his own would be wrong without it.
        resume = (
            ~level
            & self._all(columns.has_clock & ~wanted.is_covered)
            & self._all(~by_command | (~agrees & is_current & (columns.fault_bits == 0)))
            & (columns.by_zone(differs & outlives) >= many)
        )
        raises = columns.by_zone(differs & ~(columns.reported >= columns.desired)) > 0
        left_s = self._of_zone(np.maximum, wanted.since + wanted.ramp_s) - now
        last_at = self._of_zone(np.maximum, wanted.expires_at)
        orders = [
            ZoneCommandOrder(
                zone=columns.zone_ids[zone],
                zone_row=zone,
                level=float(lowest[zone]) if level[zone] else None,
                expires_at=int(expires_at[zone] if level[zone] else last_at[zone]),
                ramp_s=max(0, int(left_s[zone])) if level[zone] else 0,
                priority=Priority.RAISE_LIGHT if raises[zone] else Priority.LOWER_LIGHT,
            )
            for zone in np.flatnonzero(due & (level | resume)).tolist()
        ]
        for order in orders:
            rows = self.rows_of(order.zone_row)
            columns.commanded_until[rows] = -np.inf if order.level is None else order.expires_at
            self.give_time(rows, elapsed)
        return orders

    def give_time(self, rows: Rows, elapsed: float) -> None:
        """Nobody of these is commanded by himself before he had time to follow."""
        self._columns.retry_at[rows] = elapsed + GRACE_S

    def _all(self, mask: Flags) -> Flags:
        everyone: Flags = self._columns.by_zone(~mask) == 0
        return everyone

    def _of_zone(self, fold: np.ufunc, values: Floats) -> Floats:
        folded: Floats = np.full(self._is_due.size, np.nan)
        if self._filled.size:
            folded[self._filled] = fold.reduceat(values[self._order], self._starts)
        return folded
