"""One row per luminaire: what is wanted, what was sent, what it says.

Owns the numpy columns and the mapping between identifiers and rows. Knows no rules.
"""

import math
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from zones import Inventory

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]

Bits = npt.NDArray[np.uint16]

NO_GATEWAY = -1
NO_FEEDER = -1
NO_CABINET = -1

LEVEL_TOLERANCE = 0.5
"""Reported and desired levels this close agree, %."""


class Columns:
    """The fleet as arrays of equal length, in the order of the inventory.

    Levels are % of rated light output, NaN where unknown. Instants are Unix seconds UTC,
    site time; ``-inf`` stands for never.
    """

    def __init__(self, inventory: Inventory) -> None:
        luminaires = inventory.luminaires
        self.ids: tuple[str, ...] = tuple(luminaire.id for luminaire in luminaires)
        self.row_of: Mapping[str, int] = {name: row for row, name in enumerate(self.ids)}
        self.zone_ids: tuple[str, ...] = tuple(zone.id for zone in inventory.zones)
        self.zone_row_of: Mapping[str, int] = {name: row for row, name in enumerate(self.zone_ids)}
        self.gateway_ids: tuple[str, ...] = tuple(gateway.id for gateway in inventory.gateways)
        self.gateway_row_of: Mapping[str, int] = {n: row for row, n in enumerate(self.gateway_ids)}
        self.feeder_ids: tuple[str, ...] = tuple(feeder.id for feeder in inventory.feeders)
        self.cabinet_ids: tuple[str, ...] = tuple(cabinet.id for cabinet in inventory.cabinets)
        feeder_row = {name: row for row, name in enumerate(self.feeder_ids)}
        cabinet_row = {name: row for row, name in enumerate(self.cabinet_ids)}
        lamp_type_row = {lamp_type.id: row for row, lamp_type in enumerate(inventory.lamp_types)}
        by_lamp_type = inventory.lamp_type_by_id
        size = len(luminaires)

        self.zone: Rows = _rows(self.zone_row_of[luminaire.zone] for luminaire in luminaires)
        self.gateway: Rows = _rows(
            NO_GATEWAY if luminaire.gateway is None else self.gateway_row_of[luminaire.gateway]
            for luminaire in luminaires
        )
        self.feeder: Rows = _rows(
            NO_FEEDER if luminaire.feeder is None else feeder_row[luminaire.feeder]
            for luminaire in luminaires
        )
        self.cabinet: Rows = self._cabinets(inventory, cabinet_row)
        """Of its feeder, else of its gateway; `NO_CABINET` where neither says one."""
        self.lamp_type: Rows = _rows(lamp_type_row[luminaire.lamp_type] for luminaire in luminaires)
        self.has_clock: Flags = np.array(
            [by_lamp_type[luminaire.lamp_type].has_clock for luminaire in luminaires],
            dtype=np.bool_,
        )
        self.is_dimmable: Flags = np.array(
            [by_lamp_type[luminaire.lamp_type].is_dimmable for luminaire in luminaires],
            dtype=np.bool_,
        )
        self.luminaires_in_zone: Ints = np.bincount(self.zone, minlength=len(self.zone_ids))

        self.desired: Floats = np.full(size, np.nan)
        """What the documents ask for now."""
        self.desired_since: Floats = np.full(size, -np.inf)
        """Site instant of the switching point that set it."""
        self.reported: Floats = np.full(size, np.nan)
        self.reported_at: Floats = np.full(size, -np.inf)
        """Site instant at which the state arrived."""
        self.reported_by_command: Flags = np.zeros(size, dtype=np.bool_)
        self.config_rev: Ints = np.zeros(size, dtype=np.int64)
        """Revision of the config it holds, by its own word."""
        self.program_rev: Ints = np.zeros(size, dtype=np.int64)
        """Revision of the program it runs, by its own word."""
        self.fault_bits: Bits = np.zeros(size, dtype=np.uint16)
        """Faults of its last state, bits of `controller.engine.faults.FaultBit`."""
        self.heard_at: Floats = np.full(size, -np.inf)
        """Site instant at which it was last heard: a state or a measurement, not one that the
        broker had kept."""
        self.measured_w: Floats = np.full(size, np.nan)
        """Input power as last measured by itself, W."""
        self.measured_at: Floats = np.full(size, -np.inf)
        """Site instant of that measurement, by its own clock and not after its arrival."""
        self.clock_offset_s: Floats = np.full(size, np.nan)
        """Its clock minus ours, s, from fresh words alone (an answer to a command, or a
        measurement), the time on the way included; NaN where none was heard yet."""
        self.is_online: Flags = np.ones(size, dtype=np.bool_)
        """False after an ``offline`` of its own."""
        self.is_gateway_online: Flags = np.ones(len(self.gateway_ids) + 1, dtype=np.bool_)
        """By gateway row; the last entry stands for luminaires without a gateway."""

        self.awaited_since: Floats = np.full(size, np.inf)
        """Machine instant at which reported and desired began to differ; inf: they agree."""
        self.retry_at: Floats = np.full(size, -np.inf)
        """Machine instant before which nothing is sent again."""
        self.ordered_at: Floats = np.full(size, -np.inf)
        """Machine instant of the last command ordered."""
        self.attempts: Ints = np.zeros(size, dtype=np.int64)
        self.commanded_until: Floats = np.full(size, -np.inf)
        """Site instant up to which the last command sent to it or its zone may hold."""

    @property
    def size(self) -> int:
        """Number of luminaires."""
        return len(self.ids)

    @property
    def is_known(self) -> Flags:
        """True where a state was ever reported."""
        return ~np.isnan(self.reported)

    @property
    def is_reachable(self) -> Flags:
        """True where neither the luminaire nor its gateway said ``offline``."""
        return self.is_online & self.is_gateway_online[self.gateway]

    @property
    def is_faulty(self) -> Flags:
        """True where the last state named a fault."""
        is_faulty: Flags = self.fault_bits != 0
        return is_faulty

    def agrees(self, rows: Rows | slice = slice(None)) -> Flags:
        """True where the reported level is the desired one, as far as the lamp can follow."""
        reported, desired = self.reported[rows], self.desired[rows]
        agrees: Flags = np.abs(reported - desired) <= LEVEL_TOLERANCE
        stiff = np.flatnonzero(~self.is_dimmable[rows] & ~agrees)
        if stiff.size:
            said, asked = reported[stiff], desired[stiff]
            agrees[stiff] = ~np.isnan(said) & ((said > 0) == (asked > 0))
        return agrees

    def agrees_one(self, row: int) -> bool:
        """`agrees` for one luminaire."""
        reported, desired = float(self.reported[row]), float(self.desired[row])
        if abs(reported - desired) <= LEVEL_TOLERANCE:
            return True
        if self.is_dimmable[row] or math.isnan(reported):
            return False
        return (reported > 0) == (desired > 0)

    def _cabinets(self, inventory: Inventory, cabinet_row: Mapping[str, int]) -> Rows:
        of_feeder = [cabinet_row[feeder.cabinet] for feeder in inventory.feeders]
        of_gateway = [
            NO_CABINET if gateway.cabinet is None else cabinet_row[gateway.cabinet]
            for gateway in inventory.gateways
        ]
        # The last entry is what the row of "none" finds.
        by_feeder = np.array([*of_feeder, NO_CABINET], dtype=np.intp)[self.feeder]
        by_gateway = np.array([*of_gateway, NO_CABINET], dtype=np.intp)[self.gateway]
        cabinets: Rows = np.where(by_feeder == NO_CABINET, by_gateway, by_feeder)
        return cabinets

    def by_zone(self, mask: Flags) -> Ints:
        """Luminaires of each zone for which ``mask`` holds."""
        return np.bincount(self.zone[mask], minlength=len(self.zone_ids))

    def zone_sum(self, values: Floats) -> Floats:
        """Sum by zone; NaN values count as 0."""
        sums = np.bincount(self.zone, weights=np.nan_to_num(values), minlength=len(self.zone_ids))
        return np.asarray(sums, dtype=np.float64)

    def zone_mean(self, values: Floats, weights: Floats) -> Floats:
        """Weighted mean by zone; NaN values count as 0."""
        weight = self.zone_sum(weights)
        total = self.zone_sum(np.nan_to_num(values) * weights)
        return np.divide(total, weight, out=np.zeros(len(weight)), where=weight > 0)


def _rows(values: Iterable[int]) -> Rows:
    return np.fromiter(values, dtype=np.intp)
