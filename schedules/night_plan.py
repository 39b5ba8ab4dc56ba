"""What a zone will do: the switchings of its coming nights, each with the reasons for it.

Owns the cutting of compiled switching points into control days. Overrides are no part of it:
they come and go, the plan stays. Instants are Unix seconds UTC, intervals half-open.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from schedules.compiler import SwitchingPoint, compile_zone
from schedules.day import day_bounds
from schedules.decision import Decision, resolve_zone
from schedules.errors import OutOfRange
from schedules.layers import assignment_for
from schedules.reasons import Reason, ReasonCode
from schedules.sentences import SAY
from schedules.site import Site
from schedules.solar import FIRST_YEAR, LAST_YEAR

_DAY = timedelta(days=1)
_LIMITS = frozenset({ReasonCode.FLOOR, ReasonCode.CEILING})
_WITHIN_WINDOW = frozenset({ReasonCode.EXTINGUISH, ReasonCode.MIN_BURN})
_WINDOWS = frozenset({ReasonCode.WINDOW_LIT, ReasonCode.WINDOW_DARK, ReasonCode.WINDOW_EMPTY})
_BEGINNINGS = frozenset({ReasonCode.WINDOW_LIT, ReasonCode.NO_CALENDAR})


class Switching(NamedTuple):
    """A change of level, and why; or the level in force where a first night begins lit."""

    at: int
    level: float
    ramp_s: int
    reasons: tuple[Reason, ...]
    """The whole chain."""
    decisive: tuple[Reason, ...]
    """The links that made this change."""


class Stretch(NamedTuple):
    """A stretch [start, end) at one level."""

    start: int
    end: int
    level: float


@dataclass(frozen=True, slots=True)
class NightPlan:
    """One control day of a zone."""

    day: date
    start: int
    end: int
    level_at_start: float
    """Level with which the control day begins at noon: 0 but in a polar night and the like."""
    switchings: tuple[Switching, ...]
    stretches: tuple[Stretch, ...]
    """The whole control day without gaps, dark stretches included."""
    idle: Reason | None
    """Why nothing is switched on a control day without switchings."""
    in_doubt: tuple[str, ...] = ()
    """Names of calendar rules taken as not met because their holidays are not in the data."""

    @property
    def burning_s(self) -> int:
        """Elapsed seconds with a level above 0."""
        return sum(one.end - one.start for one in self.stretches if one.level > 0)

    @property
    def full_load_s(self) -> float:
        """Seconds at full level that would give as much light."""
        return sum((one.end - one.start) * one.level / 100 for one in self.stretches)


def plan_nights(site: Site, zone_id: str, first: date, count: int) -> Iterator[NightPlan]:
    """The control days `first`, `first` + 1, ... of a zone, overrides left out.

    Raises `UnknownTarget` for a zone that the site does not have, `OutOfRange` for years
    without sun.
    """
    site.zone(zone_id)
    if first.year <= FIRST_YEAR or first.year + count // 366 + 1 >= LAST_YEAR:
        raise OutOfRange(
            SAY("nights_years", count=count, day=first, first=FIRST_YEAR + 1, last=LAST_YEAR - 1)
        )
    return _plan_nights(site, zone_id, first, count)


def _plan_nights(site: Site, zone_id: str, first: date, count: int) -> Iterator[NightPlan]:
    bounds = [day_bounds(site.time_zone, first + n * _DAY) for n in range(count)]
    noon = bounds[0][0]
    # One second earlier: what is switched at noon itself is then told from what was so before.
    before, *points = compile_zone(site, zone_id, noon - 1, bounds[-1][1])
    level = before.level
    if level > 0 and not (points and points[0].at == noon):
        points.insert(0, SwitchingPoint(noon, level, max(0, before.ramp_s - 1)))
    assignment = assignment_for(site, site.zone(zone_id))
    calendar = None if assignment is None else site.plan.calendar_by_id[assignment.calendar]
    place = 0
    for number, (start, end) in enumerate(bounds):
        tonight: list[SwitchingPoint] = []
        while place < len(points) and points[place].at < end:
            tonight.append(points[place])
            place += 1
        day = first + number * _DAY
        night = _night(site, zone_id, day, (start, end), level, tonight)
        if calendar is not None:
            in_doubt = tuple(rule.name for rule in calendar.unknown_on(day))
            night = replace(night, in_doubt=in_doubt) if in_doubt else night
        yield night
        level = night.stretches[-1].level if night.stretches else level


def _night(
    site: Site,
    zone_id: str,
    day: date,
    bounds: tuple[int, int],
    level_before: float,
    points: Sequence[SwitchingPoint],
) -> NightPlan:
    start, end = bounds
    switchings: list[Switching] = []
    stretches: list[Stretch] = []
    level, since = level_before, start
    for point in points:
        chain = _decision(site, zone_id, point.at).reasons
        is_first = point.level == level
        decisive = _decisive(chain, 0.0 if is_first else level, point.level)
        switchings.append(Switching(point.at, point.level, point.ramp_s, chain, decisive))
        if since < point.at:
            stretches.append(Stretch(since, point.at, level))
        level, since = point.level, point.at
    if since < end:
        stretches.append(Stretch(since, end, level))
    idle = None
    if not switchings:
        idle = _telling(_decision(site, zone_id, (start + end) // 2).reasons)
    at_start = stretches[0].level if stretches else level_before
    return NightPlan(day, start, end, at_start, tuple(switchings), tuple(stretches), idle)


def _decision(site: Site, zone_id: str, at: int) -> Decision:
    return resolve_zone(site, zone_id, datetime.fromtimestamp(at, UTC))


def _telling(reasons: Sequence[Reason]) -> Reason:
    """Of a control day without switchings: the window, unless something within it decided."""
    if reasons[-1].code in _WITHIN_WINDOW:
        return reasons[-1]
    return next((one for one in reasons if one.code in _WINDOWS), reasons[-1])


def _decisive(reasons: Sequence[Reason], before: float, level: float) -> tuple[Reason, ...]:
    if level == 0:
        return tuple(reasons[-1:])
    codes = {ReasonCode.STEP, *_LIMITS}
    if not before:
        codes |= _BEGINNINGS
    return tuple(one for one in reasons if one.code in codes) or tuple(reasons[-1:])
