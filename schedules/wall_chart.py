"""Time as a wall clock shows it: control days side by side, each from noon down to noon.

Owns where an instant stands on a chart of dates (columns) and hours after local noon (0 to
24). On the night of a clock change an hour is missing, or there twice; the second time
stands beside the first. Instants are Unix seconds UTC, intervals half-open.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schedules.anchors import Direction
from schedules.day import NOON, Locale, day_bounds, solar_dates
from schedules.solar import CIVIL_ELEVATION, SUNRISE_ELEVATION, PolarDay, PolarNight, crossing

_DAY = timedelta(days=1)
_HOUR_S = 3600
_FULL_H = 24.0


class Block(NamedTuple):
    """A part of a column: from one hour after noon to another, the column's width left to right.

    `left` and `right` are 0 and 1, or a half where the clock shows the hour twice.
    """

    column: int
    left: float
    right: float
    top_h: float
    bottom_h: float


@dataclass(frozen=True, slots=True)
class ClockChange:
    """A change of the local clock within a control day."""

    column: int
    at: int
    from_h: float
    """Hours after noon that the clock shows before the change."""
    to_h: float
    """And after it; later than `from_h` where time is skipped, earlier where it is repeated."""

    @property
    def is_gap(self) -> bool:
        """Whether time is skipped."""
        return self.to_h > self.from_h

    @property
    def shift_h(self) -> float:
        """Hours that the clock is put forward; negative where it is put back."""
        return self.to_h - self.from_h


class Chart:
    """Control days `first`, `first` + 1, ... of a time zone in columns."""

    def __init__(self, time_zone: ZoneInfo, first: date, days: int) -> None:
        self.time_zone = time_zone
        self.first = first
        self.days = days
        self.bounds = [day_bounds(time_zone, first + n * _DAY) for n in range(days)]
        self._noons = [
            datetime.combine(first + n * _DAY, NOON, UTC).timestamp() for n in range(days)
        ]
        self.clock_changes = tuple(self._find_changes())
        self._changes = {one.column: one for one in self.clock_changes}

    @property
    def start(self) -> int:
        """Where the first control day begins."""
        return self.bounds[0][0]

    @property
    def end(self) -> int:
        """Where the last control day ends."""
        return self.bounds[-1][1]

    def column_of(self, at: int) -> int | None:
        """The column of an instant; None outside the chart."""
        if not self.start <= at < self.end:
            return None
        column = min(self.days - 1, max(0, (at - self.start) // 86_400))
        while at < self.bounds[column][0]:
            column -= 1
        while at >= self.bounds[column][1]:
            column += 1
        return column

    def hour_of(self, at: int, column: int) -> float:
        """Hours after noon that the clock shows at an instant, by the noon of a column."""
        return (self._shown(at) - self._noons[column]) / _HOUR_S

    def blocks(self, start: int, end: int) -> Iterator[Block]:
        """The parts of columns that a stretch of time takes."""
        start, end = max(start, self.start), min(end, self.end)
        column = self.column_of(start)
        while column is not None and start < end:
            until = min(end, self.bounds[column][1])
            yield from self._within(column, start, until)
            start, column = until, column + 1 if column + 1 < self.days else None

    def _within(self, column: int, start: int, end: int) -> Iterator[Block]:
        change = self._changes.get(column)
        if change is None:
            top = self.hour_of(start, column)
            yield from _kept(Block(column, 0, 1, top, top + (end - start) / _HOUR_S))
            return
        if start < change.at:
            top = self.hour_of(start, column)
            bottom = top + (min(end, change.at) - start) / _HOUR_S
            yield from _halved(column, top, bottom, change, is_first=True)
        if end > change.at:
            begin = max(start, change.at)
            top = self.hour_of(begin, column)
            bottom = top + (end - begin) / _HOUR_S
            yield from _halved(column, top, bottom, change, is_first=False)

    def _shown(self, at: int) -> float:
        """What the clock shows, as seconds of a clock that is never put forward or back."""
        shown = datetime.fromtimestamp(at, self.time_zone)
        return shown.replace(tzinfo=UTC).timestamp()

    def _find_changes(self) -> Iterator[ClockChange]:
        offset = self._shown(self.start) - self.start
        for column, (start, end) in enumerate(self.bounds):
            later = self._shown(end) - end
            if later != offset:
                low, high = start - 1, end
                while high - low > 1:
                    middle = (low + high) // 2
                    if self._shown(middle) - middle == offset:
                        low = middle
                    else:
                        high = middle
                noon = self._noons[column]
                yield ClockChange(
                    column,
                    high,
                    (high + offset - noon) / _HOUR_S,
                    (high + later - noon) / _HOUR_S,
                )
            offset = later


def _halved(
    column: int, top: float, bottom: float, change: ClockChange, *, is_first: bool
) -> Iterator[Block]:
    """The part of a column before, or after, a clock change; half of it where it stands twice."""
    if change.is_gap:
        yield from _kept(Block(column, 0, 1, top, bottom))
        return
    left, right = (0.0, 0.5) if is_first else (0.5, 1.0)
    yield from _kept(Block(column, 0, 1, top, min(bottom, change.to_h)))
    yield from _kept(Block(column, left, right, max(top, change.to_h), min(bottom, change.from_h)))
    yield from _kept(Block(column, 0, 1, max(top, change.from_h), bottom))


def _kept(block: Block) -> Iterator[Block]:
    top, bottom = max(0.0, block.top_h), min(_FULL_H, block.bottom_h)
    if top < bottom:
        yield block._replace(top_h=top, bottom_h=bottom)


class SunMark(NamedTuple):
    """Where a solar event stands: the middle of its column, hours after noon."""

    column: int
    hour: float
    at: int


def sun_marks(
    chart: Chart, locale: Locale, elevation: float, direction: Direction
) -> Sequence[SunMark]:
    """Every passing of an elevation within the chart, in order of time."""
    found = []
    first = solar_dates(locale, chart.first - _DAY)[0]
    for number in range(chart.days + 3):
        event = crossing(locale.place, first + number * _DAY, elevation, direction)
        if isinstance(event, int):
            column = chart.column_of(event)
            if column is not None:
                found.append(SunMark(column, chart.hour_of(event, column), event))
    return found


def dark_stretches(chart: Chart, locale: Locale, elevation: float) -> Iterator[tuple[int, int]]:
    """Stretches [start, end) of the chart with the sun below an elevation."""
    solar_date = solar_dates(locale, chart.first - _DAY)[0]
    last = chart.first + (chart.days + 1) * _DAY
    since: int | None = None
    at = chart.start
    while solar_date <= last:
        setting = crossing(locale.place, solar_date, elevation, Direction.SETTING)
        rising = crossing(locale.place, solar_date + _DAY, elevation, Direction.RISING)
        match setting:
            case PolarNight():
                since = chart.start if since is None else since
            case PolarDay():
                since = None
            case _:
                since = setting if since is None else since
        match rising:
            case PolarDay():
                since = None
            case PolarNight():
                pass
            case _:
                if since is not None and since < rising:
                    yield max(since, at), rising
                    at = max(at, rising)
                since = None
        solar_date += _DAY
    if since is not None:
        yield max(since, at), chart.end


SUN_LINES = {
    "sunset": (SUNRISE_ELEVATION, Direction.SETTING),
    "sunrise": (SUNRISE_ELEVATION, Direction.RISING),
    "civil_dusk": (CIVIL_ELEVATION, Direction.SETTING),
    "civil_dawn": (CIVIL_ELEVATION, Direction.RISING),
}
"""The curves over a chart: elevation and direction."""
