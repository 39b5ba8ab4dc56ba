"""EN 13201-5 and CJJ 45: densities of a zone, and what is lacking."""

import pytest

from schedules.energy.density import Density, Lacking, density
from zones import LIGHTING_CLASSES, Category, Zone, demo_inventory


def zone(**fields: object) -> Zone:
    told = {
        "id": "z", "name": "z", "district": "d", "category": Category.ARTERIAL,
        "longitude": 116.4, "latitude": 39.9, **fields,
    }  # fmt: skip
    return Zone.model_validate(told)


ROAD = {"road_length_m": 1000, "road_width_m": 15, "lanes": 4}
KWH = 3_600_000.0


def test_the_densities_of_a_road() -> None:
    one = zone(**ROAD, lighting_class="CJJ45-II-high", design_illuminance_lx=20)
    found = density(one, 9000, 30_000 * KWH)
    assert found.area_m2 == 15_000
    assert found.lighting_power_density == pytest.approx(0.6)
    assert found.limit_w_per_m2 == 0.8
    assert found.is_within_limit is True
    assert found.power_density == pytest.approx(9000 / (20 * 15_000))
    assert found.annual_kwh_per_m2 == pytest.approx(2)
    assert density(one, 12_100, 0).is_within_limit is False


@pytest.mark.parametrize(
    ("fields", "figure", "lacks"),
    [
        ({}, "area_m2", ("area_m2",)),
        ({"road_length_m": 100}, "area_m2", ("road_width_m",)),
        ({"road_width_m": 10}, "lighting_power_density", ("road_length_m",)),
        ({}, "power_density", ("design_illuminance_lx", "area_m2")),
        ({"area_m2": 10}, "power_density", ("design_illuminance_lx",)),
        ({"area_m2": 10}, "limit_w_per_m2", ("lighting_class",)),
        ({"area_m2": 10, "lighting_class": "CJJ45-I-high"}, "limit_w_per_m2", ("lanes",)),
        ({"design_illuminance_lx": 5}, "annual_kwh_per_m2", ("area_m2",)),
    ],
)
def test_what_a_zone_does_not_tell_is_named(
    fields: dict[str, object], figure: str, lacks: tuple[str, ...]
) -> None:
    found = density(zone(**fields), 100, KWH)
    assert getattr(found, figure) == Lacking(lacks)
    assert found.is_within_limit is None


def test_the_area_goes_before_length_and_width() -> None:
    assert zone(**ROAD, area_m2=99).lit_area_m2 == 99


def test_a_class_without_a_limit_has_none() -> None:
    found = density(zone(**ROAD, lighting_class="EN13201-P3"), 100, 0)
    assert found.limit_w_per_m2 is None
    assert found.is_within_limit is None


def test_the_table_of_cjj_45() -> None:
    limits = {
        (name, lanes): LIGHTING_CLASSES[f"CJJ45-{name}"].power_density_limit(lanes)
        for name, lanes in (
            ("I-high", 6), ("I-high", 5), ("I-low", 8), ("I-low", 4), ("II-high", 4),
            ("II-high", 3), ("II-low", 4), ("II-low", 2), ("III-high", 2), ("III-high", 1),
            ("III-low", 2), ("III-low", 1),
        )
    }  # fmt: skip
    assert list(limits.values()) == [1.0, 1.2, 0.7, 0.85, 0.8, 0.9, 0.6, 0.7, 0.5, 0.6, 0.4, 0.45]


def test_the_demo_citys_roads_keep_their_limits() -> None:
    inventory = demo_inventory(2000)
    types = inventory.lamp_type_by_id
    checked: list[Density] = []
    for one in inventory.zones:
        power_w = sum(
            types[lamp.lamp_type].rated_power_w
            for lamp in inventory.luminaires
            if lamp.zone == one.id
        )
        found = density(one, power_w, 0)
        if isinstance(found.limit_w_per_m2, float):
            checked.append(found)
    assert len(checked) > 20
    # Where half of the sodium lamps still stand, a road may be over its limit.
    assert sum(found.is_within_limit is True for found in checked) > 0.8 * len(checked)
