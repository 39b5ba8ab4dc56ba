"""Power of lamp types, as arrays.

Owns input power over dimming level for many luminaires at once, and its exact integral over
a straight ramp. Power in watts, levels in % of rated light output, 0 to 100.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from zones import LampType

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_STEEPEST_FLAT_LEVEL = 1e-9
"""A ramp over less than this, in %, is taken as flat: its slope divides."""


class LampTable:
    """The electrical data of lamp types, by their position in ``lamp_types``."""

    def __init__(self, lamp_types: Sequence[LampType]) -> None:
        widest = max((len(one.power_curve) for one in lamp_types), default=2)
        count = len(lamp_types)
        self._level: Floats = np.full((count, widest), 100.0)
        self._power_w: Floats = np.zeros((count, widest))
        for index, lamp_type in enumerate(lamp_types):
            points = np.array(lamp_type.power_curve, dtype=np.float64)
            self._level[index, : len(points)] = points[:, 0]
            self._power_w[index] = points[-1, 1] * lamp_type.rated_power_w
            self._power_w[index, : len(points)] = points[:, 1] * lamp_type.rated_power_w
        width = np.diff(self._level, axis=1)
        rise = np.diff(self._power_w, axis=1)
        self._slope: Floats = np.divide(rise, width, out=np.zeros_like(rise), where=width > 0)
        area = width * (self._power_w[:, 1:] + self._power_w[:, :-1]) / 2
        self._area: Floats = np.concatenate([np.zeros((count, 1)), np.cumsum(area, axis=1)], axis=1)
        self.standby_w: Floats = np.array([one.standby_power_w for one in lamp_types], dtype=float)
        self.rated_w: Floats = np.array([one.rated_power_w for one in lamp_types], dtype=float)
        self.baseline_w: Floats = np.array(
            [
                one.rated_power_w if one.baseline_power_w is None else one.baseline_power_w
                for one in lamp_types
            ],
            dtype=float,
        )
        """Of the lamp before the retrofit, W."""
        self.warm_up_s: Floats = np.array([one.warm_up_s for one in lamp_types], dtype=float)
        self.has_clock: Flags = np.array([one.has_clock for one in lamp_types], dtype=np.bool_)
        self.is_dimmable: Flags = np.array([one.is_dimmable for one in lamp_types], dtype=np.bool_)

    def power_w(self, lamp_type: Ints, level: Floats) -> Floats:
        """Input power at a level; standby where it is 0."""
        segment = self._segment(lamp_type, level)
        power = self._power_w[lamp_type, segment] + self._slope[lamp_type, segment] * (
            level - self._level[lamp_type, segment]
        )
        return np.where(level > 0, power, self.standby_w[lamp_type])

    def energy_j(
        self, lamp_type: Ints, level_from: Floats, level_to: Floats, seconds: Floats
    ) -> Floats:
        """Energy while the level goes straight from one to the other, J; exact."""
        width = level_to - level_from
        is_flat = np.abs(width) < _STEEPEST_FLAT_LEVEL
        flat = self.power_w(lamp_type, level_from)
        area = self._area_under(lamp_type, level_to) - self._area_under(lamp_type, level_from)
        mean = np.divide(area, width, out=flat.copy(), where=~is_flat)
        return mean * seconds

    def _segment(self, lamp_type: Ints, level: Floats) -> Ints:
        inner = self._level[lamp_type, 1:-1]
        segment: Ints = (level[:, None] > inner).sum(axis=1)
        return segment

    def _area_under(self, lamp_type: Ints, level: Floats) -> Floats:
        segment = self._segment(lamp_type, level)
        over = level - self._level[lamp_type, segment]
        base = self._power_w[lamp_type, segment]
        return (
            self._area[lamp_type, segment]
            + base * over
            + self._slope[lamp_type, segment] * over * over / 2
        )
