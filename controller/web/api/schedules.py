"""``/zones/{id}/nights`` and ``/year``: what a zone will do, by the rules that also control it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from controller.service.preview import (
    Anchors,
    PreviewedNight,
    previewed_nights,
    previewed_year,
)
from controller.web.api.context import Context, context
from controller.web.api.instants import utc, utc_or_none
from controller.web.api.language import language_of
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import FieldProblem, Problem
from controller.web.api.sentences import SAY
from controller.web.api.sight import Sight, sight
from schedules import Language, Reason, Site, control_day, reason_text
from schedules.solar import FIRST_YEAR, LAST_YEAR

router = APIRouter(tags=["schedules"])

MOST_NIGHTS: Final = 62

Year = Annotated[int, Query(ge=FIRST_YEAR + 2, le=LAST_YEAR - 2, description="Of control days.")]
FirstDay = Annotated[
    date | None, Query(alias="from", description="First control day; the present one unless said.")
]
LastDay = Annotated[
    date | None,
    Query(alias="to", description=f"Last one, {MOST_NIGHTS} at most; the first unless said."),
]


class PointModel(BaseModel):
    """A change of level."""

    at: str
    level: float
    ramp_s: int
    reason: str
    """What made this change, in words."""
    reasons: list[str]
    """The whole chain."""


class AnchorsModel(BaseModel):
    """Where the anchors of the program fall; null where one does not come that day."""

    on_at: str | None
    off_at: str | None
    extinguish_off_at: str | None
    extinguish_on_at: str | None
    steps_at: list[str | None]
    """In the order of the program's document."""


class NightModel(BaseModel):
    """One control day of a zone, overrides and sensors left out. Levels are %."""

    control_day: str
    start_at: str
    end_at: str
    sunset_at: str | None
    sunrise_at: str | None
    dusk_at: str | None
    dawn_at: str | None
    floor: float
    ceiling: float
    calendar: str | None
    rule: str | None
    program: str
    level_at_start: float
    in_doubt: list[str]
    """Calendar rules taken as not met because their holidays are not in the data."""
    idle: str | None
    """Why nothing is switched, in words; null where something is."""
    burning_s: int
    anchors: AnchorsModel
    points: list[PointModel]


class YearModel(BaseModel):
    """A year of control days in quarter-hours by the clock on the wall, from noon on."""

    year: int
    first_day: str
    step_s: int
    days: int
    levels: list[int]
    """days x 96, day by day, whole %."""
    sunset: list[float | None]
    """By day, in quarter-hours after noon."""
    sunrise: list[float | None]
    programs: list[str]
    program: list[int]
    """By day, a place in ``programs``."""


@router.get("/zones/{zone_id}/nights")
async def nights(
    zone_id: str,
    request: Request,
    here: Annotated[Context, Depends(context)],
    seen: Annotated[Sight, Depends(sight)],
    first: FirstDay = None,
    last: LastDay = None,
) -> list[NightModel]:
    """What a zone will do, night by night, and why."""
    seen.zone(here, zone_id)
    return await nights_of(here, here.control.site, zone_id, language_of(request), first, last)


async def nights_of(
    here: Context,
    site: Site,
    zone_id: str,
    language: Language,
    first: date | None,
    last: date | None,
) -> list[NightModel]:
    """Nights of a zone of a site, which may be a draft."""
    present = control_day(datetime.fromtimestamp(here.clock.now(), UTC), site.time_zone)
    since = first or present
    until = last or since
    _check_days(since, until)
    count = (until - since).days + 1

    def worked_out() -> list[NightModel]:
        found = previewed_nights(site, zone_id, since, count)
        return [_night(one, site, language) for one in found]

    return await here.planning.off_the_loop(worked_out)


@router.get("/zones/{zone_id}/year")
async def year(
    zone_id: str,
    here: Annotated[Context, Depends(context)],
    seen: Annotated[Sight, Depends(sight)],
    year: Year,
) -> YearModel:
    """A year of a zone, for a picture of it."""
    seen.zone(here, zone_id)
    return await year_of(here, here.control.site, zone_id, year)


async def year_of(here: Context, site: Site, zone_id: str, number: int) -> YearModel:
    """A year of a zone of a site, which may be a draft."""

    def worked_out() -> YearModel:
        found = previewed_year(site, zone_id, number)
        return YearModel(
            year=number,
            first_day=found.first_day.isoformat(),
            step_s=900,
            days=found.days,
            levels=found.levels.ravel().tolist(),
            sunset=found.sunset,
            sunrise=found.sunrise,
            programs=found.programs,
            program=found.program,
        )

    return await here.planning.off_the_loop(worked_out)


def _check_days(first: date, last: date) -> None:
    low, high = date(FIRST_YEAR + 2, 1, 1), date(LAST_YEAR - 2, 12, 31)
    for field, day in (("from", first), ("to", last)):
        if not low <= day <= high:
            raise _wrong_day(field, day, f"{low} ... {high}")
    if last < first:
        raise _wrong_day("to", last, f">= {first}")
    if (last - first).days >= MOST_NIGHTS:
        raise _wrong_day("to", last, f"<= {first + timedelta(days=MOST_NIGHTS - 1)}")


def _wrong_day(field: str, day: date, expected: str) -> Problem:
    fault = FieldProblem(
        field=field,
        value=day.isoformat(),
        expected=expected,
        detail=SAY("wrong_day", field=field, expected=expected),
    )
    return Problem(ProblemCode.INVALID, count=1, errors=[fault])


def _night(one: PreviewedNight, site: Site, language: Language) -> NightModel:
    def words(reasons: Sequence[Reason]) -> list[str]:
        return [reason_text(reason, site.time_zone, language) for reason in reasons]

    plan = one.plan
    comma = "；" if language is Language.CHINESE else "; "
    return NightModel(
        control_day=plan.day.isoformat(),
        start_at=utc(plan.start),
        end_at=utc(plan.end),
        sunset_at=utc_or_none(one.sunset_at),
        sunrise_at=utc_or_none(one.sunrise_at),
        dusk_at=utc_or_none(one.dusk_at),
        dawn_at=utc_or_none(one.dawn_at),
        floor=one.floor,
        ceiling=one.ceiling,
        calendar=one.calendar,
        rule=one.rule,
        program=one.program,
        level_at_start=plan.level_at_start,
        in_doubt=list(plan.in_doubt),
        idle=None if plan.idle is None else words([plan.idle])[0],
        burning_s=plan.burning_s,
        anchors=_anchors(one.anchors),
        points=[
            PointModel(
                at=utc(point.at),
                level=point.level,
                ramp_s=point.ramp_s,
                reason=comma.join(words(point.decisive)),
                reasons=words(point.reasons),
            )
            for point in plan.switchings
        ],
    )


def _anchors(one: Anchors) -> AnchorsModel:
    return AnchorsModel(
        on_at=utc_or_none(one.on_at),
        off_at=utc_or_none(one.off_at),
        extinguish_off_at=utc_or_none(one.extinguish_off_at),
        extinguish_on_at=utc_or_none(one.extinguish_on_at),
        steps_at=[utc_or_none(at) for at in one.steps_at],
    )
