"""Coordinates of Chinese map services, GCJ-02 and BD-09, brought back to WGS 84.

GCJ-02 shifts places in China by 50 to 700 m, by a known polynomial with sines; BD-09 turns and
moves it a little more. Neither has a closed inverse: it is found by correcting a guess.

Ref: GB 20263-2006 asks for the shift; its terms are as they were found and are used in the
open since 2010. The datum is that of Krasovsky 1940.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Shift = Callable[[Floats, Floats], tuple[Floats, Floats]]

_SEMI_MAJOR_M: Final = 6_378_245.0
_SQUARED_ECCENTRICITY: Final = 0.006_693_421_622_965_943
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
_BD_TURN: Final = np.pi * 3000.0 / 180.0
_BD_EAST, _BD_NORTH = 0.0065, 0.006
_ROUNDS: Final = 12
"""Each round leaves about a thousandth of the error."""


def to_gcj02(longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """GCJ-02 of places in WGS 84, degrees; outside of China they stay."""
    x, y = longitude - 105.0, latitude - 35.0
    root = np.sqrt(np.abs(x))
    both = (20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)) * 2.0 / 3.0
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + both
    north_m += _waves(y, (20.0, 40.0, 160.0, 320.0))
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + both
    east_m += _waves(x, (20.0, 40.0, 150.0, 300.0))
    radians = np.radians(latitude)
    curve = 1.0 - _SQUARED_ECCENTRICITY * np.sin(radians) ** 2
    meridian_m = _SEMI_MAJOR_M * (1.0 - _SQUARED_ECCENTRICITY) / curve**1.5
    parallel_m = _SEMI_MAJOR_M / np.sqrt(curve) * np.cos(radians)
    is_inside = (
        (longitude >= _WEST) & (longitude <= _EAST) & (latitude >= _SOUTH) & (latitude <= _NORTH)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        east, north = np.degrees(east_m / parallel_m), np.degrees(north_m / meridian_m)
    return (
        np.where(is_inside, longitude + east, longitude),
        np.where(is_inside, latitude + north, latitude),
    )


def to_bd09(longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """BD-09 of places in WGS 84, degrees."""
    x, y = to_gcj02(longitude, latitude)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_TURN)
    return radius * np.cos(angle) + _BD_EAST, radius * np.sin(angle) + _BD_NORTH


def from_gcj02(longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """WGS 84 of places in GCJ-02, degrees."""
    return _back(to_gcj02, longitude, latitude)


def from_bd09(longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """WGS 84 of places in BD-09, degrees."""
    return _back(to_bd09, longitude, latitude)


SHIFTED: Final[dict[str, Shift]] = {"GCJ-02": from_gcj02, "BD-09": from_bd09}
"""The way back to WGS 84, by the name of the system."""


def shifted_name(name: str) -> str | None:
    """The name of a shifted system however it is written, such as ``gcj02``; else None."""
    plain = name.strip().upper().replace("-", "").replace("_", "").replace(" ", "")
    return {"GCJ02": "GCJ-02", "BD09": "BD-09", "BD09LL": "BD-09"}.get(plain)


def _waves(at: Floats, sizes: tuple[float, float, float, float]) -> Floats:
    first, second, third, fourth = sizes
    found: Floats = (
        first * np.sin(np.pi * at)
        + second * np.sin(np.pi * at / 3.0)
        + third * np.sin(np.pi * at / 12.0)
        + fourth * np.sin(np.pi * at / 30.0)
    ) * (2.0 / 3.0)
    return found


def _back(there: Shift, longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    x, y = longitude.copy(), latitude.copy()
    for _ in range(_ROUNDS):
        shifted_x, shifted_y = there(x, y)
        x, y = x - (shifted_x - longitude), y - (shifted_y - latitude)
    return x, y
