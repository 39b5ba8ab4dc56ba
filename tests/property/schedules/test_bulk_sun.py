"""The bulk sun gives the scalar sun's instants to the second, at every latitude."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules import Direction, OutOfRange, Place, crossing
from schedules.solar_bulk import CrossingStatus, bulk_crossings

latitudes = st.floats(-90, 90) | st.sampled_from([-90.0, -66.56, 0.0, 60.0, 66.56, 78.2232, 90.0])
longitudes = st.floats(-180, 180) | st.sampled_from([-180.0, 0.0, 180.0])
elevations = st.sampled_from([-18.0, -12.0, -6.0, -4.0, -0.8333, 0.0, 10.0])


@settings(deadline=None)
@given(
    st.lists(st.tuples(latitudes, longitudes), min_size=1, max_size=4),
    st.dates(date(1970, 1, 1), date(2100, 12, 31)),
    st.integers(1, 9),
    elevations,
    st.sampled_from(Direction),
)
def test_bulk_is_scalar(
    places: list[tuple[float, float]],
    first: date,
    days: int,
    elevation: float,
    direction: Direction,
) -> None:
    latitude, longitude = zip(*places, strict=True)
    bulk = bulk_crossings(latitude, longitude, first, days, elevation, direction)
    assert bulk.at.shape == bulk.status.shape == (len(places), days)
    for row, place in enumerate(places):
        for column in range(days):
            exact = crossing(Place(*place), first + timedelta(days=column), elevation, direction)
            if isinstance(exact, int):
                assert bulk.status[row, column] == CrossingStatus.OK
                assert bulk.at[row, column] == exact
            else:
                assert CrossingStatus(bulk.status[row, column]).name.lower() == exact.status.value
                assert bulk.at[row, column] == 0


def test_many_places_are_worked_on_in_parts_and_agree_with_one_by_one() -> None:
    generator = np.random.default_rng(7)
    latitude, longitude = generator.uniform(-75, 75, 700), generator.uniform(-180, 180, 700)
    first, days = date(2026, 1, 1), 366
    whole = bulk_crossings(latitude, longitude, first, days, -6.0, Direction.SETTING)
    for row in (0, 178, 179, 180, 699):
        one = bulk_crossings(
            [latitude[row]], [longitude[row]], first, days, -6.0, Direction.SETTING
        )
        assert np.array_equal(whole.at[row], one.at[0])
        assert np.array_equal(whole.status[row], one.status[0])


@pytest.mark.parametrize(
    ("latitude", "longitude", "solar_date", "direction"),
    [
        (47.95160186817008, -130.39936752105473, date(2026, 9, 11), Direction.RISING),
        (57.858345859419074, 130.24768947467481, date(2026, 7, 19), Direction.SETTING),
        (59.35612533699354, 54.327235528116375, date(2095, 5, 18), Direction.RISING),
        (-60.49792910474362, -178.69374198536642, date(1975, 11, 21), Direction.RISING),
    ],
)
def test_crossings_half_way_between_two_seconds(
    latitude: float, longitude: float, solar_date: date, direction: Direction
) -> None:
    bulk = bulk_crossings([latitude], [longitude], solar_date, 1, -6.0, direction)
    assert bulk.at[0, 0] == crossing(Place(latitude, longitude), solar_date, -6.0, direction)


def test_nothing_asked_is_nothing_answered() -> None:
    empty = bulk_crossings([], [], date(2026, 1, 1), 3, -6.0, Direction.RISING)
    assert empty.at.shape == (0, 3)
    none = bulk_crossings([1.0], [2.0], date(2026, 1, 1), 0, -6.0, Direction.RISING)
    assert none.at.shape == (1, 0)


def test_unequal_lengths_and_far_years_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        bulk_crossings([1.0, 2.0], [1.0], date(2026, 1, 1), 1, -6.0, Direction.RISING)
    with pytest.raises(OutOfRange, match="2199-12-31 to 2200-01-01"):
        bulk_crossings([1.0], [1.0], date(2199, 12, 31), 2, -6.0, Direction.RISING)
