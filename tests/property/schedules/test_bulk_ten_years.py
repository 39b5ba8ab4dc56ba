"""Ten years of random programs in seven time zones: no switching is missed or doubled.

The switching points of the night-by-night form are held against the level that the instant-
by-instant form gives just before and after each, and in between. `TEN_YEAR_PROGRAMS` says
how many programs for each time zone; 500 take some minutes.
"""

import os
import random
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from schedules import ControlProgram, day_bounds
from schedules.grid import Grid
from schedules.levels_bulk import levels_at
from schedules.light import switchings, visible
from schedules.nights_bulk import nights
from schedules.proof_night import pieces_of
from tests.fakes.one_zone import LUMINAIRE, SPOTS, Spot, site
from tests.fakes.random_programs import programs

FIRST = date(2026, 1, 1)
DAYS = 3653
PROGRAMS = int(os.environ.get("TEN_YEAR_PROGRAMS", "15"))
NAMES = [spot.time_zone for spot in SPOTS]


@pytest.mark.parametrize("spot", SPOTS, ids=NAMES)
@settings(
    max_examples=PROGRAMS,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(program=programs(), seed=st.integers(0, 1 << 32))
def test_no_switching_is_missed_or_doubled(spot: Spot, program: ControlProgram, seed: int) -> None:
    where = site(program, spot)
    grid = Grid([spot.latitude], [spot.longitude], where.time_zone, FIRST, DAYS)
    seen = visible(pieces_of(nights(program, grid), np.arange(DAYS), 1))
    since = day_bounds(where.time_zone, FIRST + timedelta(days=2))[0]
    until = day_bounds(where.time_zone, FIRST + timedelta(days=DAYS - 2))[0]
    told = np.sort(switchings(seen)[1])
    told = told[(told > since) & (told < until)]
    assert np.all(np.diff(told) > 0), "a switching stands twice"
    edges = np.concatenate([[since], told, [until]])
    generator = random.Random(seed)
    inside = [generator.randrange(int(a), int(b)) for a, b in pairwise(edges)]
    asked = np.concatenate([edges[:-1], told - 1, inside])
    level = levels_at(where, [LUMINAIRE], asked)[0]
    after, before = level[: told.size + 1], level[told.size + 1 : 2 * told.size + 1]
    between = level[2 * told.size + 1 :]
    assert np.all(after[1:] != before), "a switching that changes nothing"
    assert np.all(after == between), "a switching is missed"
    assert np.all(after[:-1] == before), "a switching is missed"
