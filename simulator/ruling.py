"""What a luminaire's level is, of all that it stores, and its gear turned to it.

Owns the table of the wire contract's section 5, many luminaires at once. Instants are Unix
seconds UTC, site time, unless they say local.
"""

from typing import NamedTuple

import numpy as np

from simulator.columns import COMMAND, FAILSAFE, LOCAL, PROGRAM, Columns, Flags, Floats, Ints
from simulator.programs import NO_PROGRAM, ProgramTable


class Ruling(NamedTuple):
    """What holds now, one entry a luminaire."""

    level: Floats
    source: Ints
    program_rev: Ints
    ramp_end: Floats
    """Local instant at which the level is reached."""


def rule(columns: Columns, programs: ProgramTable, rows: Ints, at: Floats, local: Floats) -> Ruling:
    """What holds for rows that have power; notes when that changes next, and what expired."""
    size = len(rows)
    has_clock = columns.has_clock[rows]
    own, zones = columns.own_program[rows], columns.zone_program[rows]
    number = np.where(own != NO_PROGRAM, own, zones)
    runs = (number != NO_PROGRAM) & has_clock

    # With no program it is lit at the failsafe level, with no clock as at power-on.
    level = np.where(has_clock, columns.failsafe_level[rows], columns.power_on_level[rows])
    level = np.where(level > 0, level, 100.0)
    source = np.where(has_clock, FAILSAFE, LOCAL)
    program_rev = np.zeros(size, dtype=np.int64)
    ramp_end = local.copy()
    next_local = np.full(size, np.inf)

    which = np.flatnonzero(runs)
    if which.size:
        orders = programs.look_up(number[which], local[which])
        scaled = np.minimum(orders.level * columns.scale[rows[which]], 100.0)
        scaled = np.maximum(scaled, columns.floor[rows[which]])
        scaled = np.where(orders.is_failsafe | (orders.level <= 0), orders.level, scaled)
        level[which] = scaled
        source[which] = np.where(orders.is_failsafe, FAILSAFE, PROGRAM)
        program_rev[which] = programs.rev[number[which]]
        ramp_end[which] = orders.ramp_end
        next_local[which] = orders.next_at

    # A luminaire without a clock cannot tell when a command ends: it keeps the level.
    until = np.where(has_clock, columns.command_until[rows], np.inf)
    expired = columns.is_commanded[rows] & (local >= until)
    columns.is_commanded[rows[expired]] = False
    commanded = columns.is_commanded[rows]
    level = np.where(commanded, columns.command_level[rows], level)
    source = np.where(commanded, COMMAND, source)
    ramp_end = np.where(commanded | expired, local, ramp_end)
    next_local = np.where(commanded, until, next_local)

    next_at = columns.site(rows, next_local)
    booting = at < columns.booted_at[rows]
    if booting.any():
        power_on = columns.power_on_level[rows]
        level = np.where(booting, np.where(power_on > 0, power_on, 100.0), level)
        source = np.where(booting, LOCAL, source)
        ramp_end = np.where(booting, local, ramp_end)
        next_at = np.where(booting, columns.booted_at[rows], next_at)
    reboots = columns.reboot_at[rows] < next_at
    next_at = np.where(reboots, columns.reboot_at[rows], next_at)
    cycles = columns.cycle_at[rows] < next_at
    next_at = np.where(cycles, columns.cycle_at[rows], next_at)
    own_event = booting | reboots | cycles
    if own_event.any():
        next_local = np.where(own_event, columns.local(rows, next_at), next_local)
    columns.next_at[rows] = next_at
    columns.next_local[rows] = next_local
    return Ruling(level, source, program_rev, ramp_end)


def turn_gear(columns: Columns, rows: Ints, at: Floats, local: Floats, ruling: Ruling) -> Flags:
    """Turn the gear to new levels; rows that keep theirs keep their ramp.

    Returns which of them have something new to tell.
    """
    level, source, program_rev, ramp_end = ruling
    moves = level != columns.level[rows]
    # From what it does before it was ever told anything, no change is counted.
    was = columns.source[rows]
    is_told = (was != FAILSAFE) | (columns.program_rev[rows] > 0)
    is_told &= (was != LOCAL) | np.isfinite(columns.booted_at[rows])
    columns.level_changes[rows] += moves & is_told
    told: Flags = (
        moves | (source != columns.source[rows]) | (program_rev != columns.program_rev[rows])
    )
    columns.source[rows] = source
    columns.program_rev[rows] = program_rev
    if moves.any():
        moving, now = rows[moves], at[moves]
        begin = columns.level_at(moving, now)
        ignites = (columns.level[moving] <= 0) & (level[moves] > 0) & (begin <= 0)
        columns.ignited_at[moving[ignites]] = now[ignites]
        columns.level_from[moving] = begin
        columns.level[moving] = level[moves]
        columns.ramp_begin[moving] = now
        left_s = np.maximum(ramp_end[moves] - local[moves], 0.0)
        columns.ramp_end[moving] = now + left_s
    return told
