"""Counters in the store's tables: epochs of controllers, revisions on the wire.

Works within a transaction that the store has begun. Nothing here ever lowers a count.
"""

import sqlite3

from controller.ports.store import Epochs


def epochs(db: sqlite3.Connection) -> Epochs:
    """How far the site's controllers have counted."""
    rows = db.execute("SELECT name, value FROM counter WHERE name IN ('epoch', 'epoch_led')")
    found = {str(name): int(value) for name, value in rows}
    return Epochs(known=found.get("epoch", 0), led=found.get("epoch_led", 0))


def lead(db: sqlite3.Connection, above: int) -> int:
    """Take an epoch above all that is known and ``above``; returns it."""
    (value,) = db.execute(
        "INSERT INTO counter (name, value) VALUES ('epoch', ?1 + 1) "
        "ON CONFLICT (name) DO UPDATE SET value = max(value, ?1) + 1 RETURNING value",
        (above,),
    ).fetchone()
    db.execute("INSERT OR REPLACE INTO counter (name, value) VALUES ('epoch_led', ?)", (value,))
    return int(value)


def follow(db: sqlite3.Connection, epoch: int, rev: int) -> None:
    """Another controller leads with ``epoch`` and has given revisions up to ``rev``."""
    lift(db, "epoch", epoch)
    lift(db, "rev", rev)
    db.execute("INSERT OR REPLACE INTO counter (name, value) VALUES ('epoch_led', 0)")


def reserve_revs(db: sqlite3.Connection, count: int) -> int:
    """Take ``count`` wire revisions; returns the first."""
    (value,) = db.execute(
        "INSERT INTO counter (name, value) VALUES ('rev', ?) "
        "ON CONFLICT (name) DO UPDATE SET value = value + excluded.value RETURNING value",
        (count,),
    ).fetchone()
    return int(value) - count + 1


def last_rev(db: sqlite3.Connection) -> int:
    """The highest wire revision that was taken; 0 for none."""
    row = db.execute("SELECT value FROM counter WHERE name = 'rev'").fetchone()
    return 0 if row is None else int(row[0])


def lift(db: sqlite3.Connection, name: str, at_least: int) -> None:
    """Let a counter stand at ``at_least`` or above."""
    db.execute(
        "INSERT INTO counter (name, value) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
        (name, at_least),
    )
