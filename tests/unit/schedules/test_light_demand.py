"""Lux-first steps: from a class or an illuminance to each zone's level."""

from datetime import datetime
from typing import Any

import pytest
from pydantic import ValidationError

from schedules import (
    Limit,
    Override,
    OverrideKind,
    ReasonCode,
    Selector,
    Site,
    Step,
    compile_zone,
    parse_anchor,
    reason_text,
    resolve,
)
from schedules.levels_bulk import levels_at
from schedules.light_demand import level_of
from schedules.models import Layer
from schedules.wording import Language
from tests.fakes.one_zone import LUMINAIRE, NEIGHBOUR, ZONE, inventory, local, program, unix
from tests.fakes.one_zone import site as one_zone
from zones.models import Category, Zone


def zone(lighting_class: str | None = None, design: float | None = None) -> Zone:
    return Zone(
        id="z",
        name="z",
        district="d",
        category=Category.ARTERIAL,
        lighting_class=lighting_class,
        design_illuminance_lx=design,
        longitude=116.4,
        latitude=39.9,
    )


def step(**fields: Any) -> Step:
    return Step(at=parse_anchor("23:00"), **fields)


@pytest.mark.parametrize(
    ("fields", "where", "level"),
    [
        ({"level": 42}, zone(), 42),
        ({"illuminance_lx": 15}, zone(design=30), 50),
        ({"illuminance_lx": 10}, zone(design=30), 34),  # never less light than asked for
        ({"illuminance_lx": 40}, zone(design=30), 100),
        ({"lighting_class": "CJJ45-II-low"}, zone(design=30), 50),
        ({"lighting_class": "CJJ45-II-low"}, zone("CJJ45-I-high"), 50),
        ({"lighting_class": "EN13201-M4"}, zone("EN13201-M2"), 50),
        ({"lighting_class": "EN13201-M4"}, zone("EN13201-C2", 22.5), 50),
        ({"lighting_class": "EN13201-P4"}, zone("EN13201-P3", 8), 63),
        ({"illuminance_lx": 10}, zone(), 100),  # what is not known is not dimmed
    ],
)
def test_the_level_that_gives_the_light(fields: dict[str, Any], where: Zone, level: float) -> None:
    assert level_of(step(**fields), where) == level


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "one of level, lighting_class and illuminance_lx"),
        ({"level": 50, "illuminance_lx": 10}, "one of level, lighting_class and illuminance_lx"),
        ({"lighting_class": "CJJ45-2-low"}, "'CJJ45-2-low' is no lighting class; near it: CJJ45"),
        ({"illuminance_lx": 0}, "greater than 0"),
    ],
)
def test_what_is_wrong_with_a_step_is_said(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        step(**fields)


def city(**fields: Any) -> Site:
    """Zone ``z`` with 30 lx and a like zone ``y`` with 20, ten lux from 23:00 on."""
    asked = program("18:00", "06:00").model_copy(
        update={"steps": (step(illuminance_lx=10), Step(at=parse_anchor("05:00"), level=100))}
    )
    where = one_zone(asked, **fields)
    bright, *_ = inventory().zones
    zones = (
        bright.model_copy(update={"design_illuminance_lx": 30.0}),
        bright.model_copy(update={"id": "y", "design_illuminance_lx": 20.0}),
    )
    first, second = inventory().luminaires
    luminaires = first, second.model_copy(update={"zone": "y"})
    changed = inventory().model_copy(update={"zones": zones, "luminaires": luminaires})
    return where.model_copy(update={"inventory": changed})


NIGHT = "2026-03-20T23:30"


def test_each_zone_has_its_own_level() -> None:
    where = city()
    assert resolve(where, LUMINAIRE, local(NIGHT)).level == 34
    assert resolve(where, NEIGHBOUR, local(NIGHT)).level == 50
    since, until = unix("2026-03-20T12:00"), unix("2026-03-21T12:00")
    assert [one.level for one in compile_zone(where, ZONE, since, until)] == [0, 100, 34, 100, 0]
    assert [one.level for one in compile_zone(where, "y", since, until)] == [0, 100, 50, 100, 0]


def test_the_bulk_form_gives_the_same() -> None:
    where = city()
    instants = [unix("2026-03-20T12:00") + 900 * n for n in range(96)]
    found = levels_at(where, [LUMINAIRE, NEIGHBOUR], instants)
    for row, luminaire in enumerate((LUMINAIRE, NEIGHBOUR)):
        for column, at in enumerate(instants):
            wanted = resolve(where, luminaire, datetime.fromtimestamp(at, where.time_zone)).level
            assert found[row, column] == wanted


def test_floor_and_ceiling_bound_what_is_asked() -> None:
    floor = city(limits=[Limit(layer=Layer.CITY, target="c", floor=40)])
    assert resolve(floor, LUMINAIRE, local(NIGHT)).level == 40
    ceiling = city(limits=[Limit(layer=Layer.CITY, target="c", ceiling=45)])
    assert resolve(ceiling, NEIGHBOUR, local(NIGHT)).level == 45


def test_an_override_with_such_a_program_asks_each_zone_too() -> None:
    where = city()
    over = Override(
        id="o",
        selector=Selector(city=True),
        program="p",
        kind=OverrideKind.EVENT,
        start_at=local("2026-03-20T12:00"),
        end_at=local("2026-03-21T12:00"),
        reason="r",
        author="a",
    )
    plan = where.plan.model_copy(update={"overrides": (over,)})
    changed = where.model_copy(update={"plan": plan})
    assert resolve(changed, NEIGHBOUR, local(NIGHT)).level == 50
    assert levels_at(changed, [LUMINAIRE, NEIGHBOUR], [unix(NIGHT)]).tolist() == [[34], [50]]


def test_the_chain_says_what_was_asked() -> None:
    decision = resolve(city(), LUMINAIRE, local(NIGHT))
    (told,) = (one for one in decision.reasons if one.code is ReasonCode.STEP)
    zone_info = city().time_zone
    assert reason_text(told, zone_info) == (
        "step 1 at 03-20 23:00:00: level 34 % for 10 lx of 30 lx at full level"
    )
    assert "需 10 lx（满亮度 30 lx）" in reason_text(told, zone_info, Language.CHINESE)


def test_the_lighting_class_s_night_floor_holds_by_itself() -> None:
    # CJJ 45 class I: 10 lx late at night; 20 lx at full level make that 50 %.
    bright, *_ = inventory().zones
    classed = bright.model_copy(
        update={"lighting_class": "CJJ45-I-low", "design_illuminance_lx": 20.0}
    )
    where = one_zone(program("18:00", "06:00", ("23:00", 30)))
    changed = where.inventory.model_copy(update={"zones": (classed,)})
    where = where.model_copy(update={"inventory": changed})
    decision = resolve(where, LUMINAIRE, local(NIGHT))
    assert decision.level == 50
    assert reason_text(decision.reasons[-1], where.time_zone) == (
        "raised from 30 % to the floor 50 % of zone z (night floor of lighting class CJJ45-I-low)"
    )
