"""Sensors in the street: what those that the plan's rules name would read.

Owns made-up but plausible values: traffic with its two peaks, the sky's light, and for other
kinds something around the rule's own threshold. Some sensors lie or are silent. Pure; instants
are Unix seconds UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from math import cos, pi
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from controller.wire.messages import Reading
from schedules import Site

PEAK_TRAFFIC: Final = 1200.0
"""Vehicles an hour."""
BRIGHTEST_LX: Final = 60_000.0
_PEAK_HOURS: Final = (8.0, 18.0)
_PEAK_WIDTH_H: Final = 2.0
_NIGHT_TRAFFIC: Final = 0.04
_NOISE: Final = 0.15
_ABSURD: Final = 1e9


@dataclass(frozen=True)
class SensorOptions:
    """How sensors read. Ratios are shares of the sensors, 0 to 1."""

    every_s: float = 300.0
    """Site seconds between two readings of a sensor."""
    lying: float = 0.0
    """Share whose values are absurd."""
    silent: float = 0.0


class StreetSensors:
    """All sensors that rules of the plan name, one reading for each kind asked of it."""

    def __init__(self, site: Site, options: SensorOptions, start_at: float, seed: int) -> None:
        kinds = {(name, rule.reading) for rule in site.plan.rules for name in rule.sensors}
        self._asked = sorted(kinds)
        self._threshold = {
            rule.reading: rule.above or rule.below or 1.0 for rule in site.plan.rules
        }
        self._zone: ZoneInfo = site.time_zone
        self._every_s = options.every_s
        self._rng = np.random.default_rng([seed, 0x5E])
        names = sorted({name for name, _ in kinds})
        order = [names[index] for index in self._rng.permutation(len(names))]
        lying = round(len(names) * options.lying)
        self.lying = frozenset(order[:lying])
        self.silent = frozenset(order[lying : lying + round(len(names) * options.silent)])
        self._next_at = start_at + options.every_s

    @property
    def count(self) -> int:
        """Sensors there are."""
        return len({name for name, _ in self._asked})

    def rebase(self, at: float) -> None:
        """Begin at another instant."""
        self._next_at = at + self._every_s

    def due(self, at: float) -> list[tuple[str, Reading]]:
        """Readings up to ``at`` that were not taken yet, as (sensor, message)."""
        readings: list[tuple[str, Reading]] = []
        while self._asked and self._next_at <= at:
            readings += [
                (name, self._read(name, kind, self._next_at))
                for name, kind in self._asked
                if name not in self.silent
            ]
            self._next_at += self._every_s
        return readings

    def _read(self, name: str, kind: str, at: float) -> Reading:
        local = datetime.fromtimestamp(at, self._zone)
        value = self._true_value(kind, local.hour + local.minute / 60)
        if name in self.lying:
            value = _ABSURD
        return Reading(at_ms=round(at * 1000), kind=kind, value=round(value, 3))

    def _true_value(self, kind: str, hour: float) -> float:
        noise = float(1 + _NOISE * self._rng.standard_normal())
        match kind:
            case "traffic":
                peaks = (np.exp(-(((hour - one) / _PEAK_WIDTH_H) ** 2)) for one in _PEAK_HOURS)
                share = _NIGHT_TRAFFIC + sum(float(peak) for peak in peaks)
                return max(0.0, PEAK_TRAFFIC * share * noise)
            case "illuminance":
                height = cos((hour - 12) / 12 * pi)
                return max(0.3, BRIGHTEST_LX * max(height, 0.0) * noise)
            case _:
                return self._threshold.get(kind, 1.0) * noise
