"""``/overrides``: stepping in above the program, at once and for a while."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, Field, ValidationError
from starlette.responses import Response

from controller.service.editing.desk import NotPermitted
from controller.service.editing.overrides import free_id, held_count, meant_luminaires
from controller.service.in_thread import finished
from controller.service.people import Caller, Right
from controller.web.api.access import require
from controller.web.api.context import Context, context
from controller.web.api.documents import etag_of
from controller.web.api.edits import refused
from controller.web.api.faults import field_problems
from controller.web.api.language import language_of
from controller.web.api.once import HEADER, digest_of, once
from controller.web.api.paging import After, Limit, Page, page_of
from controller.web.api.session import Body
from controller.web.api.sight import Sight, sight
from controller.web.api.tonight import OverrideModel, override_model
from controller.web.api.visible import concerns
from schedules import Override, OverrideKind, Selector
from schedules.overrides import FIRST_AT, LAST_AT, overrides_in_force
from zones import Category
from zones.said import texts_in

router = APIRouter(tags=["overrides"])

_MOST_NAMED: Final = 100_000

Here = Annotated[Context, Depends(context)]
Operator = Annotated[Caller, Depends(require(Right.OVERRIDE))]


class SelectorModel(Body):
    """Who is meant: all that any of these selects."""

    city: bool = False
    districts: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    zones: tuple[str, ...] = ()
    luminaires: Annotated[tuple[str, ...], Field(max_length=_MOST_NAMED)] = ()


class NewOverride(Body):
    """An override to put in force. It says one of level and program."""

    selector: SelectorModel
    level: Annotated[float | None, Field(ge=0, le=100)] = None
    program: str | None = None
    ramp_s: Annotated[int, Field(ge=0, le=86_400)] = 0
    kind: OverrideKind = OverrideKind.OPERATOR
    start_at: AwareDatetime | None = None
    """Now unless said."""
    end_at: AwareDatetime
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class OverrideDone(BaseModel):
    """What came of it, or would."""

    override: OverrideModel
    revision: int | None
    """In force with it; null on a dry run, and where it waits for a second person."""
    approval: int | None
    luminaires: int
    held_by_limits: int
    """Of them those that a floor or ceiling keeps from its level."""
    needs_approval: list[str]


class Ended(BaseModel):
    """An override was ended."""

    revision: int


@router.get("/overrides")
async def overrides(
    here: Here,
    seen: Annotated[Sight, Depends(sight)],
    past: Annotated[bool, Query(description="Those that are over, too.")] = False,  # noqa: FBT002
    limit: Limit = 100,
    after: After = None,
) -> Page[OverrideModel]:
    """Overrides in force, the strongest first; then those to come; then those that are over."""
    now, known = here.desk.now(), here.control.site.plan.overrides
    coming = sorted((one for one in known if one.start_at > now), key=lambda one: one.start_at)
    over = [one for one in known if one.end_at <= now] if past else []
    shown = [
        one
        for one in (*overrides_in_force(known, now), *coming, *reversed(over))
        if concerns(here, seen, one.selector)
    ]
    part, following = page_of(shown, lambda one: one.id, limit, after)
    return Page(
        items=[override_model(one, is_in_force=one.is_in_force(now)) for one in part],
        next=following,
        total=len(shown),
    )


@router.post(
    "/overrides",
    response_model=OverrideDone,
    responses={202: {"model": OverrideDone, "description": "It waits for a second person."}},
)
async def set_override(
    body: NewOverride,
    request: Request,
    asking: Operator,
    here: Here,
    dry_run: Annotated[bool, Query(description="Say what it would do.")] = False,  # noqa: FBT002
) -> Response:
    """Hold a level, or run a program, until it ends by itself or is ended."""
    one = _override(body, request, asking, here)

    async def work() -> Response:
        try:
            count, reasons = await here.desk.weigh_override(asking, one)
            found = None if dry_run else await here.desk.set_override(asking, one)
        except NotPermitted as error:
            await here.people.audit.write(
                asking, "set override", one.id, "refused", {"why": str(error)}
            )
            raise refused(error) from None
        site = here.control.site
        held = await finished(lambda: held_count(site, one, meant_luminaires(site, one)))
        if found is not None:
            if found.approval is None and found.revision is None:  # it was in force already
                found = replace(found, revision=await here.revision())
            detail = {"kind": one.kind.value, "luminaires": count, "approval": found.approval}
            await here.people.audit.write(asking, "set override", one.id, detail=detail)
        model = OverrideDone(
            override=override_model(one, is_in_force=one.is_in_force(here.desk.now())),
            revision=None if found is None else found.revision,
            approval=None if found is None else found.approval,
            luminaires=count,
            held_by_limits=held,
            needs_approval=texts_in(reasons, language_of(request)),
        )
        return Response(
            model.model_dump_json(),
            status_code=202 if model.approval is not None else 200,
            media_type="application/json",
            headers={} if model.revision is None else {"ETag": etag_of(model.revision)},
        )

    return await work() if dry_run else await once(request, here, asking, work)


@router.post("/overrides/{name}/end", response_model=Ended)
async def end_override(name: str, request: Request, asking: Operator, here: Here) -> Response:
    """End an override now; what lies below it holds again."""

    async def work() -> Response:
        try:
            revision = await here.desk.end_override(asking, name)
        except NotPermitted as error:
            await here.people.audit.write(
                asking, "end override", name, "refused", {"why": str(error)}
            )
            raise refused(error) from None
        await here.people.audit.write(asking, "end override", name)
        return Response(
            Ended(revision=revision).model_dump_json(),
            media_type="application/json",
            headers={"ETag": etag_of(revision)},
        )

    return await once(request, here, asking, work)


def _override(body: NewOverride, request: Request, asking: Caller, here: Context) -> Override:
    """The override that is meant, its faults told by their fields."""
    now = here.desk.now()
    words: dict[str, Any] = body.model_dump(exclude={"selector", "start_at", "end_at"})
    end_at = body.end_at.replace(microsecond=0)
    start_at = now if body.start_at is None else body.start_at.replace(microsecond=0)
    try:
        return Override(
            id=_name(request, asking, here),
            selector=Selector(
                city=body.selector.city,
                districts=frozenset(body.selector.districts),
                categories=frozenset(body.selector.categories),
                zones=frozenset(body.selector.zones),
                luminaires=frozenset(body.selector.luminaires),
            ),
            start_at=start_at,
            end_at=end_at,
            author=asking.user,
            created_at=now,
            **words,
        )
    except ValidationError as error:
        raise field_problems([_placed(one, error.title, body) for one in error.errors()]) from None


def _placed(error: Mapping[str, Any], model: str, body: NewOverride) -> Mapping[str, Any]:
    """A fault of the document as a whole, at the field of the request that it is about."""
    if error["loc"]:
        return error
    if model == Selector.__name__:
        return {**error, "loc": ("selector",), "input": body.selector.model_dump(mode="json")}
    if (body.level is None) == (body.program is None):
        return {**error, "loc": ("level",), "input": body.level}
    far = body.start_at is not None and not FIRST_AT <= body.start_at < LAST_AT
    at = body.start_at if far else body.end_at
    return {**error, "loc": ("start_at" if far else "end_at",), "input": str(at)}


def _name(request: Request, asking: Caller, here: Context) -> str:
    """The same for the same intent, so that a repeat after a crash is no second override."""
    key = request.headers.get(HEADER)
    if key is None:
        return free_id(here.control.site, here.desk.now())
    return f"api-{hashlib.sha256(digest_of(request, asking, key)).hexdigest()[:24]}"
