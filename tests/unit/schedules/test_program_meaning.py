"""What programs mean: windows, steps, extinguish windows, and the trade's known holes."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from schedules import Direction, Layer, Limit, Place, compile_zone, crossing
from tests.fakes.one_zone import (
    APIA,
    BEIJING,
    BERLIN,
    CASABLANCA,
    KOTZEBUE,
    LONGYEARBYEN,
    LORD_HOWE,
    REYKJAVIK,
    SANTIAGO,
    URUMQI,
    ZONE,
    Spot,
    burning_s,
    program,
    site,
    switchings,
    unix,
)

DAY_S = 86_400


def test_a_plain_night_has_one_on_two_steps_and_one_off() -> None:
    where = site(program("18:00", "06:00", ("23:00", 50), ("05:00", 80)))
    assert switchings(where, "2026-03-20") == [
        ("03-20 18:00:00", 100),
        ("03-20 23:00:00", 50),
        ("03-21 05:00:00", 80),
        ("03-21 06:00:00", 0),
    ]


def test_on_at_six_and_off_at_an_earlier_sunrise_is_no_burn() -> None:
    # Sunrise is at 04:46: the window is empty, and stays so until the next control day.
    summer = site(program("06:00", "sunrise"))
    assert switchings(summer, "2026-06-21", nights=3) == []
    # In winter the sun rises at 07:30, and the same program is right.
    assert [level for _, level in switchings(summer, "2026-12-21")] == [100, 0]


def test_a_window_of_no_length_is_no_burn() -> None:
    assert switchings(site(program("sunset not_before 22:00", "22:00")), "2026-06-21") == []


def test_a_step_before_dusk_holds_when_dusk_comes() -> None:
    # Midsummer in Reykjavik: the sun sets after midnight, an hour after the step.
    where = site(program("sunset", "sunrise", ("23:00", 50)), REYKJAVIK)
    first, last = switchings(where, "2026-06-20")
    assert first[0].startswith("06-21 00:0")
    assert first[1] == 50
    assert last[1] == 0


def test_dusk_after_midnight_utc_is_this_evening() -> None:
    where = site(program("sunset", "sunrise"), SANTIAGO)
    on, off = switchings(where, "2026-01-10")
    assert on[0].startswith("01-10 20:5")
    assert off[0].startswith("01-11 06:4")


@pytest.mark.parametrize("day", ["2026-03-25", "2026-09-20"])
def test_sunrise_about_midnight_utc_is_not_a_day_off(day: str) -> None:
    where = site(program("sunset", "sunrise"), URUMQI)
    levels = [level for _, level in switchings(where, day, nights=10)]
    assert levels == [100, 0] * 10


def test_each_step_holds_until_the_next_whatever_the_order_in_the_document() -> None:
    where = site(program("18:00", "06:00", ("05:00", 80), ("23:00", 50), ("16:00", 90)))
    assert [level for _, level in switchings(where, "2026-03-20")] == [90, 50, 80, 0]


def test_of_two_steps_at_the_same_time_the_later_in_the_document_holds() -> None:
    where = site(program("18:00", "06:00", ("23:00", 50), ("23:00", 40)))
    assert switchings(where, "2026-03-20")[1] == ("03-20 23:00:00", 40)


def test_before_the_first_step_the_base_level_holds() -> None:
    where = site(program("18:00", "06:00", ("23:00", 50), base_level=70))
    assert switchings(where, "2026-03-20")[0][1] == 70


def test_a_step_to_the_same_level_is_no_switching() -> None:
    where = site(program("18:00", "06:00", ("22:00", 100), ("23:00", 50), ("00:00", 50)))
    assert [level for _, level in switchings(where, "2026-03-20")] == [100, 50, 0]


def test_fifty_steps() -> None:
    steps = [(f"{(18 + n // 4) % 24:02}:{n % 4 * 15:02}", 100 - n) for n in range(1, 48)]
    steps += [("05:50", 10), ("05:55", 9), ("06:30", 8)]
    told = switchings(site(program("18:00", "06:00", *steps)), "2026-03-20")
    assert len(told) == 51
    assert all(early < late for (early, _), (late, _) in pairwise(told))


def test_part_night_is_dark_between_and_returns_at_the_step_of_that_hour() -> None:
    where = site(
        program("18:00", "06:00", ("23:00", 50), ("04:00", 70), extinguish=("01:00", "05:00"))
    )
    assert switchings(where, "2026-03-20") == [
        ("03-20 18:00:00", 100),
        ("03-20 23:00:00", 50),
        ("03-21 01:00:00", 0),
        ("03-21 05:00:00", 70),
        ("03-21 06:00:00", 0),
    ]


@pytest.mark.parametrize(
    ("extinguish", "levels"),
    [
        (("17:00", "20:00"), [("20:00:00", 100), ("06:00:00", 0)]),
        (("04:00", "08:00"), [("18:00:00", 100), ("04:00:00", 0)]),
        (("14:00", "08:00"), []),
        (("05:00", "01:00"), [("18:00:00", 100), ("06:00:00", 0)]),
        (("07:00", "08:00"), [("18:00:00", 100), ("06:00:00", 0)]),
        (("06:00", "08:00"), [("18:00:00", 100), ("06:00:00", 0)]),
    ],
)
def test_extinguish_windows_that_overlap_the_ends(
    extinguish: tuple[str, str], levels: list[tuple[str, float]]
) -> None:
    where = site(program("18:00", "06:00", extinguish=extinguish))
    told = switchings(where, "2026-03-20")
    assert [(text.split()[1], level) for text, level in told] == levels


def test_an_extinguish_anchor_that_does_not_take_place_puts_nothing_out() -> None:
    where = site(program("sunset", "sunrise", extinguish=("civil_dusk+1h", "05:00")), LONGYEARBYEN)
    assert burning_s(where, "2026-12-20", nights=2) == 2 * DAY_S


def test_min_burn_suppresses_what_is_too_short_to_be_worth_a_switching() -> None:
    curfew = program("sunset", "20:00", min_burn_s=1800)
    assert switchings(site(curfew), "2026-06-21") == []
    assert len(switchings(site(curfew), "2026-03-21")) == 2


def test_min_burn_looks_at_each_stretch_of_a_part_night() -> None:
    where = site(program("18:00", "05:10", extinguish=("23:00", "05:00"), min_burn_s=1800))
    assert switchings(where, "2026-03-20") == [("03-20 18:00:00", 100), ("03-20 23:00:00", 0)]


@pytest.mark.parametrize("nights", [1, 5])
def test_polar_night_is_lit_from_noon_to_noon_without_a_blip(nights: int) -> None:
    where = site(program("sunset", "sunrise"), LONGYEARBYEN)
    assert burning_s(where, "2026-12-10", nights) == nights * DAY_S
    assert switchings(where, "2026-12-10", nights) == [("12-10 12:00:00", 100)]


def test_polar_night_still_has_its_steps() -> None:
    where = site(program("sunset", "sunrise", ("22:00", 60), ("06:00", 100)), LONGYEARBYEN)
    assert switchings(where, "2026-12-10", nights=2) == [
        ("12-10 12:00:00", 100),
        ("12-10 22:00:00", 60),
        ("12-11 06:00:00", 100),
        ("12-11 22:00:00", 60),
        ("12-12 06:00:00", 100),
    ]


def test_polar_day_never_burns() -> None:
    where = site(program("sunset", "sunrise"), LONGYEARBYEN)
    assert switchings(where, "2026-06-01", nights=20) == []


def test_the_polar_year_burns_exactly_while_the_sun_is_down() -> None:
    where = site(program("sunset", "sunrise"), LONGYEARBYEN)
    place = Place(LONGYEARBYEN.latitude, LONGYEARBYEN.longitude)
    told = switchings(where, "2026-01-01", nights=365)
    # Lit from the first noon to the first sunrise, then pairs, then lit to the end.
    levels = [level for _, level in told]
    assert levels == [100, 0] * (len(levels) // 2) + [100]
    assert 200 < len(levels) < 300
    sunrises = 0
    for ordinal in range(365):
        solar_date = date(2026, 1, 1) + timedelta(days=ordinal + 1)
        sunrises += isinstance(crossing(place, solar_date, -0.8333, Direction.RISING), int)
    assert levels.count(0) == sunrises


def test_dusk_that_never_comes_is_no_burn() -> None:
    # White nights: the sun sets, but never reaches civil dusk.
    where = site(program("civil_dusk", "sunrise"), REYKJAVIK)
    assert switchings(where, "2026-06-15", nights=5) == []


def test_a_step_on_an_event_that_does_not_take_place_is_passed_over() -> None:
    steps = (("civil_dusk", 80), ("23:00", 50), ("civil_dawn", 90))
    where = site(program("16:00", "09:00", *steps), LONGYEARBYEN)
    assert [level for _, level in switchings(where, "2026-12-20")] == [100, 50, 0]


def test_a_night_may_end_after_noon_where_the_sun_rises_after_noon() -> None:
    # Kotzebue, Alaska: in December the sun rises about 13:00 by the clock.
    where = site(program("sunset", "sunrise", ("23:00", 50), ("07:00", 90)), KOTZEBUE)
    told = switchings(where, "2026-12-18", nights=4)
    offs = [text for text, level in told if level == 0]
    assert len(offs) >= 3
    assert all(text.split()[1] > "12:30" for text in offs)


@pytest.mark.parametrize(
    ("spot", "day", "hours"),
    [
        (BERLIN, "2026-03-28", 11),
        (BERLIN, "2026-10-24", 13),
        (LORD_HOWE, "2026-10-03", 11.5),
        (LORD_HOWE, "2026-04-04", 12.5),
        (SANTIAGO, "2026-09-05", 11),
        (SANTIAGO, "2026-04-04", 13),
        (CASABLANCA, "2026-03-21", 11),
        (CASABLANCA, "2026-02-14", 13),
        (BEIJING, "2026-03-28", 12),
    ],
)
def test_nights_of_clock_changes_burn_true_elapsed_hours(
    spot: Spot, day: str, hours: float
) -> None:
    where = site(program("18:00", "06:00"), spot)
    assert burning_s(where, day) == hours * 3600
    assert len(switchings(where, day)) == 2


def test_a_step_in_the_gap_moves_to_its_end_and_in_the_fold_happens_once() -> None:
    where = site(program("18:00", "06:00", ("02:30", 50)), BERLIN)
    assert ("03-29 03:00:00", 50) in switchings(where, "2026-03-28")
    autumn = switchings(where, "2026-10-24")
    assert [level for _, level in autumn] == [100, 50, 0]
    points = compile_zone(
        where, ZONE, unix("2026-10-24T12:00", BERLIN), unix("2026-10-25T12:00", BERLIN)
    )
    assert points[2].at == unix("2026-10-25T02:30", BERLIN)


def test_a_step_two_hours_after_another_stays_so_in_elapsed_time() -> None:
    where = site(program("18:00", "06:00", ("23:00+4h", 50)), BERLIN)
    for day in ("2026-03-28", "2026-10-24"):
        noon = unix(f"{day}T12:00", BERLIN)
        points = compile_zone(where, ZONE, noon, noon + DAY_S)
        assert points[2].at - unix(f"{day}T23:00", BERLIN) == 4 * 3600


def test_leap_day_and_year_end_are_nights_like_others() -> None:
    where = site(program("18:00", "06:00", ("00:00", 50)))
    assert switchings(where, "2028-02-28", nights=3)[3:6] == [
        ("02-29 18:00:00", 100),
        ("03-01 00:00:00", 50),
        ("03-01 06:00:00", 0),
    ]
    assert switchings(where, "2026-12-31") == [
        ("12-31 18:00:00", 100),
        ("01-01 00:00:00", 50),
        ("01-01 06:00:00", 0),
    ]


def test_the_night_around_a_skipped_date_is_one_night() -> None:
    where = site(program("sunset", "sunrise"), APIA)
    told = switchings(where, "2011-12-28", nights=4)
    assert [level for _, level in told] == [100, 0] * 3
    assert [text.split()[0] for text, _ in told] == [
        "12-28", "12-29", "12-29", "12-31", "12-31", "01-01",
    ]  # fmt: skip


def test_limits_raise_and_cut_lit_levels_only() -> None:
    limits = (
        Limit(layer=Layer.CITY, target="c", floor=20, ceiling=90),
        Limit(layer=Layer.CATEGORY, target="arterial", floor=40),
        Limit(layer=Layer.ZONE, target=ZONE, ceiling=80),
    )
    where = site(program("18:00", "06:00", ("23:00", 30), ("04:00", 0)), limits=limits)
    assert switchings(where, "2026-03-20") == [
        ("03-20 18:00:00", 80),
        ("03-20 23:00:00", 40),
        ("03-21 06:00:00", 0),
    ]


def test_a_floor_above_a_ceiling_holds() -> None:
    limits = (
        Limit(layer=Layer.CITY, target="c", ceiling=30),
        Limit(layer=Layer.ZONE, target=ZONE, floor=50),
    )
    where = site(program("18:00", "06:00"), limits=limits)
    assert switchings(where, "2026-03-20")[0][1] == 50
