"""What a proof found, as values, as text and as plain data.

Instants are Unix seconds UTC; texts show them in the site's time zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from schedules.proof_rules import Finding
from schedules.reasons import Reason
from schedules.wording import Language, reason_text
from zones.said import Said, text_in

_HEADINGS = {
    Finding.DARK_AT_NIGHT: ("夜间不亮", "dark while the sun is down"),
    Finding.LIT_IN_DAYLIGHT: ("白天亮灯", "lit in daylight"),
    Finding.BELOW_FLOOR: ("低于照明等级下限", "below the lighting class's floor"),
    Finding.EMPTY_WINDOW: ("从不开灯，亮灯时段为空", "never switch on, the window is empty"),
    Finding.NEVER_BURNS: ("没有一夜亮灯", "and not one of them burns"),
    Finding.TOO_MANY_SWITCHINGS: ("切换次数过多", "with too many switchings"),
    Finding.BURNING_HOURS: ("亮灯超过天文夜长", "burn longer than the astronomical night"),
}


@dataclass(frozen=True, slots=True)
class CounterExample:
    """One night that is wrong, confirmed by `resolve`."""

    zone: str
    luminaire: str | None
    """A luminaire with a calendar or limits of its own; None for the zone's program."""
    control_day: date
    at: int | None
    """The first wrong instant; None where the whole night is meant."""
    expected: Said
    found: Said
    reasons: tuple[Reason, ...]
    """The chain of reasons that `resolve` gives at that instant, or at the night's."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Nights that fail in the same way for the same reason."""

    finding: Finding
    program: str
    """Control program that decides these nights."""
    calendar: str | None
    """Calendar that chooses the program; None: no calendar is assigned."""
    nights: int
    """Different control days."""
    zone_nights: int
    zones: tuple[str, ...]
    first_day: date
    last_day: date
    example: CounterExample


@dataclass(frozen=True, slots=True)
class UnknownDays:
    """Control days for which a calendar lacks data; they are proved either way."""

    calendar: str
    rules: tuple[str, ...]
    """Names of the rules in doubt."""
    years: tuple[int, ...]
    nights: int
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Proof:
    """The outcome for a site."""

    time_zone: ZoneInfo
    first_day: date
    last_day: date
    """Last control day of the consecutive nights."""
    nights: int
    """Different control days, special nights included."""
    special_nights: Mapping[date, str]
    """Clock changes, solstices and leap days among them, and what they are."""
    zones: int
    exceptions: int
    """Groups of luminaires with a calendar or limits of their own."""
    burning_hours: float
    """Mean over the zones' programs for the consecutive nights, hours."""
    astronomical_hours: float
    """Sunset to sunrise, likewise, hours."""
    failures: tuple[Failure, ...]
    unknown: tuple[UnknownDays, ...] = ()

    @property
    def is_proved(self) -> bool:
        """Whether every night of every zone holds."""
        return not self.failures

    def summary(self, language: Language = Language.ENGLISH) -> str:
        """One line: zones, nights, time zone, burning hours."""
        failures = len(self.failures)
        dates = f"{self.first_day} ... {self.last_day}, {self.time_zone.key}"
        if language is Language.CHINESE:
            verdict = "已证明" if self.is_proved else f"未通过，{failures} 项不合格"
            if not self.zones:
                return "没有分区可证明"
            exceptions = f"（另有 {self.exceptions} 处例外）" if self.exceptions else ""
            return (
                f"{verdict}：{self.zones:,} 个分区{exceptions} × {self.nights:,} 夜"
                f"（{dates}），每分区亮灯 {self.burning_hours:,.0f} 小时，"
                f"日落至日出共 {self.astronomical_hours:,.0f} 小时"
            )
        if not self.zones:
            return "nothing to prove: there is no zone"
        verdict = "proved" if self.is_proved else f"NOT proved, {_counted(failures, 'failure')}"
        exceptions = f" and {_counted(self.exceptions, 'exception')}" if self.exceptions else ""
        return (
            f"{verdict}: {_counted(self.zones, 'zone')}{exceptions} x "
            f"{_counted(self.nights, 'night')} ({dates}), "
            f"{self.burning_hours:,.0f} burning hours a zone "
            f"of {self.astronomical_hours:,.0f} h from sunset to sunrise"
        )

    def text(self, language: Language = Language.ENGLISH) -> str:
        """Failures with their counter-examples, days in doubt, then the summary."""
        blocks = [self._failure_text(one, language) for one in self.failures]
        blocks += [_unknown_text(one, language) for one in self.unknown]
        return "\n".join([*blocks, self.summary(language)])

    def _failure_text(self, failure: Failure, language: Language) -> str:
        example = failure.example
        is_chinese = language is Language.CHINESE
        span = _span(failure.first_day, failure.last_day)
        local = None
        if example.at is not None:
            local = datetime.fromtimestamp(example.at, self.time_zone).isoformat(sep=" ")
        found, expected = text_in(example.found, language), text_in(example.expected, language)
        if is_chinese:
            heading = (
                f"不合格：{failure.nights:,} 夜{_HEADINGS[failure.finding][0]}：{span}，"
                f"{len(failure.zones):,} 个分区，程序 {failure.program}"
            )
            heading += f"（日历 {failure.calendar}）" if failure.calendar is not None else ""
            where = f"分区 {example.zone}"
            where += f"，灯具 {example.luminaire}" if example.luminaire is not None else ""
            when = f"控制日 {example.control_day}" + (f"，{local}" if local else "")
            line = f"  {where}，{when}：{found}；应为：{expected}"
        else:
            heading = (
                f"FAILED {_counted(failure.nights, 'night')} {_HEADINGS[failure.finding][1]}: "
                f"{span}, {_counted(len(failure.zones), 'zone')}, program {failure.program}"
            )
            heading += f" of calendar {failure.calendar}" if failure.calendar is not None else ""
            where = f"zone {example.zone}"
            where += f", luminaire {example.luminaire}" if example.luminaire is not None else ""
            when = f"control day {example.control_day}" + (f", {local}" if local else "")
            line = f"  {where}, {when}: {found}; expected {expected}"
        reasons = [f"    {reason_text(one, self.time_zone, language)}" for one in example.reasons]
        return "\n".join([heading, line, *reasons])

    def as_dict(self, language: Language = Language.ENGLISH) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "proved": self.is_proved,
            "time_zone": self.time_zone.key,
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            "nights": self.nights,
            "special_nights": {
                day.isoformat(): text_in(name, language)
                for day, name in sorted(self.special_nights.items())
            },
            "zones": self.zones,
            "exceptions": self.exceptions,
            "burning_hours": round(self.burning_hours, 2),
            "astronomical_hours": round(self.astronomical_hours, 2),
            "failures": [self._failure_dict(one, language) for one in self.failures],
            "unknown": [
                {
                    "calendar": one.calendar,
                    "rules": list(one.rules),
                    "years": list(one.years),
                    "nights": one.nights,
                    "first_day": one.first_day.isoformat(),
                    "last_day": one.last_day.isoformat(),
                }
                for one in self.unknown
            ],
            "summary": self.summary(language),
        }

    def _failure_dict(self, failure: Failure, language: Language) -> dict[str, Any]:
        example = failure.example
        at = example.at
        local = None if at is None else datetime.fromtimestamp(at, self.time_zone).isoformat()
        return {
            "finding": failure.finding.value,
            "program": failure.program,
            "calendar": failure.calendar,
            "nights": failure.nights,
            "zone_nights": failure.zone_nights,
            "zones": list(failure.zones),
            "first_day": failure.first_day.isoformat(),
            "last_day": failure.last_day.isoformat(),
            "example": {
                "zone": example.zone,
                "luminaire": example.luminaire,
                "control_day": example.control_day.isoformat(),
                "at": at,
                "local": local,
                "expected": text_in(example.expected, language),
                "found": text_in(example.found, language),
                "reasons": [
                    {
                        "code": one.code.value,
                        "params": dict(one.params),
                        "text": reason_text(one, self.time_zone, language),
                    }
                    for one in example.reasons
                ],
            },
        }


def _unknown_text(unknown: UnknownDays, language: Language) -> str:
    span = _span(unknown.first_day, unknown.last_day)
    if language is Language.CHINESE:
        years = "、".join(map(str, unknown.years))
        rules = "、".join(f"“{rule}”" for rule in unknown.rules)
        return (
            f"存疑：日历 {unknown.calendar}，{unknown.nights:,} 夜（{span}）："
            f"数据中没有 {years} 年的节假日；规则{rules}按适用与不适用分别证明"
        )
    years = ", ".join(map(str, unknown.years))
    rules = ", ".join(f"'{rule}'" for rule in unknown.rules)
    return (
        f"in doubt: calendar {unknown.calendar}, {_counted(unknown.nights, 'night')} ({span}): "
        f"holidays of {years} are not in the data; proved with and without {rules}"
    )


def _span(first: date, last: date) -> str:
    return str(first) if first == last else f"{first} ... {last}"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
