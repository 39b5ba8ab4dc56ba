"""What a page learns off the loop: the store on its disk, and certificates in use."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from controller.adapters.sqlite import SqliteStore
from controller.adapters.sqlite_file import FILE_NAME
from controller.web.access import OPEN
from tests.fakes.scraped import a_control, ask, series

NOT_AFTER = "streetlight_tls_certificate_not_after_timestamp_seconds"
COMMITS = "streetlight_store_commit_duration_seconds"


def bytes_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob(f"{FILE_NAME}*"))


async def page(folder: Path, certificates: Mapping[str, float]) -> dict[str, float]:
    with a_control(folder) as control:
        return series((await ask(control, "/metrics", OPEN, certificates)).text)


async def test_certificates_are_shown_by_endpoint_and_absent_where_there_are_none(
    tmp_path: Path,
) -> None:
    ends = datetime(2027, 1, 1, tzinfo=UTC).timestamp()
    found = await page(tmp_path / "a", {"console": ends, "broker": ends + 0.5})
    assert found[f'{NOT_AFTER}{{endpoint="console"}}'] == ends
    assert found[f'{NOT_AFTER}{{endpoint="broker"}}'] == ends + 0.5
    assert not [name for name in await page(tmp_path / "b", {}) if name.startswith(NOT_AFTER)]


async def test_commits_are_counted_and_the_size_is_that_of_the_files(tmp_path: Path) -> None:
    with a_control(tmp_path) as control:
        before = series((await ask(control, "/metrics")).text)
        control.revisions.lift(1_000_000)
        after = series((await ask(control, "/metrics")).text)
        size = bytes_of(tmp_path)
    assert after[f"{COMMITS}_count"] > before[f"{COMMITS}_count"]
    assert after[f'{COMMITS}_bucket{{le="+Inf"}}'] == after[f"{COMMITS}_count"]
    assert after[f"{COMMITS}_sum"] > before[f"{COMMITS}_sum"]
    assert after["streetlight_store_size_bytes"] == size


def test_the_size_counts_the_log_and_not_the_copies(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        store.reserve_revs(1)
        whole = store.size_bytes()
        assert whole > (tmp_path / FILE_NAME).stat().st_size
        store.back_up()
        assert store.size_bytes() == whole
