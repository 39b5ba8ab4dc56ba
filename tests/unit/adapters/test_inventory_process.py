"""Files of an inventory, read in a process of their own."""

import json
from pathlib import Path

import pytest

from controller.adapters.inventory_process import read_apart
from controller.adapters.sqlite import SqliteStore
from controller.service.editing.import_reading import FileRefused, Reading, read_file
from tests.fakes.small_city import small_site
from zones.said import Language, message_of, restored, text_in

FILE = "id,longitude,latitude,wattage\nN1,116.4,39.9,70\n东,116.4,39.901,70\n".encode()


async def test_a_process_finds_what_is_found_here(tmp_path: Path) -> None:
    how = Reading(mapping={"wattage": "wattage"}, box=(116.0, 39.0, 117.0, 40.0))
    with SqliteStore(tmp_path) as store:
        base = store.save_site(small_site(), author="li", comment="first")
        found = await read_apart(tmp_path, FILE, how, base, most=1)
    here = read_file(FILE, how, small_site(), 1)
    assert json.loads(found.report) == json.loads(here.report)
    assert found.inventory == here.inventory
    assert restored(json.loads(found.report))["needs_approval"] == [
        "it concerns 2 luminaires, more than 1"
    ]


async def test_a_process_says_why_a_file_is_no_use(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        store.save_site(small_site(), author="li", comment="first")
        with pytest.raises(FileRefused, match="zip archive") as refused:
            await read_apart(tmp_path, b"PK\x03\x04" + b"0" * 100, Reading(), 1, most=1)
        with pytest.raises(FileRefused, match="revision 9"):
            await read_apart(tmp_path, FILE, Reading(), 9, most=1)
    assert "请先另存为 CSV" in text_in(message_of(refused.value), Language.CHINESE)
