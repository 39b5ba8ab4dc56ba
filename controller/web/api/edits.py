"""``/edits``, documents put and deleted, ``/revisions/{n}/rollback``, drafts of nights."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import BaseModel, Field, JsonValue
from starlette.responses import Response

from controller.errors import NoSuchRevision, RevisionConflict
from controller.ports.store import Revision
from controller.service.actions import LATEST
from controller.service.editing.desk import Done, NotPermitted, Unproved, Wanted
from controller.service.editing.drafts import Draft, DraftWrong, Fault, Put, applied
from controller.service.editing.edit_data import change_data, edit_data
from controller.service.names import right_said
from controller.service.people import Caller, Right
from controller.web.api.access import require
from controller.web.api.context import Context, context
from controller.web.api.documents import etag_of
from controller.web.api.instants import utc
from controller.web.api.language import language_of
from controller.web.api.once import once
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import FieldProblem, Problem, no_such
from controller.web.api.schedules import (
    FirstDay,
    LastDay,
    NightModel,
    Year,
    YearModel,
    nights_of,
    year_of,
)
from controller.web.api.sentences import SAY
from controller.web.api.session import Body
from controller.web.api.sight import Sight, sight
from schedules import Language, Site
from schedules.difference import difference
from zones.said import text_in, texts_in

router = APIRouter(tags=["edits"])

_MOST_TOLD: Final = 10

Here = Annotated[Context, Depends(context)]
Editor = Annotated[Caller, Depends(require(Right.EDIT))]
IfMatch = Annotated[
    str | None, Header(description='The ETag of the documents that the edit began with, `"r12"`.')
]
Kind = Annotated[str, Field(max_length=40)]
Key = Annotated[str, Field(min_length=1, max_length=200)]


class PutModel(Body):
    """A document to put in force, new or in place of the one of its key."""

    kind: Kind
    document: dict[str, JsonValue]
    key: Key | None = None


class DeleteModel(Body):
    """A document to delete."""

    kind: Kind
    id: Key


class DraftModel(Body):
    """Documents to put and to delete together."""

    put: Annotated[tuple[PutModel, ...], Field(max_length=1000)] = ()
    delete: Annotated[tuple[DeleteModel, ...], Field(max_length=1000)] = ()


class EditModel(DraftModel):
    """An edit."""

    comment: Annotated[str, Field(max_length=500)] = ""
    unproved_because: Annotated[str, Field(max_length=500)] = ""
    """Why it must be put in force though its proof fails; takes a second person."""


class DocumentModel(Body):
    """One document, to put in force by itself."""

    document: dict[str, JsonValue]
    comment: Annotated[str, Field(max_length=500)] = ""


class RollbackModel(Body):
    """Why."""

    comment: Annotated[str, Field(max_length=500)] = ""


class MoneyModel(BaseModel):
    """An amount."""

    currency: str
    amount: float


class CostModel(BaseModel):
    """What an edit costs the whole city over the nights that were compared; after less before."""

    nights: int
    energy_kwh_before: float
    energy_kwh_after: float
    energy_kwh_delta: float
    co2_kg_delta: float | None
    """Null where no grid factor is known."""
    burning_hours_delta: float
    """Of a luminaire, in the mean."""
    money_delta: list[MoneyModel] | None
    """By the tariffs' hours; null where no tariff is known."""
    unpriced_kwh_delta: float
    """Of the energy, what no tariff prices: it is not in the money."""


class WeighedModel(BaseModel):
    """What an edit would do; nothing changed."""

    ok: bool
    errors: list[FieldProblem]
    difference: dict[str, Any] | None
    proof: dict[str, Any] | None
    cost: CostModel | None
    use: dict[str, Any] | None
    luminaires: int
    needs_approval: list[str]


class DoneModel(BaseModel):
    """What came of it."""

    revision: int | None
    """In force now; null where it waits for a second person."""
    approval: int | None
    needs_approval: list[str]


DONE_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "In force."},
    202: {"model": DoneModel, "description": "It waits for a second person."},
    412: {"description": "Somebody else put documents in force meanwhile; says who and what."},
    428: {"description": "If-Match is missing."},
}


@router.post("/edits", response_model=DoneModel | WeighedModel, responses=DONE_RESPONSES)
async def edit(
    body: EditModel,
    request: Request,
    asking: Editor,
    here: Here,
    dry_run: Annotated[bool, Query(description="Weigh it; change nothing.")] = False,  # noqa: FBT002
    if_match: IfMatch = None,
) -> Any:
    """Put documents in force together, or see what that would do: proof, difference, cost."""
    if dry_run:
        return await _weighed(body, asking, here, language_of(request))
    return await once(
        request, here, asking, lambda: _in_force(wanted_of(body), request, asking, here, if_match)
    )


@router.put("/documents/{kind}/{key}", response_model=DoneModel, responses=DONE_RESPONSES)
async def put(
    kind: str,
    key: str,
    body: DocumentModel,
    request: Request,
    asking: Editor,
    here: Here,
    if_match: IfMatch = None,
) -> Response:
    """Put one document in force."""
    wanted = Wanted(Draft(put=(Put(kind, body.document, key),)), body.comment)
    return await _in_force(wanted, request, asking, here, if_match)


@router.delete("/documents/{kind}/{key}", response_model=DoneModel, responses=DONE_RESPONSES)
async def delete(
    kind: str,
    key: str,
    request: Request,
    asking: Editor,
    here: Here,
    if_match: IfMatch = None,
    comment: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """Delete one document."""
    wanted = Wanted(Draft(delete=((kind, key),)), comment)
    return await _in_force(wanted, request, asking, here, if_match)


@router.post("/revisions/{number}/rollback", response_model=DoneModel, responses=DONE_RESPONSES)
async def rollback(
    number: int,
    body: RollbackModel,
    request: Request,
    asking: Editor,
    here: Here,
    if_match: IfMatch = None,
) -> Response:
    """Put an old revision in force again, as a new one. The way back is never barred.

    Overrides stay as they are: none is ended, none comes back.
    """
    if not asking.is_citywide(Right.EDIT):
        raise Problem(ProblemCode.FORBIDDEN, right=right_said(Right.EDIT))
    base = await base_of(here, if_match)

    async def work() -> Response:
        try:
            revision = await here.actions.rollback(
                number, base, asking.user, body.comment, keeps_overrides=True
            )
        except NoSuchRevision:
            raise no_such("revision", number) from None
        except RevisionConflict:
            raise await stale(here, base, language_of(request)) from None
        await here.people.audit.write(asking, "roll back", str(number), detail={"to": revision})
        return done(Done(revision=revision), language_of(request))

    return await once(request, here, asking, work)


@router.post("/zones/{zone_id}/nights")
async def drafted_nights(
    zone_id: str,
    body: DraftModel,
    request: Request,
    here: Here,
    seen: Annotated[Sight, Depends(sight)],
    first: FirstDay = None,
    last: LastDay = None,
) -> list[NightModel]:
    """What a zone would do with a draft in force, night by night, and why."""
    seen.zone(here, zone_id)
    site = await _drafted(here, body)
    return await nights_of(here, site, zone_id, language_of(request), first, last)


@router.post("/zones/{zone_id}/year")
async def drafted_year(
    zone_id: str,
    body: DraftModel,
    here: Here,
    seen: Annotated[Sight, Depends(sight)],
    year: Year,
) -> YearModel:
    """A year of a zone with a draft in force."""
    seen.zone(here, zone_id)
    return await year_of(here, await _drafted(here, body), zone_id, year)


def wanted_of(body: EditModel) -> Wanted:
    """The edit that a body means."""
    return Wanted(draft_of(body), body.comment, body.unproved_because)


def draft_of(body: DraftModel) -> Draft:
    """The draft that a body means."""
    return Draft(
        tuple(Put(one.kind, one.document, one.key) for one in body.put),
        tuple((one.kind, one.id) for one in body.delete),
    )


async def base_of(here: Context, if_match: str | None) -> int:
    """The revision that an edit began with; refuses an edit that does not say it."""
    if if_match is None:
        raise Problem(ProblemCode.PRECONDITION_REQUIRED, etag=etag_of(await here.revision()))
    text = if_match.strip().removeprefix("W/").strip('"')
    if text == "*":
        return LATEST
    if not text.startswith("r") or not text[1:].isdecimal():
        raise Problem(
            ProblemCode.INVALID,
            count=1,
            errors=[FieldProblem(field="If-Match", value=if_match, expected='"r12"')],
        )
    return int(text[1:])


def faults_of(error: DraftWrong) -> list[FieldProblem]:
    """The faults of a draft as fields."""
    return [field_of(one) for one in error.faults]


def field_of(fault: Fault) -> FieldProblem:
    """One fault as a field."""
    return FieldProblem(
        field=fault.field, value=fault.value, expected=fault.expected, detail=fault.detail
    )


def done(found: Done, language: Language) -> Response:
    """The answer to what was put in force, or waits."""
    model = DoneModel(
        revision=found.revision,
        approval=found.approval,
        needs_approval=texts_in(found.reasons, language),
    )
    headers = {} if found.revision is None else {"ETag": etag_of(found.revision)}
    return Response(
        model.model_dump_json(),
        status_code=202 if found.approval is not None else 200,
        media_type="application/json",
        headers=headers,
    )


def refused(error: NotPermitted) -> Problem:
    """The caller lacks a right somewhere."""
    return Problem(
        ProblemCode.FORBIDDEN,
        right=right_said(error.right.value),
        extra={"zones": list(error.zones[:100])},
    )


async def unproved(error: Unproved, language: Language) -> Problem:
    """Nights fail; says which."""
    proof = await asyncio.to_thread(edit_data, error.edit, language)
    return Problem(ProblemCode.UNPROVED, extra={"proof": proof["proof"]})


async def _weighed(
    body: EditModel, asking: Caller, here: Context, language: Language
) -> WeighedModel:
    try:
        found = await here.desk.weigh(asking, wanted_of(body))
    except DraftWrong as error:
        return WeighedModel(
            ok=False,
            errors=[one.told(language) for one in faults_of(error)],
            difference=None,
            proof=None,
            cost=None,
            use=None,
            luminaires=0,
            needs_approval=[],
        )
    except NotPermitted as error:
        raise refused(error) from None
    data = await asyncio.to_thread(edit_data, found.edit, language)
    return WeighedModel(
        ok=not found.edit.is_unproved,
        errors=[],
        luminaires=found.edit.change.luminaires,
        needs_approval=texts_in(found.reasons, language),
        **data,
    )


async def _in_force(
    wanted: Wanted, request: Request, asking: Caller, here: Context, if_match: str | None
) -> Response:
    base, language = await base_of(here, if_match), language_of(request)
    audit = here.people.audit
    kinds = ", ".join(sorted(wanted.draft.kinds))
    try:
        found = await here.desk.put_in_force(asking, wanted, base)
    except DraftWrong as error:
        errors = faults_of(error)
        raise Problem(ProblemCode.INVALID, count=len(errors), errors=errors) from None
    except NotPermitted as error:
        await audit.write(asking, "edit", kinds, "refused", {"why": str(error)})
        raise refused(error) from None
    except Unproved as error:
        await audit.write(asking, "edit", kinds, "refused", {"why": str(error)})
        raise await unproved(error, language) from None
    except RevisionConflict:
        raise await stale(here, base, language) from None
    detail = {"revision": found.revision, "approval": found.approval, "comment": wanted.comment}
    await audit.write(asking, "edit", kinds, detail=detail)
    return done(found, language)


async def _drafted(here: Context, body: DraftModel) -> Site:
    draft, present = draft_of(body), here.control.site
    if not draft.kinds:
        return present
    try:
        return await here.planning.off_the_loop(lambda: applied(present, draft, is_preview=True))
    except DraftWrong as error:
        errors = faults_of(error)
        raise Problem(ProblemCode.INVALID, count=len(errors), errors=errors) from None


async def stale(here: Context, base: int, language: Language) -> Problem:
    """Somebody else was faster: who, when, why, and what they changed."""
    changes = await asyncio.to_thread(_since, here, base, language)
    newest = changes[-1]["revision"] if changes else await here.revision()
    by = ", ".join(dict.fromkeys(str(one["author"]) for one in changes if one["author"]))
    why = SAY("changed_by", by=by)
    return Problem(
        ProblemCode.PRECONDITION_FAILED,
        given=etag_of(base),
        etag=etag_of(newest),
        why=why,
        extra={"revision": newest, "changes": changes},
        headers={"ETag": etag_of(newest)},
    )


def _since(here: Context, base: int, language: Language) -> list[dict[str, Any]]:
    kept = here.store.revisions()
    later: Sequence[Revision] = [one for one in kept if one.number > base]
    told = []
    before = here.store.load_site(base) if any(one.number == base for one in kept) else None
    for one in later[:_MOST_TOLD]:
        after = here.store.load_site(one.number)
        documents: list[Any] = []
        if before is not None and after is not None:
            documents = change_data(difference(before, after))["documents"]
        told.append(
            {
                "revision": one.number,
                "author": one.author,
                "saved_at": utc(one.saved_at),
                "comment": text_in(one.comment, language),
                "documents": documents[:100],
            }
        )
        before = after
    return told
