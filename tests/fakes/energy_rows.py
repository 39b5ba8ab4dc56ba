"""An account that followed its plan, worked out quarter-hour by quarter-hour."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby

import numpy as np

from controller.ports.energy import IntervalBlock, IntervalEnergy, LuminaireNight, NightBlock
from schedules import Site, SwitchingPoint, compile_baseline, compile_zone, day_bounds
from schedules.energy.previous import declared_baseline, previous_power_w
from zones import LampType, Luminaire, Zone

QUARTER_S = 900


class PlannedHistory:
    """Rows of the account as they would be had the street done what the plan says.

    `metered` is the share of what was used that meters counted, `more` a factor on what was
    used. Days in `missing` have no rows.
    """

    def __init__(
        self,
        site: Site,
        first: date,
        days: int,
        *,
        metered: float = 0.8,
        more: float = 1.0,
        missing: Collection[date] = (),
    ) -> None:
        self.site = site
        self.first, self.days = first, days
        self.metered, self.more = metered, more
        self.missing = frozenset(missing)
        self.reads = 0
        """How often rows were asked for."""

    def intervals(
        self, since: int, until: int, zones: Collection[str] | None = None
    ) -> list[IntervalEnergy]:
        """Rows that start in [since, until)."""
        self.reads += 1
        found: list[IntervalEnergy] = []
        for zone in self.site.inventory.zones:
            if zones is None or zone.id in zones:
                for day in self._days():
                    start, end = day_bounds(self.site.time_zone, day)
                    if start < until and end > since:
                        found += [
                            row
                            for row in self._zone_day(zone, day)
                            if since <= row.start_at < until
                        ]
        return found

    def luminaire_nights(
        self, first_day: date, last_day: date, luminaires: Collection[str] | None = None
    ) -> list[LuminaireNight]:
        """Rows of control days."""
        found: list[LuminaireNight] = []
        for day in self._days():
            if first_day <= day <= last_day:
                start, end = day_bounds(self.site.time_zone, day)
                for one in self.site.inventory.luminaires:
                    if luminaires is None or one.id in luminaires:
                        points = compile_zone(self.site, one.zone, start, end)
                        lit_s = sum(
                            until - since for since, until, level in _spans(points, end) if level
                        )
                        found.append(LuminaireNight(one.id, day.isoformat(), 0, 0, lit_s))
        return found

    def interval_blocks(self, since: int, until: int) -> Iterator[IntervalBlock]:
        """The same, all zones of an instant together."""
        return interval_blocks(self.intervals(since, until))

    def night_blocks(self, first_day: date, last_day: date) -> Iterator[NightBlock]:
        """The same, all luminaires of a day together."""
        rows = self.luminaire_nights(first_day, last_day)
        for day, nights in groupby(rows, key=lambda one: one.control_day):
            names, _, *figures = zip(*nights, strict=True)
            yield NightBlock(day, names, np.array(figures, dtype=np.float64))

    def energy_span(self) -> tuple[int, int] | None:
        """From when to when the rows reach."""
        days = list(self._days())
        if not days:
            return None
        zone_info = self.site.time_zone
        return day_bounds(zone_info, days[0])[0], day_bounds(zone_info, days[-1])[1]

    def _days(self) -> Iterator[date]:
        for number in range(self.days):
            day = self.first + timedelta(days=number)
            if day not in self.missing:
                yield day

    def _zone_day(self, zone: Zone, day: date) -> list[IntervalEnergy]:
        site = self.site
        start, end = day_bounds(site.time_zone, day)
        before = compile_baseline(site, zone.id, start, end)
        now = compile_zone(site, zone.id, start, end)
        lamps = [one for one in site.inventory.luminaires if one.zone == zone.id]
        types = site.inventory.lamp_type_by_id
        declared = declared_baseline(site, zone, day)
        previous_w = sum(previous_power_w(declared, zone, types[one.lamp_type]) for one in lamps)
        rows = []
        for at in range(start, end, QUARTER_S):
            full_s = _seconds(before, at, end)
            baseline = previous_w * full_s
            retrofit = _energy(lamps, types, before, at, end, full=True)
            window = _energy(lamps, types, now, at, end, full=True)
            dimmed = _energy(lamps, types, now, at, end, full=False)
            used = dimmed * self.more
            rows.append(
                IntervalEnergy(
                    zone.id, at, baseline, retrofit, window, dimmed, dimmed, dimmed, dimmed,
                    used * self.metered, used * (1 - self.metered),
                )
            )  # fmt: skip
        return rows


def interval_blocks(rows: Iterable[IntervalEnergy]) -> Iterator[IntervalBlock]:
    """Rows as blocks, by instant."""
    ordered = sorted(rows, key=lambda one: (one.start_at, one.span_s))
    for (start_at, span_s), block in groupby(ordered, key=lambda one: (one.start_at, one.span_s)):
        names, figures = zip(*((one.zone, one[2:-1]) for one in block), strict=True)
        yield IntervalBlock(start_at, span_s, names, np.array(figures).T)


def _spans(points: Sequence[SwitchingPoint], end: int) -> Iterator[tuple[int, int, float]]:
    ends = [*(point.at for point in points[1:]), end]
    for point, until in zip(points, ends, strict=True):
        yield point.at, until, point.level


def _inside(points: Sequence[SwitchingPoint], at: int, end: int) -> Iterator[tuple[float, float]]:
    """Levels within a quarter-hour, each with its seconds."""
    for since, until, level in _spans(points, end):
        lasting = min(until, at + QUARTER_S) - max(since, at)
        if lasting > 0:
            yield level, float(lasting)


def _seconds(points: Sequence[SwitchingPoint], at: int, end: int) -> float:
    return sum(lasting for level, lasting in _inside(points, at, end) if level)


def _energy(
    lamps: Sequence[Luminaire],
    types: Mapping[str, LampType],
    points: Sequence[SwitchingPoint],
    at: int,
    end: int,
    *,
    full: bool,
) -> float:
    found = 0.0
    for level, lasting in _inside(points, at, end):
        given = 100.0 if full and level else level
        found += lasting * sum(types[one.lamp_type].power_w(given) for one in lamps)
    return found
