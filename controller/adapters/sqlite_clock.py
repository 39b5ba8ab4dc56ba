"""The newest trusted instant, in SQLite. Takes the connection; transactions are the store's."""

import sqlite3


def save_trusted_at(db: sqlite3.Connection, at: float) -> None:
    """Keep ``at`` (Unix seconds UTC, machine time); what was kept before is forgotten.

    Not the highest: a time accepted by mistake must not be held against the clock for ever.
    """
    db.execute("INSERT OR REPLACE INTO clock VALUES (1, ?)", (at,))


def trusted_at(db: sqlite3.Connection) -> float | None:
    """The instant kept last; None where none was."""
    row = db.execute("SELECT trusted_at FROM clock").fetchone()
    return None if row is None else float(row[0])
