"""The store damaged, lost, full or old: what is kept beside it, and what is said."""

import json
import sqlite3
from importlib import resources
from pathlib import Path

import pytest

from controller.adapters.sqlite import SqliteStore
from controller.adapters.sqlite_backup import back_up
from controller.adapters.sqlite_file import FILE_NAME
from controller.errors import StoreDamaged, StoreError
from controller.service.revisions import BLOCK, Revisions
from controller.service.store_watch import StoreWatch
from tests.fakes.small_city import small_site


def a_store(folder: Path, *, copies: int = 1) -> None:
    """A store with a site, an epoch, revisions given out, and copies made."""
    with SqliteStore(folder) as store:
        store.save_site(small_site(), author="a", comment="b")
        store.lead(0)
        store.reserve_revs(500)
        for _ in range(copies):
            store.back_up()


def spoil(path: Path) -> None:
    """Write nonsense over all pages but the first."""
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)


@pytest.mark.parametrize("damage", ["spoiled", "nonsense", "empty", "gone"])
def test_a_damaged_store_is_moved_aside_and_its_copy_takes_its_place(
    tmp_path: Path, damage: str
) -> None:
    a_store(tmp_path)
    path = tmp_path / FILE_NAME
    match damage:
        case "spoiled":
            spoil(path)
        case "nonsense":
            path.write_bytes(b"this is no database" * 1000)
        case "empty":
            path.write_bytes(b"")
        case _:
            path.unlink()
    before = path.read_bytes() if path.exists() else None
    with SqliteStore(tmp_path, restores=True) as store:
        assert "started from its copy" in store.notice
        assert FILE_NAME in store.notice
        assert store.load_site() == small_site()
        assert store.reserve_revs(1) > 500 + 2**20
        epochs = store.epochs()
        assert epochs.known > 1
        assert epochs.led == 0
    aside = [one for one in tmp_path.glob("*.damaged-*") if one.name.endswith("Z")]
    assert [one.read_bytes() for one in aside] == ([] if before is None else [before])
    with SqliteStore(tmp_path, restores=True) as store:
        assert store.notice == ""


def test_a_whole_store_is_left_as_it_is(tmp_path: Path) -> None:
    a_store(tmp_path)
    with SqliteStore(tmp_path, restores=True) as store:
        assert store.notice == ""
        assert store.reserve_revs(1) == 501


def test_a_damaged_store_without_a_copy_says_what_to_do_and_is_left_alone(tmp_path: Path) -> None:
    a_store(tmp_path, copies=0)
    spoil(tmp_path / FILE_NAME)
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(StoreDamaged, match=r"no whole copy is beside it: restore a backup"):
        SqliteStore(tmp_path, restores=True)
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_damaged_copy_is_passed_over_for_the_one_before(tmp_path: Path) -> None:
    a_store(tmp_path, copies=2)
    spoil(tmp_path / f"{FILE_NAME}.backup")
    spoil(tmp_path / FILE_NAME)
    with SqliteStore(tmp_path, restores=True) as store:
        assert store.load_site() == small_site()


def test_a_copy_is_of_the_store_in_use_and_a_damaged_store_spoils_no_copy(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        store.save_site(small_site(), author="a", comment="b")
        assert store.last_backup_at() == 0
        store.back_up()
        assert store.last_backup_at() > 0
        good = (tmp_path / f"{FILE_NAME}.backup").read_bytes()
    spoil(tmp_path / FILE_NAME)
    with pytest.raises(StoreError):
        back_up(tmp_path / FILE_NAME)
    assert (tmp_path / f"{FILE_NAME}.backup").read_bytes() == good
    assert not list(tmp_path.glob("*part*"))


def test_damage_found_while_running_is_named_and_is_no_end(tmp_path: Path) -> None:
    a_store(tmp_path)
    with SqliteStore(tmp_path) as store:
        spoil(tmp_path / FILE_NAME)
        with pytest.raises(StoreDamaged, match="is damaged"):
            store.load_site()


def full(store: SqliteStore) -> None:
    """Let SQLite refuse every new page, as on a full disk."""
    store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="full"):
        store.save_site(
            small_site().model_copy(
                update={
                    "inventory": small_site().inventory.model_copy(
                        update={
                            "city": small_site().inventory.city.model_copy(
                                update={"name": json.dumps(list(range(100_000)))[:190]}
                            )
                        }
                    )
                }
            ),
            author="x" * 100_000,
            comment="y" * 100_000,
        )


def test_revisions_go_on_without_the_store_and_are_never_given_twice(tmp_path: Path) -> None:
    given: set[int] = set()
    watch = StoreWatch()
    with SqliteStore(tmp_path) as store:
        store.save_site(small_site(), author="a", comment="b")
        revisions = Revisions(store, watch)
        given.update(revisions.take() for _ in range(100))
        full(store)
        # Beyond what is stored it counts on all the same.
        beyond = revisions.take(BLOCK)
        given.update(revisions.take() for _ in range(100))
        assert len(given) == 200
        assert max(given) > beyond
        store._db.execute("PRAGMA max_page_count = 1000000")
        revisions._try_to_reserve()
        assert watch.is_up
        given.update(revisions.take() for _ in range(100))
        highest = revisions.highest
        assert highest >= max(given)
    with SqliteStore(tmp_path) as store:
        assert Revisions(store, watch).take() > max(given)
    assert len(given) == 300


def test_a_start_on_a_store_that_takes_nothing_counts_well_above_what_was_given(
    tmp_path: Path,
) -> None:
    a_store(tmp_path)
    with SqliteStore(tmp_path, read_only=True) as reader:
        watch = StoreWatch()
        revisions = Revisions(reader, watch)
        assert not watch.is_up
        assert revisions.take() > 500


def test_a_lift_holds_without_the_store_too(tmp_path: Path) -> None:
    a_store(tmp_path)
    with SqliteStore(tmp_path, read_only=True) as reader:
        revisions = Revisions(reader, StoreWatch())
        first = revisions.take()
        revisions.lift(first + 1_000_000)
        assert revisions.take() > first + 1_000_000
        assert revisions.highest >= first + 1_000_000


def test_every_old_store_is_brought_up_to_date(tmp_path: Path) -> None:
    folder = resources.files("controller.adapters") / "migrations"
    scripts = [
        entry.read_text(encoding="utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
    ]
    for version in range(1, len(scripts)):
        data = tmp_path / str(version)
        data.mkdir()
        with sqlite3.connect(data / FILE_NAME) as db:
            for script in scripts[:version]:
                db.executescript(script)
            db.execute(f"PRAGMA user_version = {version}")
            db.execute("INSERT INTO counter VALUES ('epoch', 4), ('rev', 70)")
        db.close()
        with SqliteStore(data) as store:
            assert store.epochs().known == 4
            assert store.epochs().led == (4 if version < 3 else 0)
            assert store.reserve_revs(1) == 71
            assert store.load_site() is None


@pytest.mark.parametrize("ending", ["", "-wal"])
@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_nothing_is_written_to_a_file_that_was_deleted_or_replaced(
    tmp_path: Path, ending: str, how: str
) -> None:
    watch = StoreWatch()
    with SqliteStore(tmp_path) as store:
        store.save_site(small_site(), author="a", comment="b")
        store.back_up()
        copy = (tmp_path / f"{FILE_NAME}.backup").read_bytes()
        path = tmp_path / f"{FILE_NAME}{ending}"
        aside = path.rename(tmp_path / "aside")
        if how == "replaced":
            path.write_bytes(aside.read_bytes())
        for write in (lambda: store.reserve_revs(1), store.back_up):
            with pytest.raises(StoreError, match=f"{FILE_NAME}{ending}' was {how}.*put the same"):
                write()
        assert (tmp_path / f"{FILE_NAME}.backup").read_bytes() == copy
        # Control goes on meanwhile, and says so.
        revisions = Revisions(store, watch)
        assert revisions.take() < revisions.take()
        assert not watch.is_up
        assert how in watch.error
        aside.replace(path)
        assert store.reserve_revs(1) > 0


def test_an_empty_file_says_that_it_is_empty(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).touch()
    with pytest.raises(StoreError, match=f"{FILE_NAME}' is empty: nothing was ever saved"):
        SqliteStore(tmp_path, read_only=True)
