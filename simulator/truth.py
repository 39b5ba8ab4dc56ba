"""What truly happened between two changes: energy, light, burning hours.

Owns the exact integrals, faults of the lamp included, and tells a witness (the oracle) of
every stretch. Nothing here depends on how often it is called.
"""

from typing import Protocol

import numpy as np

from simulator.causes import EXPIRED, FAULT, OUTAGE, SOFTWARE
from simulator.columns import FAILSAFE, Columns, Flags, Floats, Ints


class Witness(Protocol):
    """Who is told what the lamps truly did."""

    def observe(
        self,
        rows: Ints,
        since: Floats,
        until: Floats,
        level_from: Floats,
        level_to: Floats,
        is_lit: Flags,
        cause: Ints,
    ) -> None:
        """[since, until) of some rows, each at most once, on one straight line of level.

        ``cause`` is of `simulator.causes`: why it is wrong, where it is wrong.
        """


def integrate(columns: Columns, rows: Ints, until: Floats, witness: Witness | None) -> None:
    """Bring the sums of ``rows`` up to ``until``, which no change lies before."""
    ramp_end = np.clip(columns.ramp_end[rows], columns.since[rows], until)
    ramping = ramp_end > columns.since[rows]
    if ramping.any():
        _stretch(columns, rows[ramping], ramp_end[ramping], witness)
    _stretch(columns, rows, until, witness)


def lamp_levels(columns: Columns, rows: Ints, gear: Floats, is_asked: Flags) -> Floats:
    """Level of the lamp's light where the gear is at level ``gear``: faults decide."""
    faults = columns.faults
    is_fixed = faults.dimming_failed[rows] | ~columns.is_dimmable[rows]
    level = np.where(is_fixed, np.where(is_asked, 100.0, 0.0), gear)
    level = np.where(faults.stuck_on[rows] & ~is_asked, 100.0, level)
    return np.where(_is_dead(columns, rows), 0.0, level)


def is_lit(columns: Columns, rows: Ints) -> Flags:
    """True where the lamp burns, or is on its way to it: going out counts as dark."""
    faults = columns.faults
    asked = columns.level[rows] > 0
    return (asked | faults.stuck_on[rows]) & ~_is_dead(columns, rows)


def power_w(columns: Columns, rows: Ints, at: Floats) -> Floats:
    """Input power at site instants at or after the last change, W."""
    level = lamp_levels(columns, rows, columns.level_at(rows, at), columns.level[rows] > 0)
    return columns.lamps.power_w(columns.lamp_type[rows], level) * _supply(columns, rows)


def cause_of(columns: Columns, rows: Ints, is_asked: Flags, is_lit: Flags, since: Floats) -> Ints:
    """Whom to hold answerable where the rows are wrong from ``since`` on."""
    faults = columns.faults
    # A fault explains what the gear did not ask for; and all of a misled luminaire.
    is_misled = np.isfinite(faults.reboot_every_s[rows]) | (faults.clock_offset_s[rows] != 0)
    is_expired = (columns.source[rows] == FAILSAFE) & (columns.program_rev[rows] > 0)
    cause = np.where(is_expired, EXPIRED, SOFTWARE)
    cause = np.where(is_misled | (is_lit != is_asked), FAULT, cause)
    cause = np.where(since < columns.booted_at[rows], columns.boot_cause[rows], cause)
    return np.where(columns.outages[rows] > 0, OUTAGE, cause)


def _is_dead(columns: Columns, rows: Ints) -> Flags:
    dead: Flags = columns.faults.lamp_failed[rows] | columns.is_out[rows]
    return dead | (columns.outages[rows] > 0)


def _supply(columns: Columns, rows: Ints) -> Floats:
    """Factor on the lamp type's power: none without supply, a wrong one by a fault."""
    return np.where(columns.outages[rows] > 0, 0.0, columns.faults.power_scale[rows])


def _stretch(columns: Columns, rows: Ints, until: Floats, witness: Witness | None) -> None:
    since = columns.since[rows]
    seconds = until - since
    asked = columns.level[rows] > 0
    lit = is_lit(columns, rows)
    level_from = lamp_levels(columns, rows, columns.level_at(rows, since), asked)
    level_to = lamp_levels(columns, rows, columns.level_at(rows, until), asked)
    columns.energy_j[rows] += _supply(columns, rows) * columns.lamps.energy_j(
        columns.lamp_type[rows], level_from, level_to, seconds
    )
    columns.burning_s[rows] += np.where(lit, seconds, 0.0)
    columns.light_percent_s[rows] += _light(columns, rows, since, until, level_from, level_to)
    if witness is not None:
        cause = cause_of(columns, rows, asked, lit, since)
        witness.observe(rows, since, until, level_from, level_to, lit, cause)
    columns.since[rows] = until


def _light(
    columns: Columns,
    rows: Ints,
    since: Floats,
    until: Floats,
    level_from: Floats,
    level_to: Floats,
) -> Floats:
    """Light over a stretch, percent-seconds: level times warmth, each straight in time."""
    warm_up_s = columns.warm_up_s[rows]
    ignited = columns.ignited_at[rows]
    warm_at = np.clip(ignited + warm_up_s, since, until)
    width = until - since
    share = np.divide(warm_at - since, width, out=np.zeros_like(width), where=width > 0)
    level_warm = level_from + (level_to - level_from) * share

    def warmth(at: Floats) -> Floats:
        ratio = np.divide(at - ignited, warm_up_s, out=np.ones_like(at), where=warm_up_s > 0)
        return np.clip(ratio, 0.0, 1.0)

    begin, end = warmth(since), warmth(warm_at)
    # The integral of a product of two straight lines.
    cold = (
        (2 * level_from * begin + level_from * end + level_warm * begin + 2 * level_warm * end)
        / 6
        * (warm_at - since)
    )
    return cold + (level_warm + level_to) / 2 * (until - warm_at)
