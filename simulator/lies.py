"""How meters lie.

Owns the kinds of lie, who tells which, and what a lying meter says in place of the truth.
The truth itself is never touched. Energy in Wh as on the wire.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from controller.wire.messages import Telemetry

Ints = npt.NDArray[np.int64]


class MeterLie(StrEnum):
    """One way in which a meter lies."""

    RESET = "reset"
    """The counter began again at 0 when the lie began."""
    BACKWARDS = "backwards"
    """Every other reading is up to 500 Wh less than the one before."""
    STUCK = "stuck"
    """The counter stands still."""
    THOUSANDFOLD = "thousandfold"
    """Energy counted in mWh: a thousand times too much."""
    FUTURE = "future"
    """Stamped up to ten days ahead."""
    GAPS = "gaps"
    """Four readings in five do not come."""
    DUPLICATES = "duplicates"
    """Each reading comes two or three times."""


_BACK_WH: Final = 500.0
_AHEAD_MS: Final = (3_600_000, 864_000_000)
_HEARD: Final = 0.2
_MOST_WH: Final = 1e12


class Liars:
    """Who lies how. ``seed`` decides what a lie leaves open."""

    def __init__(self, size: int, seed: int) -> None:
        self._kind: dict[int, MeterLie] = {}
        self._since_wh: dict[int, float] = {}
        self._size = size
        self._rng = np.random.default_rng([seed, 0x11E])

    @property
    def count(self) -> int:
        """Rows whose meter lies now."""
        return len(self._kind)

    def kind_of(self, row: int) -> MeterLie | None:
        """How a row's meter lies now."""
        return self._kind.get(row)

    def begin(self, kind: MeterLie, rows: list[int]) -> None:
        """These rows' meters lie from their next reading on."""
        for row in rows:
            self._kind[row] = kind
            self._since_wh.pop(row, None)

    def end(self, rows: list[int]) -> None:
        """These rows' meters say the truth again."""
        for row in rows:
            self._kind.pop(row, None)
            self._since_wh.pop(row, None)

    def assign(self, any_ratio: float, ratios: Mapping[MeterLie, float]) -> None:
        """Lies from the start: a share of a random kind each, and shares of kinds."""
        order = self._rng.permutation(self._size).tolist()
        for kind in MeterLie:
            count = round(self._size * ratios.get(kind, 0.0))
            self.begin(kind, order[:count])
            order = order[count:]
        kinds = list(MeterLie)
        for row in order[: round(self._size * any_ratio)]:
            self.begin(kinds[int(self._rng.integers(len(kinds)))], [row])

    def tell(self, readings: list[tuple[int, Telemetry]]) -> list[tuple[int, Telemetry]]:
        """What is said in place of true readings."""
        if not self._kind:
            return readings
        said: list[tuple[int, Telemetry]] = []
        for row, reading in readings:
            kind = self._kind.get(row)
            if kind is None:
                said.append((row, reading))
            else:
                said += [(row, one) for one in self._lie(kind, row, reading)]
        return said

    def _lie(self, kind: MeterLie, row: int, reading: Telemetry) -> list[Telemetry]:
        true_wh = reading.energy_wh or 0.0
        since_wh = self._since_wh.setdefault(row, true_wh)
        match kind:
            case MeterLie.RESET:
                return [_counting(reading, true_wh - since_wh)]
            case MeterLie.BACKWARDS:
                is_back = self._rng.random() < 0.5
                return [_counting(reading, true_wh - is_back * _BACK_WH * self._rng.random())]
            case MeterLie.STUCK:
                return [_counting(reading, since_wh)]
            case MeterLie.THOUSANDFOLD:
                return [_counting(reading, true_wh * 1000)]
            case MeterLie.FUTURE:
                ahead = int(self._rng.integers(*_AHEAD_MS))
                return [msgspec.structs.replace(reading, at_ms=reading.at_ms + ahead)]
            case MeterLie.GAPS:
                return [reading] if self._rng.random() < _HEARD else []
            case MeterLie.DUPLICATES:
                return [reading] * int(self._rng.integers(2, 4))


def _counting(reading: Telemetry, energy_wh: float) -> Telemetry:
    counter = round(min(max(energy_wh, 0.0), _MOST_WH), 3)
    return msgspec.structs.replace(reading, energy_wh=counter)
