"""Input power of lamp types over dimming level, and its mean over a ramp, as arrays.

Owns the power curves as data: standby where a lamp is dark, straight lines between the
curve's points where it burns, full power at any level where it cannot be dimmed. Levels are
% of rated light output, 0 to 100; power in watts.
"""

from collections.abc import Sequence

import numpy as np

from controller.engine.columns import Floats, Rows
from zones import LampType

_FLAT = 1e-9
"""A ramp over less than this, in %, is none: its width divides."""


class PowerCurves:
    """The curves of lamp types, by their place in the inventory."""

    def __init__(self, lamp_types: Sequence[LampType]) -> None:
        count = len(lamp_types)
        widest = max((len(one.power_curve) for one in lamp_types), default=2)
        self._level: Floats = np.full((count, widest), 100.0)
        self._power_w: Floats = np.zeros((count, widest))
        for place, lamp_type in enumerate(lamp_types):
            curve = np.array(lamp_type.power_curve, dtype=np.float64)
            watts = curve[:, 1] * lamp_type.rated_power_w
            if not lamp_type.is_dimmable:
                watts = np.full(len(watts), watts[-1])
            self._power_w[place] = watts[-1]
            self._power_w[place, : len(watts)] = watts
            self._level[place, : len(watts)] = curve[:, 0]
        width = np.diff(self._level, axis=1)
        rise = np.diff(self._power_w, axis=1)
        self._slope: Floats = np.divide(rise, width, out=np.zeros_like(rise), where=width > 0)
        areas = width * (self._power_w[:, 1:] + self._power_w[:, :-1]) / 2
        self._area: Floats = np.concatenate(
            [np.zeros((count, 1)), np.cumsum(areas, axis=1)], axis=1
        )
        self.standby_w: Floats = np.array([one.standby_power_w for one in lamp_types], dtype=float)
        self.rated_w: Floats = np.array([one.rated_power_w for one in lamp_types], dtype=float)
        self.is_dimmable = np.array([one.is_dimmable for one in lamp_types], dtype=np.bool_)

    @property
    def highest_w(self) -> Floats:
        """The most that each lamp type draws at any level."""
        burning: Floats = self._power_w.max(axis=1, initial=0.0)
        return np.maximum(np.maximum(burning, self.rated_w), self.standby_w)

    def power_w(self, lamp_type: Rows, level: Floats) -> Floats:
        """Power at a level."""
        piece = self._piece(lamp_type, level)
        over = level - self._level[lamp_type, piece]
        burning = self._power_w[lamp_type, piece] + self._slope[lamp_type, piece] * over
        return np.where(level > 0, burning, self.standby_w[lamp_type])

    def mean_w(self, lamp_type: Rows, level_from: Floats, level_to: Floats) -> Floats:
        """Mean power while the level goes straight from one to the other; exact."""
        width = level_to - level_from
        area = self._area_under(lamp_type, level_to) - self._area_under(lamp_type, level_from)
        is_flat = np.abs(width) < _FLAT
        return np.divide(area, width, out=self.power_w(lamp_type, level_to), where=~is_flat)

    def _piece(self, lamp_type: Rows, level: Floats) -> Rows:
        inner = self._level[lamp_type, 1:-1]
        piece: Rows = (level[..., None] > inner).sum(axis=-1)
        return piece

    def _area_under(self, lamp_type: Rows, level: Floats) -> Floats:
        piece = self._piece(lamp_type, level)
        over = level - self._level[lamp_type, piece]
        slope = self._slope[lamp_type, piece]
        return (
            self._area[lamp_type, piece]
            + self._power_w[lamp_type, piece] * over
            + slope * over * over / 2
        )
