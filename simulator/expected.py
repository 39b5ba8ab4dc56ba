"""What the street should be like at every instant, from the documents alone.

Owns the timetables that the oracle measures against: switching points of every zone and of
luminaires with rules of their own, overrides included. Instants are Unix seconds UTC.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from math import ceil

from schedules import (
    Assignment,
    Calendar,
    Layer,
    Override,
    Site,
    SwitchingPoint,
    compile_luminaire,
    compile_zone,
    resolve,
)
from zones import Luminaire


def expected_points(
    site: Site, since: int, until: int
) -> tuple[list[tuple[SwitchingPoint, ...]], list[int]]:
    """Timetables over [since, until), and for each luminaire of the inventory which is its own.

    Luminaires that the documents treat alike share a timetable.
    """
    tables: list[tuple[SwitchingPoint, ...]] = []
    number_of: dict[object, int] = {}
    numbers: list[int] = []
    own_targets = {
        target for layer, target in site.plan.assignment_by_target if layer is Layer.LUMINAIRE
    } | {target for layer, target in site.plan.limits_by_target if layer is Layer.LUMINAIRE}
    overrides = _touching(site, since, until)
    for luminaire in site.inventory.luminaires:
        zone = site.zone(luminaire.zone)
        selected = tuple(
            index
            for index, override in enumerate(overrides)
            if override.selector.selects(luminaire, zone)
        )
        own = luminaire.id if luminaire.id in own_targets else None
        key = (luminaire.zone, own, selected)
        number = number_of.get(key)
        if number is None:
            points = None if own is None else compile_luminaire(site, own, since, until)
            if points is None:
                points = compile_zone(site, luminaire.zone, since, until)
            if selected:
                chosen = [overrides[index] for index in selected]
                points = _overridden(site, luminaire, points, chosen, since, until)
            number = number_of[key] = len(tables)
            tables.append(points)
        numbers.append(number)
    return tables, numbers


def _touching(site: Site, since: int, until: int) -> list[Override]:
    return [
        override
        for override in site.plan.overrides
        if override.start_at.timestamp() < until and override.end_at.timestamp() > since
    ]


def _overridden(
    site: Site,
    luminaire: Luminaire,
    points: Sequence[SwitchingPoint],
    overrides: Sequence[Override],
    since: int,
    until: int,
) -> tuple[SwitchingPoint, ...]:
    """The points with overrides laid over them: `resolve` asked wherever it may change."""
    edges = {since, *(point.at for point in points)}
    for override in overrides:
        edges.add(ceil(override.start_at.timestamp()))
        edges.add(ceil(override.end_at.timestamp()))
        if override.program is not None:
            edges.update(_program_edges(site, luminaire, override.program, since, until))
    ramps = {point.at: point.ramp_s for point in points}
    found: list[SwitchingPoint] = []
    for at in sorted(edge for edge in edges if since <= edge < until):
        decision = resolve(site, luminaire.id, datetime.fromtimestamp(at, UTC))
        if found and found[-1].level == decision.level:
            continue
        is_override = any(one.is_in_force(datetime.fromtimestamp(at, UTC)) for one in overrides)
        ramp_s = decision.ramp_s if is_override else ramps.get(at, 0)
        found.append(SwitchingPoint(at, decision.level, ramp_s))
    return tuple(found)


def _program_edges(
    site: Site, luminaire: Luminaire, program: str, since: int, until: int
) -> set[int]:
    """Instants at which a program that an override asks for may change its level."""
    calendar = Calendar(id="override", name="override", default=program)
    plan = site.plan.model_copy(
        update={
            "calendars": (calendar,),
            "assignments": (
                Assignment(layer=Layer.ZONE, target=luminaire.zone, calendar=calendar.id),
            ),
            "limits": (),
            "overrides": (),
        }
    )
    alone = Site.model_construct(
        inventory=site.inventory, plan=type(plan).model_validate(plan.model_dump())
    )
    return {point.at for point in compile_zone(alone, luminaire.zone, since, until)}
