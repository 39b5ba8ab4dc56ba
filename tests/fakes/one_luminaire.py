"""A simulated luminaire on the bench: messages in, state and truth out, no broker."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from controller.wire.messages import Command, Config, Program
from simulator.columns import SOURCES, Columns, Hardware
from simulator.faults import FaultKind, Faults
from simulator.fleet import Fleet
from simulator.truth import Witness, is_lit, power_w
from zones import LampType, Technology

NOON = 1_790_078_400
"""Noon UTC of some day."""
HOUR = 3600
DAY = 86_400
RATED_W = 100.0
STANDBY_W = 2.0


def lamp(**changes: Any) -> LampType:
    """An LED of 100 W, 2 W standby, power in proportion to level."""
    fields: dict[str, Any] = {
        "id": "led",
        "name": "LED",
        "technology": Technology.LED,
        "rated_power_w": RATED_W,
        "standby_power_w": STANDBY_W,
    }
    return LampType(**{**fields, **changes})


def program(*points: tuple[float, float, int], rev: int = 10, **changes: Any) -> Program:
    """A program from noon on for a day; points as (hours after noon, level, ramp_s)."""
    fields: dict[str, Any] = {
        "rev": rev,
        "valid_from": NOON,
        "valid_until": NOON + DAY,
        "points": [(NOON, 0.0, 0)]
        + [(NOON + round(hours * HOUR), level, ramp_s) for hours, level, ramp_s in points],
        "failsafe_level": 90.0,
    }
    return Program(**{**fields, **changes})


def config(rev: int = 1, **changes: Any) -> Config:
    """A plain config for zone z."""
    fields: dict[str, Any] = {
        "rev": rev,
        "zone": "z",
        "scale": 1.0,
        "floor": 0.0,
        "failsafe_level": 80.0,
        "power_on_level": 70.0,
    }
    return Config(**{**fields, **changes})


def command(rev: int, level: float | None = None, hours: float = 0, **changes: Any) -> Command:
    """A command given ``hours`` after noon, for an hour."""
    start = NOON + round(hours * HOUR)
    fields: dict[str, Any] = {
        "command_id": f"c{rev}",
        "rev": rev,
        "start": start,
        "expires_at": start + HOUR,
        "level": level,
    }
    return Command(**{**fields, **changes})


class Bench:
    """Luminaires of one lamp type; time is given in hours after noon."""

    def __init__(
        self,
        lamp_type: LampType | None = None,
        *,
        size: int = 1,
        fault: FaultKind | None = None,
        clock_offset_s: float = 0.0,
        drift_ppm: float = 0.0,
        witness: Witness | None = None,
    ) -> None:
        faults = Faults(size)
        if fault is not None:
            faults.set(fault, range(size), np.random.default_rng(1))
        if clock_offset_s:
            faults.clock_offset_s[:] = clock_offset_s
        hardware = Hardware(
            tuple(f"l{row}" for row in range(size)), (lamp_type or lamp(),), [0] * size
        )
        self.columns = Columns(hardware, faults, drift_ppm, float(NOON), seed=1)
        self.fleet = Fleet(self.columns, witness)
        self.rows = np.arange(size)
        self.fleet.pop_changed()

    def at(self, hours: float) -> "Bench":
        """Let time pass to this many hours after noon."""
        self.fleet.integrate(NOON + hours * HOUR)
        return self

    def _instants(self, hours: float) -> Any:
        return np.full(len(self.rows), NOON + hours * HOUR)

    def configure(self, message: Config, hours: float = 0) -> None:
        self.fleet.take_configs(self.rows, [message] * len(self.rows), self._instants(hours))

    def run_zone(self, message: Program, hours: float = 0) -> None:
        self.fleet.take_zone_program(self.rows, message, NOON + hours * HOUR)

    def run_own(self, message: Program | None, hours: float = 0) -> None:
        for row in self.rows:
            self.fleet.take_own_program(int(row), message, NOON + hours * HOUR)

    def order(self, message: Command, hours: float) -> None:
        self.fleet.take_commands(self.rows, [message] * len(self.rows), self._instants(hours))

    def told(self) -> list[int]:
        """Rows that would publish their state now."""
        rows: list[int] = self.fleet.pop_changed().tolist()
        return rows

    @property
    def level(self) -> float:
        """Level that the state says."""
        return float(self.columns.level[0])

    @property
    def gear_level(self) -> float:
        """Level at this moment, ramp included."""
        return float(self.columns.level_at(self.rows, self.columns.since)[0])

    @property
    def source(self) -> str:
        return SOURCES[int(self.columns.source[0])]

    @property
    def program_rev(self) -> int:
        return int(self.columns.program_rev[0])

    @property
    def command_id(self) -> str:
        return self.columns.command_id[0]

    @property
    def changed_at(self) -> float:
        """Hours after noon, by the luminaire's clock, of the last change that the state tells."""
        return float(self.columns.changed_local[0] - NOON) / HOUR

    @property
    def is_lit(self) -> bool:
        return bool(is_lit(self.columns, self.rows)[0])

    @property
    def power_w(self) -> float:
        return float(power_w(self.columns, self.rows, self.columns.since)[0])

    @property
    def energy_wh(self) -> float:
        """Since noon."""
        return float(self.columns.energy_j[0]) / 3600


def standing(lamp_type: LampType | None = None, **changes: Any) -> Bench:
    """A bench whose luminaires hold a config and a night from 6 to 18 hours after noon."""
    bench = Bench(lamp_type, **changes)
    bench.configure(config())
    bench.run_zone(program((6, 100, 0), (11, 50, 0), (18, 0, 0)))
    bench.told()
    return bench


class Stretches:
    """A witness that keeps what it is told."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, float, float, float, float, bool, int]] = []

    def observe(
        self,
        rows: Any,
        since: Any,
        until: Any,
        level_from: Any,
        level_to: Any,
        is_lit: Any,
        cause: Any,
    ) -> None:
        columns: Sequence[Any] = (rows, since, until, level_from, level_to, is_lit, cause)
        self.seen += list(zip(*(column.tolist() for column in columns), strict=True))
