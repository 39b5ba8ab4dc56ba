"""Whole copies of the store beside it, and the way back from one.

A copy is read back and checked before it takes the place of the one before. A store that is
damaged is never deleted: it is moved aside under a name of its own.
"""

import contextlib
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from controller.errors import StoreError

BACKUP_SUFFIX = ".backup"
_OLDER_SUFFIX = ".backup-older"
_PART_SUFFIX = ".backup-part"
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_UNREADABLE = (
    sqlite3.SQLITE_IOERR_READ,
    sqlite3.SQLITE_IOERR_SHORT_READ,
    sqlite3.SQLITE_IOERR_CORRUPTFS,
)
_PAGES_A_STEP = 2_000
_STEP_PAUSE_S = 0.005


def copies(path: Path) -> list[Path]:
    """Where copies of a store are, the newest first, there or not."""
    return [path.with_name(path.name + suffix) for suffix in (BACKUP_SUFFIX, _OLDER_SUFFIX)]


def last_backup_at(path: Path) -> float:
    """Unix seconds UTC of the newest copy, 0 for none."""
    with contextlib.suppress(OSError):
        return copies(path)[0].stat().st_mtime
    return 0.0


def back_up(path: Path) -> float:
    """Copy a store while it is in use; returns when, Unix seconds UTC. Raises `StoreError`."""
    newest, older = copies(path)
    part = path.with_name(path.name + _PART_SUFFIX)
    copy_whole(path, part, pages=_PAGES_A_STEP)
    try:
        if newest.exists():
            newest.replace(older)
        part.replace(newest)
        _flush(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise StoreError(f"store {str(path)!r} cannot be copied: {error}") from error
    return time.time()


def copy_whole(path: Path, to: Path, *, pages: int = -1) -> None:
    """Copy a store to a file of its own, read it back and check it; it may be in use.

    ``pages`` at a time, so that a writer in this process gets its turn in between; -1: at one
    go, for a reader in another process, whose copy would begin anew with each write. Raises
    `StoreError`; then no copy is left.
    """
    try:
        to.unlink(missing_ok=True)
        with _opened(path, "ro") as source, _opened(to, "rwc") as target:
            source.backup(target, pages=pages, sleep=_STEP_PAUSE_S)
            # A copy is one file: no log beside it.
            target.execute("PRAGMA journal_mode = DELETE")
        fault = damage(to)
        if fault:
            to.unlink()
            raise StoreError(
                f"store {str(path)!r}: a copy of it is not whole ({fault}): the last one stays"
            )
        _flush(to)
    except (OSError, sqlite3.Error) as error:
        with contextlib.suppress(OSError):
            to.unlink(missing_ok=True)
        raise StoreError(f"store {str(path)!r} cannot be copied: {error}") from error


def damage(path: Path) -> str:
    """What is wrong with a database file, in one line; empty where it is whole.

    Raises `sqlite3.Error` where it cannot be told: on a full disk a whole file may be refused.
    """
    try:
        with _opened(path, "ro") as db:
            found = [str(row[0]) for row in db.execute("PRAGMA integrity_check(1)")]
            is_ours = db.execute("PRAGMA user_version").fetchone()[0] > 0
    except sqlite3.Error as error:
        if not _tells_damage(error):
            raise
        return str(error)
    if found != ["ok"]:
        return " ".join(found[0].split())
    return "" if is_ours else "it holds nothing"


def newest_whole_copy(path: Path) -> Path | None:
    """The newest copy that is whole; None where there is none."""
    for copy in copies(path):
        with contextlib.suppress(sqlite3.Error):
            if copy.is_file() and not damage(copy):
                return copy
    return None


def restore(path: Path, copy: Path) -> Path | None:
    """Move a damaged store aside and put a copy in its place; returns where it is now.

    The caller holds the lock of the folder. Raises `StoreError`.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    part = path.with_name(path.name + ".restore-part")
    try:
        # First the copy in full, so that a full disk leaves all as it was.
        shutil.copyfile(copy, part)
        _flush(part)
        is_there = path.exists()
        if is_there:
            path.replace(aside)
        for suffix in ("-wal", "-shm"):
            log = path.with_name(path.name + suffix)
            if log.exists():
                log.replace(aside.with_name(aside.name + suffix))
        part.replace(path)
        _flush(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise StoreError(
            f"store {str(path)!r} is damaged, and its copy {str(copy)!r} cannot take its place: "
            f"{error}"
        ) from error
    return aside if is_there else None


def _tells_damage(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is None or code & 0xFF in _DAMAGED or code in _UNREADABLE


@contextlib.contextmanager
def _opened(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=10, check_same_thread=False
    )
    try:
        yield db
    finally:
        db.close()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
