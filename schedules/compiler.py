"""From programs to switching points.

Owns the joining of control days into one sequence. Instants are Unix seconds UTC.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from schedules.day import Locale, control_day_of
from schedules.energy.previous import baseline_chooser
from schedules.layers import Limits, assignment_for, limits_for
from schedules.light_demand import program_for
from schedules.models import Layer
from schedules.night import Night, Segment, night
from schedules.overrides import Override
from schedules.programs import ControlProgram
from schedules.site import Site
from schedules.solar import Place
from zones.models import Zone

NO_CALENDAR = "no-calendar"


class SwitchingPoint(NamedTuple):
    """From `at` (Unix s, UTC) on `level` holds, reached within `ramp_s` seconds."""

    at: int
    level: float
    ramp_s: int


def compile_zone(site: Site, zone_id: str, since: int, until: int) -> tuple[SwitchingPoint, ...]:
    """Switching points of a zone's program in [since, until), without overrides.

    The first stands at `since` with the level in force, its ramp being what is left of it.
    Points rise strictly and no two neighbours have the same level.
    """
    zone = site.zone(zone_id)
    return _compile(site, zone, None, since, until)


def compile_luminaire(
    site: Site, luminaire_id: str, since: int, until: int
) -> tuple[SwitchingPoint, ...] | None:
    """The same for a luminaire with its own calendar or limits; None where it follows its zone."""
    luminaire = site.luminaire(luminaire_id)
    key = (Layer.LUMINAIRE, luminaire_id)
    if key not in site.plan.assignment_by_target and key not in site.plan.limits_by_target:
        return None
    return _compile(site, site.zone(luminaire.zone), luminaire_id, since, until)


def compile_baseline(
    site: Site, zone_id: str, since: int, until: int
) -> tuple[SwitchingPoint, ...]:
    """Switching points of the previous hours, by the baseline of each control day."""
    zone = site.zone(zone_id)
    choose = baseline_chooser(site, zone)
    locale = locale_of(site, zone)
    return _points(lambda day: night(choose(day), locale, day), locale, Limits(), since, until)


def compile_window(
    site: Site, zone_id: str, luminaire_id: str | None, since: int, until: int
) -> tuple[SwitchingPoint, ...]:
    """When the program of a zone, or of one luminaire, is lit: level 100, else 0.

    Its steps and all limits are left out, its window, extinguish window and `min_burn` are not.
    """
    zone = site.zone(zone_id)
    choose = program_chooser(site, zone, luminaire_id)
    locale = locale_of(site, zone)
    plain: dict[str, ControlProgram] = {}

    def unstepped(day: date) -> Night:
        program = choose(day)
        if program.id not in plain:
            full = {"steps": (), "base_level": 100.0}
            plain[program.id] = program.model_copy(update=full)
        return night(plain[program.id], locale, day)

    return _points(unstepped, locale, Limits(), since, until)


def compile_override(
    site: Site, zone_id: str, override: Override, since: int, until: int
) -> tuple[SwitchingPoint, ...]:
    """Switching points of an override's program in a zone in [since, until), without limits.

    The override must name a program.
    """
    zone = site.zone(zone_id)
    assert override.program is not None, "asked of overrides that name a program"
    program = ProgramsOf(site, zone)[override.program]
    locale = locale_of(site, zone)
    return _points(lambda day: night(program, locale, day), locale, Limits(), since, until)


def locale_of(site: Site, zone: Zone) -> Locale:
    """Sun and clock of a zone: its own coordinates, the city's time zone."""
    return Locale(Place(zone.latitude, zone.longitude), site.time_zone)


def fallback_program(site: Site) -> ControlProgram:
    """What holds where no calendar is assigned: lit by the baseline at the failsafe level."""
    return ControlProgram(
        id=NO_CALENDAR,
        name=NO_CALENDAR,
        window=site.plan.baseline.window,
        base_level=site.plan.failsafe_level,
    )


def program_chooser(
    site: Site, zone: Zone, luminaire_id: str | None
) -> Callable[[date], ControlProgram]:
    """Which program holds on a control day."""
    assignment = assignment_for(site, zone, luminaire_id)
    if assignment is None:
        fallback = fallback_program(site)
        return lambda _day: fallback
    calendar = site.plan.calendar_by_id[assignment.calendar]
    programs = ProgramsOf(site, zone)
    return lambda day: programs[calendar.program_on(day)]


class ProgramsOf(dict[str, ControlProgram]):
    """The plan's programs by identifier, as a zone has them."""

    def __init__(self, site: Site, zone: Zone) -> None:
        super().__init__()
        self._site = site
        self._zone = zone

    def __missing__(self, name: str) -> ControlProgram:
        program = program_for(self._site.plan.program_by_id[name], self._zone)
        self[name] = program
        return program


def _compile(
    site: Site, zone: Zone, luminaire_id: str | None, since: int, until: int
) -> tuple[SwitchingPoint, ...]:
    choose = program_chooser(site, zone, luminaire_id)
    locale = locale_of(site, zone)
    limits = limits_for(site, zone, luminaire_id)
    return _points(lambda day: night(choose(day), locale, day), locale, limits, since, until)


def _points(
    night_on: Callable[[date], Night], locale: Locale, limits: Limits, since: int, until: int
) -> tuple[SwitchingPoint, ...]:
    day = control_day_of(since, locale.time_zone) - timedelta(days=1)
    last = control_day_of(until, locale.time_zone) + timedelta(days=1)
    line: list[Segment] = []
    off_ramps: dict[int, int] = {}
    while day <= last:
        tonight = night_on(day)
        for segment in tonight.segments():
            _lay(line, segment._replace(level=limits.apply(segment.level)))
            off_ramps[segment.end] = tonight.program.off_ramp_s
        day += timedelta(days=1)
    return _clip(_switchings(line, off_ramps), since, until)


def _lay(line: list[Segment], new: Segment) -> None:
    """Lay a later night's segment over the line; the later night hides the earlier."""
    if not line or line[-1].end <= new.start:
        line.append(new)
        return
    laid: list[Segment] = []
    for old in line:
        if old.end <= new.start or old.start >= new.end:
            laid.append(old)
            continue
        if old.start < new.start:
            laid.append(old._replace(end=new.start))
        if old.end > new.end:
            laid.append(old._replace(start=new.end))
    laid.append(new)
    laid.sort()
    line[:] = laid


def _switchings(line: Iterable[Segment], off_ramps: dict[int, int]) -> list[SwitchingPoint]:
    points: list[SwitchingPoint] = []
    level, end = 0.0, None
    for segment in line:
        if end is not None and end < segment.start and level:
            points.append(SwitchingPoint(end, 0.0, off_ramps.get(end, 0)))
            level = 0.0
        if segment.level != level:
            points.append(SwitchingPoint(segment.start, segment.level, segment.ramp_s))
            level = segment.level
        end = segment.end
    if end is not None and level:
        points.append(SwitchingPoint(end, 0.0, off_ramps.get(end, 0)))
    return points


def _clip(points: list[SwitchingPoint], since: int, until: int) -> tuple[SwitchingPoint, ...]:
    first = SwitchingPoint(since, 0.0, 0)
    rest: list[SwitchingPoint] = []
    for point in points:
        if point.at <= since:
            left = max(0, point.at + point.ramp_s - since)
            first = SwitchingPoint(since, point.level, left)
        elif point.at < until:
            rest.append(point)
    return (first, *rest)
