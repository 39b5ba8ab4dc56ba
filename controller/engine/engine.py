"""The closed loop: desired against reported, and what to send about it.

Owns the columns, the book in force and the account. Every pass recomputes what is desired
from the book and the time, compares it with what is reported, and returns orders. No event
has to arrive for the street to become right.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Self

import numpy as np

from controller.engine.account import Account
from controller.engine.awaited import Awaited, Sent
from controller.engine.book import Book
from controller.engine.broadcasts import Broadcasts
from controller.engine.columns import Bits, Columns, Flags, Floats, Ints, Rows
from controller.engine.convergence import Confirmed, Convergence, Edge
from controller.engine.desired import Desired, Wanted
from controller.engine.faults import fault_bits
from controller.engine.holding import Holding
from controller.engine.orders import CommandOrder, Order, ZoneCommandOrder
from controller.engine.repair import Repair
from controller.engine.rule_watch import RuleWatch
from controller.wire.messages import State
from schedules import Site

__all__ = ["Confirmed", "Edge", "Engine", "States", "states_of"]


class States(NamedTuple):
    """States of many luminaires, one entry each; no luminaire twice."""

    rows: Rows
    level: Floats
    by_command: Flags
    config_rev: Ints
    program_rev: Ints
    fault_bits: Bits
    at: Floats
    """When another field last changed, by the luminaire's clock, Unix s."""
    received_at: Floats
    """Site time, Unix s."""

    def only(self, places: Rows) -> Self:
        """Some of them."""
        return type(self)(
            self.rows[places],
            self.level[places],
            self.by_command[places],
            self.config_rev[places],
            self.program_rev[places],
            self.fault_bits[places],
            self.at[places],
            self.received_at[places],
        )


class Engine:
    """The loop of one site. ``jitter`` gives numbers in [0, 1) and spreads the retries;
    ``confirmed`` hears of luminaires that reached the level of a switching point.

    Without ``speaks_to_zones`` every luminaire is commanded one by one.
    """

    def __init__(
        self,
        site: Site,
        now: float,
        jitter: Callable[[], float],
        confirmed: Confirmed,
        *,
        speaks_to_zones: bool = True,
    ) -> None:
        self.site = site
        self.columns = Columns(site.inventory)
        self.account = Account(site.inventory, self.columns, now)
        self.rules = RuleWatch(site, self.columns.ids)
        self.awaited = Awaited(self.columns)
        self._holding = Holding(self.columns, jitter)
        self._repair = Repair(self.columns, self.awaited, jitter)
        self._broadcasts = Broadcasts(self.columns) if speaks_to_zones else None
        self._convergence = Convergence(self.columns, confirmed)
        self._opened_at = now
        self._book: Book | None = None
        self._desired: Desired | None = None
        self._wanted: Wanted | None = None
        self._next_change_at = -np.inf

    @property
    def book(self) -> Book | None:
        """The book in force; None before the first."""
        return self._book

    def use_site(self, site: Site) -> None:
        """Take other documents of the same inventory; `adopt` of their book follows."""
        self.site = site
        self.rules = self.rules.of(site)

    def adopt(self, book: Book) -> None:
        """Follow a new book from the next pass on."""
        self._book = book
        self._desired = Desired(self.site, self.columns, book)
        self._holding.use_exceptions(self._desired.exceptions)
        self.account.adopt(book.ladder)
        self._next_change_at = -np.inf

    def time_moved(self, by_s: float) -> None:
        """Site time was corrected by ``by_s``: what was noted by the old time is moved along.

        What is desired is computed anew in the next pass; a luminaire whose own clock was
        right all along agrees already.
        """
        columns = self.columns
        columns.reported_at += by_s
        columns.desired_since += by_s
        columns.heard_at += by_s
        columns.clock_offset_s -= by_s
        self._next_change_at = -np.inf

    def expect_config(self, row: int, rev: int) -> None:
        """The luminaire should hold this config; it was just handed to the broker."""
        self._holding.expect_config(row, rev)

    def expect_program(self, rows: Rows, rev: int) -> None:
        """These luminaires should run this program; it was just handed to the broker."""
        self._holding.expect_program(rows, rev)

    def rows_of_zone_program(self, zone: str) -> Rows:
        """Rows of the luminaires that run their zone's program."""
        return self._holding.rows_of_zone_program(zone)

    # --- what arrives -------------------------------------------------------------------

    def take_state(self, row: int, state: State, received_at: float) -> None:
        """A luminaire said what it does; ``received_at`` is site time."""
        states = states_of([row], [state], [received_at])
        self.take_states(states)
        self.take_live(states.rows)

    def take_states(self, states: States) -> None:
        """Luminaires said what they do."""
        columns, rows = self.columns, states.rows
        columns.reported[rows] = states.level
        columns.reported_at[rows] = states.received_at
        columns.reported_by_command[rows] = states.by_command
        columns.config_rev[rows] = states.config_rev
        columns.program_rev[rows] = states.program_rev
        columns.fault_bits[rows] = states.fault_bits
        at = np.minimum(states.at, states.received_at)
        self.account.set_levels(rows, states.level, at)

    def take_live(self, rows: Rows) -> None:
        """These luminaires spoke just now, so they are there. A state that the broker had kept
        shows nothing of the kind: it may be older than the last will beside it."""
        self._came_back(rows[~self.columns.is_online[rows]])
        self.columns.is_online[rows] = True

    def take_availability(self, row: int, *, is_online: bool) -> None:
        """A luminaire came or went, by its own last will."""
        if is_online and not self.columns.is_online[row]:
            self._came_back(np.array([row]))
        self.columns.is_online[row] = is_online

    def take_gateway_availability(self, row: int, *, is_online: bool) -> None:
        """A gateway came or went, and its luminaires with it."""
        if is_online and not self.columns.is_gateway_online[row]:
            self._came_back(np.flatnonzero(self.columns.gateway == row))
        self.columns.is_gateway_online[row] = is_online

    def _came_back(self, rows: Rows) -> None:
        if rows.size:
            self._repair.forgive(rows)

    # --- what is sent -------------------------------------------------------------------

    def next_change_at(self) -> float:
        """Site instant of the next change of any desired level."""
        return float(self._next_change_at)

    def reconcile(self, now: float, elapsed: float, *, is_linked: bool = True) -> Sequence[Order]:
        """One pass over the fleet: orders, those that raise light first.

        Without a link to the broker nothing is ordered; when it is back, everybody gets
        time to be heard.
        """
        if self._desired is None:
            return ()
        wanted = self._wanted
        if wanted is None or now >= self._next_change_at or self.rules.is_news(now):
            wanted = self._advance(self._desired, now)
        agrees = self.columns.agrees()
        self._convergence.note(agrees)
        self.awaited.forget_unanswered(elapsed)
        if not is_linked:
            self._repair.hold()
            return ()
        orders: list[Order] = []
        if self._broadcasts is not None:
            orders.extend(
                self._broadcasts.orders(agrees, wanted, self._holding.is_current, now, elapsed)
            )
        self._repair.queue(agrees, wanted, now, elapsed)
        orders.extend(self.more(now, elapsed))
        orders.extend(self._holding.orders(elapsed))
        return sorted(orders, key=lambda order: order.priority)

    def more(self, now: float, elapsed: float) -> Sequence[CommandOrder]:
        """Between passes: whom the answers that came meanwhile make room for."""
        if self._wanted is None or now >= self._next_change_at or not self.is_backlogged:
            return ()
        return self._repair.take(self._wanted, self._holding.is_current, now, elapsed)

    @property
    def is_backlogged(self) -> bool:
        """Whether luminaires wait for their turn to be commanded."""
        return self._repair.is_backlogged

    def commanded(self, order: CommandOrder, rev: int, elapsed: float) -> None:
        """The order got a revision and waits to be sent."""
        kind = Sent.QUESTION if order.level is None and not order.is_resume else Sent.OWN
        self.awaited.note_one(order.row, rev, kind, elapsed)

    def asked(self, row: int, rev: int, elapsed: float) -> None:
        """A luminaire was asked something, beside all orders."""
        self.awaited.note(np.array([row]), rev, Sent.QUESTION, elapsed)

    def zone_commanded(self, order: ZoneCommandOrder, rev: int, elapsed: float) -> None:
        """The same for an order to a zone."""
        self.awaited.note(self._rows_of_zone(order.zone_row), rev, Sent.ZONE, elapsed)

    def is_wanted(self, row: int, rev: int) -> bool:
        """Whether a command that still waits is to go out."""
        if self.awaited.rev[row] != rev:
            return False
        if not self.columns.agrees_one(row) or self._repair.is_renewed(row):
            return True
        self.awaited.withdraw(np.array([row]))
        return False

    def is_zone_wanted(self, zone: int, rev: int) -> bool:
        """The same for a command to a zone."""
        return bool((self.awaited.rev[self._rows_of_zone(zone)] == rev).any())

    def command_sent(self, row: int, rev: int, elapsed: float) -> None:
        """The broker took a command: the time to answer begins."""
        if self.awaited.rev[row] == rev:
            self.awaited.since[row] = elapsed
            self._repair.sent(row, elapsed)

    def zone_command_sent(self, zone: int, rev: int, elapsed: float) -> None:
        """The same for a command to a zone."""
        rows = self._rows_of_zone(zone)
        rows = rows[self.awaited.rev[rows] == rev]
        if self._broadcasts is not None and rows.size:
            self.awaited.since[rows] = elapsed
            self._broadcasts.give_time(rows, elapsed)

    def command_failed(self, row: int, rev: int) -> None:
        """A command did not go out: the broker was not there, or refused it."""
        if self.awaited.rev[row] == rev:
            self.awaited.fail(np.array([row]))
            self._repair.failed(row)

    def zone_command_failed(self, zone: int, rev: int) -> None:
        """The same for a command to a zone: it is considered anew."""
        rows = self._rows_of_zone(zone)
        rows = rows[self.awaited.rev[rows] == rev]
        self.awaited.fail(rows)
        self.columns.retry_at[rows] = -np.inf
        if self._broadcasts is not None:
            self._broadcasts.consider_zone(zone)

    def _rows_of_zone(self, zone: int) -> Rows:
        if self._broadcasts is not None:
            return self._broadcasts.rows_of(zone)
        return np.flatnonzero(self.columns.zone == zone)

    def link_restored(self) -> None:
        """The broker is back: who did not follow while it was away is asked as at first."""
        self._repair.forgive(np.arange(self.columns.size))

    def use_lead(self, *, is_ours: bool) -> None:
        """This controller leads from now on, and says what luminaires should hold; or another."""
        self._holding.expect(is_ours_to_say=is_ours)
        self._repair.forgive(np.arange(self.columns.size))

    def _advance(self, desired: Desired, now: float) -> Wanted:
        """Recompute what is desired, and when that changes next."""
        columns = self.columns
        wanted = desired.at(now, self.rules)
        changed = wanted.level != columns.desired
        since = self._convergence.begin(changed, wanted.since, now, wanted.last_edge)
        columns.desired_since[changed] = since[changed]
        columns.desired[changed] = wanted.level[changed]
        rows = np.flatnonzero(changed)
        self._repair.forgive(rows)
        self.awaited.withdraw(rows)
        if self._broadcasts is not None:
            was_held = np.False_ if self._wanted is None else self._wanted.is_held
            self._broadcasts.consider(changed | (wanted.is_held & ~was_held))
        self.account.keep_up(now, self.rules.sensors)
        self._wanted = wanted
        self._next_change_at = min(wanted.changes_at, now + self.rules.looks_again_s)
        return wanted

    # --- how it stands ------------------------------------------------------------------

    def told(self) -> Floats:
        """Level that each luminaire was last told for now, by the program it says that it runs
        or by a command; NaN where nothing of what is desired now reached it yet."""
        columns = self.columns
        if self._wanted is None:
            return np.full(columns.size, np.nan)
        by_program = columns.has_clock & self._holding.is_current & ~self._wanted.is_held
        by_command = (columns.attempts > 0) | (self.awaited.rev > 0) | columns.reported_by_command
        return np.where(by_program | by_command, columns.desired, np.nan)

    def next_changes(self, now: float) -> Floats:
        """Instant of each zone's next switching point, Unix s; 0 before the first book."""
        if self._desired is None:
            return np.zeros(len(self.columns.zone_ids))
        return self._desired.next_of_zones(now)

    def highest_held_rev(self, at_most: int) -> int:
        """Highest revision of a config or program, up to ``at_most``, that any luminaire says
        it holds."""
        return self._holding.highest_held_rev(at_most)

    def documents_ahead(self, at_most: int) -> set[tuple[str, str, str]]:
        """Documents, as (owner, id, leaf), of which some luminaire holds a higher revision than
        the one in force, up to ``at_most``: it passes over ours."""
        return self._holding.documents_ahead(at_most)

    def stale_programs(self) -> Flags:
        """Luminaires that hold another program than the one in force."""
        return self._holding.stale_programs()

    def stale_configs(self) -> Flags:
        """Luminaires that hold another config than the one in force."""
        return self._holding.stale_configs()

    def not_following(self) -> Flags:
        """Luminaires that the bounded number of commands did not bring to what is desired.

        They are asked on, at the longest interval, and are none of these once they follow.
        """
        return self._repair.not_following


def states_of(rows: Sequence[int], states: Sequence[State], received_at: Sequence[float]) -> States:
    """Many state messages as columns."""
    return States(
        np.array(rows, dtype=np.intp),
        np.array([state.level for state in states], dtype=np.float64),
        np.array([state.source == "command" for state in states], dtype=np.bool_),
        np.array([state.rev for state in states], dtype=np.int64),
        np.array([state.program_rev for state in states], dtype=np.int64),
        np.array([fault_bits(state.faults) for state in states], dtype=np.uint16),
        np.array([state.at_ms for state in states], dtype=np.float64) / 1000,
        np.array(received_at, dtype=np.float64),
    )
