"""Ten years in seven time zones: no missed and no doubled switching.

A sample; tests/benchmarks/sweep_ten_years.py goes through 500 plans.
"""

import numpy as np
import pytest

from tests.fakes.one_zone import Spot
from tests.fakes.ten_years import PLACES, Sweep, check, random_plan

NAMES = [place.time_zone for place in PLACES]
FIRST_PLAN = 10_000
"""Others than those of the sweep."""


@pytest.mark.parametrize("is_plain", [True, False], ids=["plain", "wild"])
@pytest.mark.parametrize("place", PLACES, ids=NAMES)
def test_ten_years_of_switchings_are_what_the_language_says(place: Spot, is_plain: bool) -> None:
    first = FIRST_PLAN + 100 * PLACES.index(place)
    plan = next(one for one in map(random_plan, range(first, first + 100)) if one.plain == is_plain)
    tally = check(plan, place, sample=60)
    assert tally.defects == []
    assert tally.counts["nights"] == 3652
    assert tally.counts["instants, compiled against bulk"] > 0
    if is_plain:
        assert tally.counts["plain nights, on once and off once"] == 3652
    # Twenty, and two more where Ramadan falls into a year twice.
    has_changes = place.time_zone != "Asia/Shanghai"
    assert (tally.counts["nights of clock changes"] > 15) == has_changes


@pytest.mark.parametrize("what", ["missed", "doubled", "late"])
def test_a_wrong_switching_is_noticed(what: str) -> None:
    plan = next(one for one in map(random_plan, range(100)) if one.plain)
    sweep = Sweep(plan, PLACES[2], years=1)
    middle = sweep.at.size // 2
    match what:
        case "missed":
            sweep.at, sweep.levels = (np.delete(one, middle) for one in (sweep.at, sweep.levels))
        case "doubled":
            sweep.at = np.insert(sweep.at, middle, [sweep.at[middle] - 60, sweep.at[middle] - 30])
            sweep.levels = np.insert(sweep.levels, middle, [0.0, sweep.levels[middle - 1]])
        case _:
            sweep.at[middle] += 1
    assert sweep.run(sample=0).defects
