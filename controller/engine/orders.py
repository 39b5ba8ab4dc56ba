"""What the engine wants sent. Values; the service turns them into messages."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

_FIRST_RETRY_S = 5.0
_LONGEST_RETRY_S = 900.0


class Priority(IntEnum):
    """Which order goes first: light before everything."""

    RAISE_LIGHT = 0
    DOCUMENT = 1
    LOWER_LIGHT = 2
    BACKGROUND = 3


@dataclass(frozen=True, slots=True)
class CommandOrder:
    """Hold ``level`` (%) until ``expires_at`` (Unix s, site time); None: only say how you are."""

    luminaire: str
    level: float | None
    expires_at: int
    attempt: int
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


Order = CommandOrder | ConfigOrder | ProgramOrder


def backoff_s(attempts: int, jitter: float) -> float:
    """Machine seconds until the next try: doubling from 5 s, at most 15 min, +-25 %."""
    doubled: float = _FIRST_RETRY_S * 2.0 ** min(attempts, 10)
    return min(doubled, _LONGEST_RETRY_S) * (0.75 + 0.5 * jitter)
