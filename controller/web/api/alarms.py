"""``/alarms``: what is wrong now, and what was."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel

from controller.engine.alarm_types import AlarmType, Scope, Severity
from controller.ports.alarms import Alarm
from controller.service.alarm_log import by_grade
from controller.web.api.context import Context, context
from controller.web.api.instants import utc, utc_or_none
from controller.web.api.paging import After, Limit, Page, page_of
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import Problem
from controller.web.api.sight import Sight, sight
from controller.web.api.visible import visible_alarms

router = APIRouter(tags=["alarms"])

MOST_PAST = 10_000
_DAY_S = 86_400.0


class AlarmModel(BaseModel):
    """An alarm, open or past."""

    id: int
    type: str
    severity: str
    scope: str
    subject: str
    began_at: str
    raised_at: str
    cleared_at: str | None
    ending: str | None
    affected: int
    """Luminaires that have the condition now."""
    worst: int
    total: int
    detail: str
    acknowledged_at: str | None
    acknowledged_by: str | None
    note: str | None


class AlarmDetailModel(AlarmModel):
    """An alarm with whom it is about."""

    luminaires: list[str]
    """Affected now, a thousand at most."""


@router.get("/alarms")
async def alarms(
    here: Annotated[Context, Depends(context)],
    seen: Annotated[Sight, Depends(sight)],
    state: Annotated[str, Query(pattern="^(open|past|all)$")] = "open",
    severity: Annotated[list[Severity] | None, Query(max_length=3)] = None,
    type_: Annotated[list[AlarmType] | None, Query(alias="type", max_length=50)] = None,
    scope: Annotated[list[Scope] | None, Query(max_length=10)] = None,
    since: Annotated[AwareDatetime | None, Query(description="Past alarms from then on.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Past alarms before then.")] = None,
    limit: Limit = 100,
    after: After = None,
) -> Page[AlarmModel]:
    """Alarms: open ones, the gravest first; then past ones, the newest first.

    Past alarms of the last 31 days unless said, 10,000 at most.
    """
    found: list[Alarm] = []
    if state != "past":
        found += by_grade(here.control.alarms.open)
    if state != "open":
        now = here.clock.now()
        end = now + _DAY_S if until is None else until.timestamp()
        begin = end - 32 * _DAY_S if since is None else since.timestamp()
        found += await asyncio.to_thread(here.store.past_alarms, begin, end, MOST_PAST)
    fits = [
        one
        for one in visible_alarms(here, seen, found)
        if (not severity or one.severity in severity)
        and (not type_ or one.type in type_)
        and (not scope or one.scope in scope)
    ]
    shown, following = page_of(fits, lambda one: str(one.id), limit, after)
    return Page(
        items=[AlarmModel(**alarm_fields(one)) for one in shown], next=following, total=len(fits)
    )


@router.get("/alarms/{number}")
async def alarm(
    number: int,
    here: Annotated[Context, Depends(context)],
    seen: Annotated[Sight, Depends(sight)],
) -> AlarmDetailModel:
    """One alarm, and the luminaires that have the condition now."""
    found, names = await alarm_of(here, seen, number)
    return AlarmDetailModel(**alarm_fields(found), luminaires=names[:1000])


async def alarm_of(here: Context, seen: Sight, number: int) -> tuple[Alarm, list[str]]:
    """An alarm that the reader may see, with those of its luminaires that he may see."""
    log = here.control.alarms
    found = next((one for one in log.open if one.id == number), None)
    is_open = found is not None
    if found is None and 0 < number < 1 << 62:
        found = await asyncio.to_thread(here.store.alarm, number)
    if found is None or not visible_alarms(here, seen, [found]):
        raise Problem(ProblemCode.NOT_FOUND, kind="alarm", id=number)
    if not is_open:
        return found, []
    columns = here.control.engine.columns
    names = [
        name
        for name in log.luminaires(found)
        if seen.is_whole or seen.has(columns.zone_ids[columns.zone[columns.row_of[name]]])
    ]
    return found, names


def alarm_fields(one: Alarm) -> dict[str, Any]:
    """Fields of an `AlarmModel`."""
    taken = one.acknowledgement
    return {
        "id": one.id,
        "type": one.type.value,
        "severity": one.severity.value,
        "scope": one.scope.value,
        "subject": one.subject,
        "began_at": utc(one.began_at),
        "raised_at": utc(one.raised_at),
        "cleared_at": utc_or_none(one.cleared_at),
        "ending": None if one.ending is None else one.ending.value,
        "affected": one.affected,
        "worst": one.worst,
        "total": one.total,
        "detail": one.detail,
        "acknowledged_at": None if taken is None else utc(taken.at),
        "acknowledged_by": None if taken is None else taken.author,
        "note": None if taken is None else taken.note,
    }
