"""What the engine wants sent. Values; the service turns them into messages."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Literal

import numpy as np

from controller.engine.columns import Floats, Ints

MAX_ATTEMPTS: Final = 6
"""Commands without effect before the luminaire counts as not following."""

LONGEST_RETRY_S: Final = 900.0
"""Machine seconds between tries of a luminaire that does not follow."""

_FIRST_RETRY_S: Final = 5.0
_GOLDEN: Final = 0.6180339887498949
"""Multiples of it, modulo 1, lie evenly."""


class Priority(IntEnum):
    """Which order goes first: light before everything."""

    RAISE_LIGHT = 0
    DOCUMENT = 1
    LOWER_LIGHT = 2
    BACKGROUND = 3


@dataclass(frozen=True, slots=True)
class CommandOrder:
    """Command one luminaire until ``expires_at`` (Unix s, site time).

    ``level`` (%) to hold; with ``is_resume`` back to its program; neither: only say how it is.
    """

    luminaire: str
    row: int
    level: float | None
    expires_at: int
    attempt: int
    """From 1: how many commands it got for what is desired now, this one included."""
    priority: Priority
    is_resume: bool = False
    ramp_s: int = 0


@dataclass(frozen=True, slots=True)
class ZoneCommandOrder:
    """Command a whole zone until ``expires_at``: ``level`` (%), or None: back to the program."""

    zone: str
    zone_row: int
    level: float | None
    expires_at: int
    ramp_s: int
    priority: Priority


@dataclass(frozen=True, slots=True)
class ConfigOrder:
    """Send the luminaire's config again."""

    luminaire: str
    priority: Priority = Priority.DOCUMENT


@dataclass(frozen=True, slots=True)
class ProgramOrder:
    """Send a zone's or luminaire's program again."""

    owner: Literal["zone", "luminaire"]
    id: str
    priority: Priority = Priority.DOCUMENT


Order = CommandOrder | ZoneCommandOrder | ConfigOrder | ProgramOrder


def backoff_s(attempts: Ints, jitter: float) -> Floats:
    """Machine seconds until the next try after so many tries that were not followed.

    Doubling from 5 s, +-25 %; from `MAX_ATTEMPTS` on 15 min, +-25 %. ``jitter`` in [0, 1) is
    where the spread begins; over many luminaires it is even.
    """
    doubled = _FIRST_RETRY_S * 2.0 ** np.clip(attempts - 1, 0, 10)
    plain = np.where(attempts >= MAX_ATTEMPTS, LONGEST_RETRY_S, doubled)
    spread = (jitter + _GOLDEN * np.arange(len(attempts))) % 1.0
    backoff: Floats = np.minimum(plain, LONGEST_RETRY_S) * (0.75 + 0.5 * spread)
    return backoff
