"""``/energy`` and ``/reports``: figures, ladder and targets of a period; files to download.

What is in them is the reports' room; it works in a process of its own, and one answer is kept
for the same question for a while.
"""

from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from controller.ports.reports import ReportRefused
from controller.web.api.context import Context, context
from controller.web.api.language import language_of
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import FieldProblem, Problem, no_such
from controller.web.api.replies import json_reply
from controller.web.api.sentences import SAY
from controller.web.api.sight import Sight, sight
from schedules import Language
from schedules.energy.periods import Period, PeriodKind, read_period
from schedules.errors import PeriodWrong
from zones.said import message_of, text_in

router = APIRouter(tags=["energy"])

MEDIA_TYPES: Final = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}

PeriodText = Annotated[
    str, Query(max_length=20, description="2026-11, 2026-Q4 or 2026.", examples=["2026-11"])
]
DistrictId = Annotated[str | None, Query(max_length=64, description="The whole city unless said.")]


@router.get("/energy", response_model=dict[str, Any])
async def energy(
    period: PeriodText,
    request: Request,
    here: Annotated[Context, Depends(context)],
    seen: Annotated[Sight, Depends(sight)],
    district: DistrictId = None,
) -> Response:
    """Energy used and saved, the ladder of measures, cost, CO2, densities and targets.

    The document is the one that ``lamplighter report --format json`` writes: energies in kWh.
    Where nothing was accounted yet, ``figures`` is null and ``no_data`` says why.
    """
    spoken = language_of(request)
    try:
        body = await _made(here, seen, period, district, "json", spoken)
    except ReportRefused as error:
        return json_reply({"figures": None, "no_data": text_in(message_of(error), spoken)})
    return json_reply(msgspec.Raw(body))


@router.get(
    "/reports",
    response_class=Response,
    responses={
        200: {
            "description": "The file.",
            "content": {one: {"schema": {"type": "string"}} for one in MEDIA_TYPES.values()},
        }
    },
)
async def reports(
    period: PeriodText,
    request: Request,
    here: Annotated[Context, Depends(context)],
    seen: Annotated[Sight, Depends(sight)],
    district: DistrictId = None,
    form: Annotated[str, Query(alias="format", pattern="^(xlsx|pdf|csv|json)$")] = "xlsx",
    language: Annotated[Language | None, Query(description="The reader's unless said.")] = None,
) -> Response:
    """The report of a period as a file."""
    spoken = language or language_of(request)
    try:
        body = await _made(here, seen, period, district, form, spoken)
    except ReportRefused as error:
        raise Problem(ProblemCode.NO_DATA, why=message_of(error)) from error
    scope = "" if district is None else f"-{district}"
    name = f"lamplighter-{_period(period).text}{scope}-{spoken.value}.{form}"
    return Response(
        body,
        headers={
            "Content-Type": MEDIA_TYPES[form],
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )


async def _made(
    here: Context, seen: Sight, text: str, district: str | None, form: str, language: Language
) -> bytes:
    period = _period(text)
    _refuse_foreign(here, seen, district)
    return await here.reports.of(period, district, form, language)


def _period(text: str) -> Period:
    kinds = {4: PeriodKind.YEAR}
    kind = kinds.get(len(text), PeriodKind.QUARTER if "q" in text.casefold() else PeriodKind.MONTH)
    try:
        return read_period(kind, text)
    except PeriodWrong as error:
        fault = FieldProblem(
            field="period", value=text, expected="2026-11, 2026-Q4, 2026", detail=message_of(error)
        )
        raise Problem(ProblemCode.INVALID, count=1, errors=[fault]) from error


def _refuse_foreign(here: Context, seen: Sight, district: str | None) -> None:
    """Only who may see all of a district, or of the city, gets a report of it."""
    inventory = here.control.site.inventory
    if district is None:
        if not seen.is_whole:
            raise Problem(ProblemCode.FORBIDDEN, right=SAY("view_city"))
        return
    zones = [zone.id for zone in inventory.zones if zone.district == district]
    if district not in inventory.district_by_id or not any(seen.has(zone) for zone in zones):
        raise no_such("district", district)
    if not all(seen.has(zone) for zone in zones):
        raise Problem(ProblemCode.FORBIDDEN, right=SAY("view_district", district=district))
