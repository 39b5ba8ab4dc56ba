"""Both coordinates in one cell: well-known text, GeoJSON, or two numbers."""

import re
from enum import Enum
from typing import Final, NamedTuple

from zones.inventory.numbers import parse_coordinate

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?"
_WELL_KNOWN: Final = re.compile(
    rf"(?:SRID\s*=\s*(?P<srid>\d+)\s*;)?\s*(?P<multi>MULTI)?POINT\s*(?:Z|M|ZM)?\s*\(\s*\(?\s*"
    rf"(?P<x>{_NUMBER})\s*,?\s+(?P<y>{_NUMBER})(?:\s+{_NUMBER}){{0,2}}\s*\)?\s*\)",
    re.IGNORECASE,
)
_GEOJSON: Final = re.compile(
    rf'\{{.*"coordinates"\s*:\s*\[\s*(?P<x>{_NUMBER})\s*,\s*(?P<y>{_NUMBER})\s*(?:,\s*{_NUMBER}\s*)?\].*\}}',
    re.IGNORECASE | re.DOTALL,
)
_AFTER_ADDRESS: Final = re.compile(
    rf".*\(\s*(?P<first>{_NUMBER})\s*,\s*(?P<second>{_NUMBER})\s*\)", re.IGNORECASE | re.DOTALL
)
_PAIR: Final = re.compile(
    r"[(\[]?\s*(?P<first>[^,;()\[\]]+?)\s*[,;，]\s*(?P<second>[^,;()\[\]]+?)\s*[)\]]?"
)


class Order(Enum):
    """Which of two numbers comes first."""

    X_Y = "longitude first"
    UNSAID = "not said"


class Point(NamedTuple):
    """Two coordinates as they stand in the cell."""

    first: float
    second: float
    order: Order
    srid: int | None = None


def parse_point(text: str) -> Point | None:
    """A point, or None where the text is none."""
    plain = text.strip()
    match = _WELL_KNOWN.fullmatch(plain)
    if match is not None:
        srid = int(match["srid"]) if match["srid"] else None
        return Point(float(match["x"]), float(match["y"]), Order.X_Y, srid)
    match = _GEOJSON.fullmatch(plain)
    if match is not None:
        return Point(float(match["x"]), float(match["y"]), Order.X_Y)
    match = _PAIR.fullmatch(plain) or _AFTER_ADDRESS.fullmatch(plain)
    if match is None:
        return None
    first, second = parse_coordinate(match["first"]), parse_coordinate(match["second"])
    if first is None or second is None:
        return None
    return Point(first, second, Order.UNSAID)
