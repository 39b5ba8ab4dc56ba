"""Write ``tests/fakes/stored/version_N.sql``: a store as version N of it stood on a disk.

Versions 1, 2 and 5 were written by the Lamplighter of that version, in a simulated night with 24
luminaires (5 with the rows of 3 and 4 put in). The others are the one before, brought up by the
migration between them, with rows in what that added. What was published is never made anew. Run
it with the number of a version whose migration is not published yet:

    python -m tests.reference.make_stored_versions 8
"""

import importlib.resources
import sqlite3
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "fakes/stored"

_ADDED = {
    3: """
        INSERT INTO sensor VALUES ('r', 's', 'd', 1.79e9, 12.5, 1.79e9, 'believed', 1.79e9, 1, 0.0);
        INSERT OR REPLACE INTO clock VALUES (1, 1790000000.5);
    """,
    4: """
        INSERT INTO alarm VALUES (1, 'lamp_failure', 'warning', 'luminaire', 'L-1', 1.79e9, 1.79e9,
            NULL, '', 1, 1, 1, 'dark', 1.79e9, 'li', 'a crew is sent');
        INSERT INTO alarm VALUES (2, 'offline', 'warning', 'zone', 'z', 1.79e9, 1.79e9, 1.7901e9,
            'cleared', 0, 3, 9, '', NULL, NULL, NULL);
        INSERT INTO alarm_luminaire VALUES (1, 'L-1');
    """,
    6: """
        INSERT INTO person VALUES ('li', 'Li Na', '$argon2id$of-a-test', 'zh', 0, 1790000000.0);
        INSERT INTO guess VALUES (x'01', 3, 0.0, 1790000001.0);
        INSERT INTO familiar VALUES ('li', '10.0.0.7', 1790000002.0);
        INSERT INTO person_grant VALUES ('user:li', 'admin', 'city', '');
        INSERT INTO pass VALUES (x'02', 'token', 'k1', 'li', 'scraper', '', 1.79e9, 1.9e9, 1.79e9);
        INSERT INTO approval (kind, body, summary, reasons, zones, asked_by, asked_at, expires_at,
            state) VALUES ('edit', x'7b7d', 'darker', '[]', '[]', 'li', 1.79e9, 1.8e9, 'open');
        INSERT INTO audit (at, actor, via, address, action, subject, outcome, detail, hash)
            VALUES (1.79e9, 'li', 'console', '10.0.0.7', 'sign in', 'li', 'done', '', x'03');
    """,
    7: "INSERT INTO answer VALUES (x'04', x'05', 200, '{}', x'7b7d', 1790000003.0);",
    8: """
        INSERT INTO work_order (title, state, luminaires, created_at, created_by, changed_at)
            VALUES ('lamp is dark', 'open', '[]', 1.79e9, 'li', 1.79e9);
        INSERT INTO work_order_step VALUES (1, 1.79e9, 'li', 'open', '', 'begun');
        INSERT INTO rollout (state, base, plan, stages, reached, revision, comment, author,
            started_at, changed_at)
            VALUES ('ended', 1, x'7b7d', '[]', 1, 2, 'by district', 'li', 1.79e9, 1.79e9);
        INSERT INTO inventory_import (state, base, inventory, report, author, made_at)
            VALUES ('read', 1, x'7b7d', '{}', 'li', 1.79e9);
    """,
    9: "UPDATE work_order SET intent = x'06' WHERE number = 1;",
}


def stored(number: int) -> str:
    """The statements that make a store of a version."""
    return (FOLDER / f"version_{number}.sql").read_text(encoding="utf-8")


def dumped(db: sqlite3.Connection) -> str:
    """A database as statements, its version with it."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return "\n".join([*db.iterdump(), f"PRAGMA user_version = {version};", ""])


def put_in(db: sqlite3.Connection, number: int) -> None:
    """Rows for the tables that came with a version."""
    db.executescript(_ADDED[number])


def _make(number: int) -> None:
    folder = importlib.resources.files("controller.adapters") / "migrations"
    scripts = sorted((one.name, one) for one in folder.iterdir() if one.name.endswith(".sql"))
    db = sqlite3.connect(":memory:")
    db.executescript(stored(number - 1))
    db.executescript(scripts[number - 1][1].read_text(encoding="utf-8"))
    put_in(db, number)
    db.execute(f"PRAGMA user_version = {number}")
    (FOLDER / f"version_{number}.sql").write_text(dumped(db), encoding="utf-8")
    db.close()


if __name__ == "__main__":
    _make(int(sys.argv[1]))
