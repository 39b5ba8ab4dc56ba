"""The store on SQLite: durable, migrated, locked, refusing what it does not know."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from controller.adapters.sqlite import SqliteStore
from controller.adapters.sqlite_file import FILE_NAME
from controller.errors import StoreError, StoreTooNew
from controller.ports.store import Epochs, Published, ReportedState, SensorMemory
from schedules import default_plan
from tests.fakes.small_city import small_inventory, small_site


def test_a_new_store_has_no_site_and_then_the_default_plan(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        assert store.load_site() is None
        assert store.save_inventory(small_inventory()) == 1
    with SqliteStore(tmp_path) as store:
        site = store.load_site()
        assert site is not None
        assert site.inventory == small_inventory()
        assert site.plan == default_plan(small_inventory())


def test_documents_keep_every_revision_and_give_the_newest(tmp_path: Path) -> None:
    site = small_site()
    with SqliteStore(tmp_path) as store:
        store.save_inventory(site.inventory)
        assert [store.save_plan(default_plan(site.inventory)), store.save_plan(site.plan)] == [1, 2]
        assert store.load_site() == site
        assert store.revision("plan") == 2
        assert store.revision("nothing") == 0


def test_revisions_and_epoch_only_grow_over_restarts(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        assert store.reserve_revs(10) == 1
        assert store.reserve_revs(1) == 11
        assert store.lead(0) == 1
    with SqliteStore(tmp_path) as store:
        assert store.reserve_revs(5) == 12
        assert store.lead(0) == 2


def test_what_was_saved_is_there_again(tmp_path: Path) -> None:
    published = [
        Published("zone", "a", "program", 4, b"{}"),
        Published("luminaire", "x", "config", 5, b""),
    ]
    states = [ReportedState("a1", 12.5, b'{"level":1}')]
    memory = SensorMemory("r", "s", "d", 5.0, 1.5, 4.0, "believed", 5.0, True, float("-inf"))
    with SqliteStore(tmp_path) as store:
        store.save_published(published)
        store.save_night(states)
        store.save_sensor_memories([memory._replace(sensor="gone")])
        store.save_sensor_memories([memory])
    with SqliteStore(tmp_path) as store:
        assert list(store.published().values()) == sorted(published)
        assert store.reported() == states
        assert store.sensor_memories() == [memory]


def test_an_epoch_is_above_all_that_was_heard_of(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        assert store.epochs() == Epochs(known=0, led=0)
        assert store.lead(0) == 1
        assert store.epochs() == Epochs(known=1, led=1)
        store.follow(7, 500)
        assert store.epochs() == Epochs(known=7, led=0)
        assert store.reserve_revs(1) == 501
        store.follow(3, 20)
    with SqliteStore(tmp_path) as store:
        assert store.epochs() == Epochs(known=7, led=0)
        assert store.lead(9) == 10
        assert store.last_rev() == 501


def test_a_second_process_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from controller.adapters.sqlite import SqliteStore\n"
        "SqliteStore(Path(sys.argv[1]))"
    )
    with SqliteStore(tmp_path):
        other = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert other.returncode == 1
    assert "is in use by process" in other.stderr


def test_a_reader_needs_no_lock_and_changes_nothing(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        store.save_inventory(small_inventory())
        with SqliteStore(tmp_path, read_only=True) as reader:
            assert reader.load_site() is not None
            with pytest.raises(StoreError, match="readonly"):
                reader.reserve_revs(1)


def test_a_reader_of_an_empty_folder_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"holds no lamplighter\.db"):
        SqliteStore(tmp_path / "nowhere", read_only=True)
    assert not (tmp_path / "nowhere").exists()


def test_a_newer_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    SqliteStore(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(StoreTooNew, match="version 99"):
        SqliteStore(tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == before


@pytest.mark.parametrize("damage", [b"this is no database" * 100, b"\x00" * 4096])
def test_a_damaged_store_is_one_clear_error(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(damage)
    with pytest.raises(StoreError, match=FILE_NAME):
        SqliteStore(tmp_path)


def test_a_folder_that_is_a_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    with pytest.raises(StoreError, match="data"):
        SqliteStore(tmp_path / "data")


def test_an_acknowledged_save_survives_kill_9(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from controller.adapters.sqlite import SqliteStore\n"
        "store = SqliteStore(Path(sys.argv[1]))\n"
        "print(store.reserve_revs(41), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert killed.returncode == -9
    assert killed.stdout == "1\n"
    with SqliteStore(tmp_path) as store:
        assert store.reserve_revs(1) == 42


def test_revisions_are_lifted_and_never_lowered(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        store.lift_revs(100)
        assert store.reserve_revs(1) == 101
        store.lift_revs(5)
        assert store.reserve_revs(1) == 102
