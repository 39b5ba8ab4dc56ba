"""A clock that a test moves."""

import asyncio


class StillClock:
    """Site time and machine time stand until they are moved."""

    def __init__(self, at: float) -> None:
        self.at = at
        self.elapsed = 0.0
        self._awaited: list[tuple[float, asyncio.Event]] = []

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep_until(self, at: float) -> None:
        self._awaited.append((at, moved := asyncio.Event()))
        self._wake()
        await moved.wait()

    def pass_time(self, seconds: float) -> None:
        """Let both go on."""
        self.at += seconds
        self.elapsed += seconds
        self._wake()

    def _wake(self) -> None:
        for at, moved in self._awaited:
            if at <= self.at:
                moved.set()
