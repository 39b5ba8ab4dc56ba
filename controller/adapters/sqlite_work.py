"""Work orders, rollouts and imports in the store's tables, each method as one transaction."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol, TypeVar

from controller.ports.work import ImportRow, RolloutRow, WorkOrderRow, WorkOrderStep

_T = TypeVar("_T")

SINCE: Final = 8
"""Version of the store that knows them."""

_ORDER = ", ".join(WorkOrderRow._fields)
_STEP = ", ".join(WorkOrderStep._fields)
_ROLLOUT = ", ".join(RolloutRow._fields)
_IMPORT = ", ".join(ImportRow._fields)
_SLIM_IMPORT = _IMPORT.replace("inventory,", "x'' AS inventory,")
_AT_ONCE: Final = 500
"""Values in one statement, well below what SQLite takes."""


class _Read(Protocol):
    def __call__(self, read: Callable[[sqlite3.Connection], _T], /) -> _T: ...


class SqliteWork:
    """See `controller.ports.work.WorkStore`; ``begin`` and ``read`` are the file's."""

    def __init__(
        self, begin: Callable[[], AbstractContextManager[sqlite3.Connection]], read: _Read
    ) -> None:
        self._begin = begin
        self._read = read

    # --- work orders --------------------------------------------------------------------

    def add_work_order(
        self, row: WorkOrderRow, step: WorkOrderStep, intent: bytes | None = None
    ) -> int:
        """Keep a new one with its first step; returns its number."""
        with self._begin() as db:
            query = "SELECT number FROM work_order WHERE intent = ?"
            known = db.execute(query, (intent,)).fetchone()
            if known is not None:
                return int(known[0])
            number = _add(db, "work_order", (*WorkOrderRow._fields, "intent"), (*row, intent))
            _add_step(db, number, step)
            return number

    def work_orders(self) -> list[WorkOrderRow]:
        """All of them, the newest first."""
        query = f"SELECT {_ORDER} FROM work_order ORDER BY number DESC"
        return self._read(lambda db: [WorkOrderRow(*row) for row in db.execute(query)])

    def work_order(self, number: int) -> WorkOrderRow | None:
        """One of them."""
        query = f"SELECT {_ORDER} FROM work_order WHERE number = ?"
        found = self._read(lambda db: db.execute(query, (number,)).fetchone())
        return None if found is None else WorkOrderRow(*found)

    def work_order_steps(self, numbers: list[int]) -> dict[int, list[WorkOrderStep]]:
        """Steps by work order, the oldest first."""
        found: dict[int, list[WorkOrderStep]] = {number: [] for number in numbers}

        def read(db: sqlite3.Connection) -> None:
            for first in range(0, len(numbers), _AT_ONCE):
                part = numbers[first : first + _AT_ONCE]
                marks = ", ".join("?" * len(part))
                query = (
                    f"SELECT work_order, {_STEP} FROM work_order_step "
                    f"WHERE work_order IN ({marks}) ORDER BY rowid"
                )
                for number, *step in db.execute(query, part):
                    found[number].append(WorkOrderStep(*step))

        self._read(read)
        return found

    def change_work_order(self, row: WorkOrderRow, step: WorkOrderStep) -> bool:
        """Keep a change where its version is one above the one kept; False where it is not."""
        with self._begin() as db:
            done = db.execute(
                "UPDATE work_order SET title = ?, state = ?, assignee = ?, note = ?, "
                "changed_at = ?, version = ? WHERE number = ? AND version = ?",
                (
                    *(row.title, row.state, row.assignee, row.note, row.changed_at),
                    *(row.version, row.number, row.version - 1),
                ),
            )
            if done.rowcount:
                _add_step(db, row.number, step)
            return bool(done.rowcount)

    # --- rollouts -----------------------------------------------------------------------

    def add_rollout(self, row: RolloutRow) -> int | None:
        """Keep a new one; None where another is running."""
        with self._begin() as db:
            if db.execute("SELECT 1 FROM rollout WHERE state = 'running'").fetchone():
                return None
            return _add(db, "rollout", RolloutRow._fields, row)

    def rollouts(self, limit: int) -> list[RolloutRow]:
        """The newest first."""
        query = f"SELECT {_ROLLOUT} FROM rollout ORDER BY number DESC LIMIT ?"
        return self._read(lambda db: [RolloutRow(*row) for row in db.execute(query, (limit,))])

    def rollout(self, number: int) -> RolloutRow | None:
        """One of them."""
        query = f"SELECT {_ROLLOUT} FROM rollout WHERE number = ?"
        found = self._read(lambda db: db.execute(query, (number,)).fetchone())
        return None if found is None else RolloutRow(*found)

    def move_rollout(self, row: RolloutRow, reached: int) -> bool:
        """Keep a stage where the rollout still runs and has ``reached`` stages in force."""
        with self._begin() as db:
            done = db.execute(
                "UPDATE rollout SET state = ?, reached = ?, revision = ?, changed_at = ? "
                "WHERE number = ? AND state = 'running' AND reached = ?",
                (row.state, row.reached, row.revision, row.changed_at, row.number, reached),
            )
            return bool(done.rowcount)

    def delete_rollout(self, number: int) -> None:
        """Forget one of which no stage ever was in force."""
        with self._begin() as db:
            db.execute("DELETE FROM rollout WHERE number = ? AND reached = 0", (number,))

    # --- imports ------------------------------------------------------------------------

    def add_import(self, row: ImportRow, most: int) -> int:
        """Keep a new one; of those that were only read the oldest above ``most`` go."""
        with self._begin() as db:
            number = _add(db, "inventory_import", ImportRow._fields, row)
            db.execute(
                "DELETE FROM inventory_import WHERE number IN (SELECT number FROM "
                "inventory_import WHERE state = 'read' ORDER BY number DESC LIMIT -1 OFFSET ?)",
                (most,),
            )
            return number

    def one_import(self, number: int) -> ImportRow | None:
        """One of them."""
        query = f"SELECT {_IMPORT} FROM inventory_import WHERE number = ?"
        found = self._read(lambda db: db.execute(query, (number,)).fetchone())
        return None if found is None else ImportRow(*found)

    def imports(self, limit: int) -> list[ImportRow]:
        """The newest first, without their inventories."""
        query = f"SELECT {_SLIM_IMPORT} FROM inventory_import ORDER BY number DESC LIMIT ?"
        return self._read(lambda db: [ImportRow(*row) for row in db.execute(query, (limit,))])

    def import_applied(self, number: int, revision: int) -> None:
        """It was put in force; its inventory stands among the documents now."""
        with self._begin() as db:
            db.execute(
                "UPDATE inventory_import SET state = 'applied', revision = ?, inventory = x'' "
                "WHERE number = ?",
                (revision, number),
            )


def _add(db: sqlite3.Connection, table: str, fields: tuple[str, ...], row: Iterable[Any]) -> int:
    """Insert a row but for its number; returns the number that it was given."""
    names = ", ".join(fields[1:])
    marks = ", ".join("?" * (len(fields) - 1))
    _, *values = row
    number = db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", values).lastrowid
    assert number is not None, "a row was inserted"
    return number


def _add_step(db: sqlite3.Connection, number: int, step: WorkOrderStep) -> None:
    db.execute(
        f"INSERT INTO work_order_step (work_order, {_STEP}) VALUES (?, ?, ?, ?, ?, ?)",
        (number, *step),
    )
