"""``/luminaires``: lists by what is known of them, and one with everything that is."""

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import numpy as np
import numpy.typing as npt
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from controller.engine.account_meters import JOULES_PER_WH
from controller.engine.columns import Columns, Flags
from controller.engine.faults import FaultBit
from controller.service.street_states import UNKNOWN_LEVEL, StreetStates
from controller.service.tonight import LampState, Link
from controller.web.api.context import Context, context
from controller.web.api.instants import utc_or_none
from controller.web.api.language import language_of
from controller.web.api.paging import After, Limit, Page, unknown_cursor
from controller.web.api.reasons import ReasonModel, reason_models
from controller.web.api.replies import json_reply
from controller.web.api.sight import Sight, sight
from schedules import resolve
from zones import Category, Inventory, Luminaire

router = APIRouter(tags=["luminaires"])

STATES: Final = {one.name.lower(): one for one in LampState}
LINKS: Final = {one.name.lower(): one for one in Link}
_STATE_NAMES: Final = tuple(one.name.lower() for one in LampState)
_LINK_NAMES: Final = tuple(one.name.lower() for one in Link)

StateName = Annotated[str, Query(pattern=f"^({'|'.join(STATES)})$")]
LinkName = Annotated[str, Query(pattern=f"^({'|'.join(LINKS)})$")]
LevelBound = Annotated[float, Query(ge=0, le=100, allow_inf_nan=False)]


class LuminaireRow(BaseModel):
    """A luminaire in a list. Levels are %, null where not known."""

    id: str
    name: str | None
    pole: str | None
    zone: str
    district: str
    category: str
    lamp_type: str
    gateway: str | None
    longitude: float
    latitude: float
    state: str
    communication: str
    desired: int | None
    commanded: int | None
    reported: int | None
    faults: list[str]
    heard_at: str | None


class DesiredModel(BaseModel):
    """What the documents ask for now, and the whole chain of reasons."""

    level: float
    ramp_s: int
    control_day: str
    since: str | None
    reasons: list[ReasonModel]


class CommandedModel(BaseModel):
    """What it was last told; null where nothing of what is desired now reached it yet."""

    level: float | None
    attempts: int
    """Commands given without effect since what is desired last changed."""
    is_awaited: bool
    """A command is on its way, not answered yet."""


class ReportedModel(BaseModel):
    """What it says of itself."""

    level: float | None
    at: str | None
    by_command: bool
    """It follows a command, not its program."""
    faults: list[str]
    program_rev: int
    program_is_current: bool
    config_rev: int
    config_is_current: bool


class TelemetryModel(BaseModel):
    """Its last believed measurements; null where it measures nothing."""

    power_w: float | None
    at: str | None
    meter_j: float | None
    """Its energy counter."""
    meter_at: str | None
    clock_offset_s: float | None


class LuminaireModel(BaseModel):
    """Everything that is known of one luminaire."""

    id: str
    document: dict[str, Any]
    lamp_type: dict[str, Any]
    zone: str
    district: str
    state: str
    communication: str
    desired: DesiredModel
    commanded: CommandedModel
    reported: ReportedModel
    heard_at: str | None
    telemetry: TelemetryModel
    alarms: list[int]
    """Numbers of open alarms about it."""


@router.get("/luminaires", response_model=Page[LuminaireRow])
async def luminaires(
    here: Annotated[Context, Depends(context)],
    seen: Annotated[Sight, Depends(sight)],
    district: Annotated[list[str] | None, Query(max_length=1000)] = None,
    zone: Annotated[list[str] | None, Query(max_length=1000)] = None,
    category: Annotated[list[Category] | None, Query(max_length=20)] = None,
    state: Annotated[list[StateName] | None, Query(max_length=20)] = None,
    communication: Annotated[list[LinkName] | None, Query(max_length=20)] = None,
    q: Annotated[str | None, Query(max_length=100)] = None,
    level_min: LevelBound | None = None,
    level_max: LevelBound | None = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """Luminaires in the order of the inventory that fit all conditions.

    Conditions may be given several times: any of their values fits. ``q`` is looked for in
    identifier, name and pole; levels are those reported.
    """
    inventory = here.control.site.inventory
    matching: Flags | None = None
    if q is not None and q.strip():
        index = await here.street.of(inventory)
        matching = await asyncio.to_thread(index.matching, q)
    columns, states = here.control.engine.columns, here.states.look()
    fits = _zone_mask(
        inventory,
        seen.zone_rows(here),
        frozenset(district or ()),
        frozenset(zone or ()),
        frozenset(category or ()),
    )[columns.zone]
    if state:
        fits &= np.isin(states.columns[0], [STATES[one].value for one in state])
    if communication:
        fits &= np.isin(states.columns[4], [LINKS[one].value for one in communication])
    if level_min is not None or level_max is not None:
        reported = states.columns[3]
        fits &= reported != UNKNOWN_LEVEL
        fits &= (reported >= (level_min or 0)) & (
            reported <= (100 if level_max is None else level_max)
        )
    if matching is not None:
        fits &= matching
    rows = np.flatnonzero(fits)
    first = 0
    if after is not None:
        last = columns.row_of.get(after)
        if last is None or not seen.has(columns.zone_ids[columns.zone[last]]):
            raise unknown_cursor(after)
        first = int(np.searchsorted(rows, last, side="right"))
    shown = rows[first : first + limit]
    entries = _entries(columns, states, shown)

    def written() -> Response:
        items = [_row(inventory, *entry) for entry in entries]
        following = items[-1]["id"] if first + limit < rows.size else None
        return json_reply({"items": items, "next": following, "total": int(rows.size)})

    return await asyncio.to_thread(written)


def _zone_mask(
    inventory: Inventory,
    seen: Flags,
    districts: Collection[str],
    zones: Collection[str],
    categories: Collection[Category],
) -> Flags:
    """Zones that fit what was asked of districts, zones and categories."""
    if not (districts or zones or categories):
        return seen
    fits = [
        (not districts or zone.district in districts)
        and (not zones or zone.id in zones)
        and (not categories or zone.category in categories)
        for zone in inventory.zones
    ]
    mask: Flags = seen & np.array(fits, dtype=np.bool_)
    return mask


def _entries(
    columns: Columns, states: StreetStates, rows: npt.NDArray[np.intp]
) -> list[tuple[Any, ...]]:
    """What the loop knows of some luminaires, copied."""
    return list(
        zip(
            (columns.ids[row] for row in rows.tolist()),
            states.columns[:, rows].T.tolist(),
            columns.fault_bits[rows].tolist(),
            columns.heard_at[rows].tolist(),
            strict=True,
        )
    )


def _row(
    inventory: Inventory, name: str, codes: list[int], faults: int, heard_at: float
) -> dict[str, Any]:
    one = inventory.luminaire_by_id[name]
    zone = inventory.zone_by_id[one.zone]
    state, desired, commanded, reported, link = codes
    return {
        "id": one.id,
        "name": one.name,
        "pole": one.pole,
        "zone": one.zone,
        "district": zone.district,
        "category": zone.category.value,
        "lamp_type": one.lamp_type,
        "gateway": one.gateway,
        "longitude": one.longitude,
        "latitude": one.latitude,
        "state": _STATE_NAMES[state],
        "communication": _LINK_NAMES[link],
        "desired": _level(desired),
        "commanded": _level(commanded),
        "reported": _level(reported),
        "faults": fault_names(faults),
        "heard_at": utc_or_none(heard_at),
    }


def _level(code: int) -> int | None:
    return None if code == UNKNOWN_LEVEL else code


def fault_names(bits: int) -> list[str]:
    """The faults of a column entry by their names in the wire contract."""
    return [str(one.name).lower() for one in FaultBit if bits & one]


@router.get("/luminaires/{luminaire_id}")
async def luminaire(
    luminaire_id: str,
    request: Request,
    here: Annotated[Context, Depends(context)],
    seen: Annotated[Sight, Depends(sight)],
) -> LuminaireModel:
    """One luminaire: its document, what is desired and why, commanded, reported, measured."""
    row = seen.luminaire_row(here, luminaire_id)
    control = here.control
    site, engine, columns = control.site, control.engine, control.engine.columns
    now = here.clock.now()
    # On the loop: what sensors said changes under a thread.
    decision = resolve(site, luminaire_id, datetime.fromtimestamp(now, UTC), engine.rules.sensors)
    document: Luminaire = site.luminaire(luminaire_id)
    zone = site.zone(document.zone)
    codes = here.states.look().columns[:, row].tolist()
    faults = fault_names(int(columns.fault_bits[row]))
    meters = engine.account.rows
    return LuminaireModel(
        id=luminaire_id,
        document=document.model_dump(mode="json"),
        lamp_type=site.inventory.lamp_type_by_id[document.lamp_type].model_dump(mode="json"),
        zone=zone.id,
        district=zone.district,
        state=_STATE_NAMES[codes[0]],
        communication=_LINK_NAMES[codes[4]],
        desired=DesiredModel(
            level=decision.level,
            ramp_s=decision.ramp_s,
            control_day=decision.control_day.isoformat(),
            since=utc_or_none(float(columns.desired_since[row])),
            reasons=reason_models(decision.reasons, site.time_zone, language_of(request)),
        ),
        commanded=CommandedModel(
            level=_number(engine.told()[row]),
            attempts=int(columns.attempts[row]),
            is_awaited=bool(engine.awaited.rev[row] > 0),
        ),
        reported=ReportedModel(
            level=_number(columns.reported[row]),
            at=utc_or_none(float(columns.reported_at[row])),
            by_command=bool(columns.reported_by_command[row]),
            faults=faults,
            program_rev=int(columns.program_rev[row]),
            program_is_current=not engine.stale_programs()[row],
            config_rev=int(columns.config_rev[row]),
            config_is_current=not engine.stale_configs()[row],
        ),
        heard_at=utc_or_none(float(columns.heard_at[row])),
        telemetry=TelemetryModel(
            power_w=_number(columns.measured_w[row]),
            at=utc_or_none(float(columns.measured_at[row])),
            meter_j=_number(meters.meter_wh[row] * JOULES_PER_WH),
            meter_at=utc_or_none(float(meters.meter_at[row])),
            clock_offset_s=_number(columns.clock_offset_s[row]),
        ),
        alarms=[alarm.id for alarm in control.alarms.about(luminaire_id)],
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
