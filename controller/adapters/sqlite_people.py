"""People in the store's tables, each method as one transaction."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from controller.adapters.audit_anchor import AuditAnchor
from controller.ports.people import (
    ApprovalRow,
    AuditRow,
    GrantRow,
    GuessRow,
    Head,
    PassKind,
    PassRow,
    PersonRow,
)
from controller.service.people.chain import BEGIN, link

_T = TypeVar("_T")

SINCE = 6
"""Version of the store that knows people."""

_PERSON = "id, name, password, language, is_disabled, created_at"
_PASS = "digest, kind, key, person, name, address, created_at, expires_at, seen_at"
_APPROVAL = ", ".join(ApprovalRow._fields)
_AUDIT = ", ".join(AuditRow._fields)


class _Read(Protocol):
    def __call__(self, read: Callable[[sqlite3.Connection], _T], /) -> _T: ...


class SqlitePeople:
    """See `controller.ports.people.PeopleStore`; ``begin`` and ``read`` are the file's."""

    def __init__(
        self,
        begin: Callable[[], AbstractContextManager[sqlite3.Connection]],
        read: _Read,
        anchor: AuditAnchor,
    ) -> None:
        self._begin = begin
        self._read = read
        self._anchor = anchor
        self._writing = threading.Lock()

    def people(self) -> list[PersonRow]:
        """All users, by identifier."""
        return self._read(lambda db: _people(db, "ORDER BY id"))

    def person(self, person: str) -> PersonRow | None:
        """One user."""
        found = self._read(lambda db: _people(db, "WHERE id = ?", person))
        return found[0] if found else None

    def grants(self, whose: str) -> list[GrantRow]:
        """Grants of ``user:ID`` or ``token:KEY``."""
        query = "SELECT role, place, id FROM person_grant WHERE whose = ? ORDER BY 1, 2, 3"
        return self._read(lambda db: [GrantRow(*row) for row in db.execute(query, (whose,))])

    def save_person(self, row: PersonRow, grants: list[GrantRow] | None) -> None:
        """Keep a user; None leaves the grants as they are."""
        with self._begin() as db:
            db.execute(f"INSERT OR REPLACE INTO person ({_PERSON}) VALUES (?, ?, ?, ?, ?, ?)", row)
            _save_grants(db, f"user:{row.id}", grants)

    def delete_person(self, person: str) -> None:
        """Forget a user, with grants, sessions, tokens and links."""
        with self._begin() as db:
            keys = db.execute("SELECT key FROM pass WHERE person = ?", (person,)).fetchall()
            whose = [(f"user:{person}",), *((f"token:{key}",) for (key,) in keys)]
            db.executemany("DELETE FROM person_grant WHERE whose = ?", whose)
            db.execute("DELETE FROM pass WHERE person = ?", (person,))
            db.execute("DELETE FROM familiar WHERE person = ?", (person,))
            db.execute("DELETE FROM person WHERE id = ?", (person,))

    def guess(self, at_whom: bytes) -> GuessRow | None:
        """Wrong passwords in a row there."""
        query = "SELECT at_whom, failures, locked_until, last_at FROM guess WHERE at_whom = ?"
        found = self._read(lambda db: db.execute(query, (at_whom,)).fetchone())
        return None if found is None else GuessRow(*found)

    def save_guess(self, row: GuessRow, most: int) -> None:
        """Keep it; of more than ``most`` the longest untouched are forgotten."""
        with self._begin() as db:
            db.execute("INSERT OR REPLACE INTO guess VALUES (?, ?, ?, ?)", row)
            db.execute(
                "DELETE FROM guess WHERE at_whom IN "
                "(SELECT at_whom FROM guess ORDER BY last_at DESC LIMIT -1 OFFSET ?)",
                (most,),
            )

    def forget_guesses(self, at_whom: list[bytes]) -> None:
        """A right password, or a link, ends the row."""
        with self._begin() as db:
            db.executemany("DELETE FROM guess WHERE at_whom = ?", [(one,) for one in at_whom])

    def familiar(self, person: str) -> list[str]:
        """Addresses that a user came in from, the newest first."""
        query = "SELECT address FROM familiar WHERE person = ? ORDER BY at DESC, address"
        return self._read(lambda db: [row[0] for row in db.execute(query, (person,))])

    def save_familiar(self, person: str, address: str, at: float, most: int) -> None:
        """A user came in from there; the newest ``most`` are kept."""
        with self._begin() as db:
            db.execute("INSERT OR REPLACE INTO familiar VALUES (?, ?, ?)", (person, address, at))
            db.execute(
                "DELETE FROM familiar WHERE person = ?1 AND address IN (SELECT address "
                "FROM familiar WHERE person = ?1 ORDER BY at DESC LIMIT -1 OFFSET ?2)",
                (person, most),
            )

    def passes(self, kind: PassKind | None = None, person: str | None = None) -> list[PassRow]:
        """Sessions, tokens, links; the newest first."""
        query = (
            f"SELECT {_PASS} FROM pass WHERE (?1 IS NULL OR kind = ?1) "
            "AND (?2 IS NULL OR person = ?2) ORDER BY created_at DESC, key"
        )
        return self._read(lambda db: [PassRow(*row) for row in db.execute(query, (kind, person))])

    def one_pass(self, digest: bytes) -> PassRow | None:
        """The one of a secret."""
        return self._read(lambda db: _one_pass(db, digest))

    def save_pass(self, row: PassRow, grants: list[GrantRow] | None = None) -> None:
        """Keep it, anew or changed."""
        with self._begin() as db:
            db.execute(
                f"INSERT OR REPLACE INTO pass ({_PASS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row
            )
            _save_grants(db, f"token:{row.key}", grants)

    def touch_pass(self, digest: bytes, at: float) -> None:
        """It was used just now; one that was ended stays so."""
        with self._begin() as db:
            db.execute("UPDATE pass SET seen_at = ? WHERE digest = ?", (at, digest))

    def delete_over(self, now: float) -> None:
        """Forget what expired."""
        with self._begin() as db:
            db.execute(
                "DELETE FROM person_grant WHERE whose IN "
                "(SELECT 'token:' || key FROM pass WHERE expires_at <= ?)",
                (now,),
            )
            db.execute("DELETE FROM pass WHERE expires_at <= ?", (now,))

    def take_pass(self, digest: bytes) -> PassRow | None:
        """Give it out and delete it, so that nobody gets it twice."""
        with self._begin() as db:
            found = _one_pass(db, digest)
            db.execute("DELETE FROM pass WHERE digest = ?", (digest,))
            return found

    def delete_passes(self, digests: list[bytes]) -> None:
        """End these."""
        with self._begin() as db:
            for digest in digests:
                found = _one_pass(db, digest)
                if found is not None:
                    db.execute("DELETE FROM person_grant WHERE whose = ?", (f"token:{found.key}",))
                db.execute("DELETE FROM pass WHERE digest = ?", (digest,))

    def add_approval(self, row: ApprovalRow) -> int:
        """Keep a new one; returns its number."""
        with self._begin() as db:
            marks = ", ".join("?" * (len(row) - 1))
            names = ", ".join(ApprovalRow._fields[1:])
            done = db.execute(f"INSERT INTO approval ({names}) VALUES ({marks})", row[1:])
            assert done.lastrowid is not None, "a row was inserted"
            return done.lastrowid

    def approvals(self, *, only_open: bool, limit: int) -> list[ApprovalRow]:
        """The newest first."""
        where = "WHERE state = 'open'" if only_open else ""
        query = f"SELECT {_APPROVAL} FROM approval {where} ORDER BY number DESC LIMIT ?"
        return self._read(lambda db: [ApprovalRow(*row) for row in db.execute(query, (limit,))])

    def approval(self, number: int) -> ApprovalRow | None:
        """One of them."""
        query = f"SELECT {_APPROVAL} FROM approval WHERE number = ?"
        found = self._read(lambda db: db.execute(query, (number,)).fetchone())
        return None if found is None else ApprovalRow(*found)

    def move_approval(self, row: ApprovalRow, state: str) -> bool:
        """Keep a decision where it still stands in ``state``; False where somebody was faster."""
        with self._begin() as db:
            done = db.execute(
                "UPDATE approval SET state = ?, decided_by = ?, decided_at = ?, note = ?, "
                "outcome = ? WHERE number = ? AND state = ?",
                (
                    *(row.state, row.decided_by, row.decided_at, row.note, row.outcome),
                    *(row.number, state),
                ),
            )
            return done.rowcount == 1

    def add_audit(
        self,
        at: float,
        actor: str,
        via: str,
        address: str,
        action: str,
        subject: str,
        outcome: str,
        detail: str,
    ) -> AuditRow:
        """Append a line; its hash is made in the same transaction."""
        with self._writing:
            with self._begin() as db:
                last = db.execute("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")
                number, before = last.fetchone() or (0, BEGIN)
                row = AuditRow(
                    number + 1, at, actor, via, address, action, subject, outcome, detail, b""
                )
                row = row._replace(hash=link(before, row))
                marks = ", ".join("?" * len(row))
                db.execute(f"INSERT INTO audit ({_AUDIT}) VALUES ({marks})", row)
                # Where the log was cut, what was ever written counts on from here.
                db.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'audit'", (row.number,))
            self._anchor.write(Head(row.number, row.hash))
            return row

    def audit(
        self, *, before: int | None = None, after: int | None = None, limit: int = 1000
    ) -> list[AuditRow]:
        """Lines below ``before``, the newest first; or above ``after``, the oldest first."""
        if after is not None:
            where, order, bound = "number > ?", "ASC", after
        else:
            where, order, bound = "number < ?", "DESC", 2**62 if before is None else before
        query = f"SELECT {_AUDIT} FROM audit WHERE {where} ORDER BY number {order} LIMIT ?"
        return self._read(lambda db: [AuditRow(*row) for row in db.execute(query, (bound, limit))])

    def audit_count(self) -> tuple[int, int]:
        """How many lines there are, and how many were ever written."""

        def counts(db: sqlite3.Connection) -> tuple[int, int]:
            (present,) = db.execute("SELECT count(*) FROM audit").fetchone()
            ever = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'audit'").fetchone()
            return int(present), int(ever[0]) if ever else 0

        return self._read(counts)

    def anchored_head(self) -> Head | None:
        """The last line as the file beside the store has it."""
        return self._anchor.read()


def _people(db: sqlite3.Connection, words: str, *values: object) -> list[PersonRow]:
    rows = db.execute(f"SELECT {_PERSON} FROM person {words}", values)
    return [PersonRow(*row)._replace(is_disabled=bool(row[4])) for row in rows]


def _one_pass(db: sqlite3.Connection, digest: bytes) -> PassRow | None:
    found = db.execute(f"SELECT {_PASS} FROM pass WHERE digest = ?", (digest,)).fetchone()
    return None if found is None else PassRow(*found)


def _save_grants(db: sqlite3.Connection, whose: str, grants: list[GrantRow] | None) -> None:
    if grants is None:
        return
    db.execute("DELETE FROM person_grant WHERE whose = ?", (whose,))
    rows = [(whose, *grant) for grant in grants]
    db.executemany("INSERT OR IGNORE INTO person_grant VALUES (?, ?, ?, ?)", rows)
