"""The store on SQLite: write-ahead log, synchronous FULL, one writer.

Migrations are the numbered files in ``migrations/``; ``PRAGMA user_version`` says which
have run. A store from a newer version is refused, never touched.
"""

import fcntl
import importlib.resources
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self, TypeVar

from pydantic import ValidationError

from controller.adapters import sqlite_alarms, sqlite_clock
from controller.adapters.sqlite_documents import (
    REVISIONS,
    add_document,
    add_revision,
    keep_document,
    newest,
    refuse_misfit,
    unpacked,
)
from controller.errors import NoSuchRevision, StoreError, StoreTooNew
from controller.ports.alarms import Acknowledgement, Alarm, AlarmChanges
from controller.ports.store import (
    MeterMark,
    Published,
    ReportedState,
    Revision,
    ZoneEnergy,
)
from schedules import Plan, Site, default_plan
from zones import Inventory

_T = TypeVar("_T")

FILE_NAME = "lamplighter.db"
_LOCK_NAME = "lamplighter.lock"
_REVISIONS_SINCE = 2
"""Version of the store that keeps states of the documents."""


def _migrations() -> list[str]:
    folder = importlib.resources.files("controller.adapters") / "migrations"
    return [
        entry.read_text(encoding="utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".sql")
    ]


class SqliteStore:
    """A site's store in a data folder. Thread-safe; one process at a time may write.

    Raises `StoreError` naming the folder where it cannot be opened, locked or read, and
    `StoreTooNew` for a store of a newer version.
    """

    def __init__(self, data: Path, *, read_only: bool = False) -> None:
        self._path = data / FILE_NAME
        self._mutex = threading.Lock()
        self._lock_file: IO[str] | None = None
        try:
            if read_only:
                if not self._path.is_file():
                    raise StoreError(f"data folder {str(data)!r} holds no {FILE_NAME}")
                # A folder that we may not write cannot hold the log's index; then nobody
                # writes there either, or not as us.
                mode = "mode=ro" if os.access(data, os.W_OK) else "immutable=1"
                uri = f"{self._path.resolve().as_uri()}?{mode}"
                self._db = sqlite3.connect(uri, uri=True, check_same_thread=False, timeout=10)
                self._check_version(len(_migrations()))
            else:
                data.mkdir(parents=True, exist_ok=True)
                self._lock_file = _lock(data)
                self._db = sqlite3.connect(
                    self._path, check_same_thread=False, timeout=10, isolation_level=None
                )
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = FULL")
                self._migrate()
        except (OSError, sqlite3.Error) as error:
            self._unlock()
            raise StoreError(f"store {str(self._path)!r} cannot be opened: {error}") from error
        except StoreError:
            self._unlock()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

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
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise StoreError(f"store {str(self._path)!r}: {error}") from error
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with self._mutex:
            try:
                return self._db.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise StoreError(f"store {str(self._path)!r}: {error}") from error

    def load_site(self, number: int | None = None) -> Site | None:
        """Inventory and plan in force, or of a revision; the default plan where none was saved."""
        inventory_revision, plan_revision = self._documents_of(number)
        if inventory_revision is None:
            return None
        try:
            inventory = Inventory.model_validate_json(
                self._document("inventory", inventory_revision)
            )
            plan = (
                default_plan(inventory)
                if plan_revision is None
                else Plan.model_validate_json(self._document("plan", plan_revision))
            )
            return Site(inventory=inventory, plan=plan)
        except ValidationError as error:
            raise StoreError(
                f"store {str(self._path)!r} holds an unreadable document: {error}"
            ) from error

    def save_site(self, site: Site, *, author: str, comment: str) -> int:
        """Put inventory and plan in force together, in one transaction.

        Makes no revision where both stand so already.
        """
        texts = {
            "inventory": site.inventory.model_dump_json(),
            "plan": site.plan.model_dump_json(),
        }
        with self._transaction() as db:
            present = newest(db)
            in_force = dict.fromkeys(texts) if present is None else present._asdict()
            wanted = {
                name: keep_document(db, name, text, in_force[name], self._path)
                for name, text in texts.items()
            }
            if present is not None and all(wanted[name] == in_force[name] for name in wanted):
                return present.number
            return add_revision(db, wanted["inventory"], wanted["plan"], author, comment)

    def rollback(self, number: int, *, author: str, comment: str) -> int:
        """Put the content of an old revision in force as a new one."""
        with self._transaction() as db:
            row = db.execute(f"{REVISIONS} WHERE number = ?", (number,)).fetchone()
            if row is None:
                raise NoSuchRevision(self._missing(number))
            old = Revision(*row)
            return add_revision(db, old.inventory, old.plan, author, comment, restores=number)

    def revisions(self) -> list[Revision]:
        """Every revision, the oldest first."""
        if self._is_before_revisions():
            return []
        rows = self._rows(f"{REVISIONS} ORDER BY number")
        return [Revision(*row) for row in rows]  # type: ignore[arg-type]  # the table is STRICT

    def save_inventory(self, inventory: Inventory, *, author: str = "", comment: str = "") -> int:
        """Keep a new revision of the inventory document and return its number, from 1.

        Raises `ConfigurationError` where the plan in force names what it lacks.
        """
        _, plan_revision = self._documents_of(None)
        if plan_revision is not None:
            plan = Plan.model_validate_json(self._document("plan", plan_revision))
            refuse_misfit(inventory, plan)
        return self._save_document("inventory", inventory.model_dump_json(), author, comment)

    def save_plan(self, plan: Plan, *, author: str = "", comment: str = "") -> int:
        """Keep a new revision of the plan document and return its number, from 1.

        Raises `ConfigurationError` where it names what the inventory in force lacks.
        """
        inventory_revision, _ = self._documents_of(None)
        if inventory_revision is not None:
            document = self._document("inventory", inventory_revision)
            refuse_misfit(Inventory.model_validate_json(document), plan)
        return self._save_document("plan", plan.model_dump_json(), author, comment)

    def revision(self, name: str) -> int:
        """Newest revision of document ``name``, 0 for none."""
        (row,) = self._rows("SELECT coalesce(max(revision), 0) FROM document WHERE name = ?", name)
        return int(str(row[0]))

    def _is_before_revisions(self) -> bool:
        """Whether this is a reader of a store that no writer has brought up to date yet."""
        ((version,),) = self._rows("PRAGMA user_version")
        return int(str(version)) < _REVISIONS_SINCE

    def _documents_of(self, number: int | None) -> tuple[int | None, int | None]:
        if self._is_before_revisions():
            if number is not None:
                raise NoSuchRevision(self._missing(number))
            return self.revision("inventory") or None, self.revision("plan") or None
        kept = self.revisions()
        if number is None:
            return (kept[-1].inventory, kept[-1].plan) if kept else (None, None)
        for one in kept:
            if one.number == number:
                return one.inventory, one.plan
        raise NoSuchRevision(self._missing(number))

    def _missing(self, number: int) -> str:
        return (
            f"revision {number} is not in store {str(self._path)!r}; "
            "'lamplighter history' lists what is"
        )

    def _document(self, name: str, revision: int) -> bytes:
        rows = self._rows(
            "SELECT body FROM document WHERE name = ? AND revision = ?", name, revision
        )
        if not rows:
            raise StoreError(f"store {str(self._path)!r}: {name} revision {revision} is missing")
        return unpacked(rows[0][0], name, self._path)

    def _save_document(self, name: str, text: str, author: str, comment: str) -> int:
        with self._transaction() as db:
            present = newest(db)
            in_force = {
                "inventory": present.inventory if present else None,
                "plan": present.plan if present else None,
                name: add_document(db, name, text),
            }
            add_revision(db, in_force["inventory"], in_force["plan"], author, comment)
        saved = in_force[name]
        assert saved is not None, "just saved"
        return saved

    def _count_up(self, name: str, by: int) -> int:
        with self._transaction() as db:
            (value,) = db.execute(
                "INSERT INTO counter (name, value) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET value = value + excluded.value RETURNING value",
                (name, by),
            ).fetchone()
        return int(value)

    def next_epoch(self) -> int:
        """Count up and return the epoch: one for each start of a controller."""
        return self._count_up("epoch", 1)

    def reserve_revs(self, count: int) -> int:
        """Take ``count`` wire revisions; returns the first."""
        return self._count_up("rev", count) - count + 1

    def lift_revs(self, at_least: int) -> None:
        """Let the next revision be above ``at_least``; never lowers."""
        with self._transaction() as db:
            db.execute(
                "INSERT INTO counter (name, value) VALUES ('rev', ?) "
                "ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
                (at_least,),
            )

    def published(self) -> Mapping[tuple[str, str, str], Published]:
        """All that was published retained, by (owner, id, leaf)."""
        rows = self._rows("SELECT owner, id, leaf, rev, payload FROM published")
        found = [Published(*row) for row in rows]  # type: ignore[arg-type]  # the table is STRICT
        return {(row.owner, row.id, row.leaf): row for row in found}

    def save_published(self, messages: Iterable[Published]) -> None:
        """Remember messages before they are sent."""
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO published VALUES (?, ?, ?, ?, ?)", messages)

    def reported(self) -> list[ReportedState]:
        """The last state of each luminaire."""
        rows = self._rows("SELECT luminaire, received_at, payload FROM reported")
        return [ReportedState(*row) for row in rows]  # type: ignore[arg-type]  # the table is STRICT

    def save_night(
        self,
        reported: Iterable[ReportedState],
        energy: Iterable[ZoneEnergy],
        marks: Iterable[MeterMark],
    ) -> None:
        """Keep states, energy totals and meter marks together, all or none."""
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO reported VALUES (?, ?, ?)", reported)
            db.executemany("INSERT OR REPLACE INTO energy VALUES (?, ?, ?, ?)", energy)
            db.executemany("INSERT OR REPLACE INTO meter VALUES (?, ?, ?, ?)", marks)

    def energy(self) -> list[ZoneEnergy]:
        """Energy totals by zone."""
        rows = self._rows("SELECT zone, metered_j, modelled_j, baseline_j FROM energy")
        return [ZoneEnergy(*row) for row in rows]  # type: ignore[arg-type]  # the table is STRICT

    def marks(self) -> list[MeterMark]:
        """Meter marks by luminaire."""
        rows = self._rows("SELECT luminaire, closed_at, meter_at, meter_wh FROM meter")
        return [MeterMark(*row) for row in rows]  # type: ignore[arg-type]  # the table is STRICT

    def trusted_at(self) -> float | None:
        """The newest machine time that was trusted."""
        return self._read(sqlite_clock.trusted_at)

    def save_trusted_at(self, at: float) -> None:
        """Keep the newest trusted machine time."""
        with self._transaction() as db:
            sqlite_clock.save_trusted_at(db, at)

    def open_alarms(self) -> list[Alarm]:
        """Alarms that are not cleared, the oldest first."""
        return self._read(sqlite_alarms.open_alarms) if self._has_alarms() else []

    def past_alarms(self, since: float, until: float, limit: int) -> list[Alarm]:
        """Cleared alarms that were open at any time in [since, until), the newest first."""
        if not self._has_alarms():
            return []
        return self._read(lambda db: sqlite_alarms.past_alarms(db, since, until, limit))

    def alarm(self, alarm_id: int) -> Alarm | None:
        """One alarm; None where there is none of that number."""
        if not self._has_alarms():
            return None
        return self._read(lambda db: sqlite_alarms.one_alarm(db, alarm_id))

    def alarm_luminaires(self) -> list[tuple[int, str]]:
        """(alarm, luminaire) pairs of the open alarms."""
        return self._read(sqlite_alarms.alarm_luminaires) if self._has_alarms() else []

    def newest_alarm_id(self) -> int:
        """The highest number given to an alarm, 0 for none."""
        return self._read(sqlite_alarms.newest_alarm_id)

    def save_alarms(self, changes: AlarmChanges) -> None:
        """Keep alarms and who is affected; acknowledgements stay as they are."""
        with self._transaction() as db:
            sqlite_alarms.save_alarms(db, changes)

    def acknowledge_alarm(self, alarm: Alarm, acknowledgement: Acknowledgement) -> None:
        """Keep an acknowledgement, and the alarm itself where it was not kept yet."""
        with self._transaction() as db:
            sqlite_alarms.acknowledge_alarm(db, alarm, acknowledgement)

    def forget_alarms(self, cleared_before: float) -> int:
        """Drop what was cleared before an instant; returns how many."""
        with self._transaction() as db:
            return sqlite_alarms.forget_alarms(db, cleared_before)

    def _has_alarms(self) -> bool:
        """False for a reader of a store that no writer has brought up to date yet."""
        ((version,),) = self._rows("PRAGMA user_version")
        return int(str(version)) >= sqlite_alarms.SINCE

    def _read(self, read: Callable[[sqlite3.Connection], _T]) -> _T:
        with self._mutex:
            try:
                return read(self._db)
            except sqlite3.Error as error:
                raise StoreError(f"store {str(self._path)!r}: {error}") from error


def _lock(data: Path) -> IO[str]:
    lock_file = (data / _LOCK_NAME).open("a+", encoding="ascii")
    try:
        fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock_file.seek(0)
        holder = lock_file.read().strip() or "unknown"
        lock_file.close()
        raise StoreError(
            f"data folder {str(data)!r} is in use by process {holder}: stop it first, "
            "or give another folder with --data"
        ) from error
    lock_file.seek(0)
    lock_file.truncate()
    lock_file.write(f"{os.getpid()}\n")
    lock_file.flush()
    return lock_file
