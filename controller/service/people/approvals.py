"""The second person: what is asked waits until somebody else says yes, and then is done once.

Who asks cannot say yes; who says yes needs the right to approve and the right to do it in all
the zones that it touches. What is asked goes over after three days.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from controller.errors import ConfigurationError, ControllerError
from controller.ports.people import ApprovalRow, PeopleStore
from controller.service.names import right_said
from controller.service.people.audit import Audit
from controller.service.people.caller import Caller
from controller.service.people.rights import Right
from controller.service.people.sentences import SAY
from zones import Inventory
from zones.said import cut, kept, message_of, read_kept, restored, stored

LASTS_S: Final = 3 * 86_400.0

Execute = Callable[[Caller, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
"""Does what was asked, for the one who approved; raises `ControllerError` where it cannot."""


MayStill = Callable[[Caller, Mapping[str, Any]], Awaitable[bool]]
"""Whether who asked may still do it, where that takes more than a right in its zones."""


async def _anybody(_asker: Caller, _body: Mapping[str, Any]) -> bool:
    return True


class NoSuchApproval(ControllerError):
    """An approval was named that there is not."""


class ApprovalRefused(ControllerError):
    """This person may not decide this, or somebody did already."""


class Approvals:
    """What waits for a second person, at one site."""

    def __init__(
        self,
        store: PeopleStore,
        audit: Audit,
        now: Callable[[], float],
        inventory: Callable[[], Inventory],
        present: Callable[[str], Awaitable[Caller | None]],
    ) -> None:
        """``present`` tells what a user may do now; None: they are gone or disabled."""
        self._store = store
        self._audit = audit
        self._now = now
        self._inventory = inventory
        self._present = present
        self._executes: dict[str, tuple[Right, Execute, MayStill]] = {}

    def carries_out(
        self, kind: str, right: Right, execute: Execute, may_still: MayStill = _anybody
    ) -> None:
        """Say how things of a kind are done, and which right that takes."""
        self._executes[kind] = right, execute, may_still

    async def ask(
        self,
        caller: Caller,
        kind: str,
        body: Mapping[str, Any],
        *,
        summary: str,
        reasons: Sequence[str],
        zones: Sequence[str],
    ) -> ApprovalRow:
        """Keep what somebody wants to be done; it is on disk when this returns."""
        if kind not in self._executes:
            raise ConfigurationError(SAY("nobody_does", kind=kind))
        now = self._now()
        row = ApprovalRow(
            number=0,
            kind=kind,
            body=json.dumps(body, ensure_ascii=False).encode(),
            summary=kept(cut(summary, 500)),
            reasons=_json([stored(one) for one in reasons]),
            zones=json.dumps(sorted(zones)),
            asked_by=caller.user,
            asked_at=now,
            expires_at=now + LASTS_S,
            state="open",
            decided_by="",
            decided_at=0.0,
            note="",
            outcome="",
        )
        number = await asyncio.to_thread(self._store.add_approval, row)
        await self._audit.write(
            caller, f"ask for {kind}", str(number), detail={"summary": str(cut(summary, 500))}
        )
        return row._replace(number=number)

    async def begin(self) -> None:
        """At the start of the service: what was being done when the last one ended.

        It may be done or not, and is not done again: who looks at the history can tell.
        """
        for row in await asyncio.to_thread(self._store.approvals, only_open=False, limit=1000):
            if row.state != "taken":
                continue
            words = SAY("service_ended")
            over = row._replace(state="failed", outcome=_json({"error": stored(words)}))
            await asyncio.to_thread(self._store.move_approval, over, "taken")
            nobody = Caller(row.decided_by, "", (), via="local")
            await self._audit.write(
                nobody, f"approve {row.kind}", str(row.number), "failed", {"why": words}
            )

    async def newest(self, *, only_open: bool = False, limit: int = 200) -> list[ApprovalRow]:
        """The newest first; those that went over say so."""
        rows = await asyncio.to_thread(self._store.approvals, only_open=only_open, limit=limit)
        shown = [self._as_of_now(row) for row in rows]
        return [row for row in shown if not only_open or row.state == "open"]

    async def one(self, number: int) -> ApprovalRow:
        """One of them; raises `NoSuchApproval`."""
        row = await asyncio.to_thread(self._store.approval, number)
        if row is None:
            raise NoSuchApproval(SAY("never_asked", number=number))
        return self._as_of_now(row)

    async def approve(self, caller: Caller, number: int, note: str = "") -> ApprovalRow:
        """Say yes, and do it. It is done at most once, whoever else says yes at that moment.

        Raises `ApprovalRefused`, and what doing it raises: then its state is ``failed``.
        """
        row = await self._decidable(caller, number)
        if row.kind not in self._executes:
            raise ApprovalRefused(SAY("nobody_any_more", number=number, kind=row.kind))
        right, execute, may_still = self._executes[row.kind]
        body = json.loads(row.body)
        asker = await self._present(row.asked_by)
        if (
            asker is None
            or not asker.may(right, self._inventory(), self.zones_of(row))
            or not await may_still(asker, body)
        ):
            raise ApprovalRefused(SAY("asker_may_not", number=number, user=row.asked_by))
        taken = row._replace(
            state="taken", decided_by=caller.user, decided_at=self._now(), note=note[:1000]
        )
        await self._move(taken, "open")
        try:
            outcome = await execute(caller, body)
        except Exception as error:
            why = cut(message_of(error), 500) or type(error).__name__
            failed = taken._replace(state="failed", outcome=_json({"error": stored(why)}))
            await self._move(failed, "taken")
            await self._audit.write(
                caller, f"approve {row.kind}", str(number), "failed", {"why": why}
            )
            raise
        done = taken._replace(
            state="done", outcome=json.dumps(dict(outcome), ensure_ascii=False, default=str)
        )
        await self._move(done, "taken")
        await self._audit.write(
            caller, f"approve {row.kind}", str(number), detail={"asked_by": row.asked_by}
        )
        return done

    async def reject(self, caller: Caller, number: int, note: str = "") -> ApprovalRow:
        """Say no. Who asked may take it back so."""
        row = await self.one(number)
        if row.asked_by != caller.user:
            row = await self._decidable(caller, number)
        elif row.state != "open":
            raise ApprovalRefused(_is_decided(row))
        no = row._replace(
            state="rejected", decided_by=caller.user, decided_at=self._now(), note=note[:1000]
        )
        await self._move(no, "open")
        await self._audit.write(caller, f"reject {row.kind}", str(number))
        return no

    @staticmethod
    def summary_of(row: ApprovalRow) -> str:
        """What is asked, in a line."""
        return read_kept(row.summary)

    @staticmethod
    def reasons_of(row: ApprovalRow) -> list[str]:
        """Why it takes a second person."""
        reasons: list[str] = restored(json.loads(row.reasons))
        return reasons

    @staticmethod
    def outcome_of(row: ApprovalRow) -> dict[str, Any]:
        """What came of it, as plain data."""
        outcome: dict[str, Any] = restored(json.loads(row.outcome or "{}"))
        return outcome

    def zones_of(self, row: ApprovalRow) -> list[str]:
        """The zones that it touches."""
        return [str(zone) for zone in json.loads(row.zones)]

    async def _decidable(self, caller: Caller, number: int) -> ApprovalRow:
        row = await self.one(number)
        if row.state != "open":
            raise ApprovalRefused(_is_decided(row))
        if row.asked_by == caller.user:
            raise ApprovalRefused(SAY("own_request", number=number, user=caller.user))
        known = self._executes.get(row.kind)
        right = Right.ADMIN if known is None else known[0]
        for needed in (Right.APPROVE, right):
            if not caller.may(needed, self._inventory(), self.zones_of(row)):
                raise ApprovalRefused(SAY("takes_right", number=number, right=right_said(needed)))
        return row

    async def _move(self, row: ApprovalRow, state: str) -> None:
        if not await asyncio.to_thread(self._store.move_approval, row, state):
            raise ApprovalRefused(SAY("decided_meanwhile", number=row.number))

    def _as_of_now(self, row: ApprovalRow) -> ApprovalRow:
        is_over = row.state == "open" and row.expires_at <= self._now()
        return row._replace(state="expired") if is_over else row


def _is_decided(row: ApprovalRow) -> str:
    return SAY("is_decided", number=row.number, state=SAY(f"state_{row.state}"))


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False)
