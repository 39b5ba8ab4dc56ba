"""The closed loop: desired against reported, and what to send about it.

Owns the columns, the book in force and the account. Every pass recomputes what is desired
from the book and the time, compares it with what is reported, and returns orders. No event
has to arrive for the street to become right.
"""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np

from controller.engine.account import Account
from controller.engine.book import Book
from controller.engine.columns import LEVEL_TOLERANCE, Columns, Flags, Floats, Rows
from controller.engine.faults import fault_bits
from controller.engine.orders import (
    CommandOrder,
    ConfigOrder,
    Order,
    Priority,
    ProgramOrder,
    backoff_s,
)
from controller.engine.rule_watch import RuleWatch
from controller.engine.timetable import Timetable
from controller.wire.messages import State
from schedules import Site
from schedules.levels_bulk import levels_at

GRACE_S = 5.0
"""Machine seconds a luminaire has to follow its program by itself, or to be heard at all."""

MAX_AWAITED = 2000
"""Commands whose answers are awaited at once."""

ANSWER_WITHIN_S = 10.0
"""Machine seconds after which an answer is not awaited any more."""

MAX_ATTEMPTS = 6
"""Commands without an answer before the luminaire counts as not following."""


class Edge(StrEnum):
    """Which way a switching point goes."""

    DUSK = "dusk"
    """From dark to lit."""
    DIM = "dim"
    """From one lit level to another."""
    DAWN = "dawn"
    """From lit to dark."""


Confirmed = Callable[[Edge, Floats], None]
"""Told of luminaires confirmed in one pass: their seconds from switching point to
confirmation, site time."""


class Engine:
    """The loop of one site. ``jitter`` gives numbers in [0, 1) and spreads the retries;
    ``confirmed`` hears of luminaires that reached the level of a switching point."""

    def __init__(
        self, site: Site, now: float, jitter: Callable[[], float], confirmed: Confirmed
    ) -> None:
        self.site = site
        self.columns = Columns(site.inventory)
        self.account = Account(site.inventory, self.columns, now)
        self._confirmed = confirmed
        self._opened_at = now
        self._jitter = jitter
        self._book: Book | None = None
        self._zone_tables: tuple[Timetable, ...] = ()
        self._exceptions: dict[int, Timetable] = {}
        self._next_change_at = -np.inf
        self._expected_config_rev = np.zeros(self.columns.size, dtype=np.int64)
        self._expected_program_rev = np.zeros(self.columns.size, dtype=np.int64)
        self._expects_documents = True
        self._config_retry_at: Floats = np.full(self.columns.size, -np.inf)
        self._program_retry_at: Floats = np.full(self.columns.size, -np.inf)
        self._edge_start: Floats = np.zeros(self.columns.size)
        self._override_rows: Flags = np.zeros(self.columns.size, dtype=np.bool_)
        self._expires_at: Floats = np.zeros(self.columns.size)
        self._scale: Floats = np.ones(self.columns.size)
        self._floor: Floats = np.zeros(self.columns.size)
        self._scale_rows: Rows = np.zeros(0, dtype=np.intp)
        self.rules = RuleWatch(site, self.columns.ids)
        self._ruled_rows: Flags = np.zeros(self.columns.size, dtype=np.bool_)

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
        self._zone_tables = tuple(book.zones[zone] for zone in self.columns.zone_ids)
        self._exceptions = {
            self.columns.row_of[name]: table for name, table in book.exceptions.items()
        }
        self.account.use_baselines(book.baselines)
        self._scale[:], self._floor[:] = 1.0, 0.0
        for name, (scale, floor) in book.scales.items():
            row = self.columns.row_of[name]
            self._scale[row], self._floor[row] = scale, floor
        self._scale_rows = np.flatnonzero(self._scale != 1)
        self._next_change_at = -np.inf

    def expect_config(self, row: int, rev: int) -> None:
        """The luminaire should hold this config; it was just handed to the broker."""
        self._expected_config_rev[row] = rev

    def expect_program(self, rows: np.ndarray, rev: int) -> None:
        """These luminaires should run this program; it was just handed to the broker."""
        self._expected_program_rev[rows] = rev

    def rows_of_zone_program(self, zone: str) -> np.ndarray:
        """Rows of the luminaires that run their zone's program."""
        mask = self.columns.zone == self.columns.zone_row_of[zone]
        mask[list(self._exceptions)] = False
        return np.flatnonzero(mask & self.columns.has_clock)

    # --- what arrives -------------------------------------------------------------------

    def take_state(self, row: int, state: State, received_at: float) -> None:
        """A luminaire said what it does; ``received_at`` is site time."""
        columns = self.columns
        columns.reported[row] = state.level
        columns.reported_at[row] = received_at
        columns.reported_by_command[row] = state.source == "command"
        columns.config_rev[row] = state.rev
        columns.program_rev[row] = state.program_rev
        columns.fault_bits[row] = fault_bits(state.faults)
        columns.is_online[row] = True
        self.account.set_level(row, state.level, min(state.at_ms / 1000, received_at))

    def take_availability(self, row: int, *, is_online: bool) -> None:
        """A luminaire came or went, by its own last will."""
        self.columns.is_online[row] = is_online

    def take_gateway_availability(self, row: int, *, is_online: bool) -> None:
        """A gateway came or went, and its luminaires with it."""
        self.columns.is_gateway_online[row] = is_online

    # --- what is sent -------------------------------------------------------------------

    def next_change_at(self) -> float:
        """Site instant of the next change of any desired level."""
        return float(self._next_change_at)

    def observe(self, now: float) -> None:
        """Follow what is desired and what follows it, and order nothing: another controller
        leads."""
        if self._book is None:
            return
        if now >= self._next_change_at or self.rules.is_news(now):
            self._advance(now)
        self._measure_convergence(self.columns.agrees())

    def begin_anew(self) -> None:
        """Forget earlier tries and waits: this controller begins to lead."""
        columns = self.columns
        columns.attempts[:] = 0
        columns.retry_at[:] = -np.inf
        columns.awaited_since[:] = np.inf
        self._expects_documents = True

    def expect_nothing(self) -> None:
        """What luminaires should hold is not ours to say: another controller leads."""
        self._expected_config_rev[:] = 0
        self._expected_program_rev[:] = 0
        self._expects_documents = False

    def reconcile(self, now: float, elapsed: float) -> Sequence[Order]:
        """One pass over the fleet: orders, those that raise light first."""
        if self._book is None:
            return ()
        if now >= self._next_change_at or self.rules.is_news(now):
            self._advance(now)
        agrees = self.columns.agrees()
        self._measure_convergence(agrees)
        orders: list[Order] = []
        orders.extend(self._level_orders(agrees, now, elapsed))
        orders.extend(self._config_orders(elapsed))
        orders.extend(self._program_orders(elapsed))
        return orders

    def _advance(self, now: float) -> None:
        """Recompute what is desired, and when that changes next."""
        columns = self.columns
        points = [table.point_at(now) for table in self._zone_tables]
        level = np.array([point.level for point in points])[columns.zone]
        since = np.array([point.at for point in points], dtype=np.float64)[columns.zone]
        ends = np.array([table.next_at(now) for table in self._zone_tables], dtype=np.float64)
        expires_at = ends[columns.zone]
        for row, table in self._exceptions.items():
            point = table.point_at(now)
            level[row], since[row], expires_at[row] = point.level, point.at, table.next_at(now)
        is_scaled = self._scale_rows[level[self._scale_rows] > 0]
        scaled = np.maximum(level[is_scaled] * self._scale[is_scaled], self._floor[is_scaled])
        level[is_scaled] = np.minimum(100.0, scaled)
        self._apply_overrides(now, level, since, expires_at)
        self._apply_rules(now, level, since)

        changed = level != columns.desired
        was_unknown = np.isnan(columns.desired)
        self._edge_start[changed] = np.nan_to_num(columns.desired[changed])
        columns.desired_since[changed] = since[changed]
        columns.desired[changed] = level[changed]
        columns.is_converging[changed & ~was_unknown] = True
        columns.attempts[changed] = 0
        columns.retry_at[changed] = -np.inf
        columns.awaited_since[changed] = np.inf
        for silent in np.flatnonzero(changed & ~columns.is_known):
            # Never heard: most likely it does as it was told before it fell silent.
            begun = max(float(since[silent]), self._opened_at)
            self.account.set_level(int(silent), float(level[silent]), begun)
        self._expires_at = expires_at
        ends_at = float(expires_at.min()) if expires_at.size else np.inf
        self._next_change_at = min(ends_at, now + self.rules.looks_again_s)

    def _apply_overrides(
        self, now: float, level: Floats, since: Floats, expires_at: Floats
    ) -> None:
        """Let `resolve`, in bulk, speak for all while an override is in force anywhere."""
        instant = datetime.fromtimestamp(now, UTC)
        edges = [
            edge.timestamp()
            for override in self.site.plan.overrides
            for edge in (override.start_at, override.end_at)
        ]
        coming = [edge for edge in edges if edge > now]
        if coming:
            np.minimum(expires_at, min(coming), out=expires_at)
        is_any = any(
            override.start_at <= instant < override.end_at for override in self.site.plan.overrides
        )
        was_overridden = self._override_rows.copy()
        self._override_rows[:] = False
        if is_any:
            resolved = levels_at(self.site, self.columns.ids, [int(now)])[:, 0]
            self._override_rows[:] = np.abs(resolved - level) > LEVEL_TOLERANCE
            level[self._override_rows] = resolved[self._override_rows]
        # Where an override begins or ends, that is the switching point.
        edge = max((edge for edge in edges if edge <= now), default=-np.inf)
        moved = was_overridden | self._override_rows
        since[moved] = np.maximum(since[moved], edge)

    def _apply_rules(self, now: float, level: Floats, since: Floats) -> None:
        """Let sensors change what they may; a change of theirs begins now."""
        ruled = self.rules.levels(now)
        was_ruled = self._ruled_rows
        self._ruled_rows = np.zeros(self.columns.size, dtype=np.bool_)
        is_other = np.abs(ruled.levels - level[ruled.rows]) > LEVEL_TOLERANCE
        rows = ruled.rows[is_other]
        level[rows] = ruled.levels[is_other]
        self._ruled_rows[rows] = True
        self._override_rows[rows] = True
        begins = (self._ruled_rows | was_ruled) & (level != self.columns.desired)
        since[begins] = now

    def _measure_convergence(self, agrees: Flags) -> None:
        columns = self.columns
        confirmed = columns.is_converging & agrees
        if not confirmed.any():
            return
        rows = np.flatnonzero(confirmed)
        took_s = columns.reported_at[rows] - columns.desired_since[rows]
        before, after = self._edge_start[rows], columns.desired[rows]
        dusk, dawn = before <= 0, after <= 0
        fresh = took_s >= 0
        for edge, mask in (
            (Edge.DUSK, dusk),
            (Edge.DAWN, dawn & ~dusk),
            (Edge.DIM, ~dusk & ~dawn),
        ):
            if (fresh & mask).any():
                self._confirmed(edge, took_s[fresh & mask])
        columns.is_converging[rows] = False

    def _level_orders(self, agrees: Flags, now: float, elapsed: float) -> list[Order]:
        columns = self.columns
        columns.awaited_since[agrees] = np.inf
        columns.attempts[agrees] = 0
        np.minimum(columns.awaited_since, elapsed, out=columns.awaited_since, where=~agrees)
        # At once where nobody but us says the level; others get time to follow or to be heard.
        is_ours = ~columns.has_clock | self._override_rows
        grace_s = np.where(is_ours & columns.is_known, 0.0, GRACE_S)
        due = (
            ~agrees
            & columns.is_reachable
            & (elapsed - columns.awaited_since >= grace_s)
            & (elapsed >= columns.retry_at)
            & (self._expires_at > now)
        )
        orders: list[Order] = []
        for row in self._first_of(np.flatnonzero(due), agrees, elapsed):
            desired, reported = float(columns.desired[row]), float(columns.reported[row])
            raises = not reported >= desired  # an unknown level counts as dark
            is_asked_only = math.isnan(reported) and desired <= 0  # nobody darkens on a guess
            orders.append(
                CommandOrder(
                    priority=Priority.RAISE_LIGHT if raises else Priority.LOWER_LIGHT,
                    luminaire=columns.ids[row],
                    level=None if is_asked_only else desired,
                    expires_at=int(self._expires_at[row]),
                    attempt=int(columns.attempts[row]) + 1,
                )
            )
            columns.retry_at[row] = elapsed + backoff_s(int(columns.attempts[row]), self._jitter())
            columns.attempts[row] += 1
            columns.ordered_at[row] = elapsed
        return orders

    def _first_of(self, rows: Rows, agrees: Flags, elapsed: float) -> Rows:
        """As many of the rows as may be commanded now, those to be raised first.

        Bounded, or a street whose answers are late would be asked ever more.
        """
        columns = self.columns
        is_awaited = ~agrees & (elapsed - columns.ordered_at < ANSWER_WITHIN_S)
        room = max(0, MAX_AWAITED - int(np.count_nonzero(is_awaited)))
        is_raised = ~(columns.reported[rows] >= columns.desired[rows])
        return rows[np.argsort(~is_raised, kind="stable")][:room]

    def _config_orders(self, elapsed: float) -> list[Order]:
        columns = self.columns
        due = (
            columns.is_known
            & columns.is_reachable
            & (columns.config_rev != self._expected_config_rev)
            & (self._expected_config_rev > 0)
        )
        rows = self._due_again(due, self._config_retry_at, elapsed)
        return [ConfigOrder(luminaire=columns.ids[row]) for row in rows]

    def _program_orders(self, elapsed: float) -> list[Order]:
        columns = self.columns
        due = (
            columns.is_known
            & columns.is_reachable
            & columns.has_clock
            & (columns.program_rev != self._expected_program_rev)
            & (self._expected_program_rev > 0)
        )
        rows = self._due_again(due, self._program_retry_at, elapsed)
        own = [row for row in rows if int(row) in self._exceptions]
        zones = {int(columns.zone[row]) for row in rows if int(row) not in self._exceptions}
        orders: list[Order] = [ProgramOrder(owner="luminaire", id=columns.ids[row]) for row in own]
        orders.extend(
            ProgramOrder(owner="zone", id=columns.zone_ids[zone]) for zone in sorted(zones)
        )
        return orders

    def _due_again(self, due: Flags, retry_at: Floats, elapsed: float) -> np.ndarray:
        """Rows due for a repeat; the first sight of a difference only starts the wait."""
        retry_at[~due] = -np.inf
        first_seen = due & np.isneginf(retry_at)
        retry_at[first_seen] = elapsed + GRACE_S
        rows = np.flatnonzero(due & (elapsed >= retry_at))
        for row in rows:
            retry_at[row] = elapsed + backoff_s(2, self._jitter())
        return rows

    # --- how it stands ------------------------------------------------------------------

    def next_changes(self, now: float) -> Floats:
        """Instant of each zone's next switching point, Unix s; 0 before the first book."""
        if self._book is None:
            return np.zeros(len(self.columns.zone_ids))
        return np.array([table.next_at(now) for table in self._zone_tables], dtype=np.float64)

    def documents_ahead(self) -> set[tuple[str, str, str]]:
        """Documents, as (owner, id, leaf), of which some luminaire holds a higher revision than
        is in force: it passes over ours."""
        columns = self.columns
        configs = columns.config_rev > self._expected_config_rev
        programs = (columns.program_rev > self._expected_program_rev) & columns.has_clock
        ahead: set[tuple[str, str, str]] = {
            ("luminaire", columns.ids[row], "config")
            for row in np.flatnonzero(configs & (self._expected_config_rev > 0))
        }
        for row in np.flatnonzero(programs & (self._expected_program_rev > 0)):
            if int(row) in self._exceptions:
                ahead.add(("luminaire", columns.ids[row], "program"))
            else:
                ahead.add(("zone", columns.zone_ids[int(columns.zone[row])], "program"))
        return ahead

    def highest_held_rev(self) -> int:
        """Highest revision of a config or program that any luminaire says it holds."""
        columns = self.columns
        return int(max(columns.config_rev.max(initial=0), columns.program_rev.max(initial=0)))

    def stale_programs(self) -> Flags:
        """Luminaires that hold another program than the one in force."""
        is_other: Flags = self.columns.program_rev != self._expected_program_rev
        return self.columns.has_clock & is_other & self._expects_documents

    def stale_configs(self) -> Flags:
        """Luminaires that hold another config than the one in force."""
        is_other: Flags = self.columns.config_rev != self._expected_config_rev
        return is_other & self._expects_documents

    def not_following(self) -> Flags:
        """Luminaires that did not answer the bounded number of commands."""
        is_silent: Flags = self.columns.attempts >= MAX_ATTEMPTS
        return is_silent
