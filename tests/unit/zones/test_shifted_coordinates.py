"""GCJ-02 and BD-09, brought back to WGS 84."""

import numpy as np
import pytest

from zones.inventory import ImportOptions, read_inventory
from zones.inventory.shifted import (
    from_bd09,
    from_gcj02,
    shifted_name,
    to_bd09,
    to_gcj02,
)

BEIJING = np.array([116.404]), np.array([39.915])
CITIES = (
    np.array([87.6, 91.1, 104.1, 113.3, 121.5, 126.6]),
    np.array([43.8, 29.7, 30.7, 23.1, 31.2, 45.8]),
)


def test_a_place_is_shifted_as_map_services_do() -> None:
    x, y = to_gcj02(*BEIJING)
    assert (x[0], y[0]) == pytest.approx((116.410244, 39.916404), abs=1e-6)
    metres = np.hypot((x - 116.404) * 85_390, (y - 39.915) * 111_000)[0]
    assert 500 < metres < 600


@pytest.mark.parametrize(("there", "back"), [(to_gcj02, from_gcj02), (to_bd09, from_bd09)])
def test_the_way_back_ends_where_it_began(there, back) -> None:  # type: ignore[no-untyped-def]  # a pair of functions
    found = back(*there(*CITIES))
    for axis in (0, 1):
        # 1e-8 degrees are a millimetre.
        np.testing.assert_allclose(found[axis], CITIES[axis], rtol=0, atol=1e-8)


def test_places_outside_of_china_are_not_shifted() -> None:
    london = np.array([-0.1]), np.array([51.5])
    assert [axis.tolist() for axis in from_gcj02(*london)] == [[-0.1], [51.5]]


@pytest.mark.parametrize(
    ("spoken", "name"), [("gcj02", "GCJ-02"), ("BD-09", "BD-09"), ("EPSG:4326", None)]
)
def test_a_system_is_known_however_it_is_written(spoken: str, name: str | None) -> None:
    assert shifted_name(spoken) == name


@pytest.mark.parametrize(("system", "there"), [("GCJ-02", to_gcj02), ("BD-09", to_bd09)])
def test_a_file_in_a_shifted_system_is_imported_where_its_lamps_stand(system, there) -> None:  # type: ignore[no-untyped-def]  # a function
    x, y = there(*BEIJING)
    rows = "".join(f"L{n},{x[0]:.8f},{y[0]:.8f},100\n" for n in range(3))
    data = f"id,longitude,latitude,wattage\n{rows}".encode()
    result = read_inventory(data, ImportOptions(crs=system))
    assert len(result.luminaires) == 3
    found = result.luminaires[0]
    assert (found.longitude, found.latitude) == pytest.approx((116.404, 39.915), abs=1e-7)
