"""A street and its controller without a network: true energy beside the account.

The simulator's fleet, meters and liars, and the engine with its account and a real store, in
one process and in steps of site time. Messages may be lost on the way, come late or twice;
the controller may be killed between any two steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from controller.adapters.sqlite import SqliteStore
from controller.engine.book import Book, compile_book
from controller.engine.engine import Engine
from controller.engine.orders import CommandOrder, ZoneCommandOrder
from controller.ports.energy import IntervalEnergy
from controller.service.energy import Energy
from controller.wire.messages import Command, Config, Reading, State, Telemetry
from schedules import Site
from schedules.layers import limits_for
from simulator.columns import SOURCES, Columns, Hardware
from simulator.faults import Faults
from simulator.fleet import Fleet
from simulator.lies import Liars
from simulator.telemetry import Meters
from tests.fakes.still_clock import StillClock


@dataclass
class Link:
    """What happens to messages on their way in."""

    is_up: bool = True
    telemetry: list[tuple[int, Telemetry]] = field(default_factory=list)
    """Readings on their way."""


class AccountStreet:
    """One site from ``at`` on; time passes by `run`."""

    def __init__(
        self,
        site: Site,
        folder: Path,
        at: float,
        *,
        faults: Faults | None = None,
        liars: Liars | None = None,
        telemetry_every_s: float = 3600.0,
        rng: np.random.Generator | None = None,
    ) -> None:
        inventory = site.inventory
        type_row = {one.id: row for row, one in enumerate(inventory.lamp_types)}
        ids = tuple(one.id for one in inventory.luminaires)
        hardware = Hardware(
            ids=ids,
            lamp_types=inventory.lamp_types,
            lamp_type=[type_row[one.lamp_type] for one in inventory.luminaires],
        )
        self.site = site
        self.rng = rng or np.random.default_rng(1)
        self.clock = StillClock(at)
        self.fleet = Fleet(Columns(hardware, faults or Faults(len(ids)), 0.0, at, 1))
        self.meters = Meters(self.fleet, telemetry_every_s, at, liars)
        self.link = Link()
        self.store = SqliteStore(folder)
        self._rev = 1
        self._book_day = -1
        self._book: Book | None = None
        self.engine, self.energy = self._controller()
        self._renew()
        self._configure()

    # --- the controller -------------------------------------------------------------------

    def _controller(self) -> tuple[Engine, Energy]:
        engine = Engine(self.site, self.clock.now(), lambda: 0.5, lambda *_: None)
        energy = Energy(engine, self.store, self.clock)
        energy.restore()
        return engine, energy

    def _renew(self) -> None:
        since = self.energy.prepare()
        self._book = compile_book(self.site, self.clock.now(), since)
        self.engine.adopt(self._book)
        self.energy.catch_up()
        self._book_day = self._book.valid_from

    def use_site(self, site: Site) -> None:
        """Other documents of the same inventory."""
        self.site = site
        self.engine.use_site(site)
        self._renew()
        self._configure()

    def save(self) -> None:
        """Save the account as the service does after a quarter-hour."""
        state = self.energy.take(is_last=True)
        assert state is not None, "the account is open"
        self.store.save_night([], self.energy.record(state))

    def kill(self, away_s: float = 0.0) -> None:
        """The controller dies without a word; another begins after a while."""
        if away_s:
            self.link.is_up = False
            self.run(self.clock.at + away_s, is_controlled=False)
            self.link.is_up = True
        self.engine, self.energy = self._controller()
        self._renew()
        self._expect()
        # The broker kept every last state.
        self.fleet.pop_changed()
        heard = ~self.fleet.columns.faults.silent & (self.fleet.columns.outages == 0)
        self._tell_states(np.flatnonzero(heard))

    # --- the street -----------------------------------------------------------------------

    def _configure(self) -> None:
        """Every luminaire gets its config, its zone's program, and its own where it has one."""
        book, engine = self._book, self.engine
        assert book is not None, "there is a first book"
        self._rev += 1
        rows = np.arange(engine.columns.size)
        at = self.clock.now()
        configs = []
        for luminaire in self.site.inventory.luminaires:
            limits = limits_for(self.site, self.site.zone(luminaire.zone), luminaire.id)
            scale, _ = book.scales.get(luminaire.id, (1.0, 0.0))
            configs.append(
                Config(
                    rev=self._rev,
                    zone=luminaire.zone,
                    scale=scale,
                    floor=limits.floor,
                    failsafe_level=100.0,
                    power_on_level=100.0,
                )
            )
        self.fleet.take_configs(rows, configs, np.full(len(rows), at))
        for row, zone in enumerate(engine.columns.zone_ids):
            program = book.program(book.zones[zone], self._rev)
            self.fleet.take_zone_program(np.flatnonzero(engine.columns.zone == row), program, at)
        for row, name in enumerate(engine.columns.ids):
            table = book.exceptions.get(name)
            own = None if table is None else book.program(table, self._rev)
            self.fleet.take_own_program(row, own, at)
        self._expect()

    def _expect(self) -> None:
        rows = np.arange(self.engine.columns.size)
        for row in rows.tolist():
            self.engine.expect_config(row, self._rev)
        self.engine.expect_program(rows, self._rev)

    def run(
        self, until: float, step_s: float = 300.0, *, is_controlled: bool = True
    ) -> list[tuple[int, Telemetry]]:
        """Let time pass; the controller passes once a step. Returns what the meters said."""
        said: list[tuple[int, Telemetry]] = []
        while self.clock.at < until:
            self.clock.at = min(until, self.clock.at + step_s)
            now = self.clock.at
            self.fleet.advance(now)
            readings = self.meters.due(now)
            said += readings
            self.link.telemetry += readings
            if not is_controlled:
                continue
            assert self._book is not None, "there is a book"
            if now >= self._book_day + 86_400:
                self._renew()
                self._configure()
            if self.link.is_up:
                self._tell()
            for order in self.engine.reconcile(now, now):
                self._carry_out(order)
            self.engine.account.keep_up(now)
        return said

    def hear(self, sensor: str, reading: Reading) -> None:
        """A sensor speaks."""
        self.engine.rules.take(sensor, reading, self.clock.now())

    def _tell(self) -> None:
        rows = self.fleet.pop_changed()
        columns = self.fleet.columns
        self._tell_states(rows[~columns.faults.silent[rows] & (columns.outages[rows] == 0)])
        readings, self.link.telemetry = self.link.telemetry, []
        self.measure(readings)

    def measure(self, readings: Sequence[tuple[int, Telemetry]]) -> None:
        """Readings arrive now."""
        if not readings:
            return
        rows = np.array([row for row, _ in readings], dtype=np.intp)
        at = np.array([one.at_ms / 1000 for _, one in readings])
        energy_wh = np.array([one.energy_wh for _, one in readings], dtype=np.float64)
        columns, now = self.engine.columns, self.clock.now()
        columns.measured_w[rows] = [one.power_w for _, one in readings]
        columns.measured_at[rows] = np.minimum(at, now)
        self.engine.account.measure(rows, at, energy_wh, now)

    def _tell_states(self, rows: np.ndarray) -> None:
        columns, now = self.fleet.columns, self.clock.now()
        words = columns.faults.noticed(rows)
        for row, faults in zip(rows.tolist(), words, strict=True):
            state = State(
                rev=max(0, int(columns.config_rev[row])),
                program_rev=max(0, int(columns.program_rev[row])),
                level=float(columns.level[row]),
                source=SOURCES[int(columns.source[row])],
                at_ms=max(0, round(float(columns.changed_local[row]) * 1000)),
                command_id=columns.command_id[row],
                faults=faults,
            )
            self.engine.take_state(row, state, now)

    def _carry_out(self, order: object) -> None:
        now = self.clock.now()
        self._command_rev = getattr(self, "_command_rev", 0) + 1
        match order:
            case CommandOrder():
                rows = np.array([self.engine.columns.row_of[order.luminaire]])
                level, until = order.level, order.expires_at
                self.engine.commanded(order, self._command_rev, now)
            case ZoneCommandOrder():
                rows = np.flatnonzero(self.engine.columns.zone == order.zone_row)
                level, until = order.level, order.expires_at
                self.engine.zone_commanded(order, self._command_rev, now)
            case _:
                return
        command = Command(
            command_id=f"c{self._command_rev}",
            rev=self._command_rev,
            start=int(now) - 60,
            expires_at=until,
            level=level,
            resume=level is None,
            report=True,
            reason="follow",
        )
        if self.link.is_up:
            self.fleet.take_commands(rows, [command] * len(rows), np.full(len(rows), now))
            self._tell()

    # --- what is true, and what is said ---------------------------------------------------

    def finish(self) -> None:
        """Every meter is read and the account closed and saved."""
        self.fleet.integrate(self.clock.at)
        self._tell()
        self.measure(self.meters.read_all(self.clock.at))
        self.save()

    @property
    def true_j(self) -> float:
        """What the street truly used, J."""
        return float(self.fleet.columns.energy_j.sum())

    @property
    def true_by_row_j(self) -> np.ndarray:
        """The same by luminaire."""
        found: np.ndarray = self.fleet.columns.energy_j
        return found

    def intervals(self) -> list[IntervalEnergy]:
        """All that the store holds."""
        return self.store.intervals(0, 2**40)
