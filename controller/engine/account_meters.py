"""Which meters are believed: the judgement of a batch of counter readings.

Owns the reasons for quarantine and the bounds of belief. A reading is held against the last
one that was believed; where it does not fit, it becomes the suspect, and a later reading that
agrees with the suspect and with the model makes that the new origin. So one lie poisons
nothing, and an exchanged meter counts again after two readings.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from controller.engine.columns import Flags, Floats, Ints

JOULES_PER_WH: Final = 3600.0

HEADROOM: Final = 1.9
"""A counter that grew by more than this share of the highest power is not believed."""

SLACK_J: Final = 3600.0
"""Counters are coarse: one watt-hour of slack."""

STUCK_J: Final = 5 * SLACK_J
"""A counter that stood still while the lamp should have used this much is not believed."""

CAUGHT_UP: Final = 0.5
"""A counter that stood still is believed over its stillness where it then says at least this
share of what is modelled."""

SLOW: Final = 0.5
"""Growth below this share of what is modelled waits for more of the same: one low lie must
not end the span of a true reading."""

SLOW_READINGS: Final = 4
"""So many slow readings in a row are believed: the lamp draws less than it says."""

AGREES: Final = (0.75, 1.33)
"""A reading speaks for a new origin where growth since is within these shares of the model."""

AGREEMENTS: Final = 2
"""So many readings that agree with a suspect make it the new origin."""

FUTURE_S: Final = 120.0
"""A measurement stamped further ahead than this is not believed."""


class Quarantine(StrEnum):
    """Why a reading was not believed."""

    BACKWARDS = "backwards"
    """The counter stands lower than before: exchanged, reset or lying."""
    TOO_FAST = "too_fast"
    """It grew by more than the lamp can draw."""
    STUCK = "stuck"
    """It stood still while the lamp should have burned."""
    FUTURE = "future"
    """Stamped ahead of time."""
    LATE = "late"
    """Not newer than what is accounted already."""
    DUPLICATE = "duplicate"
    """The same reading again."""
    MALFORMED = "malformed"
    """No number, or a negative one."""


@dataclass(frozen=True)
class Readings:
    """Counter readings against the last believed ones and the suspects."""

    span_s: Floats
    grown_j: Floats
    modelled_j: Floats
    """Modelled since the last believed reading."""
    fastest_w: Floats
    was_stuck: Flags
    suspect_span_s: Floats
    """NaN where there is no suspect."""
    suspect_grown_j: Floats
    suspect_modelled_j: Floats
    agreed: Ints
    """Readings that agreed with the suspect so far."""
    slow: Ints
    """Slow readings in a row so far."""
    measured_w: Floats
    """Power that came with the reading; NaN where none did."""


@dataclass(frozen=True)
class Verdict:
    """One flag of each kind for every reading; `believed` and `resumed` exclude each other."""

    believed: Flags
    resumed: Flags
    """Believed since the suspect, not since the last believed reading."""
    keeps_suspect: Flags
    """Not believed yet, but the suspect stands."""
    agrees: Flags
    """Speaks for the suspect."""
    waits: Flags
    """Says nothing yet: the counter is coarser than what was used, or slow."""
    slow: Flags
    backwards: Flags
    too_fast: Flags
    stuck: Flags


def judge(readings: Readings) -> Verdict:
    """Judge a batch; each luminaire once."""
    backwards = readings.grown_j < 0
    too_fast = readings.grown_j > _limit(readings.fastest_w, readings.span_s)
    # What the lamp draws now and what it was modelled to draw bound what it can have drawn.
    plausible_j = readings.modelled_j + readings.measured_w * readings.span_s
    with np.errstate(invalid="ignore"):  # NaN where no power was measured
        too_fast |= readings.grown_j > HEADROOM * plausible_j + STUCK_J
    fits = ~backwards & ~too_fast
    is_still = fits & (readings.grown_j == 0)
    stuck = is_still & (readings.modelled_j > STUCK_J)
    waits = is_still & ~stuck & (readings.modelled_j > 0)
    slept = fits & readings.was_stuck & (readings.grown_j < CAUGHT_UP * readings.modelled_j)
    slept &= ~stuck & ~waits
    low_j = SLOW * readings.modelled_j - SLACK_J
    slow = fits & ~is_still & ~slept & (readings.grown_j < low_j)
    waits |= slow & (readings.slow + 1 < SLOW_READINGS)
    believed = fits & ~stuck & ~waits & ~slept
    with np.errstate(invalid="ignore"):  # NaN where there is no suspect
        follows = (readings.suspect_grown_j >= 0) & (
            readings.suspect_grown_j <= _limit(readings.fastest_w, readings.suspect_span_s)
        )
        low, high = AGREES
        agrees = (
            follows
            & (readings.suspect_modelled_j > SLACK_J)
            & (readings.suspect_grown_j >= low * readings.suspect_modelled_j - SLACK_J)
            & (readings.suspect_grown_j <= high * readings.suspect_modelled_j + SLACK_J)
        )
        is_early = follows & (readings.suspect_modelled_j <= SLACK_J)
    doubted = ~believed & ~waits & ~stuck
    agrees &= doubted
    resumed = agrees & (readings.agreed + 1 >= AGREEMENTS)
    return Verdict(
        believed=believed,
        resumed=resumed,
        keeps_suspect=doubted & ~resumed & (agrees | is_early),
        agrees=agrees & ~resumed,
        waits=waits,
        slow=slow,
        backwards=backwards & ~resumed,
        too_fast=too_fast & ~resumed,
        stuck=stuck | (slept & ~resumed),
    )


def _limit(fastest_w: Floats, span_s: Floats) -> Floats:
    return HEADROOM * fastest_w * span_s + SLACK_J
