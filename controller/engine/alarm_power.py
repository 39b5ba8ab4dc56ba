"""What measured power says of a lamp: it burns as it should, not at all, fully, or otherwise.

Owns a verdict by row, changed only by two measurements in a row that say the same. Knows
nothing of alarms.
"""

from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from controller.engine.columns import Columns, Flags, Floats, Rows
from zones import Inventory

SETTLE_S: Final = 30.0
"""Site seconds after a state before power is compared with it; ramp and warm-up come on top."""

TOLERANCE_RATIO: Final = 0.25
"""Power this far from the lamp type's curve is out of range."""

TOLERANCE_W: Final = 5.0
"""Differences below this many watts say nothing."""

DEAD_RATIO: Final = 0.25
"""Below this share of what light adds to standby, the lamp does not burn."""

FULL_RATIO: Final = 0.75
"""Beyond this share of the way from the level's power to full power, it is not dimmed."""

FULL_LEAST_RATIO: Final = 0.15
"""Full power must be this share above the level's, or the two cannot be told apart."""

DARK_RATIO: Final = 0.1
"""A lamp that is told to be dark burns where it draws this share of full power more than
standby."""

Codes = npt.NDArray[np.int8]


class Verdict(IntEnum):
    """What power says of a lamp that says it is lit."""

    FINE = 0
    DEAD = 1
    FULL = 2
    """It burns fully though dimmed."""
    OFF_RANGE = 3


class PowerWatch:
    """Verdicts of one fleet. Power in W, levels in % of rated light output."""

    def __init__(self, inventory: Inventory, columns: Columns) -> None:
        self._columns = columns
        types = inventory.lamp_types
        self._curves = [np.array(one.power_curve, dtype=np.float64) for one in types]
        self._rated_w: Floats = np.array([one.rated_power_w for one in types])
        self._standby_w: Floats = np.array([one.standby_power_w for one in types])
        warm_up_s = np.array([one.warm_up_s for one in types])
        self._warm_up_s: Floats = warm_up_s[columns.lamp_type]
        self._settle_s: Floats = self._warm_up_s + SETTLE_S
        size = columns.size
        self._seen_at: Floats = columns.measured_at.copy()
        self._lit_last: Codes = np.zeros(size, dtype=np.int8)
        self._dark_last: Flags = np.zeros(size, dtype=np.bool_)
        self.verdict: Codes = np.zeros(size, dtype=np.int8)
        """`Verdict` of the last settled measurements while lit."""
        self.burns_when_dark: Flags = np.zeros(size, dtype=np.bool_)
        """By the last settled measurements while it said it was dark."""

    def use_ramps(self, ramp_s: Floats) -> None:
        """Wait for the longest ramp of each row's program, site seconds."""
        self._settle_s = self._warm_up_s + SETTLE_S + ramp_s

    def step(self) -> None:
        """Take the measurements that arrived since the last call."""
        columns = self._columns
        rows = np.flatnonzero(columns.measured_at > self._seen_at)
        if not rows.size:
            return
        self._seen_at[rows] = columns.measured_at[rows]
        is_settled = columns.measured_at[rows] >= columns.reported_at[rows] + self._settle_s[rows]
        is_settled &= ~np.isnan(columns.measured_w[rows]) & ~np.isnan(columns.reported[rows])
        rows = rows[is_settled]
        is_lit = columns.reported[rows] > 0
        self._judge_lit(rows[is_lit])
        self._judge_dark(rows[~is_lit])

    def _judge_dark(self, rows: Rows) -> None:
        lamp_type = self._columns.lamp_type[rows]
        most = self._standby_w[lamp_type] + np.maximum(
            DARK_RATIO * self._rated_w[lamp_type], TOLERANCE_W
        )
        burns = self._columns.measured_w[rows] > most
        again = rows[burns == self._dark_last[rows]]
        self.burns_when_dark[again] = self._dark_last[again]
        self._dark_last[rows] = burns

    def _judge_lit(self, rows: Rows) -> None:
        columns = self._columns
        lamp_type = columns.lamp_type[rows]
        level = np.where(columns.is_dimmable[rows], columns.reported[rows], 100.0)
        measured = columns.measured_w[rows]
        standby = self._standby_w[lamp_type]
        modelled = self._power_w(lamp_type, level)
        full = self._power_w(lamp_type, np.full(len(rows), 100.0))
        light = modelled - standby
        is_dead = (light >= TOLERANCE_W) & (measured < standby + DEAD_RATIO * light)
        over = full - modelled
        is_dimmed = over >= np.maximum(FULL_LEAST_RATIO * full, TOLERANCE_W)
        is_full = (
            is_dimmed
            & (measured >= modelled + FULL_RATIO * over)
            & (measured <= full * (1 + TOLERANCE_RATIO))
        )
        slack = np.maximum(TOLERANCE_RATIO * modelled, TOLERANCE_W)
        is_off = np.abs(measured - modelled) > slack
        verdict = np.select(
            [is_dead, is_full, is_off],
            [Verdict.DEAD.value, Verdict.FULL.value, Verdict.OFF_RANGE.value],
            Verdict.FINE.value,
        ).astype(np.int8)
        # At full level a lamp that cannot dim looks fine, and is not.
        says_nothing = ~is_dimmed & (verdict == Verdict.FINE) & (self.verdict[rows] == Verdict.FULL)
        rows, verdict = rows[~says_nothing], verdict[~says_nothing]
        again = verdict == self._lit_last[rows]
        self.verdict[rows[again]] = verdict[again]
        self._lit_last[rows] = verdict

    def _power_w(self, lamp_type: Rows, level: Floats) -> Floats:
        power = np.zeros(len(level))
        for kind in np.unique(lamp_type).tolist():
            curve = self._curves[kind]
            mine = lamp_type == kind
            share = np.interp(level[mine], curve[:, 0], curve[:, 1])
            power[mine] = self._rated_w[kind] * share
        return power
