"""Answers to actions that may be repeated, in the store."""

import sqlite3

from controller.ports.answers import Answer

_COLUMNS = "digest, request, status, headers, body, at"


def answer(db: sqlite3.Connection, digest: bytes) -> Answer | None:
    """What was answered."""
    found = db.execute(f"SELECT {_COLUMNS} FROM answer WHERE digest = ?", (digest,)).fetchone()
    return None if found is None else Answer(*found)


def keep_answer(db: sqlite3.Connection, kept: Answer, since: float, most: int) -> None:
    """Keep it; those before ``since`` and the oldest above ``most`` go."""
    db.execute(f"INSERT OR REPLACE INTO answer ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", kept)
    db.execute("DELETE FROM answer WHERE at < ?", (since,))
    db.execute(
        "DELETE FROM answer WHERE digest IN "
        "(SELECT digest FROM answer ORDER BY at DESC LIMIT -1 OFFSET ?)",
        (most,),
    )
