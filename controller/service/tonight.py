"""How the street stands now, by zone: the figures of the operators' first page.

Taken from the engine's columns in one go, on the loop; knows nothing of who reads them.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from controller.engine.columns import Columns, Flags, Floats, Ints
from controller.service.control import Control

Codes = npt.NDArray[np.uint8]


class LampState(IntEnum):
    """How one luminaire stands, the most telling first."""

    UNKNOWN = 0
    """Never heard."""
    OFFLINE = 1
    """It, or its gateway, said that it is away."""
    FAULT = 2
    """Its last state named a fault."""
    DARK = 3
    """Asked to burn, and does not."""
    DAY_BURNING = 4
    """Asked to be off, and burns."""
    OTHER_LEVEL = 5
    """Burns at another level than asked."""
    LIT = 6
    OFF = 7


class Link(IntEnum):
    """Whether a luminaire can be reached."""

    UNKNOWN = 0
    """Neither heard nor said to be away."""
    ONLINE = 1
    OFFLINE = 2
    """It said so itself, by its last will."""
    GATEWAY_OFFLINE = 3


@dataclass(frozen=True)
class Fleet:
    """Codes of every luminaire at one instant, in the order of the inventory."""

    state: Codes
    link: Codes


@dataclass(frozen=True)
class Counts:
    """Luminaires by zone row."""

    luminaires: Ints
    should_burn: Ints
    """Asked to burn, and heard."""
    burns: Ints
    """Of these, those that do."""
    by_state: Ints
    """[`LampState`, zone]."""


def fleet(control: Control) -> Fleet:
    """States and links of all luminaires. Call it on the loop."""
    columns = control.engine.columns
    known, reachable = columns.is_known, columns.is_reachable
    link = np.where(
        ~columns.is_online,
        Link.OFFLINE,
        np.where(~reachable, Link.GATEWAY_OFFLINE, np.where(known, Link.ONLINE, Link.UNKNOWN)),
    ).astype(np.uint8)
    return Fleet(_states(columns, known, reachable), link)


def _states(columns: Columns, known: Flags, reachable: Flags) -> Codes:
    reported = columns.reported
    # One that was just asked is on its way, and not wrong yet.
    differs = known & ~np.isnan(columns.desired) & (columns.attempts > 0) & ~columns.agrees()
    state = np.where(reported > 0, LampState.LIT, LampState.OFF).astype(np.uint8)
    state[differs] = LampState.OTHER_LEVEL
    state[differs & ~(reported > 0)] = LampState.DARK
    state[differs & (reported > 0) & (columns.desired <= 0)] = LampState.DAY_BURNING
    state[columns.is_faulty] = LampState.FAULT
    state[~known] = LampState.UNKNOWN
    state[~reachable] = LampState.OFFLINE
    return state


def counts(control: Control, codes: Fleet) -> Counts:
    """Luminaires of each zone by how they stand."""
    columns = control.engine.columns
    zones = len(columns.zone_ids)
    heard = (codes.link == Link.ONLINE) & (columns.desired > 0)
    pairs = codes.state.astype(np.int64) * zones + columns.zone
    by_state = np.bincount(pairs, minlength=len(LampState) * zones).reshape(-1, zones)
    return Counts(
        luminaires=columns.luminaires_in_zone,
        should_burn=columns.by_zone(heard),
        burns=columns.by_zone(heard & (columns.reported > 0)),
        by_state=by_state,
    )


def next_levels(control: Control, next_at: Floats) -> Floats:
    """Level, %, that each zone's program takes at its next switching point; NaN before the
    first book."""
    book, columns = control.engine.book, control.engine.columns
    if book is None:
        return np.full(len(columns.zone_ids), np.nan)
    return np.array(
        [
            book.zones[zone].point_at(at).level
            for zone, at in zip(columns.zone_ids, next_at.tolist(), strict=True)
        ]
    )
