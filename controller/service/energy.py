"""The energy account over a stop: restored, caught up, saved, rolled up.

Saved after each quarter-hour and at the end, quarter-hours, totals and marks in one
transaction. What was accounted after the last save is accounted again from the marks.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from controller.engine.account import LONGEST_STOP_S
from controller.engine.account_columns import NIGHTS
from controller.engine.account_intervals import QUARTER_S
from controller.engine.account_state import (
    ACCOUNTED_AT,
    AccountState,
    SavedAccount,
    is_outlived,
    put_back,
    restore,
    take_state,
)
from controller.engine.account_totals import ZoneTotals
from controller.engine.columns import Floats
from controller.engine.engine import Engine
from controller.engine.ladder_tables import FIGURES
from controller.ports.clock import Clock
from controller.ports.energy import (
    EnergyRecord,
    EnergyState,
    NightRecord,
    PartRecord,
    ZoneTotal,
)
from controller.ports.store import Store
from controller.service.in_thread import finished
from schedules.day import control_day_of, day_bounds

_DAY: Final = timedelta(days=1)
_DAY_S: Final = 86_400
_AT_ONCE_S: Final = 6 * 3600.0
"""A stop up to so long is accounted on the loop."""
_AHEAD_S: Final = 86_400.0
"""An account further ahead than this was kept by a clock that was wrong."""


@dataclass(frozen=True)
class Retention:
    """How long the account is kept, and how finely. Control days."""

    quarter_days: int = 62
    """Quarter-hours; older ones are summed up to hours."""
    hour_days: int = 400
    """Hours; older ones are summed up to control days, which are kept for ever."""
    night_days: int = 400
    """Nights of single luminaires; older ones are forgotten."""


@dataclass(frozen=True)
class LastNight:
    """The last control day that is over, by zone row."""

    control_day: str
    """ISO date."""
    end_at: int
    """Unix seconds UTC, site time."""
    baseline_j: Floats
    used_j: Floats
    metered_j: Floats

    @property
    def saved_j(self) -> Floats:
        """Baseline minus used, J."""
        return self.baseline_j - self.used_j

    @property
    def metered_ratio(self) -> Floats:
        """Share of what was used that meters counted; 0 where nothing was used."""
        return np.divide(
            self.metered_j, self.used_j, out=np.zeros_like(self.used_j), where=self.used_j > 0
        )


class Energy:
    """The account of one service and its store. Methods that touch the store block."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        clock: Clock,
        retention: Retention | None = None,
    ) -> None:
        self._account = engine.account
        self._columns = engine.columns
        self._store = store
        self._clock = clock
        self._retention = retention or Retention()
        self._time_zone = engine.site.time_zone
        self._saved_quarter = -1
        self._stored: set[str] = set()
        """Names of the columns that the store holds."""
        self._rolled_day: date | None = None
        self.last_night: LastNight | None = None
        """None before the first night is over."""
        self._is_restored = False
        nothing = np.zeros((FIGURES + 4, len(self._columns.zone_ids)))
        self.stored = _totals(nothing)
        """Totals as the store has them. They never go back, not even by a sudden death."""

    # --- the start ----------------------------------------------------------------------

    def restore(self) -> None:
        """Take up what was kept, before the first book."""
        oldest = int(self._account.now) - (NIGHTS + 1) * _DAY_S
        kept = self._store.energy_state(oldest)
        if kept is not None and ACCOUNTED_AT in kept.marks:
            # A clock that was set back finds the account ahead: it waits there.
            saved = self._saved(kept)
            restore(self._account, saved)
            self._is_restored = True
            self.stored = _totals(saved.totals.copy())
            today = control_day_of(int(self._clock.now()), self._time_zone)
            self.last_night = self._night(today - _DAY)

    def prepare(self) -> float:
        """Before a book is compiled: the instant (Unix s) that its ladder must reach back to."""
        account, now = self._account, self._clock.now()
        is_new = not account.is_open and not self._is_restored
        if is_new or not -_AHEAD_S <= now - account.accounted_at <= LONGEST_STOP_S:
            account.begin(now)
        return account.accounted_at

    def catch_up(self) -> None:
        """After a book was adopted: account up to now, a stop by the documents."""
        if self._is_restored:
            self._account.follow_programs()
        self._is_restored = False
        self._account.catch_up(self._clock.now())

    async def catch_up_soon(self) -> None:
        """The same, a long stop in a thread; what arrives meanwhile waits."""
        if self._clock.now() - self._account.accounted_at <= _AT_ONCE_S:
            self.catch_up()
            return
        with self._account.catching_up():
            await finished(self.catch_up)

    def _saved(self, kept: EnergyState) -> SavedAccount:
        columns = self._columns
        totals = np.zeros((FIGURES + 4, len(columns.zone_ids)))
        for one in self._store.energy_totals():
            zone = columns.zone_row_of.get(one.zone)
            if zone is not None:
                totals[:, zone] = one[1:]
        rows: dict[tuple[str, ...], tuple[np.ndarray, np.ndarray]] = {}
        placed: dict[str, np.ndarray] = {}
        for name, (ids, values) in kept.columns.items():
            if ids not in rows:
                here = [(place, columns.row_of.get(one)) for place, one in enumerate(ids)]
                known = [(place, row) for place, row in here if row is not None]
                pairs = np.array(known, dtype=np.intp).reshape(-1, 2)
                rows[ids] = pairs[:, 0], pairs[:, 1]
            places, targets = rows[ids]
            column = np.zeros(columns.size, dtype=values.dtype)
            if name.startswith(("since", "meter_", "suspect_")):
                column[:] = np.nan
            elif name.startswith("heard_at"):
                column[:] = -np.inf
            elif name.startswith("follows"):
                column[:] = 1
            column[targets] = values[places]
            placed[name] = column
        used = {at // QUARTER_S: self._placed(ids, one) for at, ids, one in kept.used}
        return SavedAccount(
            kept.marks,
            totals,
            placed,
            {quarter: both[0] for quarter, both in used.items()},
            {quarter: both[1] for quarter, both in used.items()},
            {at // QUARTER_S: self._placed(ids, one) for at, ids, one in kept.asked},
        )

    def _placed(self, zones: tuple[str, ...], figures: Floats) -> Floats:
        """Figures by zones in today's order."""
        row_of = self._columns.zone_row_of
        placed = np.zeros((len(figures), len(row_of)))
        for place, name in enumerate(zones):
            if name in row_of:
                placed[:, row_of[name]] = figures[:, place]
        return placed

    # --- saving -------------------------------------------------------------------------

    def take(self, *, is_last: bool) -> AccountState | None:
        """What is to be saved: after each quarter-hour, and at the last. None: nothing."""
        now = self._clock.now()
        is_due = is_last or int(now // QUARTER_S) > self._saved_quarter
        if not self._account.is_open or self._account.is_catching_up or not is_due:
            return None
        state = take_state(self._account, now)
        self._saved_quarter = int(now // QUARTER_S)
        return state

    def put_back(self, state: AccountState) -> None:
        """It could not be saved: it stays due."""
        put_back(self._account, state)
        self._saved_quarter = -1

    def record(self, state: AccountState) -> EnergyRecord:
        """A state as the store keeps it."""
        columns, totals = self._columns, state.totals
        figures = np.vstack(
            [
                totals.asked_j,
                totals.metered_j,
                totals.modelled_j,
                totals.metered_counter_j,
                totals.modelled_counter_j,
            ]
        )
        parts = [
            PartRecord(quarter * QUARTER_S, "asked", one) for quarter, one in state.asked.items()
        ]
        parts += [
            PartRecord(quarter * QUARTER_S, "used", one) for quarter, one in state.used.items()
        ]
        return EnergyRecord(
            zones=columns.zone_ids,
            luminaires=columns.ids,
            totals=[
                ZoneTotal(name, *column)
                for name, column in zip(columns.zone_ids, figures.T.tolist(), strict=True)
            ],
            parts=parts,
            nights=[NightRecord(day, *one) for day, one in state.nights.items()],
            columns=state.columns,
            dropped=self._outlived(state),
            marks=state.marks,
        )

    def was_stored(self, state: AccountState) -> None:
        """The store has it."""
        self.stored = state.totals

    def _outlived(self, state: AccountState) -> list[str]:
        """Columns in the store that are needed no more."""
        self._stored |= state.columns.keys()
        outlived = [name for name in self._stored if is_outlived(self._account, name)]
        self._stored -= set(outlived)
        return outlived

    def tidy(self) -> None:
        """After a save: the last night's figures, and once a control day the roll-up."""
        today = control_day_of(int(self._clock.now()), self._time_zone)
        self.last_night = self._night(today - _DAY)
        if today == self._rolled_day:
            return
        keep = self._retention
        self._store.roll_up_energy(
            hours_before=day_bounds(self._time_zone, today - keep.quarter_days * _DAY)[0],
            days_before=day_bounds(self._time_zone, today - keep.hour_days * _DAY)[0],
            day_start=lambda at: day_bounds(self._time_zone, control_day_of(at, self._time_zone))[
                0
            ],
            nights_before=today - keep.night_days * _DAY,
        )
        self._rolled_day = today

    def _night(self, day: date) -> LastNight | None:
        start, end = day_bounds(self._time_zone, day)
        intervals = self._store.intervals(start, end)
        if not intervals:
            return None
        sums = np.zeros((3, len(self._columns.zone_ids)))
        for one in intervals:
            zone = self._columns.zone_row_of.get(one.zone)
            if zone is not None:
                sums[:, zone] += (one.baseline_j, one.used_j, one.metered_j)
        return LastNight(day.isoformat(), end, sums[0], sums[1], sums[2])


def _totals(figures: Floats) -> ZoneTotals:
    """Rows of `ZoneTotal`, by zones."""
    return ZoneTotals(figures[:FIGURES], *figures[FIGURES:])
