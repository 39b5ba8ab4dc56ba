"""What of the account is kept over a stop, taken and put back.

Owns the names of the saved columns. A state is of one instant: quarter-hours, totals and the
marks of every luminaire belong together, and what comes after is accounted again from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import floor
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from controller.engine.account import Account, ZoneTotals
from controller.engine.account_columns import MARKS, NIGHT_COLUMNS, NIGHTS, OPEN, RING
from controller.engine.account_intervals import QUARTER_S
from controller.engine.account_meters import Quarantine
from controller.engine.columns import Floats

Column = npt.NDArray[Any]

ACCOUNTED_AT: Final = "accounted_at"
OPENED_AT: Final = "opened_at"
_QUARANTINED: Final = "quarantined/"
_ASKED_QUARTERS: Final = 2


@dataclass(frozen=True)
class AccountState:
    """What changed since the last one."""

    totals: ZoneTotals
    asked: Mapping[int, Floats]
    """Counterfactuals by zones of quarter-hours that changed, (7, zones)."""
    used: Mapping[int, Floats]
    """Metered and modelled by zones of quarter-hours that changed, (2, zones)."""
    nights: Mapping[str, tuple[Floats, Floats, Floats]]
    """J metered, J modelled and s burning by luminaire of nights that changed; ISO dates."""
    columns: Mapping[str, Column]
    marks: Mapping[str, float]
    open_quarters: frozenset[int] = frozenset()
    open_nights: frozenset[int] = frozenset()


@dataclass(frozen=True)
class SavedAccount:
    """What was kept, in the order of today's zones and luminaires."""

    marks: Mapping[str, float]
    totals: Floats
    """By zones: the seven counterfactuals, metered, modelled and the two counters, (11, zones)."""
    columns: Mapping[str, Column] = field(default_factory=dict)
    """New luminaires hold NaN, or 0."""
    metered: Mapping[int, Floats] = field(default_factory=dict)
    modelled: Mapping[int, Floats] = field(default_factory=dict)
    """Of quarter-hours by zones, what luminaires hold as replaceable included."""
    asked: Mapping[int, Floats] = field(default_factory=dict)
    """Counterfactuals by zones of the last quarter-hours, (7, zones)."""


def take_state(account: Account, now: float) -> AccountState:
    """Account up to ``now`` and copy what changed; it counts as saved from here on."""
    account.advance(now)
    rows, intervals = account.rows, account.intervals
    totals = account.totals()
    quarters = frozenset(intervals.changed_used)
    open_quarters = frozenset(
        one for one in account.changed_quarters if one > account.quarter - RING
    )
    last = account.night_of(account.quarter)
    open_nights = frozenset(one for one in account.changed_nights if one > last - NIGHTS)
    columns: dict[str, Column] = {
        f"{name}:{kind}": getattr(rows, name).astype(kind) for name, kind in MARKS.items()
    }
    for quarter in open_quarters:
        columns[f"{OPEN}/{quarter}:f8"] = rows.open_j[quarter % RING].copy()
    for night in open_nights:
        for name, kind in NIGHT_COLUMNS.items():
            columns[f"{name}/{night}:{kind}"] = getattr(rows, name)[night % NIGHTS].astype(kind)
    state = AccountState(
        totals=totals,
        asked={one: intervals.asked[one].copy() for one in intervals.changed_asked},
        used={
            one: np.stack([intervals.metered_in(one), account.modelled_in(one)]) for one in quarters
        },
        nights={
            date.fromordinal(night).isoformat(): (
                rows.night_metered_j[night % NIGHTS].copy(),
                account.night_modelled_j(night),
                np.maximum(rows.night_burning_s[night % NIGHTS], 0.0),
            )
            for night in open_nights
        },
        columns=columns,
        marks={
            ACCOUNTED_AT: account.accounted_at,
            OPENED_AT: account.opened_at,
            **{_QUARANTINED + one.value: float(n) for one, n in account.quarantined.items()},
        },
        open_quarters=open_quarters,
        open_nights=open_nights,
    )
    intervals.changed_asked.clear()
    intervals.changed_used.clear()
    account.changed_quarters.clear()
    account.changed_nights.clear()
    intervals.forget(
        account.quarter - _ASKED_QUARTERS, account.quarter - NIGHTS * 86_400 // QUARTER_S
    )
    return state


def is_outlived(account: Account, name: str) -> bool:
    """Whether a saved column is of a quarter-hour or night that left its ring."""
    column, _, number = name.partition(":")[0].partition("/")
    if not number:
        return False
    if column == OPEN:
        return int(number) <= account.quarter - RING
    return int(number) <= account.night_of(account.quarter) - NIGHTS


def put_back(account: Account, state: AccountState) -> None:
    """A state that could not be saved: all of it is due again."""
    intervals = account.intervals
    for quarter, figures in state.asked.items():
        intervals.asked.setdefault(quarter, figures)
        intervals.changed_asked.add(quarter)
    intervals.changed_used |= set(state.used)
    account.changed_quarters |= state.open_quarters
    account.changed_nights |= state.open_nights


def restore(account: Account, saved: SavedAccount) -> None:
    """Go on where the account stood; before its first `Account.adopt`."""
    rows, intervals = account.rows, account.intervals
    at = saved.marks[ACCOUNTED_AT]
    account.opened_at = min(account.opened_at, saved.marks.get(OPENED_AT, at))
    account.now = account.ladder.at = at
    account.quarter = floor(at / QUARTER_S)
    for reason in Quarantine:
        account.quarantined[reason] = int(saved.marks.get(_QUARANTINED + reason.value, 0))
    account.ladder.totals_j[:] = saved.totals[:7]
    account.metered_j[:], account.modelled_j[:] = saved.totals[7], saved.totals[8]
    account.metered_counter_j[:], account.modelled_counter_j[:] = saved.totals[9:]
    rows.since[:] = rows.changed_at[:] = at
    first = account.quarter - RING + 1
    last_night = account.night_of(account.quarter)
    for name, values in saved.columns.items():
        column, _, _ = name.partition(":")
        column, _, number = column.partition("/")
        if not number:
            if column in MARKS:
                target = getattr(rows, column)
                target[:] = values.astype(target.dtype)
        elif column == OPEN:
            if first <= int(number) <= account.quarter:
                rows.open_j[int(number) % RING] = values
        elif column in NIGHT_COLUMNS and last_night - NIGHTS < int(number) <= last_night:
            getattr(rows, column)[int(number) % NIGHTS] = values
    rows.since[np.isnan(rows.since)] = at
    account.restore_power()
    for quarter, asked in saved.asked.items():
        intervals.asked[quarter] = asked.copy()
    for quarter, metered in saved.metered.items():
        intervals.metered[quarter] = metered.copy()
    for quarter, modelled in saved.modelled.items():
        intervals.settled[quarter] = modelled - account.open_in(quarter)
    intervals.changed_used.clear()
