"""Stores of every version that there was: opened by this one, nothing of theirs is lost."""

import sqlite3
from pathlib import Path

import pytest

from controller.adapters.sqlite import SqliteStore
from controller.adapters.sqlite_file import FILE_NAME, newest_version, stored_version
from controller.errors import StoreError
from tests.reference.make_stored_versions import FOLDER, stored

VERSIONS = range(1, newest_version() + 1)
_GONE = {"energy", "meter"}
"""Tables that a later version carries on under other names."""
_ENERGY_SINCE = 5


def a_store(folder: Path, number: int) -> Path:
    path = folder / FILE_NAME
    db = sqlite3.connect(path)
    db.executescript(stored(number))
    db.close()
    assert stored_version(path) == number
    return path


def rows(path: Path) -> dict[str, dict[tuple[object, ...], dict[str, object]]]:
    """Every row of every table by its primary key."""
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    held = {}
    for (name,) in db.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall():
        keys = [one["name"] for one in db.execute(f"PRAGMA table_info({name})") if one["pk"]]
        found = (
            [dict(row) for row in db.execute(f"SELECT rowid AS n, * FROM {name}")]
            if (not keys)
            else [dict(row) for row in db.execute(f"SELECT * FROM {name}")]
        )
        held[name] = {tuple(row[key] for key in keys or ["n"]): row for row in found}
    db.close()
    return held


def shape(path: Path) -> set[tuple[str, str, str]]:
    """Tables, indexes and triggers, as they were declared."""
    db = sqlite3.connect(path)
    found = {
        (kind, name, " ".join(str(text).split()))
        for kind, name, text in db.execute(
            "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"
        )
    }
    db.close()
    return found


def test_every_version_has_its_stored_store() -> None:
    kept = {one.name for one in FOLDER.iterdir() if one.suffix == ".sql"}
    assert kept == {f"version_{number}.sql" for number in VERSIONS}, (
        "a new migration: put rows for it into tests/reference/make_stored_versions.py and run "
        "that with its number"
    )


@pytest.mark.parametrize("number", VERSIONS)
def test_every_row_of_an_older_store_survives(tmp_path: Path, number: int) -> None:
    path = a_store(tmp_path, number)
    before = rows(path)
    assert all(before[name] for name in ("document", "published", "reported", "counter"))
    with SqliteStore(tmp_path):
        pass
    after = rows(path)
    for name, held in before.items():
        if name in _GONE:
            assert name not in after
            continue
        for key, row in held.items():
            assert row.items() <= after[name][key].items(), f"{name} {key}"


@pytest.mark.parametrize("number", VERSIONS)
def test_an_older_store_becomes_what_a_new_one_is(tmp_path: Path, number: int) -> None:
    path = a_store(tmp_path, number)
    fresh = tmp_path / "fresh"
    with SqliteStore(tmp_path), SqliteStore(fresh):
        pass
    assert stored_version(path) == newest_version()
    assert shape(path) == shape(fresh / FILE_NAME)


@pytest.mark.parametrize("number", VERSIONS)
def test_an_older_store_is_understood(tmp_path: Path, number: int) -> None:
    a_store(tmp_path, number)
    with SqliteStore(tmp_path) as store:
        site = store.load_site()
        assert site is not None
        assert len(site.inventory.luminaires) == 24
        assert site.plan.programs
        assert [one.number for one in store.revisions()] == [1, 2]
        assert len(store.published()) == 27
        assert store.reserve_revs(1) > max(one.rev for one in store.published().values())
        assert store.lead(0) > 1
        assert {one.luminaire for one in store.reported()} == {
            one.id for one in site.inventory.luminaires
        }
        totals = store.energy_totals()
        assert len(totals) == 2
        for total in totals:
            assert total.baseline_j > 0
            assert total.metered_j + total.modelled_j > 0
        assert (store.trusted_at() is not None) == (number >= 3)
        assert len(store.sensor_memories()) == (number >= 3)
        assert [one.id for one in store.open_alarms()] == ([1] if number >= 4 else [])
        assert (store.energy_span() is not None) == (number >= _ENERGY_SINCE)
        assert [one.id for one in store.people().people()] == (["li"] if number >= 6 else [])
        assert len(store.people().passes("token")) == (number >= 6)
        assert len(store.work().work_orders()) == (number >= 8)


@pytest.mark.parametrize("number", VERSIONS)
def test_a_reader_understands_an_older_store_and_leaves_it_alone(
    tmp_path: Path, number: int
) -> None:
    path = a_store(tmp_path, number)
    before = path.read_bytes()
    with SqliteStore(tmp_path, read_only=True) as store:
        site = store.load_site()
    assert site is not None
    assert len(site.inventory.luminaires) == 24
    assert path.read_bytes() == before


@pytest.mark.parametrize("number", VERSIONS)
def test_a_second_start_changes_nothing_more(tmp_path: Path, number: int) -> None:
    path = a_store(tmp_path, number)
    with SqliteStore(tmp_path):
        pass
    once = rows(path)
    with SqliteStore(tmp_path):
        pass
    assert rows(path) == once


def test_a_migration_that_fails_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    path = a_store(tmp_path, 1)
    db = sqlite3.connect(path)
    # In the way of the second migration's last step but one.
    db.executescript("CREATE VIEW revision AS SELECT 1;")
    db.close()
    before = rows(path)
    with pytest.raises(StoreError, match="cannot be opened"):
        SqliteStore(tmp_path)
    assert stored_version(path) == 1
    assert rows(path) == before
