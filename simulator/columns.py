"""One row per luminaire: what it is, what it was told, what it does.

Owns the numpy columns and the luminaire's own clock. Knows no rules. Instants are Unix
seconds UTC of true site time unless they say local, which is the luminaire's own clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from simulator.causes import FAULT
from simulator.electrics import LampTable
from simulator.faults import Faults
from simulator.programs import NO_PROGRAM
from zones import LampType

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NONE: Final = -1
SOURCES: Final = ("program", "command", "failsafe", "local")
PROGRAM, COMMAND, FAILSAFE, LOCAL = range(4)
FACTORY_LEVEL: Final = 100.0
"""Level of a luminaire that was never told anything, %."""


@dataclass(frozen=True)
class Hardware:
    """What is bolted to the poles, in the order of the rows."""

    ids: tuple[str, ...]
    lamp_types: tuple[LampType, ...]
    lamp_type: Sequence[int]
    """Each luminaire's position in ``lamp_types``."""


class Columns:
    """The fleet as arrays of equal length. ``start_at`` is whole seconds."""

    def __init__(
        self, hardware: Hardware, faults: Faults, drift_ppm: float, start_at: float, seed: int
    ) -> None:
        size = len(hardware.ids)
        rng = np.random.default_rng([seed, 0xC0])
        self.ids: tuple[str, ...] = hardware.ids
        self.lamps = LampTable(hardware.lamp_types)
        self.lamp_type: Ints = np.array(hardware.lamp_type, dtype=np.int64)
        self.has_clock: Flags = self.lamps.has_clock[self.lamp_type]
        self.warm_up_s: Floats = self.lamps.warm_up_s[self.lamp_type]
        self.is_dimmable: Flags = self.lamps.is_dimmable[self.lamp_type]
        self.faults = faults

        # The clock: local = site + offset, gaining drift seconds a second since the start.
        self._origin = start_at
        self._offset_s: Floats = faults.clock_offset_s
        self._rate: Floats = 1 + rng.uniform(-1, 1, size) * drift_ppm * 1e-6

        self.config_rev: Ints = np.full(size, NONE, dtype=np.int64)
        self.zone: Ints = np.full(size, NONE, dtype=np.int64)
        self.scale: Floats = np.ones(size)
        self.floor: Floats = np.zeros(size)
        self.failsafe_level: Floats = np.full(size, FACTORY_LEVEL)
        self.power_on_level: Floats = np.full(size, FACTORY_LEVEL)

        self.zone_program: Ints = np.full(size, NO_PROGRAM, dtype=np.int64)
        self.zone_program_rev: Ints = np.full(size, NONE, dtype=np.int64)
        self.own_program: Ints = np.full(size, NO_PROGRAM, dtype=np.int64)
        self.own_program_rev: Ints = np.full(size, NONE, dtype=np.int64)

        self.command_rev: Ints = np.full(size, NONE, dtype=np.int64)
        self.is_commanded: Flags = np.zeros(size, dtype=np.bool_)
        self.command_level: Floats = np.zeros(size)
        self.command_until: Floats = np.full(size, -np.inf)
        """Local instant at which the command ends."""
        self.command_id: list[str] = [""] * size

        # What the gear does: it goes from one level to another between two instants.
        self.level_from: Floats = np.zeros(size)
        self.level: Floats = np.zeros(size)
        self.ramp_begin: Floats = np.full(size, start_at)
        self.ramp_end: Floats = np.full(size, start_at)
        self.source: Ints = np.full(size, LOCAL, dtype=np.int64)
        self.program_rev: Ints = np.zeros(size, dtype=np.int64)
        self.changed_local: Floats = np.zeros(size)
        """Local instant of the last change that the state tells."""
        self.ignited_at: Floats = np.full(size, -np.inf)
        self.next_at: Floats = np.full(size, np.inf)
        self.next_local: Floats = np.full(size, np.inf)
        self.booted_at: Floats = np.full(size, -np.inf)
        """A start is over at this instant."""
        spread = rng.random(size)
        self.reboot_at: Floats = start_at + faults.reboot_every_s * np.where(
            np.isfinite(faults.reboot_every_s), spread, 1.0
        )
        self.boot_cause: Ints = np.full(size, FAULT, dtype=np.int64)
        """Why the last start happened."""
        self.outages: Ints = np.zeros(size, dtype=np.int64)
        """Outages that hold the row without supply; 0: it has power."""
        self.is_out: Flags = np.zeros(size, dtype=np.bool_)
        """A cycling lamp is out at the moment."""
        self.cycle_at: Floats = np.where(np.isfinite(faults.cycle_s), start_at, np.inf)
        """Instant at which a cycling lamp goes out or lights again."""
        self.level_changes: Ints = np.zeros(size, dtype=np.int64)
        """Times that the gear was set to another level since site time began."""
        self.is_troubled: Flags = faults.is_any
        """Rows that had a fault or an outage at any time."""

        # Truth, integrated up to ``since``.
        self.since: Floats = np.full(size, start_at)
        self.energy_j: Floats = np.zeros(size)
        self.light_percent_s: Floats = np.zeros(size)
        self.burning_s: Floats = np.zeros(size)
        self.meter_start_wh: Floats = rng.uniform(1e3, 5e6, size).round(3)
        self.burning_start_h: Floats = rng.uniform(10, 20_000, size).round(1)
        self.voltage_v: Floats = rng.normal(226, 2.5, size).clip(210, 240).round(1)

    @property
    def size(self) -> int:
        """Number of luminaires."""
        return len(self.ids)

    def local(self, rows: Ints, at: Floats) -> Floats:
        """What the luminaires' clocks read at site instants."""
        origin = self._origin
        return origin + (at - origin) * self._rate[rows] + self._offset_s[rows]

    def site(self, rows: Ints, local: Floats) -> Floats:
        """Site instants at which the luminaires' clocks read so; infinity stays."""
        origin = self._origin
        return origin + (local - origin - self._offset_s[rows]) / self._rate[rows]

    def rebase(self, at: float) -> None:
        """Begin at another instant: nothing has been integrated yet."""
        shift = at - self._origin
        self._origin = at
        self.since[:] = at
        self.ramp_begin[:] = self.ramp_end[:] = at
        self.reboot_at += shift
        self.cycle_at += shift
        self.level_changes[:] = 0

    def level_at(self, rows: Ints, at: Floats) -> Floats:
        """The gear's level at site instants at or after the last change."""
        begin, end = self.ramp_begin[rows], self.ramp_end[rows]
        width = end - begin
        share = np.divide(at - begin, width, out=np.ones(len(rows)), where=width > 0)
        target = self.level[rows]
        level_from = self.level_from[rows]
        return np.where(share >= 1, target, level_from + (target - level_from) * share.clip(0, 1))
