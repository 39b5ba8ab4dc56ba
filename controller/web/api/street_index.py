"""What the inventory says of every luminaire, as columns to filter by; made once, off the loop."""

import asyncio
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from controller.engine.columns import Flags
from zones import Inventory
from zones.inventory.shifted import to_gcj02

_BETWEEN: Final = "\n"


Fixed = npt.NDArray[np.int32]
"""Degrees, in steps of 1e-7."""
_STEPS: Final = 1e7


@dataclass(frozen=True)
class StreetIndex:
    """Columns in the order of the inventory."""

    longitude: Fixed
    """1e-7 degrees, WGS 84."""
    latitude: Fixed
    text: str
    """What is searched of all luminaires, one a line, folded."""
    begins: npt.NDArray[np.int64]
    """Where the line of each luminaire begins in ``text``."""

    @cached_property
    def drawn_gcj02(self) -> tuple[Fixed, Fixed]:
        """Longitude and latitude in GCJ-02, 1e-7 degrees: for a map that is drawn so."""
        x, y = to_gcj02(self.longitude / _STEPS, self.latitude / _STEPS)
        return np.rint(x * _STEPS).astype(np.int32), np.rint(y * _STEPS).astype(np.int32)

    def matching(self, words: str) -> Flags:
        """Luminaires whose identifier, name or pole contains ``words``, in any case."""
        found = np.zeros(self.begins.size, dtype=np.bool_)
        sought = " ".join(words.casefold().split())
        if not sought:
            found[:] = True
            return found
        places: list[int] = []
        at = self.text.find(sought)
        while at >= 0:
            places.append(at)
            # One hit a line is enough.
            end = self.text.find(_BETWEEN, at)
            at = self.text.find(sought, end) if end >= 0 else -1
        rows = np.searchsorted(self.begins, np.array(places, dtype=np.int64), side="right") - 1
        found[rows] = True
        return found


class StreetIndexes:
    """Keeps the index of the inventory in force."""

    def __init__(self) -> None:
        self._inventory: Inventory | None = None
        self._index: StreetIndex | None = None
        self._working = asyncio.Lock()

    async def of(self, inventory: Inventory) -> StreetIndex:
        """The index of an inventory."""
        async with self._working:
            if self._index is None or self._inventory is not inventory:
                self._index = await asyncio.to_thread(street_index, inventory)
                self._inventory = inventory
            return self._index


def street_index(inventory: Inventory) -> StreetIndex:
    """The index of an inventory."""
    lamps = inventory.luminaires
    lines = [_folded(f"{one.id} {one.name or ''} {one.pole or ''}") for one in lamps]
    lengths = np.fromiter((len(line) + 1 for line in lines), dtype=np.int64, count=len(lines))
    return StreetIndex(
        longitude=_fixed([one.longitude for one in lamps]),
        latitude=_fixed([one.latitude for one in lamps]),
        text=_BETWEEN.join(lines),
        begins=np.cumsum(lengths) - lengths,
    )


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _fixed(degrees: list[float]) -> npt.NDArray[np.int32]:
    fixed: npt.NDArray[Any] = np.rint(np.array(degrees, dtype=np.float64) * 1e7)
    return fixed.astype(np.int32)
