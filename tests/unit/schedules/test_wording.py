"""Reasons in words: what a newcomer reads, in Chinese and English."""

import pytest

from schedules import ControlProgram, Language, reason_text, resolve_zone
from tests.fakes.one_zone import (
    BEIJING,
    BERLIN,
    LONGYEARBYEN,
    ZONE,
    Spot,
    at_utc,
    local,
    program,
    site,
    unix,
)


def told(
    only: ControlProgram,
    when: str | int,
    spot: Spot = BEIJING,
    language: Language = Language.ENGLISH,
) -> list[str]:
    """The chain from the window on."""
    where = site(only, spot)
    instant = at_utc(when) if isinstance(when, int) else local(when, spot)
    chain = resolve_zone(where, ZONE, instant).reasons
    return [reason_text(one, where.time_zone, language) for one in chain[2:]]


@pytest.mark.parametrize(
    ("on", "english", "chinese"),
    [
        ("18:00", "18:00:00", "18:00:00"),
        ("sunset", "18:25:55 (sunset)", "18:25:55（日落）"),
        (
            "sunset+1h30m",
            "19:55:55 (1 h 30 min after sunset)",
            "19:55:55（日落 后 1 小时 30 分钟）",
        ),
        (
            "civil_dusk-90s",
            "18:51:25 (1 min 30 s before civil dusk)",
            "18:51:25（民用昏影终 前 1 分钟 30 秒）",
        ),
        (
            "elevation(-4)setting",
            "18:42:27 (sun down to -4°)",
            "18:42:27（傍晚太阳高度降至 -4°）",
        ),
        (
            "lux(20)setting",
            "18:44:30 (daylight down to 20 lx)",
            "18:44:30（傍晚天光降至 20 lx）",
        ),
        (
            "sunset not_before 17:00",
            "18:25:55 (sunset, not before 17:00)",
            "18:25:55（日落，不早于 17:00）",
        ),
        (
            "sunset not_before 19:00",
            "19:00:00 (sunset, held to not before 19:00)",
            "19:00:00（日落，按不早于 19:00）",
        ),
        ("20:00-30m", "19:30:00 (30 min before 20:00)", "19:30:00（20:00 前 30 分钟）"),
    ],
)
def test_anchors_are_words(on: str, english: str, chinese: str) -> None:
    lit = program(on, "06:00")
    assert told(lit, "2026-03-20T23:00")[0] == f"lit from 03-20 {english} to 03-21 06:00:00"
    said = told(lit, "2026-03-20T23:00", language=Language.CHINESE)[0]
    assert said.replace("）至", "） 至") == f"亮灯时段 03-20 {chinese} 至 03-21 06:00:00"


def test_a_ramp_is_told_where_there_is_one() -> None:
    plain = program("18:00", "06:00", ("22:00", 50))
    soft = program("18:00", "06:00", ("22:00", 50), ramp_s=60)
    assert told(plain, "2026-03-20T23:00")[1] == "step 1 at 03-20 22:00:00: level 50 %"
    assert told(soft, "2026-03-20T23:00")[1] == "step 1 at 03-20 22:00:00: level 50 %, ramp 60 s"
    assert told(soft, "2026-03-20T23:00", language=Language.CHINESE)[1] == (
        "第 1 个调光点 03-20 22:00:00：亮度 50 %，渐变 60 秒"
    )
    assert told(soft, "2026-03-20T19:00")[1] == "no step yet: base level 100 %"


def test_an_empty_window_tells_its_two_ends() -> None:
    assert told(program("06:00", "sunrise"), "2026-06-22T05:00") == [
        "no burn this control day: on 06-22 06:00:00 is not before off 06-22 04:46:10 (sunrise)"
    ]


@pytest.mark.parametrize(
    ("on", "day", "english", "chinese"),
    [
        (
            "sunset", "2026-06-21",
            "no burn this control day: sunset does not come, polar day, the sun does not set",
            "本控制日不亮灯：日落不出现，极昼，太阳不落",
        ),
        (
            "civil_dusk", "2026-06-21",
            "no burn this control day: civil dusk does not come, the sun stays too high for it",
            "本控制日不亮灯：民用昏影终不出现，太阳始终偏高",
        ),
        (
            "sunset", "2026-12-21",
            "lit from the beginning of the control day (sunset, polar night, the sun does not "
            "rise) to 12-22 06:00:00",
            "亮灯时段 控制日开始（日落，极夜，太阳不升）至 12-22 06:00:00",
        ),
        (
            "sunset not_after 22:00", "2026-06-21",
            "lit from 06-21 22:00:00 (sunset, held to not after 22:00, polar day, the sun does "
            "not set) to 06-22 06:00:00",
            "亮灯时段 06-21 22:00:00（日落，按不晚于 22:00，极昼，太阳不落）至 06-22 06:00:00",
        ),
    ],
)  # fmt: skip
def test_polar_seasons_are_told(on: str, day: str, english: str, chinese: str) -> None:
    lit = program(on, "06:00")
    assert told(lit, f"{day}T23:00", LONGYEARBYEN)[0] == english
    assert told(lit, f"{day}T23:00", LONGYEARBYEN, Language.CHINESE)[0] == chinese


def test_clock_changes_are_told() -> None:
    lit = program("18:00", "06:00", ("02:30", 50))
    assert told(lit, "2026-03-29T04:00", BERLIN)[1] == (
        "step 1 at 03-29 03:00:00 (the clock skips 02:30): level 50 %"
    )
    assert "时钟跳过 02:30" in told(lit, "2026-03-29T04:00", BERLIN, Language.CHINESE)[1]
    # 02:30 comes twice, and the offset says that the first is meant.
    second = unix("2026-10-25T02:30", BERLIN) + 3600
    assert told(lit, second, BERLIN)[1] == "step 1 at 10-25 02:30:00+02:00: level 50 %"
    assert told(lit, "2026-10-25T05:00", BERLIN)[0] == "lit from 10-24 18:00:00 to 10-25 06:00:00"
