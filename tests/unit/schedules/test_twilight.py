"""The clear-sky twilight curve."""

from itertools import pairwise

import pytest

from schedules.twilight import elevation_at_lx, illuminance_lx


@pytest.mark.parametrize(("illuminance", "elevation"), [(30, -4.0), (20, -4.4), (10, -5.0)])
def test_switching_illuminances_stand_where_the_field_has_them(
    illuminance: float, elevation: float
) -> None:
    assert elevation_at_lx(illuminance) == pytest.approx(elevation, abs=0.05)


@pytest.mark.parametrize("illuminance", [0.01, 0.5, 3.4, 10, 600, 10_000])
def test_curve_and_inverse_agree(illuminance: float) -> None:
    assert illuminance_lx(elevation_at_lx(illuminance)) == pytest.approx(illuminance, rel=1e-4)


def test_curve_rises_with_the_sun() -> None:
    curve = [illuminance_lx(tenth / 10) for tenth in range(-180, 900)]
    assert all(low <= high * 1.03 for low, high in pairwise(curve))
    assert curve[0] < 0.001
    assert curve[-1] > 100_000


def test_below_astronomical_twilight_there_is_no_curve() -> None:
    with pytest.raises(ValueError, match="-18"):
        illuminance_lx(-18.1)
