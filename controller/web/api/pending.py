"""Sign-ins that wait for the browser to come back from the provider."""

import time
from collections import OrderedDict
from typing import Final

from controller.ports.sign_in import Begun

LASTS_S: Final = 600
_MOST: Final = 1000


class PendingSignIns:
    """Sign-ins that have begun; each is good once, for ten minutes."""

    def __init__(self) -> None:
        self._begun: OrderedDict[str, tuple[float, Begun]] = OrderedDict()

    def add(self, begun: Begun) -> None:
        """Remember one; the oldest makes room."""
        self._begun[begun.state] = time.monotonic(), begun
        while len(self._begun) > _MOST:
            self._begun.popitem(last=False)

    def take(self, state: str) -> Begun | None:
        """The one of a state, once."""
        at, begun = self._begun.pop(state, (0.0, None))
        return begun if begun is not None and time.monotonic() - at < LASTS_S else None
