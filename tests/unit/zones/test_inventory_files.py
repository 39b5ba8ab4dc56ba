"""Small files, each with the habits of some city; what becomes of every row."""

from pathlib import Path
from typing import NamedTuple

import pytest

from zones import CoordinatesUnclear, Technology
from zones.inventory import Field, ImportOptions, ImportResult, read_inventory

FILES = Path(__file__).parent / "files"


def read(name: str, **options: str) -> ImportResult:
    return read_inventory((FILES / name).read_bytes(), ImportOptions(crs=options.get("crs")))


class Expected(NamedTuple):
    file: str
    crs: str | None
    rows: int
    luminaires: int
    rejected: int
    total_kw: float


EXPECTED = (
    Expected("objectid_and_pole.csv", None, 11, 12, 2, 1.772),
    Expected("chinese_gb18030.csv", None, 12, 13, 0, 2.0),
    Expected("german_windows1252.csv", None, 12, 12, 0, 0.846),
    Expected("tabs_utf16.csv", None, 12, 12, 0, 1.2),
    Expected("webmercator_in_lon_lat.csv", "EPSG:3857", 12, 12, 0, 1.2),
    Expected("utm50.csv", "EPSG:32650", 12, 12, 0, 1.2),
    Expected("utm50.csv", "32650", 12, 12, 0, 1.2),
    Expected("california_feet.csv", "EPSG:2227", 8, 8, 0, 0.56),
    Expected("swapped_axes.csv", None, 12, 12, 0, 1.2),
    Expected("stray_points.csv", None, 17, 13, 4, 1.3),
    Expected("wkt_and_count.csv", None, 12, 18, 0, 1.08),
    Expected("ragged.csv", None, 7, 3, 4, 0.27),
    Expected("features.geojson", None, 15, 13, 2, 1.365),
    Expected("legacy_crs.geojson", None, 12, 12, 0, 0.72),
    Expected("lines.geojsonl", None, 6, 6, 0, 0.63),
)


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda each: f"{each.file}-{each.crs}")
def test_every_row_is_imported_or_rejected(expected: Expected) -> None:
    result = read_inventory((FILES / expected.file).read_bytes(), ImportOptions(crs=expected.crs))
    assert result.rows == expected.rows
    assert len(result.luminaires) == expected.luminaires
    assert len(result.rejects) == expected.rejected
    assert result.total_kw == pytest.approx(expected.total_kw)
    inventory = result.to_inventory(time_zone="Asia/Shanghai")
    assert inventory.luminaires == result.luminaires


def test_all_systems_lead_to_the_same_places() -> None:
    degrees = read("tabs_utf16.csv").bbox
    assert degrees == pytest.approx((116.40, 39.90, 116.4121, 39.9028))
    for name, crs in (("utm50.csv", "EPSG:32650"), ("webmercator_in_lon_lat.csv", "EPSG:3857")):
        assert read(name, crs=crs).bbox == pytest.approx(degrees, abs=1e-6)
    for name in ("swapped_axes.csv", "wkt_and_count.csv", "legacy_crs.geojson"):
        assert read(name).bbox == pytest.approx(degrees, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("webmercator_in_lon_lat.csv", r"'lon' and 'lat' hold.* has 12957588.*:3857.*116.4000"),
        ("utm50.csv", r"'easting' and 'northing' hold.* has 448709.38, 4416830.*EPSG:326NN"),
        ("california_feet.csv", r"'X' and 'Y' hold metres or feet.* has 6006747"),
    ],
)  # fmt: skip
def test_metres_without_a_system_are_refused_with_a_hint(name: str, hint: str) -> None:
    with pytest.raises(CoordinatesUnclear, match=hint):
        read(name)


def test_pole_numbers_name_luminaires_and_record_numbers_stand_in() -> None:
    result = read("objectid_and_pole.csv")
    by_id = {each.id: each for each in result.luminaires}
    assert list(by_id) == [
        "29C01", "29C02", "29C02-2", "29C03", "29C03-2", "29C04", "OBJECTID-1291433", "29C06",
        "29C07", "29C08", "29C08-2", "29C09",
    ]  # fmt: skip
    assert by_id["29C02"].pole == by_id["29C02-2"].pole == "29C02"
    assert by_id["29C02"].lamp_type == "hps-250w"
    assert by_id["29C02-2"].lamp_type == "hps-85w"
    assert by_id["OBJECTID-1291433"].pole is None
    assert result.mapping[Field.LAMP_TYPE].column == "LampType"
    assert [(each.line, each.column, each.value) for each in result.rejects] == [
        (10, "Wattage", "lots"),
        (12, "X", ""),
    ]


def test_untold_wattage_is_assumed_and_said() -> None:
    result = read("objectid_and_pole.csv")
    assert result.assumed_power == 4
    assert result.assumed_kw == pytest.approx(0.105 + 0.1275 + 0.1675 + 0.175)
    assert any("105 W assumed, the median of 4 others" in each for each in result.warnings)
    told = {each.id: each for each in result.lamp_types}
    assert told["mv-175w"].technology is Technology.MERCURY_VAPOUR


def test_chinese_file_with_a_title_line() -> None:
    result = read("chinese_gb18030.csv")
    assert result.encoding == "gb18030"
    assert result.luminaires[0].pole == "朝阳-000"
    assert {zone.name for zone in result.zones} == {"建国路"}
    assert {district.name for district in result.districts} == {"朝阳区"}
    assert result.led_share == pytest.approx(5 / 13)
    assert any("title" in each for each in result.warnings)


def test_windows_file_with_decimal_commas() -> None:
    result = read("german_windows1252.csv")
    assert result.encoding == "windows-1252"
    assert {zone.id for zone in result.zones} == {"Hauptstrasse"}
    assert {zone.name for zone in result.zones} == {"Hauptstraße"}
    (lamp_type,) = result.lamp_types
    assert lamp_type.rated_power_w == 70.5
    assert lamp_type.technology is Technology.HIGH_PRESSURE_SODIUM


def test_axes_swapped_in_the_whole_file_are_exchanged_and_said() -> None:
    result = read("swapped_axes.csv")
    assert result.mapping[Field.LONGITUDE].column == "lat"
    assert "wrong way round" in result.mapping[Field.LONGITUDE].reason
    assert any("wrong way round" in each for each in result.warnings)
    assert not result.corrections


def test_stray_points_are_told_apart() -> None:
    result = read("stray_points.csv")
    reasons = {each.line: each.reason for each in result.rejects}
    assert set(reasons) == {14, 15, 16, 18}
    assert "outside the city" in reasons[14]
    assert "never set" in reasons[15]
    assert "missing" in reasons[16]
    assert "between -180 and 180" in reasons[18]
    (corrected,) = result.corrections
    assert corrected.line == 17
    assert corrected.value == "39.901, 116.402"
    assert {each.id: (each.longitude, each.latitude) for each in result.luminaires}["B4"] == (
        116.402,
        39.901,
    )


def test_lines_hold_with_line_breaks_in_cells() -> None:
    result = read("ragged.csv")
    assert [(each.line, each.column) for each in result.rejects] == [
        (3, None),
        (4, None),
        (6, "watts"),
        (9, "id"),
    ]
    assert result.rejects[0].reason == "has 3 cells where the header has 4"
    assert "negative" in result.rejects[2].reason
    assert "repeats line 2" in result.rejects[3].reason
    assert [each.id for each in result.luminaires] == ["A1", "A5", "A1-2"]


def test_features_are_located_by_line_and_number() -> None:
    result = read("features.geojson")
    assert [(each.line, each.reason) for each in result.rejects] == [
        (15, "feature 13: the feature has no geometry"),
        (17, "feature 15: is a LineString; a luminaire is a Point"),
    ]
    assert result.luminaires[-1].id == "91"


def test_a_count_of_lamps_makes_luminaires_of_one_pole() -> None:
    result = read("wkt_and_count.csv")
    poles = [each.pole for each in result.luminaires if each.id.startswith("row-4")]
    assert poles == ["row-4", "row-4"]


def test_importing_again_gives_the_same() -> None:
    for file in sorted(FILES.iterdir()):
        if "lon_lat" in file.name or "utm" in file.name or "feet" in file.name:
            continue
        first, second = read(file.name), read(file.name)
        assert first.luminaires == second.luminaires
        assert len({each.id for each in first.luminaires}) == len(first.luminaires)
