"""The book: what every zone and luminaire is to do in the coming nights.

Compiled as a whole from a site and an instant, then never changed: a new book replaces it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from math import ceil, floor
from zoneinfo import ZoneInfo

from controller.engine.ladder_tables import LadderTables, compile_ladder
from controller.engine.timetable import Timetable
from controller.wire.messages import Program
from schedules import (
    Site,
    compile_luminaire,
    compile_zone,
    control_day,
)
from schedules.compiler import compile_override
from schedules.layers import limits_for
from schedules.levels_bulk import excepted_luminaires
from schedules.light_output import has_constant_light, scale_of
from schedules.sun_ahead import know_sun_ahead

NIGHTS = 14
"""Nights a program covers, so that a street without its controller keeps its hours."""

_LADDER_DAYS = 4
"""How far ahead the ladder is compiled; a book is renewed every control day."""


@dataclass(frozen=True)
class Book:
    """Timetables of all zones from ``valid_from`` to ``valid_until`` (Unix s, UTC, half-open)."""

    valid_from: int
    valid_until: int
    failsafe_level: float
    zones: Mapping[str, Timetable]
    exceptions: Mapping[str, Timetable]
    """Luminaires that do not follow their zone's program."""
    ladder: LadderTables
    """What every counterfactual of the energy account asks for."""
    scales: Mapping[str, tuple[float, float]]
    """Scale and floor of the luminaires whose light is kept constant; 1 for all others."""
    overrides: Mapping[tuple[str, str], Timetable] = field(default_factory=dict)
    """By (override, zone): what overrides that name a program ask of the zone."""

    def program(self, timetable: Timetable, rev: int) -> Program:
        """The wire message of a timetable."""
        return Program(
            rev=rev,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            points=[(point.at, point.level, point.ramp_s) for point in timetable.points],
            failsafe_level=self.failsafe_level,
        )


def compile_book(site: Site, now: float, accounted_at: float | None = None) -> Book:
    """Compile every program from the control day of ``now`` on, for 14 nights.

    The ladder reaches back to ``accounted_at`` where that is earlier.
    """
    zone_info = ZoneInfo(site.inventory.city.time_zone)
    first_day = control_day(datetime.fromtimestamp(now, UTC), zone_info)
    valid_from = _noon(first_day.toordinal(), zone_info)
    valid_until = _noon(first_day.toordinal() + NIGHTS, zone_info)
    ladder_until = _noon(first_day.toordinal() + _LADDER_DAYS, zone_info)
    ladder_from = valid_from if accounted_at is None else min(valid_from, floor(accounted_at))
    earliest = datetime.fromtimestamp(ladder_from, UTC).date()
    latest = date.fromordinal(first_day.toordinal() + NIGHTS)
    know_sun_ahead(site, earliest, latest)
    exceptions: dict[str, Timetable] = {}
    for luminaire in sorted(excepted_luminaires(site)):
        points = compile_luminaire(site, luminaire, valid_from, valid_until)
        if points is not None:
            exceptions[luminaire] = Timetable(points, valid_until)
    return Book(
        valid_from=valid_from,
        valid_until=valid_until,
        failsafe_level=site.plan.failsafe_level,
        zones={
            zone.id: Timetable(compile_zone(site, zone.id, valid_from, valid_until), valid_until)
            for zone in site.inventory.zones
        },
        exceptions=exceptions,
        ladder=compile_ladder(site, ladder_from, ladder_until),
        scales=_scales(site, first_day),
        overrides=_override_programs(site, valid_from, valid_until),
    )


def _override_programs(
    site: Site, valid_from: int, valid_until: int
) -> dict[tuple[str, str], Timetable]:
    tables: dict[tuple[str, str], Timetable] = {}
    for override in site.plan.overrides:
        since = max(valid_from, floor(override.start_at.timestamp()))
        until = min(valid_until, ceil(override.end_at.timestamp()))
        if override.program is None or since >= until:
            continue
        named = {site.luminaire(name).zone for name in override.selector.luminaires}
        for zone in site.inventory.zones:
            if zone.id in named or override.selector.selects_zone(zone):
                points = compile_override(site, zone.id, override, since, until)
                tables[override.id, zone.id] = Timetable(points, until)
    return tables


def _scales(site: Site, day: date) -> Mapping[str, tuple[float, float]]:
    types = {one.id for one in site.inventory.lamp_types if has_constant_light(one)}
    found: dict[str, tuple[float, float]] = {}
    for luminaire in site.inventory.luminaires:
        if luminaire.lamp_type not in types:
            continue
        scale = scale_of(site, luminaire, day)
        if scale != 1:
            zone = site.zone(luminaire.zone)
            found[luminaire.id] = scale, limits_for(site, zone, luminaire.id).floor
    return found


def _noon(ordinal: int, zone_info: ZoneInfo) -> int:
    local = datetime.combine(datetime.fromordinal(ordinal), time(12), tzinfo=zone_info)
    return int(local.timestamp())
