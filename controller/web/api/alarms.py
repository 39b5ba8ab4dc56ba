"""``/alarms``: what is wrong now, and what was."""

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel

from controller.engine.alarm_types import AlarmType, Scope, Severity
from controller.engine.alarm_wording import type_name
from controller.ports.alarms import Alarm
from controller.service.alarm_data import alarm_data
from controller.service.alarm_log import by_grade
from controller.service.alarm_place import place_name, place_of
from controller.web.api.context import Context, context
from controller.web.api.language import language_of
from controller.web.api.paging import After, Limit, Page, page_of
from controller.web.api.problems import no_such
from controller.web.api.sight import Sight, sight
from controller.web.api.visible import visible_alarms
from schedules import Language, Site
from zones.said import data_in

router = APIRouter(tags=["alarms"])

MOST_PAST: Final = 10_000
MOST_NAMED: Final = 1000
_DAY_S: Final = 86_400.0


class AlarmModel(BaseModel):
    """An alarm, open or past."""

    id: int
    type: str
    severity: str
    scope: str
    subject: str
    began: str
    """When the condition began."""
    raised: str
    cleared: str | None
    ending: str | None
    affected: int
    """Luminaires that have the condition now."""
    worst: int
    total: int
    detail: str
    acknowledged: str | None
    acknowledged_by: str | None
    note: str | None
    zone: str | None
    district: str | None
    place: str
    """Name of the zone or district, in the reader's language."""
    title: str
    """Name of the type, in the reader's language."""


class AlarmDetailModel(AlarmModel):
    """An alarm with whom it is about."""

    luminaires: list[str]
    """Affected now, a thousand at most."""


@router.get("/alarms")
async def alarms(
    request: Request,
    here: Annotated[Context, Depends(context)],
    seen: Annotated[Sight, Depends(sight)],
    state: Annotated[str, Query(pattern="^(open|past|all)$")] = "open",
    severity: Annotated[list[Severity] | None, Query(max_length=3)] = None,
    type_: Annotated[list[AlarmType] | None, Query(alias="type", max_length=50)] = None,
    scope: Annotated[list[Scope] | None, Query(max_length=10)] = None,
    zone: Annotated[list[str] | None, Query(max_length=1000)] = None,
    district: Annotated[list[str] | None, Query(max_length=1000)] = None,
    since: Annotated[AwareDatetime | None, Query(description="Past alarms from then on.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Past alarms before then.")] = None,
    limit: Limit = 100,
    after: After = None,
) -> Page[AlarmModel]:
    """Alarms: open ones, the gravest first; then past ones, the newest first.

    Past alarms of the last 31 days unless said, 10,000 at most.
    """
    found: list[Alarm] = []
    site, language = here.control.site, language_of(request)
    if state != "past":
        found += by_grade(here.control.alarms.open)
    if state != "open":
        now = here.clock.now()
        end = now + _DAY_S if until is None else until.timestamp()
        begin = end - 32 * _DAY_S if since is None else since.timestamp()
        found += await asyncio.to_thread(here.store.past_alarms, begin, end, MOST_PAST)

    def chosen() -> list[Alarm]:
        return [
            one
            for one in visible_alarms(here, seen, found)
            if (not severity or one.severity in severity)
            and (not type_ or one.type in type_)
            and (not scope or one.scope in scope)
            and (not zone or place_of(one, site).zone in zone)
            and (not district or place_of(one, site).district in district)
        ]

    # Off the loop: ten thousand past ones may be looked through.
    fits = await asyncio.to_thread(chosen)
    shown, following = page_of(fits, lambda one: str(one.id), limit, after)
    return Page(
        items=[AlarmModel(**alarm_fields(one, site, language)) for one in shown],
        next=following,
        total=len(fits),
    )


@router.get("/alarms/{number}")
async def alarm(
    number: int,
    request: Request,
    here: Annotated[Context, Depends(context)],
    seen: Annotated[Sight, Depends(sight)],
) -> AlarmDetailModel:
    """One alarm, and the luminaires that have the condition now."""
    found, names = await alarm_of(here, seen, number)
    fields = alarm_fields(found, here.control.site, language_of(request))
    return AlarmDetailModel(**fields, luminaires=names[:MOST_NAMED])


async def alarm_of(here: Context, seen: Sight, number: int) -> tuple[Alarm, list[str]]:
    """An alarm that the reader may see, with those of its luminaires that he may see."""
    log = here.control.alarms
    found = next((one for one in log.open if one.id == number), None)
    is_open = found is not None
    if found is None and 0 < number < 1 << 62:
        found = await asyncio.to_thread(here.store.alarm, number)
    if found is None or not visible_alarms(here, seen, [found]):
        raise no_such("alarm", number)
    if not is_open:
        return found, []
    columns = here.control.engine.columns
    names = [
        name
        for name in log.luminaires(found)
        if seen.is_whole or seen.has(columns.zone_ids[columns.zone[columns.row_of[name]]])
    ]
    return found, names


def alarm_fields(one: Alarm, site: Site, language: Language) -> dict[str, Any]:
    """Fields of an `AlarmModel`."""
    return {
        **data_in(alarm_data(one), language),
        **place_of(one, site)._asdict(),
        "place": place_name(one, site, language),
        "title": type_name(one.type, language),
    }
