"""Random plans for ten years in seven time zones, and what must hold of their switchings.

Used by the sweep in tests/benchmarks and, over a sample, by tests/property/schedules.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from schedules import (
    Assignment,
    Calendar,
    CalendarRule,
    ClockAnchor,
    ControlProgram,
    Dates,
    Direction,
    ElevationAnchor,
    Extinguish,
    IlluminanceAnchor,
    Layer,
    Limit,
    MonthDay,
    NthWeekday,
    Plan,
    Site,
    Step,
    SunAnchor,
    SunEvent,
    Weekday,
    Weekdays,
    Window,
    YearlyRange,
    compile_zone,
    day_bounds,
    resolve_zone,
)
from schedules.anchors import AnyAnchor
from schedules.grid import Floats, Instants
from schedules.layers import limits_for
from schedules.levels_bulk import levels_at
from tests.fakes.one_zone import LUMINAIRE, ZONE, Spot, at_utc, inventory
from tests.fakes.plain_reading import DAY, PlainCalendar, PlainReading

FIRST = date(2026, 1, 1)
PLACES = (
    Spot(39.9042, 116.4074, "Asia/Shanghai"),
    Spot(51.5074, -0.1278, "Europe/London"),
    Spot(52.52, 13.405, "Europe/Berlin"),
    Spot(40.7128, -74.006, "America/New_York"),
    Spot(-33.4489, -70.6693, "America/Santiago"),
    Spot(-31.5553, 159.0821, "Australia/Lord_Howe"),
    Spot(33.5731, -7.5898, "Africa/Casablanca"),
)
PLAIN_SHARE = 0.4
"""Of the plans: from dusk to dawn with steps, as streets have them; these switch once a night."""

_RULES = (
    ("weekend", (Weekdays(days=frozenset({Weekday.FRIDAY, Weekday.SATURDAY})),)),
    ("last Thursday", (NthWeekday(nth=-1, weekday=Weekday.THURSDAY),)),
    (
        "over New Year",
        (YearlyRange(first=MonthDay(month=12, day=20), last=MonthDay(month=1, day=5)),),
    ),
    ("leap days", (Dates(dates=frozenset({date(2028, 2, 29), date(2032, 2, 29)})),)),
)


@dataclass(frozen=True, slots=True)
class RandomPlan:
    """A plan of two programs and a calendar, before it has a place."""

    seed: int
    plain: bool
    """Whether its programs switch once a night."""
    programs: tuple[ControlProgram, ControlProgram]
    calendar: Calendar
    limits: tuple[Limit, ...]

    def site(self, spot: Spot) -> Site:
        """The plan in a city of one zone."""
        return Site(
            inventory=inventory(spot),
            plan=Plan(
                programs=self.programs,
                calendars=(self.calendar,),
                assignments=(Assignment(layer=Layer.CITY, target="c", calendar="all"),),
                limits=self.limits,
            ),
        )


def random_plan(seed: int) -> RandomPlan:
    """The plan of a seed."""
    chance = random.Random(seed)
    is_plain = chance.random() < PLAIN_SHARE
    make = _plain if is_plain else _wild
    first, second = make(chance, "p"), make(chance, "q")
    name, when = chance.choice(_RULES)
    rule = CalendarRule(name=name, when=when, program="q")
    limits: list[Limit] = []
    if chance.random() < 0.4:
        limits.append(Limit(layer=Layer.ZONE, target=ZONE, floor=chance.choice([10.0, 35.0])))
    if chance.random() < 0.3:
        limits.append(Limit(layer=Layer.CITY, target="c", ceiling=chance.choice([75.0, 90.0])))
    return RandomPlan(
        seed,
        is_plain,
        (first, second),
        Calendar(id="all", name="all", rules=(rule,), default="p"),
        tuple(limits),
    )


def _time(chance: random.Random) -> time:
    return time(
        chance.randrange(24), chance.choice([0, 0, 0, 15, 30, 59]), chance.choice([0, 0, 7])
    )


def _dusk(chance: random.Random) -> AnyAnchor:
    offset = chance.choice([0, 0, 600, -600, 900])
    match chance.randrange(4):
        case 0:
            return SunAnchor(event=SunEvent.SUNSET, offset_s=offset)
        case 1:
            return SunAnchor(event=SunEvent.CIVIL_DUSK, offset_s=offset)
        case 2:
            return IlluminanceAnchor(
                illuminance_lx=30, direction=Direction.SETTING, offset_s=offset
            )
        case _:
            return ElevationAnchor(elevation=-4, direction=Direction.SETTING, offset_s=offset)


def _dawn(chance: random.Random) -> AnyAnchor:
    offset = chance.choice([0, 0, 600, -600, -900])
    match chance.randrange(4):
        case 0:
            return SunAnchor(event=SunEvent.SUNRISE, offset_s=offset)
        case 1:
            return SunAnchor(event=SunEvent.CIVIL_DAWN, offset_s=offset)
        case 2:
            return IlluminanceAnchor(illuminance_lx=30, direction=Direction.RISING, offset_s=offset)
        case _:
            return ElevationAnchor(elevation=-4, direction=Direction.RISING, offset_s=offset)


def _plain(chance: random.Random, identifier: str) -> ControlProgram:
    if chance.random() < 0.3:
        on: AnyAnchor = ClockAnchor(local_time=time(chance.choice([17, 18, 19, 20]), 30))
        off: AnyAnchor = ClockAnchor(local_time=time(chance.choice([2, 3, 5, 6, 7]), 0))
    else:
        on, off = _dusk(chance), _dawn(chance)
    steps = tuple(
        Step(at=ClockAnchor(local_time=_time(chance)), level=chance.randint(20, 100), ramp_s=60)
        for _ in range(chance.randrange(7))
    )
    return ControlProgram(
        id=identifier, name=identifier, window=Window(on=on, off=off), steps=steps
    )


def _wild_anchor(chance: random.Random) -> AnyAnchor:
    bounds = {}
    if chance.random() < 0.15:
        bounds["not_before"] = _time(chance)
    elif chance.random() < 0.15:
        bounds["not_after"] = _time(chance)
    offset = chance.choice([0, 0, 0, 1, -1, 600, -5400, 43_200, -43_200])
    direction = chance.choice(list(Direction))
    match chance.randrange(5):
        case 0 | 1:
            return ClockAnchor(local_time=_time(chance), offset_s=offset, **bounds)
        case 2:
            event = chance.choice(list(SunEvent))
            return SunAnchor(event=event, offset_s=offset, **bounds)
        case 3:
            return ElevationAnchor(
                elevation=chance.choice([-18.0, -4.0, 0.0, 10.0]),
                direction=direction,
                offset_s=offset,
                **bounds,
            )
        case _:
            return IlluminanceAnchor(
                illuminance_lx=chance.choice([0.01, 20.0, 5000.0]),
                direction=direction,
                offset_s=offset,
                **bounds,
            )


def _wild(chance: random.Random, identifier: str) -> ControlProgram:
    on, off = _wild_anchor(chance), _wild_anchor(chance)
    if on == off:
        off = ClockAnchor(local_time=time(6, 7))
    hole = None
    if chance.random() < 0.4:
        hole = Extinguish(off=_wild_anchor(chance), on=_wild_anchor(chance))
    return ControlProgram(
        id=identifier,
        name=identifier,
        window=Window(on=on, off=off),
        extinguish=hole,
        steps=tuple(
            Step(at=_wild_anchor(chance), level=chance.choice([0.0, 12.5, 40.0, 80.0]))
            for _ in range(chance.choice([0, 1, 3, 5, 12]))
        ),
        base_level=chance.choice([100.0, 70.0]),
        min_burn_s=chance.choice([0, 0, 600, 7200]),
    )


@dataclass(slots=True)
class Tally:
    """What was looked at, and what was found wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    defects: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Take in another tally."""
        self.counts.update(other.counts)
        self.defects.extend(other.defects)


def check(plan: RandomPlan, spot: Spot, years: int = 10, sample: int = 100) -> Tally:
    """Hold the switching points of a plan at a place against every other reading of it.

    - the bulk form just before and at every point, and at a random instant after each,
    - `resolve` and the plain reading at `sample` of these instants and at those of every
      clock change, year's end and leap day,
    - a point has a cause: an anchor of its night or of a neighbouring one,
    - a plain night switches on once and off once, and burns the hours that pass.
    """
    return Sweep(plan, spot, years).run(sample)


class Sweep:
    """The switching points of a plan at a place, and everything to hold against them."""

    def __init__(self, plan: RandomPlan, spot: Spot, years: int) -> None:
        self.plan, self.spot = plan, spot
        self.tally = Tally()
        self.chance = random.Random(f"{plan.seed} {spot.time_zone}")
        self.site = plan.site(spot)
        self.zone = self.site.time_zone
        nights = (FIRST.replace(year=FIRST.year + years) - FIRST).days
        self.days = [FIRST + n * DAY for n in range(nights)]
        edges = [day_bounds(self.zone, day)[0] for day in (*self.days, self.days[-1] + DAY)]
        self.bounds = np.array(edges)
        self.points = compile_zone(self.site, ZONE, edges[0], edges[-1])
        self.at = np.array([one.at for one in self.points])
        self.levels = np.array([one.level for one in self.points])
        readings = {one.id: PlainReading(one, spot) for one in plan.programs}
        program_of = {day: plan.calendar.program_on(day) for day in (*self.days, FIRST - DAY)}
        self.plain = PlainCalendar(readings, program_of, plan.calendar)

    def run(self, sample: int) -> Tally:
        """Check it all."""
        for early, late in pairwise(self.points):
            if early.at >= late.at or early.level == late.level:
                self.wrong(late.at, f"{late} after {early}")
        asked = self._asked()
        self._against_bulk(asked)
        special = self._special_columns()
        column = np.searchsorted(self.bounds, asked, side="right") - 1
        in_special = asked[np.isin(column, special)]
        some = self.chance.sample(asked.tolist(), min(sample, asked.size))
        self._against_resolve(sorted({*some, *in_special.tolist()}))
        self._causes(special, sample)
        if self.plan.plain:
            self._once_a_night()
        self.tally.counts["nights"] += len(self.days)
        self.tally.counts["nights of clock changes"] += len(self._clock_changes())
        self.tally.counts["switchings"] += len(self.points) - 1
        self.tally.counts["plans at places"] += 1
        return self.tally

    def wrong(self, at: float, says: str) -> None:
        local = at_utc(int(at)).astimezone(self.zone).isoformat()
        self.tally.defects.append(
            f"plan {self.plan.seed} in {self.spot.time_zone} at {local}: {says}"
        )

    def replay(self, asked: Instants) -> Floats:
        found: Floats = self.levels[np.searchsorted(self.at, asked, side="right") - 1]
        return found

    def _asked(self) -> Instants:
        """Before and at every point, and somewhere between it and the next."""
        ends = np.append(self.at[1:], self.bounds[-1])
        random_part = np.array([self.chance.random() for _ in range(self.at.size)])
        inside = self.at + (random_part * (ends - self.at)).astype(np.int64)
        found: Instants = np.unique(np.concatenate([self.at[1:] - 1, self.at, inside]))
        return found

    def _against_bulk(self, asked: Instants) -> None:
        said = levels_at(self.site, [LUMINAIRE], asked)[0]
        told = self.replay(asked)
        for place in np.nonzero(said != told)[0].tolist():
            self.wrong(asked[place], f"compiled {told[place]}, in bulk {said[place]}")
        self.tally.counts["instants, compiled against bulk"] += asked.size

    def _against_resolve(self, asked: Sequence[int]) -> None:
        told = self.replay(np.array(asked, dtype=np.int64))
        limits = limits_for(self.site, self.site.zone(ZONE))
        for at, level in zip(asked, told.tolist(), strict=True):
            said = resolve_zone(self.site, ZONE, at_utc(at)).level
            if said != level:
                self.wrong(at, f"compiled {level}, resolve {said}")
            plain = self.plain.level(at, limits.floor, limits.ceiling)
            if plain != level:
                self.wrong(at, f"compiled {level}, read plainly {plain}")
        self.tally.counts["instants, compiled against resolve and a plain reading"] += len(asked)

    def _clock_changes(self) -> list[int]:
        lengths = np.diff(self.bounds)
        return [int(one) for one in np.nonzero(lengths != 86_400)[0]]

    def _special_columns(self) -> list[int]:
        found = set(self._clock_changes())
        for column, day in enumerate(self.days):
            if (day.month, day.day) in {(12, 31), (1, 1), (2, 28), (2, 29), (3, 1)}:
                found.add(column)
        return sorted(found)

    def _causes(self, special: Sequence[int], sample: int) -> None:
        """No blip: where the level changes, an anchor stands, or a night begins or ends."""
        columns = {*special, *self.chance.sample(range(len(self.days)), min(sample, 365))}
        for column in sorted(columns):
            first, last = self.bounds[column], self.bounds[column + 1]
            inside = self.at[(self.at > first) & (self.at < last)]
            if not inside.size:
                continue
            causes: set[float] = set()
            for day in (self.days[column] + shift * DAY for shift in (-2, -1, 0, 1, 2)):
                causes |= self.plain.night(day).causes
            for at in inside.tolist():
                if at not in causes:
                    self.wrong(at, "a point without an anchor")
            self.tally.counts["points with a cause"] += inside.size

    def _once_a_night(self) -> None:
        is_lit = self.levels > 0
        ups = self.at[1:][~is_lit[:-1] & is_lit[1:]]
        downs = self.at[1:][is_lit[:-1] & ~is_lit[1:]]
        for name, found in (("on", ups), ("off", downs)):
            counts = np.bincount(
                np.searchsorted(self.bounds, found, side="right") - 1, minlength=len(self.days)
            )
            for column in np.nonzero(counts != 1)[0].tolist():
                self.wrong(self.bounds[column], f"switched {name} {counts[column]} times")
        self.tally.counts["plain nights, on once and off once"] += len(self.days)
        if ups.size == downs.size == len(self.days):
            self._elapsed(ups, downs)

    def _elapsed(self, ups: Instants, downs: Instants) -> None:
        """By the wall clock a night of a change is as long as others; in truth it is not."""
        for column in self._clock_changes():
            program = self.plain.program(self.days[column])
            on, off = program.window.on, program.window.off
            if not (isinstance(on, ClockAnchor) and isinstance(off, ClockAnchor)):
                continue
            first = datetime.combine(self.days[column], on.local_time)
            last = datetime.combine(self.days[column] + DAY, off.local_time)
            shift = self.bounds[column + 1] - self.bounds[column] - 86_400
            expected = (last - first).total_seconds() + shift
            changes_at = _change(self.zone, int(self.bounds[column]), int(self.bounds[column + 1]))
            if not ups[column] < changes_at < downs[column]:
                continue
            burnt = downs[column] - ups[column]
            if burnt != expected:
                self.wrong(ups[column], f"burns {burnt} s, {expected} s pass")
            self.tally.counts["nights of clock changes, elapsed hours"] += 1


def _change(zone: ZoneInfo, low: int, high: int) -> int:
    """The first second after a clock change."""
    before = at_utc(low).astimezone(zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if at_utc(middle).astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high
