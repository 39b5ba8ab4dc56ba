"""The trusted time: what the wall clock says, as long as it may be believed.

Trusted time runs on a steady clock from an anchor. Small differences to the wall clock are
followed evenly; a step, a standstill or a wrong rate is not: time goes on from the anchor,
and the new wall time counts only when the street, the kernel's time service or an operator
says so too. Pure: whoever samples the clocks passes them in.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from controller.engine.clock_evidence import AGREES_WITHIN_S, KernelClock, StreetTime
from controller.engine.clock_rate import ClockRate, Sample

STEP_S = 2.0
"""A wall clock further than this from trusted time is not followed."""

_MOST_EXCESS = 0.02
_MOST_EXCESS_SLEWED = 0.09
"""A time service that is in charge lets the clock catch up at up to 8.3 % (chrony)."""

_SLEW = 0.01
_SLEW_SYNCHRONISED = 0.1
_FORGIVEN_PER_S = 0.001
"""Crystals are good to 0.0002, time services correct 0.0005: what goes beyond is a drift."""

_STANDS_STILL = -0.9
_WOBBLE_S = 0.05
_EVEN_FOR_S = 60.0
_BELIEVED_ERROR_S = 2.0
_CONTESTED_FOR_S = 600.0
"""Machine seconds from the start in which the street may object to an unconfirmed clock."""

_MIGHT_BE_OFF_S = 7 * 86_400
"""How long a service may plausibly have been off, where nobody confirms the time."""

_EARLIEST = 1_767_225_600
"""2026-01-01: no clock of this service was ever right before."""
_LATEST = 2_082_758_400
"""2036-01-01: later only where somebody confirms it, or the service has been running till then."""


class ClockState(StrEnum):
    """How far time is trusted."""

    TRUSTED = "trusted"
    """The wall clock is followed."""
    HELD = "held"
    """The wall clock is wrong; time goes on from where it was last right."""
    UNKNOWN = "unknown"
    """It is not known what time it is: nothing may be commanded or published."""


class ClockFault(StrEnum):
    """Why the wall clock is not believed."""

    STEPPED = "stepped"
    DRIFTING = "drifting"
    STANDING = "standing"
    BEFORE_LAST = "before_last"
    """It says earlier than this service once knew it to be."""
    LONG_AFTER_LAST = "long_after_last"
    IMPLAUSIBLE = "implausible"
    STREET_DIFFERS = "street_differs"


class Witness(StrEnum):
    """Who vouched for a time."""

    ITSELF = "itself"
    """The wall clock came back to trusted time, or is plausible and nobody objects."""
    STREET = "street"
    KERNEL = "kernel"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class ClockDistrusted:
    """The wall clock is not followed any more."""

    fault: ClockFault
    offset_s: float
    """Wall time minus trusted time, s; where time is unknown, minus the last known."""


@dataclass(frozen=True, slots=True)
class ClockTrusted:
    """Time is trusted again, or for the first time."""

    witness: Witness
    moved_s: float
    """By how much trusted time jumped, s; 0 where it did not."""


ClockEvent = ClockDistrusted | ClockTrusted


class _Even(NamedTuple):
    """Since when the wall clock has run evenly beside trusted time, and how far off."""

    steady: float
    offset_s: float


class ClockGuard:
    """Trusted time of one machine. ``first`` is its first sample; `open` must follow."""

    def __init__(self, first: Sample) -> None:
        self._rate = ClockRate(first)
        self._anchor = first
        self._slope = 0.0
        self._followed_s = 0.0
        self._last_known: float | None = None
        self._opened = first.steady
        self._even_since: _Even | None = None
        self.state = ClockState.TRUSTED
        self.fault: ClockFault | None = None
        """Why the wall clock is not followed; None while it is."""
        self.steps = 0
        """Jumps of wall time of more than two seconds."""
        self.is_confirmed = False
        """True once anybody but the wall clock vouched for the time since `open`."""

    # --- what time it is ----------------------------------------------------------------

    def time(self, steady: float) -> float:
        """Trusted time, Unix seconds UTC, at a steady instant.

        Never goes back and never jumps, but by `ClockTrusted.moved_s`. While the state is
        unknown this is a lower bound that serves for nothing but logs.
        """
        since = steady - self._anchor.steady
        return self._anchor.wall + since + self._slope * min(max(since, 0.0), 1.0)

    @property
    def offset_s(self) -> float:
        """Wall time minus trusted time at the last sample, s."""
        last = self._rate.last
        return last.wall - self.time(last.steady)

    # --- what is learned ----------------------------------------------------------------

    def open(self, last_known: float | None, kernel: KernelClock | None) -> None:
        """Judge the first sample by what was known before the start.

        ``last_known`` is the newest instant of an earlier run that was trusted (Unix s).
        """
        self._last_known = last_known
        fault = self._implausible(self._rate.last.wall, kernel)
        if fault is not None:
            self.state, self.fault = ClockState.UNKNOWN, fault
            self._hold_at(self._anchor.wall if last_known is None else last_known)
        self.is_confirmed = fault is None and _is_believed(kernel)

    def sample(
        self, sample: Sample, kernel: KernelClock | None, street: StreetTime | None
    ) -> ClockEvent | None:
        """Take a sample, later than the last by the steady clock; at least one a second.

        ``kernel`` is None where the machine has no word on its time service, ``street``
        where too few luminaires spoke or they do not agree.
        """
        before = self._rate.last
        if sample.steady <= before.steady:
            return None
        jump_s = self._rate.add(sample)
        if abs(jump_s) > STEP_S and not self._is_rate_wrong(kernel):
            self.steps += 1
        match self.state:
            case ClockState.TRUSTED:
                return self._follow(sample, sample.steady - before.steady, jump_s, kernel, street)
            case ClockState.HELD | ClockState.UNKNOWN:
                return self._look_for_witness(sample, kernel, street)

    def accept(self) -> ClockTrusted | None:
        """An operator says that the wall clock is right; None where it is believed anyway.

        Raises `ValueError` where that cannot be: it stands still or runs at a wrong rate, or
        shows a time before this service was made.
        """
        if self.state is ClockState.TRUSTED:
            self.is_confirmed = True
            return None
        if self._rate.last.wall < _EARLIEST:
            raise ValueError("the clock shows a time before 2026: set it first")
        if self._is_rate_wrong(None):
            raise ValueError(
                f"the clock runs at {1 + self._rate.excess:.2f} times its rate: repair it first"
            )
        return self._trust(self._rate.last, Witness.OPERATOR)

    # --- how it is judged ---------------------------------------------------------------

    def _follow(
        self,
        sample: Sample,
        passed_s: float,
        jump_s: float,
        kernel: KernelClock | None,
        street: StreetTime | None,
    ) -> ClockEvent | None:
        offset_s = sample.wall - self.time(sample.steady)
        if self._is_rate_wrong(kernel):
            return self._distrust(self._rate_fault(), offset_s)
        if abs(offset_s) > STEP_S:
            is_step = abs(jump_s) > abs(offset_s) / 2
            return self._distrust(ClockFault.STEPPED if is_step else self._rate_fault(), offset_s)
        if not self.is_confirmed:
            if _is_believed(kernel) or _agrees(street, sample):
                self.is_confirmed = True
            elif street is not None and sample.steady - self._opened < _CONTESTED_FOR_S:
                # Nothing but plausibility spoke for this clock; the street knows better.
                self.state, self.fault = ClockState.UNKNOWN, ClockFault.STREET_DIFFERS
                self._hold_at(self.time(sample.steady))
                return ClockDistrusted(ClockFault.STREET_DIFFERS, -_ahead_s(street, sample))
        is_synchronised = _is_believed(kernel)
        most = _SLEW_SYNCHRONISED if is_synchronised else _SLEW
        now = self.time(sample.steady)
        slope = min(most, max(-most, offset_s))
        forgiven_s = min(abs(self._followed_s), _FORGIVEN_PER_S * passed_s)
        self._followed_s -= math.copysign(forgiven_s, self._followed_s)
        if not is_synchronised:
            self._followed_s += slope * min(passed_s, 1.0)
            if abs(self._followed_s) > STEP_S:
                return self._distrust(ClockFault.DRIFTING, offset_s)
        self._anchor, self._slope = Sample(now, sample.steady), slope
        return None

    def _look_for_witness(
        self, sample: Sample, kernel: KernelClock | None, street: StreetTime | None
    ) -> ClockEvent | None:
        if not self._is_settled(sample) or sample.wall < _EARLIEST:
            return self._take_street_time(sample, street)
        if self.state is ClockState.HELD and abs(self.offset_s) <= STEP_S:
            return self._trust(sample, Witness.ITSELF)
        if _agrees(street, sample):
            return self._trust(sample, Witness.STREET)
        if street is None:
            if _is_believed(kernel):
                return self._trust(sample, Witness.KERNEL)
            if (
                self.state is ClockState.UNKNOWN
                and self.fault is not ClockFault.STREET_DIFFERS
                and self._implausible(sample.wall, kernel) is None
            ):
                return self._trust(sample, Witness.ITSELF)
        return self._take_street_time(sample, street)

    def _is_settled(self, sample: Sample) -> bool:
        """Whether the wall clock runs evenly by now; after a drift it takes a minute to tell."""
        offset_s = sample.wall - self.time(sample.steady)
        # While a time service lets the clock catch up it is synchronised, and still wrong.
        is_even = (
            self._rate.is_known and not self._rate.has_jumped and not self._is_rate_wrong(None)
        )
        even = self._even_since
        if not is_even:
            self._even_since = None
            return False
        if even is None or abs(offset_s - even.offset_s) > _WOBBLE_S + _FORGIVEN_PER_S * (
            sample.steady - even.steady
        ):
            even = self._even_since = _Even(sample.steady, offset_s)
        is_drift = self.fault in {ClockFault.DRIFTING, ClockFault.STANDING}
        return not is_drift or sample.steady - even.steady >= _EVEN_FOR_S

    def _take_street_time(self, sample: Sample, street: StreetTime | None) -> ClockEvent | None:
        """Go by the street's clocks where there is no other time."""
        if self.state is not ClockState.UNKNOWN or street is None:
            return None
        street_at = street.ahead_s + sample.steady
        if street_at < _EARLIEST or self._is_before_last(street_at):
            return None
        moved_s = street_at - self.time(sample.steady)
        self.state = ClockState.HELD
        self.is_confirmed = True
        self._even_since = None
        self._hold_at(street_at)
        return ClockTrusted(Witness.STREET, moved_s)

    def _trust(self, sample: Sample, witness: Witness) -> ClockTrusted:
        moved_s = sample.wall - self.time(sample.steady)
        self.state, self.fault = ClockState.TRUSTED, None
        self.is_confirmed = self.is_confirmed or witness is not Witness.ITSELF
        self._followed_s = 0.0
        if witness is Witness.ITSELF and abs(moved_s) <= STEP_S:
            return ClockTrusted(witness, 0.0)  # what is left is followed evenly
        self._anchor, self._slope = sample, 0.0
        return ClockTrusted(witness, moved_s)

    def _distrust(self, fault: ClockFault, offset_s: float) -> ClockDistrusted:
        self.state, self.fault = ClockState.HELD, fault
        self._even_since = None
        self._hold_at(self.time(self._rate.last.steady))
        return ClockDistrusted(fault, offset_s)

    def _hold_at(self, at: float) -> None:
        self._anchor, self._slope = Sample(at, self._rate.last.steady), 0.0

    def _rate_fault(self) -> ClockFault:
        is_still = self._rate.excess_lately < _STANDS_STILL
        return ClockFault.STANDING if is_still else ClockFault.DRIFTING

    def _is_rate_wrong(self, kernel: KernelClock | None) -> bool:
        most = _MOST_EXCESS_SLEWED if _is_believed(kernel) else _MOST_EXCESS
        return abs(self._rate.excess) > most

    def _least(self) -> float | None:
        """What was last known before the start, and the time since the start."""
        if self._last_known is None:
            return None
        return self._last_known + (self._rate.last.steady - self._opened)

    def _is_before_last(self, wall: float) -> bool:
        least = self._least()
        return least is not None and wall < least - STEP_S

    def _implausible(self, wall: float, kernel: KernelClock | None) -> ClockFault | None:
        if wall < _EARLIEST:
            return ClockFault.IMPLAUSIBLE
        if self._is_before_last(wall):
            return ClockFault.BEFORE_LAST
        if _is_believed(kernel):
            return None
        least = self._least()
        if least is None:
            return ClockFault.IMPLAUSIBLE if wall >= _LATEST else None
        is_long_after = wall > least + _MIGHT_BE_OFF_S
        return ClockFault.LONG_AFTER_LAST if is_long_after else None


def _is_believed(kernel: KernelClock | None) -> bool:
    return kernel is not None and kernel.is_synchronised and kernel.max_error_s <= _BELIEVED_ERROR_S


def _ahead_s(street: StreetTime, sample: Sample) -> float:
    """Street time minus wall time, s."""
    return street.ahead_s + sample.steady - sample.wall


def _agrees(street: StreetTime | None, sample: Sample) -> bool:
    return street is not None and abs(_ahead_s(street, sample)) <= AGREES_WITHIN_S
