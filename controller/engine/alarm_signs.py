"""What each luminaire shows: by alarm type, whether the condition is there and can be judged.

Owns the conditions and which of them explains which; the times they must last are in
`controller.engine.alarm_types`. Where one fault explains another, only the more telling one
is shown.
"""

from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import Final, NamedTuple

import numpy as np

from controller.engine.alarm_power import PowerWatch, Verdict
from controller.engine.alarm_types import LUMINAIRE_TYPES, AlarmType
from controller.engine.columns import Columns, Flags, Floats
from controller.engine.faults import FaultBit
from zones import Inventory

UNANSWERED: Final = 3
"""Questions and commands without any word before a luminaire counts as lost."""

CLOCK_OFF_S: Final = 60.0
"""A luminaire's clock further off than this is wrong, s."""

CLOCK_LAG_S: Final = 1.0
"""Machine seconds that a word may be on its way; more site seconds where time runs fast."""

CLOCK_WORDS_APART_S: Final = 60.0
"""Site seconds between two words before both are believed about a wrong clock."""

CYCLES: Final = 6
"""Switchings within an hour that nobody asked for, before a lamp counts as cycling."""

_CYCLE_WINDOW_S: Final = 3600.0
_COMMANDED: Final = 3
"""Commands before a luminaire that answers counts as not following."""


class Sign(NamedTuple):
    """One condition over all rows."""

    is_present: Flags
    is_judged: Flags
    """False where nothing can be said now: what stands stays."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the engine knows beside the columns."""

    agrees: Flags
    """Rows whose reported level is the desired one."""
    is_stale: Flags
    """Rows that hold another program or config than the one in force."""
    is_clock_trusted: bool = True
    """Whether the controller's own clock can be compared with."""
    is_in_charge: bool = True
    """Whether this controller leads: another one's programs and commands are not ours to judge."""


class Signs:
    """The signs of one fleet."""

    def __init__(self, inventory: Inventory, columns: Columns) -> None:
        self._columns = columns
        self.power = PowerWatch(inventory, columns)
        size = columns.size
        self._heard_seen: Floats = columns.heard_at.copy()
        self._ordered_seen: Floats = columns.ordered_at.copy()
        self._unanswered = np.zeros(size, dtype=np.int16)
        self.is_lost: Flags = np.zeros(size, dtype=np.bool_)
        """Rows that were asked several times and said nothing since."""
        self._was_lit: Flags = columns.reported > 0
        self._was_wanted: Flags = columns.desired > 0
        self._was_known: Flags = columns.is_known
        self._is_switch_due: Flags = np.zeros(size, dtype=np.bool_)
        self._cycles = np.zeros(size, dtype=np.int16)
        self._cycles_before = np.zeros(size, dtype=np.int16)
        self._window_began_at = -np.inf
        self._offset_seen: Floats = columns.clock_offset_s.copy()
        self._off_since: Floats = np.full(size, np.inf)
        self._is_clock_off: Flags = np.zeros(size, dtype=np.bool_)
        self._rates: deque[float] = deque(maxlen=5)
        self._last: tuple[float, float] | None = None

    @property
    def clock_tolerance_s(self) -> float:
        """Site seconds that a luminaire's clock may seem off, the way of its word included."""
        rate = median(self._rates) if self._rates else 1.0
        return CLOCK_OFF_S + CLOCK_LAG_S * max(0.0, rate - 1.0)

    def clock_is_off(self) -> Flags:
        """Rows whose clock is wrong, by two words of theirs some time apart or by their own."""
        is_off: Flags = self._is_clock_off | self._has(FaultBit.CLOCK)
        return is_off & self._columns.has_clock

    def time_moved(self, by_s: float) -> None:
        """Site time was corrected, and the columns with it."""
        self._heard_seen += by_s
        self._offset_seen -= by_s
        self._off_since += by_s
        self._window_began_at += by_s
        if self._last is not None:
            self._last = self._last[0] + by_s, self._last[1]

    def pause(self) -> None:
        """There is no link: questions reach nobody, and silence means nothing."""
        self._unanswered[:] = 0
        self._ordered_seen[:] = self._columns.ordered_at

    def step(self, standing: Standing, now: float, elapsed: float) -> dict[AlarmType, Sign]:
        """The signs at site instant ``now`` and machine instant ``elapsed``."""
        columns = self._columns
        self._watch_time(now, elapsed)
        self._watch_silence()
        self._watch_cycles(now)
        self._watch_clocks(now)
        self.power.step()
        is_known, reported, desired = columns.is_known, columns.reported, columns.desired
        is_lit = reported > 0
        everywhere = np.ones(columns.size, dtype=np.bool_)
        is_lost = ~columns.is_reachable | self.is_lost
        is_heard = ~is_lost
        is_seen = is_heard & is_known
        is_ours = is_seen & standing.is_in_charge
        clock_off = self.clock_is_off()
        clock_doubted = clock_off | (self._off_since < np.inf)
        cycling = (self._cycles + self._cycles_before > CYCLES) | self._has(FaultBit.CYCLING)
        # Power of a lamp that comes and goes, or of one whose gear knows better, says nothing.
        power = np.where(cycling, Verdict.FINE.value, self.power.verdict)
        off_range = self._has(FaultBit.POWER_RANGE | FaultBit.METER)
        lamp_failed = self._has(FaultBit.LAMP_FAILURE) | ((power == Verdict.DEAD) & ~off_range)
        burns = self.power.burns_when_dark
        dimming_failed = self._has(FaultBit.DIMMING_FAILURE)
        dimming_failed |= (power == Verdict.FULL) & ~off_range
        dimming_failed &= ~lamp_failed
        off_range |= power == Verdict.OFF_RANGE
        off_range &= ~(lamp_failed | dimming_failed | burns)
        lit_by_day = (is_lit & (desired <= 0)) | burns
        is_stubborn = ~standing.agrees & (columns.attempts >= _COMMANDED) & (desired > 0)
        is_stubborn &= ~clock_doubted & ~lamp_failed
        signs = {
            AlarmType.COMMUNICATION_FAILURE: Sign(is_lost, everywhere),
            AlarmType.WRONG_CLOCK: Sign(
                clock_off,
                is_seen & standing.is_clock_trusted & ~np.isnan(columns.clock_offset_s)
                | (is_seen & self._has(FaultBit.CLOCK)),
            ),
            # Gear notices a dead lamp, and that it burns again, only while it is lit.
            AlarmType.LAMP_FAILURE: Sign(lamp_failed, is_seen & (lamp_failed | is_lit)),
            # At night a lamp that burns is no day burner, but it is not cured either.
            AlarmType.DAY_BURNER: Sign(
                lit_by_day & ~clock_doubted, is_seen & ((desired <= 0) | burns | clock_doubted)
            ),
            AlarmType.DIMMING_FAILURE: Sign(dimming_failed, is_seen & (dimming_failed | is_lit)),
            AlarmType.CYCLING: Sign(cycling & ~clock_doubted, is_seen),
            AlarmType.POWER_RANGE: Sign(off_range, is_seen & (off_range | is_lit)),
            # Until it was commanded a few times nobody knows; by day there is nothing to see.
            AlarmType.NOT_FOLLOWING: Sign(
                is_stubborn,
                is_ours & (is_stubborn | (standing.agrees & (desired > 0)) | clock_doubted),
            ),
            AlarmType.STALE_PROGRAM: Sign(standing.is_stale & ~is_stubborn, is_ours),
        }
        assert tuple(signs) == LUMINAIRE_TYPES
        return signs

    def _has(self, bits: FaultBit) -> Flags:
        has: Flags = (self._columns.fault_bits & int(bits)) != 0
        return has

    def _watch_time(self, now: float, elapsed: float) -> None:
        if self._last is not None and elapsed > self._last[1]:
            self._rates.append((now - self._last[0]) / (elapsed - self._last[1]))
        self._last = now, elapsed

    def _watch_silence(self) -> None:
        columns = self._columns
        asked = columns.ordered_at != self._ordered_seen
        if asked.any():
            self._unanswered[asked] = np.minimum(self._unanswered[asked] + 1, 1000)
            self._ordered_seen[:] = columns.ordered_at
        heard = columns.heard_at != self._heard_seen
        if heard.any():
            self._unanswered[heard] = 0
            self.is_lost[heard] = False
            self._heard_seen[:] = columns.heard_at
        if asked.any():
            self.is_lost |= self._unanswered >= UNANSWERED

    def _watch_clocks(self, now: float) -> None:
        """Two words that are off, some time apart: one may only have been long on its way."""
        offsets = self._columns.clock_offset_s
        rows = np.flatnonzero((offsets != self._offset_seen) & ~np.isnan(offsets))
        if not rows.size:
            return
        self._offset_seen[rows] = offsets[rows]
        is_off = np.abs(offsets[rows]) > self.clock_tolerance_s
        fine, off = rows[~is_off], rows[is_off]
        self._is_clock_off[fine] = False
        self._off_since[fine] = np.inf
        self._off_since[off] = np.minimum(self._off_since[off], now)
        self._is_clock_off[off] |= now - self._off_since[off] >= CLOCK_WORDS_APART_S

    def _watch_cycles(self, now: float) -> None:
        """Count switchings of each lamp that did not follow a switching point."""
        columns = self._columns
        if not self._window_began_at <= now < self._window_began_at + _CYCLE_WINDOW_S:
            is_next = now < self._window_began_at + 2 * _CYCLE_WINDOW_S
            self._cycles_before[:] = self._cycles if is_next else 0
            self._cycles[:] = 0
            self._window_began_at = now
        is_lit, is_wanted, is_known = columns.reported > 0, columns.desired > 0, columns.is_known
        self._is_switch_due |= is_wanted != self._was_wanted
        switched = (is_lit != self._was_lit) & self._was_known & is_known
        if switched.any():
            as_asked = switched & self._is_switch_due & (is_lit == is_wanted)
            self._is_switch_due[as_asked] = False
            self._cycles[switched & ~as_asked] += 1
        self._was_lit, self._was_wanted, self._was_known = is_lit, is_wanted, is_known
