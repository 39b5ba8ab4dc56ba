"""A real file in full, where it is at hand; its habits are in ``files/`` anyway."""

from pathlib import Path

import pytest

from zones.inventory import Field, ImportResult, read_inventory

BOISE = (
    Path(__file__).resolve().parents[4]
    / "shared"
    / "data"
    / "inventories"
    / "boise_streetlights.csv"
)

pytestmark = pytest.mark.skipif(not BOISE.is_file(), reason="the file is not on this machine")


@pytest.fixture(scope="module")
def boise() -> ImportResult:
    return read_inventory(BOISE.read_bytes())


def test_all_rows_but_the_one_without_a_place(boise: ImportResult) -> None:
    assert boise.rows == 11_439
    assert len(boise.luminaires) == 11_438
    (rejected,) = boise.rejects
    assert (rejected.line, rejected.column, rejected.value) == (7336, "X", "")


def test_its_figures(boise: ImportResult) -> None:
    assert boise.assumed_power == 224
    assert boise.total_kw - boise.assumed_kw == pytest.approx(1192.249)
    assert boise.led_share == pytest.approx(3506 / 11438)
    assert boise.bbox == pytest.approx((-116.36515, 43.51223, -116.09614, 43.6877), abs=1e-5)


def test_its_columns(boise: ImportResult) -> None:
    columns = {field: mapped.column for field, mapped in boise.mapping.items()}
    assert columns == {
        Field.LONGITUDE: "X",
        Field.LATITUDE: "Y",
        Field.WATTAGE: "Wattage",
        Field.LAMP_TYPE: "LampType",
        Field.POLE: "PoleNum",
        Field.RECORD: "OBJECTID",
        Field.ROAD: "Street",
    }


def test_its_document_holds(boise: ImportResult) -> None:
    inventory = boise.to_inventory(time_zone="America/Boise")
    assert len(inventory.luminaire_by_id) == 11_438
    nameless = [each for each in inventory.luminaires if each.pole is None]
    assert len(nameless) == 43
    assert all(each.id.startswith("OBJECTID-") for each in nameless)
