"""Identifiers, zones, districts, lamp types and circuits out of rows."""

import pytest

from zones import Category, NothingToImport, OptionWrong
from zones.inventory import ImportResult, read_inventory
from zones.inventory.assembly import parse_category
from zones.inventory.identity import NamedIdentifiers, UniqueIdentifiers, identifier


def read(header: str, *rows: str) -> ImportResult:
    lines = [f"{header},lon,lat"]
    lines += [f"{row},{116.4 + number * 0.001:.3f},39.9" for number, row in enumerate(rows)]
    return read_inventory("\n".join(lines).encode())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("29C21", "29C21"),
        (" A 7/3 ", "A-7-3"),
        ("#12", "12"),
        ("Größe 4", "Grosse-4"),
        ("１２", "12"),
        ("-5", "-5"),
    ],
)
def test_an_identifier_resembles_its_text(text: str, expected: str) -> None:
    assert identifier(text, "x") == expected


def test_what_cannot_stand_in_an_identifier_is_kept_apart_by_a_checksum() -> None:
    first, second = identifier("朝阳001", "pole"), identifier("海淀001", "pole")
    assert first != second
    assert first.startswith("001-")
    assert second.startswith("001-")
    assert identifier("朝阳", "pole").startswith("pole-")
    assert len(identifier("x" * 300, "pole")) == 64
    assert identifier("x" * 300, "pole") != identifier("x" * 301, "pole")


def test_a_suffix_steals_no_name() -> None:
    names = ["A", "A", "A-2", "A", "A-2"]
    unique = UniqueIdentifiers(names)
    assert [unique.take(name) for name in names] == ["A", "A-3", "A-2", "A-4", "A-2-2"]


def test_names_that_look_alike_stay_apart() -> None:
    named = NamedIdentifiers("zone")
    assert [named.of(name) for name in ("A 1", "A/1", "A 1")] == ["A-1", "A-1-2", "A-1"]


def test_missing_and_repeated_identifiers_lose_no_lamp() -> None:
    result = read("id,pole", "1,P1", "1,P1", ",P2", ",", "N/A,", "unknown,P2")
    assert [(each.id, each.pole) for each in result.luminaires] == [
        ("1", "P1"),
        ("1-2", "P1"),
        ("P2", "P2"),
        ("row-5", None),
        ("row-6", None),
        ("P2-2", "P2"),
    ]


def test_an_identifier_that_had_to_change_keeps_the_original_as_name() -> None:
    result = read("id", "朝 1", "朝 2", "A/3")
    assert [each.name for each in result.luminaires] == ["朝 1", "朝 2", "A/3"]


def test_count_and_wattages_that_contradict_are_rejected() -> None:
    rows = ["A,100,2", "B,100/70,2", "C,100/70,3", "D,100/70,1", "E,100,0", "F,100,x", "G,100,"]
    result = read("id,watts,lamps", *rows)
    assert [each.id for each in result.luminaires] == ["A", "A-2", "B", "B-2", "D", "D-2", "G"]
    assert [each.line for each in result.rejects] == [4, 6, 7]
    assert result.rejects[0].reason == "says 3 lamps, but 'watts' tells of 2"


def test_one_source_for_each_lamp() -> None:
    result = read("id,watts,type", "A,100/70,LED/HPS", "B,100/70,HPS", "C,100/70(LED),HPS/MH")
    assert [each.lamp_type for each in result.luminaires] == [
        "led-100w", "hps-70w", "hps-100w", "hps-70w", "hps-100w", "led-70w",
    ]  # fmt: skip


def test_zones_by_zone_column() -> None:
    result = read(
        "zone,district,category", "Z1,East,primary", "Z1,West,主干路", "Z2,West,", ",East,"
    )
    assert [(zone.id, zone.district, zone.category) for zone in result.zones] == [
        ("Z1", "East", Category.ARTERIAL),
        ("Z2", "West", Category.LOCAL),
        ("East-No-zone", "East", Category.LOCAL),
    ]


def test_zones_by_road_and_district() -> None:
    rows = ["East,Ring"] * 12 + ["West,Ring"] * 11 + ["West,Lane"] * 3 + ["East,"]
    result = read_inventory(
        (
            "id,district,road,lon,lat\n"
            + "".join(f"A{n},{row},116.{400 + n},39.9\n" for n, row in enumerate(rows))
        ).encode()
    )
    assert {zone.id: zone.name for zone in result.zones} == {
        "East-Ring": "East Ring",
        "West-Ring": "West Ring",
        "West-Minor-roads": "West Minor roads",
        "East-Minor-roads": "East Minor roads",
    }


def test_zones_by_district_or_one() -> None:
    assert [zone.id for zone in read("district", "East", "West", "East").zones] == ["East", "West"]
    assert [zone.id for zone in read("district", "East", "East", "").zones] == ["East", "imported"]
    assert [zone.name for zone in read("district", "朝阳区", "朝阳区").zones] == ["朝阳区"]
    assert [zone.id for zone in read("watts", "70", "71").zones] == ["imported"]


def test_zones_that_read_alike_stay_apart() -> None:
    rows = ["East,Ring", ",East Ring", "A/1,", "A 1,", "West,East Ring"]
    text = "id,district,road,lon,lat\n" + "".join(
        f"A{number},{row},116.4,39.9\n" for number, row in enumerate(rows * 12)
    )
    result = read_inventory(text.encode())
    inventory = result.to_inventory(time_zone="UTC")
    assert len(inventory.zones) == 5
    assert len(inventory.districts) == 5


def test_circuits() -> None:
    result = read("id,cabinet,feeder,gateway", "A,C1,1,G1", "B,C2,1,G1", "C,,2,", "D,,,")
    inventory = result.to_inventory(time_zone="Asia/Shanghai")
    feeders = {feeder.id: feeder.cabinet for feeder in inventory.feeders}
    assert feeders == {"1": "C1", "C2-1": "C2", "2": "2"}
    assert [(each.feeder, each.gateway) for each in result.luminaires] == [
        ("1", "G1"),
        ("C2-1", "G1"),
        ("2", None),
        (None, None),
    ]


def test_only_light_sources_that_dim_are_dimmable() -> None:
    result = read("id,watts,type", "A,100,LED", "B,150,HPS")
    assert {each.id: each.is_dimmable for each in result.lamp_types} == {
        "led-100w": True,
        "hps-150w": False,
    }


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Motorway", Category.EXPRESSWAY),
        ("次干路", Category.COLLECTOR),
        ("park", Category.PARK),
        ("?", None),
    ],
)
def test_categories(text: str, category: Category | None) -> None:
    assert parse_category(text) is category


def test_the_city_is_checked() -> None:
    result = read("id", "A", "B", "C")
    assert result.to_inventory(time_zone="Asia/Shanghai", city_name="北京").city.name == "北京"
    with pytest.raises(OptionWrong, match="time zone is not known"):
        result.to_inventory()
    with pytest.raises(OptionWrong, match="'Mars' is no IANA time zone"):
        result.to_inventory(time_zone="Mars")
    with pytest.raises(OptionWrong, match="id 'a b'"):
        result.to_inventory(time_zone="UTC", city_id="a b")
    with pytest.raises(NothingToImport, match="none of the 1 rows"):
        read("watts", "-5").to_inventory(time_zone="UTC")
