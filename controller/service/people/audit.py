"""The audit log: who did what, from where, and what came of it. Secrets never stand in it."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Final, Literal, NamedTuple

from controller.ports.people import AuditRow, PeopleStore
from controller.service.people.caller import Caller
from controller.service.people.chain import BEGIN, Break, first_break

Outcome = Literal["done", "refused", "failed"]

_LONGEST: Final = 2_000
_BLOCK: Final = 5_000
_SECRET_WORDS: Final = ("password", "secret", "token", "link", "key")


class Verdict(NamedTuple):
    """What a walk along the chain found."""

    lines: int
    """Lines whose hashes hold, from the first on."""
    head: str
    """Hash of the last of them; keep it elsewhere to notice a log that was cut or made anew."""
    broken: Break | None


class Audit:
    """Writes and reads the log of one site. ``now`` gives Unix seconds UTC of the machine."""

    def __init__(self, store: PeopleStore, now: Callable[[], float]) -> None:
        self._store = store
        self._now = now

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
        words = {
            name: "(not kept)" if any(word in name.lower() for word in _SECRET_WORDS) else value
            for name, value in (detail or {}).items()
        }
        return self._store.add_audit(
            self._now(),
            caller.user[:100],
            caller.via,
            caller.address[:100],
            action,
            subject[:200],
            outcome,
            json.dumps(words, ensure_ascii=False, default=str)[:_LONGEST],
        )

    def newest(self, before: int | None, limit: int, actor: str | None = None) -> list[AuditRow]:
        """Lines below ``before``, the newest first; of one actor where one is named."""
        found: list[AuditRow] = []
        while len(found) < limit and (rows := self._store.audit(before=before, limit=_BLOCK)):
            found += [row for row in rows if actor is None or row.actor == actor]
            before = rows[-1].number
        return found[:limit]

    def count(self) -> int:
        """How many lines there are."""
        return self._store.audit_count()[0]

    def verify(self) -> Verdict:
        """Walk the whole chain; may take a second for each 100,000 lines."""
        number, before = 0, BEGIN
        while rows := self._store.audit(after=number, limit=_BLOCK):
            broken, number, before = first_break(rows, before, number)
            if broken is not None:
                return Verdict(number, before.hex(), broken)
        _, ever = self._store.audit_count()
        missing = Break(number + 1, f"lines {number + 1} to {ever} were cut off at the end")
        return Verdict(number, before.hex(), missing if ever > number else None)
