"""The loop that makes the street agree: a pass, its orders as messages, and again.

Owns how an order becomes a command. What is to be sent is the engine's to say, how it travels
the dispatch's.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from controller.engine.awaited import command_id
from controller.engine.engine import Engine
from controller.engine.orders import (
    CommandOrder,
    ConfigOrder,
    Order,
    Priority,
    ProgramOrder,
    ZoneCommandOrder,
)
from controller.ports.bus import Outbound
from controller.ports.clock import Clock
from controller.service.dispatch import Dispatch
from controller.service.documents import Documents
from controller.service.intake import Intake
from controller.service.tally import Tally
from controller.wire.codec import encode
from controller.wire.messages import Command
from controller.wire.topics import Topics

_SLOW_CLOCK_S: Final = 60
"""A luminaire whose clock is this late still takes a command at once."""

_AT_ANY_TIME: Final = 4_000_000_000
"""Instant that no luminaire's clock has passed, Unix s; fits 32 bits."""

_QUESTION_HOLDS_S: Final = 10
"""Machine seconds after which a broker need not hand out a question for the time."""

_MORE_EVERY_S: Final = 0.005
"""Machine seconds between looks whether answers made room, while luminaires wait: in between
the loop reads and writes."""

_HEAR_EVERY_S: Final = 0.1
"""Machine seconds between looks at what came in, while nobody waits."""


@dataclass(frozen=True, slots=True)
class _CommandErrand:
    """What the engine wants to know of a command on its way to the broker."""

    engine: Engine
    clock: Clock
    row: int
    rev: int

    def is_wanted(self) -> bool:
        return self.engine.is_wanted(self.row, self.rev)

    def sent(self) -> None:
        self.engine.command_sent(self.row, self.rev, self.clock.monotonic())

    def failed(self) -> None:
        self.engine.command_failed(self.row, self.rev)


@dataclass(frozen=True, slots=True)
class _ZoneErrand:
    """The same of a command to a zone."""

    engine: Engine
    clock: Clock
    zone: int
    rev: int

    def is_wanted(self) -> bool:
        return self.engine.is_zone_wanted(self.zone, self.rev)

    def sent(self) -> None:
        self.engine.zone_command_sent(self.zone, self.rev, self.clock.monotonic())

    def failed(self) -> None:
        self.engine.zone_command_failed(self.zone, self.rev)


class Reconcile:
    """The loop of one site.

    ``next_rev`` gives revisions that were never given before; ``pass_every_s`` is machine
    seconds between passes. While not ``may_pass`` the street is heard and nothing is sent;
    ``made_round`` is told of every round, with a pass or without.
    """

    def __init__(
        self,
        engine: Engine,
        documents: Documents,
        intake: Intake,
        dispatch: Dispatch,
        clock: Clock,
        tally: Tally,
        topics: Topics,
        next_rev: Callable[[], int],
        may_order: Callable[[], bool],
        *,
        pass_every_s: float,
        may_pass: Callable[[], bool] = lambda: True,
        made_round: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine = engine
        self._documents = documents
        self._intake = intake
        self._dispatch = dispatch
        self._clock = clock
        self._tally = tally
        self._topics = topics
        self._pass_every_s = pass_every_s
        self.epoch = 0
        """Names our commands, with their revision."""
        self._rev = next_rev
        self._may_order = may_order
        self._may_pass = may_pass
        self._made_round = made_round

    async def run(self) -> None:
        """Pass after pass until cancelled; between them what answers make room for."""
        while True:
            if self._may_pass():
                self.once()
            else:
                self._intake.apply()
            self._made_round()
            next_pass_at = self._clock.monotonic() + self._pass_every_s
            while (left_s := next_pass_at - self._clock.monotonic()) > 0:
                pause_s = _MORE_EVERY_S if self._engine.is_backlogged else _HEAR_EVERY_S
                await asyncio.sleep(min(left_s, pause_s))
                self._more()
            await asyncio.sleep(0)

    def once(self) -> None:
        """One pass over the fleet."""
        started = self._clock.monotonic()
        now = self._clock.now()
        self._intake.apply()
        orders = self._engine.reconcile(now, started, is_linked=self._may_order())
        self._send(orders, now)
        self._engine.account.keep_up(now)
        self._tally.last_reconcile_at = now
        self._tally.reconcile_s.add(self._clock.monotonic() - started)

    def _more(self) -> None:
        self._intake.apply()
        if not (self._may_pass() and self._may_order()):
            return
        now = self._clock.now()
        self._send(self._engine.more(now, self._clock.monotonic()), now)

    def _send(self, orders: Sequence[Order], now: float) -> None:
        for order in orders:
            match order:
                case CommandOrder():
                    self._command(order, now)
                case ZoneCommandOrder():
                    self._zone_command(order, now)
                case ConfigOrder() | ProgramOrder():
                    self._documents.send_again(order)
                case _:
                    assert_never(order)

    def _command(self, order: CommandOrder, now: float) -> None:
        rev = self._rev()
        is_question = order.level is None and not order.is_resume
        command = Command(
            command_id=command_id(self.epoch, rev),
            rev=rev,
            start=int(now) - _SLOW_CLOCK_S,
            expires_at=order.expires_at,
            level=order.level,
            resume=order.is_resume,
            report=True,
            ramp_s=order.ramp_s,
            reason="ask" if is_question else "follow",
        )
        if order.attempt > 1:
            self._tally.retries += 1
        self._engine.commanded(order, rev, self._clock.monotonic())
        self._dispatch.put(
            order.priority,
            Outbound(
                topic=self._topics.luminaire(order.luminaire, "command"),
                payload=encode(command),
                expiry_s=max(1, int(order.expires_at - now)),
            ),
            _CommandErrand(self._engine, self._clock, order.row, rev),
        )

    def ask_time(self, row: int) -> None:
        """Ask a luminaire what its clock shows: accepting the question stamps its answer.

        It may accept it at any time: a clock that is off must not keep it from saying so.
        """
        rev = self._rev()
        question = Command(
            command_id=command_id(self.epoch, rev),
            rev=rev,
            start=0,
            expires_at=_AT_ANY_TIME,
            report=True,
            reason="time",
        )
        luminaire = self._engine.columns.ids[row]
        self._engine.asked(row, rev, self._clock.monotonic())
        self._dispatch.put(
            Priority.DOCUMENT,
            Outbound(
                topic=self._topics.luminaire(luminaire, "command"),
                payload=encode(question),
                expiry_s=_QUESTION_HOLDS_S,
            ),
        )

    def _zone_command(self, order: ZoneCommandOrder, now: float) -> None:
        rev = self._rev()
        command = Command(
            command_id=command_id(self.epoch, rev),
            rev=rev,
            start=int(now) - _SLOW_CLOCK_S,
            expires_at=order.expires_at,
            level=order.level,
            resume=order.level is None,
            ramp_s=order.ramp_s,
            reason="back to the program" if order.level is None else "the whole zone",
        )
        self._engine.zone_commanded(order, rev, self._clock.monotonic())
        self._dispatch.put(
            order.priority,
            Outbound(
                topic=self._topics.zone(order.zone, "command"),
                payload=encode(command),
                expiry_s=max(1, int(order.expires_at - now)),
            ),
            _ZoneErrand(self._engine, self._clock, order.zone_row, rev),
        )
