"""The energy account: joules used and joules the baseline would have used.

Each luminaire's account is closed up to an instant; used and baseline always cover the same
span, so their difference is a saving and not a matter of who reported last. A span is
metered where the luminaire's counter is believable at both ends, else modelled from the
reported level and the lamp type's power curve.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from controller.engine.columns import Columns, Flags, Floats
from controller.engine.timetable import Timetable
from zones import Inventory, LampType

JOULES_PER_WH = 3600.0

_METER_HEADROOM = 1.5
"""A counter that grew by more than this share of rated power is not believed."""

_METER_SLACK_J = 3600.0
"""Counters are coarse: one watt-hour of slack."""

_FUTURE_S = 120.0
"""A measurement stamped further ahead than this is not believed."""

_STALE_AFTER_S = 3 * 3600.0
"""Without a measurement for this long, the span is closed as modelled."""

_STALE_MARGIN_S = 900.0
"""Left open at the end of a modelled span, for states still on their way."""


class Quarantine(StrEnum):
    """Why a meter's counter was not believed."""

    BACKWARDS = "backwards"
    TOO_FAST = "too_fast"
    STUCK = "stuck"
    FUTURE = "future"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class ZoneTotals:
    """Joules by zone row since commissioning."""

    metered_j: Floats
    modelled_j: Floats
    baseline_j: Floats

    @property
    def used_j(self) -> Floats:
        """Metered and modelled together, J."""
        return self.metered_j + self.modelled_j

    @property
    def saved_j(self) -> Floats:
        """Baseline minus used, J; negative where more was used."""
        return self.baseline_j - self.used_j


class Account:
    """The account of one fleet, opened at ``now`` (site time, Unix s)."""

    def __init__(self, inventory: Inventory, columns: Columns, now: float) -> None:
        self._lamp_types: tuple[LampType, ...] = inventory.lamp_types
        self._columns = columns
        rated = np.array([lamp_type.rated_power_w for lamp_type in self._lamp_types])
        standby = np.array([lamp_type.standby_power_w for lamp_type in self._lamp_types])
        baseline = np.array(
            [
                lamp_type.rated_power_w
                if lamp_type.baseline_power_w is None
                else lamp_type.baseline_power_w
                for lamp_type in self._lamp_types
            ]
        )
        size, zones = columns.size, len(columns.zone_ids)
        self.rated_w: Floats = rated[columns.lamp_type]
        self.baseline_w: Floats = baseline[columns.lamp_type]
        self._fastest_w: Floats = np.maximum(self.rated_w, standby[columns.lamp_type])
        self.power_w: Floats = standby[columns.lamp_type]
        """Input power by the reported level, W."""
        self._since: Floats = np.full(size, now)
        self._open_j: Floats = np.zeros(size)
        self._filled_j: Floats = np.zeros(size)
        """Closed as modelled since the last believed meter reading: replaced, not added."""
        self.closed_at: Floats = np.full(size, now)
        self.meter_at: Floats = np.full(size, np.nan)
        self.meter_wh: Floats = np.full(size, np.nan)
        self.touched: Flags = np.zeros(size, dtype=np.bool_)
        """Rows whose mark changed since it was last saved."""
        self.metered_j: Floats = np.zeros(zones)
        self.modelled_j: Floats = np.zeros(zones)
        self.baseline_j: Floats = np.zeros(zones)
        self.quarantined: dict[Quarantine, int] = dict.fromkeys(Quarantine, 0)
        self._baselines: tuple[Timetable, ...] = ()

    def use_baselines(self, baselines: Mapping[str, Timetable]) -> None:
        """Take the zones' baseline hours from a new book."""
        self._baselines = tuple(baselines[zone] for zone in self._columns.zone_ids)

    def restore_mark(
        self, row: int, closed_at: float, meter_at: float | None, meter_wh: float | None
    ) -> None:
        """Go on where a luminaire's account stood before a restart."""
        self.closed_at[row] = self._since[row] = closed_at
        self.meter_at[row] = np.nan if meter_at is None else meter_at
        self.meter_wh[row] = np.nan if meter_wh is None else meter_wh

    def totals(self) -> ZoneTotals:
        """Joules by zone row; arrays of the caller's own."""
        return ZoneTotals(self.metered_j.copy(), self.modelled_j.copy(), self.baseline_j.copy())

    def set_level(self, row: int, level: float, at: float) -> None:
        """The luminaire holds ``level`` (%) since ``at`` (site time)."""
        power_w = self._lamp_types[self._columns.lamp_type[row]].power_w(level)
        at = max(at, float(self.closed_at[row]))
        self._open_j[row] += self.power_w[row] * (at - self._since[row])
        # An earlier instant takes back what was modelled past it at the old level.
        self._since[row] = at
        self.power_w[row] = power_w

    def measure(self, row: int, at: float, energy_wh: float, now: float) -> None:
        """A counter reading in Wh at ``at`` (site time), arrived at ``now``."""
        if at > now + _FUTURE_S:
            self.quarantined[Quarantine.FUTURE] += 1
            return
        is_first = np.isnan(self.meter_at[row])
        if at < self.closed_at[row] if is_first else at <= self.meter_at[row]:
            self.quarantined[Quarantine.LATE] += 1
            return
        at = max(at, float(self.closed_at[row]))
        modelled_j = self._modelled_j(row, at)
        metered_j = self._metered_j(row, at, energy_wh, modelled_j)
        zone = self._columns.zone[row]
        if metered_j is None:
            self.modelled_j[zone] += max(0.0, modelled_j)
        else:
            self.metered_j[zone] += max(0.0, metered_j - float(self._filled_j[row]))
        self._close(row, at)
        self._filled_j[row] = 0.0
        self.meter_at[row] = at
        self.meter_wh[row] = energy_wh

    def _modelled_j(self, row: int, at: float) -> float:
        """Joules since the account was last closed, by reported level."""
        return float(self._open_j[row] + self.power_w[row] * (at - self._since[row]))

    def _metered_j(self, row: int, at: float, energy_wh: float, modelled_j: float) -> float | None:
        if np.isnan(self.meter_at[row]):
            return None
        grown_j = (energy_wh - float(self.meter_wh[row])) * JOULES_PER_WH
        span_s = at - float(self.meter_at[row])
        if grown_j < 0:
            self.quarantined[Quarantine.BACKWARDS] += 1
            return None
        if grown_j > _METER_HEADROOM * float(self._fastest_w[row]) * span_s + _METER_SLACK_J:
            self.quarantined[Quarantine.TOO_FAST] += 1
            return None
        if grown_j == 0 and modelled_j + self._filled_j[row] > 5 * _METER_SLACK_J:
            self.quarantined[Quarantine.STUCK] += 1
            return None
        return grown_j

    def _close(self, row: int, at: float) -> None:
        zone = self._columns.zone[row]
        lit_s = self._baselines[zone].lit_s(float(self.closed_at[row]), at)
        self.baseline_j[zone] += self.baseline_w[row] * lit_s
        self.closed_at[row] = self._since[row] = at
        self._open_j[row] = 0.0
        self.touched[row] = True

    def close_stale(self, now: float) -> None:
        """Close as modelled every account without a measurement for three hours."""
        for row in np.flatnonzero(self.closed_at < now - _STALE_AFTER_S):
            self._close_as_modelled(int(row), now - _STALE_MARGIN_S)

    def close_all(self, now: float) -> None:
        """Close every account as modelled up to ``now``, as at the end of a night."""
        for row in np.flatnonzero(self.closed_at < now):
            self._close_as_modelled(int(row), now)

    def _close_as_modelled(self, row: int, at: float) -> None:
        modelled_j = max(
            0.0, float(self._open_j[row] + self.power_w[row] * (at - self._since[row]))
        )
        self.modelled_j[self._columns.zone[row]] += modelled_j
        self._filled_j[row] += modelled_j
        self._close(row, at)
