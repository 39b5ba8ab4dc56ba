"""Time-of-use tariffs: what a kilowatt-hour costs at a local time.

Owns the tariff documents and their prices by quarter-hour. A local day has 96 quarter-hours,
92 or 100 where the clock changes; each has one price.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Final, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from schedules.calendars import Condition, holds
from schedules.energy.baselines import Note
from schedules.overrides import Selector
from schedules.sentences import SAY
from zones.models import Document, Identifier, Name
from zones.sentences import thing_said

QUARTER_S: Final = 900
"""Seconds of a quarter-hour, the smallest step of a price and of the account."""
_QUARTERS: Final = 96

_SPAN = re.compile(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*")

Price = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
"""Of one kWh, in the tariff's currency."""


class ClockSpan(Document):
    """Local clock times [start, end), whole quarter-hours; may pass midnight.

    Written ``22:00-07:00``; an end of ``24:00`` or ``00:00`` is midnight, and
    ``00:00-24:00`` the whole day.
    """

    start: time
    end: time

    @model_validator(mode="after")
    def _is_on_the_quarter(self) -> Self:
        for value in (self.start, self.end):
            if value.tzinfo is not None or value.minute % 15 or value.second or value.microsecond:
                raise ValueError(SAY("quarter_hour", value=value.isoformat()))
        if self.start == self.end and self.start != time(0):
            raise ValueError(SAY("span_empty", span=self.text))
        return self

    @property
    def text(self) -> str:
        """The notation."""
        end = "24:00" if self.end == time(0) else f"{self.end:%H:%M}"
        return f"{self.start:%H:%M}-{end}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read the notation; raises ValueError naming the text and what would be right."""
        match = _SPAN.fullmatch(text)
        if match is None:
            raise ValueError(SAY("no_span", text=text))
        return cls(start=_clock(match[1], match[2]), end=_clock(match[3], match[4]))

    def quarters(self) -> frozenset[int]:
        """Numbers 0 to 95 of its quarter-hours of a day of 24 hours."""
        first, last = _quarter(self.start), _quarter(self.end) or _QUARTERS
        if first < last:
            return frozenset(range(first, last))
        return frozenset(range(first, _QUARTERS)) | frozenset(range(last))


def _read_span(value: Any) -> Any:
    return ClockSpan.read(value) if isinstance(value, str) else value


def _clock(hour: str, minute: str) -> time:
    if (hour, minute) == ("24", "00"):
        return time(0)
    if int(hour) > 23 or int(minute) > 59:
        raise ValueError(SAY("no_clock_time", text=f"{hour}:{minute}", example="22:00"))
    return time(int(hour), int(minute))


Span = Annotated[
    ClockSpan, BeforeValidator(_read_span), PlainSerializer(lambda one: one.text, return_type=str)
]


class PriceBand(Document):
    """A price at some hours of the days on which every condition holds."""

    name: Name
    """Such as ``高峰``, ``peak``, ``valley``."""
    price_per_kwh: Price
    hours: Annotated[tuple[Span, ...], Field(min_length=1)]
    when: tuple[Condition, ...] = ()
    """Conditions on the local calendar date of the quarter-hour, as calendars have them:
    weekdays, parts of the year, holidays. Empty: every day."""
    unless: tuple[Condition, ...] = ()
    instead_of: tuple[Name, ...] = ()
    """Later bands whose hours it takes where both hold: a sharp peak within a peak. Without
    that, bands that overlap are refused when documents are read."""

    def holds_on(self, day: date) -> bool:
        """Whether the band exists on a local calendar date."""
        return all(holds(one, day) for one in self.when) and not any(
            holds(one, day) for one in self.unless
        )


class Tariff(Document):
    """What electricity costs from a local date on: the first band that holds, else the rest."""

    id: Identifier
    name: Name
    valid_from: date
    """First local calendar date."""
    selector: Selector = Selector(city=True)
    """City, districts, categories or zones."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    """ISO 4217, such as ``CNY``."""
    price_per_kwh: Price
    """Where no band holds: the flat price."""
    flat_name: Name = "flat"
    bands: tuple[PriceBand, ...] = ()
    """The first that holds counts."""
    source: Note = ""
    author: Annotated[str, Field(max_length=100)] = ""
    is_example: bool = False
    """Whether the figures are made up, to be replaced by the utility's."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        where = SAY("of", kind=thing_said("tariff"), id=self.id)
        if self.selector.luminaires:
            raise ValueError(SAY("by_zone_only", where=where))
        names: dict[str, float] = {self.flat_name: self.price_per_kwh}
        for number, band in enumerate(self.bands):
            later = {one.name for one in self.bands[number + 1 :]}
            for name in band.instead_of:
                if name not in later:
                    raise ValueError(
                        SAY(
                            "instead_of",
                            where=where,
                            band=band.name,
                            name=name,
                            later=sorted(later),
                        )
                    )
            if names.setdefault(band.name, band.price_per_kwh) != band.price_per_kwh:
                raise ValueError(
                    SAY(
                        "two_prices",
                        where=where,
                        name=band.name,
                        one=names[band.name],
                        other=band.price_per_kwh,
                    )
                )
        return self

    def day_prices(self, day: date) -> tuple["Priced", ...]:
        """The 96 quarter-hours of a local calendar date by wall clock, from midnight on."""
        found = [Priced(self.flat_name, self.price_per_kwh)] * _QUARTERS
        for band in reversed(self.bands):
            if band.holds_on(day):
                for span in band.hours:
                    for quarter in span.quarters():
                        found[quarter] = Priced(band.name, band.price_per_kwh)
        return tuple(found)


class Priced(NamedTuple):
    """A band's name and its price per kWh."""

    band: str
    price_per_kwh: float


def prices_at(tariff: Tariff, quarters: Sequence[int], time_zone: ZoneInfo) -> tuple[Priced, ...]:
    """The price of each quarter-hour, given by its start in Unix seconds UTC."""
    of_day: dict[date, tuple[Priced, ...]] = {}
    found: list[Priced] = []
    for start in quarters:
        local = datetime.fromtimestamp(start, UTC).astimezone(time_zone)
        day = local.date()
        if day not in of_day:
            of_day[day] = tariff.day_prices(day)
        found.append(of_day[day][_quarter(local.time())])
    return tuple(found)


def _quarter(local_time: time) -> int:
    return local_time.hour * 4 + local_time.minute // 15
