"""Where an instant stands on a chart of dates and hours from noon to noon."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from schedules import Direction, Place
from schedules.day import Locale
from schedules.wall_chart import Block, Chart, dark_stretches, sun_marks
from tests.fakes.one_zone import (
    APIA,
    BEIJING,
    BERLIN,
    KOTZEBUE,
    LONGYEARBYEN,
    LORD_HOWE,
    Spot,
    unix,
)


def chart(spot: Spot, first: str, days: int) -> Chart:
    return Chart(ZoneInfo(spot.time_zone), date.fromisoformat(first), days)


def locale(spot: Spot) -> Locale:
    return Locale(Place(spot.latitude, spot.longitude), ZoneInfo(spot.time_zone))


def blocks(spot: Spot, first: str, days: int, start: str, end: str) -> list[Block]:
    return list(chart(spot, first, days).blocks(unix(start, spot), unix(end, spot)))


def test_an_evening_and_its_morning_stand_in_one_column() -> None:
    assert blocks(BEIJING, "2026-03-20", 2, "2026-03-20T18:00", "2026-03-21T06:00") == [
        Block(0, 0, 1, 6, 18)
    ]


def test_what_passes_noon_goes_on_at_the_top_of_the_next_column() -> None:
    assert blocks(BEIJING, "2026-03-20", 2, "2026-03-21T10:00", "2026-03-21T13:30") == [
        Block(0, 0, 1, 22, 24),
        Block(1, 0, 1, 0, 1.5),
    ]


def test_what_lies_outside_the_chart_is_cut_off() -> None:
    assert blocks(BEIJING, "2026-03-20", 1, "2026-03-01T00:00", "2026-04-01T00:00") == [
        Block(0, 0, 1, 0, 24)
    ]
    assert blocks(BEIJING, "2026-03-20", 1, "2026-03-01T00:00", "2026-03-20T12:00") == []


def test_an_hour_that_the_clock_skips_is_left_out() -> None:
    whole = chart(BERLIN, "2026-03-28", 1)
    (change,) = whole.clock_changes
    assert (change.from_h, change.to_h, change.shift_h) == (14, 15, 1)
    assert change.is_gap
    assert list(whole.blocks(whole.start, whole.end)) == [
        Block(0, 0, 1, 0, 14),
        Block(0, 0, 1, 15, 24),
    ]


def test_an_hour_that_the_clock_shows_twice_stands_side_by_side() -> None:
    whole = chart(BERLIN, "2026-10-24", 1)
    (change,) = whole.clock_changes
    assert (change.from_h, change.to_h, change.is_gap) == (15, 14, False)
    assert list(whole.blocks(whole.start, whole.end)) == [
        Block(0, 0, 1, 0, 14),
        Block(0, 0, 0.5, 14, 15),
        Block(0, 0.5, 1, 14, 15),
        Block(0, 0, 1, 15, 24),
    ]
    # From 02:30 the first time to 02:15 the second: three quarters of an hour.
    first = unix("2026-10-25T02:30", BERLIN)
    assert list(whole.blocks(first, first + 45 * 60)) == [
        Block(0, 0, 0.5, 14.5, 15),
        Block(0, 0.5, 1, 14, 14.25),
    ]


def test_half_an_hour_on_lord_howe() -> None:
    gap, fold = (chart(LORD_HOWE, day, 1) for day in ("2026-10-03", "2026-04-04"))
    assert [one.shift_h for one in gap.clock_changes] == [0.5]
    assert [one.shift_h for one in fold.clock_changes] == [-0.5]
    halves = [one for one in fold.blocks(fold.start, fold.end) if one.right - one.left < 1]
    assert halves == [Block(0, 0, 0.5, 13.5, 14), Block(0, 0.5, 1, 13.5, 14)]


@pytest.mark.parametrize("spot", [BEIJING, BERLIN, LORD_HOWE, KOTZEBUE])
def test_a_year_covers_every_second_once(spot: Spot) -> None:
    whole = chart(spot, "2026-01-01", 365)
    hours = sum(one.bottom_h - one.top_h for one in whole.blocks(whole.start, whole.end))
    assert hours == pytest.approx((whole.end - whole.start) / 3600)


def test_a_date_that_a_time_zone_skipped_has_half_a_column() -> None:
    whole = chart(APIA, "2011-12-29", 2)
    assert list(whole.blocks(whole.start, whole.end)) == [
        Block(0, 0, 1, 0, 12),
        Block(1, 0, 1, 12, 24),
    ]


def test_sunsets_stand_where_the_clock_shows_them() -> None:
    whole = chart(BEIJING, "2026-03-20", 3)
    marks = sun_marks(whole, locale(BEIJING), -0.8333, Direction.SETTING)
    assert [mark.column for mark in marks] == [0, 1, 2]
    shown = datetime.fromtimestamp(marks[0].at, whole.time_zone)
    assert marks[0].hour == pytest.approx(shown.hour - 12 + shown.minute / 60 + shown.second / 3600)


def test_a_sunrise_after_noon_stands_in_the_column_of_its_noon() -> None:
    whole = chart(KOTZEBUE, "2026-12-18", 4)
    marks = sun_marks(whole, locale(KOTZEBUE), -0.8333, Direction.RISING)
    assert [mark.column for mark in marks] == [0, 1, 2, 3]
    assert all(0 < mark.hour < 2 for mark in marks)


def test_polar_seasons_have_no_marks_and_are_dark_or_not_from_end_to_end() -> None:
    winter, summer = chart(LONGYEARBYEN, "2026-12-01", 20), chart(LONGYEARBYEN, "2026-06-01", 20)
    place = locale(LONGYEARBYEN)
    assert sun_marks(winter, place, -0.8333, Direction.SETTING) == []
    dark = list(dark_stretches(winter, place, -0.8333))
    assert (dark[0][0], dark[-1][1]) == (winter.start, winter.end)
    assert sum(end - start for start, end in dark) == winter.end - winter.start
    assert list(dark_stretches(summer, place, -0.8333)) == []


def test_dark_stretches_run_from_sunset_to_sunrise() -> None:
    whole = chart(BERLIN, "2026-03-20", 5)
    dark = list(dark_stretches(whole, locale(BERLIN), -0.8333))
    sets = [one.at for one in sun_marks(whole, locale(BERLIN), -0.8333, Direction.SETTING)]
    rises = [one.at for one in sun_marks(whole, locale(BERLIN), -0.8333, Direction.RISING)]
    assert [one for one in dark if one[0] < whole.end and one[1] > whole.start] == list(
        zip(sets, rises, strict=True)
    )
