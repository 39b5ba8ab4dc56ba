"""Months, quarters and years of control days.

A period is its control days: it runs from local noon of its first date to local noon after
its last, so that every night belongs to one period.
"""

import re
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schedules.day import day_bounds
from schedules.errors import PeriodWrong
from schedules.sentences import SAY

_DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 1970, 2200


class PeriodKind(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Period(NamedTuple):
    """A month, a quarter or a year."""

    kind: PeriodKind
    year: int
    number: int
    """1 to 12 of a month, 1 to 4 of a quarter, 1 of a year."""

    @property
    def text(self) -> str:
        """Such as ``2026-11``, ``2026-Q4``, ``2026``; `read_period` reads it back."""
        match self.kind:
            case PeriodKind.MONTH:
                return f"{self.year}-{self.number:02d}"
            case PeriodKind.QUARTER:
                return f"{self.year}-Q{self.number}"
            case PeriodKind.YEAR:
                return f"{self.year}"

    @property
    def first_day(self) -> date:
        """First control day."""
        return date(self.year, self._months * (self.number - 1) + 1, 1)

    @property
    def last_day(self) -> date:
        """Last control day."""
        month = self._months * self.number
        return date(self.year + month // 12, month % 12 + 1, 1) - _DAY

    @property
    def days(self) -> int:
        """Number of control days."""
        return (self.last_day - self.first_day).days + 1

    @property
    def _months(self) -> int:
        return {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}[self.kind]

    def bounds(self, time_zone: ZoneInfo) -> tuple[int, int]:
        """[start, end) in Unix seconds UTC."""
        return day_bounds(time_zone, self.first_day)[0], day_bounds(time_zone, self.last_day)[1]

    def before(self) -> "Period":
        """The period of the same kind that ends where this begins."""
        day = self.first_day - _DAY
        return period_of(self.kind, day)

    def year_before(self) -> "Period":
        """The same period of the year before."""
        return self._replace(year=self.year - 1)

    def quarter(self) -> "Period | None":
        """The quarter that it is or lies in; None for a year."""
        return (
            None if self.kind is PeriodKind.YEAR else period_of(PeriodKind.QUARTER, self.first_day)
        )

    def whole_year(self) -> "Period":
        """The year that it is or lies in."""
        return Period(PeriodKind.YEAR, self.year, 1)


def period_of(kind: PeriodKind, day: date) -> Period:
    """The period of a kind in which a control day lies."""
    match kind:
        case PeriodKind.MONTH:
            return Period(kind, day.year, day.month)
        case PeriodKind.QUARTER:
            return Period(kind, day.year, (day.month - 1) // 3 + 1)
        case PeriodKind.YEAR:
            return Period(kind, day.year, 1)


_FORMS = {
    PeriodKind.MONTH: (re.compile(r"(\d{4})-(\d{1,2})"), 12, "2026-11"),
    PeriodKind.QUARTER: (re.compile(r"(\d{4})-?[Qq](\d)"), 4, "2026-Q4"),
    PeriodKind.YEAR: (re.compile(r"(\d{4})()"), 1, "2026"),
}


def read_period(kind: PeriodKind, text: str) -> Period:
    """Read a month, quarter or year; raises `PeriodWrong` naming the text and an example."""
    form, most, example = _FORMS[kind]
    match = form.fullmatch(text.strip())
    number = 0 if match is None else int(match[2] or 1)
    year = 0 if match is None else int(match[1])
    # The year before and the year after have to exist as well.
    if not 1 <= number <= most or not FIRST_YEAR < year < LAST_YEAR:
        raise PeriodWrong(SAY(f"no_period_{kind.value}", text=text, example=example))
    return Period(kind, year, number)
