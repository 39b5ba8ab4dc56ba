"""``/work-orders``, and alarms taken notice of."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from controller.errors import AlarmAcknowledged, NoSuchAlarm
from controller.ports.alarms import Alarm
from controller.ports.work import WorkOrderRow, WorkOrderStep
from controller.service.alarm_place import place_of
from controller.service.names import right_said, thing_said
from controller.service.people import Caller, Right
from controller.service.sentences import SAY as SERVICE
from controller.service.work_orders import (
    MOST_LUMINAIRES,
    Change,
    NewWorkOrder,
    NoSuchWorkOrder,
    State,
    WorkOrderChanged,
    luminaires_of,
)
from controller.web.api.access import refuse_outside, require
from controller.web.api.alarms import AlarmModel, alarm_fields, alarm_of
from controller.web.api.context import Context, context
from controller.web.api.instants import utc
from controller.web.api.language import language_of
from controller.web.api.once import HEADER, digest_of, once
from controller.web.api.paging import LARGEST_NUMBER, After, Limit, Page, page_of
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import FieldProblem, Problem, no_such
from controller.web.api.sentences import SAY
from controller.web.api.session import Body
from controller.web.api.sight import Sight, sight
from zones.said import message_of

router = APIRouter(tags=["work orders"])


Here = Annotated[Context, Depends(context)]
Seen = Annotated[Sight, Depends(sight)]
Worker = Annotated[Caller, Depends(require(Right.WORK))]
Number = Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]
Note = Annotated[str, Field(max_length=1000)]
Assignee = Annotated[str, Field(max_length=100)]


class StepModel(BaseModel):
    """One change of a work order."""

    at: str
    by: str
    state: str
    assignee: str | None
    note: str


class WorkOrderModel(BaseModel):
    """Who goes out to repair what."""

    number: int
    title: str
    state: str
    alarm: int | None
    luminaires: list[str]
    zone: str | None
    assignee: str | None
    note: str | None
    created_at: str
    created_by: str
    changed_at: str
    version: int
    history: list[StepModel]


class NewModel(Body):
    """What is to be done; from an alarm its place and its luminaires are taken over."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    alarm: Annotated[int | None, Field(ge=1, le=LARGEST_NUMBER)] = None
    luminaires: Annotated[
        list[Annotated[str, Field(max_length=64)]] | None, Field(max_length=MOST_LUMINAIRES)
    ] = None
    zone: Annotated[str | None, Field(max_length=64)] = None
    assignee: Assignee | None = None
    note: Note = ""


class ChangeModel(Body):
    """What to change; what is left out stays."""

    state: State | None = None
    assignee: Assignee | None = None
    note: Note = ""


class NoticeModel(Body):
    """Who takes notice may say why nothing is done, or what."""

    note: Annotated[str, Field(max_length=500)] = ""


@router.get("/work-orders")
async def work_orders(
    here: Here,
    seen: Seen,
    state: Annotated[Literal["open", "in_progress", "done", "cancelled", "all"], Query()] = "all",
    assignee: Annotated[str | None, Query(max_length=100)] = None,
    alarm: Annotated[int | None, Query(ge=1, le=LARGEST_NUMBER)] = None,
    limit: Limit = 100,
    after: After = None,
) -> Page[WorkOrderModel]:
    """Work orders where the reader may see, the newest first."""
    kept = await here.work_orders.all()

    def chosen() -> list[WorkOrderRow]:
        return [
            row
            for row in kept
            if (state in {"all", row.state})
            and (assignee is None or row.assignee == assignee)
            and (alarm is None or row.alarm == alarm)
            and _is_seen(here, seen, row)
        ]

    found = await asyncio.to_thread(chosen)
    shown, following = page_of(found, lambda row: str(row.number), limit, after)
    steps = await here.work_orders.steps(shown)
    return Page(
        items=[_model(row, steps[row.number]) for row in shown],
        next=following,
        total=len(found),
    )


@router.get("/work-orders/{number}")
async def work_order(number: Number, response: Response, here: Here, seen: Seen) -> WorkOrderModel:
    """One work order with its history. Its ETag may come back with a change."""
    row = await _one(here, seen, number)
    response.headers["ETag"] = _etag(row)
    return await _told(here, row)


@router.post("/work-orders", response_model=WorkOrderModel, status_code=201)
async def make(
    body: NewModel, request: Request, asking: Worker, here: Here, seen: Seen
) -> Response:
    """Make a work order, by hand or from an alarm."""

    async def work() -> Response:
        wanted = await _wanted(body, here, seen)
        zones = _zones(here, wanted.luminaires, wanted.zone)
        if not zones and not asking.is_citywide(Right.WORK):
            raise _foreign_or_none(body)
        refuse_outside(asking, Right.WORK, here, zones)
        key = request.headers.get(HEADER)
        intent = None if key is None else digest_of(request, asking, key)
        row = await here.work_orders.make(wanted, asking.user, intent)
        detail = {"title": row.title, "alarm": row.alarm}
        await here.people.audit.write(asking, "make work order", str(row.number), detail=detail)
        return await _answer(here, row, 201)

    return await once(request, here, asking, work)


@router.patch(
    "/work-orders/{number}",
    response_model=WorkOrderModel,
    responses={
        409: {"description": "It cannot go there from where it stands."},
        412: {"description": "Somebody else changed it meanwhile."},
    },
)
async def change(
    number: Number,
    body: ChangeModel,
    request: Request,
    asking: Worker,
    here: Here,
    seen: Seen,
    if_match: Annotated[str | None, Header(max_length=100)] = None,
) -> Response:
    """Give it to somebody, move it on, note how it went."""

    async def work() -> Response:
        row = await _one(here, seen, number)
        zones = _zones(here, luminaires_of(row), row.zone or None)
        if not zones and not asking.is_citywide(Right.WORK):
            raise Problem(ProblemCode.FORBIDDEN, right=right_said(Right.WORK))
        refuse_outside(asking, Right.WORK, here, zones)
        if if_match is not None and if_match.strip().removeprefix("W/") not in {"*", _etag(row)}:
            raise Problem(
                ProblemCode.PRECONDITION_FAILED,
                given=if_match,
                etag=_etag(row),
                why=SERVICE("order_changed", number=number),
                headers={"ETag": _etag(row)},
            )
        is_cleared = "assignee" in body.model_fields_set and body.assignee is None
        wanted = Change(body.state, "" if is_cleared else body.assignee, body.note, row.version)
        try:
            changed = await here.work_orders.change(number, wanted, asking.user)
        except WorkOrderChanged as error:
            raise Problem(ProblemCode.CONFLICT, why=message_of(error)) from None
        detail = {"state": changed.state, "assignee": changed.assignee}
        await here.people.audit.write(asking, "change work order", str(number), detail=detail)
        return await _answer(here, changed, 200)

    return await once(request, here, asking, work)


@router.post(
    "/alarms/{number}/acknowledge",
    tags=["alarms"],
    response_model=AlarmModel,
    responses={409: {"description": "Somebody took notice before; says who."}},
)
async def acknowledge(
    number: Number,
    body: NoticeModel,
    request: Request,
    asking: Annotated[Caller, Depends(require(Right.ACKNOWLEDGE))],
    here: Here,
    seen: Seen,
) -> Response:
    """Take notice of an alarm. It is stored before this answers."""

    async def work() -> Response:
        alarm, names = await alarm_of(here, seen, number)
        zones = _zones_of_alarm(here, alarm, names)
        if not zones and not asking.is_citywide(Right.ACKNOWLEDGE):
            raise Problem(ProblemCode.FORBIDDEN, right=right_said(Right.ACKNOWLEDGE))
        refuse_outside(asking, Right.ACKNOWLEDGE, here, zones)
        try:
            taken = await here.actions.acknowledge_alarm(number, asking.user, body.note)
        except NoSuchAlarm:
            raise no_such("alarm", number) from None
        except AlarmAcknowledged as error:
            raise Problem(ProblemCode.CONFLICT, why=message_of(error)) from None
        await here.people.audit.write(
            asking, "acknowledge alarm", str(number), detail={"note": body.note}
        )
        fields = alarm_fields(taken, here.control.site, language_of(request))
        return Response(AlarmModel(**fields).model_dump_json(), media_type="application/json")

    return await once(request, here, asking, work)


async def _wanted(body: NewModel, here: Context, seen: Sight) -> NewWorkOrder:
    """The order that is meant; what it names must be what the reader may see."""
    faults = []
    names, zone = body.luminaires, body.zone
    if body.alarm is not None:
        try:
            alarm, affected = await alarm_of(here, seen, body.alarm)
        except Problem:
            faults.append(FieldProblem(field="alarm", value=body.alarm, detail=_none("alarm")))
        else:
            place = place_of(alarm, here.control.site)
            names = affected[:MOST_LUMINAIRES] if names is None else names
            zone = place.zone if zone is None else zone
    inventory = here.control.site.inventory
    for place_in_list, name in enumerate(names or ()):
        luminaire = inventory.luminaire_by_id.get(name)
        if luminaire is None or not seen.has(luminaire.zone):
            field = f"luminaires.{place_in_list}"
            faults.append(FieldProblem(field=field, value=name, detail=_none("luminaire")))
    if zone is not None and (zone not in inventory.zone_by_id or not seen.has(zone)):
        faults.append(FieldProblem(field="zone", value=zone, detail=_none("zone")))
    if not body.title.strip():
        faults.append(FieldProblem(field="title", value=body.title, expected=SAY("to_be_done")))
    if faults:
        raise Problem(ProblemCode.INVALID, count=len(faults), errors=faults[:100])
    return NewWorkOrder(
        body.title, body.alarm, tuple(names or ()), zone, body.assignee or "", body.note
    )


def _none(thing: str) -> str:
    return SAY("no_such", thing=thing_said(thing))


def _foreign_or_none(body: NewModel) -> Problem:
    """Somebody with a part of the city must say where it is."""
    if body.alarm is not None:
        return Problem(ProblemCode.FORBIDDEN, right=right_said(Right.WORK))
    fault = FieldProblem(field="zone", value=body.zone, expected=SAY("own_zone"))
    return Problem(ProblemCode.INVALID, count=1, errors=[fault])


async def _one(here: Context, seen: Sight, number: int) -> WorkOrderRow:
    try:
        row = await here.work_orders.one(number)
    except NoSuchWorkOrder:
        row = None
    if row is None or not _is_seen(here, seen, row):
        raise no_such("work order", number)
    return row


def _is_seen(here: Context, seen: Sight, row: WorkOrderRow) -> bool:
    """Orders without a place are everybody's business who may see the whole city."""
    return seen.is_whole or any(
        seen.has(zone) for zone in _zones(here, luminaires_of(row), row.zone or None)
    )


def _zones(here: Context, luminaires: list[str] | tuple[str, ...], zone: str | None) -> set[str]:
    """Zones that an order is about, as far as they are in the inventory still."""
    inventory = here.control.site.inventory
    found = {
        inventory.luminaire_by_id[name].zone
        for name in luminaires
        if name in inventory.luminaire_by_id
    }
    return found | ({zone} & inventory.zone_by_id.keys() if zone is not None else set())


def _zones_of_alarm(here: Context, alarm: Alarm, names: list[str]) -> set[str]:
    return _zones(here, names, place_of(alarm, here.control.site).zone)


async def _told(here: Context, row: WorkOrderRow) -> WorkOrderModel:
    return _model(row, (await here.work_orders.steps([row]))[row.number])


async def _answer(here: Context, row: WorkOrderRow, status: int) -> Response:
    headers: dict[str, Any] = {"ETag": _etag(row)}
    body = (await _told(here, row)).model_dump_json()
    return Response(body, status_code=status, media_type="application/json", headers=headers)


def _etag(row: WorkOrderRow) -> str:
    return f'"w{row.version}"'


def _model(row: WorkOrderRow, steps: list[WorkOrderStep]) -> WorkOrderModel:
    return WorkOrderModel(
        number=row.number,
        title=row.title,
        state=row.state,
        alarm=row.alarm,
        luminaires=luminaires_of(row),
        zone=row.zone or None,
        assignee=row.assignee or None,
        note=row.note or None,
        created_at=utc(row.created_at),
        created_by=row.created_by,
        changed_at=utc(row.changed_at),
        version=row.version,
        history=[
            StepModel(
                at=utc(step.at),
                by=step.author,
                state=step.state,
                assignee=step.assignee or None,
                note=step.note,
            )
            for step in steps
        ],
    )
