"""A log that shows what was done to it."""

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from controller.adapters.sqlite import SqliteStore
from controller.cli.audit import audit as audit_command
from controller.service.people import Audit
from controller.service.people.audit import FOUND_CUT, Wanted, lines_of_this
from controller.service.people.caller import local_caller
from controller.service.people.chain import link

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


def test_a_cut_at_the_end_is_found_though_the_database_says_nothing(
    audit: Audit, tmp_path: Path
) -> None:
    tamper(tmp_path, "DELETE FROM audit WHERE number >= 4", "UPDATE sqlite_sequence SET seq = 3")
    broken = audit.verify().broken
    assert broken is not None
    assert (broken.number, "lines 4 to 5 were cut off" in broken.why) == (4, True)


def test_the_next_line_does_not_cover_a_cut_up(audit: Audit, tmp_path: Path) -> None:
    tamper(tmp_path, "DELETE FROM audit WHERE number = 5", "UPDATE sqlite_sequence SET seq = 4")
    audit.write_now(MACHINE, "another act")
    verdict = audit.verify()
    assert verdict.cuts == (5,)
    found = audit.newest(None, 2)
    assert [row.action for row in found] == ["another act", FOUND_CUT]
    assert "lines 5 to 5 were cut off" in found[1].detail
    assert verdict.broken is None  # the log goes on from there
    audit.write_now(MACHINE, "and another")
    assert audit.verify().cuts == (5,)


def test_a_line_made_anew_is_not_the_anchored_one(audit: Audit, tmp_path: Path) -> None:
    """Somebody cuts the last line and writes another with a hash that fits."""
    with SqliteStore(tmp_path, read_only=True) as store:
        *_, before, last = store.people().audit(after=0)
    forged = last._replace(actor="eve")
    forged = forged._replace(hash=link(before.hash, forged))
    tamper(
        tmp_path,
        f"UPDATE audit SET actor = 'eve', hash = x'{forged.hash.hex()}' WHERE number = 5",
    )
    broken = audit.verify().broken
    assert broken is not None
    assert (broken.number, "not the line that was anchored" in broken.why) == (5, True)


def test_an_anchor_that_is_gone_is_missed(audit: Audit, tmp_path: Path) -> None:
    (tmp_path / "audit-head").unlink()
    broken = audit.verify().broken
    assert broken is not None
    assert "anchored head is gone" in broken.why
    (tmp_path / "audit-head").write_text("rubbish")
    audit.write_now(MACHINE, "act")
    assert audit.verify().cuts == (6,)


def test_a_log_made_anew_with_its_anchor_has_another_head(audit: Audit, tmp_path: Path) -> None:
    """Whoever may write all of the folder is found by a head that was noted elsewhere."""
    noted = audit.verify().head
    tamper(tmp_path, "DELETE FROM audit", "DELETE FROM sqlite_sequence")
    (tmp_path / "audit-head").unlink()
    audit.write_now(MACHINE, "another act")
    assert audit.verify().broken is None  # from the inside nothing is to be seen
    broken = audit.verify(noted).broken
    assert broken is not None
    assert "no line has the head that was noted" in broken.why


def test_the_log_goes_through_every_head_it_had(audit: Audit) -> None:
    noted = audit.verify().head
    audit.write_now(MACHINE, "act")
    assert audit.verify(noted).broken is None
    assert audit.verify(noted.upper()).broken is None


def test_many_threads_make_one_chain(audit: Audit) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: audit.write_now(MACHINE, "act", str(n)), range(100)))
    verdict = audit.verify()
    assert (verdict.lines, verdict.broken, verdict.cuts) == (105, None, ())


def test_the_database_itself_refuses_changes(audit: Audit, tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "lamplighter.db")
    for words in ("UPDATE audit SET actor = ''", "DELETE FROM audit"):
        with pytest.raises(sqlite3.IntegrityError, match="the audit log is not"):
            db.execute(words)
    db.close()


def test_secrets_are_not_kept(audit: Audit) -> None:
    row = audit.write_now(
        MACHINE, "act", detail={"new_password": "x1", "deep": [{"api_token": "x2"}], "ok": "yes"}
    )
    assert "x1" not in row.detail
    assert "x2" not in row.detail
    assert "yes" in row.detail


def test_what_cannot_be_written_is_written_all_the_same(audit: Audit) -> None:
    odd = local_caller("\ud800")
    row = audit.write_now(odd, "act", "\udfff" * 300, detail={"\ud800": "x" * 5_000})
    assert len(row.detail) < 2_100
    assert audit.verify().lines == 6


def test_newest_first_and_by_actor(audit: Audit) -> None:
    audit.write_now(local_caller("bob"), "act")
    assert [row.number for row in audit.newest(None, 3)] == [6, 5, 4]
    assert [row.number for row in audit.newest(4, 10)] == [3, 2, 1]
    assert [row.number for row in audit.newest(None, 10, Wanted(actor="bob"))] == [6]
    assert audit.newest(None, 10, Wanted(outcome="refused")) == []
    assert len(audit.newest(None, 10, Wanted(action="ac", since=1_800_000_000.0))) == 6
    assert audit.newest(None, 10, Wanted(until=1_800_000_000.0)) == []


def test_the_lines_of_one_context(audit: Audit) -> None:
    with lines_of_this() as lines:
        audit.write_now(MACHINE, "inside")
    audit.write_now(MACHINE, "outside")
    assert [row.action for row in lines] == ["inside"]


def test_killed_at_any_time_the_chain_holds(tmp_path: Path) -> None:
    """kill -9 between any two steps loses no line that was answered for."""
    writer = (
        "import sys; from pathlib import Path\n"
        "from controller.adapters.sqlite import SqliteStore\n"
        "from controller.service.people import Audit, local_caller\n"
        "audit = Audit(SqliteStore(Path(sys.argv[1])).people(), lambda: 1.0)\n"
        "while True: print(audit.write_now(local_caller('x'), 'act').number, flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", writer, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        told = 0
        for told in map(int, process.stdout):
            if told >= 20:
                process.kill()
        assert process.wait() == -signal.SIGKILL
    with SqliteStore(tmp_path) as store:
        audit = Audit(store.people(), lambda: 2.0)
        verdict = audit.verify()
        assert verdict.broken is None
        assert verdict.lines >= told
        audit.write_now(MACHINE, "after")
        assert audit.verify().cuts == ()


def test_the_exported_log_is_utf_8_whatever_the_terminal_has(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        Audit(store.people(), lambda: 1.0).write_now(MACHINE, "act", "长安街")
    told = CliRunner(charset="latin-1").invoke(audit_command, ["export", "--data", str(tmp_path)])
    assert told.exit_code == 0, told.exception
    (line,) = told.stdout_bytes.splitlines()
    assert json.loads(line.decode("utf-8"))["subject"] == "长安街"
