"""Plans and sites: what is refused, and how it is said."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from schedules import (
    Anchor,
    Assignment,
    Calendar,
    CalendarRule,
    ControlProgram,
    Dates,
    DynamicRule,
    Layer,
    Limit,
    Override,
    Plan,
    Selector,
    Site,
    Window,
    default_plan,
    demo_plan,
    resolve,
)
from schedules.calendars import AnyCondition
from schedules.files.yaml_text import plain, read_yaml
from tests.fakes.one_zone import LUMINAIRE, inventory, local, program
from zones import demo_inventory

P = program("18:00", "06:00")
C = Calendar(id="c", name="c", default="p")


def plan_with(**parts: object) -> Plan:
    return Plan.model_validate({"programs": (P,), "calendars": (C,), **parts})


def an_override(**parts: object) -> Override:
    return Override.model_validate(
        {
            "id": "o",
            "selector": {"city": True},
            "level": 50,
            "kind": "operator",
            "start_at": "2026-03-20T18:00:00+08:00",
            "end_at": "2026-03-20T19:00:00+08:00",
            "reason": "r",
            "author": "a",
            **parts,
        }
    )


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: plan_with(programs=(P, P)), "program 'p' stands twice"),
        (lambda: plan_with(calendars=(C, C)), "calendar 'c' stands twice"),
        (
            lambda: plan_with(calendars=(Calendar(id="c", name="c", default="q"),)),
            "calendar 'c': default: program 'q' is not in the plan",
        ),
        (
            lambda: plan_with(
                calendars=(
                    Calendar(
                        id="c",
                        name="c",
                        default="p",
                        rules=(
                            CalendarRule(
                                name="feast",
                                when=(Dates(dates=frozenset({date(2026, 5, 1)})),),
                                program="q",
                            ),
                        ),
                    ),
                )
            ),
            "rule 'feast': program 'q'",
        ),
        (
            lambda: plan_with(
                assignments=(Assignment(layer=Layer.CITY, target="c", calendar="x"),)
            ),
            "assignment of city 'c': calendar 'x'",
        ),
        (
            lambda: plan_with(
                assignments=(Assignment(layer=Layer.CITY, target="c", calendar="c"),) * 2
            ),
            "assignment of city 'c' stands twice",
        ),
        (
            lambda: plan_with(overrides=(an_override(level=None, program="q"),)),
            "override 'o': program 'q'",
        ),
        (lambda: plan_with(failsafe_level=0), "greater than 0"),
        (lambda: Limit(layer=Layer.CITY, target="c"), "give floor, ceiling or both"),
        (
            lambda: Limit(layer=Layer.CITY, target="c", floor=60, ceiling=50),
            "floor 60.* is above ceiling 50",
        ),
        (lambda: an_override(program="p"), "either level or program"),
        (lambda: an_override(level=None), "either level or program"),
        (lambda: an_override(end_at="2026-03-20T18:00:00+08:00"), "must be after start_at"),
        (lambda: an_override(end_at=None), "end_at"),
        (lambda: an_override(start_at="2026-03-20T18:00:00"), "timezone"),
        (lambda: an_override(level=101), "100"),
        (lambda: an_override(reason="  "), "reason"),
        (lambda: Selector(), "selects nothing"),
        (
            lambda: program("18:00", "18:00"),
            "on and off are the same anchor",
        ),
        (lambda: program("18:00", "06:00", *[("23:00", 1.0)] * 101), "at most 100"),
        (lambda: Window.model_validate({"on": "dusk", "off": "06:00"}), "'dusk' is no anchor"),
    ],
)
def test_a_wrong_document_is_refused_with_its_name(make: Callable[[], object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        make()


@pytest.mark.parametrize(
    ("part", "says"),
    [
        (
            {"assignments": [{"layer": "zone", "target": "nope", "calendar": "c"}]},
            "assignment of calendar 'c': zone 'nope' is not in the inventory",
        ),
        (
            {"assignments": [{"layer": "city", "target": "peking", "calendar": "c"}]},
            "city 'peking'",
        ),
        ({"limits": [{"layer": "category", "target": "road", "floor": 5}]}, "category 'road'"),
        ({"limits": [{"layer": "luminaire", "target": "x", "floor": 5}]}, "luminaire 'x'"),
        ({"overrides": [an_override(selector={"zones": ["y"]})]}, "override 'o': zone 'y'"),
        ({"overrides": [an_override(selector={"districts": ["y"]})]}, "district 'y'"),
        ({"overrides": [an_override(selector={"luminaires": ["y"]})]}, "luminaire 'y'"),
    ],
)
def test_a_site_refuses_targets_that_the_inventory_does_not_have(
    part: dict[str, object], says: str
) -> None:
    with pytest.raises(ValidationError, match=says):
        Site(inventory=inventory(), plan=plan_with(**part))


@pytest.mark.parametrize("make_plan", [default_plan, demo_plan])
def test_plans_to_begin_with_fit_their_city_and_round_trip(
    make_plan: Callable[..., Plan],
) -> None:
    city = demo_inventory(600, seed=3)
    where = Site(inventory=city, plan=make_plan(city))
    assert Site.model_validate_json(where.model_dump_json()) == where


@pytest.mark.parametrize("make_plan", [default_plan, demo_plan])
def test_plans_to_begin_with_light_every_road_all_night(make_plan: Callable[..., Plan]) -> None:
    city = demo_inventory(600, seed=3)
    where = Site(inventory=city, plan=make_plan(city))
    decorative = {"park", "landscape", "facade"}
    dark = [
        (luminaire.id, hour)
        for luminaire in city.luminaires
        if where.zone(luminaire.zone).category.value not in decorative
        for hour in ("2026-06-21T21:00", "2026-06-22T02:00", "2026-12-22T06:30")
        if resolve(where, luminaire.id, local(hour)).level < 30
    ]
    assert dark == []


def test_the_default_plan_fits_a_city_without_lighting_classes() -> None:
    city = inventory()
    where = Site(inventory=city, plan=default_plan(city))
    assert resolve(where, LUMINAIRE, local("2026-03-20T21:00")).level == 100
    assert resolve(where, LUMINAIRE, local("2026-03-21T02:00")).level == 80
    assert resolve(where, LUMINAIRE, local("2026-03-20T13:00")).level == 0


def test_a_changed_copy_forgets_what_was_derived_from_the_original() -> None:
    plan = plan_with()
    assert set(plan.program_by_id) == {"p"}
    changed = plan.model_copy(update={"programs": (P, program("19:00", "06:00", identifier="q"))})
    assert set(changed.program_by_id) == {"p", "q"}


def test_the_examples_in_the_guide_are_documents() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "schedules.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```json\n(.*?)```", guide, flags=re.DOTALL)
    program_text, calendar_text = blocks
    assert len(ControlProgram.model_validate_json(program_text).steps) == 3
    calendar = Calendar.model_validate_json(calendar_text)
    assert calendar.program_on(date(2026, 10, 1)) == "landscape-major"
    anchors = TypeAdapter(Anchor)
    conditions = {
        get_args(one.model_fields["kind"].annotation)[0] for one in get_args(AnyCondition)
    }
    told: set[str] = set()
    for row in re.findall(r"^\| (`.*?) \|", guide, flags=re.MULTILINE):
        for text in re.findall(r"`([^`]*)`", row):
            if text in conditions:
                told.add(text)
            else:
                assert anchors.validate_python(text) is not None
    assert told == conditions
    rules, dynamic = (
        plain(read_yaml(text)[0])
        for text in re.findall(r"```yaml\n(.*?)```", guide, flags=re.DOTALL)
    )
    for rule in rules["rules"]:
        CalendarRule.model_validate(rule)
    assert DynamicRule.model_validate(dynamic[0]).hysteresis == 100
    objects = re.findall(r'`(\{"kind".*?\})`', guide, flags=re.DOTALL)
    assert len(objects) == 4
    for text in objects:
        assert anchors.validate_json(text) is not None
