"""What is exported can be imported again; spreadsheets are not fooled by formulas."""

import csv
import io
import json
from collections.abc import Callable

import pytest

from zones import Inventory, demo_inventory
from zones.inventory import read_inventory, to_csv, to_geojson


@pytest.fixture(scope="module")
def city() -> Inventory:
    return demo_inventory(2_000, clockless_share=0.5)


@pytest.mark.parametrize("export", [to_csv, to_geojson])
def test_luminaires_come_back_the_same(city: Inventory, export: Callable[[Inventory], str]) -> None:
    result = read_inventory(export(city).encode())
    assert not result.rejects
    assert result.luminaires == city.luminaires
    again = result.to_inventory(time_zone="Asia/Shanghai")
    for before in city.zones:
        after = again.zone_by_id[before.id]
        assert (after.name, after.district, after.category, after.lighting_class) == (
            before.name,
            before.district,
            before.category,
            before.lighting_class,
        )
    for lamp_type in city.lamp_types:
        again_type = again.lamp_type_by_id[lamp_type.id]
        assert again_type.rated_power_w == lamp_type.rated_power_w
        assert again_type.technology == lamp_type.technology
    assert set(again.cabinets) == set(city.cabinets)
    assert set(again.feeders) == set(city.feeders)
    assert set(again.gateways) == set(city.gateways)


def test_the_document_comes_back_whole(city: Inventory) -> None:
    result = read_inventory(city.model_dump_json().encode())
    assert result.to_inventory() == city
    assert result.file_format == "inventory"
    renamed = result.to_inventory(city_name="Elsewhere", time_zone="Europe/Berlin").city
    assert (renamed.name, renamed.time_zone, renamed.id) == (
        "Elsewhere",
        "Europe/Berlin",
        city.city.id,
    )


def test_formulas_are_quoted_and_unquoted(city: Inventory) -> None:
    names = ["=1+1", "+1", "-1", "@x", "'quoted", "plain", "'=x", "a=b"]
    luminaires = tuple(
        each.model_copy(update={"name": name, "pole": name})
        for each, name in zip(city.luminaires, names, strict=False)
    )
    altered = city.model_copy(update={"luminaires": luminaires})
    text = to_csv(altered)
    cells = [row["name"] for row in csv.DictReader(io.StringIO(text))]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert read_inventory(text.encode()).luminaires == luminaires


def test_geojson_is_what_the_standard_says(city: Inventory) -> None:
    document = json.loads(to_geojson(city))
    assert document["type"] == "FeatureCollection"
    first = document["features"][0]
    assert first["type"] == "Feature"
    assert first["geometry"]["type"] == "Point"
    longitude, latitude = first["geometry"]["coordinates"]
    assert 115 < longitude < 118
    assert 39 < latitude < 42
