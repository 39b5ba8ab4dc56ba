"""Who holds which program and config, by his own word, and who is to be sent his again.

Owns the expected revisions. What a luminaire should hold comes from the service, which
publishes; what it does hold, from its states.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from controller.engine.columns import Columns, Flags, Floats, Ints, Rows
from controller.engine.orders import ConfigOrder, ProgramOrder, backoff_s

GRACE_S: Final = 5.0
"""Machine seconds from the first sight of a difference to the repeat."""

_REPEATS: Final = 3
"""Repeats wait as after so many attempts: documents are retained and rarely lost."""

_AT_ONCE: Final = 2000
"""Configs repeated in one pass."""


class Holding:
    """The documents held by one fleet."""

    def __init__(self, columns: Columns, jitter: Callable[[], float]) -> None:
        self._columns = columns
        self._jitter = jitter
        self._has_own_program: Flags = np.zeros(columns.size, dtype=np.bool_)
        self._config_rev: Ints = np.zeros(columns.size, dtype=np.int64)
        self._program_rev: Ints = np.zeros(columns.size, dtype=np.int64)
        self._is_ours_to_say = True
        self._config_retry_at: Floats = np.full(columns.size, -np.inf)
        self._program_retry_at: Floats = np.full(columns.size, -np.inf)

    def use_exceptions(self, rows: Rows) -> None:
        """These luminaires follow programs of their own, and no others."""
        self._has_own_program[:] = False
        self._has_own_program[rows] = True

    def expect_config(self, row: int, rev: int) -> None:
        """The luminaire should hold this config; it was just handed to the broker."""
        self._config_rev[row] = rev

    def expect_program(self, rows: Rows, rev: int) -> None:
        """These luminaires should run this program; it was just handed to the broker."""
        self._program_rev[rows] = rev

    def expect(self, *, is_ours_to_say: bool) -> None:
        """Whether this controller says what luminaires should hold, or another one."""
        self._is_ours_to_say = is_ours_to_say
        self._config_rev[:] = 0
        self._program_rev[:] = 0

    def rows_of_zone_program(self, zone: str) -> Rows:
        """Rows of the luminaires that run their zone's program."""
        columns = self._columns
        is_inside = columns.zone == columns.zone_row_of[zone]
        return np.flatnonzero(is_inside & ~self._has_own_program & columns.has_clock)

    @property
    def is_current(self) -> Flags:
        """Luminaires that hold config and program in force."""
        return ~(self.stale_programs() | self.stale_configs())

    def orders(self, elapsed: float) -> list[ConfigOrder | ProgramOrder]:
        """Documents to repeat."""
        columns = self._columns
        is_heard = columns.is_known & columns.is_reachable
        configs = self._due_again(
            is_heard & self.stale_configs() & (self._config_rev > 0),
            self._config_retry_at,
            elapsed,
        )
        programs = self._due_again(
            is_heard & self.stale_programs() & (self._program_rev > 0),
            self._program_retry_at,
            elapsed,
        )
        is_own = self._has_own_program[programs]
        zones = np.unique(columns.zone[programs[~is_own]])
        return [
            *(ConfigOrder(luminaire=columns.ids[row]) for row in configs.tolist()),
            *(ProgramOrder("luminaire", columns.ids[row]) for row in programs[is_own].tolist()),
            *(ProgramOrder("zone", columns.zone_ids[zone]) for zone in zones.tolist()),
        ]

    def _due_again(self, differs: Flags, retry_at: Floats, elapsed: float) -> Rows:
        """Rows due for a repeat; the first sight of a difference only starts the wait."""
        retry_at[~differs] = -np.inf
        rows = np.flatnonzero(differs)
        if not rows.size:
            return rows
        retry_at[rows[np.isneginf(retry_at[rows])]] = elapsed + GRACE_S
        due = rows[elapsed >= retry_at[rows]][:_AT_ONCE]
        waits = backoff_s(np.full(due.size, _REPEATS), self._jitter())
        retry_at[due] = elapsed + waits
        return due

    def documents_ahead(self, at_most: int) -> set[tuple[str, str, str]]:
        """Documents, as (owner, id, leaf), of which some luminaire holds a higher revision than
        the one in force, up to ``at_most``: it passes over ours."""
        columns = self._columns
        held = columns.config_rev
        configs = (self._config_rev > 0) & (held > self._config_rev) & (held <= at_most)
        held = columns.program_rev
        programs = np.flatnonzero(
            (self._program_rev > 0) & (held > self._program_rev) & (held <= at_most)
        )
        is_own = self._has_own_program[programs]
        zones = np.unique(columns.zone[programs[~is_own]])
        return {
            *(("luminaire", columns.ids[row], "config") for row in np.flatnonzero(configs)),
            *(("luminaire", columns.ids[row], "program") for row in programs[is_own]),
            *(("zone", columns.zone_ids[zone], "program") for zone in zones),
        }

    def highest_held_rev(self, at_most: int) -> int:
        """Highest revision up to ``at_most`` that any luminaire says it holds, 0 for none."""
        columns = self._columns
        held = np.concatenate([columns.config_rev, columns.program_rev])
        return int(held[held <= at_most].max(initial=0))

    def stale_programs(self) -> Flags:
        """Luminaires that hold another program than the one in force."""
        is_other: Flags = self._columns.program_rev != self._program_rev
        return self._columns.has_clock & is_other & self._is_ours_to_say

    def stale_configs(self) -> Flags:
        """Luminaires that hold another config than the one in force."""
        is_other: Flags = self._columns.config_rev != self._config_rev
        return is_other & self._is_ours_to_say
