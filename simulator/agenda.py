"""What is to happen to the street, in the order of its instants."""

import heapq
from collections.abc import Callable


class Agenda:
    """What happens to the street at given site instants."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, Callable[[float], None]]] = []
        self._count = 0

    def put(self, at: float, action: Callable[[float], None]) -> None:
        """Let this happen at ``at``; what is put first comes first."""
        self._count += 1
        heapq.heappush(self._waiting, (at, self._count, action))

    def next_at(self) -> float:
        """Instant of the next; infinity for none."""
        return self._waiting[0][0] if self._waiting else float("inf")

    def pop(self) -> tuple[float, Callable[[float], None]]:
        """The next, with its instant."""
        at, _, action = heapq.heappop(self._waiting)
        return at, action
