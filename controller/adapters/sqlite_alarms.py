"""Alarms in the store's tables. Works within a transaction that the store has begun."""

import sqlite3
from collections.abc import Iterable
from typing import Final

from controller.engine.alarm_types import AlarmType, Scope, Severity
from controller.ports.alarms import Acknowledgement, Alarm, AlarmChanges, Ending
from zones.said import kept, read_kept

SINCE: Final = 4
"""Version of the store that keeps alarms."""

_SELECT: Final = (
    "SELECT id, type, severity, scope, subject, began_at, raised_at, cleared_at, ending, "
    "affected, worst, total, detail, acknowledged_at, acknowledged_by, note FROM alarm"
)
_INSERT: Final = (
    "INSERT INTO alarm (id, type, severity, scope, subject, began_at, raised_at, cleared_at, "
    "ending, affected, worst, total, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (id) DO"
)
_UPSERT: Final = (
    f"{_INSERT} UPDATE SET cleared_at = excluded.cleared_at, ending = excluded.ending, "
    "affected = excluded.affected, worst = excluded.worst, total = excluded.total, "
    "detail = excluded.detail, severity = excluded.severity"
)


def open_alarms(db: sqlite3.Connection) -> list[Alarm]:
    """Alarms that are not cleared, the oldest first."""
    return _alarms(db.execute(f"{_SELECT} WHERE cleared_at IS NULL ORDER BY id"))


def past_alarms(db: sqlite3.Connection, since: float, until: float, limit: int) -> list[Alarm]:
    """Cleared alarms that were open at any time in [since, until), the newest first."""
    return _alarms(
        db.execute(
            f"{_SELECT} WHERE cleared_at >= ? AND began_at < ? ORDER BY id DESC LIMIT ?",
            (since, until, limit),
        )
    )


def one_alarm(db: sqlite3.Connection, alarm_id: int) -> Alarm | None:
    """One alarm; None where there is none of that number."""
    found = _alarms(db.execute(f"{_SELECT} WHERE id = ?", (alarm_id,)))
    return found[0] if found else None


def alarm_luminaires(db: sqlite3.Connection) -> list[tuple[int, str]]:
    """(alarm, luminaire) pairs of the open alarms."""
    return [
        (int(alarm), str(name))
        for alarm, name in db.execute("SELECT alarm, luminaire FROM alarm_luminaire")
    ]


def newest_alarm_id(db: sqlite3.Connection) -> int:
    """The highest number given to an alarm, 0 for none."""
    (newest,) = db.execute("SELECT coalesce(max(id), 0) FROM alarm").fetchone()
    return int(newest)


def save_alarms(db: sqlite3.Connection, changes: AlarmChanges) -> None:
    """Keep alarms and who is affected; acknowledgements stay as they are."""
    db.executemany(_UPSERT, map(_row, changes.alarms))
    db.executemany("INSERT OR IGNORE INTO alarm_luminaire VALUES (?, ?)", changes.joined)
    db.executemany("DELETE FROM alarm_luminaire WHERE alarm = ? AND luminaire = ?", changes.left)
    db.executemany(
        "DELETE FROM alarm_luminaire WHERE alarm = ?",
        [(alarm.id,) for alarm in changes.alarms if alarm.cleared_at is not None],
    )


def acknowledge_alarm(
    db: sqlite3.Connection, alarm: Alarm, acknowledgement: Acknowledgement
) -> None:
    """Keep an acknowledgement, and the alarm itself where it was not kept yet."""
    # What is kept may be newer than what the one who acknowledges saw.
    db.execute(f"{_INSERT} NOTHING", _row(alarm))
    db.execute(
        "UPDATE alarm SET acknowledged_at = ?, acknowledged_by = ?, note = ? WHERE id = ?",
        (acknowledgement.at, acknowledgement.author, acknowledgement.note, alarm.id),
    )


def forget_alarms(db: sqlite3.Connection, cleared_before: float) -> int:
    """Drop what was cleared before an instant; returns how many."""
    # The newest number stays, so that none is ever given twice.
    return db.execute(
        "DELETE FROM alarm WHERE cleared_at < ? AND id < (SELECT max(id) FROM alarm)",
        (cleared_before,),
    ).rowcount


def _row(alarm: Alarm) -> tuple[object, ...]:
    return (
        alarm.id,
        alarm.type.value,
        alarm.severity.value,
        alarm.scope.value,
        alarm.subject,
        alarm.began_at,
        alarm.raised_at,
        alarm.cleared_at,
        "" if alarm.ending is None else alarm.ending.value,
        alarm.affected,
        alarm.worst,
        alarm.total,
        kept(alarm.detail),
    )


def _alarms(rows: Iterable[tuple[object, ...]]) -> list[Alarm]:
    return [_alarm(*row) for row in rows]


def _alarm(*row: object) -> Alarm:
    (
        number, kind, severity, scope, subject, began_at, raised_at, cleared_at, ending,
        affected, worst, total, detail, at, author, note,
    ) = row  # fmt: skip
    return Alarm(
        id=int(str(number)),
        type=AlarmType(str(kind)),
        severity=Severity(str(severity)),
        scope=Scope(str(scope)),
        subject=str(subject),
        began_at=_float(began_at),
        raised_at=_float(raised_at),
        cleared_at=None if cleared_at is None else _float(cleared_at),
        ending=Ending(str(ending)) if ending else None,
        affected=int(str(affected)),
        worst=int(str(worst)),
        total=int(str(total)),
        detail=read_kept(str(detail)),
        acknowledgement=(
            None if at is None else Acknowledgement(_float(at), str(author), str(note or ""))
        ),
    )


def _float(value: object) -> float:
    assert isinstance(value, float), "the table is STRICT"
    return value
