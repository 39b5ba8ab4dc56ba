"""A street whose controller is gone: right for 14 nights, lit after them, and judged so."""

from collections.abc import Sequence

import numpy as np
import pytest

from controller.wire.messages import Config, Program
from schedules import Site, SwitchingPoint, compile_luminaire, compile_zone, demo_plan
from simulator.clock import SiteClock
from simulator.faults import Faults
from simulator.mqtt import BrokerAddress
from simulator.street import Street, StreetOptions
from zones import demo_inventory

START = 1_790_049_600
"""Noon in Beijing of 22 September 2026: each night is longer than the one before."""
DAY = 86_400
LUMINAIRES = 40


def program(points: Sequence[SwitchingPoint]) -> Program:
    return Program(
        rev=2,
        valid_from=START,
        valid_until=START + 14 * DAY,
        points=[(at, level, ramp_s) for at, level, ramp_s in points],
        failsafe_level=100.0,
    )


def street() -> Street:
    """A street that holds programs for 14 nights, and no connection."""
    inventory = demo_inventory(LUMINAIRES, 1, 0.0)
    site = Site(inventory=inventory, plan=demo_plan(inventory))
    options = StreetOptions(BrokerAddress("127.0.0.1", 1), float(START))
    found = Street(site, Faults(LUMINAIRES), SiteClock(START), options, lambda _: None)
    rows = np.arange(LUMINAIRES)
    configs = [
        Config(rev=1, zone=one.zone, scale=1, floor=0, failsafe_level=100, power_on_level=100)
        for one in inventory.luminaires
    ]
    found.fleet.take_configs(rows, configs, np.full(LUMINAIRES, float(START)))
    for zone in inventory.zones:
        where = [row for row, one in enumerate(inventory.luminaires) if one.zone == zone.id]
        points = compile_zone(site, zone.id, START, START + 14 * DAY)
        message = program(points)
        found.fleet.take_zone_program(np.array(where, dtype=np.int64), message, START)
    for row, one in enumerate(inventory.luminaires):
        own = compile_luminaire(site, one.id, START, START + 14 * DAY)
        if own is not None:
            found.fleet.take_own_program(row, program(own), START)
    return found


@pytest.mark.parametrize("step_s", [DAY, 7 * 3600 + 13])
def test_for_14_nights_the_street_alone_is_right_to_the_second(step_s: int) -> None:
    life = street()
    for at in range(START, START + 14 * DAY, step_s):
        life.step(at)
    life.step(START + 14 * DAY)
    life.fleet.integrate(START + 14 * DAY)
    summary = life.summary()
    assert summary["lit_ratio"] == 1.0
    assert summary["dark_minutes"] == summary["dark_by_expiry_minutes"] == 0
    assert summary["daylight_burn_minutes"] == summary["daylight_by_expiry_minutes"] == 0
    assert summary["unasked_changes"] == 0
    assert summary["level_error"] == pytest.approx(0, abs=1e-6)


def test_after_them_it_is_lit_every_night_and_only_the_seasons_shift_it() -> None:
    life = street()
    nights = 24
    for day in range(nights + 1):
        life.step(START + day * DAY)
        # In the middle of each night all that should be lit are.
        life.step(START + day * DAY + DAY // 2)
        progress_at = START + day * DAY + DAY // 2
        expected = life.oracle.expected_lit(progress_at)
        assert not (expected & (life.columns.level == 0)).any(), f"night {day}"
    life.fleet.integrate(START + nights * DAY)
    summary = life.summary()
    assert summary["dark_minutes"] == summary["daylight_burn_minutes"] == 0
    # Ten nights, each longer than the last by up to three minutes: too late on, too early off.
    assert 0 < summary["dark_by_expiry_minutes"] < LUMINAIRES * 10 * 10 * 3
    assert summary["daylight_by_expiry_minutes"] == 0
    assert summary["lit_ratio"] > 0.97
