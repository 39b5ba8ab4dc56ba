"""The store on SQLite: write-ahead log, synchronous FULL, one writer.

Migrations are the numbered files in ``migrations/``; ``PRAGMA user_version`` says which
have run. A store from a newer version is refused, never touched.
"""

import fcntl
import importlib.resources
import os
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Self, TypeVar

from pydantic import ValidationError

from controller.adapters import (
    sqlite_alarms,
    sqlite_backup,
    sqlite_clock,
    sqlite_energy,
    sqlite_sensors,
)
from controller.adapters.sqlite_documents import (
    REVISIONS,
    add_document,
    add_revision,
    keep_document,
    newest,
    refuse_misfit,
    unpacked,
)
from controller.errors import (
    NoSuchRevision,
    StoreDamaged,
    StoreError,
    StoreInUse,
    StoreTooNew,
)
from controller.ports.alarms import Acknowledgement, Alarm, AlarmChanges
from controller.ports.energy import (
    EnergyRecord,
    EnergyState,
    IntervalEnergy,
    LuminaireNight,
    ZoneTotal,
)
from controller.ports.store import (
    Epochs,
    Published,
    ReportedState,
    Revision,
    SensorMemory,
)
from schedules import Plan, Site, default_plan
from zones import Inventory

_T = TypeVar("_T")

FILE_NAME = "lamplighter.db"
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_LOST_EPOCHS = 1_000
_LOST_REVS = 2**26
"""More than are given out between two copies."""
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

    def __init__(self, data: Path, *, read_only: bool = False, restores: bool = False) -> None:
        """With ``restores`` a damaged store is moved aside, and its last whole copy is put in
        its place."""
        self._path = data / FILE_NAME
        self.notice = ""
        """What people must know of how the store was opened; empty for nothing."""
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
                copy = self._restored() if restores else None
                self._db = sqlite3.connect(
                    self._path, check_same_thread=False, timeout=10, isolation_level=None
                )
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = FULL")
                self._migrate()
                if copy is not None:
                    self._count_above_the_lost()
        except sqlite3.DatabaseError as error:
            self._unlock()
            raise self._failure(error, " cannot be opened") from error
        except (OSError, sqlite3.Error) as error:
            self._unlock()
            raise StoreError(f"store {str(self._path)!r} cannot be opened: {error}") from error
        except StoreError:
            self._unlock()
            raise

    def _restored(self) -> Path | None:
        """Put the last whole copy in the place of a damaged store; None where it is whole."""
        path = self._path
        is_there = path.is_file() and path.stat().st_size > 0
        if not is_there and not any(copy.is_file() for copy in sqlite_backup.copies(path)):
            return None  # a new folder
        fault = sqlite_backup.damage(path) if is_there else "it is gone or empty"
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
        self.notice = (
            f"store {str(path)!r} was damaged ({fault}): it was started from its copy of "
            f"{made_at:%Y-%m-%d %H:%M} UTC; documents saved since then are missing"
            + (f"; the damaged file is kept as {aside.name}" if aside is not None else "")
        )
        return copy

    def _count_above_the_lost(self) -> None:
        """What was given out since the copy was made is unknown: begin well above it."""
        self.follow(self.epochs().known + _LOST_EPOCHS, self.last_rev() + _LOST_REVS)

    def _failure(self, error: sqlite3.Error, words: str = "") -> StoreError:
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None and code & 0xFF in _DAMAGED:
            return StoreDamaged(
                f"store {str(self._path)!r} is damaged: {error}; 'lamplighter run' starts from "
                "its last whole copy"
            )
        return StoreError(f"store {str(self._path)!r}{words}: {error}")

    def back_up(self) -> float:
        """Make a whole copy beside the store; returns when, Unix seconds UTC."""
        return sqlite_backup.back_up(self._path)

    def last_backup_at(self) -> float:
        """Unix seconds UTC of the newest copy, 0 for none."""
        return sqlite_backup.last_backup_at(self._path)

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
                raise self._failure(error) from error
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with self._mutex:
            try:
                return self._db.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise self._failure(error) from error

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

    def epochs(self) -> Epochs:
        """How far the site's controllers have counted."""
        rows = self._rows("SELECT name, value FROM counter WHERE name IN ('epoch', 'epoch_led')")
        found = {str(name): int(str(value)) for name, value in rows}
        return Epochs(known=found.get("epoch", 0), led=found.get("epoch_led", 0))

    def lead(self, above: int) -> int:
        """Take an epoch above all that is known and ``above``; returns it."""
        with self._transaction() as db:
            (value,) = db.execute(
                "INSERT INTO counter (name, value) VALUES ('epoch', ?1 + 1) "
                "ON CONFLICT (name) DO UPDATE SET value = max(value, ?1) + 1 RETURNING value",
                (above,),
            ).fetchone()
            db.execute(
                "INSERT OR REPLACE INTO counter (name, value) VALUES ('epoch_led', ?)", (value,)
            )
        return int(value)

    def follow(self, epoch: int, rev: int) -> None:
        """Another controller leads with ``epoch`` and has given revisions up to ``rev``."""
        with self._transaction() as db:
            for name, value in (("epoch", epoch), ("rev", rev)):
                _lift(db, name, value)
            db.execute("INSERT OR REPLACE INTO counter (name, value) VALUES ('epoch_led', 0)")

    def reserve_revs(self, count: int) -> int:
        """Take ``count`` wire revisions; returns the first."""
        return self._count_up("rev", count) - count + 1

    def last_rev(self) -> int:
        """The highest wire revision that was taken; 0 for none."""
        rows = self._rows("SELECT value FROM counter WHERE name = 'rev'")
        return int(str(rows[0][0])) if rows else 0

    def lift_revs(self, at_least: int) -> None:
        """Let the next revision be above ``at_least``; never lowers."""
        with self._transaction() as db:
            _lift(db, "rev", at_least)

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
        energy: EnergyRecord | None = None,
    ) -> None:
        """Keep states and, where given, the energy account together, all or none."""
        with self._transaction() as db:
            db.executemany("INSERT OR REPLACE INTO reported VALUES (?, ?, ?)", reported)
            if energy is not None:
                sqlite_energy.write(db, energy)

    def energy_state(self, used_since: int) -> EnergyState | None:
        """What the account goes on from; None before the first."""
        if not self._has(sqlite_energy.SINCE):
            return None
        return self._read(lambda db: sqlite_energy.read_state(db, used_since))

    def energy_totals(self) -> list[ZoneTotal]:
        """Energy by zone since commissioning."""
        if not self._has(sqlite_energy.SINCE):
            return []
        return self._read(sqlite_energy.read_totals)

    def intervals(
        self, since: int, until: int, zones: Collection[str] | None = None
    ) -> list[IntervalEnergy]:
        """Intervals that begin in [since, until), by zone and instant."""
        if not self._has(sqlite_energy.SINCE):
            return []
        return self._read(lambda db: sqlite_energy.read_intervals(db, since, until, zones))

    def energy_span(self) -> tuple[int, int] | None:
        """From when to when the account reaches, Unix s; None where there is none."""
        if not self._has(sqlite_energy.SINCE):
            return None
        return self._read(sqlite_energy.read_span)

    def luminaire_nights(
        self, first_day: date, last_day: date, luminaires: Collection[str] | None = None
    ) -> list[LuminaireNight]:
        """What luminaires used in control days, both included."""
        if not self._has(sqlite_energy.SINCE):
            return []
        return self._read(lambda db: sqlite_energy.read_nights(db, first_day, last_day, luminaires))

    def roll_up_energy(
        self,
        *,
        hours_before: int,
        days_before: int,
        day_start: Callable[[int], int],
        nights_before: date,
    ) -> None:
        """Sum up old intervals to hours and control days, forget old nights of luminaires."""
        with self._transaction() as db:
            sqlite_energy.roll_up(
                db,
                hours_before=hours_before,
                days_before=days_before,
                day_start=day_start,
                nights_before=nights_before,
            )

    def sensor_memories(self) -> list[SensorMemory]:
        """What rules remembered of their sensors."""
        return self._read(sqlite_sensors.memories)

    def save_sensor_memories(self, memories: Iterable[SensorMemory]) -> None:
        """Keep what rules remember, in place of all that was kept."""
        with self._transaction() as db:
            sqlite_sensors.save_memories(db, memories)

    def trusted_at(self) -> float | None:
        """The newest machine time that was trusted."""
        return self._read(sqlite_clock.trusted_at)

    def save_trusted_at(self, at: float) -> None:
        """Keep the newest trusted machine time."""
        with self._transaction() as db:
            sqlite_clock.save_trusted_at(db, at)

    def open_alarms(self) -> list[Alarm]:
        """Alarms that are not cleared, the oldest first."""
        return self._read(sqlite_alarms.open_alarms) if self._has(sqlite_alarms.SINCE) else []

    def past_alarms(self, since: float, until: float, limit: int) -> list[Alarm]:
        """Cleared alarms that were open at any time in [since, until), the newest first."""
        if not self._has(sqlite_alarms.SINCE):
            return []
        return self._read(lambda db: sqlite_alarms.past_alarms(db, since, until, limit))

    def alarm(self, alarm_id: int) -> Alarm | None:
        """One alarm; None where there is none of that number."""
        if not self._has(sqlite_alarms.SINCE):
            return None
        return self._read(lambda db: sqlite_alarms.one_alarm(db, alarm_id))

    def alarm_luminaires(self) -> list[tuple[int, str]]:
        """(alarm, luminaire) pairs of the open alarms."""
        return self._read(sqlite_alarms.alarm_luminaires) if self._has(sqlite_alarms.SINCE) else []

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


def _lift(db: sqlite3.Connection, name: str, at_least: int) -> None:
    db.execute(
        "INSERT INTO counter (name, value) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
        (name, at_least),
    )


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
    lock_file.seek(0)
    lock_file.truncate()
    lock_file.write(f"{os.getpid()}\n")
    lock_file.flush()
    return lock_file
