"""The state of every luminaire in five bytes, for maps and lists.

Looked at once a second at most, however many ask, and numbered, so that readers learn
whether anything changed. Knows nothing of who reads.
"""

import secrets
from dataclasses import dataclass
from typing import Final

import numpy as np

from controller.engine.columns import Floats
from controller.ports.clock import Clock
from controller.service.control import Control
from controller.service.tonight import Codes, Fleet, fleet

UNKNOWN_LEVEL: Final = 255
COLUMNS: Final = ("state", "desired", "commanded", "reported", "communication")
"""What the bytes of a luminaire say, in this order."""

_LOOK_EVERY_S: Final = 1.0


@dataclass(frozen=True)
class StreetStates:
    """All luminaires at one instant, in the order of the inventory."""

    version: int
    """Counts the changes since the service began."""
    columns: Codes
    """[`COLUMNS`, luminaire]; levels are whole %, `UNKNOWN_LEVEL` where not known."""

    @property
    def fleet(self) -> Fleet:
        """The codes."""
        return Fleet(self.columns[0], self.columns[4])


class StatesWatch:
    """Looks at the states of one service. Call it on the loop."""

    def __init__(self, control: Control, clock: Clock) -> None:
        self.run = secrets.token_hex(4)
        """Names this run of the service: versions of another one do not compare."""
        self._control = control
        self._clock = clock
        self._looked_at = -np.inf
        self._states: StreetStates | None = None

    def look(self) -> StreetStates:
        """The states, not older than a second."""
        now = self._clock.monotonic()
        states = self._states
        if states is None or now - self._looked_at >= _LOOK_EVERY_S:
            columns = self._taken()
            if states is None:
                states = StreetStates(1, columns)
            elif not np.array_equal(states.columns, columns):
                states = StreetStates(states.version + 1, columns)
            self._states, self._looked_at = states, now
        return states

    def _taken(self) -> Codes:
        engine = self._control.engine
        codes = fleet(self._control)
        return np.stack(
            [
                codes.state,
                _bytes(engine.columns.desired),
                _bytes(engine.told()),
                _bytes(engine.columns.reported),
                codes.link,
            ]
        )


def _bytes(levels: Floats) -> Codes:
    whole = np.rint(np.clip(levels, 0, 100))
    return np.where(np.isnan(whole), UNKNOWN_LEVEL, whole).astype(np.uint8)
