"""Which declared baseline holds for a zone on a control day, and what it says.

Owns the choice among the plan's baselines and the previous hours as control programs. A zone
that no baseline names is counted against the plan's undated ``baseline`` hours and the lamp
types' own ``baseline_power_w``.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final, Protocol, TypeVar, assert_never

from schedules.anchors import ClockAnchor
from schedules.energy.baselines import (
    CalendarHours,
    DeclaredBaseline,
    DuskToDawn,
    FixedHours,
    PartNight,
    PreviousLamps,
    ProgramHours,
)
from schedules.light_demand import program_for
from schedules.overrides import Selector
from schedules.programs import ControlProgram, Window
from schedules.site import Site
from zones.models import LampType, Zone

BASELINE: Final = "baseline"
"""Identifier of the previous hours where the plan has no dated baseline."""


def reach(selector: Selector, site: Site, zone: Zone) -> int:
    """How narrowly a selector means a zone: 4 by name, 3 category, 2 district, 1 city, 0 not.

    A district means the zones of the districts that lie inside it too.
    """
    if zone.id in selector.zones:
        return 4
    if zone.category in selector.categories:
        return 3
    if not selector.districts.isdisjoint(site.inventory.districts_around(zone.district)):
        return 2
    return 1 if selector.city else 0


class _Declared(Protocol):
    @property
    def selector(self) -> Selector: ...

    @property
    def valid_from(self) -> date: ...


_D = TypeVar("_D", bound=_Declared)


def narrowest(declared: Sequence[_D], site: Site, zone: Zone, day: date) -> _D | None:
    """Which of the plan's dated documents of a kind holds for a zone on a day; None: none.

    The narrowest selector, of these the latest date, of these the later in the plan.
    """
    ranked = [
        (width, one.valid_from, position)
        for position, one in enumerate(declared)
        if one.valid_from <= day and (width := reach(one.selector, site, zone))
    ]
    return declared[max(ranked)[-1]] if ranked else None


def declared_baseline(site: Site, zone: Zone, day: date) -> DeclaredBaseline | None:
    """The baseline that a zone's control day is counted against; None: the undated one."""
    return narrowest(site.plan.baselines, site, zone, day)


def baseline_chooser(site: Site, zone: Zone) -> Callable[[date], ControlProgram]:
    """The previous hours of a zone by control day, as control programs."""
    known: dict[tuple[str, str], ControlProgram] = {}

    def choose(day: date) -> ControlProgram:
        baseline = declared_baseline(site, zone, day)
        if baseline is None:
            key = ("", "")
            program = known.get(key)
            if program is None:
                window = site.plan.baseline.window
                program = ControlProgram(id=BASELINE, name=BASELINE, window=window)
        else:
            name = ""
            if isinstance(baseline.hours, CalendarHours):
                name = site.plan.calendar_by_id[baseline.hours.calendar].program_on(day)
            key = (baseline.id, name)
            program = known.get(key) or _program(site, zone, baseline, name)
        known[key] = program
        return program

    return choose


def _program(
    site: Site, zone: Zone, baseline: DeclaredBaseline, of_calendar: str
) -> ControlProgram:
    name = f"{BASELINE}-{baseline.id}"[:64]
    hours = baseline.hours
    match hours:
        case DuskToDawn():
            window, extinguish = Window(on=hours.on, off=hours.off), None
        case PartNight():
            window, extinguish = Window(on=hours.on, off=hours.off), hours.extinguish
        case FixedHours():
            on, off = ClockAnchor(local_time=hours.on), ClockAnchor(local_time=hours.off)
            window, extinguish = Window(on=on, off=off), None
        case ProgramHours():
            return program_for(site.plan.program_by_id[hours.program], zone)
        case CalendarHours():
            return program_for(site.plan.program_by_id[of_calendar], zone)
        case _:
            assert_never(hours)
    return ControlProgram(id=name, name=name, window=window, extinguish=extinguish)


def previous_power_w(baseline: DeclaredBaseline | None, zone: Zone, lamp_type: LampType) -> float:
    """Input power at full level of the lamp that stood where one of `lamp_type` stands, W."""
    for entry in () if baseline is None else baseline.lamps:
        if _matches(entry, zone, lamp_type):
            return entry.power_w
    if lamp_type.baseline_power_w is None:
        return lamp_type.rated_power_w
    return lamp_type.baseline_power_w


def _matches(entry: PreviousLamps, zone: Zone, lamp_type: LampType) -> bool:
    return (
        (not entry.lamp_types or lamp_type.id in entry.lamp_types)
        and (not entry.zones or zone.id in entry.zones)
        and (not entry.categories or zone.category in entry.categories)
    )
