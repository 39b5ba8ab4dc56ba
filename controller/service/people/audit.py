"""The audit log: who did what, from where, and what came of it. Secrets never stand in it.

Lines hang together by a chain of hashes, and the last one is anchored in a file beside the
store: a line that was changed, taken out or cut off at the end is found.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, Literal, NamedTuple

from controller.errors import ControllerError
from controller.ports.people import AuditRow, Head, PeopleStore
from controller.service.people.caller import Caller
from controller.service.people.chain import BEGIN, Break, first_break
from controller.service.people.sentences import SAY

Outcome = Literal["done", "refused", "failed"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("done", "refused", "failed")

Failure = Literal["write", "cut"]

FOUND_CUT: Final = "find audit log cut"
"""What a line says that was written because the log did not reach its anchored head."""

_LONGEST: Final = 2_000
_BLOCK: Final = 5_000
_SECRET_WORDS: Final = ("password", "secret", "token", "link", "key", "cookie", "csrf")

_lines: ContextVar[list[AuditRow] | None] = ContextVar("audit_lines", default=None)


@contextmanager
def lines_of_this() -> Iterator[list[AuditRow]]:
    """The lines that are written in this context, as they come."""
    found: list[AuditRow] = []
    before = _lines.set(found)
    try:
        yield found
    finally:
        _lines.reset(before)


class Wanted(NamedTuple):
    """Which lines to show; None: whichever. Instants are Unix seconds UTC, half-open."""

    actor: str | None = None
    action: str | None = None
    outcome: str | None = None
    since: float | None = None
    until: float | None = None

    def has(self, row: AuditRow) -> bool:
        """Whether a line is one of them."""
        return (
            (self.actor is None or row.actor == self.actor)
            and (self.action is None or self.action in row.action)
            and (self.outcome is None or row.outcome == self.outcome)
            and (self.since is None or row.at >= self.since)
            and (self.until is None or row.at < self.until)
        )


class Verdict(NamedTuple):
    """What a walk along the chain found."""

    lines: int
    """Lines whose hashes hold, from the first on."""
    head: str
    """Hash of the last of them; keep it elsewhere to notice a log that was made anew."""
    broken: Break | None
    cuts: tuple[int, ...] = ()
    """Lines that say that the log had been found cut before them."""


class Verified(NamedTuple):
    """When somebody walked along the chain last, Unix seconds UTC, and whether it held."""

    at: float
    is_sound: bool


class Audit:
    """Writes and reads the log of one site. ``now`` gives Unix seconds UTC of the machine."""

    def __init__(self, store: PeopleStore, now: Callable[[], float]) -> None:
        self._store = store
        self.now = now
        self.written = dict.fromkeys(OUTCOMES, 0)
        """Lines by outcome since the start."""
        self.failures: Final[dict[Failure, int]] = {"write": 0, "cut": 0}
        """Lines that could not be written, and cuts that were found, since the start."""
        self.written_at = 0.0
        """When the last line was written, Unix seconds UTC; 0 for none since the start."""
        self.verified: Verified | None = None
        """What the last walk along the whole chain found; None before the first."""
        self._counting = threading.Lock()

    async def write(
        self,
        caller: Caller,
        action: str,
        subject: str = "",
        outcome: Outcome = "done",
        detail: Mapping[str, object] | None = None,
    ) -> AuditRow:
        """Append one line; it is on disk when this returns."""
        return await asyncio.to_thread(self.write_now, caller, action, subject, outcome, detail)

    def write_now(
        self,
        caller: Caller,
        action: str,
        subject: str = "",
        outcome: Outcome = "done",
        detail: Mapping[str, object] | None = None,
    ) -> AuditRow:
        """The same for callers that may block."""
        try:
            self._tell_cut()  # the next line would cover it up
            row = self._store.add_audit(
                self.now(),
                _writable(caller.user)[:100],
                caller.via,
                _writable(caller.address)[:100],
                action,
                _writable(subject)[:200],
                outcome,
                _text(_without_secrets(detail or {})),
            )
        except ControllerError:
            self._count_failure("write")
            raise
        with self._counting:
            self.written[outcome] += 1
            self.written_at = row.at
        found = _lines.get()
        if found is not None:
            found.append(row)
        return row

    def newest(
        self, before: int | None, limit: int, wanted: Wanted | None = None
    ) -> list[AuditRow]:
        """Lines below ``before`` that are wanted, the newest first."""
        found: list[AuditRow] = []
        while len(found) < limit and (rows := self._store.audit(before=before, limit=_BLOCK)):
            found += [row for row in rows if wanted is None or wanted.has(row)]
            before = rows[-1].number
        return found[:limit]

    def oldest(self) -> Iterator[AuditRow]:
        """All lines from the first on, in blocks from the disk."""
        number = 0
        while rows := self._store.audit(after=number, limit=_BLOCK):
            yield from rows
            number = rows[-1].number

    def count(self) -> int:
        """How many lines there are."""
        return self._store.audit_count()[0]

    def verify(self, noted: str | None = None) -> Verdict:
        """Walk the whole chain; may take a second for each 100,000 lines.

        ``noted`` is the head of an earlier walk, hex: the log must still go through it.
        """
        found = self._walked(noted)
        if noted is None:
            self.verified = Verified(self.now(), found.broken is None)
        return found

    def _walked(self, noted: str | None) -> Verdict:
        # Read first: lines that come meanwhile are above it.
        anchor, (_, ever) = self._store.anchored_head(), self._store.audit_count()
        number, before = 0, BEGIN
        cuts: list[int] = []
        at_anchor = BEGIN if anchor is not None and anchor.number == 0 else None
        is_noted_there = noted is None or noted.lower() == BEGIN.hex()
        while rows := self._store.audit(after=number, limit=_BLOCK):
            broken, number, before = first_break(rows, before, number)
            for row in rows:
                if row.number > number:
                    break
                cuts += [row.number] if row.action == FOUND_CUT else []
                is_noted_there |= noted is not None and row.hash.hex() == noted.lower()
                if anchor is not None and row.number == anchor.number:
                    at_anchor = row.hash
            if broken is not None:
                return Verdict(number, before.hex(), broken, tuple(cuts))
        end = _wrong_end(anchor, at_anchor, number, ever)
        if end is None and not is_noted_there:
            end = Break(number, SAY("no_head"))
        return Verdict(number, before.hex(), end, tuple(cuts))

    def _tell_cut(self) -> None:
        # In this order: others write meanwhile, and the anchor follows the lines.
        anchor = self._store.anchored_head()
        _, ever = self._store.audit_count()
        newest = self._store.audit(limit=1)
        at = [] if anchor is None else self._store.audit(after=anchor.number - 1, limit=1)
        end = _wrong_end(
            anchor, at[0].hash if at else None, newest[0].number if newest else 0, ever
        )
        if end is not None:
            self._count_failure("cut")
            detail = {"why": end.why, "anchored": anchor and anchor.number}
            self._store.add_audit(
                self.now(), "", "local", "", FOUND_CUT, "", "failed", _text(detail)
            )

    def _count_failure(self, what: Failure) -> None:
        with self._counting:
            self.failures[what] += 1


def _wrong_end(anchor: Head | None, at_anchor: bytes | None, last: int, ever: int) -> Break | None:
    """What is wrong with the end of a chain that holds up to ``last``; None: nothing."""
    known = max(ever, 0 if anchor is None else anchor.number)
    if known > last:
        return Break(last + 1, SAY("lines_cut", first=last + 1, last=known))
    if anchor is None:
        return Break(last, SAY("anchor_gone")) if last else None
    if at_anchor != anchor.hash:
        return Break(anchor.number, SAY("not_anchored"))
    return None


def _without_secrets(value: Any) -> Any:
    """The same without what is named like a secret, at any depth."""
    if isinstance(value, Mapping):
        return {
            str(name): "(not kept)"
            if any(word in str(name).lower() for word in _SECRET_WORDS)
            else _without_secrets(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without_secrets(inner) for inner in value]
    return value


def _text(detail: object) -> str:
    text = _writable(json.dumps(detail, ensure_ascii=False, default=str))
    return text if len(text) <= _LONGEST else json.dumps({"text": text[: _LONGEST // 2]})


def _writable(text: str) -> str:
    """Text that has a form in UTF-8."""
    return text.encode("utf-8", "replace").decode()
