"""The ladder over ramps, sunsets and other baselines."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from controller.engine.account_intervals import QUARTER_S, Intervals
from controller.engine.account_power import PowerCurves
from controller.engine.ladder import Ladder
from controller.engine.ladder_tables import (
    BASELINE,
    CLO,
    DIMMED,
    OVERRIDDEN,
    RETROFITTED,
    WINDOWED,
    compile_ladder,
)
from schedules import ControlProgram, Site, Step, Window, parse_anchor, resolve
from schedules.energy.baselines import DeclaredBaseline, FixedHours, PreviousLamps
from tests.fakes.small_city import BASELINE_W, LED_W, small_site

NOON = datetime(2026, 3, 20, 4, tzinfo=UTC).timestamp()
HOUR = 3600.0
DAY = 86_400
CURVE = ((0, 0.1), (40, 0.3), (100, 1.0))


def with_program(*steps: Step, on: str = "18:00", off: str = "06:00", ramp_s: int = 0) -> Site:
    site = small_site()
    program = ControlProgram(
        id="night",
        name="night",
        window=Window(on=parse_anchor(on), off=parse_anchor(off)),
        steps=steps,
        on_ramp_s=ramp_s,
        off_ramp_s=ramp_s,
    )
    types = tuple(
        one.model_copy(update={"power_curve": CURVE}) for one in site.inventory.lamp_types
    )
    return Site(
        inventory=site.inventory.model_copy(update={"lamp_types": types}),
        plan=site.plan.model_copy(update={"programs": (program,)}),
    )


def night(site: Site, *, since: float = NOON, until: float = NOON + DAY) -> Ladder:
    ladder = Ladder(2, since, Intervals(2))
    ladder.adopt(compile_ladder(site, int(since), int(until) + DAY))
    ladder.advance(until)
    return ladder


def test_a_ramp_is_the_integral_of_the_curve() -> None:
    site = with_program(Step(at=parse_anchor("23:00"), level=20, ramp_s=600))
    found_j = night(site, since=NOON + 11 * HOUR, until=NOON + 11 * HOUR + 600).totals_j
    shares = (np.arange(6000) + 0.5) / 6000
    lamp_type = site.inventory.lamp_types[0]
    mean_w = np.mean([lamp_type.power_w(100 - 80 * share) for share in shares])
    assert found_j[DIMMED].sum() == pytest.approx(4 * 600 * mean_w, rel=1e-4)


def test_a_night_by_the_sun_is_resolve_second_by_second() -> None:
    site = with_program(
        Step(at=parse_anchor("22:30"), level=35, ramp_s=30), on="sunset", off="sunrise+10m"
    )
    found_j = night(site).totals_j
    step_s = 10
    instants = [NOON + step_s * n for n in range(DAY // step_s)]
    lamp_type = site.inventory.lamp_types[0]
    levels = [resolve(site, "a1", datetime.fromtimestamp(at, UTC)).level for at in instants]
    slow_j = step_s * sum(map(lamp_type.power_w, levels))
    for figure in (DIMMED, CLO, OVERRIDDEN):
        assert found_j[figure].sum() / 4 == pytest.approx(slow_j, rel=1e-3)


def test_each_figure_of_a_plain_night() -> None:
    found_wh = night(small_site()).totals_j.sum(axis=1) / 3600 / 4
    lit_before = found_wh[BASELINE] / BASELINE_W
    assert 11.5 < lit_before < 12.5  # an equinox
    assert found_wh[RETROFITTED] == pytest.approx(lit_before * LED_W + (24 - lit_before))
    assert found_wh[WINDOWED] == pytest.approx(12 * LED_W + 12)
    assert found_wh[DIMMED] == pytest.approx(5 * LED_W + 7 * LED_W / 2 + 12)


def test_a_declared_baseline_holds_from_its_day_on() -> None:
    declared = DeclaredBaseline(
        id="survey",
        valid_from=date(2026, 3, 21),
        hours=FixedHours(on=parse_anchor("20:00").local_time, off=parse_anchor("05:00").local_time),  # type: ignore[union-attr]  # clock times
        lamps=(PreviousLamps(power_w=400),),
    )
    site = small_site()
    site = site.model_copy(update={"plan": site.plan.model_copy(update={"baselines": (declared,)})})
    before_j = night(site).totals_j[BASELINE].sum()
    after_j = night(site, since=NOON + DAY, until=NOON + 2 * DAY).totals_j[BASELINE].sum()
    assert before_j / 4 / BASELINE_W / 3600 == pytest.approx(12, abs=0.5)
    assert after_j == pytest.approx(4 * 400 * 9 * 3600)
    both_j = night(site, until=NOON + 2 * DAY).totals_j[BASELINE].sum()
    assert both_j == pytest.approx(before_j + after_j)


def test_quarter_hours_hold_all_of_it() -> None:
    ladder = Ladder(2, NOON + 100, intervals := Intervals(2))
    ladder.adopt(compile_ladder(small_site(), int(NOON), int(NOON) + 2 * DAY))
    ladder.advance(NOON + 10 * HOUR + 7)
    assert sum(intervals.asked.values()) == pytest.approx(ladder.totals_j)
    first, last = min(intervals.asked), max(intervals.asked)
    assert (first, last) == (NOON // QUARTER_S, (NOON + 10 * HOUR) // QUARTER_S)


def test_power_of_lamps_that_cannot_be_dimmed_is_all_or_standby() -> None:
    plain = small_site().inventory.lamp_types[0]
    fixed = plain.model_copy(update={"is_dimmable": False, "power_curve": CURVE})
    curves = PowerCurves((plain, fixed))
    kinds = np.array([1, 1, 1, 0])
    found = curves.power_w(kinds, np.array([0.0, 1.0, 100.0, 50.0]))
    assert found.tolist() == [1.0, LED_W, LED_W, LED_W / 2]
