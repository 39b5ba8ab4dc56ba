"""What a plan's calendars ask of years that the data does not have.

Owns the questions that preview, explanation and proof put, so that no year is guessed in
silence.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from schedules.calendars import Calendar
from schedules.models import Plan

_DAY = timedelta(days=1)


class UnknownYears(NamedTuple):
    """A rule that cannot be decided on some control days of some years."""

    calendar: str
    rule: str
    years: tuple[int, ...]
    """Calendar years with such a control day, rising."""
    days: int
    """How many control days."""
    first: date
    """The first of them."""


def unknown_words(calendar: Calendar, control_day: date) -> str | None:
    """Which rules of a calendar lack data for a control day, in words; None where none does."""
    rules = calendar.unknown_on(control_day)
    if not rules:
        return None
    names = ", ".join(f"'{rule.name}'" for rule in rules)
    word = "rule" if len(rules) == 1 else "rules"
    return f"holidays of {control_day.year} are not in the data: {word} {names} taken as not met"


def unknown_years(plan: Plan, first: date, last: date) -> tuple[UnknownYears, ...]:
    """The rules of all calendars that lack data in [first, last], both included."""
    found: list[UnknownYears] = []
    for calendar in plan.calendars:
        days: dict[str, list[date]] = {}
        for day in _days(first, last):
            for rule in calendar.unknown_on(day):
                days.setdefault(rule.name, []).append(day)
        found.extend(
            UnknownYears(
                calendar=calendar.id,
                rule=name,
                years=tuple(sorted({day.year for day in unknown})),
                days=len(unknown),
                first=unknown[0],
            )
            for name, unknown in days.items()
        )
    return tuple(found)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + n * _DAY for n in range((last - first).days + 1))
