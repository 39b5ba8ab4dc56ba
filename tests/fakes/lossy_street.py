"""Luminaires behind a network that loses: what the wire contract says of them, and no more.

A command or document may be lost, a state may come late; a lost state is sent again some
time, as QoS 1 and every new connection have it.
"""

from dataclasses import dataclass, field
from random import Random

import numpy as np

from controller.engine.awaited import command_id, rev_of
from controller.engine.book import Book
from controller.engine.engine import Engine
from controller.engine.orders import CommandOrder, ConfigOrder, ProgramOrder, ZoneCommandOrder
from controller.engine.timetable import Timetable
from controller.wire.messages import State

EPOCH = 7


@dataclass
class Lamp:
    """One luminaire, section 5 of docs/wire.md."""

    name: str
    row: int
    zone: str
    has_clock: bool
    is_dimmable: bool
    table: Timetable | None = None
    program_rev: int = 0
    config_rev: int = 0
    scale: float = 1.0
    floor: float = 0.0
    command_rev: int = 0
    command: str = ""
    held: float | None = None
    until: float = 0.0
    is_heard: bool = False
    last: tuple[float, str, str, int, int] | None = field(default=None)

    def take(self, rev: int, level: float | None, until: float, *, resume: bool) -> bool:
        """A command arrives in time; True where it is accepted."""
        if rev <= self.command_rev:
            return False
        self.command_rev, self.command = rev, command_id(EPOCH, rev)
        if level is not None:
            self.held, self.until = level, until
        elif resume:
            self.held = None
        return True

    def programmed(self, now: float) -> float:
        """Its level without a command, %."""
        if not self.has_clock or self.table is None:
            return 100.0
        level = self.table.point_at(now).level
        return min(100.0, max(level * self.scale, self.floor)) if level > 0 else 0.0

    def now_at(self, now: float) -> tuple[float, str]:
        """Level and source."""
        if self.held is not None and self.has_clock and now >= self.until:
            self.held = None
        if self.held is not None:
            return self.held, "command"
        return self.programmed(now), "program" if self.has_clock else "local"


class Street:
    """The lamps of an engine's fleet."""

    def __init__(self, engine: Engine, rng: Random) -> None:
        self.engine = engine
        self.rng = rng
        self.loss = 0.0
        self.found = engine.columns.reported.copy()
        """Levels as the last pass found them."""
        self.rev = 100
        columns = engine.columns
        self.lamps = [
            Lamp(
                name=name,
                row=row,
                zone=columns.zone_ids[columns.zone[row]],
                has_clock=bool(columns.has_clock[row]),
                is_dimmable=bool(columns.is_dimmable[row]),
            )
            for row, name in enumerate(columns.ids)
        ]
        self.program_rev = self.config_rev = 0

    def publish(self, book: Book) -> None:
        """A book is adopted: its documents go out, and may be lost."""
        self.engine.adopt(book)
        self.rev += 1
        self.program_rev = self.config_rev = self.rev
        for lamp in self.lamps:
            self.engine.expect_program(np.array([lamp.row]), self.program_rev)
            self.engine.expect_config(lamp.row, self.config_rev)
            self._give_program(lamp, book)
            self._give_config(lamp, book)

    def _give_program(self, lamp: Lamp, book: Book) -> None:
        if self._arrives() and lamp.has_clock:
            lamp.table = book.exceptions.get(lamp.name, book.zones[lamp.zone])
            lamp.program_rev = self.program_rev

    def _give_config(self, lamp: Lamp, book: Book) -> None:
        if self._arrives():
            lamp.config_rev = self.config_rev
            lamp.scale, lamp.floor = book.scales.get(lamp.name, (1.0, 0.0))

    def _arrives(self) -> bool:
        return self.rng.random() >= self.loss

    def speak(self, now: float) -> None:
        """States of those whose state changed, or was not heard yet."""
        for lamp in self.lamps:
            level, source = lamp.now_at(now)
            said = (level, source, lamp.command, lamp.program_rev, lamp.config_rev)
            if said != lamp.last:
                lamp.last, lamp.is_heard = said, False
            if lamp.is_heard or not self._arrives():
                continue
            lamp.is_heard = True
            state = State(
                rev=lamp.config_rev,
                program_rev=lamp.program_rev,
                level=level,
                source=source,  # type: ignore[arg-type]  # one of the contract's words
                at_ms=int(now * 1000),
                command_id=lamp.command,
            )
            self.engine.take_state(lamp.row, state, now)
            row = np.array([lamp.row])
            self.engine.awaited.answer(row, np.array([rev_of(lamp.command)]))

    def step(self, now: float, elapsed: float) -> list[object]:
        """One pass, its orders on their way, and what the lamps say to them."""
        self.speak(now)
        self.found = self.engine.columns.reported.copy()
        orders = list(self.engine.reconcile(now, elapsed))
        for order in orders:
            self.rev += 1
            match order:
                case CommandOrder():
                    self.engine.commanded(order, self.rev, elapsed)
                    self.engine.command_sent(order.row, self.rev, elapsed)
                    self._command(
                        [self.lamps[order.row]],
                        order.level,
                        order.expires_at,
                        now,
                        resume=order.is_resume,
                        report=True,
                    )
                case ZoneCommandOrder():
                    self.engine.zone_commanded(order, self.rev, elapsed)
                    self.engine.zone_command_sent(order.zone_row, self.rev, elapsed)
                    inside = [lamp for lamp in self.lamps if lamp.zone == order.zone]
                    resume = order.level is None
                    self._command(inside, order.level, order.expires_at, now, resume=resume)
                case ConfigOrder() | ProgramOrder():
                    self._repeat(order)
        self.speak(now)
        return list(orders)

    def _command(
        self,
        lamps: list[Lamp],
        level: float | None,
        until: float,
        now: float,
        *,
        resume: bool,
        report: bool = False,
    ) -> None:
        for lamp in lamps:
            is_in_time = now < until or not lamp.has_clock
            if self._arrives() and is_in_time and lamp.take(self.rev, level, until, resume=resume):
                lamp.is_heard &= not report

    def _repeat(self, order: ConfigOrder | ProgramOrder) -> None:
        book = self.engine.book
        assert book is not None, "orders come with a book"
        for lamp in self.lamps:
            if isinstance(order, ConfigOrder):
                if lamp.name == order.luminaire:
                    self._give_config(lamp, book)
            elif order.id == (lamp.zone if order.owner == "zone" else lamp.name):
                self._give_program(lamp, book)
