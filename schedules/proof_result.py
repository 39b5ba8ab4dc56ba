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

_HEADINGS = {
    Finding.DARK_AT_NIGHT: "{nights} dark while the sun is down",
    Finding.LIT_IN_DAYLIGHT: "{nights} lit in daylight",
    Finding.BELOW_FLOOR: "{nights} below the lighting class's floor",
    Finding.EMPTY_WINDOW: "{nights} never switch on, the window is empty",
    Finding.NEVER_BURNS: "{nights} and not one of them burns",
    Finding.TOO_MANY_SWITCHINGS: "{nights} with too many switchings",
    Finding.BURNING_HOURS: "{nights} burn longer than the astronomical night",
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
    expected: str
    found: str
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
    """Control days for which a calendar lacks data; they are proved as it takes them now."""

    calendar: str
    reason: str
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

    def summary(self) -> str:
        """One line: zones, nights, time zone, burning hours."""
        verdict = (
            "proved" if self.is_proved else f"NOT proved, {_counted(len(self.failures), 'failure')}"
        )
        exceptions = f" and {_counted(self.exceptions, 'exception')}" if self.exceptions else ""
        return (
            f"{verdict}: {_counted(self.zones, 'zone')}{exceptions} x "
            f"{_counted(self.nights, 'night')} ({self.first_day} to {self.last_day}, "
            f"{self.time_zone.key}), {self.burning_hours:,.0f} burning hours a zone "
            f"of {self.astronomical_hours:,.0f} h from sunset to sunrise"
        )

    def text(self, language: Language = Language.ENGLISH) -> str:
        """Failures with their counter-examples, unknown days, then the summary."""
        blocks = [self._failure_text(one, language) for one in self.failures]
        blocks += [
            f"unknown: calendar {one.calendar}, {_counted(one.nights, 'night')} "
            f"from {one.first_day} to {one.last_day}: {one.reason}"
            for one in self.unknown
        ]
        return "\n".join([*blocks, self.summary()])

    def _failure_text(self, failure: Failure, language: Language) -> str:
        example = failure.example
        heading = _HEADINGS[failure.finding].format(nights=_counted(failure.nights, "night"))
        span = (
            str(failure.first_day)
            if failure.first_day == failure.last_day
            else f"{failure.first_day} ... {failure.last_day}"
        )
        where = f"zone {example.zone}"
        if example.luminaire is not None:
            where += f", luminaire {example.luminaire}"
        when = f"control day {example.control_day}"
        if example.at is not None:
            local = datetime.fromtimestamp(example.at, self.time_zone)
            when += f", {local.isoformat(sep=' ')}"
        by = f"program {failure.program}"
        if failure.calendar is not None:
            by += f" of calendar {failure.calendar}"
        lines = [
            f"FAILED {heading}: {span}, {_counted(len(failure.zones), 'zone')}, {by}",
            f"  {where}, {when}: {example.found}; expected {example.expected}",
        ]
        lines += [f"    {reason_text(one, self.time_zone, language)}" for one in example.reasons]
        return "\n".join(lines)

    def as_dict(self, language: Language = Language.ENGLISH) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "proved": self.is_proved,
            "time_zone": self.time_zone.key,
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            "nights": self.nights,
            "special_nights": {
                day.isoformat(): name for day, name in sorted(self.special_nights.items())
            },
            "zones": self.zones,
            "exceptions": self.exceptions,
            "burning_hours": round(self.burning_hours, 2),
            "astronomical_hours": round(self.astronomical_hours, 2),
            "failures": [self._failure_dict(one, language) for one in self.failures],
            "unknown": [
                {
                    "calendar": one.calendar,
                    "reason": one.reason,
                    "nights": one.nights,
                    "first_day": one.first_day.isoformat(),
                    "last_day": one.last_day.isoformat(),
                }
                for one in self.unknown
            ],
            "summary": self.summary(),
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
                "expected": example.expected,
                "found": example.found,
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


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
