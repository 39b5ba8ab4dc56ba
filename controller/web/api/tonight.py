"""``/tonight``: how the street stands, by city, district and zone."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import numpy as np
from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.requests import Request

from controller.engine.alarm_types import Severity
from controller.engine.columns import Flags, Floats
from controller.ports.alarms import Alarm
from controller.service.energy import LastNight
from controller.service.energy_sums import EnergySums
from controller.service.health import liveness, readiness
from controller.service.tonight import Counts, LampState, counts, next_levels
from controller.service.watch import Check
from controller.web.api.context import Context, context
from controller.web.api.instants import utc
from controller.web.api.language import language_of
from controller.web.api.sight import Sight, sight
from controller.web.api.visible import concerns, visible_alarms
from schedules import Override, Site, overrides_in_force
from zones.said import Language, text_in

router = APIRouter(tags=["tonight"])

MOST_NAMED: Final = 1000
"""Luminaires that an override names one by one, as far as they are listed."""


class CheckModel(BaseModel):
    """How a part of the service stands."""

    ok: bool
    detail: str


class NextModel(BaseModel):
    """The next switching point."""

    at: str
    level: float


class StandModel(BaseModel):
    """Luminaires by how they stand."""

    luminaires: int
    lit: int
    off: int
    dark: int
    """Asked to burn, and do not."""
    day_burning: int
    """Asked to be off, and burn."""
    other_level: int
    fault: int
    offline: int
    unknown: int
    lit_rate: float | None
    """Of those heard and asked to burn, the share that burns; null where none is asked to."""
    next: NextModel | None
    """The earliest; the level is that of the first zone that switches then."""


class PlaceModel(StandModel):
    """The same of a zone or a district."""

    id: str


class OverrideModel(BaseModel):
    """An override in force or to come."""

    id: str
    kind: str
    level: float | None
    program: str | None
    start_at: str
    end_at: str
    in_force: bool
    reason: str
    author: str
    city: bool
    districts: list[str]
    categories: list[str]
    zones: list[str]
    luminaires: list[str]


class AlarmCountModel(BaseModel):
    """Open alarms."""

    open: int
    by_severity: dict[str, int]


class EnergyModel(BaseModel):
    """Energy of a period, J."""

    used_j: float
    baseline_j: float
    saved_j: float
    metered_share: float
    """Of what was used, the share that meters counted, 0 to 1."""


class EnergiesModel(BaseModel):
    """Energy of the last night and of the running periods; null: not known yet."""

    control_day: str | None
    last_night: EnergyModel | None
    month: EnergyModel | None
    year: EnergyModel | None


class TonightModel(BaseModel):
    """The operators' first page."""

    at: str
    clock: CheckModel
    broker: CheckModel
    store: CheckModel
    programs: CheckModel
    alive: bool
    ready: bool
    role: str
    revision: int
    city: StandModel
    districts: list[PlaceModel]
    zones: list[PlaceModel]
    overrides: list[OverrideModel]
    alarms: AlarmCountModel
    energy: EnergiesModel


@router.get("/tonight")
async def tonight(
    request: Request,
    here: Annotated[Context, Depends(context)],
    seen: Annotated[Sight, Depends(sight)],
) -> TonightModel:
    """How the street stands now, as far as the reader may see."""
    shot = await taken(here)
    return await asyncio.to_thread(tonight_of, here, shot, seen, language_of(request))


@dataclass(frozen=True)
class Shot:
    """What pages of one instant are made from."""

    at: float
    site: Site
    revision: int
    found: Counts
    next_at: Floats
    levels: Floats
    checks: dict[str, Check]
    is_alive: bool
    is_ready: bool
    role: str
    alarms: list[Alarm]
    last_night: LastNight | None
    sums: Mapping[str, EnergySums | None]
    states_version: int


async def taken(here: Context) -> Shot:
    """How the whole street stands; pages of many readers are made from one."""
    revision = await here.revision()
    control, now = here.control, here.clock.now()
    next_at = control.engine.next_changes(now)
    states = here.states.look()
    ready, alive = readiness(control), liveness(control)
    return Shot(
        at=now,
        site=control.site,
        revision=revision,
        found=counts(control, states.fleet),
        next_at=next_at,
        levels=next_levels(control, next_at),
        checks={one.name: one for one in ready.checks},
        is_alive=alive.is_ok,
        is_ready=ready.is_ok,
        role=control.leader.role,
        alarms=control.alarms.open,
        last_night=control.energy.last_night,
        sums=here.energy_sums.sums,
        states_version=states.version,
    )


def tonight_of(here: Context, shot: Shot, seen: Sight, language: Language) -> TonightModel:
    """The page for one who sees so much. Call it off the loop."""
    zone_ids = here.control.engine.columns.zone_ids
    zone_by_id = shot.site.inventory.zone_by_id
    stands = _Stands(shot.found, shot.next_at, shot.levels)
    zone_mask = seen.zone_rows(here)
    rows = np.flatnonzero(zone_mask).tolist()
    by_district: dict[str, list[int]] = {}
    for row in rows:
        by_district.setdefault(zone_by_id[zone_ids[row]].district, []).append(row)
    return TonightModel(
        at=utc(shot.at),
        clock=_check(shot.checks["clock"], language),
        broker=_check(shot.checks["broker"], language),
        store=_check(shot.checks["store"], language),
        programs=_check(shot.checks["programs"], language),
        alive=shot.is_alive,
        ready=shot.is_ready,
        role=shot.role,
        revision=shot.revision,
        city=StandModel(**stands.of(rows)),
        districts=[PlaceModel(id=name, **stands.of(some)) for name, some in by_district.items()],
        zones=[PlaceModel(id=zone_ids[row], **stands.of([row])) for row in rows],
        overrides=overrides_of(here, shot.site, seen, shot.at),
        alarms=alarm_counts(here, seen, shot.alarms),
        energy=_energies(shot, zone_mask),
    )


def _check(found: Check, language: Language) -> CheckModel:
    return CheckModel(ok=found.is_ok, detail=text_in(found.detail, language))


def overrides_of(here: Context, site: Site, seen: Sight, now: float) -> list[OverrideModel]:
    """Overrides in force, the strongest first, then those to come."""
    moment = datetime.fromtimestamp(now, UTC)
    overrides = [
        one
        for one in site.plan.overrides
        if one.end_at > moment and concerns(here, seen, one.selector)
    ]
    in_force = overrides_in_force(overrides, moment)
    coming = sorted(
        (one for one in overrides if one.start_at > moment), key=lambda one: one.start_at
    )
    return [override_model(one, is_in_force=True) for one in in_force] + [
        override_model(one, is_in_force=False) for one in coming
    ]


def override_model(one: Override, *, is_in_force: bool) -> OverrideModel:
    """An override as data."""
    selector = one.selector
    return OverrideModel(
        id=one.id,
        kind=one.kind.value,
        level=one.level,
        program=one.program,
        start_at=utc(one.start_at.timestamp()),
        end_at=utc(one.end_at.timestamp()),
        in_force=is_in_force,
        reason=one.reason,
        author=one.author,
        city=selector.city,
        districts=sorted(selector.districts),
        categories=sorted(selector.categories),
        zones=sorted(selector.zones),
        luminaires=sorted(selector.luminaires)[:MOST_NAMED],
    )


def alarm_counts(here: Context, seen: Sight, alarms: list[Alarm]) -> AlarmCountModel:
    """Open alarms about what the reader may see."""
    visible = visible_alarms(here, seen, alarms)
    by_severity = {one.value: 0 for one in Severity}
    for alarm in visible:
        by_severity[alarm.severity.value] += 1
    return AlarmCountModel(open=len(visible), by_severity=by_severity)


def _energies(shot: Shot, zones: Flags) -> EnergiesModel:
    night = shot.last_night
    return EnergiesModel(
        control_day=None if night is None else night.control_day,
        last_night=None
        if night is None
        else _energy(EnergySums(night.used_j, night.baseline_j, night.metered_j), zones),
        month=_energy(shot.sums.get("month"), zones),
        year=_energy(shot.sums.get("year"), zones),
    )


def _energy(sums: EnergySums | None, zones: Flags) -> EnergyModel | None:
    if sums is None:
        return None
    used, baseline, metered = (float(one[zones].sum()) for one in sums)
    return EnergyModel(
        used_j=used,
        baseline_j=baseline,
        saved_j=baseline - used,
        metered_share=metered / used if used > 0 else 0.0,
    )


class _Stands:
    """Sums over zone rows."""

    def __init__(self, found: Counts, next_at: Floats, levels: Floats) -> None:
        self._luminaires = found.luminaires.tolist()
        self._should_burn = found.should_burn.tolist()
        self._burns = found.burns.tolist()
        self._states = found.by_state.tolist()
        self._next_at = next_at.tolist()
        self._levels = levels.tolist()

    def of(self, rows: Sequence[int]) -> dict[str, Any]:
        """Fields of a `StandModel` over some zones."""

        def state(one: LampState) -> int:
            counts = self._states[one]
            return sum(counts[row] for row in rows)

        should_burn = sum(self._should_burn[row] for row in rows)
        coming = [row for row in rows if self._next_at[row] > 0]
        first = min(coming, key=self._next_at.__getitem__, default=None)
        return {
            "luminaires": sum(self._luminaires[row] for row in rows),
            **{one.name.lower(): state(one) for one in LampState},
            "lit_rate": sum(self._burns[row] for row in rows) / should_burn
            if should_burn
            else None,
            "next": None
            if first is None
            else NextModel(at=utc(self._next_at[first]), level=self._levels[first]),
        }
