"""Which zones an edit touches, so that only their nights need proving anew."""

from collections.abc import Mapping
from typing import NamedTuple

from schedules.calendars import Calendar
from schedules.compiler import fallback_program
from schedules.levels_bulk import excepted_luminaires, subject_of
from schedules.programs import ControlProgram
from schedules.site import Site
from zones.models import Zone


class _Material(NamedTuple):
    """A calendar with the programs that it may choose; without a calendar the fallback."""

    calendar: Calendar | None
    programs: tuple[ControlProgram, ...]


class _Stake(NamedTuple):
    """Everything that the proof of a zone looks at, of its program or of one exception."""

    zone: Zone
    calendar: str | None
    floor: float
    ceiling: float


def touched_zones(before: Site, after: Site) -> tuple[str, ...]:
    """Identifiers of the zones of `after` whose nights may differ from those of `before`.

    New zones are among them, vanished ones not. Overrides touch no zone, as the proof leaves
    them out.
    """
    zones = after.inventory.zones
    if before.time_zone != after.time_zone:
        return tuple(zone.id for zone in zones)
    old, new = _materials(before), _materials(after)
    old_stakes, new_stakes = _stakes(before), _stakes(after)
    same = {name for name, material in new.items() if old.get(name) == material}
    return tuple(
        zone.id
        for zone in zones
        if new_stakes[zone.id] != old_stakes.get(zone.id)
        or not all(stake.calendar in same for stake in new_stakes[zone.id])
    )


def _materials(site: Site) -> Mapping[str | None, _Material]:
    programs = site.plan.program_by_id
    found: dict[str | None, _Material] = {None: _Material(None, (fallback_program(site),))}
    for calendar in site.plan.calendars:
        names = dict.fromkeys([calendar.default, *(rule.program for rule in calendar.rules)])
        found[calendar.id] = _Material(calendar, tuple(programs[name] for name in names))
    return found


def _stakes(site: Site) -> Mapping[str, frozenset[_Stake]]:
    found: dict[str, set[_Stake]] = {
        zone.id: {_Stake(*subject_of(site, zone))} for zone in site.inventory.zones
    }
    for luminaire_id in excepted_luminaires(site):
        zone = site.zone(site.luminaire(luminaire_id).zone)
        found[zone.id].add(_Stake(*subject_of(site, zone, luminaire_id)))
    return {zone_id: frozenset(stakes) for zone_id, stakes in found.items()}
