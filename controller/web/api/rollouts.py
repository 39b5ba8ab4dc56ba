"""``/rollouts``: an edit in stages, one district first."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from controller.errors import RevisionConflict
from controller.ports.work import RolloutRow
from controller.service.editing.desk import NotPermitted, Unproved
from controller.service.editing.drafts import DraftWrong
from controller.service.editing.rollouts import NoSuchRollout, RolloutHeld, stages_of
from controller.service.people import Caller, Right
from controller.web.api.access import require
from controller.web.api.context import Context, context
from controller.web.api.documents import etag_of
from controller.web.api.edits import (
    DONE_RESPONSES,
    EditModel,
    IfMatch,
    base_of,
    faults_of,
    refused,
    stale,
    unproved,
    wanted_of,
)
from controller.web.api.instants import utc
from controller.web.api.language import language_of
from controller.web.api.once import once
from controller.web.api.paging import After, Limit, Page, page_of
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import Problem, no_such
from controller.web.api.session import Body
from controller.web.api.sight import Sight, sight
from schedules.staging import zones_of
from zones.said import message_of, texts_in

router = APIRouter(tags=["rollouts"])

Here = Annotated[Context, Depends(context)]
Seen = Annotated[Sight, Depends(sight)]
Editor = Annotated[Caller, Depends(require(Right.EDIT))]
Number = Annotated[int, Path(ge=1, le=2**53)]
District = Annotated[str, Field(max_length=64)]
Stage = Annotated[list[District], Field(min_length=1, max_length=1000)]


class NewRollout(Body):
    """An edit, and which districts it reaches when; the others follow at the end."""

    edit: EditModel
    stages: Annotated[list[Stage], Field(min_length=1, max_length=100)]


class AdvanceModel(Body):
    """Which stage to put in force, from 1: said, a repeat does not put the next one in force."""

    stage: Annotated[int | None, Field(ge=1, le=1000)] = None


class AbortModel(Body):
    """Whether to leave the documents as they stand instead of going back."""

    leave: bool = False


class RolloutModel(BaseModel):
    """An edit that comes into force in stages."""

    id: str
    author: str
    comment: str
    created_at: str
    changed_at: str
    state: Literal["running", "done", "aborted"]
    stage: int
    """Stages in force."""
    stages: list[list[str]]
    """Districts of each."""
    base: int
    """Revision that it began with."""
    revision: int
    """Revision of the last stage that was put in force."""


class BegunModel(BaseModel):
    """What came of it."""

    rollout: RolloutModel | None
    revision: int | None
    approval: int | None
    needs_approval: list[str]


_WAITS: Final = {
    **{status: words for status, words in DONE_RESPONSES.items() if status not in {200, 202}},
    202: {"model": BegunModel, "description": "It waits for a second person."},
    409: {"description": "Another rollout is under way."},
}


@router.get("/rollouts")
async def rollouts(
    here: Here,
    seen: Seen,
    limit: Limit = 100,
    after: After = None,
) -> Page[RolloutModel]:
    """Rollouts of which the reader may see a district, the newest first."""
    found = [row for row in await here.rollouts.newest() if _is_seen(here, seen, row)]
    shown, following = page_of(found, lambda row: str(row.number), limit, after)
    return Page(items=[_model(row) for row in shown], next=following, total=len(found))


@router.get("/rollouts/{number}")
async def rollout(number: Number, here: Here, seen: Seen) -> RolloutModel:
    """One rollout."""
    return _model(await _seen_one(here, seen, number))


@router.post("/rollouts", response_model=BegunModel, status_code=201, responses=_WAITS)
async def begin(
    body: NewRollout, request: Request, asking: Editor, here: Here, if_match: IfMatch = None
) -> Response:
    """Put an edit in force in the districts of the first stage; the others keep what they have."""
    base, language = await base_of(here, if_match), language_of(request)
    wanted = wanted_of(body.edit)
    audit = here.people.audit

    async def work() -> Response:
        try:
            found = await here.rollouts.begin(
                asking, wanted, tuple(tuple(stage) for stage in body.stages), base
            )
        except DraftWrong as error:
            errors = faults_of(error)
            raise Problem(ProblemCode.INVALID, count=len(errors), errors=errors) from None
        except NotPermitted as error:
            await audit.write(asking, "begin rollout", "", "refused", {"why": str(error)})
            raise refused(error) from None
        except Unproved as error:
            raise await unproved(error, language) from None
        except RolloutHeld as error:
            raise Problem(ProblemCode.CONFLICT, why=message_of(error)) from None
        except RevisionConflict:
            raise await stale(here, base, language) from None
        row = found.rollout
        model = BegunModel(
            rollout=None if row is None else _model(row),
            revision=None if row is None else row.revision,
            approval=found.approval,
            needs_approval=texts_in(found.reasons, language),
        )
        subject = "" if row is None else str(row.number)
        detail = {"stages": len(body.stages), "approval": found.approval}
        await audit.write(asking, "begin rollout", subject, detail=detail)
        return Response(
            model.model_dump_json(),
            status_code=201 if row is not None else 202,
            media_type="application/json",
            headers={} if row is None else {"ETag": etag_of(row.revision)},
        )

    return await once(request, here, asking, work)


@router.post(
    "/rollouts/{number}/advance",
    response_model=RolloutModel,
    responses={409: {"description": "It ended, or its documents were changed meanwhile."}},
)
async def advance(
    number: Number, body: AdvanceModel, request: Request, asking: Editor, here: Here, seen: Seen
) -> Response:
    """Put the next stage in force."""

    async def work() -> Response:
        await _seen_one(here, seen, number)
        return await _moved(number, "advance rollout", asking, here, stage=body.stage)

    return await once(request, here, asking, work)


@router.post(
    "/rollouts/{number}/abort",
    response_model=RolloutModel,
    responses={409: {"description": "It ended, or its documents were changed meanwhile."}},
)
async def abort(
    number: Number, body: AbortModel, request: Request, asking: Editor, here: Here, seen: Seen
) -> Response:
    """Go back to the old documents in all districts, or stop where it stands."""

    async def work() -> Response:
        await _seen_one(here, seen, number)
        return await _moved(number, "abort rollout", asking, here, leave=body.leave)

    return await once(request, here, asking, work)


async def _moved(
    number: int,
    action: Literal["advance rollout", "abort rollout"],
    asking: Caller,
    here: Context,
    *,
    stage: int | None = None,
    leave: bool = False,
) -> Response:
    audit = here.people.audit
    try:
        if action == "advance rollout":
            row = await here.rollouts.advance(asking, number, stage)
        else:
            row = await here.rollouts.abort(asking, number, leave=leave)
    except NoSuchRollout:
        raise _missing(number) from None
    except NotPermitted as error:
        await audit.write(asking, action, str(number), "refused", {"why": str(error)})
        raise refused(error) from None
    except (RolloutHeld, RevisionConflict) as error:
        raise Problem(ProblemCode.CONFLICT, why=message_of(error)) from None
    detail = {"stage": row.reached, "state": row.state, "revision": row.revision}
    await audit.write(asking, action, str(number), detail=detail)
    return Response(
        _model(row).model_dump_json(),
        media_type="application/json",
        headers={"ETag": etag_of(row.revision)},
    )


async def _seen_one(here: Context, seen: Sight, number: int) -> RolloutRow:
    try:
        row = await here.rollouts.one(number)
    except NoSuchRollout:
        raise _missing(number) from None
    if not _is_seen(here, seen, row):
        raise _missing(number)
    return row


def _is_seen(here: Context, seen: Sight, row: RolloutRow) -> bool:
    if seen.zones is None:
        return True
    districts = [one for stage in stages_of(row) for one in stage]
    return not seen.zones.isdisjoint(zones_of(here.control.site.inventory, districts))


def _missing(number: int) -> Problem:
    return no_such("rollout", number)


def _model(row: RolloutRow) -> RolloutModel:
    return RolloutModel.model_validate(
        {
            "id": str(row.number),
            "author": row.author,
            "comment": row.comment,
            "created_at": utc(row.started_at),
            "changed_at": utc(row.changed_at),
            "state": row.state,
            "stage": row.reached,
            "stages": [list(stage) for stage in stages_of(row)],
            "base": row.base,
            "revision": row.revision,
        }
    )
