"""Overrides put in force and ended, and how far limits let them go."""

from datetime import datetime

from pydantic import ValidationError

from controller.errors import ConfigurationError
from controller.service.editing.drafts import with_fields
from controller.service.sentences import SAY
from schedules import Layer, Site
from schedules.layers import limits_for
from schedules.overrides import PASSES_CEILING, PASSES_FLOOR, Override
from zones import Luminaire
from zones.said import fault_of, listed


def with_override(site: Site, one: Override) -> Site:
    """The site with one more override.

    Raises `ConfigurationError` for a zone, program or other thing that it names and there is
    not.
    """
    return _with_overrides(site, (*site.plan.overrides, one))


def without_override(site: Site, name: str, now: datetime) -> Site:
    """The site with an override ended at ``now``; one that never began leaves no trace.

    Raises `ConfigurationError` for one that is not in force and not to come.
    """
    found = next((one for one in site.plan.overrides if one.id == name), None)
    if found is None or found.end_at <= now:
        present = listed(repr(one.id) for one in site.plan.overrides if one.end_at > now)
        raise ConfigurationError(SAY("override_not_there", id=name, present=present or SAY("none")))
    return _with_overrides(
        site,
        tuple(
            one.model_copy(update={"end_at": now}) if one is found else one
            for one in site.plan.overrides
            if one is not found or one.start_at < now
        ),
    )


def with_overrides_of(site: Site, present: Site) -> Site:
    """Older documents with the overrides of the present ones.

    Stepping in is no part of a plan: the way back to one neither ends nor revives it. What names
    something that those documents do not know is left out.
    """
    wanted = present.plan.overrides
    if site.plan.overrides == wanted:
        return site
    try:
        return _with_overrides(site, wanted)
    except ConfigurationError:
        found = _with_overrides(site, ())
        for one in wanted:
            try:
                found = with_override(found, one)
            except ConfigurationError:
                continue
        return found


def meant_luminaires(site: Site, one: Override) -> list[Luminaire]:
    """The luminaires that an override selects."""
    zones = site.inventory.zone_by_id
    return [
        luminaire
        for luminaire in site.inventory.luminaires
        if one.selector.selects(luminaire, zones[luminaire.zone])
    ]


def held_count(site: Site, one: Override, meant: list[Luminaire]) -> int:
    """How many of the luminaires do not go to the override's level: a limit holds them."""
    return sum(_held_level(one, luminaire, site) != one.level for luminaire in meant)


def floors_passed(site: Site, one: Override, meant: list[Luminaire]) -> list[str]:
    """Zones where the override goes below a floor, be it of one luminaire; sorted. None for
    kinds that may not."""
    if one.kind not in PASSES_FLOOR:
        return []
    # A program may be dark while the zone's own is lit.
    lowest = 0.0 if one.level is None else one.level
    own = {limit.target for limit in site.plan.limits if limit.layer is Layer.LUMINAIRE}
    subjects: set[tuple[str, str | None]] = {
        (luminaire.zone, luminaire.id if luminaire.id in own else None) for luminaire in meant
    }
    return sorted(
        {zone for zone, name in subjects if lowest < limits_for(site, site.zone(zone), name).floor}
    )


def free_id(site: Site, now: datetime) -> str:
    """An identifier that no override has, made from the city's local time."""
    taken = {one.id for one in site.plan.overrides}
    base = now.astimezone(site.time_zone).strftime("%Y%m%d-%H%M%S")
    return next(name for number in range(1, 1000) if (name := f"{base}-{number}") not in taken)


def _held_level(one: Override, luminaire: Luminaire, site: Site) -> float | None:
    """The override's level as far as the limits let it; None for a program."""
    if one.level is None:
        return None
    limits = limits_for(site, site.zone(luminaire.zone), luminaire.id)
    level = one.level
    if one.kind not in PASSES_CEILING:
        level = min(level, limits.ceiling)
    return level if one.kind in PASSES_FLOOR else max(level, limits.floor)


def _with_overrides(site: Site, overrides: tuple[Override, ...]) -> Site:
    try:
        plan = with_fields(site.plan, {"overrides": overrides})
        return Site(inventory=site.inventory, plan=plan)
    except ValidationError as error:
        raise ConfigurationError(fault_of(error.errors()[0])) from error
