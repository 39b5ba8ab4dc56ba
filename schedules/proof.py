"""The proof: every night of the coming years is right, or here is one that is not.

Owns which nights and rows are proved and the grouping of what fails. What a right night is
stands in `schedules.proof_rules`. Overrides are no part of it: the programs are proved.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from schedules.day import NOON, wall_instant
from schedules.errors import OutOfRange
from schedules.grid import Instants
from schedules.levels_bulk import excepted_luminaires, program_of_calendar, subject_of
from schedules.proof_example import Examiner, Hours, without_overrides
from schedules.proof_night import Checked, Row, check, iter_kinds
from schedules.proof_result import CounterExample, Failure, Proof
from schedules.proof_rules import Finding, ProofRules
from schedules.proof_unknown import Variant, unknown_days, variants
from schedules.sentences import SAY
from schedules.site import Site
from schedules.solar import FIRST_YEAR, LAST_YEAR
from zones import night_floor_level

MAX_YEARS = 50

_DAY = timedelta(days=1)
_CELLS = 300_000
"""Rows by nights by levels of a night that are checked at a time: memory stays small."""
_YEAR_NIGHTS = 366

Tell = Callable[[int, int], None]
"""Is told the zone-nights done and those to do."""


class Stretch(NamedTuple):
    """Consecutive control days."""

    first: date
    nights: int


@dataclass(slots=True)
class _Group:
    nights: set[date] = field(default_factory=set)
    zone_nights: int = 0
    zones: dict[str, None] = field(default_factory=dict)
    example: CounterExample | None = None
    example_day: date = date.max


def prove(
    site: Site,
    first: date,
    *,
    years: int = 1,
    zones: Sequence[str] | None = None,
    rules: ProofRules | None = None,
    tell: Tell | None = None,
) -> Proof:
    """Check every control day of `years` years from `first` on, of all zones or of some.

    The next night of either clock change, both solstices and the next leap day are always
    among them, even where the years do not reach so far. A calendar's rule that might or
    might not be met, its holidays not being known, is proved both ways. `tell` is told of
    the progress. Raises `UnknownTarget` for a zone
    that the site does not have, `OutOfRange` for years without sun, ValueError for years
    that are not 1 to 50.
    """
    rules = rules or ProofRules()
    if not 1 <= years <= MAX_YEARS:
        raise ValueError(f"years {years} must be 1 to {MAX_YEARS}")
    if first.year <= FIRST_YEAR or first.year + years + 8 >= LAST_YEAR:
        raise OutOfRange(
            SAY("proof_years", day=first, years=years, first=FIRST_YEAR + 1, last=LAST_YEAR - 9)
        )
    bare = without_overrides(site)
    special = special_nights(site.time_zone, first)
    stretches = _stretches(Stretch(first, (_anniversary(first, years) - first).days), special)
    rows = list(_rows(bare, zones))
    by_calendar: dict[str | None, list[Row]] = {}
    for row in rows:
        by_calendar.setdefault(row.subject.calendar, []).append(row)
    examiner = Examiner(bare, rules)
    groups: dict[tuple[Finding, str, str | None], _Group] = {}
    every_day = [day for one in stretches for day in _days_of(one)]
    in_doubt = {one: list(variants(bare, one, every_day)) for one in by_calendar}
    to_do = len(every_day) * sum(
        len(members) * (1 + len(in_doubt[calendar])) for calendar, members in by_calendar.items()
    )
    done = 0
    totals = np.zeros(2, dtype=np.int64)
    for calendar, members in by_calendar.items():
        choose = program_of_calendar(bare, calendar)
        step = max(1, _CELLS // (_YEAR_NIGHTS * _segments_of(bare, calendar)))
        for start in range(0, len(members), step):
            part = members[start : start + step]
            hours = np.zeros((3, len(part)), dtype=np.int64)
            for number, stretch in enumerate(stretches):
                for piece in _years_of(stretch):
                    checked = check(part, choose, site.time_zone, piece.first, piece.nights, rules)
                    _gather(groups, examiner, calendar, checked)
                    if number == 0:
                        hours += (checked.burning_s, checked.astronomical_s, checked.dark_s)
                    for variant in in_doubt[calendar]:
                        _check_variant(groups, variant, calendar, part, piece, rules)
                    done += len(part) * piece.nights * (1 + len(in_doubt[calendar]))
                    if tell is not None:
                        tell(done, to_do)
            program = choose(first).id
            for row, finding, example in _weigh(examiner, part, hours, stretches[0], rules):
                group = groups.setdefault((finding, program, calendar), _Group())
                group.example = group.example or example()
                group.nights.update(_days_of(stretches[0]))
                group.zone_nights += stretches[0].nights
                group.zones.setdefault(row.subject.zone.id)
            is_zone = np.array([row.luminaire is None for row in part])
            totals += hours[:2, is_zone].sum(axis=1)
    main = stretches[0]
    zone_count = sum(row.luminaire is None for row in rows)
    return Proof(
        time_zone=site.time_zone,
        first_day=main.first,
        last_day=main.first + (main.nights - 1) * _DAY,
        nights=sum(one.nights for one in stretches),
        special_nights=special,
        zones=zone_count,
        exceptions=len(rows) - zone_count,
        burning_hours=float(totals[0]) / max(1, zone_count) / 3600,
        astronomical_hours=float(totals[1]) / max(1, zone_count) / 3600,
        failures=_failures(groups),
        unknown=unknown_days(bare, by_calendar, every_day),
    )


def special_nights(time_zone: ZoneInfo, first: date) -> dict[date, str]:
    """The nights from `first` on that break schedules: clock changes, solstices, leap day."""
    found: dict[date, str] = {}
    day = first
    noon = wall_instant(time_zone, day, NOON)
    for _ in range(366):
        next_noon = wall_instant(time_zone, day + _DAY, NOON)
        if next_noon - noon != 86_400:
            found[day] = SAY("clock_change", hours=(next_noon - noon) / 3600)
        day, noon = day + _DAY, next_noon
    for month, name in ((6, SAY("june_solstice")), (12, SAY("december_solstice"))):
        solstice = date(first.year, month, 21)
        if solstice < first:
            solstice = date(first.year + 1, month, 21)
        found.setdefault(solstice, name)
    leap = first.year
    while not _is_leap(leap) or date(leap, 2, 29) < first:
        leap += 1
    found.setdefault(date(leap, 2, 29), SAY("leap_day"))
    return found


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _anniversary(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _stretches(main: Stretch, special: dict[date, str]) -> list[Stretch]:
    """The main stretch and, around every special night outside it, three nights."""
    end = main.first + main.nights * _DAY
    found = [main]
    for day in sorted(special):
        first = max(main.first, day - _DAY)
        if found[1:]:
            last = found[-1]
            first = max(first, last.first + last.nights * _DAY)
        first = max(first, end)
        if day >= end:
            found.append(Stretch(first, (day + _DAY - first).days + 1))
    return found


def _rows(site: Site, zones: Sequence[str] | None) -> Iterator[Row]:
    """Every zone's program, and once each the exceptions among its luminaires."""
    chosen = site.inventory.zones if zones is None else [site.zone(one) for one in zones]
    seen: set[tuple[str, str | None, float, float]] = set()
    floors: dict[str, float] = {}
    for zone in dict.fromkeys(chosen):
        subject = subject_of(site, zone)
        floors[zone.id] = night_floor_level(zone)
        seen.add((zone.id, *subject[1:]))
        yield Row(subject, None, floors[zone.id])
    for luminaire_id in sorted(excepted_luminaires(site)):
        zone_id = site.luminaire(luminaire_id).zone
        if zone_id in floors:
            subject = subject_of(site, site.zone(zone_id), luminaire_id)
            key = (zone_id, *subject[1:])
            if key not in seen:
                seen.add(key)
                yield Row(subject, luminaire_id, floors[zone_id])


def _segments_of(site: Site, calendar: str | None) -> int:
    """At most so many levels has a night of a calendar, a few for the smallest."""
    if calendar is None:
        return 5
    rules = site.plan.calendar_by_id[calendar]
    names = {rules.default, *(rule.program for rule in rules.rules)}
    return max(5, *(len(site.plan.program_by_id[name].steps) + 1 for name in names))


def _gather(
    groups: dict[tuple[Finding, str, str | None], _Group],
    examiner: Examiner,
    calendar: str | None,
    checked: Checked,
) -> None:
    for finding, program, mask in iter_kinds(checked):
        group = groups.setdefault((finding, program, calendar), _Group())
        group.nights.update(
            checked.first + int(column) * _DAY for column in np.nonzero(mask.any(axis=0))[0]
        )
        group.zone_nights += int(mask.sum())
        for row in np.nonzero(mask.any(axis=1))[0]:
            group.zones.setdefault(checked.rows[int(row)].subject.zone.id)
        failing = checked.first_of(finding, program)
        if failing.day < group.example_day:
            group.example_day = failing.day
            group.example = examiner.example(finding, checked.rows[failing.row], failing)


def _check_variant(
    groups: dict[tuple[Finding, str, str | None], _Group],
    variant: Variant,
    calendar: str | None,
    rows: Sequence[Row],
    stretch: Stretch,
    rules: ProofRules,
) -> None:
    """Check the days of a stretch on which a rule in doubt might be met."""
    is_asked = np.array([day in variant.days for day in _days_of(stretch)])
    if not is_asked.any():
        return
    choose = program_of_calendar(variant.site, calendar)
    zone = variant.site.time_zone
    checked = check(rows, choose, zone, stretch.first, stretch.nights, rules)
    for mask in checked.failing.values():
        mask &= is_asked
    _gather(groups, Examiner(variant.site, rules), calendar, checked)


def _weigh(
    examiner: Examiner,
    rows: Sequence[Row],
    seconds: Instants,
    stretch: Stretch,
    rules: ProofRules,
) -> Iterator[tuple[Row, Finding, Callable[[], CounterExample]]]:
    """Rows that never burn in the whole stretch, or longer than the astronomical night.

    `seconds` has a column for each row: burning, astronomical, dark.
    """
    for row, (burning_s, astronomical_s, dark_s) in zip(rows, seconds.T.tolist(), strict=True):
        hours = Hours(burning_s / 3600, astronomical_s / 3600, stretch.nights)
        if not burning_s and dark_s:
            yield (
                row,
                Finding.NEVER_BURNS,
                partial(examiner.never_burns, row, stretch.first, hours),
            )
        is_long = burning_s > rules.max_burning_share * astronomical_s
        if is_long and row.subject.zone.category not in rules.lit_by_day:
            yield (
                row,
                Finding.BURNING_HOURS,
                partial(examiner.burns_long, row, stretch.first, hours),
            )


def _days_of(stretch: Stretch) -> list[date]:
    return [stretch.first + n * _DAY for n in range(stretch.nights)]


def _years_of(stretch: Stretch) -> Iterator[Stretch]:
    """A long stretch in parts of a year, which stay small in memory."""
    for start in range(0, stretch.nights, _YEAR_NIGHTS):
        nights = min(_YEAR_NIGHTS, stretch.nights - start)
        yield Stretch(stretch.first + start * _DAY, nights)


def _failures(groups: dict[tuple[Finding, str, str | None], _Group]) -> tuple[Failure, ...]:
    found = []
    for (finding, program, calendar), group in groups.items():
        assert group.example is not None, "a group has its example"
        found.append(
            Failure(
                finding=finding,
                program=program,
                calendar=calendar,
                nights=len(group.nights),
                zone_nights=group.zone_nights,
                zones=tuple(group.zones),
                first_day=min(group.nights),
                last_day=max(group.nights),
                example=group.example,
            )
        )
    order = list(Finding)
    return tuple(
        sorted(found, key=lambda one: (order.index(one.finding), one.first_day, one.program))
    )
