"""Alarms as a table for people, in Chinese or English, in the site's time."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from unicodedata import east_asian_width

from controller.engine.alarm_types import Scope
from controller.engine.alarm_wording import scope_name, severity_name, type_name
from controller.ports.alarms import Alarm, Ending
from controller.service.alarm_data import alarm_data
from controller.service.alarm_place import place_name
from schedules import Language, Site
from zones.said import text_in

CSV_FIELDS: Final = (
    "id", "severity", "type", "scope", "subject", "place", "affected", "worst", "total", "began",
    "raised", "cleared", "ending", "detail", "acknowledged", "acknowledged_by", "note",
)  # fmt: skip

_HEADS: Final = {
    Language.ENGLISH: ("No.", "Severity", "Alarm", "What", "Where", "Lamps", "Since"),
    Language.CHINESE: ("编号", "级别", "告警", "对象", "位置", "灯数", "开始时间"),
}
_UNTIL: Final = {Language.ENGLISH: "Until", Language.CHINESE: "结束时间"}
_ACKNOWLEDGED: Final = {Language.ENGLISH: "Acknowledged", Language.CHINESE: "确认"}
_NOBODY: Final = {Language.ENGLISH: "no", Language.CHINESE: "未确认"}
_OF: Final = {Language.ENGLISH: "{} of {}", Language.CHINESE: "{}/{}"}
_ENDINGS: Final = {
    Ending.CLEARED: ("", ""),
    Ending.GROUPED: ("（并入上级告警）", " (part of a wider alarm)"),
    Ending.RETIRED: ("（对象已撤除）", " (not in the inventory any more)"),
}
_FIELDS: Final = {
    "what": ("对象", "what"),
    "where": ("位置", "where"),
    "lamps": ("灯数", "lamps"),
    "worst": ("最多时", "at worst"),
    "detail": ("说明", "detail"),
    "began": ("开始", "began"),
    "raised": ("告警", "raised"),
    "cleared": ("消除", "cleared"),
    "acknowledged": ("确认", "acknowledged"),
    "luminaires": ("灯具", "luminaires"),
}


def alarm_rows(alarms: Sequence[Alarm], site: Site) -> list[dict[str, Any]]:
    """Alarms as data, with the place that the inventory gives them and times in its zone."""
    return [
        alarm_data(alarm)
        | {"place": place_name(alarm, site, Language.ENGLISH)}
        | {name: _iso(at, site) for name, at in _instants(alarm).items()}
        for alarm in alarms
    ]


def table_lines(
    alarms: Sequence[Alarm], site: Site, language: Language, *, is_past: bool
) -> Iterator[str]:
    """A line for each alarm under a head."""
    heads = [*_HEADS[language], _ACKNOWLEDGED[language]]
    if is_past:
        heads.insert(-1, _UNTIL[language])
    rows = [_cells(alarm, site, language, is_past=is_past) for alarm in alarms]
    widths = [max(map(_width, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        cells = (
            text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True)
        )
        yield "  ".join(cells).rstrip()


def alarm_lines(
    alarm: Alarm, luminaires: Sequence[str], site: Site, language: Language
) -> Iterator[str]:
    """Everything about one alarm."""
    name = type_name(alarm.type, language)
    yield f"{alarm.id}  {severity_name(alarm.severity, language)}  {name}"
    acknowledgement = alarm.acknowledgement
    said: Mapping[str, str] = {
        "what": _what(alarm, language),
        "where": place_name(alarm, site, language),
        "lamps": _lamps(alarm, language),
        "worst": str(alarm.worst) if alarm.total > 1 else "",
        "detail": _printable(text_in(alarm.detail, language)),
        "began": _local(alarm.began_at, site),
        "raised": _local(alarm.raised_at, site),
        "cleared": _until(alarm, site, language),
        "acknowledged": _NOBODY[language]
        if acknowledgement is None
        else f"{_local(acknowledgement.at, site)}  {_printable(acknowledgement.author)}"
        + (f": {_printable(acknowledgement.note)}" if acknowledgement.note else ""),
        "luminaires": " ".join(luminaires),
    }
    words = {key: _FIELDS[key][0 if language is Language.CHINESE else 1] for key in said}
    width = max(map(_width, words.values()))
    for key, text in said.items():
        if text:
            yield f"  {words[key]}{' ' * (width - _width(words[key]))}  {text}"


def _cells(alarm: Alarm, site: Site, language: Language, *, is_past: bool) -> list[str]:
    acknowledgement = alarm.acknowledgement
    cells = [
        str(alarm.id),
        severity_name(alarm.severity, language),
        type_name(alarm.type, language),
        _what(alarm, language),
        place_name(alarm, site, language),
        _lamps(alarm, language),
        _local(alarm.began_at, site),
    ]
    if is_past:
        cells.append(_until(alarm, site, language))
    cells.append(
        _NOBODY[language] if acknowledgement is None else _printable(acknowledgement.author)
    )
    return cells


def _what(alarm: Alarm, language: Language) -> str:
    if alarm.scope is Scope.SERVICE:
        said = " ".join(filter(None, (alarm.subject, text_in(alarm.detail, language))))
        return _printable(said) or scope_name(alarm.scope, language)
    return f"{scope_name(alarm.scope, language)} {alarm.subject}"


def _lamps(alarm: Alarm, language: Language) -> str:
    if alarm.scope is Scope.SERVICE:
        return ""
    count = alarm.affected if alarm.cleared_at is None else alarm.worst
    return str(count) if alarm.total <= 1 else _OF[language].format(count, alarm.total)


def _until(alarm: Alarm, site: Site, language: Language) -> str:
    if alarm.cleared_at is None or alarm.ending is None:
        return ""
    return (
        _local(alarm.cleared_at, site)
        + _ENDINGS[alarm.ending][0 if language is Language.CHINESE else 1]
    )


def _instants(alarm: Alarm) -> dict[str, float]:
    found = {"began": alarm.began_at, "raised": alarm.raised_at}
    if alarm.cleared_at is not None:
        found["cleared"] = alarm.cleared_at
    if alarm.acknowledgement is not None:
        found["acknowledged"] = alarm.acknowledgement.at
    return found


def _iso(at: float, site: Site) -> str:
    return datetime.fromtimestamp(int(at), site.time_zone).isoformat()


def _local(at: float, site: Site) -> str:
    return datetime.fromtimestamp(int(at), site.time_zone).isoformat(sep=" ")


def _printable(text: str) -> str:
    """People's words on a terminal: nothing that moves its cursor."""
    return "".join(one if one.isprintable() else "�" for one in text)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)
