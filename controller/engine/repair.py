"""One by one: who does not do as desired, whose turn it is, and what he is told.

Owns the order of the queue, the deadlines and the giving up. A queue is made by a pass over
the whole fleet; between passes it is taken from as answers make room.
"""

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from controller.engine.awaited import Awaited, Sent
from controller.engine.columns import Columns, Flags, Rows
from controller.engine.desired import Wanted
from controller.engine.faults import FaultBit
from controller.engine.orders import MAX_ATTEMPTS, CommandOrder, Priority, backoff_s
from controller.engine.overriding import HANDOVER_S
from controller.engine.pacing import Pacing, place_in_group

GRACE_S: Final = 5.0
"""Machine seconds a luminaire has to follow its program by itself, or to be heard at all."""

MAX_AWAITED: Final = 4000
"""Commands whose answers are awaited at once."""

ANSWER_WITHIN_S: Final = 10.0
"""Machine seconds after which a command that is not answered gives its place to another."""

_AT_ONCE: Final = 500
"""Commands ordered in one look: to write them takes some milliseconds of the loop, and the
next look comes before they are answered."""

RENEW_WITHIN_S: Final = 2 * HANDOVER_S
"""Site seconds before a command ends at which one that is still wanted is given anew."""

_CONSIDERED: Final = 16_384
"""Rows at the head of the queue that are looked at in one go."""


class Repair:
    """The commands to single luminaires of one fleet."""

    def __init__(self, columns: Columns, awaited: Awaited, jitter: Callable[[], float]) -> None:
        self._columns = columns
        self._awaited = awaited
        self._jitter = jitter
        self._pacing = Pacing(columns)
        self._queue: Rows = np.zeros(0, dtype=np.intp)
        self._gave_up: Flags = np.zeros(columns.size, dtype=np.bool_)
        self._renewed: Flags = np.zeros(columns.size, dtype=np.bool_)

    @property
    def is_backlogged(self) -> bool:
        """Whether somebody waits for his turn."""
        return bool(self._queue.size)

    @property
    def not_following(self) -> Flags:
        """Luminaires that `MAX_ATTEMPTS` commands did not bring to what is desired."""
        return self._gave_up.copy()

    def forgive(self, rows: Rows) -> None:
        """These came back, or want another level: they are asked as if for the first time."""
        columns = self._columns
        columns.attempts[rows] = 0
        columns.retry_at[rows] = -np.inf
        columns.awaited_since[rows] = np.inf
        self._gave_up[rows] = False

    def hold(self) -> None:
        """There is no link: nobody is asked, and nobody's time to follow runs."""
        self._columns.awaited_since[:] = np.inf
        self._queue = self._queue[:0]

    def queue(self, agrees: Flags, wanted: Wanted, now: float, elapsed: float) -> None:
        """Look at the whole fleet: who is to be commanded, the most urgent first."""
        columns = self._columns
        columns.awaited_since[agrees] = np.inf
        columns.attempts[agrees] = 0
        np.minimum(columns.awaited_since, elapsed, out=columns.awaited_since, where=~agrees)
        runs_out = agrees & self._runs_out(wanted, now)
        differs = np.flatnonzero(~agrees | runs_out)
        self._gave_up[:] = False
        if not differs.size:
            self._queue = differs
            return
        gave_up = (columns.attempts[differs] >= MAX_ATTEMPTS) & (
            elapsed - columns.ordered_at[differs] >= ANSWER_WITHIN_S
        )
        self._gave_up[differs] = gave_up
        # At once where nobody but us says the level, or where a command of ours is in the
        # way; others get time to follow or to be heard.
        is_ours = ~columns.has_clock | wanted.is_held | self._is_in_the_way(now)
        grace_s = np.where(is_ours & columns.is_known, 0.0, GRACE_S)[differs]
        is_awaited = (elapsed - columns.awaited_since[differs] >= grace_s) & (
            elapsed >= columns.retry_at[differs]
        )
        due = (
            columns.is_reachable[differs]
            & (is_awaited | runs_out[differs])
            & (np.floor(wanted.expires_at[differs]) > now)
        )
        rows = differs[due]
        group = np.where(columns.feeder[rows] >= 0, columns.feeder[rows], columns.gateway[rows])
        # Light before everything, then whom we asked least; feeder by feeder in turn.
        urgency = (
            (~self._raises(rows)).astype(np.uint16) << 15
            | np.minimum(columns.attempts[rows], 7).astype(np.uint16) << 12
            | np.minimum(place_in_group(group + 1), 4095).astype(np.uint16)
        )
        self._queue = rows[np.argsort(urgency, kind="stable")]

    def take(
        self, wanted: Wanted, is_current: Flags, now: float, elapsed: float
    ) -> list[CommandOrder]:
        """As many of the queue as have room now.

        Bounded, or a street whose answers are late would be asked ever more. ``is_current``
        says who holds the documents in force.
        """
        columns, awaited = self._columns, self._awaited
        rows = self._queue[:_CONSIDERED]
        if not rows.size:
            return []
        agrees = columns.agrees(rows)
        is_due = (
            (~agrees & (elapsed >= columns.retry_at[rows]))
            | (agrees & self._runs_out(wanted, now)[rows])
        ) & (np.floor(wanted.expires_at[rows]) > now)
        rows = rows[is_due]
        asked = np.flatnonzero(
            (awaited.rev > 0)
            & (awaited.sent != Sent.ZONE)
            & (elapsed - awaited.since < ANSWER_WITHIN_S)
        )
        raises = self._raises(rows)
        admitted = self._pacing.admit(rows, raises, asked, elapsed)
        room = min(_AT_ONCE, max(0, MAX_AWAITED - asked.size))
        places = np.flatnonzero(admitted)[:room]
        chosen = rows[places]
        is_left: Flags = np.ones(rows.size, dtype=np.bool_)
        is_left[places] = False
        self._queue = np.concatenate([rows[is_left], self._queue[_CONSIDERED:]])
        self._pacing.spend(chosen[raises[places]])
        resumes = self._resumes(chosen, wanted, is_current)
        self._renewed[chosen] = columns.agrees(chosen)
        columns.attempts[chosen] += 1
        columns.ordered_at[chosen] = elapsed
        columns.commanded_until[chosen] = np.where(resumes, -np.inf, wanted.expires_at[chosen])
        columns.retry_at[chosen] = elapsed + backoff_s(columns.attempts[chosen], self._jitter())
        return [
            self._order(row, wanted, raises=raised, resumes=resumed, now=now)
            for row, raised, resumed in zip(
                chosen.tolist(), raises[places].tolist(), resumes.tolist(), strict=True
            )
        ]

    def is_renewed(self, row: int) -> bool:
        """Whether the luminaire's last command only lets it hold on to what it does."""
        return bool(self._renewed[row])

    def sent(self, row: int, elapsed: float) -> None:
        """The broker took the command only now: its time to answer begins."""
        columns = self._columns
        late_s = max(0.0, elapsed - float(columns.ordered_at[row]))
        columns.ordered_at[row] = elapsed
        columns.retry_at[row] += late_s

    def failed(self, row: int) -> None:
        """The command did not go out: that was no attempt."""
        columns = self._columns
        columns.attempts[row] = max(0, int(columns.attempts[row]) - 1)
        columns.retry_at[row] = -np.inf

    def _order(
        self, row: int, wanted: Wanted, *, raises: bool, resumes: bool, now: float
    ) -> CommandOrder:
        columns = self._columns
        desired = float(columns.desired[row])
        # Nobody is darkened on a guess.
        is_asked_only = math.isnan(columns.reported[row]) and desired <= 0
        is_first = columns.attempts[row] == 1
        ramp_left_s = float(wanted.since[row] + wanted.ramp_s[row]) - now
        return CommandOrder(
            luminaire=columns.ids[row],
            row=row,
            level=None if is_asked_only or resumes else desired,
            is_resume=resumes,
            expires_at=int(wanted.expires_at[row]),
            ramp_s=max(0, int(ramp_left_s)) if is_first else 0,
            attempt=int(columns.attempts[row]),
            priority=Priority.RAISE_LIGHT if raises else Priority.LOWER_LIGHT,
        )

    def _raises(self, rows: Rows) -> Flags:
        # An unknown level counts as dark.
        raises: Flags = ~(self._columns.reported[rows] >= self._columns.desired[rows])
        return raises

    def _is_in_the_way(self, now: float) -> Flags:
        """Who holds a command that outlives what it was for."""
        columns = self._columns
        holds: Flags = columns.reported_by_command & (columns.commanded_until > now)
        return holds

    def _runs_out(self, wanted: Wanted, now: float) -> Flags:
        """Whose program leaves the desired level, and whom no command of ours holds at it for
        long: without another he would fall back, into the dark perhaps, and be raised again."""
        until = self._columns.commanded_until
        runs_out: Flags = (
            wanted.is_held
            & self._columns.has_clock
            & (until < np.floor(wanted.expires_at))
            & (until - now <= RENEW_WITHIN_S)
        )
        return runs_out

    def _resumes(self, rows: Rows, wanted: Wanted, is_current: Flags) -> Flags:
        """Whom his own program brings to what is desired once our command is gone.

        Tried once: where the program does not, because the luminaire's clock is wrong, say,
        the level is commanded.
        """
        columns = self._columns
        is_clock_right = (columns.fault_bits[rows] & FaultBit.CLOCK.value) == 0
        resumes: Flags = (
            columns.reported_by_command[rows]
            & columns.has_clock[rows]
            & is_clock_right
            & ~wanted.is_held[rows]
            & ~wanted.is_covered[rows]
            & is_current[rows]
            & (columns.attempts[rows] == 0)
        )
        return resumes
