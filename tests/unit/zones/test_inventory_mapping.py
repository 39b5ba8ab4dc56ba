"""Which column is which field: by name, by content, by the user."""

from collections.abc import Mapping, Sequence

import pytest

from zones import MappingWrong
from zones.inventory import Field, ImportOptions, ImportResult, read_inventory
from zones.inventory.fields import FIELD_NAMES, field_named, name_rank

PLACES = [(116.40 + number * 0.001, 39.90 + number * 0.0007) for number in range(30)]


def read(
    header: Sequence[str],
    rows: Sequence[Sequence[object]],
    mapping: Mapping[str, str] | None = None,
) -> ImportResult:
    lines = [header, *([str(cell) for cell in row] for row in rows)]
    text = "\n".join("|".join(line) for line in lines)
    return read_inventory(text.encode(), ImportOptions(mapping=mapping or {}))


def columns(result: ImportResult) -> dict[str, str]:
    return {str(field): mapped.column for field, mapped in result.mapping.items()}


def test_every_name_finds_its_own_field_best() -> None:
    for field, known in FIELD_NAMES.items():
        for name in known.names:
            assert name_rank(field, name.upper()) is not None, (field, name)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("经度", "纬度"),
        ("POINT_X", "POINT_Y"),
        ("Lng", "Lat"),
        ("X", "Y"),
        ("GPS经度", "GPS纬度"),
        ("経度", "緯度"),
        ("longitude_dd", "latitude_dd"),
    ],
)
def test_coordinates_by_name(lon: str, lat: str) -> None:
    mapped = columns(read([lat, lon, "功率(W)"], [(y, x, 100) for x, y in PLACES]))
    assert mapped == {"longitude": lon, "latitude": lat, "wattage": "功率(W)"}


@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("Länge", "Breite"),
        ("geogr. Länge", "geogr. Breite"),
        ("Geografische Länge (WGS84)", "Geografische Breite (WGS84)"),
        ("dlugosc", "szerokosc"),
        ("długość geograficzna", "szerokość geograficzna"),
    ],
)
def test_german_and_polish_coordinates_with_decimal_commas(
    lon: str, lat: str, delimiter: str
) -> None:
    rows = [
        ("Nr", lat, lon, "Leistung"),
        *((f"L{n}", f"52,51{n:04}", f"13,40{n:04}", "62,5") for n in range(0, 30 * 37, 37)),
    ]
    result = read_inventory("\n".join(delimiter.join(row) for row in rows).encode())
    assert columns(result) == {"id": "Nr", "latitude": lat, "longitude": lon, "wattage": "Leistung"}
    assert len(result.luminaires) == 30
    assert result.bbox == (13.4, 52.51, 13.401073, 52.511073)


@pytest.mark.parametrize("name", ["Qty", "QUANTITY", "no_of_lamps", "No. of lamps"])
@pytest.mark.parametrize("told", [None, "qty", "Quantity", "no-of-lamps"])
def test_number_of_lamps_by_name_and_by_alias(name: str, told: str | None) -> None:
    rows = [(y, x, 100, 2) for x, y in PLACES]
    mapping = None if told is None else {told: name}
    result = read(["緯度", "経度", "ワット数", name], rows, mapping)
    mapped = columns(result)
    assert (mapped["lamps"], mapped["wattage"]) == (name, "ワット数")
    assert result.total_kw == pytest.approx(30 * 0.2)


def test_one_column_is_not_both_coordinates() -> None:
    with pytest.raises(MappingWrong, match="longitude and latitude are both read from column 'a'"):
        read(["a", "b"], PLACES, {"lat": "a", "lon": "A"})


def test_one_number_with_a_decimal_comma_is_no_pair() -> None:
    rows = ["Nr;A;B", *(f"L{n};52,51{n:04};13,40{n:04}" for n in range(30))]
    with pytest.raises(MappingWrong, match="no column for longitude and latitude"):
        read_inventory("\n".join(rows).encode())
    rows = ["Nr;Ort", *(f"L{n};52.51{n:04}, 13.40{n:04}" for n in range(30))]
    assert columns(read_inventory("\n".join(rows).encode()))["point"] == "Ort"


def test_names_that_say_nothing_leave_content() -> None:
    result = read(
        ["a", "b", "c", "d", "e"],
        [(f"P{number}", x, y, "100 W", "LED") for number, (x, y) in enumerate(PLACES)],
    )
    assert columns(result) == {
        "longitude": "b",
        "latitude": "c",
        "wattage": "d",
        "lamp_type": "e",
        "id": "a",
    }
    assert all("content" in mapped.reason for mapped in result.mapping.values())


def test_degrees_win_over_grid_coordinates_of_better_rank() -> None:
    rows = [(448000 + n, 4416000 + n, x, y) for n, (x, y) in enumerate(PLACES)]
    mapped = columns(
        read(["X", "Y", "LONG_WGS", "LAT_WGS"], rows, {"longitude": "LONG_WGS", "lat": "lat_wgs"})
    )
    assert (mapped["longitude"], mapped["latitude"]) == ("LONG_WGS", "LAT_WGS")
    mapped = columns(read(["X", "Y", "Longitude", "Latitude"], rows))
    assert (mapped["longitude"], mapped["latitude"]) == ("Longitude", "Latitude")


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("the_geom", "POINT ({x} {y})"),
        ("shape", "SRID=4326;POINT Z ({x} {y} 44)"),
        ("Location", "({y}, {x})"),
        ("经纬度", "{x},{y}"),
        ("Location 1", "12 MAIN ST ({y}, {x})"),
        ("nothing", "{y},{x}"),
        ("geo", '{{"type": "Point", "coordinates": [{x}, {y}]}}'),
    ],
)
def test_both_coordinates_in_one_cell(header: str, cell: str) -> None:
    result = read([header, "watts"], [(cell.format(x=x, y=y), 100) for x, y in PLACES])
    assert columns(result)["point"] == header
    assert len(result.luminaires) == len(PLACES)
    assert result.luminaires[0].longitude == pytest.approx(116.40)


def test_degrees_minutes_seconds() -> None:
    result = read(["lon", "lat"], [("116°24'00\"E", "39°54′0″N"), ("E116 24 36", "39.91 N")])
    assert result.luminaires[0].longitude == pytest.approx(116.4)
    assert result.luminaires[0].latitude == pytest.approx(39.9)
    assert result.luminaires[1].longitude == pytest.approx(116.41)


def test_the_type_whose_cells_are_light_sources_wins() -> None:
    rows = [("Cobrahead", "LED", x, y) for x, y in PLACES]
    assert columns(read(["LampType", "Source", "x", "y"], rows))["lamp_type"] == "Source"


def test_a_lamp_type_may_tell_the_wattage() -> None:
    result = read(["type", "x", "y"], [("HPS 150W", x, y) for x, y in PLACES])
    assert result.total_kw == pytest.approx(4.5)
    assert {each.id for each in result.lamp_types} == {"hps-150w"}


def test_a_lamp_type_without_wattage_loses_no_lamp() -> None:
    rows = [("70W SON" if number else "SON", x, y) for number, (x, y) in enumerate(PLACES)]
    result = read(["Lamp Type", "x", "y"], rows)
    assert len(result.luminaires) == 30
    assert {each.id for each in result.lamp_types} == {"hps-70w"}
    assert result.assumed_power == 1


def test_a_header_in_kilowatts() -> None:
    assert read(["功率(kW)", "x", "y"], [(0.1, x, y) for x, y in PLACES]).total_kw == pytest.approx(
        3
    )


def test_the_user_has_the_last_word() -> None:
    rows = [(100, 70, x, y) for x, y in PLACES]
    header = ["watts", "old", "x", "y"]
    assert read(header, rows).total_kw == pytest.approx(3.0)
    told = read(header, rows, {"power": "OLD"})
    assert told.total_kw == pytest.approx(2.1)
    assert told.mapping[Field.WATTAGE].reason == "told by the user"
    assert Field.WATTAGE not in read(header, rows, {"wattage": ""}).mapping


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"colour": "x"}, "field 'colour' does not exist; there are id, pole"),
        ({"wattage": "Power"}, "wattage: column 'Power' does not exist; the file has 'watts', 'x'"),
    ],
)
def test_a_mapping_that_names_nothing_is_refused(mapping: dict[str, str], message: str) -> None:
    with pytest.raises(MappingWrong, match=message):
        read(["watts", "x", "y"], [(100, x, y) for x, y in PLACES], mapping)


def test_a_repeated_column_is_not_guessed() -> None:
    rows = [(x, y, x) for x, y in PLACES]
    with pytest.raises(MappingWrong, match="'lon' stands more than once"):
        read(["lon", "lat", "lon"], rows)
    told = read(["lon", "lat", "lon"], rows, {"longitude": "lon (2)", "latitude": "lat"})
    assert len(told.luminaires) == len(PLACES)


def test_columns_of_small_degrees_are_not_guessed_by_content() -> None:
    with pytest.raises(MappingWrong, match="no column for longitude and latitude"):
        read(["a", "b"], [(x - 103, y + 12) for x, y in PLACES])


def test_a_file_without_header_has_numbered_columns() -> None:
    result = read([str(part) for part in PLACES[0]], PLACES[1:])
    assert columns(result) == {"longitude": "column 1", "latitude": "column 2"}
    assert result.rows == 30


def test_aliases_of_fields() -> None:
    assert field_named("Lon") is field_named("easting") is Field.LONGITUDE
    assert field_named("Power W") is Field.WATTAGE
    assert field_named("colour") is None


def test_a_second_wattage_column_is_a_second_lamp() -> None:
    rows = [(150, "70" if number % 2 else "", x, y) for number, (x, y) in enumerate(PLACES)]
    result = read(["WATTAGE1", "WATTAGE2", "x", "y"], rows)
    assert columns(result)["wattage_2"] == "WATTAGE2"
    assert columns(result)["wattage"] == "WATTAGE1"
    assert len(result.luminaires) == 45
    assert result.total_kw == pytest.approx(30 * 0.150 + 15 * 0.070)


def test_a_name_can_say_which_coordinate_stands_first() -> None:
    text = "经纬度|功率\n" + "".join(f"87.6{n},43.8{n}|100\n" for n in range(9))
    result = read_inventory(text.encode())
    assert result.bbox == pytest.approx((87.60, 43.80, 87.68, 43.88))
    result = read_inventory(text.replace("经纬度", "location").encode())
    assert result.bbox == pytest.approx((43.80, 87.60, 43.88, 87.68))


def test_blanks_after_delimiters_and_breaks_in_names_do_no_harm() -> None:
    text = 'id, "lamp\nwattage", lon, lat, "note, more"\nA, 100, 116.4, 39.9, "x, y"\n'
    result = read_inventory(text.encode())
    assert columns(result)["wattage"] == "lamp wattage"
    assert len(result.luminaires) == 1


@pytest.mark.parametrize(
    ("name", "cell", "comma", "power_w"),
    [
        ("POTENZA", "1.000", True, 1000),
        ("Watt", "1.000,5", True, 1000.5),
        ("POTENZA", "62.5", True, 62.5),
        ("POTENZA", "1.000", False, 1),
        ("POTENZA (kW)", "0.125", True, 125),
    ],
)
def test_a_point_parts_thousands_where_coordinates_have_decimal_commas(
    name: str, cell: str, comma: bool, power_w: float
) -> None:
    rows = [f"id;lon;lat;{name}"]
    for number, (x, y) in enumerate(PLACES):
        place = f"{x:.6f};{y:.6f}"
        rows.append(f"L{number};{place.replace('.', ',') if comma else place};{cell}")
    result = read_inventory("\n".join(rows).encode())
    assert result.total_kw == pytest.approx(30 * power_w / 1000)


def test_many_lamps_of_hardly_any_power_are_doubted() -> None:
    def notes(small: int) -> list[str]:
        rows = [(x, y, 0.15 if n < small else 100) for n, (x, y) in enumerate(PLACES)]
        result = read(["lon", "lat", "power"], rows)
        return [each for each in result.warnings if "less than 3 W" in each]

    assert notes(3) == []
    assert notes(4) == [
        "4 of 30 lamps have less than 3 W; if the column is in kilowatts, its name must say kW"
    ]


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_titles_above_the_header_are_passed_over(delimiter: str) -> None:
    lines = [
        ["Street lighting", "City works"],
        ["", "", "", ""],
        ["As of", "May", "page one", ""],
        ["All lamps", "", "", ""],
        ["Lamp No", "Longitude", "Latitude", "Watts"],
        *([f"L{n}", f"{x:.6f}", f"{y:.6f}", "100"] for n, (x, y) in enumerate(PLACES)),
        ["bad", "none", "39.9", "100"],
    ]
    result = read_inventory("\n".join(delimiter.join(line) for line in lines).encode())
    assert len(result.luminaires) == len(PLACES)
    assert result.columns == ("Lamp No", "Longitude", "Latitude", "Watts")
    assert [each.line for each in result.rejects] == [len(lines)]
    assert [each for each in result.warnings if "title" in each] == [
        "line 1 was taken for a title: 'Street lighting City works'",
        "line 3 was taken for a title: 'As of May page one'",
        "line 4 was taken for a title: 'All lamps'",
    ]


def test_a_header_stays_where_a_row_holds_words_that_are_names() -> None:
    rows = [(f"L{n}", x, y, "lamp", "road") for n, (x, y) in enumerate(PLACES)]
    result = read(
        ["nr", "lon", "lat", "what", "where"], [("light", "x", "y", "lamp", "road"), *rows]
    )
    assert result.columns == ("nr", "lon", "lat", "what", "where")
    assert [each.line for each in result.rejects] == [2]
