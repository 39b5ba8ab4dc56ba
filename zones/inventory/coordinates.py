"""From the numbers of a file to places in the city.

Reference systems through pyproj; swapped axes, points that were never set, points far from
all others. Whole-file evidence decides; a correction is always said.
"""

from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zones.errors import CoordinatesUnclear, ReferenceSystemUnknown
from zones.inventory.sentences import SAY
from zones.inventory.shifted import SHIFTED, shifted_name

EARTH_RADIUS_KM: Final = 6371.0
FAR_AT_LEAST_KM: Final = 30.0
FAR_TIMES_MEDIAN: Final = 8.0
DEGREES_LIMIT: Final = 360.0
WEB_MERCATOR_LIMIT_M: Final = 20_037_508.35

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Box(NamedTuple):
    """A bounding box, WGS 84 degrees, edges included."""

    west: float
    south: float
    east: float
    north: float


@dataclass(slots=True)
class Placement:
    """Places of the rows; ``reason[i]`` is why row i has none."""

    longitude: Floats
    latitude: Floats
    reason: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Row to (axis at fault: ``x``, ``y`` or ``both``, reason)."""
    swapped_rows: list[int] = field(default_factory=list)
    """Rows whose two coordinates stood the wrong way round and were turned."""
    is_swapped: bool = False
    """Whether the whole file had its axes the wrong way round."""
    warnings: list[str] = field(default_factory=list)


class ReferenceSystem:
    """A named coordinate reference system, resolved."""

    def __init__(self, name: str) -> None:
        # Imported at need: it takes a quarter of a second, and only metres need it.
        from pyproj import CRS
        from pyproj.exceptions import CRSError

        spoken = name.strip()
        self._back = SHIFTED.get(shifted_name(spoken) or "")
        """The way back to WGS 84 of a system that is none of pyproj's."""
        try:
            if self._back is not None:
                spoken = "EPSG:4326"
            crs = CRS.from_user_input(f"EPSG:{spoken}" if spoken.isdigit() else spoken)
        except (CRSError, ValueError, TypeError) as error:
            raise ReferenceSystemUnknown(SAY("no_system", name=name[:80])) from error
        if not (crs.is_geographic or crs.is_projected):
            raise ReferenceSystemUnknown(SAY("odd_system", name=name[:80], full=crs.name))
        self.name = name
        self.crs: CRS = crs

    @property
    def is_projected(self) -> bool:
        """Whether its coordinates are lengths, not degrees."""
        return bool(self.crs.is_projected)

    def to_degrees(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """WGS 84 longitudes and latitudes; NaN where the projection has no answer."""
        if self._back is not None:
            longitude, latitude = self._back(x, y)
            return np.round(longitude, 8), np.round(latitude, 8)
        from pyproj import Transformer

        transformer = Transformer.from_crs(self.crs, "EPSG:4326", always_xy=True)
        finite = np.isfinite(x) & np.isfinite(y)
        longitude, latitude = transformer.transform(
            np.where(finite, x, 0.0), np.where(finite, y, 0.0)
        )
        known = finite & np.isfinite(longitude) & np.isfinite(latitude)
        # A millimetre: what a projection adds beyond is noise of the arithmetic.
        return (
            np.where(known, np.round(longitude, 8), np.nan),
            np.where(known, np.round(latitude, 8), np.nan),
        )

    def area(self) -> Box | None:
        """Where it is meant to be used."""
        use = self.crs.area_of_use
        return None if use is None else Box(use.west, use.south, use.east, use.north)


def place(
    x: Floats,
    y: Floats,
    *,
    columns: tuple[str, str],
    lines: list[int],
    system: ReferenceSystem | None = None,
    box: Box | None = None,
    order_unsaid: bool = False,
) -> Placement:
    """Places of all rows; NaN where the row has no number, which is the caller's to report.

    ``order_unsaid`` is for pairs in one cell, where convention has the latitude first and
    ``x`` is the first number. Raises `CoordinatesUnclear` where most numbers cannot be
    degrees and no system is given, or are degrees and the system has metres.
    """
    told = np.isfinite(x) & np.isfinite(y)
    never_set = told & (np.abs(x) < 1e-9) & (np.abs(y) < 1e-9)
    usable = told & ~never_set
    _check_scale(x, y, usable, columns, lines, system)
    if order_unsaid:
        x, y = y, x
    swapped = _is_swapped(x, y, usable, system, box)
    if swapped:
        x, y = y, x
    longitude, latitude = _degrees(x, y, system)
    placement = Placement(longitude, latitude, is_swapped=swapped)
    for row in np.flatnonzero(never_set).tolist():
        placement.reason[row] = ("both", SAY("never_set"))
    in_range = usable & _in_range(longitude, latitude)
    turned_x, turned_y = _degrees(y, x, system)
    turnable = usable & _in_range(turned_x, turned_y)
    near, turned_near = _near(placement, in_range, turned_x, turned_y, box)
    turn = usable & ~(in_range & near) & turnable & turned_near
    if not turn.all():
        longitude[turn], latitude[turn] = turned_x[turn], turned_y[turn]
        placement.swapped_rows = np.flatnonzero(turn).tolist()
        in_range, near = in_range | turn, near | turn
    for row in np.flatnonzero(usable & ~in_range).tolist():
        placement.reason[row] = _out_of_range(float(x[row]), float(y[row]), system)
    for row in np.flatnonzero(usable & in_range & ~near).tolist():
        placement.reason[row] = ("both", _far(placement, row, near & in_range, box))
    return placement


def _degrees(x: Floats, y: Floats, system: ReferenceSystem | None) -> tuple[Floats, Floats]:
    if system is None:
        return x.copy(), y.copy()
    return system.to_degrees(x, y)


def _in_range(longitude: Floats, latitude: Floats) -> Flags:
    with np.errstate(invalid="ignore"):
        inside: Flags = (np.abs(longitude) <= 180) & (np.abs(latitude) <= 90)
    return inside


def _inside(longitude: Floats, latitude: Floats, box: Box, margin: float = 0.0) -> Flags:
    with np.errstate(invalid="ignore"):
        inside: Flags = (latitude >= box.south - margin) & (latitude <= box.north + margin)
        if box.west <= box.east:
            inside &= (longitude >= box.west - margin) & (longitude <= box.east + margin)
        else:
            inside &= (longitude >= box.west - margin) | (longitude <= box.east + margin)
    return inside


def _check_scale(
    x: Floats,
    y: Floats,
    usable: Flags,
    columns: tuple[str, str],
    lines: list[int],
    system: ReferenceSystem | None,
) -> None:
    count = int(usable.sum())
    if count == 0:
        return
    large = usable & ((np.abs(x) > DEGREES_LIMIT) | (np.abs(y) > DEGREES_LIMIT))
    wants_degrees = system is None or not system.is_projected
    if wants_degrees and int(large.sum()) * 2 > count:
        row = int(np.flatnonzero(large)[0])
        here = {"line": lines[row], "x": float(x[row]), "y": float(y[row])}
        hold = _columns_hold(columns)
        if system is not None:
            raise CoordinatesUnclear(SAY("metres_not_crs", hold=hold, system=system.name, **here))
        raise CoordinatesUnclear(
            SAY("metres", hold=hold, hint=_suggestion(here["x"], here["y"]), **here)
        )
    if system is not None and system.is_projected and not large.any():
        row = int(np.flatnonzero(usable)[0])
        raise CoordinatesUnclear(
            SAY(
                "degrees_not_crs",
                hold=_columns_hold(columns),
                line=lines[row],
                x=x[row],
                y=y[row],
                system=system.name,
            )
        )


def _columns_hold(columns: tuple[str, str]) -> str:
    return (
        SAY("column_holds", column=columns[0])
        if columns[0] == columns[1]
        else SAY("columns_hold", one=columns[0], other=columns[1])
    )


def _suggestion(x: float, y: float) -> str:
    """Which reference systems the numbers look like; a hint in a message, never a choice."""
    for east in (x, y):
        zone = int(abs(east) // 1_000_000)
        if abs(east) >= 13_000_000 and 300_000 <= abs(east) % 1_000_000 <= 700_000:
            if 25 <= zone <= 45:
                return SAY("cgcs", code=4513 + zone - 25, width=3, zone=zone)
            if 13 <= zone <= 23 and (
                abs(x) > WEB_MERCATOR_LIMIT_M or abs(y) > WEB_MERCATOR_LIMIT_M
            ):
                return SAY("cgcs", code=4491 + zone - 13, width=6, zone=zone)
    hints: list[str] = []
    if max(abs(x), abs(y)) <= WEB_MERCATOR_LIMIT_M and abs(x) > 1_000_000:
        longitude = x / WEB_MERCATOR_LIMIT_M * 180
        latitude = float(
            np.degrees(2 * np.arctan(np.exp(y / WEB_MERCATOR_LIMIT_M * np.pi)) - np.pi / 2)
        )
        hints.append(SAY("mercator", longitude=longitude, latitude=latitude))
    if 100_000 <= x <= 900_000 and 0 <= y <= 10_000_000:
        hints.append(SAY("utm"))
    hints.append(SAY("grid"))
    return SAY("perhaps", hints=reduce(lambda one, other: SAY("or", one=one, other=other), hints))


def _is_swapped(
    x: Floats, y: Floats, usable: Flags, system: ReferenceSystem | None, box: Box | None
) -> bool:
    """Whether the file as a whole has its axes the wrong way round: evidence against and for."""
    if not usable.any():
        return False
    as_is, turned = _degrees(x, y, system), _degrees(y, x, system)
    tests: list[tuple[Box, float]] = [(Box(-180, -90, 180, 90), 0.0)]
    area = system.area() if system is not None and system.is_projected else None
    if area is not None:
        tests.append((area, 3.0))
    if box is not None:
        tests.append((box, 0.0))
    for test, margin in tests:
        fits = float(_inside(*as_is, test, margin)[usable].mean())
        fits_turned = float(_inside(*turned, test, margin)[usable].mean())
        if fits < 0.5 and fits_turned > 0.5 and fits_turned > 2 * fits:
            return True
        if fits > 0.5 and fits_turned < 0.5:
            return False
    return False


def _near(
    placement: Placement, known: Flags, turned_x: Floats, turned_y: Floats, box: Box | None
) -> tuple[Flags, Flags]:
    """Which rows belong to the city as they stand, and which would if turned."""
    if box is not None:
        return (
            known & _inside(placement.longitude, placement.latitude, box),
            _inside(turned_x, turned_y, box),
        )
    count = int(known.sum())
    nowhere = np.zeros(len(known), dtype=np.bool_)
    if count < 3:
        return known, nowhere
    middle = _middle(placement.longitude[known], placement.latitude[known])
    distance = _distance_km(placement.longitude, placement.latitude, middle)
    limit = max(FAR_AT_LEAST_KM, FAR_TIMES_MEDIAN * float(np.median(distance[known])))
    near: Flags = known & (distance <= limit)
    turned_near: Flags = _in_range(turned_x, turned_y) & (
        _distance_km(turned_x, turned_y, middle) <= limit
    )
    stray = known & ~near & ~turned_near
    # A few points far off are mistakes; many are a second town, and not ours to throw away.
    allowed = max(count // 10, min(count // 3, 3))
    if int(stray.sum()) > allowed:
        placement.warnings.append(SAY("scattered", count=int(stray.sum()), all=count, limit=limit))
        return known, nowhere
    return near, turned_near


def _vectors(longitude: Floats, latitude: Floats) -> Floats:
    """Unit vectors: medians of these hold across the date line, medians of degrees do not."""
    lon, lat = np.radians(longitude), np.radians(latitude)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def _middle(longitude: Floats, latitude: Floats) -> Floats:
    middle: Floats = np.median(_vectors(longitude, latitude), axis=0)
    length = float(np.linalg.norm(middle))
    return middle / length if length > 1e-9 else np.array([1.0, 0.0, 0.0])


def _distance_km(longitude: Floats, latitude: Floats, middle: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        chord = np.linalg.norm(_vectors(longitude, latitude) - middle, axis=-1)
        distance: Any = 2 * EARTH_RADIUS_KM * np.arcsin(np.clip(chord / 2, 0, 1))
    return np.where(np.isfinite(distance), distance, np.inf)


def _out_of_range(x: float, y: float, system: ReferenceSystem | None) -> tuple[str, str]:
    if system is not None:
        return "both", SAY("outside_system", x=x, y=y, system=system.name)
    if abs(x) > 180:
        return "x", SAY("longitude")
    return "y", SAY("latitude")


def _far(placement: Placement, row: int, good: Flags, box: Box | None) -> str:
    longitude, latitude = float(placement.longitude[row]), float(placement.latitude[row])
    if box is not None:
        return SAY("outside_box", longitude=longitude, latitude=latitude, **box._asdict())
    middle = _middle(placement.longitude[good], placement.latitude[good])
    here = (placement.longitude[row : row + 1], placement.latitude[row : row + 1])
    distance = float(_distance_km(*here, middle)[0])
    mirrored = float(_distance_km(-here[0], here[1], middle)[0])
    return SAY(
        "far_mirrored" if mirrored < distance / 10 else "far",
        longitude=longitude,
        latitude=latitude,
        distance=distance,
    )
