"""How ``plan`` writes its nights: text for people, CSV and JSON for machines.

The columns and fields are a promise: new ones may come, these stay.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from controller.cli.values import cell, instant_of, utc_text
from schedules import Language, Reason, Site, reason_text
from schedules.night_plan import NightPlan, Switching
from zones.names import CATEGORIES
from zones.said import text_in

CSV_FIELDS = ("control_day", "at_utc", "at_local", "level", "ramp_s", "reason")
"""Of one zone; of all zones ``zone`` comes before them."""

_NO_SWITCHING = {Language.ENGLISH: "no switching: {}", Language.CHINESE: "无开关动作：{}"}
_HEADING = {
    Language.ENGLISH: "control day {}: {:.2f} h burning",
    Language.CHINESE: "控制日 {}：亮灯 {:.2f} 小时",
}
_RAMP = {Language.ENGLISH: " in {} s", Language.CHINESE: " 渐变 {} 秒"}
_IN_DOUBT = {
    Language.ENGLISH: "holidays not in the data: rules {} taken as not met",
    Language.CHINESE: "节假日数据缺失：规则 {} 按不适用处理",
}

ZoneNights = tuple[str, Iterable[NightPlan]]


def reason_rows(
    reasons: Sequence[Reason], time_zone: ZoneInfo, language: Language
) -> list[dict[str, Any]]:
    """Reasons as data and in words."""
    return [
        {
            "code": reason.code.value,
            "params": dict(reason.params),
            "text": reason_text(reason, time_zone, language),
        }
        for reason in reasons
    ]


def write_csv(
    out: TextIO, site: Site, zones: Iterable[ZoneNights], language: Language, *, has_zone: bool
) -> None:
    """A row for each switching."""
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("zone", *CSV_FIELDS) if has_zone else CSV_FIELDS)
    for zone_id, nights in zones:
        for night in nights:
            for one in night.switchings:
                row = (
                    night.day.isoformat(),
                    utc_text(one.at),
                    _local(one.at, site.time_zone),
                    f"{one.level:g}",
                    one.ramp_s,
                    _words(one, site.time_zone, language),
                )
                table.writerow(map(cell, (zone_id, *row) if has_zone else row))


def write_json(
    out: TextIO,
    site: Site,
    zones: Iterable[ZoneNights],
    language: Language,
    *,
    revision: int | None,
    has_zone: bool,
) -> None:
    """A document for the zone; a list of them for all zones."""
    whole = [
        {
            "zone": zone_id,
            "name": site.zone(zone_id).name,
            "time_zone": site.time_zone.key,
            "revision": revision,
            "nights": [_night(night, site.time_zone, language) for night in nights],
        }
        for zone_id, nights in zones
    ]
    json.dump(whole if has_zone else whole[0], out, ensure_ascii=False, indent=2)
    out.write("\n")


def write_text(out: TextIO, site: Site, zones: Iterable[ZoneNights], language: Language) -> None:
    """Nights for people."""
    for number, (zone_id, nights) in enumerate(zones):
        zone = site.zone(zone_id)
        lead = "\n" if number else ""
        word = "分区" if language is Language.CHINESE else "zone"
        kind = text_in(CATEGORIES[zone.category], language)
        out.write(f"{lead}{word} {zone.id} {zone.name}, {kind}, {site.time_zone.key}\n")
        for night in nights:
            out.writelines(f"{line}\n" for line in _text(night, site.time_zone, language))


def _night(night: NightPlan, time_zone: ZoneInfo, language: Language) -> dict[str, Any]:
    found: dict[str, Any] = {
        "control_day": night.day.isoformat(),
        "starts_at_utc": utc_text(night.start),
        "ends_at_utc": utc_text(night.end),
        "level_at_start": night.level_at_start,
        "burning_hours": round(night.burning_s / 3600, 4),
        "full_load_hours": round(night.full_load_s / 3600, 4),
        "rules_in_doubt": list(night.in_doubt),
        "points": [
            {
                "at_utc": utc_text(one.at),
                "at_local": _local(one.at, time_zone),
                "level": one.level,
                "ramp_s": one.ramp_s,
                "reason": _words(one, time_zone, language),
                "reasons": reason_rows(one.reasons, time_zone, language),
            }
            for one in night.switchings
        ],
    }
    if night.idle is not None:
        found["reason"] = reason_text(night.idle, time_zone, language)
    return found


def _text(night: NightPlan, time_zone: ZoneInfo, language: Language) -> Iterator[str]:
    yield ""
    yield _HEADING[language].format(night.day.isoformat(), night.burning_s / 3600)
    if night.in_doubt:
        names = ", ".join(f"'{name}'" for name in night.in_doubt)
        yield f"  {_IN_DOUBT[language].format(names)}"
    for one in night.switchings:
        ramp = _RAMP[language].format(one.ramp_s) if one.ramp_s else ""
        local = _local(one.at, time_zone).replace("T", " ")
        words = _words(one, time_zone, language)
        yield f"  {local}  {utc_text(one.at)}  {one.level:5g} %{ramp}  {words}"
    if night.idle is not None:
        yield f"  {_NO_SWITCHING[language].format(reason_text(night.idle, time_zone, language))}"


def _local(at: int, time_zone: ZoneInfo) -> str:
    return instant_of(at).astimezone(time_zone).isoformat()


def _words(one: Switching, time_zone: ZoneInfo, language: Language) -> str:
    mark = "；" if language is Language.CHINESE else "; "
    return mark.join(reason_text(reason, time_zone, language) for reason in one.decisive)
