"""Counter-examples: a failing night as `resolve` sees it, in words.

Every one is asked of the scalar form before it is told; where the two disagree the proof
itself is at fault and says so.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from schedules.anchors import AnyAnchor, ClockAnchor, anchor_text
from schedules.compiler import SwitchingPoint, compile_luminaire, compile_zone, locale_of
from schedules.day import AnchorTime, day_bounds
from schedules.decision import Decision, resolve, resolve_zone
from schedules.errors import SchedulesError
from schedules.levels_bulk import program_of_calendar
from schedules.night import night
from schedules.proof_night import Night, Row
from schedules.proof_result import CounterExample
from schedules.proof_rules import Finding, ProofRules
from schedules.sentences import SAY
from schedules.site import Site
from schedules.solar import Place, PolarDay, PolarNight, sun_elevation
from zones.said import Said

_DAY = timedelta(days=1)
_SLACK = 0.05
"""Degrees by which an instant at the edge of night may miss the limit: the sun crosses it
between two whole seconds."""


class UnconfirmedFinding(SchedulesError):
    """The bulk form found a failure that `resolve` does not confirm: a fault in the proof."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Burning hours of a row beside the astronomical ones."""

    burning_h: float
    astronomical_h: float
    nights: int


def without_overrides(site: Site) -> Site:
    """The site as its programs alone leave it, which is what is proved."""
    if not site.plan.overrides:
        return site
    return site.model_copy(update={"plan": site.plan.model_copy(update={"overrides": ()})})


class Examiner:
    """Words counter-examples of a site, whose overrides are already left out."""

    def __init__(self, site: Site, rules: ProofRules) -> None:
        self._site = site
        self._rules = rules

    def example(self, finding: Finding, row: Row, failing: Night) -> CounterExample:
        """The counter-example of one failing night; raises `UnconfirmedFinding`."""
        match finding:
            case Finding.DARK_AT_NIGHT:
                return self._dark(row, failing)
            case Finding.LIT_IN_DAYLIGHT:
                return self._lit(row, failing)
            case Finding.BELOW_FLOOR:
                return self._low(row, failing)
            case Finding.EMPTY_WINDOW:
                return self._empty(row, failing.day)
            case Finding.TOO_MANY_SWITCHINGS:
                return self._switchings(row, failing.day)
            case _:
                raise AssertionError(f"{finding} is told with its hours")

    def _dark(self, row: Row, failing: Night) -> CounterExample:
        at = _instant(failing)
        decision, sun = self._decide(row, at), self._sun(row, at)
        limit = self._rules.dark_elevation
        holds = decision.level == 0 and sun < limit + _SLACK
        self._confirm(Finding.DARK_AT_NIGHT, row, failing.day, holds=holds)
        return self._told(
            row,
            failing.day,
            at,
            SAY("want_lit", limit=limit),
            SAY("is_dark", sun=sun),
            decision,
        )

    def _lit(self, row: Row, failing: Night) -> CounterExample:
        at = _instant(failing)
        decision, sun = self._decide(row, at), self._sun(row, at)
        limit, margin = self._rules.day_elevation, self._rules.day_margin_s // 60
        holds = decision.level > 0 and sun > limit - _SLACK
        self._confirm(Finding.LIT_IN_DAYLIGHT, row, failing.day, holds=holds)
        return self._told(
            row,
            failing.day,
            at,
            SAY("want_dark", margin=margin, limit=limit),
            SAY("is_lit", level=decision.level, sun=sun),
            decision,
        )

    def _low(self, row: Row, failing: Night) -> CounterExample:
        at = _instant(failing)
        decision = self._decide(row, at)
        holds = 0 < decision.level < row.class_floor
        self._confirm(Finding.BELOW_FLOOR, row, failing.day, holds=holds)
        lighting_class, floor = row.subject.zone.lighting_class, f"{row.class_floor:.4g}"
        return self._told(
            row,
            failing.day,
            at,
            SAY("want_floor", floor=floor, name=lighting_class),
            Said(f"{decision.level:g} %", f"{decision.level:g} %"),
            decision,
        )

    def _empty(self, row: Row, day: date) -> CounterExample:
        zone = row.subject.zone
        program = program_of_calendar(self._site, row.subject.calendar)(day)
        tonight = night(program, locale_of(self._site, zone), day)
        self._confirm(Finding.EMPTY_WINDOW, row, day, holds=tonight.window is None)
        on = self._anchor(program.window.on, tonight.on)
        off = self._anchor(program.window.off, tonight.off)
        is_at = tonight.on.at == tonight.off.at
        decision = self._decide(row, sum(day_bounds(self._site.time_zone, day)) // 2)
        return self._told(
            row,
            day,
            None,
            SAY("want_window"),
            SAY("is_at" if is_at else "is_after", on=on, off=off),
            decision,
        )

    def _switchings(self, row: Row, day: date) -> CounterExample:
        start, end = day_bounds(self._site.time_zone, day)
        points = self._compile(row, start, end)
        before = self._decide(row, start - 1).level
        count = len(points) - (points[0].level == before)
        limit = self._rules.max_switchings
        self._confirm(Finding.TOO_MANY_SWITCHINGS, row, day, holds=count > limit)
        return self._told(
            row,
            day,
            None,
            SAY("want_switchings", limit=limit),
            SAY("is_switchings", count=count),
            self._decide(row, points[-1].at),
        )

    def never_burns(self, row: Row, first: date, hours: Hours) -> CounterExample:
        """A zone whose nights are all dark."""
        start, end = day_bounds(self._site.time_zone, first)
        points = self._compile(row, start, end)
        is_dark = all(point.level == 0 for point in points)
        self._confirm(Finding.NEVER_BURNS, row, first, holds=is_dark)
        return self._told(
            row,
            first,
            None,
            SAY("want_burning"),
            SAY("is_never", nights=hours.nights),
            self._decide(row, (start + end) // 2),
        )

    def burns_long(self, row: Row, first: date, hours: Hours) -> CounterExample:
        """A zone that burns longer than the astronomical year."""
        site = self._site
        start = day_bounds(site.time_zone, first)[0]
        end = day_bounds(site.time_zone, first + (hours.nights - 1) * _DAY)[1]
        points = self._compile(row, start, end)
        ends = [*(point.at for point in points[1:]), end]
        burning_s = sum(
            until - point.at for point, until in zip(points, ends, strict=True) if point.level > 0
        )
        holds = burning_s == round(hours.burning_h * 3600)
        self._confirm(Finding.BURNING_HOURS, row, first, holds=holds)
        share = self._rules.max_burning_share
        return self._told(
            row,
            first,
            None,
            SAY("want_hours", share=share, hours=hours.astronomical_h),
            SAY("is_hours", hours=hours.burning_h, nights=hours.nights),
            self._decide(row, next((one.at for one in points if one.level > 0), start)),
        )

    def _told(
        self,
        row: Row,
        day: date,
        at: int | None,
        expected: Said,
        found: Said,
        decision: Decision,
    ) -> CounterExample:
        return CounterExample(
            zone=row.subject.zone.id,
            luminaire=row.luminaire,
            control_day=day if at is None else decision.control_day,
            at=at,
            expected=expected,
            found=found,
            reasons=decision.reasons,
        )

    def _decide(self, row: Row, at: int) -> Decision:
        instant = datetime.fromtimestamp(at, UTC)
        if row.luminaire is None:
            return resolve_zone(self._site, row.subject.zone.id, instant)
        return resolve(self._site, row.luminaire, instant)

    def _compile(self, row: Row, since: int, until: int) -> tuple[SwitchingPoint, ...]:
        own = row.luminaire and compile_luminaire(self._site, row.luminaire, since, until)
        return own or compile_zone(self._site, row.subject.zone.id, since, until)

    def _sun(self, row: Row, at: int) -> float:
        zone = row.subject.zone
        return sun_elevation(Place(zone.latitude, zone.longitude), at)

    def _anchor(self, anchor: AnyAnchor, time: AnchorTime) -> str:
        match time.event:
            case PolarDay() | PolarNight():
                event = f" ({time.event.status.value.replace('_', ' ')})"
            case _:
                event = ""
        text = anchor_text(anchor)
        if not isinstance(time.at, int):
            return text + event
        local = datetime.fromtimestamp(time.at, self._site.time_zone)
        if isinstance(anchor, ClockAnchor) and text == local.strftime("%H:%M"):
            return text
        return f"{text}{event} {local:%H:%M}"

    def _confirm(self, finding: Finding, row: Row, day: date, *, holds: bool) -> None:
        if not holds:
            raise UnconfirmedFinding(
                f"zone {row.subject.zone.id!r}, control day {day}: the proof found "
                f"{finding.value.replace('_', ' ')}, which 'explain' does not confirm; "
                "this is a fault of the proof and not of the plan"
            )


def _instant(failing: Night) -> int:
    assert failing.at is not None, "such a finding has an instant"
    return failing.at
