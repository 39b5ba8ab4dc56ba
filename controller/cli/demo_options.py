"""What the user asked of the demonstration."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

FULL_SPEED = 720.0
"""Site seconds per second: a day in two minutes."""

FULL_SPEED_LUMINAIRES = 15_000
"""Luminaires that two cores carry at full speed, street, broker and controller together."""


def default_speed(luminaires: int) -> float:
    """Site seconds per second at which the messages of so many luminaires still fit."""
    return FULL_SPEED * min(1.0, FULL_SPEED_LUMINAIRES / luminaires)


@dataclass(frozen=True)
class DemoOptions:
    """The options of ``lamplighter demo``."""

    luminaires: int
    nights: int
    speed: float
    first_night: date | None
    """None: tonight, by the city's calendar."""
    seed: int
    broker: str
    http_port: int
    has_console: bool
    console_port: int
    faults: float
    clockless: float
    is_signed: bool
    data: Path | None
