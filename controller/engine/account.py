"""The energy account: joules used, metered where believable and modelled elsewhere.

What a luminaire burns is modelled by the level that it reports, or by its program while it is
mute, into quarter-hours that stay replaceable. A believed reading of its meter puts the
metered energy in their place, spread in the shape of the model: replaced, never added.
"""

from functools import partial
from math import floor

import numpy as np

from controller.engine.account_columns import NIGHTS, RING, rounds
from controller.engine.account_intervals import QUARTER_S
from controller.engine.account_meters import (
    FUTURE_S,
    JOULES_PER_WH,
    Quarantine,
    Readings,
    judge,
)
from controller.engine.account_modelling import (
    LONGEST_STOP_S,
    MUTE_AFTER_S,
    Modelling,
)
from controller.engine.account_totals import ZoneTotals
from controller.engine.columns import Columns, Flags, Floats, Rows
from zones import Inventory

__all__ = ["LONGEST_STOP_S", "Account", "Quarantine", "ZoneTotals"]

_NOTHING_J = 1e-6


class Account(Modelling):
    """The account of one fleet, opened at ``now`` (site time, Unix s).

    Nothing is accounted before the first `adopt`.
    """

    def __init__(self, inventory: Inventory, columns: Columns, now: float) -> None:
        super().__init__(inventory, columns, now)
        self._fastest_w: Floats = self._power.highest_w[columns.lamp_type]
        self.metered_j: Floats = np.zeros(self._zones)
        self.metered_counter_j: Floats = np.zeros(self._zones)
        self.modelled_counter_j: Floats = np.zeros(self._zones)
        self.quarantined: dict[Quarantine, int] = dict.fromkeys(Quarantine, 0)

    def totals(self) -> ZoneTotals:
        """Joules by zone row as of the last `advance`; arrays of the caller's own."""
        settled_j = self.modelled_j - self._pending_j()
        self.modelled_counter_j = np.maximum(self.modelled_counter_j, settled_j)
        # What the modelled counter cannot take back, the metered one does not add again.
        metered_j = self.metered_j + settled_j - self.modelled_counter_j
        self.metered_counter_j = np.maximum(self.metered_counter_j, metered_j)
        return ZoneTotals(
            self.ladder.totals_j.copy(),
            self.metered_j.copy(),
            self.modelled_j.copy(),
            self.metered_counter_j.copy(),
            self.modelled_counter_j.copy(),
        )

    def _pending_j(self) -> Floats:
        """Modelled for now, by zone: a meter that was heard lately will soon tell."""
        rows = self.rows
        lately = rows.meter_at > self.now - MUTE_AFTER_S
        if not lately.any():
            return np.zeros(self._zones)
        open_j = np.zeros(len(lately))
        for quarter in self._ring_since(self.now - MUTE_AFTER_S):
            open_j += rows.open_j[quarter % RING]
        return self._by_zone(np.where(lately, open_j, 0.0))

    def begin(self, now: float) -> None:
        """Account from ``now`` on; what was between is left out, the totals stay."""
        rows = self.rows
        if self.accounted_at < now:
            everyone = np.arange(self._columns.size)
            self._settle(everyone, np.full(everyone.size, np.inf))
        self.opened_at = self.now = now
        self.ladder.begin(now)
        self.quarter = floor(now / QUARTER_S)
        rows.since[:] = rows.changed_at[:] = now
        rows.meter_at[:] = rows.suspect_at[:] = np.nan
        rows.heard_at[:] = -np.inf
        for column in (
            rows.open_j,
            rows.night_open_j,
            rows.night_metered_j,
            rows.night_settled_j,
            rows.night_burning_s,
        ):
            column[:] = 0.0

    # --- meters -------------------------------------------------------------------------

    def measure(self, rows: Rows, at: Floats, energy_wh: Floats, now: float) -> None:
        """Counter readings in Wh at ``at`` (site time), arrived at ``now``.

        A row may stand several times; its entries are taken in order.
        """
        if not self.is_open or not len(rows):
            return
        if self._waiting is not None:
            self._waiting.append(partial(self.measure, rows, at, energy_wh, now))
            return
        self._roll_to(now)
        # Whoever sends what cannot be believed is not mute.
        self.rows.heard_at[rows] = np.maximum(self.rows.heard_at[rows], self.now)
        sound = np.isfinite(at) & np.isfinite(energy_wh) & (energy_wh >= 0)
        self._count(Quarantine.MALFORMED, ~sound)
        ahead = sound & (at > now + FUTURE_S)
        self._count(Quarantine.FUTURE, ahead)
        taken = np.flatnonzero(sound & ~ahead)
        rows, at, energy_wh = rows[taken], at[taken], energy_wh[taken]
        for part in rounds(rows):
            self._measure(rows[part], at[part], energy_wh[part])

    def _count(self, reason: Quarantine, flags: Flags) -> None:
        self.quarantined[reason] += int(np.count_nonzero(flags))

    def _measure(self, which: Rows, at: Floats, energy_wh: Floats) -> None:
        rows = self.rows
        known = rows.meter_at[which]
        is_first = np.isnan(known)
        again = (at == known) & (energy_wh == rows.meter_wh[which])
        # A suspect that comes again proves nothing.
        again |= (at == rows.suspect_at[which]) & (energy_wh == rows.suspect_wh[which])
        late = np.where(is_first, at < self.opened_at, at <= known) & ~again
        late |= (at <= rows.suspect_at[which]) & ~again
        self._count(Quarantine.DUPLICATE, again)
        self._count(Quarantine.LATE, late)
        first = np.flatnonzero(is_first & ~late & ~again)
        if first.size:
            self._begin(which[first], at[first], energy_wh[first])
        later = np.flatnonzero(~is_first & ~late & ~again)
        if later.size:
            self._compare(which[later], at[later], energy_wh[later])

    def _begin(self, which: Rows, at: Floats, energy_wh: Floats) -> None:
        """Meter from here on; what was modelled before stands."""
        rows = self.rows
        until = np.minimum(at, self.now)
        self._catch_up(which, until)
        self._settle(which, until)
        rows.meter_at[which], rows.meter_wh[which] = at, energy_wh

    def _catch_up(self, which: Rows, until: Floats) -> None:
        behind = np.flatnonzero(until > self.rows.since[which])
        if behind.size:
            self._model_rows(which[behind], until[behind])

    def _compare(self, which: Rows, at: Floats, energy_wh: Floats) -> None:
        rows = self.rows
        until = np.minimum(at, self.now)
        self._catch_up(which, until)
        open_j = self._open(which, until)
        modelled_j = sum((one for _, one in open_j), np.zeros(which.size))
        modelled_j += rows.night_open_j[:, which].sum(axis=0) + rows.expired_j[which]
        suspect_at = rows.suspect_at[which]
        verdict = judge(
            Readings(
                span_s=at - rows.meter_at[which],
                grown_j=(energy_wh - rows.meter_wh[which]) * JOULES_PER_WH,
                modelled_j=modelled_j,
                fastest_w=self._fastest_w[which],
                was_stuck=rows.was_stuck[which],
                suspect_span_s=at - suspect_at,
                suspect_grown_j=(energy_wh - rows.suspect_wh[which]) * JOULES_PER_WH,
                suspect_modelled_j=self._modelled_since(which, suspect_at, open_j),
                agreed=rows.agreed[which],
                slow=rows.slow[which],
                measured_w=np.where(
                    self._columns.measured_at[which] == until,
                    self._columns.measured_w[which],
                    np.nan,
                ),
            )
        )
        self._count(Quarantine.BACKWARDS, verdict.backwards)
        self._count(Quarantine.TOO_FAST, verdict.too_fast)
        self._count(Quarantine.STUCK, verdict.stuck)
        resumed = np.flatnonzero(verdict.resumed)
        if resumed.size:
            some = which[resumed]
            self._settle(some, np.minimum(suspect_at[resumed], until[resumed]))
            rows.meter_at[some] = rows.suspect_at[some]
            rows.meter_wh[some] = rows.suspect_wh[some]
        believed = np.flatnonzero(verdict.believed | verdict.resumed)
        if believed.size:
            self._replace(which[believed], at[believed], energy_wh[believed])
        rows.agreed[which[verdict.agrees]] += 1
        rows.slow[which] = np.where(verdict.slow, rows.slow[which] + 1, 0)
        settled = verdict.believed | verdict.resumed | verdict.waits
        moved = np.flatnonzero(~settled & ~verdict.keeps_suspect)
        some = which[moved]
        rows.suspect_at[some], rows.suspect_wh[some] = at[moved], energy_wh[moved]
        rows.agreed[some] = 0
        rows.was_stuck[some] = verdict.stuck[moved] & ~verdict.backwards[moved]

    def _open(self, which: Rows, until: Floats) -> list[tuple[int, Floats]]:
        """Replaceable joules of rows up to an instant each, by quarter-hour of the ring."""
        rows = self.rows
        since = np.fmax(rows.meter_at[which], self.opened_at)
        found: list[tuple[int, Floats]] = []
        for quarter in self._ring_since(float(since.min())):
            energy_j = rows.open_j[quarter % RING, which]
            energy_j = energy_j - self._after(which, until, quarter, energy_j)
            found.append((quarter, energy_j))
        return found

    def _after(self, which: Rows, at: Floats, quarter: int, energy_j: Floats) -> Floats:
        """Of the replaceable joules of a quarter-hour those after an instant."""
        start, end = quarter * float(QUARTER_S), (quarter + 1.0) * QUARTER_S
        after = np.where(at <= start, energy_j, 0.0)
        split = np.flatnonzero((at > start) & (at < end) & (at < self.rows.since[which]))
        if split.size:
            some = which[split]
            until = np.minimum(self.rows.since[some], end)
            rest_j, _ = self._modelled(some, at[split], np.maximum(until, at[split]))
            after[split] = np.minimum(rest_j, energy_j[split])
        return after

    def _modelled_since(
        self, which: Rows, since: Floats, open_j: list[tuple[int, Floats]]
    ) -> Floats:
        """About what is modelled since an instant each; 0 where it is NaN."""
        summed = np.zeros(which.size)
        if np.isnan(since).all():
            return summed
        for quarter, energy_j in open_j:
            into = np.clip(((quarter + 1.0) * QUARTER_S - since) / QUARTER_S, 0.0, 1.0)
            summed += np.where(np.isnan(into), 0.0, into) * energy_j
        return summed

    def _settle(self, which: Rows, until: Floats) -> None:
        """What is modelled up to an instant each stands for good."""
        rows, intervals = self.rows, self.intervals
        for quarter in self._ring_since(self.opened_at):
            slot = quarter % RING
            energy_j = rows.open_j[slot, which]
            if not energy_j.any():
                continue
            after = self._after(which, until, quarter, energy_j)
            settled = energy_j - after
            rows.open_j[slot, which] = after
            intervals.add_settled(quarter, self._by_zone(settled, which))
            rows.night_settled_j[self.night_of(quarter) % NIGHTS, which] += settled
            self._changed(quarter)
        rows.expired_j[which] = 0.0
        for night in self._open_nights(which):
            slot = night % NIGHTS
            rows.night_settled_j[slot, which] += rows.night_open_j[slot, which]
            rows.night_open_j[slot, which] = 0.0
            self.changed_nights.add(night)

    def _open_nights(self, which: Rows) -> list[int]:
        """Nights of which some row still holds replaceable joules beside the ring."""
        last = self.night_of(self.quarter)
        held: Flags = np.any(self.rows.night_open_j[:, which] != 0, axis=1)
        return [night for night in range(last - NIGHTS + 1, last + 1) if held[night % NIGHTS]]

    def _replace(self, which: Rows, at: Floats, energy_wh: Floats) -> None:
        """Metered energy takes the place of what was modelled, in the model's shape."""
        rows = self.rows
        until = np.minimum(at, self.now)
        grown_j = (energy_wh - rows.meter_wh[which]) * JOULES_PER_WH
        open_j = self._open(which, until)
        weights = [one for _, one in open_j]
        held = sum(weights, np.zeros(which.size)) + rows.night_open_j[:, which].sum(axis=0)
        # Of a gap longer than the account can change, the rest alone is replaced.
        expired_j = rows.expired_j[which]
        whole_j = held + expired_j
        grown_j *= np.divide(held, whole_j, out=np.ones_like(held), where=expired_j > 0)
        rows.expired_j[which] = 0.0
        shapeless = held <= _NOTHING_J
        if shapeless.any():
            begin = np.maximum(rows.meter_at[which], self.opened_at)
            for place, (quarter, _) in enumerate(open_j):
                inside = np.minimum(until, (quarter + 1.0) * QUARTER_S) - np.maximum(
                    begin, quarter * QUARTER_S
                )
                weights[place] = np.where(shapeless, np.maximum(inside, 0.0), weights[place])
            spread = sum(weights, np.zeros(which.size))
            held = np.where(shapeless, spread, held)
        share = np.divide(grown_j, held, out=np.zeros_like(held), where=held > 0)
        lost_j = np.where(held > 0, 0.0, grown_j)
        for (quarter, replaced_j), weight in zip(open_j, weights, strict=True):
            if not weight.any():
                continue
            metered_j = weight * share
            if quarter == self.quarter:
                metered_j = metered_j + lost_j
                lost_j = np.zeros(which.size)
            rows.open_j[quarter % RING, which] -= replaced_j
            self.intervals.add_metered(quarter, self._by_zone(metered_j, which))
            rows.night_metered_j[self.night_of(quarter) % NIGHTS, which] += metered_j
            self.modelled_j -= self._by_zone(replaced_j, which)
            self._changed(quarter)
        if lost_j.any():
            self.intervals.add_metered(self.quarter, self._by_zone(lost_j, which))
            rows.night_metered_j[self.night_of(self.quarter) % NIGHTS, which] += lost_j
        self._replace_nights(which, share)
        self.metered_j += self._by_zone(grown_j, which)
        rows.meter_at[which], rows.meter_wh[which] = at, energy_wh
        rows.suspect_at[which] = rows.suspect_wh[which] = np.nan
        rows.agreed[which] = 0
        rows.was_stuck[which] = False

    def _replace_nights(self, which: Rows, share: Floats) -> None:
        """The same of quarter-hours that left the ring, in the shape of the zone's night."""
        rows, intervals = self.rows, self.intervals
        for night in self._open_nights(which):
            slot = night % NIGHTS
            replaced_j = rows.night_open_j[slot, which]
            metered_j = replaced_j * share
            rows.night_metered_j[slot, which] += metered_j
            rows.night_open_j[slot, which] = 0.0
            by_zone, back = self._by_zone(metered_j, which), self._by_zone(replaced_j, which)
            self.modelled_j -= back
            quarters = [one for one in intervals.settled if self.night_of(one) == night]
            shape = np.array([intervals.settled[one] for one in quarters])
            whole = shape.sum(axis=0)
            shares = np.divide(shape, whole, out=np.zeros_like(shape), where=whole > 0)
            for quarter, part in zip(quarters, shares, strict=True):
                intervals.add_metered(quarter, part * by_zone)
                intervals.add_settled(quarter, -part * back)
            self.changed_nights.add(night)

    # --- how it stands ------------------------------------------------------------------

    def open_in(self, quarter: int) -> Floats:
        """What luminaires hold as replaceable in a quarter-hour, by zone, J."""
        if self.quarter - RING < quarter <= self.quarter:
            return self._by_zone(self.rows.open_j[quarter % RING])
        return np.zeros(self._zones)

    def modelled_in(self, quarter: int) -> Floats:
        """What is modelled in a quarter-hour, by zone, J."""
        modelled = self.intervals.settled_in(quarter) + self.open_in(quarter)
        # Taking back what was added leaves a rounding error.
        return np.maximum(modelled, 0.0)

    def restore_power(self) -> None:
        """Power and light follow from the level that was kept."""
        rows = self.rows
        rows.power_w[:] = self._power.power_w(self._columns.lamp_type, rows.level)
        rows.is_lit[:] = rows.level > 0

    def night_modelled_j(self, night: int) -> Floats:
        """What is modelled in a night, by luminaire, J."""
        slot = night % NIGHTS
        modelled: Floats = self.rows.night_settled_j[slot] + self.rows.night_open_j[slot]
        for quarter in range(max(0, self.quarter - RING + 1), self.quarter + 1):
            if self.night_of(quarter) == night:
                modelled = modelled + self.rows.open_j[quarter % RING]
        return modelled
