"""What rules remember of their sensors, in the store."""

import sqlite3
from collections.abc import Iterable

from controller.ports.store import SensorMemory

_COLUMNS = (
    "rule, sensor, definition, at, value, same_since, trust, believed_at, is_beyond, beyond_at"
)


def memories(db: sqlite3.Connection) -> list[SensorMemory]:
    """All that is kept."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM sensor")
    return [SensorMemory(*row)._replace(is_beyond=bool(row[8])) for row in rows]


def save_memories(db: sqlite3.Connection, kept: Iterable[SensorMemory]) -> None:
    """Keep these in place of all others."""
    db.execute("DELETE FROM sensor")
    db.executemany(f"INSERT INTO sensor ({_COLUMNS}) VALUES ({', '.join('?' * 10)})", kept)
