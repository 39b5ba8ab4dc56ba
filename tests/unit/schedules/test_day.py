"""Control days and wall times."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from schedules import Place, control_day, day_bounds, parse_anchor, wall_instant
from schedules.day import Locale, Never, anchor_time, clock_instant

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
SANTIAGO = ZoneInfo("America/Santiago")
CASABLANCA = ZoneInfo("Africa/Casablanca")


@pytest.mark.parametrize(
    ("utc", "time_zone", "day"),
    [
        ("2026-03-20T03:59:59", SHANGHAI, "2026-03-19"),
        ("2026-03-20T04:00:00", SHANGHAI, "2026-03-20"),
        ("2026-03-20T16:00:00", SHANGHAI, "2026-03-20"),
        ("2026-12-31T23:00:00", BERLIN, "2026-12-31"),
        ("2027-01-01T10:59:59", BERLIN, "2026-12-31"),
        ("2026-03-01T00:30:00", SANTIAGO, "2026-02-28"),
        ("2028-03-01T00:30:00", SANTIAGO, "2028-02-29"),
    ],
)
def test_a_control_day_runs_from_noon_to_noon(utc: str, time_zone: ZoneInfo, day: str) -> None:
    instant = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert control_day(instant, time_zone) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("time_zone", "local_date", "local_time", "utc"),
    [
        # A skipped time is the end of the gap.
        (BERLIN, "2026-03-29", "02:30", "2026-03-29T01:00:00"),
        (LORD_HOWE, "2026-10-04", "02:15", "2026-10-03T15:30:00"),
        (SANTIAGO, "2026-09-06", "00:30", "2026-09-06T04:00:00"),
        (CASABLANCA, "2026-03-22", "02:30", "2026-03-22T02:00:00"),
        # A repeated time is the first.
        (BERLIN, "2026-10-25", "02:30", "2026-10-25T00:30:00"),
        (LORD_HOWE, "2026-04-05", "01:45", "2026-04-04T14:45:00"),
        (SANTIAGO, "2026-04-04", "23:30", "2026-04-05T02:30:00"),
        (CASABLANCA, "2026-02-15", "02:30", "2026-02-15T01:30:00"),
        (ZoneInfo("Pacific/Apia"), "2011-12-30", "08:00", "2011-12-30T10:00:00"),
    ],
)
def test_wall_times_that_a_clock_change_skips_or_repeats(
    time_zone: ZoneInfo, local_date: str, local_time: str, utc: str
) -> None:
    at = wall_instant(time_zone, date.fromisoformat(local_date), time.fromisoformat(local_time))
    assert datetime.fromtimestamp(at, UTC) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_clock_times_before_noon_are_the_next_morning() -> None:
    day = date(2026, 12, 31)
    evening, morning = (clock_instant(SHANGHAI, day, time(hour)) for hour in (23, 5))
    assert morning - evening == 6 * 3600
    assert day_bounds(SHANGHAI, day)[0] <= evening < morning < day_bounds(SHANGHAI, day)[1]


@pytest.mark.parametrize(
    ("time_zone", "day", "hours"),
    [
        (BERLIN, "2026-03-28", 23),
        (BERLIN, "2026-10-24", 25),
        (LORD_HOWE, "2026-10-03", 23.5),
        (LORD_HOWE, "2026-04-04", 24.5),
        (SHANGHAI, "2026-10-24", 24),
    ],
)
def test_control_days_of_clock_changes_are_shorter_or_longer(
    time_zone: ZoneInfo, day: str, hours: float
) -> None:
    start, end = day_bounds(time_zone, date.fromisoformat(day))
    assert (end - start) / 3600 == hours


LONGYEARBYEN = Locale(Place(78.2232, 15.6267), ZoneInfo("Arctic/Longyearbyen"))
MIDSUMMER, MIDWINTER = date(2026, 6, 21), date(2026, 12, 21)


@pytest.mark.parametrize(
    ("text", "day", "at"),
    [
        ("sunset", MIDSUMMER, Never.AFTER),
        ("sunrise", MIDSUMMER, Never.BEFORE),
        ("sunset", MIDWINTER, Never.BEFORE),
        ("sunrise", MIDWINTER, Never.AFTER),
        ("sunset not_before 16:00", MIDSUMMER, Never.AFTER),
        ("sunset not_after 22:00", MIDWINTER, Never.BEFORE),
    ],
)
def test_an_event_that_does_not_take_place_lies_before_or_after_the_day(
    text: str, day: date, at: Never
) -> None:
    assert anchor_time(parse_anchor(text), LONGYEARBYEN, day).at is at


@pytest.mark.parametrize(
    ("text", "day", "local_time", "clamp"),
    [
        ("sunset not_after 22:00", MIDSUMMER, "22:00", "not_after"),
        ("sunrise not_before 03:00", MIDSUMMER, "03:00", "not_before"),
        ("sunset not_before 16:00", MIDWINTER, "16:00", "not_before"),
        ("sunrise not_after 08:00", MIDWINTER, "08:00", "not_after"),
    ],
)
def test_not_before_and_not_after_hold_in_polar_seasons_too(
    text: str, day: date, local_time: str, clamp: str
) -> None:
    found = anchor_time(parse_anchor(text), LONGYEARBYEN, day)
    assert found.at == clock_instant(LONGYEARBYEN.time_zone, day, time.fromisoformat(local_time))
    assert found.clamp == clamp


def test_offset_comes_before_the_clamps() -> None:
    beijing = Locale(Place(39.9042, 116.4074), SHANGHAI)
    day = date(2026, 6, 21)
    plain, late = (
        anchor_time(parse_anchor(text), beijing, day) for text in ("sunset", "sunset+10m")
    )
    assert isinstance(plain.at, int)
    assert late.at == plain.at + 600
    clamped = anchor_time(parse_anchor("sunset+10m not_after 19:00"), beijing, day)
    assert clamped.at == clock_instant(SHANGHAI, day, time(19))
    assert clamped.event == plain.at


def test_setting_is_this_evening_and_rising_the_next_morning() -> None:
    kashgar = Locale(Place(39.4704, 75.9898), SHANGHAI)
    day = date(2026, 12, 10)
    sunset, sunrise = (
        anchor_time(parse_anchor(text), kashgar, day).at for text in ("sunset", "sunrise")
    )
    assert isinstance(sunset, int)
    assert isinstance(sunrise, int)
    assert datetime.fromtimestamp(sunset, SHANGHAI).date() == day
    rising = datetime.fromtimestamp(sunrise, SHANGHAI)
    assert rising.date() == day + timedelta(days=1)
    assert rising.hour == 10
