"""What the meters say, and when.

Owns the rhythm of telemetry and its messages. Every reading is exact at its own instant.
"""

import numpy as np

from controller.wire.messages import Telemetry
from simulator.columns import Floats, Ints
from simulator.fleet import Fleet
from simulator.lies import Liars
from simulator.truth import is_lit, power_w

POWER_FACTOR = 0.95
AMBIENT_C = 12.0
_RISE_C_PER_W = 0.15
_JOULES_PER_WH = 3600.0


class Meters:
    """Readings every ``every_s`` site seconds, spread evenly over the fleet."""

    def __init__(
        self, fleet: Fleet, every_s: float, start_at: float, liars: Liars | None = None
    ) -> None:
        self._fleet = fleet
        self.liars = liars or Liars(fleet.columns.size, seed=1)
        """Meters that say something else than what is true."""
        self._every_s = every_s
        size = fleet.columns.size
        # Whole seconds, so that a reading's milliseconds say its instant exactly.
        self._phase_s: Floats = np.floor(np.arange(size) * (every_s / max(size, 1))) + 1
        self._next_at: Floats = start_at + self._phase_s

    def rebase(self, at: float) -> None:
        """Begin at another instant."""
        self._next_at = at + self._phase_s

    def due(self, at: float) -> list[tuple[int, Telemetry]]:
        """Readings up to ``at`` that were not taken yet, as (row, message)."""
        readings: list[tuple[int, Telemetry]] = []
        while True:
            rows = np.flatnonzero(self._next_at <= at)
            if not rows.size:
                return self.liars.tell(readings)
            readings += self._read(rows, self._next_at[rows])
            self._next_at[rows] += self._every_s

    def read_all(self, at: float) -> list[tuple[int, Telemetry]]:
        """A reading of every meter at ``at``."""
        rows = np.arange(self._fleet.columns.size)
        return self.liars.tell(self._read(rows, np.full(len(rows), at)))

    def _read(self, rows: Ints, at: Floats) -> list[tuple[int, Telemetry]]:
        columns = self._fleet.columns
        rows_at = ~columns.faults.silent[rows] & (columns.outages[rows] == 0)
        rows, at = rows[rows_at], at[rows_at]
        self._fleet.integrate_rows(rows, at)
        when = columns.since[rows]
        power = power_w(columns, rows, when)
        energy_wh = columns.meter_start_wh[rows] + columns.energy_j[rows] / _JOULES_PER_WH
        hours = columns.burning_start_h[rows] + columns.burning_s[rows] / 3600
        voltage = columns.voltage_v[rows]
        current = power / (voltage * POWER_FACTOR)
        warmth = AMBIENT_C + np.where(is_lit(columns, rows), power * _RISE_C_PER_W, 0.0)
        at_ms = np.rint(columns.local(rows, when) * 1000).astype(np.int64)
        return [
            (
                row,
                Telemetry(
                    at_ms=max(ms, 0),
                    power_w=watts,
                    energy_wh=counter,
                    voltage_v=volts,
                    current_a=amperes,
                    power_factor=POWER_FACTOR,
                    temperature_c=celsius,
                    burning_hours=burning,
                ),
            )
            for row, ms, watts, counter, volts, amperes, celsius, burning in zip(
                rows.tolist(),
                at_ms.tolist(),
                power.round(2).tolist(),
                energy_wh.round(3).tolist(),
                voltage.tolist(),
                current.round(3).tolist(),
                warmth.round(1).tolist(),
                hours.round(4).tolist(),
                strict=True,
            )
        ]
