"""Control days of which a calendar does not know what they are, and how the proof treats them.

A rule whose holidays are not in the data is proved both ways: as not met, which is how the
calendar takes it, and as met on every day in doubt.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from schedules.calendars import Calendar, CalendarRule, Dates
from schedules.proof_result import UnknownDays
from schedules.site import Site

AskUnknown = Callable[[Calendar, date], str | None]
"""Why a calendar lacks data for a control day, such as holidays not yet announced; or None."""


class Variant(NamedTuple):
    """A site whose calendar takes a rule in doubt as met, and the days in doubt."""

    site: Site
    days: frozenset[date]


def variants(site: Site, calendar_id: str | None, days: Iterable[date]) -> Iterator[Variant]:
    """For each program that rules in doubt might choose, the site as if they were met."""
    if calendar_id is None:
        return
    calendar = site.plan.calendar_by_id[calendar_id]
    doubtful: dict[str, list[date]] = {}
    names: dict[str, str] = {}
    for day in days:
        for rule in calendar.unknown_on(day):
            doubtful.setdefault(rule.program, []).append(day)
            names.setdefault(rule.program, rule.name)
    for program, unknown in doubtful.items():
        met = CalendarRule(
            name=names[program], when=(Dates(dates=frozenset(unknown)),), program=program
        )
        changed = calendar.model_copy(update={"rules": (met, *calendar.rules)})
        calendars = tuple(changed if one.id == calendar_id else one for one in site.plan.calendars)
        plan = site.plan.model_copy(update={"calendars": calendars})
        yield Variant(site.model_copy(update={"plan": plan}), frozenset(unknown))


def unknown_days(
    site: Site, calendars: Iterable[str | None], days: Sequence[date], ask: AskUnknown
) -> tuple[UnknownDays, ...]:
    """The days in doubt, by calendar and reason."""
    found: dict[tuple[str, str], list[date]] = {}
    for name in calendars:
        if name is None:
            continue
        calendar = site.plan.calendar_by_id[name]
        for day in days:
            reason = ask(calendar, day)
            if reason is not None:
                found.setdefault((name, reason), []).append(day)
    return tuple(
        UnknownDays(name, reason, len(nights), nights[0], nights[-1])
        for (name, reason), nights in found.items()
    )
