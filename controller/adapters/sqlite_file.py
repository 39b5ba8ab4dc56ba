"""The store's file: opened, locked, brought up to date, restored from a copy; transactions.

Write-ahead log, synchronous FULL, one writer. Migrations are the numbered files in
``migrations/``; ``PRAGMA user_version`` says which have run. A store from a newer version is
refused, never touched. Knows nothing of what the tables mean, the counters excepted.
"""

import fcntl
import importlib.resources
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Self, TypeVar

from controller.adapters import sqlite_backup, sqlite_counters
from controller.adapters.sentences import SAY
from controller.errors import StoreDamaged, StoreError, StoreInUse, StoreTooNew

_T = TypeVar("_T")

FILE_NAME = "lamplighter.db"
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_LOST_EPOCHS = 1_000
_LOST_REVS = 2**26
"""More than are given out between two copies."""
_FILES = ("", "-wal", "-shm")
_LOCK_NAME = "lamplighter.lock"
_OF_THE_DISK = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)


def _migrations() -> list[str]:
    folder = importlib.resources.files("controller.adapters") / "migrations"
    return [
        entry.read_text(encoding="utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".sql")
    ]


def newest_version() -> int:
    """Version of the store that this Lamplighter writes."""
    return len(_migrations())


def stored_version(path: Path) -> int:
    """Version of a store's file; raises `StoreError` where it cannot be told."""
    try:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)
        try:
            return int(db.execute("PRAGMA user_version").fetchone()[0])
        finally:
            db.close()
    except sqlite3.Error as error:
        raise StoreError(SAY("store_unopened", path=str(path), why=error)) from error


@contextmanager
def folder_lock(data: Path) -> Iterator[None]:
    """Keep every other process off a data folder; raises `StoreInUse`."""
    held = _lock(data)
    try:
        yield
    finally:
        held.close()


class SqliteFile:
    """A database file in a data folder. Thread-safe; one process at a time may write.

    Raises `StoreError` naming the folder where it cannot be opened, locked or read, and
    `StoreTooNew` for a store of a newer version.
    """

    def __init__(self, data: Path, *, read_only: bool = False, restores: bool = False) -> None:
        """With ``restores`` a damaged store is moved aside, and its last whole copy is put in
        its place."""
        self._path = data / FILE_NAME
        self.notice = ""
        """What people must know of how the store was opened; empty for nothing."""
        self._mutex = threading.Lock()
        self._lock_file: IO[str] | None = None
        self._is_cramped = False
        self._told: Callable[[float], None] | None = None
        self._held: dict[Path, tuple[int, int] | None] = {}
        """Device and number of the files that are open, as far as they are known."""
        try:
            if read_only:
                if not self._path.is_file():
                    raise StoreError(f"data folder {str(data)!r} holds no {FILE_NAME}")
                # A folder that we may not write cannot hold the log's index; then nobody
                # writes there either, or not as us.
                mode = "mode=ro" if os.access(data, os.W_OK) else "immutable=1"
                uri = f"{self._path.resolve().as_uri()}?{mode}"
                self._db = sqlite3.connect(uri, uri=True, check_same_thread=False, timeout=10)
                if not self._check_version(len(_migrations())):
                    raise StoreError(
                        f"store {str(self._path)!r} is empty: nothing was ever saved in it, or it "
                        "was emptied; 'lamplighter run' starts from its last whole copy"
                    )
            else:
                # People's digests and addresses are in it: its owner's alone, if it is new.
                data.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._lock_file = _lock(data)
                copy = self._restored() if restores else None
                self._db = self._open_to_write()
                self._migrate()
                self._refuse_lost_files()
                if copy is not None:
                    self._count_above_the_lost()
        except sqlite3.DatabaseError as error:
            self._unlock()
            raise self._failure(error, is_opened=True) from error
        except (OSError, sqlite3.Error) as error:
            self._unlock()
            raise StoreError(SAY("store_unopened", path=str(self._path), why=error)) from error
        except StoreError:
            self._unlock()
            raise

    def _open_to_write(self) -> sqlite3.Connection:
        """Open the file; where the disk has no room for the log's index, without one.

        Then nobody else can read it, but a controller can start, and lead the street.
        """
        self._is_cramped = False
        try:
            return self._connected()
        except sqlite3.OperationalError as error:
            if not _is_of_the_disk(error):
                raise
            db = self._connected("PRAGMA locking_mode = EXCLUSIVE")
            self._is_cramped = True
            return db

    def _connected(self, *first: str) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, check_same_thread=False, timeout=10, isolation_level=None)
        try:
            for words in (*first, "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"):
                db.execute(words)
            db.execute("PRAGMA user_version").fetchone()
        except sqlite3.Error:
            db.close()
            raise
        return db

    def _restored(self) -> Path | None:
        """Put the last whole copy in the place of a damaged store; None where it is whole."""
        path = self._path
        is_there = path.is_file() and path.stat().st_size > 0
        if not is_there and not any(copy.is_file() for copy in sqlite_backup.copies(path)):
            return None  # a new folder
        try:
            fault = sqlite_backup.damage(path) if is_there else "it is gone or empty"
        except sqlite3.Error:
            return None  # not to be told on such a disk: opening it will say more
        if not fault:
            return None
        copy = sqlite_backup.newest_whole_copy(path)
        if copy is None:
            raise StoreDamaged(
                f"store {str(path)!r} is damaged ({fault}), and no whole copy is beside it: "
                "restore a backup of the file, or move it away and import the inventory again"
            )
        made_at = datetime.fromtimestamp(copy.stat().st_mtime, UTC)
        aside = sqlite_backup.restore(path, copy)
        when = f"{made_at:%Y-%m-%d %H:%M}"
        self.notice = (
            SAY("was_restored", path=str(path), fault=fault, made_at=when)
            if aside is None
            else SAY(
                "was_restored_aside", path=str(path), fault=fault, made_at=when, aside=aside.name
            )
        )
        return copy

    def _count_above_the_lost(self) -> None:
        """What was given out since the copy was made is unknown: begin well above it."""
        with self._transaction() as db:
            sqlite_counters.follow(
                db,
                sqlite_counters.epochs(db).known + _LOST_EPOCHS,
                sqlite_counters.last_rev(db) + _LOST_REVS,
            )

    def _failure(self, error: sqlite3.Error, *, is_opened: bool = False) -> StoreError:
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None and code & 0xFF in _DAMAGED:
            return StoreDamaged(SAY("store_damaged", path=str(self._path), why=error))
        return StoreError(
            SAY("store_unopened" if is_opened else "store_failed", path=str(self._path), why=error)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def watch_commits(self, told: Callable[[float], None]) -> None:
        """Call ``told`` with the seconds of each commit, from the thread that made it."""
        self._told = told

    def size_bytes(self) -> int:
        """Bytes of the store on the disk: the file, its write-ahead log and the log's index.

        Without the copies beside it.
        """
        size = 0
        for ending in _FILES:
            # The log comes and goes; a disk that does not answer has none to show.
            with suppress(OSError):
                size += self._path.with_name(FILE_NAME + ending).stat().st_size
        return size

    def close(self) -> None:
        """Give the data folder back."""
        with self._mutex:
            self._db.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None

    def _check_version(self, known: int) -> int:
        found = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        if found > known:
            raise StoreTooNew(
                f"store {str(self._path)!r} has version {found}, this Lamplighter knows {known}: "
                "install the newer version again or restore a backup"
            )
        return found

    def _migrate(self) -> None:
        scripts = _migrations()
        found = self._check_version(len(scripts))
        for number, script in enumerate(scripts[found:], start=found + 1):
            try:
                self._db.executescript(
                    f"BEGIN EXCLUSIVE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;"
                )
            except sqlite3.Error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._mutex:
            self._refuse_lost_files()
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                begun = time.perf_counter()
                self._db.execute("COMMIT")
                if self._told is not None:
                    self._told(time.perf_counter() - begun)
                if self._is_cramped:
                    # There is room again: let others read, too.
                    self._db.close()
                    self._db = self._open_to_write()
                    self._held.clear()
            except sqlite3.Error as error:
                self._roll_back()
                raise self._failure(error) from error
            except BaseException:
                self._roll_back()
                raise

    def _refuse_lost_files(self) -> None:
        """Write nothing to a file that has no name any more: it would be gone with the process.

        An open file outlives its name, so nothing else would tell.
        """
        for path in (self._path, self._path.with_name(f"{FILE_NAME}-wal")):
            try:
                found = path.stat()
            except FileNotFoundError:
                present = None
            except OSError as error:
                raise StoreError(SAY("store_unseen", path=str(path), why=error)) from error
            else:
                present = found.st_dev, found.st_ino
            # The log comes with the first write and stays while the store is open.
            held = self._held.setdefault(path, present)
            if held is None:
                self._held[path] = present
            elif present != held:
                raise StoreError(
                    SAY("store_deleted" if present is None else "store_replaced", path=str(path))
                )

    def _roll_back(self) -> None:
        # SQLite itself may have done so already, and an unreadable disk may refuse even this:
        # the error that led here is the one to tell.
        with suppress(sqlite3.Error):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def _rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with self._mutex:
            try:
                return self._db.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise self._failure(error) from error

    def _has(self, since: int) -> bool:
        """False for a reader of a store that no writer has brought up to version `since` yet."""
        ((version,),) = self._rows("PRAGMA user_version")
        return int(str(version)) >= since

    def _read(self, read: Callable[[sqlite3.Connection], _T]) -> _T:
        with self._mutex:
            try:
                return read(self._db)
            except sqlite3.Error as error:
                raise self._failure(error) from error


def _lock(data: Path) -> IO[str]:
    lock_file = (data / _LOCK_NAME).open("a+", encoding="ascii")
    try:
        fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock_file.seek(0)
        holder = lock_file.read().strip() or "unknown"
        lock_file.close()
        raise StoreInUse(
            f"data folder {str(data)!r} is in use by process {holder}: stop it first, "
            "or give another folder with --data"
        ) from error
    # The lock is what counts; on a full disk the number goes missing.
    with suppress(OSError):
        os.ftruncate(lock_file.fileno(), 0)
        os.write(lock_file.fileno(), f"{os.getpid()}\n".encode())
    return lock_file


def _is_of_the_disk(error: sqlite3.Error) -> bool:
    """Whether the disk is at fault, not what stands on it."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _OF_THE_DISK
