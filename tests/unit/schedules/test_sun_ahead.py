"""The sun worked out ahead gives the answers that it gives one by one."""

from datetime import date, timedelta

import pytest

from schedules import Direction, Place, Site, compile_baseline, compile_zone, crossing
from schedules.presets import demo_plan
from schedules.solar import PolarDay, day_number, remember
from schedules.sun_ahead import know_sun_ahead
from tests.fakes.small_city import small_inventory

DAY = 86_400


def site_at(time_zone: str, *places: tuple[float, float]) -> Site:
    inventory = small_inventory()
    zones = tuple(
        zone.model_copy(update={"latitude": latitude, "longitude": longitude})
        for zone, (latitude, longitude) in zip(inventory.zones, places, strict=True)
    )
    city = inventory.city.model_copy(update={"time_zone": time_zone})
    inventory = inventory.model_copy(update={"zones": zones, "city": city})
    return Site(inventory=inventory, plan=demo_plan(inventory))


@pytest.mark.parametrize(
    ("time_zone", "places"),
    [
        ("Asia/Shanghai", ((39.9, 116.4), (53.5, 122.5))),
        ("Asia/Urumqi", ((43.8, 87.6), (39.5, 76.0))),
        ("Pacific/Kiritimati", ((1.9, -157.4), (1.9, -157.5))),
        ("Arctic/Longyearbyen", ((78.2, 15.6), (69.6, 18.9))),
    ],
)
@pytest.mark.parametrize("first", [date(2026, 3, 1), date(2026, 6, 10), date(2026, 12, 10)])
def test_the_switching_points_are_the_same(
    time_zone: str, places: tuple[tuple[float, float], ...], first: date
) -> None:
    site = site_at(time_zone, *places)
    since = day_number(first) * DAY
    until = since + 20 * DAY
    know_sun_ahead(site, first, first + timedelta(days=20))
    known = [points(site, zone.id, since, until) for zone in site.inventory.zones]
    # So little further that no instant is another, but no answer is known.
    aside = site_at(time_zone, *((latitude + 1e-9, longitude) for latitude, longitude in places))
    asked = [points(aside, zone.id, since, until) for zone in aside.inventory.zones]
    assert known == asked


def points(site: Site, zone: str, since: int, until: int) -> tuple[object, object]:
    return compile_zone(site, zone, since, until), compile_baseline(site, zone, since, until)


def test_what_is_known_is_not_worked_out() -> None:
    nowhere, day = Place(12.3456789, 98.7654321), date(2026, 3, 20)
    remember({(nowhere.latitude, nowhere.longitude, day_number(day), -6.0, False): 7})
    assert crossing(nowhere, day, -6.0, Direction.SETTING) == 7
    assert crossing(nowhere, day, -6.0, Direction.RISING) != 7


def test_a_day_without_a_crossing_keeps_its_reason() -> None:
    site = site_at("Arctic/Longyearbyen", (78.2, 15.6), (69.6, 18.9))
    know_sun_ahead(site, date(2026, 6, 10), date(2026, 6, 20))
    found = crossing(Place(78.2, 15.6), date(2026, 6, 15), -6.0, Direction.SETTING)
    assert isinstance(found, PolarDay)


def test_beyond_the_years_of_the_sun_nothing_is_known_ahead() -> None:
    site = site_at("Asia/Shanghai", (39.9, 116.4), (39.9, 116.4))
    know_sun_ahead(site, date(9999, 12, 30), date(9999, 12, 31))
    know_sun_ahead(site, date(1, 1, 1), date(1, 1, 2))
    assert crossing(Place(39.9, 116.4), date(2026, 3, 20), -6.0, Direction.SETTING) != 0
