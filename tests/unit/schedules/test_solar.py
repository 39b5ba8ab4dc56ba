"""The sun against JPL's DE421 ephemeris, and its edges."""

import csv
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from schedules import (
    Direction,
    OutOfRange,
    Place,
    PolarDay,
    PolarNight,
    SunTimes,
    crossing,
    solar_date_of,
    solar_noon,
    sun_elevation,
    sun_times,
)
from schedules.solar import SUNRISE_ELEVATION, local_date_of_noon

OWN_TABLE = Path(__file__).with_name("reference_sun.csv")
SHARED_TABLE = Path(__file__).parents[4] / "shared" / "data" / "astro" / "reference_public.csv"
DAY = timedelta(days=1)
OWN_TOLERANCE_S = 2, 4
SHARED_TOLERANCE_S = 5, 10
"""Below 60 degrees of latitude and beyond, where the sun grazes the horizon."""


def rows(table: Path) -> Iterator[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def computed(row: dict[str, str]) -> int | str:
    """Our answer to a row: Unix seconds, or the status."""
    event = row["event"]
    elevation = SUNRISE_ELEVATION if event.startswith("sun") else -6.0
    if "-" in event:
        elevation = -float(event.split("-")[1])
    is_rising = event.startswith(("sunrise", "dawn"))
    place = Place(float(row["lat"]), float(row["lon"]))
    solar_date = solar_date_of(place, ZoneInfo(row["tz"]), date.fromisoformat(row["date"]))
    assert solar_date is not None
    direction = Direction.RISING if is_rising else Direction.SETTING
    answer = crossing(place, solar_date, elevation, direction)
    return answer if isinstance(answer, int) else answer.status.value


def expected(row: dict[str, str]) -> int | str:
    """The table's answer: Unix seconds, or the status."""
    if row["utc"].startswith("20"):
        return int(datetime.fromisoformat(row["utc"]).timestamp())
    return row.get("status") or row["utc"].removeprefix("none: ").replace(" ", "_")


def misses(table: Path, tolerance_s: tuple[int, int]) -> list[str]:
    found = []
    for row in rows(table):
        ours, theirs = computed(row), expected(row)
        within_s = tolerance_s[abs(float(row["lat"])) >= 60]
        if isinstance(ours, str) or isinstance(theirs, str):
            is_right = ours == theirs
        else:
            is_right = abs(ours - theirs) <= within_s
        if not is_right:
            found.append(f"{row['site']} {row['date']} {row['event']}: {ours}, expected {theirs}")
    return found


def test_every_event_of_our_own_table_is_met() -> None:
    assert len(list(rows(OWN_TABLE))) > 800
    assert misses(OWN_TABLE, OWN_TOLERANCE_S) == []


@pytest.mark.skipif(not SHARED_TABLE.exists(), reason="the table is not on this machine")
def test_every_event_of_the_shared_table_is_met() -> None:
    assert misses(SHARED_TABLE, SHARED_TOLERANCE_S) == []


def test_our_own_table_covers_polar_day_and_polar_night() -> None:
    polar = [row for row in rows(OWN_TABLE) if abs(float(row["lat"])) >= 60]
    assert {row["status"] for row in polar} == {"ok", "polar_day", "polar_night"}


@pytest.mark.parametrize(
    ("place", "time_zone", "shift_days"),
    [
        (Place(39.4704, 75.9898), "Asia/Shanghai", 0),
        (Place(1.8721, -157.4278), "Pacific/Kiritimati", -1),
        (Place(-13.8333, -171.7667), "Pacific/Apia", -1),
        (Place(-14.2756, -170.702), "Pacific/Pago_Pago", 0),
        (Place(-43.9535, -176.5597), "Pacific/Chatham", -1),
    ],
)
def test_a_local_date_finds_its_solar_noon(place: Place, time_zone: str, shift_days: int) -> None:
    for month in range(1, 13):
        local_date = date(2026, month, 15)
        solar_date = solar_date_of(place, ZoneInfo(time_zone), local_date)
        assert solar_date == local_date + timedelta(days=shift_days)
        assert local_date_of_noon(place, ZoneInfo(time_zone), solar_date) == local_date


def test_a_date_that_a_time_zone_skipped_has_no_solar_noon() -> None:
    apia = Place(-13.8333, -171.7667)
    assert solar_date_of(apia, ZoneInfo("Pacific/Apia"), date(2011, 12, 30)) is None
    assert solar_date_of(apia, ZoneInfo("Pacific/Apia"), date(2011, 12, 29)) == date(2011, 12, 29)
    assert solar_date_of(apia, ZoneInfo("Pacific/Apia"), date(2011, 12, 31)) == date(2011, 12, 30)


def test_noon_stands_between_sunrise_and_sunset_and_is_the_highest_point() -> None:
    place = Place(39.9042, 116.4074)
    for month in range(1, 13):
        solar_date = date(2026, month, 10)
        noon = solar_noon(place, solar_date)
        times = sun_times(place, solar_date)
        assert isinstance(times, SunTimes)
        assert times.rising < noon < times.setting
        before, after = sun_elevation(place, noon - 600), sun_elevation(place, noon + 600)
        assert sun_elevation(place, noon) > max(before, after)
        assert before == pytest.approx(after, abs=0.01)


def test_the_sun_stands_at_the_elevation_that_it_crosses() -> None:
    place = Place(52.9721, 122.5386)
    for elevation in (-12.0, -6.0, -0.8333, 5.0):
        for direction in Direction:
            at = crossing(place, date(2026, 10, 28), elevation, direction)
            assert isinstance(at, int)
            assert sun_elevation(place, at) == pytest.approx(elevation, abs=0.002)


def test_polar_seasons_are_values_and_their_edges_are_single_events() -> None:
    longyearbyen = Place(78.2232, 15.6267)
    assert isinstance(sun_times(longyearbyen, date(2026, 6, 21)), PolarDay)
    assert isinstance(sun_times(longyearbyen, date(2026, 12, 21)), PolarNight)
    # The last sunset before the polar day is followed by one more sunrise, then by neither.
    last = date(2026, 4, 17)
    assert isinstance(crossing(longyearbyen, last, -0.8333, Direction.SETTING), int)
    assert isinstance(crossing(longyearbyen, last + DAY, -0.8333, Direction.RISING), int)
    assert isinstance(crossing(longyearbyen, last + DAY, -0.8333, Direction.SETTING), PolarDay)
    assert isinstance(sun_times(longyearbyen, last + DAY), PolarDay)
    assert isinstance(crossing(longyearbyen, last + 2 * DAY, -0.8333, Direction.RISING), PolarDay)


def test_a_setting_after_local_midnight_belongs_to_the_noon_before() -> None:
    reykjavik = Place(64.1466, -21.9426)
    sunset = crossing(reykjavik, date(2026, 6, 21), -0.8333, Direction.SETTING)
    assert isinstance(sunset, int)
    assert datetime.fromtimestamp(sunset, ZoneInfo("Atlantic/Reykjavik")).date() == date(
        2026, 6, 22
    )


@pytest.mark.parametrize("latitude", [-90, -89.9, -66.5, 0, 66.5, 89.9, 90])
@pytest.mark.parametrize("year", [1970, 2000, 2038, 2100])
def test_no_place_and_no_year_is_refused(latitude: float, year: int) -> None:
    place = Place(latitude, 180.0)
    for ordinal in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal(), 11):
        solar_date = date.fromordinal(ordinal)
        noon = solar_noon(place, solar_date)
        for direction in Direction:
            answer = crossing(place, solar_date, -6.0, direction)
            if isinstance(answer, int):
                assert abs(answer - noon) < 13 * 3600


def test_a_year_beyond_the_formulae_is_refused_by_name() -> None:
    with pytest.raises(OutOfRange, match="2300-01-01"):
        solar_noon(Place(0, 0), date(2300, 1, 1))
