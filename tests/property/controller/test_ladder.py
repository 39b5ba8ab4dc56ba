"""The ladder equals a slow reading of `resolve`, minute by minute."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.engine.account_intervals import Intervals
from controller.engine.ladder import Ladder
from controller.engine.ladder_tables import compile_ladder
from schedules import Reading, Sensors, Site, resolve
from tests.fakes.random_plans import DAY_MINUTES, KIND, at, sites


def _without(site: Site, **update: object) -> Site:
    return site.model_copy(update={"plan": site.plan.model_copy(update=update)})


def _slow(site: Site, readings: list[Reading], minutes: range) -> np.ndarray:
    """Joules by figure and zone, from `resolve` and the baseline at every minute."""
    inventory = site.inventory
    ageless = tuple(one.model_copy(update={"installed_on": None}) for one in inventory.luminaires)
    young = site.model_copy(
        update={"inventory": inventory.model_copy(update={"luminaires": ageless})}
    )
    full = tuple(
        one.model_copy(update={"steps": (), "base_level": 100.0}) for one in site.plan.programs
    )
    window = _without(young, programs=full, limits=(), overrides=())
    figures = np.zeros((7, 2))
    for minute in minutes:
        instant = at(minute)
        # 18:00 to 06:00 local, as the plan's baseline says.
        is_lit_before = 360 <= minute % DAY_MINUTES < 1080
        for lamp in inventory.luminaires:
            lamp_type = inventory.lamp_type_by_id[lamp.lamp_type]
            bare = _without(site, overrides=())
            heard = {"s": [one for one in readings if one.at <= instant.timestamp()]}
            asked = [
                100.0 if is_lit_before else 0.0,
                resolve(window, lamp.id, instant).level,
                resolve(_without(young, overrides=()), lamp.id, instant).level,
                resolve(bare, lamp.id, instant).level,
                resolve(bare, lamp.id, instant, heard).level,
                resolve(site, lamp.id, instant, heard).level,
            ]
            zone = 0 if lamp.zone == "a" else 1
            assert lamp_type.baseline_power_w is not None
            figures[0, zone] += lamp_type.baseline_power_w * 60 * is_lit_before
            figures[1:, zone] += [60 * lamp_type.power_w(level) for level in asked]
    return figures


@settings(deadline=None, max_examples=12)
@given(
    site=sites(),
    said=st.lists(st.tuples(st.integers(0, DAY_MINUTES), st.integers(0, 200)), max_size=4),
    first=st.integers(0, 1000),
)
def test_the_ladder_is_resolve_minute_by_minute(
    site: Site, said: list[tuple[int, int]], first: int
) -> None:
    minutes = range(first, first + 300)
    since, until = at(first).timestamp(), at(first + 300).timestamp()
    readings = sorted(Reading(at(minute).timestamp(), KIND, value) for minute, value in said)
    readings = [one for one in {one.at: one for one in readings}.values() if one.at >= since]
    ladder = Ladder(2, since, Intervals(2))
    ladder.adopt(compile_ladder(site, int(at(-300).timestamp()), int(at(2000).timestamp())))
    sensors = Sensors(site.plan.rules)
    for minute in minutes:
        now = at(minute).timestamp()
        ladder.advance(now)
        for one in readings:
            if one.at == now:
                sensors.take("s", one)
        ladder.advance(now, sensors)
    ladder.advance(until, sensors)
    assert ladder.totals_j == pytest.approx(_slow(site, readings, minutes), abs=1.0)


@settings(deadline=None, max_examples=20)
@given(site=sites(), cuts=st.lists(st.floats(0, 86_400), max_size=6))
def test_how_often_it_is_asked_changes_nothing(site: Site, cuts: list[float]) -> None:
    since = at(0).timestamp()
    tables = compile_ladder(site, int(since), int(since) + 2 * 86_400)
    once, often = Ladder(2, since, Intervals(2)), Ladder(2, since, Intervals(2))
    for ladder in (once, often):
        ladder.adopt(tables)
    for cut in sorted(cuts):
        often.advance(since + cut)
    for ladder in (once, often):
        ladder.advance(since + 86_400)
    assert often.totals_j == pytest.approx(once.totals_j, abs=0.01)
