"""Plans to begin with: a safe one for any city, and the one of the Beijing demo.

Lamps go on and off by the daylight that CJJ 45-2015, chapter 6, recommends: 30 lx on
expressways and arterials, 20 lx on other roads. Floors are the lighting classes' own
(`schedules.layers`); the levels here are proposals that a city edits.
"""

from collections.abc import Iterable

from schedules.anchors import parse_anchor
from schedules.calendars import (
    AnyCondition,
    Calendar,
    CalendarRule,
    Weekday,
    Weekdays,
)
from schedules.energy.presets import demo_baseline, demo_targets, demo_tariff
from schedules.landscape import (
    DECORATIVE,
    landscape_calendars,
    landscape_limits,
    landscape_programs,
)
from schedules.models import Assignment, Layer, Limit, Plan
from schedules.programs import ControlProgram, Extinguish, Step, Window
from zones.models import Category, Inventory
from zones.names import CATEGORIES

_RAMP_S = 60
_ROAD = "lux(20)setting", "lux(20)rising"
_MAIN_ROAD = "lux(30)setting", "lux(30)rising"
_MAIN = frozenset({Category.EXPRESSWAY, Category.ARTERIAL, Category.TUNNEL})
_ROAD_FLOOR = 30.0
_CROSSING_EVERY = 500

_CHINESE = {one: name.chinese for one, name in CATEGORIES.items()}

_DEFAULT_NIGHT_LEVEL = {
    Category.EXPRESSWAY: 80.0,
    Category.ARTERIAL: 80.0,
    Category.COLLECTOR: 70.0,
    Category.LOCAL: 70.0,
    Category.RESIDENTIAL: 60.0,
    Category.PARK: 50.0,
    Category.LANDSCAPE: 30.0,
    Category.FACADE: 30.0,
    Category.TUNNEL: 100.0,
}


def default_plan(inventory: Inventory) -> Plan:
    """A safe plan for any city: lit the whole night, full until 23:00 and from 05:00 on.

    In between each category is dimmed a little, never below its lighting class's floor.
    No part-night, no curfew.
    """
    programs = [_program("all-night", "全夜灯", "All night", _MAIN_ROAD)]
    calendars = [_calendar("all-night", "全夜灯", "All night")]
    assignments = [_assign(Layer.CITY, inventory.city.id, "all-night")]
    for category in Category:
        title = category.value.capitalize()
        level = _DEFAULT_NIGHT_LEVEL[category]
        steps = () if level == 100 else (("23:00", level), ("05:00", 100.0))
        window = _MAIN_ROAD if category in _MAIN else _ROAD
        programs.append(_program(category.value, _CHINESE[category], title, window, steps))
        calendars.append(_calendar(category.value, _CHINESE[category], title))
        assignments.append(_assign(Layer.CATEGORY, category.value, category.value))
    return Plan(
        programs=tuple(programs),
        calendars=tuple(calendars),
        assignments=tuple(assignments),
        limits=_floors(),
    )


def demo_plan(inventory: Inventory) -> Plan:
    """The plan of the Beijing demo: one measure for each category, bounded landscape lighting.

    Roads step down at 22:00 and midnight and up again at 05:00; arterials an hour later on
    Friday and Saturday nights. Parks are part-night. Landscape and facades burn from civil
    dusk to a curfew by three grades of day, under a ceiling. Some luminaires stand at
    crossings and are never dimmed.
    """
    programs = (
        _program("all-night", "全夜灯", "All night", _MAIN_ROAD),
        _stepped(Category.EXPRESSWAY, ("22:30", 80), ("00:30", 60), ("05:00", 80), ("06:00", 100)),
        _stepped(Category.ARTERIAL, ("22:00", 80), ("00:00", 60), ("05:00", 80), ("06:00", 100)),
        _program(
            "arterial-weekend",
            "主干路周末",
            "Arterial, weekend",
            _MAIN_ROAD,
            (("23:00", 80), ("01:00", 60), ("05:00", 80), ("06:00", 100)),
        ),
        _stepped(Category.COLLECTOR, ("22:00", 80), ("00:00", 60), ("05:00", 80)),
        _stepped(Category.LOCAL, ("22:00", 80), ("00:00", 60), ("05:00", 80)),
        _stepped(Category.RESIDENTIAL, ("21:30", 80), ("23:00", 60), ("00:30", 50), ("05:00", 70)),
        ControlProgram(
            id="park",
            name="公园半夜灯",
            name_en="Park, part-night",
            window=_window(_ROAD),
            extinguish=Extinguish(off=parse_anchor("00:30"), on=parse_anchor("05:00")),
            steps=_steps((("21:00", 70), ("22:30", 40), ("05:00", 60))),
            min_burn_s=600,
        ),
        *landscape_programs(),
        _program(
            "tunnel",
            "隧道夜间",
            "Tunnel, night lighting",
            _MAIN_ROAD,
            (("23:00", 80), ("05:00", 100)),
        ),
    )
    weekend = Weekdays(days=frozenset({Weekday.FRIDAY, Weekday.SATURDAY}))
    plain = ("expressway", "collector", "local", "residential", "park", "tunnel")
    calendars = (
        _calendar("all-night", "全夜灯", "All night"),
        *(_calendar(one, _CHINESE[Category(one)], one.capitalize()) for one in plain),
        _calendar(
            "arterial", "主干路", "Arterial", "arterial", (("周末夜", weekend, "arterial-weekend"),)
        ),
        *landscape_calendars(),
    )
    crossings = _crossings(inventory)
    return Plan(
        programs=programs,
        calendars=calendars,
        assignments=(
            _assign(Layer.CITY, inventory.city.id, "all-night"),
            *(_assign(Layer.CATEGORY, one.value, one.value) for one in Category),
            *(_assign(Layer.LUMINAIRE, one, "all-night") for one in crossings),
        ),
        limits=(
            *_floors(),
            *landscape_limits(),
        ),
        baselines=(demo_baseline(),),
        tariffs=(demo_tariff(),),
        targets=tuple(demo_targets(inventory)),
    )


def _floors() -> tuple[Limit, ...]:
    roads = (one for one in Category if one not in DECORATIVE and one is not Category.PARK)
    return tuple(
        Limit(
            layer=Layer.CATEGORY,
            target=one.value,
            floor=_ROAD_FLOOR,
            reason="never darker at night",
        )
        for one in roads
    )


def _crossings(inventory: Inventory) -> list[str]:
    roads = {
        zone.id
        for zone in inventory.zones
        if zone.category in {Category.ARTERIAL, Category.COLLECTOR, Category.LOCAL}
    }
    on_roads = [one.id for one in inventory.luminaires if one.zone in roads]
    return on_roads[::_CROSSING_EVERY]


def _window(anchors: tuple[str, str]) -> Window:
    return Window(on=parse_anchor(anchors[0]), off=parse_anchor(anchors[1]))


def _steps(steps: Iterable[tuple[str, float]]) -> tuple[Step, ...]:
    return tuple(Step(at=parse_anchor(text), level=level, ramp_s=_RAMP_S) for text, level in steps)


def _program(
    identifier: str,
    name: str,
    name_en: str,
    window: tuple[str, str],
    steps: Iterable[tuple[str, float]] = (),
) -> ControlProgram:
    return ControlProgram(
        id=identifier, name=name, name_en=name_en, window=_window(window), steps=_steps(steps)
    )


def _stepped(category: Category, *steps: tuple[str, float]) -> ControlProgram:
    window = _MAIN_ROAD if category in _MAIN else _ROAD
    name_en = category.value.capitalize()
    return _program(category.value, _CHINESE[category], name_en, window, steps)


def _calendar(
    identifier: str,
    name: str,
    name_en: str,
    default: str | None = None,
    rules: Iterable[tuple[str, AnyCondition, str]] = (),
) -> Calendar:
    return Calendar(
        id=identifier,
        name=name,
        name_en=name_en,
        default=default or identifier,
        rules=tuple(
            CalendarRule(name=label, when=(condition,), program=program)
            for label, condition, program in rules
        ),
    )


def _assign(layer: Layer, target: str, calendar: str) -> Assignment:
    return Assignment(layer=layer, target=target, calendar=calendar)
