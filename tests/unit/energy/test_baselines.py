"""Declared baselines: which holds, which hours and which powers it says."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from schedules import (
    Calendar,
    CalendarRule,
    ControlProgram,
    DateRange,
    Plan,
    Selector,
    Site,
    Window,
    compile_baseline,
    day_bounds,
    parse_anchor,
)
from schedules.energy.baselines import DeclaredBaseline
from schedules.energy.outlook import baseline_nights
from schedules.energy.previous import declared_baseline, previous_power_w
from tests.fakes.small_city import BASELINE_W, small_site
from zones import Category, Zone

DAY = date(2026, 3, 20)


def baseline(**fields: object) -> DeclaredBaseline:
    return DeclaredBaseline.model_validate({"id": "b", "valid_from": "2026-01-01", **fields})


def site_with(*baselines: DeclaredBaseline, **plan: object) -> Site:
    where = small_site()
    changed = where.plan.model_copy(update={"baselines": baselines, **plan})
    return Site(inventory=where.inventory, plan=Plan.model_validate(changed.model_dump()))


def hours(where: Site, zone: str = "a", day: date = DAY) -> list[tuple[str, float]]:
    """Local time and level of the switchings of a control day."""
    start, end = day_bounds(where.time_zone, day)
    return [
        (f"{datetime.fromtimestamp(at, UTC).astimezone(where.time_zone):%H:%M}", level)
        for at, level, _ in compile_baseline(where, zone, start, end)[1:]
    ]


def test_every_method_of_hours() -> None:
    fixed = baseline(hours={"kind": "fixed_hours", "on": "18:30", "off": "06:15"})
    assert hours(site_with(fixed)) == [("18:30", 100), ("06:15", 0)]
    dusk = baseline(hours={"kind": "dusk_to_dawn", "on": "19:00", "off": "sunrise"})
    assert hours(site_with(dusk))[0] == ("19:00", 100)
    part = baseline(
        hours={
            "kind": "part_night", "on": "19:00", "off": "06:00",
            "extinguish": {"off": "00:30", "on": "05:00"},
        }
    )  # fmt: skip
    assert hours(site_with(part)) == [("19:00", 100), ("00:30", 0), ("05:00", 100), ("06:00", 0)]
    program = baseline(hours={"kind": "program", "program": "night"})
    assert hours(site_with(program)) == [("18:00", 100), ("23:00", 50), ("06:00", 0)]


def test_hours_by_a_calendar_change_with_the_season() -> None:
    def program(name: str, on: str) -> ControlProgram:
        return ControlProgram(
            id=name, name=name, window=Window(on=parse_anchor(on), off=parse_anchor("06:00"))
        )

    summer = CalendarRule(
        name="summer", when=(DateRange(first=date(2026, 5, 1), last=date(2026, 9, 30)),),
        program="late",
    )  # fmt: skip
    where = small_site()
    plan = where.plan.model_copy(
        update={
            "programs": (*where.plan.programs, program("early", "17:30"), program("late", "19:30")),
            "calendars": (
                *where.plan.calendars,
                Calendar(id="old", name="old", default="early", rules=(summer,)),
            ),
            "baselines": (baseline(hours={"kind": "calendar", "calendar": "old"}),),
        }
    )
    changed = where.model_copy(update={"plan": plan})
    assert hours(changed)[0] == ("17:30", 100)
    assert hours(changed, day=date(2026, 6, 1))[0] == ("19:30", 100)


def test_the_narrowest_and_newest_holds() -> None:
    city_old = baseline(id="city-old", valid_from="2020-01-01")
    city_new = baseline(id="city-new", valid_from="2026-03-01")
    local = baseline(
        id="local", valid_from="2019-01-01",
        selector=Selector(categories=frozenset({Category.LOCAL})),
    )  # fmt: skip
    zone_b = baseline(
        id="zone-b", valid_from="2026-03-21", selector=Selector(zones=frozenset({"b"}))
    )
    where = site_with(city_new, city_old)
    zone = where.zone("a")

    def named(one: Site, zone_: Zone, day: date) -> str | None:
        found = declared_baseline(one, zone_, day)
        return None if found is None else found.id

    assert [named(where, zone, date(year, 3, 1)) for year in (2019, 2025, 2026)] == [
        None, "city-old", "city-new",
    ]  # fmt: skip
    mixed = site_with(city_new, local, zone_b)
    assert named(mixed, mixed.zone("a"), DAY) == "local"
    assert named(mixed, mixed.zone("b"), DAY) == "local"
    assert named(mixed, mixed.zone("b"), date(2026, 3, 21)) == "zone-b"


def test_a_baseline_takes_force_with_its_control_day() -> None:
    fixed = {"kind": "fixed_hours", "on": "18:30", "off": "06:15"}
    where = site_with(
        baseline(valid_from="2026-03-21", hours=fixed),
        baseline(id="c", valid_from="2020-01-01", hours={**fixed, "on": "20:00"}),
    )
    assert hours(where)[0] == ("20:00", 100)
    assert hours(where, day=date(2026, 3, 21))[0] == ("18:30", 100)


def test_powers_by_the_first_entry_that_matches() -> None:
    one = baseline(
        lamps=[
            {"zones": ["b"], "lamp_types": ["dumb"], "power_w": 400},
            {"lamp_types": ["dumb"], "power_w": 300},
            {"categories": ["local"], "power_w": 170},
        ]
    )
    where = site_with(one)
    types = where.inventory.lamp_type_by_id
    powers = [
        previous_power_w(one, where.zone(zone), types[lamp])
        for zone, lamp in (("a", "dumb"), ("b", "dumb"), ("a", "led"))
    ]
    assert powers == [300, 400, 170]
    bare = baseline()
    assert previous_power_w(bare, where.zone("a"), types["led"]) == BASELINE_W
    assert previous_power_w(None, where.zone("a"), types["led"]) == BASELINE_W
    plain = types["led"].model_copy(update={"baseline_power_w": None})
    assert previous_power_w(None, where.zone("a"), plain) == plain.rated_power_w


def test_the_baselines_energy_of_a_night() -> None:
    where = site_with(
        baseline(
            hours={"kind": "fixed_hours", "on": "18:00", "off": "06:00"},
            lamps=[{"power_w": 200}],
        )
    )
    found = baseline_nights(where, DAY, 3)
    assert found.tolist() == [[2 * 200 * 12 * 3600.0] * 3] * 2
    # Below full level the previous lamps draw in proportion: 5 h at 100, 7 h at 50 %.
    dimmed = site_with(
        baseline(hours={"kind": "program", "program": "night"}, lamps=[{"power_w": 200}])
    )
    assert baseline_nights(dimmed, DAY, 1)[0, 0] == 2 * 200 * 8.5 * 3600


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"selector": {"luminaires": ["a1"]}}, "accounted by zone, not by luminaire"),
        ({"hours": {"kind": "fixed_hours", "on": "18:00", "off": "18:00"}}, "same clock time"),
        ({"hours": {"kind": "dusk_to_dawn", "on": "18:00", "off": "18:00"}}, "same anchor"),
        ({"uncertainty": 2}, "less than or equal to 1"),
        ({"lamps": [{"power_w": -1}]}, "greater than or equal to 0"),
    ],
)
def test_what_is_wrong_is_said(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        baseline(**fields)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"hours": {"kind": "program", "program": "nihgt"}}, "program 'nihgt' is not in the plan"),
        ({"hours": {"kind": "calendar", "calendar": "x"}}, "calendar 'x' is not in the plan"),
        ({"selector": {"zones": ["x"]}}, "baseline 'b': zone 'x' is not in the inventory"),
        ({"lamps": [{"lamp_types": ["x"], "power_w": 1}]}, "lamp type 'x' is not in the inv"),
        ({"lamps": [{"zones": ["x"], "power_w": 1}]}, "zone 'x' is not in the inventory"),
    ],
)
def test_what_it_names_must_be_there(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        site_with(baseline(**fields))
