"""Revisions of the documents: what was in force together, who put it there, and the way back."""

import importlib.resources
import sqlite3
import zlib
from pathlib import Path

import pytest

from controller.adapters.sqlite import SqliteStore
from controller.adapters.sqlite_file import FILE_NAME
from controller.errors import ConfigurationError, NoSuchRevision, StoreError
from schedules import Plan, Site, default_plan
from tests.fakes.small_city import small_inventory, small_site


def renamed(site: Site, name: str) -> Site:
    city = site.inventory.city.model_copy(update={"name": name})
    return site.model_copy(update={"inventory": site.inventory.model_copy(update={"city": city})})


def test_a_site_is_kept_as_one_revision_with_author_and_comment(tmp_path: Path) -> None:
    site = small_site()
    with SqliteStore(tmp_path) as store:
        assert store.revisions() == []
        assert store.save_site(site, author="wang", comment="first") == 1
        assert store.load_site() == site
        (kept,) = store.revisions()
    assert (kept.number, kept.author, kept.comment, kept.restores) == (1, "wang", "first", None)
    assert (kept.inventory, kept.plan) == (1, 1)


def test_saving_what_stands_makes_no_revision(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        store.save_site(small_site(), author="a", comment="")
        assert store.save_site(small_site(), author="b", comment="again") == 1
        assert len(store.revisions()) == 1


def test_only_the_document_that_changes_is_kept_anew(tmp_path: Path) -> None:
    site = small_site()
    dimmer = site.model_copy(update={"plan": site.plan.model_copy(update={"failsafe_level": 50.0})})
    with SqliteStore(tmp_path) as store:
        store.save_site(site, author="", comment="")
        assert store.save_site(dimmer, author="", comment="") == 2
        last = store.revisions()[-1]
        assert (last.inventory, last.plan) == (1, 2)
        assert store.load_site() == dimmer
        assert store.load_site(1) == site


def test_rollback_is_a_new_revision_with_the_old_content(tmp_path: Path) -> None:
    first, second = small_site(), renamed(small_site(), "新城")
    with SqliteStore(tmp_path) as store:
        store.save_site(first, author="a", comment="one")
        store.save_site(second, author="a", comment="two")
        assert store.rollback(1, author="b", comment="too dark") == 3
    with SqliteStore(tmp_path, read_only=True) as store:
        assert store.load_site() == first
        assert store.load_site(2) == second
        last = store.revisions()[-1]
        assert (last.restores, last.author, last.comment) == (1, "b", "too dark")
        assert [one.number for one in store.revisions()] == [1, 2, 3]


def test_after_a_rollback_new_documents_go_on_counting(tmp_path: Path) -> None:
    first, second, third = (renamed(small_site(), name) for name in ("一", "二", "三"))
    with SqliteStore(tmp_path) as store:
        store.save_site(first, author="", comment="")
        store.save_site(second, author="", comment="")
        store.rollback(1, author="", comment="")
        store.save_site(third, author="", comment="")
        assert store.load_site() == third
        assert store.load_site(2) == second
        assert store.revision("inventory") == 3


def test_a_revision_that_is_not_there_is_named(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        store.save_site(small_site(), author="", comment="")
        with pytest.raises(NoSuchRevision, match="revision 7 is not in store"):
            store.rollback(7, author="", comment="")
        with pytest.raises(NoSuchRevision, match="revision 7"):
            store.load_site(7)
        assert len(store.revisions()) == 1


def test_an_inventory_alone_is_a_revision_with_the_default_plan(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        store.save_inventory(small_inventory())
        (kept,) = store.revisions()
        assert (kept.inventory, kept.plan) == (1, None)
        site = store.load_site()
        assert site is not None
        assert site.plan == default_plan(small_inventory())


def test_an_inventory_that_the_plan_in_force_does_not_fit_is_refused(tmp_path: Path) -> None:
    site = small_site()
    other = renamed(site, "x").inventory
    other = other.model_copy(update={"city": other.city.model_copy(update={"id": "other"})})
    with SqliteStore(tmp_path) as store:
        store.save_site(site, author="", comment="")
        with pytest.raises(ConfigurationError, match="'small' is not in the inventory"):
            store.save_inventory(other)
        with pytest.raises(ConfigurationError, match="do not fit"):
            store.save_plan(
                Plan(
                    programs=site.plan.programs,
                    calendars=site.plan.calendars,
                    assignments=(
                        site.plan.assignments[0].model_copy(update={"target": "elsewhere"}),
                    ),
                )
            )
        assert store.load_site() == site


def store_of_version_1(folder: Path, *saved: tuple[str, int, str]) -> None:
    """A store as the first version left it: (name, saved_at, JSON) of documents."""
    script = importlib.resources.files("controller.adapters") / "migrations" / "0001_first.sql"
    db = sqlite3.connect(folder / FILE_NAME)
    db.executescript(script.read_text(encoding="utf-8"))
    counts: dict[str, int] = {}
    for name, saved_at, text in saved:
        counts[name] = counts.get(name, 0) + 1
        db.execute(
            "INSERT INTO document VALUES (?, ?, ?, ?)",
            (name, counts[name], saved_at, zlib.compress(text.encode())),
        )
    db.execute("PRAGMA user_version = 1")
    db.commit()
    db.close()


def test_an_older_store_keeps_its_documents_as_revisions(tmp_path: Path) -> None:
    site, later = small_site(), renamed(small_site(), "新城")
    store_of_version_1(
        tmp_path,
        ("inventory", 100, site.inventory.model_dump_json()),
        ("plan", 200, site.plan.model_dump_json()),
        ("inventory", 300, later.inventory.model_dump_json()),
    )
    with SqliteStore(tmp_path, read_only=True) as reader:
        assert reader.load_site() == later
        assert reader.revisions() == []
        with pytest.raises(NoSuchRevision):
            reader.load_site(1)
    with SqliteStore(tmp_path) as store:
        assert store.load_site() == later
        told = [(one.number, one.saved_at, one.inventory, one.plan) for one in store.revisions()]
        assert told == [(1, 100, 1, None), (2, 200, 1, 1), (3, 300, 2, 1)]
        assert store.load_site(2) == site


def test_a_clock_set_back_does_not_change_what_is_in_force(tmp_path: Path) -> None:
    site, later = small_site(), renamed(small_site(), "新城")
    store_of_version_1(
        tmp_path,
        ("inventory", 500, site.inventory.model_dump_json()),
        ("plan", 600, site.plan.model_dump_json()),
        ("inventory", 100, later.inventory.model_dump_json()),
    )
    with SqliteStore(tmp_path) as store:
        assert store.load_site() == later


def test_a_lost_document_is_one_clear_error(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        store.save_site(small_site(), author="", comment="")
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute("DELETE FROM document WHERE name = 'plan'")
    db.close()
    with SqliteStore(tmp_path) as store, pytest.raises(StoreError, match="plan revision 1"):
        store.load_site()
