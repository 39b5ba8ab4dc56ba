"""Places out of numbers: swapped, stray, over the date line."""

import numpy as np
import pytest

from zones import CoordinatesUnclear
from zones.inventory import Box, ImportOptions, read_inventory
from zones.inventory.coordinates import Floats, Placement, place


def cloud(
    longitude: float, latitude: float, count: int = 40, km: float = 5.0
) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(3)
    spread = km / 111
    return (
        (longitude + rng.normal(0, spread / np.cos(np.radians(latitude)), count) + 180) % 360 - 180,
        latitude + rng.normal(0, spread, count),
    )


def placed(x: Floats, y: Floats, box: Box | None = None) -> Placement:
    return place(x, y, columns=("x", "y"), lines=list(range(2, 2 + len(x))), box=box)


@pytest.mark.parametrize(
    ("longitude", "latitude"),
    [(116.4, 39.9), (-116.2, 43.6), (13.4, 52.5), (179.99, -16.5), (25.0, 71.0)],
)
def test_a_city_stays_as_it_is(longitude: float, latitude: float) -> None:
    x, y = cloud(longitude, latitude)
    placement = placed(x, y)
    assert not placement.reason
    assert not placement.swapped_rows
    assert not placement.is_swapped
    np.testing.assert_array_equal(placement.longitude, x)
    np.testing.assert_array_equal(placement.latitude, y)


@pytest.mark.parametrize(("longitude", "latitude"), [(116.4, 39.9), (-116.2, 43.6)])
def test_a_swapped_city_is_turned_as_a_whole(longitude: float, latitude: float) -> None:
    x, y = cloud(longitude, latitude)
    placement = placed(y, x)
    assert placement.is_swapped
    assert not placement.reason
    np.testing.assert_array_equal(placement.longitude, x)


def test_a_swap_within_range_is_seen_only_with_a_box() -> None:
    x, y = cloud(13.4, 52.5)
    assert not placed(y, x).is_swapped
    placement = placed(y, x, Box(13, 52, 14, 53))
    assert placement.is_swapped
    assert not placement.reason


@pytest.mark.parametrize(("longitude", "latitude"), [(116.4, 39.9), (13.4, 52.5), (179.99, -16.5)])
def test_single_swapped_rows_are_turned_and_named(longitude: float, latitude: float) -> None:
    x, y = cloud(longitude, latitude)
    expected = x.copy()
    x[4], y[4] = y[4], x[4]
    placement = placed(x, y)
    assert placement.swapped_rows == [4]
    assert not placement.reason
    np.testing.assert_array_equal(placement.longitude, expected)


def test_rows_far_from_the_others_are_rejected() -> None:
    x, y = cloud(-116.2, 43.6)
    x[1], y[1] = -115.2, 43.6
    x[2], y[2] = 116.2, 43.6
    x[3], y[3] = 0.0, 0.0
    x[4], y[4] = -116.2, 91.0
    placement = placed(x, y)
    assert sorted(placement.reason) == [1, 2, 3, 4]
    assert "81 km" in placement.reason[1][1] or "80 km" in placement.reason[1][1]
    assert "lost sign" in placement.reason[2][1]
    assert placement.reason[3] == ("both", "0, 0 is a place that was never set")
    assert placement.reason[4][0] == "y"


def test_a_second_town_is_kept_and_mentioned() -> None:
    x, y = cloud(13.4, 52.5)
    x[:15] += 3
    placement = placed(x, y)
    assert not placement.reason
    assert "too many to be mistakes" in placement.warnings[0]


def test_a_box_decides() -> None:
    x, y = cloud(13.4, 52.5)
    x[:15] += 3
    placement = placed(x, y, Box(12.5, 52, 14.5, 53))
    assert sorted(placement.reason) == list(range(15))
    assert "outside the box" in placement.reason[0][1]


def test_a_box_over_the_date_line() -> None:
    x, y = cloud(179.99, -16.5)
    assert not placed(x, y, Box(179, -18, -179, -15)).reason
    assert len(placed(x, y, Box(-179, -18, 179, -15)).reason) == len(x)


def test_two_points_cannot_tell_which_is_wrong() -> None:
    placement = placed(np.array([116.4, 121.5]), np.array([39.9, 31.2]))
    assert not placement.reason


def test_a_file_of_places_never_set_has_no_luminaires() -> None:
    result = read_inventory(b"id,lon,lat\nA,0,0\nB,0,0\n", ImportOptions())
    assert not result.luminaires
    assert len(result.rejects) == 2
    assert result.bbox is None


def test_projected_axes_swapped_are_turned() -> None:
    text = "pole,X,Y\n" + "".join(f"P{n},{4416830 + 90 * n},{448709 + 80 * n}\n" for n in range(8))
    result = read_inventory(text.encode(), ImportOptions(crs="EPSG:32650"))
    assert result.bbox == pytest.approx((116.4, 39.9, 116.4066, 39.9057), abs=1e-3)
    assert any("wrong way round" in warning for warning in result.warnings)


def test_numbers_beyond_a_projection_are_rejected() -> None:
    rows = "".join(f"P{n},{448709 + 80 * n},{4416830 + 90 * n}\n" for n in range(8))
    text = f"pole,X,Y\n{rows}Q,1e300,4416830\n"
    result = read_inventory(text.encode(), ImportOptions(crs="EPSG:32650"))
    assert [each.line for each in result.rejects] == [10]


def test_one_column_of_metres_holds_metres() -> None:
    rows = "".join(f"L{n};POINT (39{n:04} 581{n:04})\n" for n in range(20))
    with pytest.raises(CoordinatesUnclear, match="column 'place' holds metres or feet"):
        read_inventory(f"id;place\n{rows}".encode())
