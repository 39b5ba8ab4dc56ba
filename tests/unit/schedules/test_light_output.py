"""Constant light output: depreciation, scale, and where the scale acts."""

from datetime import UTC, date, datetime

import pytest

from schedules import (
    Language,
    Layer,
    Limit,
    Override,
    OverrideKind,
    Reading,
    ReasonCode,
    Selector,
    Site,
    reason_text,
    resolve,
    resolve_zone,
)
from schedules.levels_bulk import levels_at
from schedules.light_output import YEARLY_BURNING_H, light_state, scale_of
from tests.fakes.one_zone import LUMINAIRE, NEIGHBOUR, ZONE, local, program, site, unix
from zones.models import LampType, Luminaire, Technology

LAMP = LampType(
    id="t",
    name="t",
    technology=Technology.LED,
    rated_power_w=100,
    lumen_maintenance=0.8,
    rated_life_h=50_000,
)
NIGHT = program("18:00", "06:00", ("23:00", 50))


def city(
    installed: date | None = date(2026, 3, 1), lamp: LampType = LAMP, **fields: object
) -> Site:
    """One luminaire with constant light output, installed on a date; its neighbour undated."""
    where = site(NIGHT, **fields)  # type: ignore[arg-type]  # the words of a test
    first, second = where.inventory.luminaires
    dated = first.model_copy(update={"installed_on": installed})
    inventory = where.inventory.model_copy(
        update={"lamp_types": (lamp,), "luminaires": (dated, second)}
    )
    return where.model_copy(update={"inventory": inventory})


def luminaire(where: Site) -> Luminaire:
    return where.luminaire(LUMINAIRE)


@pytest.mark.parametrize(
    ("hours", "state"), [(0, 1.0), (25_000, 0.9), (50_000, 0.8), (90_000, 0.8), (-5, 1.0)]
)
def test_light_falls_evenly_to_the_end_of_rated_life(hours: float, state: float) -> None:
    assert light_state(LAMP, hours) == pytest.approx(state)


def test_a_lamp_that_tells_no_depreciation_keeps_its_light() -> None:
    assert light_state(LAMP.model_copy(update={"rated_life_h": None}), 50_000) == 1


@pytest.mark.parametrize(("hours", "scale"), [(0, 0.8), (25_000, 0.89), (50_000, 1), (60_000, 1)])
def test_the_scale_keeps_the_designed_light(hours: float, scale: float) -> None:
    where = city()
    found = scale_of(where, luminaire(where), date(2026, 3, 20), burning_h=hours)
    assert found == scale
    assert found * light_state(LAMP, hours) >= 0.8 - 1e-9


def test_hours_are_estimated_from_the_age() -> None:
    where = city(date(2020, 3, 20))
    years = (date(2026, 3, 20) - date(2020, 3, 20)).days / 365.25
    by_age = scale_of(where, luminaire(where), date(2026, 3, 20))
    by_hours = scale_of(
        where, luminaire(where), date(2026, 3, 20), burning_h=years * YEARLY_BURNING_H
    )
    assert by_age == by_hours == 0.89
    assert scale_of(where, luminaire(where), date(2019, 1, 1)) == 0.8


@pytest.mark.parametrize(
    ("installed", "changes"),
    [
        (None, {}),
        (date(2026, 3, 1), {"is_dimmable": False}),
        (date(2026, 3, 1), {"lumen_maintenance": None}),
        (date(2026, 3, 1), {"rated_life_h": None}),
        (date(2026, 3, 1), {"lumen_maintenance": 1.0}),
    ],
)
def test_what_is_not_known_or_cannot_dim_is_not_scaled(
    installed: date | None, changes: dict[str, object]
) -> None:
    where = city(installed, LAMP.model_copy(update=changes))
    assert scale_of(where, luminaire(where), date(2026, 3, 20)) == 1


def test_the_chain_ends_with_what_the_lamp_gives() -> None:
    where = city()
    decision = resolve(where, LUMINAIRE, local("2026-03-20T21:00"))
    assert decision.level == pytest.approx(81)
    told = decision.reasons[-1]
    assert told.code is ReasonCode.CONSTANT_LIGHT
    assert reason_text(told, where.time_zone) == (
        "constant light output: the lamp is new enough for 0.81 of its level, 100 % becomes 81 %"
    )
    assert "100 % 变为 81 %" in reason_text(told, where.time_zone, Language.CHINESE)
    assert resolve(where, NEIGHBOUR, local("2026-03-20T21:00")).level == 100
    assert resolve(where, LUMINAIRE, local("2026-03-20T13:00")).level == 0
    # The program on the wire is unscaled: the luminaire scales it by its config.
    assert resolve_zone(where, ZONE, local("2026-03-20T21:00")).level == 100


def test_the_floor_holds_after_scaling() -> None:
    where = city(limits=[Limit(layer=Layer.ZONE, target=ZONE, floor=45)])
    assert resolve(where, LUMINAIRE, local("2026-03-20T23:30")).level == 45


def test_an_override_is_exact() -> None:
    over = Override(
        id="o",
        selector=Selector(city=True),
        level=90,
        kind=OverrideKind.EMERGENCY,
        start_at=local("2026-03-20T12:00"),
        end_at=local("2026-03-21T12:00"),
        reason="r",
        author="a",
    )
    where = city(overrides=[over])
    assert resolve(where, LUMINAIRE, local("2026-03-20T21:00")).level == 90
    assert levels_at(where, [LUMINAIRE], [unix("2026-03-20T21:00")]).tolist() == [[90]]


@pytest.mark.parametrize("floor", [0.0, 45.0])
def test_the_bulk_form_gives_the_same(floor: float) -> None:
    where = city(date(2014, 3, 20), limits=[Limit(layer=Layer.ZONE, target=ZONE, floor=floor)])
    at = [unix("2026-03-20T12:00") + 3571 * n for n in range(200)]
    found = levels_at(where, [LUMINAIRE, NEIGHBOUR], at)
    for row, name in enumerate((LUMINAIRE, NEIGHBOUR)):
        wanted = [resolve(where, name, datetime.fromtimestamp(one, UTC)).level for one in at]
        assert found[row].tolist() == wanted


def test_readings_of_other_things_change_nothing() -> None:
    where = city()
    at = local("2026-03-20T21:00")
    readings = {"s": [Reading(at.timestamp(), "vehicles_per_hour", 1)]}
    assert resolve(where, LUMINAIRE, at, readings) == resolve(where, LUMINAIRE, at)
