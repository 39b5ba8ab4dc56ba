"""What the user asked of the demonstration."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path


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
    faults: float
    clockless: float
    data: Path | None
