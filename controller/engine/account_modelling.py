"""What luminaires burn by the model: their reported level, or their program while mute.

Owns the columns of the account and the passing of time over them. Every quarter-hour stays
replaceable until a believed meter or the end of the ring settles it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import floor
from zoneinfo import ZoneInfo

import numpy as np

from controller.engine.account_columns import NIGHTS, RING, AccountColumns, rounds
from controller.engine.account_intervals import QUARTER_S, Intervals, NightOf
from controller.engine.account_power import PowerCurves
from controller.engine.columns import Columns, Flags, Floats, Rows
from controller.engine.faults import FaultBit
from controller.engine.ladder import Ladder
from controller.engine.ladder_tables import CLO, LadderTables
from schedules import Sensors
from zones import Inventory

MUTE_AFTER_S = 3 * 3600.0
"""A luminaire without a word for so long is mute."""

LONGEST_STOP_S = 40 * 86_400.0
"""A longer leap of time is not accounted."""

_RAMP_WITHIN_S = 5.0
"""A change reported this near a switching point of the program is that, ramp included."""

_LEVEL_TOLERANCE = 0.5


class Modelling:
    """The model of one fleet, opened at ``now`` (site time, Unix s).

    Nothing is accounted before the first `adopt`.
    """

    def __init__(self, inventory: Inventory, columns: Columns, now: float) -> None:
        self._columns = columns
        self._zones = len(columns.zone_ids)
        self._power = PowerCurves(inventory.lamp_types)
        self.rated_w: Floats = self._power.rated_w[columns.lamp_type]
        self.opened_at = now
        self.now = now
        """Site instant up to which the account has looked."""
        self.rows = AccountColumns(columns.size, now)
        self.rows.power_w[:] = self._power.standby_w[columns.lamp_type]
        self.intervals = Intervals(self._zones)
        self.ladder = Ladder(self._zones, now, self.intervals)
        self.quarter = floor(now / QUARTER_S)
        """Number of the quarter-hour that is open."""
        self.modelled_j: Floats = np.zeros(self._zones)
        self.changed_quarters: set[int] = set()
        """Open quarter-hours that changed since they were last saved."""
        self.changed_nights: set[int] = set()
        """Nights, by ordinal of the control day, that changed since they were last saved."""
        self.night_of = NightOf(ZoneInfo(inventory.city.time_zone))
        self._waiting: list[Callable[[], None]] | None = None
        """What arrived while a stop is accounted; None: nothing has to wait."""

    @property
    def accounted_at(self) -> float:
        """Up to here the ladder is accounted, Unix s, site time."""
        return self.ladder.at

    @property
    def is_open(self) -> bool:
        """Whether a first book was adopted."""
        return self.ladder.tables is not None

    @property
    def power_w(self) -> Floats:
        """Present input power by the model, W."""
        tables, rows = self.ladder.tables, self.rows
        if tables is None or not rows.follows.any():
            return rows.power_w.copy()
        curves = tables.curve[CLO - 1]
        entry = tables.asked.entry_of(curves, np.full(len(curves), self.now))
        by_program = tables.power.power_w(tables.lamp_type, tables.asked.level[entry])
        return np.where(rows.follows, by_program[tables.group_of_row], rows.power_w)

    # --- time ---------------------------------------------------------------------------

    def adopt(self, tables: LadderTables) -> None:
        """Account by other documents from the last `advance` on; the first call opens.

        ``tables`` must reach back to `accounted_at`.
        """
        if self.is_open:
            self._model_until(self.now)
            self.ladder.advance(self.now)
        self.ladder.adopt(tables)

    def advance(self, now: float) -> None:
        """Account everything up to ``now``; nothing while a stop is being accounted."""
        if self._waiting is None:
            self.catch_up(now)

    def catch_up(self, now: float) -> None:
        """The same, though it be a stop that is accounted beside the loop."""
        if not self.is_open:
            return
        self._roll_to(now)
        self._model_until(self.now)
        self.ladder.advance(self.now)

    def keep_up(self, now: float, sensors: Sensors | None = None) -> None:
        """Close quarter-hours that are over; with ``sensors`` look at the rules anew.

        Cheap where neither is to be done: for every pass of the loop.
        """
        if not self.is_open or self._waiting is not None:
            return
        self._roll_to(now)
        if sensors is not None:
            self.ladder.advance(self.now, sensors)

    @property
    def is_catching_up(self) -> bool:
        """Whether a stop is being accounted, and what arrives waits."""
        return self._waiting is not None

    @contextmanager
    def catching_up(self) -> Iterator[None]:
        """What arrives meanwhile is taken at the end: a long stop is accounted in a thread."""
        self._waiting = []
        try:
            yield
        finally:
            waiting, self._waiting = self._waiting or [], None
            for take in waiting:
                take()

    def follow_programs(self) -> None:
        """Nobody listened: every luminaire with a clock is taken to have done as told."""
        rows = self.rows
        rows.follows |= self._columns.has_clock
        rows.changed_at[:] = rows.since

    def _roll_to(self, now: float) -> None:
        if now > self.now + LONGEST_STOP_S:
            return  # no stop, but a clock gone astray
        self.now = max(self.now, now)
        while self.now >= (self.quarter + 1) * QUARTER_S:
            end = (self.quarter + 1.0) * QUARTER_S
            self._model_until(end)
            self.ladder.advance(end)
            self._follow_where_mute(end)
            self._next_quarter()

    def _next_quarter(self) -> None:
        rows, intervals = self.rows, self.intervals
        quarter = self.quarter + 1
        slot, leaving = quarter % RING, quarter - RING
        if rows.open_j[slot].any():
            night = self.night_of(leaving)
            intervals.add_settled(leaving, self._by_zone(rows.open_j[slot]))
            rows.night_open_j[night % NIGHTS] += rows.open_j[slot]
            rows.open_j[slot] = 0.0
            self.changed_nights.add(night)
        if self.night_of(quarter) != self.night_of(self.quarter):
            slot = self.night_of(quarter) % NIGHTS
            rows.expired_j += rows.night_open_j[slot]
            for column in (
                rows.night_open_j,
                rows.night_metered_j,
                rows.night_settled_j,
                rows.night_burning_s,
            ):
                column[slot] = 0.0
            self.changed_nights.add(self.night_of(self.quarter))
        self.quarter = quarter

    def _model_until(self, until: float) -> None:
        """Bring every row up to an instant of the open quarter-hour."""
        rows = self.rows
        seconds = np.maximum(until - rows.since, 0.0)
        if not seconds.any():
            return
        energy_j = rows.power_w * seconds
        lit_s = np.where(rows.is_lit, seconds, 0.0)
        follows = np.flatnonzero(rows.follows & (seconds > 0))
        if follows.size:
            since = rows.since[follows]
            first = float(since[0])
            if (since == first).all():
                per_group, lit = self._programmed(first, until)
                group = self._tables.group_of_row[follows]
                energy_j[follows], lit_s[follows] = per_group[group], lit[group]
            else:
                energy_j[follows], lit_s[follows] = self._programmed_rows(
                    follows, since, np.full(follows.size, until)
                )
        rows.open_j[self.quarter % RING] += energy_j
        rows.night_burning_s[self.night_of(self.quarter) % NIGHTS] += lit_s
        self.modelled_j += self._by_zone(energy_j)
        np.maximum(rows.since, until, out=rows.since)
        self._changed(self.quarter)

    @property
    def _tables(self) -> LadderTables:
        assert self.ladder.tables is not None, "the account is open"
        return self.ladder.tables

    def _programmed(self, since: float, until: float) -> tuple[Floats, Floats]:
        """Joules and lit seconds of one luminaire of each group, by its program."""
        tables = self._tables
        curve = tables.curve[CLO - 1]
        begin, end = np.full(len(curve), since), np.full(len(curve), until)
        return (
            tables.asked.energy_j(curve, end) - tables.asked.energy_j(curve, begin),
            tables.asked.lit_s(curve, end) - tables.asked.lit_s(curve, begin),
        )

    def _programmed_rows(self, which: Rows, since: Floats, until: Floats) -> tuple[Floats, Floats]:
        """The same of some rows, each in a span of its own."""
        asked, curve = self._tables.asked, self._curve_of(which)
        return (
            asked.energy_j(curve, until) - asked.energy_j(curve, since),
            asked.lit_s(curve, until) - asked.lit_s(curve, since),
        )

    def _curve_of(self, which: Rows) -> Rows:
        tables = self._tables
        curve: Rows = tables.curve[CLO - 1][tables.group_of_row[which]]
        return curve

    def _modelled(self, which: Rows, since: Floats, until: Floats) -> tuple[Floats, Floats]:
        """Joules and lit seconds of rows by what they are modelled by now."""
        rows = self.rows
        seconds = np.maximum(until - since, 0.0)
        energy_j = rows.power_w[which] * seconds
        lit_s = np.where(rows.is_lit[which], seconds, 0.0)
        follows = np.flatnonzero(rows.follows[which])
        if follows.size:
            energy_j[follows], lit_s[follows] = self._programmed_rows(
                which[follows], since[follows], since[follows] + seconds[follows]
            )
        return energy_j, lit_s

    def _by_zone(self, values: Floats, which: Rows | None = None) -> Floats:
        zone = self._columns.zone if which is None else self._columns.zone[which]
        return np.bincount(zone, weights=values, minlength=self._zones).astype(np.float64)

    def _changed(self, quarter: int) -> None:
        self.intervals.note(quarter)
        self.changed_quarters.add(quarter)
        self.changed_nights.add(self.night_of(quarter))

    # --- levels -------------------------------------------------------------------------

    def set_levels(self, rows: Rows, levels: Floats, at: Floats) -> None:
        """Luminaires hold ``levels`` (%) since ``at`` (site time), which is not ahead of now.

        A row may stand several times; its entries are taken in order. Faults that the row's
        column holds decide what the level means for its power.
        """
        if not self.is_open or not len(rows):
            return
        if self._waiting is not None:
            self._waiting.append(partial(self.set_levels, rows, levels, at))
            return
        self._roll_to(float(at.max()))
        for part in rounds(rows):
            self._set_levels(rows[part], levels[part], at[part])

    def _set_levels(self, which: Rows, levels: Floats, at: Floats) -> None:
        rows, columns = self.rows, self._columns
        bits, kinds = columns.fault_bits[which], columns.lamp_type[which]
        lit = levels > 0
        level = np.where(lit & ((bits & FaultBit.DIMMING_FAILURE) > 0), 100.0, levels)
        level = np.where((bits & FaultBit.LAMP_FAILURE) > 0, 0.0, level)
        power_w = self._power.power_w(kinds, level)
        begin = np.maximum(self._begins(which, level, at), rows.changed_at[which])
        late = np.flatnonzero(begin < rows.since[which])
        if late.size:
            self._remodel(which[late], begin[late], power_w[late], level[late] > 0)
        early = np.flatnonzero(begin > rows.since[which])
        if early.size:
            self._model_rows(which[early], begin[early])
        rows.level[which] = level
        rows.power_w[which] = power_w
        rows.is_lit[which] = level > 0
        rows.follows[which] = False
        rows.changed_at[which] = begin
        rows.heard_at[which] = np.maximum(rows.heard_at[which], np.maximum(at, self.now))

    def _begins(self, which: Rows, level: Floats, at: Floats) -> Floats:
        """From when on a reported level counts."""
        rows, asked, curve = self.rows, self._tables.asked, self._curve_of(which)
        assumed = rows.follows[which]
        # Of what was modelled by program only the part since its last point is in doubt, and
        # nothing where the word is what the program says.
        entry = asked.entry_of(curve, np.full(which.size, self.now))
        point_at, _ = asked.point_at(entry)
        is_as_told = np.abs(asked.level[entry] - level) <= _LEVEL_TOLERANCE
        doubted = np.maximum(at, np.where(is_as_told, rows.since[which], point_at))
        # A step that is a ramp of the program counts from when it uses as much as the ramp.
        entry = asked.entry_of(curve, at + _RAMP_WITHIN_S)
        point_at, ramp_s = asked.point_at(entry)
        is_point = (np.abs(at - point_at) <= _RAMP_WITHIN_S) & (
            np.abs(asked.level[entry] - level) <= _LEVEL_TOLERANCE
        )
        kinds = self._columns.lamp_type[which]
        ramp_s = np.where(is_point, ramp_s, 0.0)
        stepped = at + self._delay_s(kinds, rows.level[which], level, ramp_s)
        return np.where(assumed, doubted, stepped)

    def _delay_s(self, kinds: Rows, before: Floats, level: Floats, ramp_s: Floats) -> Floats:
        """Seconds by which a step would have to be later to use as much as the ramp does."""
        ramps = (ramp_s > 0) & self._power.is_dimmable[kinds]
        high, low = self._power.power_w(kinds, level), self._power.power_w(kinds, before)
        mean = self._power.mean_w(kinds, before, level)
        share = np.divide(high - mean, high - low, out=np.zeros_like(high), where=high != low)
        return np.where(ramps, ramp_s * np.clip(share, 0.0, 1.0), 0.0)

    def _model_rows(self, which: Rows, until: Floats) -> None:
        """Bring some rows up to instants of the open quarter-hour."""
        rows = self.rows
        energy_j, lit_s = self._modelled(which, rows.since[which], until)
        rows.open_j[self.quarter % RING, which] += energy_j
        rows.night_burning_s[self.night_of(self.quarter) % NIGHTS, which] += lit_s
        self.modelled_j += self._by_zone(energy_j, which)
        rows.since[which] = until
        self._changed(self.quarter)

    def _remodel(self, which: Rows, begin: Floats, power_w: Floats, is_lit: Flags) -> None:
        """Rows were at another power since ``begin``: take back what was modelled since.

        As far back as the ring reaches, and not before the last believed reading.
        """
        rows = self.rows
        begin = np.fmax(begin, rows.meter_at[which])
        for quarter in self._ring_since(float(begin.min())):
            since = np.maximum(begin, quarter * QUARTER_S)
            end = rows.since[which]
            if quarter < self.quarter:
                end = np.minimum(end, (quarter + 1.0) * QUARTER_S)
            inside = np.flatnonzero(end > since)
            if not inside.size:
                continue
            some, seconds = which[inside], (end - since)[inside]
            was_j, was_lit_s = self._modelled(some, since[inside], end[inside])
            slot = quarter % RING
            open_j = rows.open_j[slot, some]
            now_j = np.maximum(open_j + power_w[inside] * seconds - was_j, 0.0)
            rows.open_j[slot, some] = now_j
            self.modelled_j += self._by_zone(now_j - open_j, some)
            night = self.night_of(quarter) % NIGHTS
            lit_s = np.where(is_lit[inside], seconds, 0.0) - was_lit_s
            rows.night_burning_s[night, some] += lit_s
            self._changed(quarter)

    def _ring_since(self, since: float) -> Iterator[int]:
        first = max(floor(since / QUARTER_S), self.quarter - RING + 1)
        return iter(range(first, self.quarter + 1))

    def _follow_where_mute(self, at: float) -> None:
        """Luminaires that missed a switching point of their program without a word."""
        rows, columns = self.rows, self._columns
        held = ~rows.follows & columns.has_clock
        silent = held & (~columns.is_reachable | (rows.heard_at < at - MUTE_AFTER_S))
        which = np.flatnonzero(silent)
        if not which.size:
            return
        asked, curve = self._tables.asked, self._curve_of(which)
        point_at, _ = asked.point_at(asked.entry_of(curve, np.full(which.size, at)))
        missed = point_at > rows.heard_at[which]
        which, point_at = which[missed], point_at[missed]
        if not which.size:
            return
        begin = np.minimum(np.maximum(point_at, rows.changed_at[which]), at)
        # First as if nothing had been drawn since, then what the program says.
        nothing = np.zeros(which.size)
        self._remodel(which, begin, nothing, np.zeros(which.size, dtype=np.bool_))
        rows.follows[which] = True
        rows.changed_at[which] = begin
        begin = np.fmax(begin, rows.meter_at[which])
        for quarter in self._ring_since(float(begin.min())):
            since = np.maximum(begin, quarter * QUARTER_S)
            end = np.minimum(rows.since[which], (quarter + 1.0) * QUARTER_S)
            inside = np.flatnonzero(end > since)
            if inside.size:
                some = which[inside]
                energy_j, lit_s = self._programmed_rows(some, since[inside], end[inside])
                rows.open_j[quarter % RING, some] += energy_j
                rows.night_burning_s[self.night_of(quarter) % NIGHTS, some] += lit_s
                self.modelled_j += self._by_zone(energy_j, some)
                self._changed(quarter)
