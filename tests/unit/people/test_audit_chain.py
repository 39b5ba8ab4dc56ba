"""A log that shows what was done to it."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.adapters.sqlite import SqliteStore
from controller.service.people import Audit
from controller.service.people.caller import local_caller

MACHINE = local_caller("root")


@pytest.fixture
def audit(tmp_path: Path) -> Iterator[Audit]:
    with SqliteStore(tmp_path) as store:
        made = Audit(store.people(), lambda: 1_800_000_000.0)
        for number in range(5):
            made.write_now(MACHINE, "act", f"thing {number}", detail={"count": number})
        yield made


def tamper(folder: Path, *words: str) -> None:
    """What somebody with the file, and without scruples, could do."""
    db = sqlite3.connect(folder / "lamplighter.db")
    db.execute("DROP TRIGGER audit_stays")
    db.execute("DROP TRIGGER audit_remains")
    for word in words:
        db.execute(word)
    db.commit()
    db.close()


def test_a_whole_log_is_whole(audit: Audit) -> None:
    verdict = audit.verify()
    assert (verdict.lines, verdict.broken) == (5, None)
    assert len(verdict.head) == 64


@pytest.mark.parametrize(
    ("words", "number", "why"),
    [
        ("UPDATE audit SET actor = 'eve' WHERE number = 3", 3, "it was changed"),
        ("UPDATE audit SET at = at + 1 WHERE number = 1", 1, "it was changed"),
        ("UPDATE audit SET detail = '{}' WHERE number = 5", 5, "it was changed"),
        ("DELETE FROM audit WHERE number = 2", 2, "line 2 is missing"),
        ("DELETE FROM audit WHERE number >= 4", 4, "lines 4 to 5 were cut off"),
        ("DELETE FROM audit", 1, "lines 1 to 5 were cut off"),
    ],
)
def test_a_change_is_found_and_named(
    audit: Audit, tmp_path: Path, words: str, number: int, why: str
) -> None:
    tamper(tmp_path, words)
    broken = audit.verify().broken
    assert broken is not None
    assert broken.number == number
    assert why in broken.why


def test_a_log_made_anew_has_another_head(audit: Audit, tmp_path: Path) -> None:
    head = audit.verify().head
    tamper(tmp_path, "DELETE FROM audit WHERE number = 5", "UPDATE sqlite_sequence SET seq = 4")
    audit.write_now(MACHINE, "another act")
    verdict = audit.verify()
    assert verdict.broken is None  # from the inside nothing is to be seen
    assert verdict.head != head


def test_the_database_itself_refuses_changes(audit: Audit, tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "lamplighter.db")
    for words in ("UPDATE audit SET actor = ''", "DELETE FROM audit"):
        with pytest.raises(sqlite3.IntegrityError, match="the audit log is not"):
            db.execute(words)
    db.close()


def test_secrets_are_not_kept(audit: Audit) -> None:
    row = audit.write_now(MACHINE, "act", detail={"new_password": "x1", "api_token": "x2"})
    assert "x1" not in row.detail
    assert "x2" not in row.detail


def test_newest_first_and_by_actor(audit: Audit) -> None:
    audit.write_now(local_caller("bob"), "act")
    assert [row.number for row in audit.newest(None, 3)] == [6, 5, 4]
    assert [row.number for row in audit.newest(4, 10)] == [3, 2, 1]
    assert [row.number for row in audit.newest(None, 10, "bob")] == [6]
