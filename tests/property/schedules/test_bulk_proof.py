"""The proof's findings are what the scalar form finds second by second, for any program."""

from datetime import date, timedelta

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schedules import (
    ControlProgram,
    Direction,
    Limit,
    Place,
    Site,
    compile_zone,
    crossing,
    day_bounds,
)
from schedules.compiler import locale_of
from schedules.day import Locale, solar_dates
from schedules.levels_bulk import program_of_calendar, subject_of
from schedules.light import Cover, Pieces, switchings, visible
from schedules.models import Layer
from schedules.night import Lit, night
from schedules.proof import prove
from schedules.proof_night import Checked, Row, check
from schedules.proof_rules import Finding, ProofRules
from schedules.solar import PolarDay, PolarNight
from tests.fakes.one_zone import APIA, SPOTS, URUMQI, ZONE, Spot, site
from tests.fakes.random_programs import days, programs

slowly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
all_spots = st.sampled_from([*SPOTS, APIA, URUMQI])
RULES = ProofRules()
NIGHTS = 3


def below(locale: Locale, day: date, elevation: float) -> Lit:
    """When the sun is below an elevation in a control day, as a night from anchor to anchor."""
    begins, ends = solar_dates(locale, day)
    bounds = day_bounds(locale.time_zone, day)
    times = []
    for solar_date, direction in ((begins, Direction.SETTING), (ends, Direction.RISING)):
        match crossing(locale.place, solar_date, elevation, direction):
            case PolarDay():
                times.append(bounds[1] if direction is Direction.SETTING else bounds[0])
            case PolarNight():
                times.append(bounds[0] if direction is Direction.SETTING else bounds[1])
            case at:
                times.append(at)
    return Lit(times[0], max(times))


def seconds_of(spans: list[tuple[int, int]], since: int, until: int) -> np.ndarray:
    """Whether each second of [since, until) lies in any span."""
    found = np.zeros(until - since, dtype=bool)
    for start, end in spans:
        found[max(start - since, 0) : max(end - since, 0)] = True
    return found


def check_one(where: Site, first: date) -> Checked:
    """The bulk check of the only zone."""
    zone = where.zone(ZONE)
    subject = subject_of(where, zone)
    choose = program_of_calendar(where, subject.calendar)
    return check([Row(subject, None, 50.0)], choose, where.time_zone, first, NIGHTS, RULES)


@slowly
@given(programs(), all_spots, days, st.sampled_from([0.0, 20.0]), st.sampled_from([60.0, 100.0]))
def test_findings_are_those_of_every_second(
    program: ControlProgram, spot: Spot, first: date, floor: float, ceiling: float
) -> None:
    limit = Limit(layer=Layer.ZONE, target=ZONE, floor=floor, ceiling=ceiling)
    where = site(program, spot, limits=[limit])
    locale = locale_of(where, where.zone(ZONE))
    checked = check_one(where, first)
    since = day_bounds(where.time_zone, first - timedelta(days=2))[0]
    until = day_bounds(where.time_zone, first + timedelta(days=NIGHTS + 1))[1]
    points = compile_zone(where, ZONE, since, until)
    level = np.zeros(until - since)
    for point in points:
        level[point.at - since :] = point.level
    around = [first + timedelta(days=n) for n in range(-1, NIGHTS + 1)]
    tonight = {day: night(program, locale, day) for day in around}
    allowed: list[tuple[int, int]] = []
    for one in tonight.values():
        allowed += [span for span in one.too_short if span.end - span.start <= RULES.short_burn_s]
        if one.window is not None and one.extinguish is not None:
            start = max(one.window.start, one.extinguish.start)
            end = min(one.window.end, one.extinguish.end)
            if end - start <= RULES.max_extinguish_s:
                allowed.append((start, end))
    may_be_dark = seconds_of(allowed, since, until)
    for column in range(NIGHTS):
        day = first + timedelta(days=column)

        def found(kind: Finding, column: int = column) -> bool:
            return bool(checked.failing[kind][0, column])

        dark = below(locale, day, RULES.dark_elevation)
        is_empty = tonight[day].window is None and dark.end > dark.start
        assert found(Finding.EMPTY_WINDOW) == is_empty
        at_night = seconds_of([dark], since, until)
        missing = at_night & (level == 0) & ~may_be_dark
        assert found(Finding.DARK_AT_NIGHT) == (missing.any() and not is_empty)
        if found(Finding.DARK_AT_NIGHT):
            failing = checked.first_of(Finding.DARK_AT_NIGHT, program.id)
            if failing.day == day:
                assert failing.at == since + int(np.argmax(missing))
        start, end = day_bounds(where.time_zone, day)
        inside = [point for point in points[1:] if start <= point.at < end]
        assert found(Finding.TOO_MANY_SWITCHINGS) == (len(inside) > RULES.max_switchings)
        lows = [point for point in inside if 0 < point.level < 50.0]
        if lows:
            assert found(Finding.BELOW_FLOOR)
    first_start = day_bounds(where.time_zone, first)[0] - since
    last_end = day_bounds(where.time_zone, first + timedelta(days=NIGHTS - 1))[1] - since
    assert checked.burning_s[0] == np.count_nonzero(level[first_start:last_end])


@slowly
@given(programs(), st.sampled_from([*SPOTS, URUMQI]), days)
def test_light_by_day_is_light_while_the_sun_is_well_up(
    program: ControlProgram, spot: Spot, first: date
) -> None:
    where = site(program, spot)
    locale = locale_of(where, where.zone(ZONE))
    checked = check_one(where, first)
    since = day_bounds(where.time_zone, first - timedelta(days=2))[0]
    until = day_bounds(where.time_zone, first + timedelta(days=NIGHTS + 1))[1]
    level = np.zeros(until - since)
    for point in compile_zone(where, ZONE, since, until):
        level[point.at - since :] = point.level
    for column in range(NIGHTS):
        begins, ends = solar_dates(locale, first + timedelta(days=column))
        up = []
        for solar_date, direction in ((begins, Direction.SETTING), (ends, Direction.RISING)):
            noon = mean_noon(locale.place, solar_date)
            middle = (mean_noon(locale.place, begins) + mean_noon(locale.place, ends)) // 2
            match crossing(locale.place, solar_date, RULES.day_elevation, direction):
                case PolarDay():
                    up.append((min(noon, middle), max(noon, middle)))
                case PolarNight():
                    pass
                case at if direction is Direction.SETTING:
                    up.append((noon, at - RULES.day_margin_s))
                case at:
                    up.append((at + RULES.day_margin_s, noon))
        is_day = seconds_of([span for span in up if span[0] < span[1]], since, until)
        lit = is_day & (level > 0)
        assert bool(checked.failing[Finding.LIT_IN_DAYLIGHT][0, column]) == bool(lit.any())


def mean_noon(place: Place, solar_date: date) -> int:
    """12:00 of local mean solar time."""
    midnight = (solar_date - date(1970, 1, 1)).days * 86_400
    return round(midnight + 43_200 - place.longitude * 240)


@slowly
@given(programs(), programs("q"), all_spots, days)
def test_every_counter_example_is_confirmed_by_the_scalar(
    program: ControlProgram, other: ControlProgram, spot: Spot, first: date
) -> None:
    where = site(program, spot, others=[other])
    # An unconfirmed finding raises.
    proof = prove(where, first)
    assert proof.is_proved == (proof.failures == ())
    for failure in proof.failures:
        assert failure.zones == (ZONE,)
        assert failure.first_day <= failure.last_day
        assert 1 <= failure.nights <= proof.nights
        assert failure.example.reasons
    assert proof.as_dict()["summary"] in proof.text()


spans = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60), st.integers(1, 20)), max_size=12)


@given(spans, st.integers(0, 2), st.integers(-5, 90), st.integers(0, 40))
def test_a_cover_counts_seconds(
    pieces: list[tuple[int, int, int]], row: int, since: int, length: int
) -> None:
    arrays = np.array(pieces, dtype=np.int64).reshape(-1, 3)
    cover = Cover(arrays[:, 0], arrays[:, 1], arrays[:, 1] + arrays[:, 2])
    lit = {at for one, start, long in pieces if one == row for at in range(start, start + long)}
    asked = np.array([row])
    counted = cover.seconds(asked, np.array([since]), np.array([since + length]))
    assert counted[0] == len(lit & set(range(since, since + length)))
    gap = cover.first_gap(row, since)
    assert gap not in lit
    assert all(at in lit for at in range(since, gap))
    assert cover.first_covered(row, since) == min((at for at in lit if at >= since), default=None)


@given(st.lists(st.lists(st.integers(0, 40), max_size=6), min_size=1, max_size=5), st.data())
def test_a_later_night_hides_the_earlier(cuts: list[list[int]], data: st.DataObject) -> None:
    rows, nights_, starts, ends, levels = [], [], [], [], []
    painted: dict[int, float] = {}
    for number, edges in enumerate(cuts):
        ordered = sorted(set(edges))
        for start, end in zip(ordered[::2], ordered[1::2], strict=False):
            level = float(data.draw(st.sampled_from([0, 50, 100])))
            rows.append(0)
            nights_.append(number)
            starts.append(start)
            ends.append(end)
            levels.append(level)
            painted |= dict.fromkeys(range(start, end), level)
    pieces = Pieces(
        np.array(rows, dtype=np.int64),
        np.array(nights_, dtype=np.int64),
        np.array(starts, dtype=np.int64),
        np.array(ends, dtype=np.int64),
        np.array(levels, dtype=np.float64),
    )
    seen = visible(pieces)
    assert all(seen.end[:-1] <= seen.start[1:])
    shown = {
        at: level
        for start, end, level in zip(seen.start, seen.end, seen.level, strict=True)
        for at in range(start, end)
    }
    assert shown == painted
    changes = {at for at in range(-1, 45) if painted.get(at, 0.0) != painted.get(at - 1, 0.0)}
    told = switchings(seen)[1].tolist()
    assert sorted(told) == sorted(changes)
