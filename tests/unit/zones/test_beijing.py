"""The synthetic Beijing: proportions, places, circuits, the same for the same seed."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from zones import LIGHTING_CLASSES, Category, Inventory, OptionWrong, Technology, demo_inventory
from zones.beijing_districts import DISTRICTS

FACTS = (
    Path(__file__).resolve().parents[4]
    / "shared"
    / "data"
    / "beijing"
    / "beijing_districts_bbox.csv"
)


@pytest.fixture(scope="module")
def city() -> Inventory:
    return demo_inventory(10_000)


@pytest.mark.parametrize("count", [1, 2, 9, 10, 16, 99, 169, 170, 171, 1_000, 4_999])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_any_size_is_a_city(count: int, seed: int) -> None:
    inventory = demo_inventory(count, seed=seed)
    assert len(inventory.luminaires) == count
    sizes = Counter(each.zone for each in inventory.luminaires)
    assert set(sizes) == {zone.id for zone in inventory.zones}
    assert min(sizes.values()) >= min(10, count)
    served = {inventory.zone_by_id[zone].district for zone in sizes}
    assert len(served) == 17 if count >= 170 else len(served) <= 17


def test_it_says_that_it_is_synthetic(city: Inventory) -> None:
    assert city.city.synthetic
    assert "合成" in city.city.name
    assert city.city.name_en == "Beijing (synthetic)"
    assert city.city.time_zone == "Asia/Shanghai"


def test_zones_of_every_kind_in_proportion(city: Inventory) -> None:
    assert 140 <= len(city.zones) <= 160
    kinds = Counter(zone.category for zone in city.zones)
    assert set(kinds) == set(Category)
    assert kinds[Category.LOCAL] > kinds[Category.ARTERIAL] > kinds[Category.TUNNEL]
    assert len(demo_inventory(170).zones) == 17
    assert {zone.category for zone in demo_inventory(170).zones} == set(Category)


def test_districts_are_the_facts(city: Inventory) -> None:
    assert len(city.districts) == 17
    area = city.district_by_id["110115403"]
    assert area.inside == "110115"
    assert area.name_en == "Beijing Economic-Technological Development Area"
    assert city.district_by_id["110105"].name == "朝阳区"
    (inner,) = (facts for facts in DISTRICTS if facts.code == "110115403")
    (outer,) = (facts for facts in DISTRICTS if facts.code == "110115")
    assert outer.box[0] < inner.box[0] < inner.box[2] < outer.box[2]
    assert outer.box[1] < inner.box[1] < inner.box[3] < outer.box[3]


@pytest.mark.skipif(not FACTS.is_file(), reason="the boundary table is not on this machine")
def test_districts_agree_with_the_boundary_table() -> None:
    with FACTS.open(encoding="utf-8") as file:
        table = {row["adcode"]: row for row in csv.DictReader(file)}
    ours = {facts.code: facts for facts in DISTRICTS if facts.inside is None}
    assert set(ours) == set(table)
    for code, facts in ours.items():
        assert facts.name == table[code]["name"]
        columns = ("label_lon", "label_lat", "min_lon", "min_lat", "max_lon", "max_lat")
        assert (*facts.centre, *facts.box) == pytest.approx(
            [float(table[code][column]) for column in columns], abs=0.001
        )


def test_luminaires_stand_in_their_district_on_streets(city: Inventory) -> None:
    boxes = {facts.code: facts.box for facts in DISTRICTS}
    for each in city.luminaires:
        west, south, east, north = boxes[city.zone_by_id[each.zone].district]
        assert west <= each.longitude <= east
        assert south <= each.latitude <= north
    places = Counter((each.longitude, each.latitude) for each in city.luminaires)
    assert sum(count - 1 for count in places.values()) < 10
    first, second = city.luminaires[:2]
    assert abs(first.longitude - second.longitude) < 0.001


def test_circuits_and_gateways_stay_in_one_district(city: Inventory) -> None:
    district_of_cabinet = {cabinet.id: cabinet.district for cabinet in city.cabinets}
    cabinet_of_feeder = {feeder.id: feeder.cabinet for feeder in city.feeders}
    on_feeder: Counter[str] = Counter()
    on_gateway: Counter[str] = Counter()
    for each in city.luminaires:
        district = city.zone_by_id[each.zone].district
        assert each.feeder is not None
        assert each.gateway is not None
        cabinet = city.gateway_by_id[each.gateway].cabinet
        assert cabinet == cabinet_of_feeder[each.feeder]
        assert cabinet is not None
        assert district_of_cabinet[cabinet] == district
        on_feeder[each.feeder] += 1
        on_gateway[each.gateway] += 1
    assert max(on_feeder.values()) <= 100
    assert max(on_gateway.values()) <= 300
    assert 150 <= len(city.luminaires) / len(on_gateway) <= 250


def test_lamp_types_are_plausible(city: Inventory) -> None:
    used = Counter(city.lamp_type_by_id[each.lamp_type].technology for each in city.luminaires)
    assert set(used) == {Technology.LED, Technology.HIGH_PRESSURE_SODIUM}
    assert 0.7 < used[Technology.LED] / len(city.luminaires) < 0.95
    for lamp_type in city.lamp_types:
        assert lamp_type.has_clock
        if lamp_type.technology is Technology.LED:
            assert lamp_type.baseline_power_w is not None
            assert lamp_type.baseline_power_w > lamp_type.rated_power_w
            assert lamp_type.power_w(50) < 0.5 * lamp_type.rated_power_w
            assert lamp_type.power_w(0) == lamp_type.standby_power_w > 0
        else:
            assert lamp_type.warm_up_s > 0


def test_zones_have_known_classes_and_enough_light(city: Inventory) -> None:
    for zone in city.zones:
        assert zone.design_illuminance_lx is not None
        if zone.lighting_class is not None:
            owed = LIGHTING_CLASSES[zone.lighting_class].illuminance_lx
            assert owed is not None
            assert zone.design_illuminance_lx >= owed


def test_the_seed_decides_alone(city: Inventory) -> None:
    assert demo_inventory(10_000, seed=1) == city
    assert demo_inventory(10_000, seed=2) != city


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_luminaires_without_clock_are_on_local_roads(city: Inventory, share: float) -> None:
    other = demo_inventory(10_000, clockless_share=share)
    local = 0
    without = 0
    for before, after in zip(city.luminaires, other.luminaires, strict=True):
        is_local = city.zone_by_id[before.zone].category is Category.LOCAL
        local += is_local
        if before != after:
            assert is_local
            assert not other.lamp_type_by_id[after.lamp_type].has_clock
            without += 1
    assert without / local == pytest.approx(share, abs=0.001)


def test_arguments_are_checked() -> None:
    for arguments in ({"luminaires": 0}, {"luminaires": 1_000_001}, {"seed": -1}):
        with pytest.raises(OptionWrong):
            demo_inventory(**arguments)
    with pytest.raises(OptionWrong, match="0 to 1"):
        demo_inventory(10, clockless_share=1.5)
