"""Documents refuse what cannot be; lighting classes say what is owed."""

import pytest
from pydantic import ValidationError

from zones import (
    LIGHTING_CLASSES,
    Category,
    City,
    Inventory,
    LampType,
    Technology,
    Zone,
    demo_inventory,
    night_floor_level,
)


def zone(lighting_class: str | None, design_illuminance_lx: float | None) -> Zone:
    return Zone(
        id="z",
        name="z",
        district="d",
        category=Category.LOCAL,
        lighting_class=lighting_class,
        design_illuminance_lx=design_illuminance_lx,
        longitude=116.4,
        latitude=39.9,
    )


@pytest.mark.parametrize(
    ("lighting_class", "illuminance_lx", "luminance_cd_m2", "night_floor_lx"),
    [
        ("CJJ45-I-high", 30, None, 10),
        ("CJJ45-I-low", 20, None, 10),
        ("CJJ45-II-high", 20, None, 10),
        ("CJJ45-II-low", 15, None, 10),
        ("CJJ45-III-high", 10, None, 8),
        ("CJJ45-III-low", 8, None, 8),
        ("EN13201-M1", None, 2.0, None),
        ("EN13201-M6", None, 0.3, None),
        ("EN13201-C0", 50, None, None),
        ("EN13201-C5", 7.5, None, None),
        ("EN13201-P1", 15, None, None),
        ("EN13201-P6", 2, None, None),
    ],
)
def test_classes_say_what_the_standard_says(
    lighting_class: str,
    illuminance_lx: float | None,
    luminance_cd_m2: float | None,
    night_floor_lx: float | None,
) -> None:
    known = LIGHTING_CLASSES[lighting_class]
    assert known.illuminance_lx == illuminance_lx
    assert known.luminance_cd_m2 == luminance_cd_m2
    assert known.night_floor_lx == night_floor_lx
    assert known.source


def test_there_are_all_classes() -> None:
    assert len(LIGHTING_CLASSES) == 6 + 6 + 6 + 6


@pytest.mark.parametrize(
    ("lighting_class", "design", "level"),
    [
        ("CJJ45-I-high", 40, 25),
        ("CJJ45-I-high", None, 100 * 10 / 30),
        ("CJJ45-III-low", 8, 100),
        ("CJJ45-III-low", 5, 100),
        ("EN13201-P3", 8, 0),
        ("not-a-class", 8, 0),
        (None, 8, 0),
    ],
)
def test_night_floor(lighting_class: str | None, design: float | None, level: float) -> None:
    assert night_floor_level(zone(lighting_class, design)) == pytest.approx(level)


def test_a_city_can_correct_a_class() -> None:
    ours = {
        "CJJ45-I-high": LIGHTING_CLASSES["CJJ45-I-high"].model_copy(update={"night_floor_lx": 15})
    }
    assert night_floor_level(zone("CJJ45-I-high", 30), ours) == 50


def test_an_inventory_names_the_reference_that_does_not_hold() -> None:
    city = demo_inventory(20)
    stray = city.luminaires[3].model_copy(update={"zone": "nowhere"})
    with pytest.raises(ValidationError, match=f"luminaire '{stray.id}': zone 'nowhere' is not in"):
        Inventory(
            city=city.city,
            districts=city.districts,
            zones=city.zones,
            lamp_types=city.lamp_types,
            cabinets=city.cabinets,
            feeders=city.feeders,
            gateways=city.gateways,
            luminaires=(*city.luminaires[:3], stray),
        )
    with pytest.raises(ValidationError, match="stands twice"):
        Inventory(
            city=city.city,
            districts=(*city.districts, city.districts[0]),
            zones=city.zones,
            lamp_types=city.lamp_types,
            luminaires=(),
        )


def test_a_power_curve_spans_all_levels() -> None:
    with pytest.raises(ValidationError, match="rise strictly from 0 to 100"):
        LampType(
            id="x",
            name="x",
            technology=Technology.LED,
            rated_power_w=10,
            power_curve=((0, 0), (90, 1)),
        )


def test_a_time_zone_is_an_iana_name() -> None:
    with pytest.raises(ValidationError, match="no IANA time zone"):
        City(id="c", name="c", time_zone="../etc", longitude=0, latitude=0)


def test_a_document_survives_json() -> None:
    city = demo_inventory(300)
    assert Inventory.model_validate_json(city.model_dump_json()) == city
