"""Files that are no inventory at all: one clear line each."""

import json
import random

import pytest

from zones import FileUnusable, MappingWrong, OptionWrong, ReferenceSystemUnknown, ZonesError
from zones.inventory import Box, ImportOptions, read_inventory
from zones.inventory.text import decode

GOOD = b"id,lon,lat,watts\nA,116.4,39.9,100\n"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b" \r\n\n", "empty"),
        (b"\xef\xbb\xbf\r\n,,\r\n", "blank lines"),
        (b"id,lon,lat\n", "header but no rows"),
        (b"hello", "no header of a table: 'hello'"),
        (b"hello\n\n", "no header of a table: 'hello'"),
        (b"PK\x03\x04\x14\x00", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel workbook"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"%PDF-1.7", "PDF"),
        (b"id,lon\x00,lat\n1,2,3\n", "line 1 holds a NUL byte"),
        (b"id,lon,lat\n1,2,3\n1,\x00,3\n", "line 3 holds a NUL byte"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
        (b'<?xml version="1.0"?><kml></kml>', "XML"),
        (b'{"a":', "cut short at line 1, column 6"),
        (b'{"type":"FeatureCollection","features":[{"type":"Fea', "cut short"),
        (b'{"type":"FeatureCollection","features":[}]}', "no valid JSON"),
        (b'{"type":"Topology","objects":{}}', "type is 'Topology'"),
        (b'{"type":"FeatureCollection","features":[]}', "no features"),
        (b"[" * 100_000, "nested too deeply"),
        (b'[{"lon": NaN}]', "NaN"),
        (b"id,lon,lat\n" + b'"1,2,3\n' + b"1,2,3\n" * 50_000, "line 2: field larger.*quote"),
        (b"id,lon,lat\n\xff\x81\x8d\xff,1,2\n", "encoding cannot be told: line 2"),
        (b"\xff\xfe\x00", "begins like utf-16 but is not"),
        (b"{}\n{", "line 2 is no valid JSON"),
    ],
)
def test_an_unusable_file_says_what_it_is(data: bytes, message: str) -> None:
    with pytest.raises(FileUnusable, match=message) as caught:
        read_inventory(data)
    assert "\n" not in str(caught.value)


def test_noise_is_refused() -> None:
    noise = random.Random(7).randbytes(5_000)
    with pytest.raises(FileUnusable):
        read_inventory(noise)
    with pytest.raises(FileUnusable, match="binary"):
        read_inventory(bytes(range(1, 256)) * 20)


def test_coordinates_that_are_missing_altogether_are_asked_for() -> None:
    with pytest.raises(MappingWrong, match=r"no column for longitude and latitude.*'id', 'watts'"):
        read_inventory(b"id,watts\n1,100\n")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (ImportOptions(crs="EPSG:99999"), ReferenceSystemUnknown, "'EPSG:99999' is not known"),
        (ImportOptions(crs="nonsense"), ReferenceSystemUnknown, "'nonsense' is not known"),
        (ImportOptions(crs=""), ReferenceSystemUnknown, "is not known"),
        (
            ImportOptions(crs="EPSG:5773"),
            ReferenceSystemUnknown,
            "neither geographic nor projected",
        ),
        (ImportOptions(crs="EPSG:32650"), ZonesError, "hold degrees.*leave --crs out"),
        (ImportOptions(encoding="klingon"), OptionWrong, "'klingon' is not known"),
        (ImportOptions(encoding="rot13"), ZonesError, "'rot13'"),
        (ImportOptions(encoding="utf-32"), FileUnusable, "not in encoding 'utf-32'"),
        (ImportOptions(box=Box(5, 2, 3, 1)), OptionWrong, "5,2,3,1 is no box"),
        (ImportOptions(box=Box(0, 0, 200, 1)), OptionWrong, "is no box"),
    ],
)
def test_options_are_checked(options: ImportOptions, error: type[ZonesError], message: str) -> None:
    with pytest.raises(error, match=message):
        read_inventory(GOOD, options)


def test_metres_in_a_system_of_degrees_are_refused() -> None:
    with pytest.raises(ZonesError, match="EPSG:4490 is a system of degrees"):
        read_inventory(b"id,lon,lat\nA,448709,4416830\n", ImportOptions(crs="EPSG:4490"))


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
    ],
)
def test_chinese_text_in_any_encoding(encoding: str, found: str) -> None:
    text = "id,lon,lat,道路\n" + "".join(f"A{n},116.4,39.9,长安街东段\n" for n in range(20))
    decoded = decode(text.encode(encoding))
    assert decoded.text == text
    assert decoded.encoding == found


def test_western_text_is_not_taken_for_chinese() -> None:
    text = "id;lon;lat;Straße\n" + "A;13,4;52,5;Schönhauser Allee\nB;13,4;52,5;Große Straße\n"
    decoded = decode(text.encode("windows-1252"))
    assert decoded.text == text
    assert decoded.warning is not None


def test_damaged_utf_8_is_still_utf_8() -> None:
    text = "id,lon,lat,道路\n" + "A,116.4,39.9,长安街东段\n" * 20
    decoded = decode(text.encode().replace(b"\xe6\xae\xb5", b"\xe6\xae", 1))
    assert decoded.encoding == "utf-8"
    assert decoded.text.replace("\ufffd", "段") == text
    assert decoded.warning is not None
    assert decoded.warning.startswith("line 2 ")


def test_a_named_encoding_wins() -> None:
    text = "id,lon,lat,道路\nA,116.4,39.9,中山路\n"
    assert decode(text.encode("big5"), "big5").text == text


def test_excel_says_its_delimiter() -> None:
    result = read_inventory(b"sep=;\nid;lon;lat\nA;116,4;39,9\n;;\nB;x;39,9\n")
    assert [(each.line, each.value) for each in result.rejects] == [(5, "x")]
    assert result.luminaires[0].longitude == 116.4


def test_every_kind_of_feature_gets_an_answer() -> None:
    good = {"type": "Point", "coordinates": [116.4, 39.9]}
    shapes = [
        good,
        {"type": "MultiPoint", "coordinates": [[116.4, 39.91]]},
        {"type": "MultiPoint", "coordinates": [[116.4, 39.9], [116.5, 39.9]]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Point", "coordinates": []},
        {"type": "Point", "coordinates": ["a", 39.9]},
        {"type": "Point", "coordinates": [None, 39.9]},
        {"type": "Point", "coordinates": [[1], 39.9]},
        {"type": "Point"},
        None,
        7,
    ]
    features: list[object] = [
        {"type": "Feature", "geometry": shape, "properties": {"pole": number}, "foreign": {}}
        for number, shape in enumerate(shapes)
    ]
    features += [{"type": "Feature", "geometry": good, "properties": []}, "text", None]
    document = {"type": "FeatureCollection", "features": features, "foreign": [1]}
    result = read_inventory(json.dumps(document).encode())
    assert result.rows == len(features)
    assert [each.pole for each in result.luminaires] == ["0", "1"]
    assert len(result.rejects) == len(features) - 2


def test_features_of_a_map_server() -> None:
    document = {
        "spatialReference": {"wkid": 102100, "latestWkid": 3857},
        "features": [
            {
                "attributes": {"POLE_NUM": "A7", "WATTS": 70},
                "geometry": {"x": 12957588.73, "y": 4851421.18},
            }
        ],
    }
    result = read_inventory(json.dumps(document).encode())
    assert result.luminaires[0].longitude == pytest.approx(116.4, abs=1e-5)
    assert result.luminaires[0].id == "A7"


def test_plain_objects_are_rows() -> None:
    result = read_inventory(b'[{"id": "A", "lng": 116.4, "lat": 39.9, "watts": 70}, 5]')
    assert [each.id for each in result.luminaires] == ["A"]
    assert len(result.rejects) == 1


def test_escapes_that_no_file_can_hold_do_no_harm() -> None:
    point = '{"type": "Point", "coordinates": [116.4, 39.9]}'
    text = f'{{"type": "Feature", "geometry": {point}, "properties": '
    result = read_inventory((text + '{"pole": "A\\u0000\\ud8007", "\\ud800": 1}}').encode())
    assert [each.pole for each in result.luminaires] == ["A?7"]
    assert result.to_inventory(time_zone="UTC").model_dump_json()


@pytest.mark.parametrize(
    ("box", "message"),
    [
        (Box(117.6, 39.4, 115.4, 41.1), "west, 117.6, east of its east, 115.4"),
        (Box(115.4, 41.1, 117.6, 39.4), "is no box"),
    ],
)
def test_a_box_the_wrong_way_round_is_refused(box: Box, message: str) -> None:
    with pytest.raises(OptionWrong, match=message):
        read_inventory(GOOD, ImportOptions(box=box))


def test_a_box_over_the_date_line_is_a_box() -> None:
    rows = b"id,lon,lat,watts\nA,179.99,-16.8,100\nB,-179.99,-16.8,100\nC,178,-16.8,100\n"
    result = read_inventory(rows, ImportOptions(box=Box(179.5, -17, -179.5, -16)))
    assert [each.line for each in result.rejects] == [4]
