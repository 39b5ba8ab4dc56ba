"""Hours that two bands of a tariff both want, where the tariff does not say which has them.

A tariff of such hours has a price, that of its first band; but whoever wrote it may have meant
the other. So documents are refused when they are read; what was stored goes on as it was.
"""

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from itertools import combinations
from typing import Final, NamedTuple

from schedules.energy.tariffs import PriceBand, Tariff
from schedules.sentences import SAY
from zones.sentences import thing_said

_DAY: Final = timedelta(days=1)
_FIRST: Final = date(2020, 1, 1)
_DAYS: Final = 12 * 366
"""Looked at: the years whose holidays are known, and dates on any weekday."""


class Overlap(NamedTuple):
    """Two bands that hold at the same time."""

    number: int
    """Of the band that stands first."""
    other: int
    message: str


def overlaps(tariff: Tariff) -> Iterator[Overlap]:
    """Pairs of bands that hold together without a word about it, each with what would be right."""
    for (number, first), (other, later) in combinations(enumerate(tariff.bands), 2):
        if first.name == later.name or later.name in first.instead_of:
            continue
        shared = _quarters(first) & _quarters(later)
        day = _first_day(tariff, first, later) if shared else None
        if day is not None:
            yield Overlap(
                number,
                other,
                SAY(
                    "bands_overlap",
                    where=SAY("of", kind=thing_said("tariff"), id=tariff.id),
                    first=first.name,
                    later=later.name,
                    spans=_spans(shared),
                    day=day,
                ),
            )


def _quarters(band: PriceBand) -> frozenset[int]:
    return frozenset().union(*(span.quarters() for span in band.hours))


def _first_day(tariff: Tariff, first: PriceBand, later: PriceBand) -> date | None:
    """A date on which both hold, the first of those that are looked at."""
    begun = max(tariff.valid_from, _FIRST)
    days = (begun + number * _DAY for number in range(min(_DAYS, (date.max - begun).days + 1)))
    return next((day for day in days if first.holds_on(day) and later.holds_on(day)), None)


def _spans(quarters: Collection[int]) -> str:
    """Quarter-hours of a day as spans of clock times."""
    found: list[str] = []
    for quarter in sorted(quarters):
        if quarter - 1 not in quarters:
            found.append(_clock(quarter))
        if quarter + 1 not in quarters:
            found[-1] += f"-{_clock(quarter + 1)}"
    return ", ".join(found)


def _clock(quarter: int) -> str:
    return f"{quarter // 4:02d}:{quarter % 4 * 15:02d}"
