"""Outlines of what has none of its own: the convex hull of its points."""

from collections.abc import Iterable

Point = tuple[float, float]
"""Longitude and latitude, degrees."""


def convex_hull(points: Iterable[Point]) -> tuple[Point, ...]:
    """The hull's corners counter-clockwise, the first not repeated.

    Fewer than three for points that lie on one line.
    Ref: A. M. Andrew, Inf. Proc. Letters 9 (1979) 216.
    """
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return tuple(ordered)
    hull = (*_half(ordered), *_half(reversed(ordered)))
    return hull if len(hull) > 2 else (ordered[0], ordered[-1])


def _half(points: Iterable[Point]) -> list[Point]:
    """One side of the hull, its last corner left to the other side."""
    side: list[Point] = []
    for point in points:
        while len(side) > 1 and _turn(side[-2], side[-1], point) <= 0:
            side.pop()
        side.append(point)
    return side[:-1]


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
