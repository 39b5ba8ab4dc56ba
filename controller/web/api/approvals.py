"""``/approvals`` and ``/audit``: the second person, and who did what."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, Field

from controller.ports.people import ApprovalRow, AuditRow
from controller.service.people import Approvals, Caller, Right
from controller.service.people.approvals import ApprovalRefused, NoSuchApproval
from controller.service.people.audit import Outcome, Wanted
from controller.web.api.access import require
from controller.web.api.context import Context, context
from controller.web.api.instants import utc, utc_or_none
from controller.web.api.language import language_of
from controller.web.api.paging import LARGEST_NUMBER, After, Limit, Page, unknown_cursor
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import Problem, no_such
from controller.web.api.session import Body
from zones.said import Language, data_in, message_of, text_in, texts_in

router = APIRouter(tags=["people"])

Number = Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]
Here = Annotated[Context, Depends(context)]


class ApprovalModel(BaseModel):
    """Something that waits for a second person, or did."""

    number: int
    kind: str
    summary: str
    reasons: list[str]
    zones: list[str]
    asked_by: str
    asked_at: str
    expires_at: str
    state: str
    decided_by: str
    decided_at: str | None
    note: str
    outcome: dict[str, Any]
    is_own: bool
    """Whether the reader asked for it, and so cannot say yes."""


class ApprovalList(BaseModel):
    """The newest first."""

    items: list[ApprovalModel]


class Decision(Body):
    """Yes or no, and why."""

    note: Annotated[str, Field(max_length=1000)] = ""


class AuditModel(BaseModel):
    """One line of the audit log."""

    number: int
    at: str
    actor: str
    via: str
    address: str
    action: str
    subject: str
    outcome: str
    detail: dict[str, Any]
    hash: str


class VerdictModel(BaseModel):
    """Whether the log's chain holds."""

    is_whole: bool
    lines: int
    head: str
    broken_at: int | None
    why: str
    cuts: list[int]
    """Lines that say that the log had been found cut before them."""


@router.get("/approvals")
async def approvals(
    request: Request,
    asking: Annotated[Caller, Depends(require(Right.VIEW))],
    here: Here,
    open: bool = False,  # noqa: A002, FBT001, FBT002 - a query parameter
) -> ApprovalList:
    """What waits for a second person, as far as it touches zones that the reader may see."""
    rows = await here.people.approvals.newest(only_open=open)
    return ApprovalList(
        items=[
            _approval(row, asking, language_of(request))
            for row in rows
            if _is_seen(here, asking, row)
        ]
    )


@router.post("/approvals/{number}/approve")
async def approve(
    number: Number,
    body: Decision,
    request: Request,
    asking: Annotated[Caller, Depends(require(Right.APPROVE))],
    here: Here,
) -> ApprovalModel:
    """Say yes; it is done before this answers, and at most once."""
    with _refusals(number):
        await _refuse_unseen(here, asking, number)
        row = await here.people.approvals.approve(asking, number, body.note)
    return _approval(row, asking, language_of(request))


@router.post("/approvals/{number}/reject")
async def reject(
    number: Number,
    body: Decision,
    request: Request,
    asking: Annotated[Caller, Depends(require(Right.VIEW))],
    here: Here,
) -> ApprovalModel:
    """Say no; who asked takes it back so."""
    with _refusals(number):
        await _refuse_unseen(here, asking, number)
        row = await here.people.approvals.reject(asking, number, body.note)
    return _approval(row, asking, language_of(request))


@router.get("/audit")
async def audit(
    asking: Annotated[Caller, Depends(require(Right.AUDIT, in_city=True))],
    here: Here,
    limit: Limit = 100,
    after: After = None,
    actor: Annotated[str | None, Query(max_length=100)] = None,
    action: Annotated[str | None, Query(max_length=100, description="A part of it.")] = None,
    outcome: Annotated[Outcome | None, Query()] = None,
    since: Annotated[AwareDatetime | None, Query()] = None,
    until: Annotated[AwareDatetime | None, Query(description="Without it.")] = None,
) -> Page[AuditModel]:
    """Who did what, the newest first. Lines are never changed: ``/audit/verify`` proves it."""
    wanted = Wanted(
        actor,
        action,
        outcome,
        None if since is None else since.timestamp(),
        None if until is None else until.timestamp(),
    )
    before = None if after is None else _number(after)
    store = here.people.audit
    rows = await asyncio.to_thread(store.newest, before, limit, wanted)
    total = await asyncio.to_thread(store.count)
    items = [_line(row) for row in rows]
    is_last = len(rows) < limit
    return Page(items=items, next=None if is_last else str(rows[-1].number), total=total)


@router.get("/audit/verify")
async def verify(
    request: Request,
    asking: Annotated[Caller, Depends(require(Right.AUDIT, in_city=True))],
    here: Here,
    head: Annotated[
        str | None, Query(pattern="^[0-9a-fA-F]{64}$", description="As an earlier walk gave it.")
    ] = None,
) -> VerdictModel:
    """Walk the whole chain."""
    found = await asyncio.to_thread(here.people.audit.verify, head)
    return VerdictModel(
        is_whole=found.broken is None,
        lines=found.lines,
        head=found.head,
        broken_at=None if found.broken is None else found.broken.number,
        why="" if found.broken is None else text_in(found.broken.why, language_of(request)),
        cuts=list(found.cuts),
    )


@contextmanager
def _refusals(number: int) -> Iterator[None]:
    """Let what cannot be decided be a problem."""
    try:
        yield
    except NoSuchApproval:
        raise no_such("approval", str(number)) from None
    except ApprovalRefused as error:
        raise Problem(ProblemCode.CONFLICT, why=message_of(error)) from None


def _is_seen(here: Context, asking: Caller, row: ApprovalRow) -> bool:
    """What somebody asked for, and what touches only zones that they may see."""
    zones = here.people.approvals.zones_of(row)
    return row.asked_by == asking.user or asking.may(Right.VIEW, here.control.site.inventory, zones)


async def _refuse_unseen(here: Context, asking: Caller, number: int) -> None:
    """What may not be seen is answered as if nobody had asked for it."""
    if not _is_seen(here, asking, await here.people.approvals.one(number)):
        raise no_such("approval", str(number))


def _approval(row: ApprovalRow, asking: Caller, language: Language) -> ApprovalModel:
    return ApprovalModel(
        number=row.number,
        kind=row.kind,
        summary=text_in(Approvals.summary_of(row), language),
        reasons=texts_in(Approvals.reasons_of(row), language),
        zones=json.loads(row.zones),
        asked_by=row.asked_by,
        asked_at=utc(row.asked_at),
        expires_at=utc(row.expires_at),
        state=row.state,
        decided_by=row.decided_by,
        decided_at=utc_or_none(row.decided_at),
        note=row.note,
        outcome=data_in(Approvals.outcome_of(row), language),
        is_own=row.asked_by == asking.user,
    )


def _number(after: str) -> int:
    if not (after.isascii() and after.isdecimal() and int(after) <= LARGEST_NUMBER):
        raise unknown_cursor(after)
    return int(after)


def _line(row: AuditRow) -> AuditModel:
    return AuditModel(
        number=row.number,
        at=utc(row.at),
        actor=row.actor,
        via=row.via,
        address=row.address,
        action=row.action,
        subject=row.subject,
        outcome=row.outcome,
        detail=_detail(row.detail),
        hash=row.hash.hex(),
    )


def _detail(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:  # cut to its longest
        return {"text": text}
    return found if isinstance(found, dict) else {"value": found}
