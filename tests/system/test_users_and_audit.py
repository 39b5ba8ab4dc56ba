"""``lamplighter users`` and ``audit`` as typed, on a folder whose service does not run."""

import json
import sqlite3
from pathlib import Path

from controller.adapters.sqlite import SqliteStore
from tests.fakes.small_city import small_site
from tests.system.command import lamplighter


def test_users_are_invited_and_the_log_tells(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "data") as store:
        store.save_site(small_site(), author="li", comment="first")

    def run(*words: str, code: int = 0) -> str:
        done = lamplighter(*words, "--data", "data", folder=tmp_path)
        assert done.returncode == code, done.stderr
        return done.stdout if code == 0 or done.stdout else done.stderr

    link = run("users", "invite", "wang", "--role", "operator@zone:a", "--author", "root")
    assert link.startswith("/#/enter/")
    assert "no district 'x'" in run(
        "users", "invite", "zhou", "--role", "viewer@district:x", "--author", "root", code=1
    )
    (user,) = json.loads(run("users", "list", "--format", "json"))
    assert (user["id"], user["roles"], user["has_password"]) == ("wang", "operator@zone:a", False)
    lines = json.loads(run("audit", "list", "--format", "json"))
    assert [(one["actor"], one["action"], one["outcome"]) for one in lines] == [
        ("root", "invite user", "refused"),
        ("root", "invite user", "done"),
    ]
    exported = [json.loads(line) for line in run("audit", "export").splitlines()]
    head = exported[-1]["hash"]
    assert link.removeprefix("/#/enter/").strip() not in json.dumps(exported)
    assert head in run("audit", "verify", "--head", head)

    with sqlite3.connect(tmp_path / "data" / "lamplighter.db") as db:
        db.execute("DROP TRIGGER audit_stays")
        db.execute("UPDATE audit SET actor = 'eve' WHERE number = 1")
    db.close()
    assert "BROKEN at line 1" in run("audit", "verify", code=1)
