"""The quarter-hours of the account, by zone, as far back as they may still change.

Owns the figures of each quarter-hour and which of them changed since they were last taken to
be saved. A quarter-hour is numbered by its start in Unix seconds over 900.
"""

from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from controller.engine.columns import Floats
from controller.engine.ladder_tables import FIGURES
from schedules.day import control_day_of

QUARTER_S: Final = 900

_KNOWN_QUARTERS: Final = 10_000


class Intervals:
    """Joules of zones by quarter-hour."""

    def __init__(self, zones: int) -> None:
        self._zones = zones
        self.asked: dict[int, Floats] = {}
        """The seven counterfactuals by zones."""
        self.metered: dict[int, Floats] = {}
        self.settled: dict[int, Floats] = {}
        """Modelled, without what luminaires still hold as replaceable."""
        self.changed_asked: set[int] = set()
        self.changed_used: set[int] = set()

    def add_asked(self, quarter: int, figures: Floats) -> None:
        """Add counterfactuals by zones, (7, zones)."""
        if quarter not in self.asked:
            self.asked[quarter] = np.zeros((FIGURES, self._zones))
        self.asked[quarter] += figures
        self.changed_asked.add(quarter)

    def add_metered(self, quarter: int, energy_j: Floats) -> None:
        """Add what meters counted, by zone."""
        self._of(self.metered, quarter)[:] += energy_j

    def add_settled(self, quarter: int, energy_j: Floats) -> None:
        """Add what is modelled for good, or take it back; by zone."""
        self._of(self.settled, quarter)[:] += energy_j

    def note(self, quarter: int) -> None:
        """What luminaires hold of a quarter-hour changed."""
        self.changed_used.add(quarter)

    def metered_in(self, quarter: int) -> Floats:
        """What meters counted, by zone."""
        found = self.metered.get(quarter)
        return np.zeros(self._zones) if found is None else found

    def settled_in(self, quarter: int) -> Floats:
        """What is modelled for good, by zone."""
        found = self.settled.get(quarter)
        return np.zeros(self._zones) if found is None else found

    def forget(self, asked_before: int, used_before: int) -> None:
        """Let go of quarter-hours that were saved and cannot change any more."""
        for kept, before, changed in (
            (self.asked, asked_before, self.changed_asked),
            (self.metered, used_before, self.changed_used),
            (self.settled, used_before, self.changed_used),
        ):
            for quarter in [one for one in kept if one < before and one not in changed]:
                del kept[quarter]

    def _of(self, kept: dict[int, Floats], quarter: int) -> Floats:
        self.changed_used.add(quarter)
        if quarter not in kept:
            kept[quarter] = np.zeros(self._zones)
        return kept[quarter]


class NightOf:
    """The control day of a quarter-hour, as its ordinal."""

    def __init__(self, time_zone: ZoneInfo) -> None:
        self._time_zone = time_zone
        self._known: dict[int, int] = {}

    def __call__(self, quarter: int) -> int:
        """Ordinal of the control day in which the quarter-hour begins."""
        found = self._known.get(quarter)
        if found is None:
            if len(self._known) > _KNOWN_QUARTERS:
                self._known.clear()
            found = control_day_of(quarter * QUARTER_S, self._time_zone).toordinal()
            self._known[quarter] = found
        return found
