"""Clear-sky twilight: illuminance on level ground against the sun's elevation.

Ref: P. M. Janiczek and J. A. DeYoung, Computer Programs for Sun and Moon Illuminance, U.S.
Naval Observatory Circular 171 (1987); the polynomial also stands in the Explanatory
Supplement to the Astronomical Almanac (1992), section 9.
"""

from functools import lru_cache
from math import log10

_CURVE = (
    (20.0, (3.74, 3.97, -4.07, 1.47)),
    (5.0, (3.05, 13.28, -45.98, 64.33)),
    (-0.8, (2.88, 22.26, -207.64, 1034.30)),
    (-5.0, (2.88, 21.81, -258.11, -858.36)),
    (-12.0, (2.70, 12.17, -431.69, -1899.83)),
    (-18.0, (13.84, 262.72, 1447.42, 2797.93)),
)
"""(lowest elevation in degrees, coefficients of log10 lx in elevation / 90 degrees)."""


def illuminance_lx(elevation: float) -> float:
    """Illuminance of sun and sky, lx, for an elevation of -18 to 90 degrees."""
    for lowest, (c0, c1, c2, c3) in _CURVE:
        if elevation >= lowest:
            share = elevation / 90
            return float(10.0 ** (c0 + share * (c1 + share * (c2 + share * c3))))
    raise ValueError(f"elevation {elevation} is below -18 degrees, where twilight ends")


@lru_cache(maxsize=1024)
def elevation_at_lx(illuminance: float) -> float:
    """Elevation of the sun in degrees at which a clear sky gives so many lx, 0.01 to 10,000."""
    wanted = log10(illuminance)
    low, high = -18.0, 30.0
    while high - low > 1e-7:
        middle = (low + high) / 2
        if log10(illuminance_lx(middle)) < wanted:
            low = middle
        else:
            high = middle
    return round((low + high) / 2, 6)
