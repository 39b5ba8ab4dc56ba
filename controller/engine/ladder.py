"""The ladder in motion: what each counterfactual uses, zone by zone, up to an instant.

Energies come from cumulated curves, so that a late call is as exact as an early one and a
stop is caught up from the documents. Only dynamic rules are known by their sensors alone:
their levels hold from one look to the next, and are none while nobody looked.
"""

from math import floor

import numpy as np

from controller.engine.account_intervals import QUARTER_S, Intervals
from controller.engine.columns import Floats
from controller.engine.ladder_tables import (
    CLO,
    FIGURES,
    NO_CURVE,
    OVERRIDDEN,
    RULED,
    LadderTables,
)
from schedules import Sensors


class Ladder:
    """The ladder of one site, accounted up to ``at`` (Unix s, site time)."""

    def __init__(self, zones: int, at: float, intervals: Intervals) -> None:
        self.at = at
        self.totals_j: Floats = np.zeros((FIGURES, zones))
        """The counterfactuals since commissioning, by zones."""
        self._zones = zones
        self._intervals = intervals
        self._tables: LadderTables | None = None
        self._last: Floats = np.zeros((CLO + 1, 0))
        self._ruled: Floats = np.zeros(0)
        """Level by rules of each group; NaN: as the program says."""

    @property
    def tables(self) -> LadderTables | None:
        """What is asked over time; None before the first book."""
        return self._tables

    def adopt(self, tables: LadderTables) -> None:
        """Go on by other documents from ``at`` on."""
        self._tables = tables
        self._last = self._energies(tables, self.at)
        self._ruled = np.full(len(tables.zone), np.nan)

    def begin(self, at: float) -> None:
        """Go on from another instant; what lies between is left out."""
        self.at = at
        if self._tables is not None:
            self.adopt(self._tables)

    def advance(self, now: float, sensors: Sensors | None = None) -> None:
        """Account up to ``now``; with ``sensors`` what the rules say is looked at anew."""
        tables = self._tables
        if tables is None:
            return
        targets = None if sensors is None else tables.rule_targets
        events: list[float] = [edge for edge in tables.override_edges if self.at < edge < now]
        if targets is not None and not np.isnan(self._ruled).all():
            ruled = np.flatnonzero(~np.isnan(self._ruled))
            events += tables.asked.instants(tables.curve[CLO - 1][ruled], self.at, now).tolist()
        for event in sorted(set(events)):
            self._advance_over_quarters(tables, event)
            if sensors is not None and targets is not None:
                self._look(tables, event, sensors)
        self._advance_over_quarters(tables, now)
        if sensors is not None and targets is not None:
            self._look(tables, now, sensors)

    def _look(self, tables: LadderTables, at: float, sensors: Sensors) -> None:
        assert tables.rule_targets is not None, "asked where the plan has rules"
        said = tables.rule_targets.levels(at, sensors)
        self._ruled[:] = np.nan
        self._ruled[said.rows] = said.levels

    def _advance_over_quarters(self, tables: LadderTables, until: float) -> None:
        while self.at < until:
            quarter = floor(self.at / QUARTER_S)
            self._step(tables, min(until, (quarter + 1.0) * QUARTER_S), quarter)

    def _step(self, tables: LadderTables, until: float, quarter: int) -> None:
        reached = self._energies(tables, until)
        spent = np.empty((FIGURES, len(tables.zone)))
        spent[: CLO + 1] = reached - self._last
        # A ruled lamp burns steadily; the others do as their curve says, ramps included.
        is_ruled = ~np.isnan(self._ruled)
        spent[RULED] = spent[CLO]
        if is_ruled.any():
            power_w = tables.power.power_w(tables.lamp_type[is_ruled], self._ruled[is_ruled])
            spent[RULED, is_ruled] = power_w * (until - self.at)
        spent[OVERRIDDEN] = spent[RULED]
        held = np.flatnonzero(tables.held_at(self.at))
        if held.size and tables.overridden is not None:
            curve = tables.held_curve[held]
            assert (curve != NO_CURVE).all(), "whoever is held has a curve"
            over = tables.overridden
            begun = over.energy_j(curve, np.full(held.size, self.at))
            spent[OVERRIDDEN, held] = over.energy_j(curve, np.full(held.size, until)) - begun
        figures = np.empty((FIGURES, self._zones))
        for figure in range(FIGURES):
            figures[figure] = np.bincount(
                tables.zone, weights=spent[figure] * tables.count, minlength=self._zones
            )
        self.totals_j += figures
        self._intervals.add_asked(quarter, figures)
        self._last, self.at = reached, until

    @staticmethod
    def _energies(tables: LadderTables, at: float) -> Floats:
        """Joules of one luminaire of each group up to an instant, first to fifth figure."""
        size = len(tables.zone)
        when = np.full(size, at)
        energies = np.empty((CLO + 1, size))
        energies[0] = tables.previous.energy_j(np.arange(size), when)
        for figure in range(1, CLO + 1):
            energies[figure] = tables.asked.energy_j(tables.curve[figure - 1], when)
        return energies
