"""Anchors in words, Chinese and English: where one fell on a control day, and why there.

Owns the words for one anchor; the sentences around them are in `schedules.wording`.
"""

from collections.abc import Mapping
from datetime import datetime, time
from functools import lru_cache
from typing import assert_never
from zoneinfo import ZoneInfo

from schedules.anchors import (
    AnyAnchor,
    ClockAnchor,
    Direction,
    ElevationAnchor,
    IlluminanceAnchor,
    SunAnchor,
    SunEvent,
    parse_anchor,
)
from schedules.reasons import Value
from zones.said import Language

_EVENTS = {
    SunEvent.SUNSET: ("日落", "sunset"),
    SunEvent.SUNRISE: ("日出", "sunrise"),
    SunEvent.CIVIL_DUSK: ("民用昏影终", "civil dusk"),
    SunEvent.CIVIL_DAWN: ("民用晨光始", "civil dawn"),
}
_WAYS = {
    Direction.SETTING: ("傍晚{}降至", "{} down to"),
    Direction.RISING: ("清晨{}升至", "{} up to"),
}
_SUN, _DAYLIGHT = ("太阳高度", "sun"), ("天光", "daylight")
_POLAR = {
    "polar_day": ("太阳始终偏高", "the sun stays too high for it"),
    "polar_night": ("太阳始终偏低", "the sun stays too low for it"),
}
_POLAR_HORIZON = {
    "polar_day": ("极昼，太阳不落", "polar day, the sun does not set"),
    "polar_night": ("极夜，太阳不升", "polar night, the sun does not rise"),
}
_BOUNDS = {
    "not_before": ("不早于 {}", "not before {}", "按不早于 {}", "held to not before {}"),
    "not_after": ("不晚于 {}", "not after {}", "按不晚于 {}", "held to not after {}"),
}
_NEVER = {
    "before": ("控制日开始", "the beginning of the control day"),
    "after": ("控制日结束", "the end of the control day"),
}
_HORIZON = frozenset({SunEvent.SUNSET, SunEvent.SUNRISE})


_parsed = lru_cache(maxsize=1024)(parse_anchor)


def anchor_words(
    params: Mapping[str, Value], prefix: str, time_zone: ZoneInfo, language: Language
) -> str:
    """When an anchor of a reason falls, with what made it so in parentheses."""
    anchor = _parsed(str(params[f"{prefix}_anchor"]))
    at, event, clamp = (params[f"{prefix}_{name}"] for name in ("at", "event", "clamp"))
    notes = [_name(anchor, language)]
    if isinstance(at, int) and isinstance(anchor, ClockAnchor):
        shown = datetime.fromtimestamp(at, time_zone).time()
        notes = [] if anchor.offset_s == 0 and clamp is None else notes
        if not notes and shown != anchor.local_time:
            notes.append(_skipped(anchor.local_time, language))
    for bound, words in _BOUNDS.items():
        limit = getattr(anchor, bound)
        if limit is not None:
            told = words[2:] if clamp == bound else words[:2]
            notes.append(_pick(told, language).format(_clock(limit)))
    if isinstance(event, str):
        notes.append(_polar(anchor, event, language))
    when = local_words(at, time_zone) if isinstance(at, int) else _pick(_NEVER[str(at)], language)
    if not notes:
        return when
    mark = "，" if language is Language.CHINESE else ", "
    note = mark.join(notes)
    return f"{when}（{note}）" if language is Language.CHINESE else f"{when} ({note})"


def never_words(params: Mapping[str, Value], language: Language) -> str | None:
    """Why an empty window is never lit: its `on` or its `off` does not come; None where both do."""
    for prefix, never in (("on", "after"), ("off", "before")):
        event = params[f"{prefix}_event"]
        if isinstance(event, str) and params[f"{prefix}_at"] == never:
            anchor = _parsed(str(params[f"{prefix}_anchor"]))
            words = _pick(("{}不出现，{}", "{} does not come, {}"), language)
            return words.format(_name(anchor, language), _polar(anchor, event, language))
    return None


def _polar(anchor: AnyAnchor, event: str, language: Language) -> str:
    is_horizon = isinstance(anchor, SunAnchor) and anchor.event in _HORIZON
    return _pick((_POLAR_HORIZON if is_horizon else _POLAR)[event], language)


def local_words(at: int, time_zone: ZoneInfo) -> str:
    """Month, day and local time; with its offset where the clock shows that time twice."""
    local = datetime.fromtimestamp(at, time_zone)
    other = local.replace(fold=1 - local.fold)
    text = local.strftime("%m-%d %H:%M:%S")
    is_twice = other.utcoffset() != local.utcoffset() and other.astimezone(time_zone).replace(
        tzinfo=None
    ) == local.replace(tzinfo=None)
    return f"{text}{local.isoformat()[19:]}" if is_twice else text


def _name(anchor: AnyAnchor, language: Language) -> str:
    match anchor:
        case ClockAnchor():
            base = _clock(anchor.local_time)
        case SunAnchor():
            base = _pick(_EVENTS[anchor.event], language)
        case ElevationAnchor():
            base = _passing(_SUN, anchor.direction, f"{anchor.elevation:g}°", language)
        case IlluminanceAnchor():
            base = _passing(_DAYLIGHT, anchor.direction, f"{anchor.illuminance_lx:g} lx", language)
        case _:
            assert_never(anchor)
    return _shifted(base, anchor.offset_s, language)


def _passing(what: tuple[str, str], direction: Direction, value: str, language: Language) -> str:
    way = _pick(_WAYS[direction], language).format(_pick(what, language))
    return f"{way} {value}"


def _shifted(base: str, offset_s: int, language: Language) -> str:
    if not offset_s:
        return base
    minutes, seconds = divmod(abs(offset_s), 60)
    hours, minutes = divmod(minutes, 60)
    is_later = offset_s > 0
    if language is Language.CHINESE:
        units = ((hours, "小时"), (minutes, "分钟"), (seconds, "秒"))
        length = " ".join(f"{count} {unit}" for count, unit in units if count)
        return f"{base} {'后' if is_later else '前'} {length}"
    units = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    length = " ".join(f"{count} {unit}" for count, unit in units if count)
    return f"{length} {'after' if is_later else 'before'} {base}"


def _skipped(wall: time, language: Language) -> str:
    shown = _clock(wall)
    return _pick((f"时钟跳过 {shown}", f"the clock skips {shown}"), language)


def _clock(wall: time) -> str:
    return wall.strftime("%H:%M:%S" if wall.second else "%H:%M")


def _pick(words: tuple[str, str], language: Language) -> str:
    chinese, english = words
    return chinese if language is Language.CHINESE else english
