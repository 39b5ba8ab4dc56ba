"""The watch over time: samples the clocks, asks the street, says when time moved.

The judgement is the guard's; this gives it what it needs and tells the others.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import assert_never

import numpy as np

from controller.engine.alarm_types import AlarmType
from controller.engine.alarms import Alarms
from controller.engine.clock_evidence import StreetClock
from controller.engine.clock_guard import (
    ClockDistrusted,
    ClockEvent,
    ClockFault,
    ClockState,
    ClockTrusted,
    Witness,
)
from controller.engine.columns import Columns
from controller.ports.clock import GuardedClock
from controller.service.sentences import SAY
from controller.service.watch import Check

_log = logging.getLogger("lamplighter.clock")

_ASKED_AT_ONCE = 24
_LATEST_S = 2.0
"""Answers are passed on sooner than this; more is time that moved meanwhile."""
_ASK_EVERY_S = 3.0
_ASK_SELDOM_S = 60.0
_ASK_OFTEN_FOR_S = 60.0
_ANSWERS_WITHIN_S = 4.5
"""Machine seconds with a broker in which the street may object to a clock that nobody
confirmed, before anything is published or commanded by it."""

_WITNESSES = {
    Witness.ITSELF: "it agrees again with what was known",
    Witness.STREET: "the luminaires' clocks say so",
    Witness.KERNEL: "the machine's time service says so",
    Witness.OPERATOR: "an operator says so",
}


class ClockWatch:
    """Watches over the clock of one service.

    ``ask`` sends the question for the time to luminaires, by row, and says whether it
    could; ``moved`` is called when
    trusted time jumped, with seconds.
    """

    def __init__(
        self,
        clock: GuardedClock,
        columns: Columns,
        ask: Callable[[Iterable[int]], bool],
        moved: Callable[[float], None],
    ) -> None:
        self._clock = clock
        self._columns = columns
        self._ask = ask
        self._moved = moved
        self._street = StreetClock()
        self._next_asked = 0
        self._asked_at = -float("inf")
        self._link_up_at: float | None = None
        self._doubted_since: float | None = None
        self.is_known = asyncio.Event()
        """Set while it is known what time it is: trusted, and nobody objected."""
        self._had_its_chance = False
        self._set_known()

    @property
    def state(self) -> ClockState:
        """How far time is trusted."""
        return self._clock.guard.state

    @property
    def steps(self) -> int:
        """Jumps of the wall clock so far."""
        return self._clock.guard.steps

    @property
    def offset_s(self) -> float:
        """The wall clock minus trusted time, s."""
        return self._clock.guard.offset_s

    @property
    def may_command(self) -> bool:
        """False while the time is unknown, or the street was not yet asked for it."""
        return self.is_known.is_set()

    def link_changed(self, *, is_up: bool) -> None:
        """The broker was reached or lost."""
        self._link_up_at = self._clock.steady() if is_up else None
        self._asked_at = -float("inf")

    def heard(self, row: int, at: float, heard_at: float) -> None:
        """A luminaire answered that its clock showed ``at`` when ours showed ``heard_at``."""
        if self._clock.is_site_time and self._columns.has_clock[row]:
            since_s = min(_LATEST_S, max(0.0, self._clock.now() - heard_at))
            self._street.note(row, at, self._clock.steady() - since_s)

    def look(self) -> None:
        """Sample the clocks and act on what the guard says; at least once a second."""
        steady = self._clock.steady()
        event = self._clock.sample(self._street.time(steady))
        if event is not None:
            self._take(event)
        self._set_known()
        self._ask_street(steady)

    def accept(self) -> str:
        """An operator says that the machine's clock is right; returns what came of it.

        Raises `ValueError` where it cannot be.
        """
        event = self._clock.accept()
        if event is None:
            return "the clock is trusted already"
        self._take(event)
        return f"the clock is trusted; time moved by {event.moved_s:+.1f} s"

    def check(self) -> Check:
        """How time stands."""
        guard = self._clock.guard
        if guard.fault is None:
            detail = SAY("clock_trusted" if self.is_known.is_set() else "clock_asked")
            return Check("clock", is_ok=True, detail=detail)
        held = SAY("clock_held" if guard.state is ClockState.HELD else "clock_unknown")
        fault = SAY(f"clock_is_{guard.fault.value}")
        return Check(
            "clock",
            is_ok=False,
            detail=SAY("clock_fault", fault=fault, offset_s=guard.offset_s, held=held),
        )

    def tell(self, alarms: Alarms) -> None:
        """Tell the alarms how time stands."""
        guard = self._clock.guard
        fault, detail = guard.fault, self.check().detail
        is_step = fault is ClockFault.STEPPED
        is_drift = fault in {ClockFault.DRIFTING, ClockFault.STANDING}
        is_other = fault is not None and not is_step and not is_drift
        for kind, is_present in (
            (AlarmType.CLOCK_STEPPED, is_step),
            (AlarmType.CLOCK_DRIFTING, is_drift),
            (AlarmType.CLOCK_NOT_TRUSTED, is_other),
        ):
            alarms.set_condition(kind, is_present=is_present, detail=detail)

    def _take(self, event: ClockEvent) -> None:
        self._set_known()
        match event:
            case ClockDistrusted(fault, offset_s):
                _log.error(
                    "%s: it is %s off by %+.1f s and not followed",
                    SAY(f"clock_is_{fault.value}"),
                    "at least" if fault is ClockFault.STANDING else "now",
                    offset_s,
                )
            case ClockTrusted(witness, moved_s):
                _log.warning(
                    "it is %s UTC (%s); time moved by %+.1f s",
                    datetime.fromtimestamp(self._clock.machine_now(), UTC).isoformat(
                        " ", "seconds"
                    ),
                    _WITNESSES[witness],
                    moved_s,
                )
                if moved_s:
                    self._moved(moved_s)
            case _:
                assert_never(event)

    def _set_known(self) -> None:
        if self.state is ClockState.UNKNOWN or not self._was_street_heard():
            self.is_known.clear()
        else:
            self.is_known.set()

    def _was_street_heard(self) -> bool:
        """Whether the time is confirmed, or the street had its chance to object."""
        if self._had_its_chance or self._clock.guard.is_confirmed or not self._clock.is_site_time:
            return True
        if self._link_up_at is None:
            return False  # what is compiled now would be sent as soon as there is a link
        if (
            self._columns.has_clock.any()
            and self._clock.steady() - self._link_up_at < _ANSWERS_WITHIN_S
        ):
            return False
        self._had_its_chance = True
        return True

    def _ask_street(self, steady: float) -> None:
        """Ask some luminaires for the time while there is doubt; others each time."""
        guard = self._clock.guard
        if guard.fault is None and guard.is_confirmed:
            self._doubted_since = None
            return
        if self._link_up_at is None or not self._clock.is_site_time:
            return
        if self._doubted_since is None:
            self._doubted_since = steady
        is_new = steady - max(self._doubted_since, self._link_up_at) < _ASK_OFTEN_FOR_S
        if steady - self._asked_at < (_ASK_EVERY_S if is_new else _ASK_SELDOM_S):
            return
        rows = np.flatnonzero(self._columns.has_clock & self._columns.is_reachable)
        if rows.size:
            count = min(_ASKED_AT_ONCE, rows.size)
            # Far apart in the inventory: not all behind one gateway with one clock.
            stride = max(1, rows.size // count)
            picked = rows[(self._next_asked + np.arange(count) * stride) % rows.size]
            self._next_asked += 1
            if not self._ask(picked.tolist()):
                return
        self._asked_at = steady
