"""Whatever stands in a file: an answer, never a crash; and what goes out comes back."""

import csv
import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from zones import Inventory, ZonesError, demo_inventory
from zones.inventory import Field, ImportOptions, ImportResult, read_inventory, to_csv, to_geojson
from zones.inventory.identity import UniqueIdentifiers, identifier
from zones.inventory.numbers import BLANKS, parse_coordinate, parse_number
from zones.inventory.points import parse_point
from zones.inventory.wattage import Lamps, NotAWattage, PowerUnknown, parse_wattage

CITY = demo_inventory(40)
WATTAGE_LIKE = st.text(alphabet="0123456789./,+-x*×() WkLEDHPSkKwn瓦/", max_size=30)
CELL = st.one_of(
    st.text(max_size=12),
    st.floats(-200, 200).map(str),
    st.sampled_from(
        ["", "N/A", "0", "116.4", "39.9", "250/85", "LED", "POINT (116.4 39.9)", "'=x"]
    ),
)
VISIBLE = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp"))
PAINTED = st.text(alphabet=VISIBLE, min_size=1, max_size=20).filter(
    lambda text: text.casefold() not in BLANKS and text[::-1].casefold() not in BLANKS
)
HEADER = st.sampled_from([*map(str, Field), "x", "type", "objectid", "the_geom", "-"])
PLACE = st.tuples(st.floats(116, 116.2).map(str), st.floats(39.9, 40).map(str))
ROW = st.tuples(PLACE, st.lists(CELL, min_size=8, max_size=8)).map(lambda row: [*row[0], *row[1]])
KEY = st.sampled_from(["type", "geometry", "coordinates", "properties", "id", "features", "x", "y"])
SCALAR = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
JSON = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEY, inner, max_size=5),
    max_leaves=12,
)


def answer(data: bytes, crs: str | None = None) -> ImportResult | None:
    """The result, or None for a file that was refused with a message."""
    try:
        result = read_inventory(data, ImportOptions(crs=crs))
    except ZonesError as refusal:
        if not str(refusal) or "\n" in str(refusal):
            raise AssertionError(f"no one-line message: {refusal!r}") from refusal
        return None
    assert result.rows >= len(result.rejects)
    return result


@given(st.one_of(WATTAGE_LIKE, st.text(max_size=40)), st.sampled_from(["w", "kw"]), st.booleans())
def test_a_wattage_is_always_answered(text: str, unit: str, comma: bool) -> None:
    match parse_wattage(text, unit=unit, decimal_comma=comma):
        case Lamps(lamps=lamps):
            assert 1 <= len(lamps) <= 50
            assert all(0 < lamp.power_w <= 10_000 for lamp in lamps)
        case NotAWattage(reason=reason):
            assert reason
        case PowerUnknown():
            pass


@given(st.integers(1, 10_000))
def test_plain_wattages_are_read(power_w: int) -> None:
    for text in (f"{power_w}", f"{power_w} W", f"{power_w}(LED)", f"{power_w / 1000} kW"):
        wattage = parse_wattage(text)
        assert isinstance(wattage, Lamps)
        assert [lamp.power_w for lamp in wattage.lamps] == [power_w]


@given(st.text(max_size=60))
def test_numbers_and_points_are_always_answered(text: str) -> None:
    for number in (
        parse_number(text),
        parse_number(text, decimal_comma=True),
        parse_coordinate(text),
    ):
        assert number is None or abs(number) < 1e300
    point = parse_point(text)
    assert point is None or abs(point.first) < 1e300


@given(st.floats(-180, 180))
def test_a_coordinate_is_read_to_the_last_digit(value: float) -> None:
    assert parse_coordinate(repr(value)) == value
    assert parse_coordinate(f"{value:.7f}".replace(".", ",")) == float(f"{value:.7f}")


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=300).map(str.encode)))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    result = answer(data)
    assert result is None or len(result.luminaires) >= result.rows - len(result.rejects)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(HEADER, max_size=8, unique=True).map(lambda names: ["lon", "lat", *names]),
    st.lists(ROW, max_size=12),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from([None, None, "EPSG:4490", "EPSG:3857"]),
)
def test_any_table_gets_an_answer(
    header: list[str], rows: list[list[str]], delimiter: str, crs: str | None
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([header, *(row[: len(header)] for row in rows)])
    result = answer(out.getvalue().encode(), crs)

    if result is not None and result.luminaires:
        assert len(result.luminaires) >= result.rows - len(result.rejects)
        assert result.to_inventory(time_zone="UTC").luminaires == result.luminaires


@settings(max_examples=100, deadline=None)
@given(JSON, st.lists(JSON, max_size=4))
def test_any_json_gets_an_answer(document: object, features: list[object]) -> None:
    answer(json.dumps(document).encode())
    collection = {"type": "FeatureCollection", "features": features, "crs": document}
    result = answer(json.dumps(collection).encode())
    assert result is None or result.rows == len(features)


def painted(texts: list[str]) -> Inventory:
    luminaires = tuple(
        each.model_copy(update={"name": text, "pole": text[::-1]})
        for each, text in zip(CITY.luminaires, texts, strict=False)
    )
    return CITY.model_copy(update={"luminaires": luminaires})


@settings(deadline=None)
@given(st.lists(PAINTED, min_size=1, max_size=20))
def test_export_and_import_give_the_same_luminaires(texts: list[str]) -> None:
    inventory = painted(texts)
    assert read_inventory(to_csv(inventory).encode()).luminaires == inventory.luminaires
    assert read_inventory(to_geojson(inventory).encode()).luminaires == inventory.luminaires


@given(st.lists(st.text(min_size=1, max_size=80), min_size=1, max_size=30))
def test_identifiers_are_valid_and_unique(texts: list[str]) -> None:
    wanted = [identifier(text, "x") for text in texts]
    unique = UniqueIdentifiers(wanted)
    taken = [unique.take(each) for each in wanted]
    assert len(set(taken)) == len(taken)
    for each in taken:
        assert 1 <= len(each) <= 64
        assert all(letter.isascii() and (letter.isalnum() or letter in "_-") for letter in each)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 400), st.integers(0, 10_000))
def test_every_demo_city_is_whole(count: int, seed: int) -> None:
    city = demo_inventory(count, seed=seed)
    assert len(city.luminaires) == count
    assert {each.zone for each in city.luminaires} == set(city.zone_by_id)
