"""Luminaires as the wire contract describes them, many at once.

Owns which message is taken, what is stored, and what happens when; what level follows is
`simulator.ruling`'s. Pure: instants (Unix seconds UTC, site time) are arguments, and
nothing is sent; `advance` and the receivers note whose state changed.
"""

import numpy as np

from controller.wire.messages import Command, Config, Program
from simulator.causes import FAULT, OUTAGE
from simulator.columns import (
    FACTORY_LEVEL,
    NONE,
    Columns,
    Flags,
    Floats,
    Ints,
)
from simulator.faults import OUT_RATIO, FaultKind
from simulator.programs import NO_PROGRAM, ProgramTable
from simulator.ruling import rule, turn_gear
from simulator.truth import Witness, integrate

BOOT_S = 30.0
"""How long a start takes; the luminaire is at ``power_on_level`` meanwhile."""

_COMPACT_POINTS = 500_000


class Fleet:
    """The luminaires' behaviour, section "wire contract" of the design, sentence by sentence."""

    def __init__(
        self, columns: Columns, witness: Witness | None = None, *, is_signed: bool = False
    ) -> None:
        self.columns = columns
        self.stale = 0
        """Messages older than what a luminaire held, or come after their time; of each that
        heard them."""
        self._is_signed = is_signed
        self.programs = ProgramTable()
        self.witness = witness
        self._zone_numbers: dict[str, int] = {}
        self._changed: Flags = np.zeros(columns.size, dtype=np.bool_)
        self._compact_at = _COMPACT_POINTS
        everyone = np.arange(columns.size)
        self._decide(everyone, columns.since.copy(), columns.local(everyone, columns.since))

    # --- what arrives -------------------------------------------------------------------

    def zone_number(self, zone: str) -> int:
        """Number that stands for a zone in the ``zone`` column."""
        return self._zone_numbers.setdefault(zone, len(self._zone_numbers))

    def take_configs(self, rows: Ints, configs: list[Config], at: Floats) -> Ints:
        """A config for each row, rows unique. Returns the rows that took theirs."""
        columns = self.columns
        rev = np.array([config.rev for config in configs], dtype=np.int64)
        newer = rev > columns.config_rev[rows]
        self.stale += int(np.count_nonzero(rev < columns.config_rev[rows]))
        if not newer.any():
            return rows[newer]
        chosen = [config for config, is_newer in zip(configs, newer, strict=True) if is_newer]
        rows = rows[newer]
        at = self._catch_up(rows, at[newer])
        zone = np.array([self.zone_number(config.zone) for config in chosen], dtype=np.int64)
        moved = rows[columns.zone[rows] != zone]
        columns.zone_program[moved] = NO_PROGRAM
        columns.zone_program_rev[moved] = NONE
        columns.config_rev[rows] = rev[newer]
        columns.zone[rows] = zone
        columns.scale[rows] = [config.scale for config in chosen]
        columns.floor[rows] = [config.floor for config in chosen]
        columns.failsafe_level[rows] = [config.failsafe_level for config in chosen]
        columns.power_on_level[rows] = [config.power_on_level for config in chosen]
        self._note(rows, columns.local(rows, at))
        self._decide(rows, at, columns.local(rows, at))
        return rows

    def clear_configs(self, rows: Ints, at: Floats, rev: Ints) -> None:
        """What the rows were told of themselves is forgotten, and with it their zone.

        ``rev`` are revisions that are remembered; NONE forgets them too.
        """
        columns = self.columns
        held = columns.config_rev[rows]
        goes = np.where(rev == NONE, held != NONE, rev > held)
        self.stale += int(np.count_nonzero((rev != NONE) & (rev < held)))
        rows = rows[goes]
        when = self._catch_up(rows, at[goes])
        columns.config_rev[rows] = rev[goes]
        columns.zone[rows] = NONE
        columns.zone_program[rows] = NO_PROGRAM
        columns.zone_program_rev[rows] = NONE
        columns.scale[rows] = 1.0
        columns.floor[rows] = 0.0
        columns.failsafe_level[rows] = columns.power_on_level[rows] = FACTORY_LEVEL
        local = columns.local(rows, when)
        self._note(rows, local)
        self._decide(rows, when, local)

    def take_zone_program(self, rows: Ints, program: Program, at: float) -> Ints:
        """The program of the zone that these rows belong to. Returns the rows that took it."""
        columns = self.columns
        self.stale += int(np.count_nonzero(program.rev < columns.zone_program_rev[rows]))
        rows = rows[program.rev > columns.zone_program_rev[rows]]
        if rows.size:
            when = self._catch_up(rows, np.full(len(rows), at))
            columns.zone_program_rev[rows] = program.rev
            columns.zone_program[rows] = self._store(program)
            self._decide(rows, when, columns.local(rows, when))
        return rows

    def clear_zone_program(self, rows: Ints, at: float, rev: int = NONE) -> None:
        """The zone has no program any more: the rows forget it and its revision.

        A withdrawal of revision ``rev`` is remembered instead.
        """
        held = self.columns.zone_program_rev[rows]
        goes = self.columns.zone_program[rows] != NO_PROGRAM if rev == NONE else rev > held
        self.stale += 0 if rev == NONE else int(np.count_nonzero(rev < held))
        rows = rows[goes]
        when = self._catch_up(rows, np.full(len(rows), at))
        self.columns.zone_program[rows] = NO_PROGRAM
        self.columns.zone_program_rev[rows] = rev
        self._decide(rows, when, self.columns.local(rows, when))

    def take_own_program(
        self, row: int, program: Program | None, at: float, rev: int = NONE
    ) -> bool:
        """An exception for one luminaire, None to end it. True where it was taken.

        Where it ends by a withdrawal of revision ``rev``, that is remembered.
        """
        columns = self.columns
        rows = np.array([row])
        if program is not None:
            rev = program.rev
        held = columns.own_program_rev[row]
        if rev == NONE:
            if columns.own_program[row] == NO_PROGRAM:
                return False
        elif rev <= held:
            self.stale += int(rev < held)
            return False
        when = self._catch_up(rows, np.array([at]))
        if program is None:
            columns.own_program[row] = NO_PROGRAM
        else:
            columns.own_program[row] = self._store(program)
        columns.own_program_rev[row] = rev
        self._decide(rows, when, columns.local(rows, when))
        return True

    def take_commands(self, rows: Ints, commands: list[Command], at: Floats) -> Ints:
        """A command for each row, rows unique. Returns the rows that took theirs.

        Those, and the repeats of the last command that ask for a report, answer with their
        state.
        """
        columns = self.columns
        has_power = columns.outages[rows] == 0
        if not has_power.all():
            rows, at = rows[has_power], at[has_power]
            commands = [one for one, live in zip(commands, has_power, strict=True) if live]
        rev = np.array([command.rev for command in commands], dtype=np.int64)
        start = np.array([command.start for command in commands], dtype=np.float64)
        until = np.array([command.expires_at for command in commands], dtype=np.float64)
        asks = np.array([command.report for command in commands], dtype=np.bool_)
        local = columns.local(rows, at)
        # A luminaire that does not know the time goes by the revision alone.
        in_time = ((start <= local) & (local < until)) | ~columns.has_clock[rows]
        is_repeat = rev == columns.command_rev[rows]
        is_late = columns.has_clock[rows] & (local >= until)
        self.stale += int(np.count_nonzero((rev < columns.command_rev[rows]) | is_late))
        self._changed[rows[in_time & is_repeat & asks]] = True
        taken = np.flatnonzero(in_time & (rev > columns.command_rev[rows]))
        if not taken.size:
            return rows[taken]
        rows, until, rev = rows[taken], until[taken], rev[taken]
        when = self._catch_up(rows, at[taken])
        chosen = [commands[index] for index in taken.tolist()]
        columns.command_rev[rows] = rev
        for row, command in zip(rows.tolist(), chosen, strict=True):
            columns.command_id[row] = command.command_id
        has_level = np.array([command.level is not None for command in chosen])
        resumes = np.array([command.resume for command in chosen])
        level = np.array([command.level or 0.0 for command in chosen])
        columns.is_commanded[rows] = np.where(
            has_level, np.True_, columns.is_commanded[rows] & ~resumes
        )
        columns.command_level[rows] = np.where(has_level, level, columns.command_level[rows])
        columns.command_until[rows] = np.where(has_level, until, columns.command_until[rows])
        ramp_s = np.array([float(command.ramp_s) for command in chosen])
        moves = has_level | resumes
        self._note(rows, columns.local(rows, when))
        self._decide(rows, when, columns.local(rows, when), np.where(moves, ramp_s, 0.0))
        return rows

    # --- time ---------------------------------------------------------------------------

    def next_event_at(self) -> float:
        """Site instant of the next change of any luminaire by itself; infinity for none."""
        return float(self.columns.next_at.min()) if self.columns.size else np.inf

    def advance(self, at: float) -> None:
        """Let every change up to and at ``at`` happen, each at its own instant."""
        columns = self.columns
        while True:
            rows = np.flatnonzero(columns.next_at <= at)
            if not rows.size:
                return
            self._happen(rows)

    def integrate(self, at: float) -> None:
        """`advance`, and bring every luminaire's sums up to ``at``."""
        self.advance(at)
        everyone = np.arange(self.columns.size)
        until = np.maximum(self.columns.since, at)
        integrate(self.columns, everyone, until, self.witness)

    def integrate_rows(self, rows: Ints, at: Floats) -> None:
        """The same for some rows, each to its own instant; its changes before it included."""
        self._catch_up(rows, at)
        integrate(self.columns, rows, np.maximum(self.columns.since[rows], at), self.witness)

    def decide_anew(self, at: float) -> None:
        """Site time begins at another instant: everything follows from what is stored."""
        everyone = np.arange(self.columns.size)
        when = np.full(len(everyone), at)
        self._decide(everyone, when, self.columns.local(everyone, when))

    # --- what goes wrong ----------------------------------------------------------------

    def cut_power(self, rows: Ints, at: float) -> None:
        """An outage of the supply of these rows begins; each outage is to end by itself."""
        columns = self.columns
        when = self._catch_up(rows, np.full(len(rows), at))
        columns.outages[rows] += 1
        columns.is_troubled[rows] = True
        columns.level[rows] = columns.level_from[rows] = 0.0
        columns.ramp_begin[rows] = columns.ramp_end[rows] = when
        columns.next_at[rows] = columns.next_local[rows] = np.inf

    def restore_power(self, rows: Ints, at: float) -> None:
        """An outage of these rows ends; those without another one start anew.

        What was sent to them meanwhile and is kept, their gateway hands over now.
        """
        columns = self.columns
        rows = rows[columns.outages[rows] > 0]
        when = self._catch_up(rows, np.full(len(rows), at))
        columns.outages[rows] -= 1
        live = columns.outages[rows] == 0
        rows, when = rows[live], when[live]
        columns.cycle_at[rows] = np.maximum(columns.cycle_at[rows], when)
        self._restart(rows, when, OUTAGE)
        self._decide(rows, when, columns.local(rows, when))

    def begin_fault(self, kind: FaultKind, rows: Ints, at: float, rng: np.random.Generator) -> None:
        """From now on these rows have a fault; what it leaves open is drawn from ``rng``."""
        columns = self.columns
        when = self._catch_up(rows, np.full(len(rows), at))
        columns.faults.set(kind, rows.tolist(), rng)
        columns.is_troubled[rows] = True
        if kind is FaultKind.REBOOTING:
            columns.reboot_at[rows] = when + columns.faults.reboot_every_s[rows] * rng.random()
        elif kind is FaultKind.CYCLING:
            columns.cycle_at[rows] = when
        self._begin_anew(rows, when)

    def end_fault(self, kind: FaultKind, rows: Ints, at: float) -> None:
        """These rows do not have this fault any more."""
        columns = self.columns
        when = self._catch_up(rows, np.full(len(rows), at))
        columns.faults.clear(kind, rows.tolist())
        if kind is FaultKind.REBOOTING:
            columns.reboot_at[rows] = np.inf
        elif kind is FaultKind.CYCLING:
            columns.cycle_at[rows] = np.inf
            columns.is_out[rows] = False
        self._begin_anew(rows, when)

    def _begin_anew(self, rows: Ints, at: Floats) -> None:
        local = self.columns.local(rows, at)
        self._note(rows, local)
        self._decide(rows, at, local)

    # --- inside -------------------------------------------------------------------------

    def pop_changed(self) -> Ints:
        """Rows whose state changed since the last call."""
        rows = np.flatnonzero(self._changed)
        self._changed[rows] = False
        return rows

    def _happen(self, rows: Ints) -> None:
        """The next change of each of these rows."""
        columns = self.columns
        at, local = columns.next_at[rows], columns.next_local[rows]
        integrate(columns, rows, np.maximum(at, columns.since[rows]), self.witness)
        restarts = at >= columns.reboot_at[rows]
        if restarts.any():
            self._restart(rows[restarts], at[restarts], FAULT)
        cycles = at >= columns.cycle_at[rows]
        if cycles.any():
            self._cycle(rows[cycles], at[cycles])
        self._decide(rows, at, local)

    def _cycle(self, rows: Ints, at: Floats) -> None:
        """A cycling lamp goes out, or lights again; its gear's level stays."""
        columns = self.columns
        is_out = ~columns.is_out[rows]
        columns.is_out[rows] = is_out
        share = np.where(is_out, OUT_RATIO, 1 - OUT_RATIO)
        columns.cycle_at[rows] = at + (columns.faults.cycle_s[rows] * share).round()
        columns.ignited_at[rows[~is_out]] = at[~is_out]

    def _restart(self, rows: Ints, at: Floats, cause: int) -> None:
        """A start: what is volatile is lost, what is stored stays."""
        columns = self.columns
        columns.reboot_at[rows] = at + columns.faults.reboot_every_s[rows]
        columns.booted_at[rows] = at + BOOT_S
        columns.boot_cause[rows] = cause
        columns.is_commanded[rows] = False
        if not self._is_signed:
            columns.command_rev[rows] = NONE  # else an old one would be as good as new
        for row in rows.tolist():
            columns.command_id[row] = ""
        self._note(rows, columns.local(rows, at))

    def _catch_up(self, rows: Ints, at: Floats) -> Floats:
        """Changes of these rows before ``at``, then sums up to it; never back in time."""
        columns = self.columns
        while True:
            due = columns.next_at[rows] <= at
            if not due.any():
                break
            self._happen(rows[due])
        when = np.maximum(at, columns.since[rows])
        integrate(columns, rows, when, self.witness)
        return when

    # --- rules --------------------------------------------------------------------------

    def _decide(self, rows: Ints, at: Floats, local: Floats, ramp_s: Floats | None = None) -> None:
        """Level and source of each row from what it has stored; when that changes next.

        ``ramp_s`` is how fast a new level is reached; None: as the program says.
        """
        columns = self.columns
        has_power = columns.outages[rows] == 0
        if not has_power.all():
            # What it stores is its gateway's to hand over; it does nothing itself.
            rows, at, local = rows[has_power], at[has_power], local[has_power]
            ramp_s = None if ramp_s is None else ramp_s[has_power]
        ruling = rule(columns, self.programs, rows, at, local)
        if ramp_s is not None:
            ruling = ruling._replace(ramp_end=local + ramp_s)
        told = turn_gear(columns, rows, at, local, ruling)
        self._note(rows[told], local[told])

    def _note(self, rows: Ints, local: Floats) -> None:
        self.columns.changed_local[rows] = local
        self._changed[rows] = True

    def _store(self, program: Program) -> int:
        if self.programs.points > self._compact_at:
            used = np.union1d(self.columns.own_program, self.columns.zone_program)
            self.programs.forget_all_but(used[used != NO_PROGRAM])
            self._compact_at = max(_COMPACT_POINTS, 2 * self.programs.points)
        return self.programs.add(program)
