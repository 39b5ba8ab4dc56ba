"""The disaster recovery drill of docs/recovery.md, word by word."""

from pathlib import Path

from controller.adapters.sqlite import SqliteStore
from tests.fakes.followed import follow, words_of
from tests.fakes.small_city import small_site


def test_the_drill_brings_the_city_back(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "lamplighter-data") as store:
        store.save_site(small_site(), author="a", comment="b")
    blocks = words_of("recovery.md", "The drill")
    assert len(blocks) == 5
    done = follow(blocks, tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "in control" in done.stdout
    left = {one.name for one in tmp_path.iterdir()}
    assert left == {"lamplighter-data", "city.backup"}


def test_the_drill_fails_on_a_spoiled_backup(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "lamplighter-data") as store:
        store.save_site(small_site(), author="a", comment="b")
    blocks = words_of("recovery.md", "The drill")
    spoil = "truncate -s -100 city.backup"
    done = follow([blocks[0], spoil, *blocks[1:]], tmp_path)
    assert done.returncode == 1
    assert "cannot be read" in done.stderr
    assert not (tmp_path / "drill-data").exists()
