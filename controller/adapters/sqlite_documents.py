"""Documents in the store's tables: every revision of each, and what was in force together.

Works within a transaction that the store has begun.
"""

import sqlite3
import time
import zlib
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from controller.errors import ConfigurationError, StoreError
from controller.ports.store import Revision
from schedules import Plan, Site
from zones import Inventory
from zones.said import kept, read_kept

REVISIONS: Final = (
    "SELECT number, saved_at, author, comment, inventory, plan, restores FROM revision"
)


def refuse_misfit(inventory: Inventory, plan: Plan) -> None:
    """Raise `ConfigurationError` where the plan names what the inventory lacks."""
    try:
        Site(inventory=inventory, plan=plan)
    except ValidationError as error:
        told = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ConfigurationError(
            f"inventory and plan do not fit, nothing changed: {told}; "
            "'lamplighter apply' changes both together"
        ) from error


def newest(db: sqlite3.Connection) -> Revision | None:
    """The revision in force."""
    row = db.execute(f"{REVISIONS} ORDER BY number DESC LIMIT 1").fetchone()
    return None if row is None else revision_of(row)


def revision_of(row: tuple[Any, ...]) -> Revision:
    """A row of `REVISIONS`."""
    found = Revision(*row)
    return found._replace(comment=read_kept(found.comment))


def add_revision(
    db: sqlite3.Connection,
    inventory: int | None,
    plan: int | None,
    author: str,
    comment: str,
    restores: int | None = None,
) -> int:
    """Put an inventory and a plan in force together; returns the revision's number."""
    (number,) = db.execute(
        "INSERT INTO revision (saved_at, author, comment, inventory, plan, restores) "
        "VALUES (?, ?, ?, ?, ?, ?) RETURNING number",
        (int(time.time()), author, kept(comment), inventory, plan, restores),
    ).fetchone()
    return int(number)


def keep_document(
    db: sqlite3.Connection, name: str, text: str, in_force: int | None, path: Path
) -> int:
    """The document's revision, a new one where its text is not the one in force."""
    if in_force is not None:
        (body,) = db.execute(
            "SELECT body FROM document WHERE name = ? AND revision = ?", (name, in_force)
        ).fetchone()
        if unpacked(body, name, path) == text.encode():
            return in_force
    return add_document(db, name, text)


def add_document(db: sqlite3.Connection, name: str, text: str) -> int:
    """Keep a new revision of one document; returns its number."""
    (revision,) = db.execute(
        "INSERT INTO document (name, revision, saved_at, body) "
        "SELECT ?, coalesce(max(revision), 0) + 1, ?, ? FROM document WHERE name = ? "
        "RETURNING revision",
        (name, int(time.time()), zlib.compress(text.encode(), level=6), name),
    ).fetchone()
    return int(revision)


def unpacked(body: object, name: str, path: Path) -> bytes:
    """The JSON of a stored document; raises `StoreError` where it is damaged."""
    assert isinstance(body, bytes)
    try:
        return zlib.decompress(body)
    except zlib.error as error:
        raise StoreError(f"store {str(path)!r}: document {name!r} is damaged") from error
