"""The energy account in the store: what is written together, and what reports read.

Figures are arrays in compressed blobs: one for the zones of a quarter-hour, one for the
luminaires of a night. Owns their layout; knows nothing of how figures come about.
"""

import sqlite3
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from itertools import repeat
from typing import Final

import numpy as np
import numpy.typing as npt

from controller.ports.energy import (
    ASKED_FIGURES,
    USED_FIGURES,
    EnergyRecord,
    EnergyState,
    IntervalBlock,
    IntervalEnergy,
    LuminaireNight,
    NightBlock,
    NightRecord,
    ZoneTotal,
)

SINCE: Final = 5
"""Version of the store that keeps the account by quarter-hour."""

_FAST = 1
_ORDER_DIGITS = "SELECT id FROM energy_order WHERE ids = ?"

_QUARTER_S = 900

_Figures = npt.NDArray[np.float64]
_HOUR_S = 3600


def write(db: sqlite3.Connection, record: EnergyRecord) -> None:
    """Keep a record within the caller's transaction."""
    zones = _order(db, record.zones)
    luminaires = _order(db, record.luminaires)
    db.executemany(
        f"INSERT OR REPLACE INTO energy_total VALUES ({', '.join('?' * len(ZoneTotal._fields))})",
        record.totals,
    )
    db.executemany(
        "INSERT OR REPLACE INTO energy_interval VALUES (?, ?, ?, ?, ?)",
        (
            (part.start_at, _QUARTER_S, part.part, zones, _packed(part.figures))
            for part in record.parts
        ),
    )
    db.executemany(
        "INSERT OR REPLACE INTO energy_night VALUES (?, ?, ?)",
        ((one.control_day, luminaires, _packed_night(one)) for one in record.nights),
    )
    db.executemany(
        "INSERT OR REPLACE INTO energy_state VALUES (?, ?, ?)",
        ((name, luminaires, _packed(values)) for name, values in record.columns.items()),
    )
    db.executemany("DELETE FROM energy_state WHERE name = ?", ((name,) for name in record.dropped))
    db.executemany("INSERT OR REPLACE INTO energy_mark VALUES (?, ?)", record.marks.items())


def read_state(db: sqlite3.Connection, used_since: int) -> EnergyState | None:
    """What the account goes on from; None before the first. Used figures from an instant on."""
    marks = dict(db.execute("SELECT name, value FROM energy_mark").fetchall())
    if not marks:
        return None
    orders = _Orders(db)
    rows = db.execute("SELECT name, luminaires, body FROM energy_state").fetchall()
    last = db.execute("SELECT max(start_at) FROM energy_interval WHERE part = 'asked'").fetchone()[
        0
    ]

    def parts(part: str, since: int, count: int) -> list[tuple[int, tuple[str, ...], _Figures]]:
        found = db.execute(
            "SELECT start_at, zones, body FROM energy_interval "
            "WHERE part = ? AND span_s = ? AND start_at >= ? ORDER BY start_at",
            (part, _QUARTER_S, since),
        ).fetchall()
        return [(at, orders[order], _floats(body, count)) for at, order, body in found]

    return EnergyState(
        marks=marks,
        columns={name: (orders[order], _unpacked(name, body)) for name, order, body in rows},
        used=parts("used", used_since, len(USED_FIGURES)),
        asked=[] if last is None else parts("asked", last - _HOUR_S, len(ASKED_FIGURES)),
    )


def read_totals(db: sqlite3.Connection) -> list[ZoneTotal]:
    """Totals by zone since commissioning."""
    if _is_older(db):
        return []
    return [ZoneTotal(*row) for row in db.execute("SELECT * FROM energy_total ORDER BY zone")]


def read_intervals(
    db: sqlite3.Connection, since: int, until: int, zones: Collection[str] | None
) -> list[IntervalEnergy]:
    """Intervals that begin in [since, until), by zone and instant."""
    found: list[IntervalEnergy] = []
    for start_at, span_s, names, figures in read_interval_blocks(db, since, until):
        every = map(
            IntervalEnergy._make,
            zip(names, repeat(start_at), *figures.tolist(), repeat(span_s), strict=False),
        )
        found.extend(every if zones is None else (one for one in every if one.zone in zones))
    found.sort(key=lambda one: (one.zone, one.start_at))
    return found


def read_interval_blocks(db: sqlite3.Connection, since: int, until: int) -> list[IntervalBlock]:
    """Intervals that begin in [since, until), all zones of each together, by instant."""
    return [] if _is_older(db) else list(_merged(db, _Orders(db), since, until))


def read_span(db: sqlite3.Connection) -> tuple[int, int] | None:
    """From when to when intervals reach, Unix s; None where there is none."""
    if _is_older(db):
        return None
    first, last = db.execute(
        "SELECT min(start_at), max(start_at + span_s) FROM energy_interval"
    ).fetchone()
    return None if first is None else (int(first), int(last))


def _merged(
    db: sqlite3.Connection, orders: "_Orders", since: int, until: int
) -> Iterator[IntervalBlock]:
    """Both parts of each interval as one array of figures by zones."""
    rows = db.execute(
        "SELECT start_at, span_s, part, zones, body FROM energy_interval "
        "WHERE start_at >= ? AND start_at < ? ORDER BY start_at, part",
        (since, until),
    ).fetchall()
    by_start: dict[int, list[tuple[int, str, int, bytes]]] = {}
    for start_at, span_s, part, order, body in rows:
        by_start.setdefault(start_at, []).append((span_s, part, order, body))
    first = {"asked": 0, "used": len(ASKED_FIGURES)}
    count = {"asked": len(ASKED_FIGURES), "used": len(USED_FIGURES)}
    for start_at, parts in by_start.items():
        names = _names(orders, [order for _, _, order, _ in parts])
        figures = np.zeros((len(ASKED_FIGURES) + len(USED_FIGURES), len(names)))
        place: dict[str, int] = {}
        for _, part, order, body in parts:
            at = slice(first[part], first[part] + count[part])
            if orders[order] is names:
                figures[at] = _floats(body, count[part])
                continue
            place = place or {name: column for column, name in enumerate(names)}
            figures[at, [place[name] for name in orders[order]]] = _floats(body, count[part])
        yield IntervalBlock(start_at, parts[0][0], names, figures)


def _names(orders: "_Orders", of_parts: Sequence[int]) -> tuple[str, ...]:
    """The zones of all parts; hardly ever are they not the same."""
    if len(set(of_parts)) == 1:
        return orders[of_parts[0]]
    return tuple(dict.fromkeys(name for order in of_parts for name in orders[order]))


def read_nights(
    db: sqlite3.Connection, first: date, last: date, luminaires: Collection[str] | None
) -> list[LuminaireNight]:
    """Nights of luminaires from control day `first` to `last`, both included."""
    found: list[LuminaireNight] = []
    for day, names, figures in read_night_blocks(db, first, last):
        columns = figures.tolist()
        every = map(LuminaireNight._make, zip(names, repeat(day), *columns, strict=False))
        found.extend(
            every if luminaires is None else (one for one in every if one.luminaire in luminaires)
        )
    return found


def read_night_blocks(db: sqlite3.Connection, first: date, last: date) -> list[NightBlock]:
    """Nights from control day `first` to `last`, all luminaires of each together, by day."""
    if _is_older(db):
        return []
    orders = _Orders(db)
    rows = db.execute(
        "SELECT control_day, luminaires, body FROM energy_night "
        "WHERE control_day BETWEEN ? AND ? ORDER BY control_day",
        (first.isoformat(), last.isoformat()),
    ).fetchall()
    return [NightBlock(day, orders[order], _night_figures(body)) for day, order, body in rows]


def roll_up(
    db: sqlite3.Connection,
    *,
    hours_before: int,
    days_before: int,
    day_start: Callable[[int], int],
    nights_before: date,
) -> None:
    """Sum up what is old, within the caller's transaction.

    Quarter-hours before `hours_before` become hours, intervals before `days_before` become
    control days, which `day_start` gives for an instant; nights of luminaires before
    `nights_before` are forgotten.
    """
    _coarsen(db, days_before, 86_400, day_start, "span_s <= 3600 AND start_at < ?")
    _coarsen(
        db, hours_before, _HOUR_S, lambda at: at - at % _HOUR_S, "span_s = 900 AND start_at < ?"
    )
    db.execute("DELETE FROM energy_night WHERE control_day < ?", (nights_before.isoformat(),))
    db.execute(
        "DELETE FROM energy_order WHERE id NOT IN (SELECT zones FROM energy_interval "
        "UNION SELECT luminaires FROM energy_night UNION SELECT luminaires FROM energy_state)"
    )


def _coarsen(
    db: sqlite3.Connection, before: int, span_s: int, start_of: Callable[[int], int], which: str
) -> None:
    """Whole new intervals only: one that reaches past `before` waits."""
    rows = db.execute(
        f"SELECT start_at, span_s, part, zones, body FROM energy_interval WHERE {which} "
        "ORDER BY start_at",
        (before,),
    ).fetchall()
    orders = _Orders(db)
    groups: dict[tuple[int, str], list[tuple[int, int, int, bytes]]] = {}
    for start_at, old_span_s, part, order, body in rows:
        start = start_of(start_at)
        if start_of(before) > start:
            groups.setdefault((start, part), []).append((start_at, old_span_s, order, body))
    for (start, part), members in groups.items():
        count = len(ASKED_FIGURES) if part == "asked" else len(USED_FIGURES)
        sums: dict[str, npt.NDArray[np.float64]] = {}
        for _, _, order, body in members:
            figures = _floats(body, count)
            for place, name in enumerate(orders[order]):
                sums[name] = sums.get(name, 0.0) + figures[:, place]
        names = tuple(sums)
        together = np.stack([sums[name] for name in names], axis=1)
        end = max(at + old_span_s for at, old_span_s, _, _ in members)
        db.executemany(
            "DELETE FROM energy_interval WHERE start_at = ? AND part = ?",
            ((at, part) for at, _, _, _ in members),
        )
        db.execute(
            "INSERT OR REPLACE INTO energy_interval VALUES (?, ?, ?, ?, ?)",
            (start, max(span_s, end - start), part, _order(db, names), _packed(together)),
        )


def _is_older(db: sqlite3.Connection) -> bool:
    """Whether this is a reader of a store that no writer has brought up to date yet."""
    found = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'energy_interval'").fetchone()
    return found is None


class _Orders(dict[int, tuple[str, ...]]):
    """Identifiers by the number of their order."""

    def __init__(self, db: sqlite3.Connection) -> None:
        super().__init__()
        self._db = db

    def __missing__(self, number: int) -> tuple[str, ...]:
        row = self._db.execute("SELECT ids FROM energy_order WHERE id = ?", (number,)).fetchone()
        text = zlib.decompress(row[0]).decode()
        self[number] = tuple(text.split("\n")) if text else ()
        return self[number]


def _order(db: sqlite3.Connection, names: Iterable[str]) -> int:
    ids = zlib.compress("\n".join(names).encode())
    db.execute("INSERT OR IGNORE INTO energy_order (ids) VALUES (?)", (ids,))
    return int(db.execute(_ORDER_DIGITS, (ids,)).fetchone()[0])


def _packed(values: npt.NDArray[np.generic]) -> bytes:
    return zlib.compress(_shuffled(values), _FAST)


def _shuffled(values: npt.NDArray[np.generic]) -> bytes:
    """Like bytes beside like: what hardly differs in the high bytes packs well."""
    whole = np.ascontiguousarray(values)
    if whole.dtype.itemsize == 1 or not whole.size:
        return whole.tobytes()
    return whole.reshape(-1).view(np.uint8).reshape(-1, whole.dtype.itemsize).T.tobytes()


def _unshuffled(body: bytes, dtype: npt.DTypeLike) -> npt.NDArray[np.generic]:
    kind = np.dtype(dtype)
    raw = np.frombuffer(zlib.decompress(body), dtype=np.uint8)
    if kind.itemsize > 1 and raw.size:
        raw = np.ascontiguousarray(raw.reshape(kind.itemsize, -1).T).reshape(-1)
    return raw.view(kind)


def _floats(body: bytes, rows: int) -> npt.NDArray[np.float64]:
    return _unshuffled(body, np.float64).reshape(rows, -1).astype(np.float64)


def _unpacked(name: str, body: bytes) -> npt.NDArray[np.generic]:
    """A column; the name's end says its type, such as ``level:f4``."""
    return _unshuffled(body, name.rsplit(":", 1)[1]).copy()


def _packed_night(night: NightRecord) -> bytes:
    figures = np.rint(np.stack([night.metered_j, night.modelled_j, night.burning_s]))
    whole = np.clip(figures, 0, 2**32 - 1).astype("<u4")
    return zlib.compress(_shuffled(whole), 6)


def _night_figures(body: bytes) -> npt.NDArray[np.float64]:
    return _unshuffled(body, "<u4").reshape(3, -1).astype(np.float64)
