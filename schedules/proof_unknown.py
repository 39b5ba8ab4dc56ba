"""Control days of which a calendar does not know what they are, and how the proof treats them.

A rule whose holidays are not in the data is proved both ways: as not met, which is how the
calendar takes it, and as met on every day in doubt.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from schedules.calendars import CalendarRule, Dates
from schedules.proof_result import UnknownDays
from schedules.site import Site


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
    site: Site, calendars: Iterable[str | None], days: Sequence[date]
) -> tuple[UnknownDays, ...]:
    """The days in doubt of each calendar that has any."""
    found: list[UnknownDays] = []
    for name in calendars:
        if name is None:
            continue
        calendar = site.plan.calendar_by_id[name]
        in_doubt = {day: rules for day in days if (rules := calendar.unknown_on(day))}
        if in_doubt:
            found.append(
                UnknownDays(
                    calendar=name,
                    rules=tuple(
                        dict.fromkeys(rule.name for rules in in_doubt.values() for rule in rules)
                    ),
                    years=tuple(sorted({day.year for day in in_doubt})),
                    nights=len(in_doubt),
                    first_day=min(in_doubt),
                    last_day=max(in_doubt),
                )
            )
    return tuple(found)
