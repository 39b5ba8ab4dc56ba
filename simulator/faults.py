"""What can be wrong with a luminaire, and who has it.

Owns the kinds of fault and their assignment by a seed. What a fault does is in
`simulator.fleet`.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class FaultKind(StrEnum):
    """One thing that is wrong with a luminaire."""

    LAMP_FAILURE = "lamp_failure"
    """Stays dark whatever it is told; its gear notices and reports it."""
    STUCK_ON = "stuck_on"
    """Burns at full level when told to be dark (a day burner); its gear does not notice."""
    DIMMING_FAILURE = "dimming_failure"
    """Burns at full level whenever lit; its gear notices and reports it."""
    SILENT = "silent"
    """Takes what it is sent and publishes nothing."""
    REBOOTING = "rebooting"
    """Starts anew every few hours: forgets its command, keeps its program."""
    WRONG_CLOCK = "wrong_clock"
    """Its clock is whole minutes to hours off."""
    CYCLING = "cycling"
    """Goes out and lights again every ten to thirty minutes; its gear notices and reports it."""
    POWER_RANGE = "power_range"
    """Takes a wrong power at the right light; its gear notices and reports it."""


REBOOT_EVERY_S: Final = (2 * 3600.0, 6 * 3600.0)
CLOCK_OFFSET_S: Final = (1800, 6 * 3600)
CYCLE_S: Final = (600, 1800)
OUT_RATIO: Final = 1 / 3
"""Share of a cycle for which a cycling lamp is out."""
POWER_SCALE: Final = ((0.4, 0.7), (1.3, 1.8))
"""Power of a luminaire whose power is wrong, over its lamp type's: low or high."""


class Faults:
    """Who has which fault: a column for each kind, by row."""

    def __init__(self, size: int) -> None:
        self.lamp_failed: Flags = np.zeros(size, dtype=np.bool_)
        self.stuck_on: Flags = np.zeros(size, dtype=np.bool_)
        self.dimming_failed: Flags = np.zeros(size, dtype=np.bool_)
        self.silent: Flags = np.zeros(size, dtype=np.bool_)
        self.reboot_every_s: Floats = np.full(size, np.inf)
        """Seconds from one start to the next; infinity for never."""
        self.clock_offset_s: Floats = np.zeros(size)
        self.cycle_s: Floats = np.full(size, np.inf)
        """Seconds from one going out to the next; infinity for never."""
        self.power_scale: Floats = np.ones(size)
        """True input power over that of the lamp type."""

    @property
    def is_any(self) -> Flags:
        """Rows with a fault."""
        plain = self.lamp_failed | self.stuck_on | self.dimming_failed | self.silent
        found: Flags = plain | self.misleads | np.isfinite(self.cycle_s) | (self.power_scale != 1)
        return found

    @property
    def misleads(self) -> Flags:
        """Rows that may switch wrongly by themselves, whatever they are told."""
        misled: Flags = np.isfinite(self.reboot_every_s) | (self.clock_offset_s != 0)
        return misled

    def noticed(self, rows: Ints) -> list[list[str]]:
        """The words that each row's gear has for its faults."""
        # Taken out by row first: this is asked for every state that is told.
        seen = (
            (FaultKind.LAMP_FAILURE.value, self.lamp_failed[rows]),
            (FaultKind.DIMMING_FAILURE.value, self.dimming_failed[rows]),
            (FaultKind.CYCLING.value, np.isfinite(self.cycle_s[rows])),
            (FaultKind.POWER_RANGE.value, self.power_scale[rows] != 1),
        )
        words: list[list[str]] = [[] for _ in rows]
        for word, flags in seen:
            for index in np.flatnonzero(flags).tolist():
                words[index].append(word)
        return words

    def set(self, kind: FaultKind, rows: Sequence[int], rng: np.random.Generator) -> None:
        """Give these rows a fault; what it leaves open is drawn from ``rng``."""
        where = np.array(rows, dtype=np.int64)
        match kind:
            case FaultKind.LAMP_FAILURE:
                self.lamp_failed[where] = True
            case FaultKind.STUCK_ON:
                self.stuck_on[where] = True
            case FaultKind.DIMMING_FAILURE:
                self.dimming_failed[where] = True
            case FaultKind.SILENT:
                self.silent[where] = True
            case FaultKind.REBOOTING:
                self.reboot_every_s[where] = rng.uniform(*REBOOT_EVERY_S, size=len(where)).round()
            case FaultKind.WRONG_CLOCK:
                size = rng.integers(*CLOCK_OFFSET_S, size=len(where))
                self.clock_offset_s[where] = size * rng.choice([-1, 1], size=len(where))
            case FaultKind.CYCLING:
                thirds = rng.integers(CYCLE_S[0] // 3, CYCLE_S[1] // 3, size=len(where))
                self.cycle_s[where] = 3.0 * thirds
            case FaultKind.POWER_RANGE:
                low, high = (rng.uniform(*one, size=len(where)) for one in POWER_SCALE)
                is_high = rng.random(len(where)) < 0.5
                self.power_scale[where] = np.where(is_high, high, low)

    def clear(self, kind: FaultKind, rows: Sequence[int]) -> None:
        """These rows do not have this fault any more."""
        where = np.array(rows, dtype=np.int64)
        match kind:
            case FaultKind.LAMP_FAILURE:
                self.lamp_failed[where] = False
            case FaultKind.STUCK_ON:
                self.stuck_on[where] = False
            case FaultKind.DIMMING_FAILURE:
                self.dimming_failed[where] = False
            case FaultKind.SILENT:
                self.silent[where] = False
            case FaultKind.REBOOTING:
                self.reboot_every_s[where] = np.inf
            case FaultKind.WRONG_CLOCK:
                self.clock_offset_s[where] = 0.0
            case FaultKind.CYCLING:
                self.cycle_s[where] = np.inf
            case FaultKind.POWER_RANGE:
                self.power_scale[where] = 1.0

    def rows_with(self, kind: FaultKind) -> Flags:
        """Rows that have this fault now."""
        match kind:
            case FaultKind.LAMP_FAILURE:
                return self.lamp_failed
            case FaultKind.STUCK_ON:
                return self.stuck_on
            case FaultKind.DIMMING_FAILURE:
                return self.dimming_failed
            case FaultKind.SILENT:
                return self.silent
            case FaultKind.REBOOTING:
                reboots: Flags = np.isfinite(self.reboot_every_s)
                return reboots
            case FaultKind.WRONG_CLOCK:
                is_off: Flags = self.clock_offset_s != 0
                return is_off
            case FaultKind.CYCLING:
                cycles: Flags = np.isfinite(self.cycle_s)
                return cycles
            case FaultKind.POWER_RANGE:
                is_wrong: Flags = self.power_scale != 1
                return is_wrong


def assign_faults(
    size: int, any_ratio: float, ratios: Mapping[FaultKind, float], seed: int
) -> Faults:
    """Faults for ``size`` luminaires; the same arguments give the same faults.

    ``ratios`` are shares (0 to 1) with a kind of fault each; ``any_ratio`` is the share that
    has one of a random kind beside. Luminaires get at most one fault while there are enough.
    """
    rng = np.random.default_rng([seed, 0xFA])
    faults = Faults(size)
    order = rng.permutation(size)
    taken = 0
    for kind in FaultKind:
        count = round(size * ratios.get(kind, 0.0))
        faults.set(kind, order[np.arange(taken, taken + count) % max(size, 1)].tolist(), rng)
        taken += count
    count = round(size * any_ratio)
    rows = order[np.arange(taken, taken + count) % max(size, 1)]
    drawn = rng.integers(len(FaultKind), size=count)
    for index, kind in enumerate(FaultKind):
        faults.set(kind, rows[drawn == index].tolist(), rng)
    return faults
