"""One at a time for each name."""

import asyncio


class Turns:
    """One at a time for each name; those that nobody waits for are forgotten."""

    def __init__(self) -> None:
        self._waiting: dict[bytes, tuple[asyncio.Lock, int]] = {}

    def of(self, name: bytes) -> "_Turn":
        """The turn of a name, to be entered."""
        return _Turn(self._waiting, name)


class _Turn:
    def __init__(self, waiting: dict[bytes, tuple[asyncio.Lock, int]], name: bytes) -> None:
        self._waiting = waiting
        self._name = name

    async def __aenter__(self) -> None:
        lock, count = self._waiting.get(self._name, (asyncio.Lock(), 0))
        self._waiting[self._name] = lock, count + 1
        try:
            await lock.acquire()
        except BaseException:
            self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._waiting[self._name][0].release()
        self._leave()

    def _leave(self) -> None:
        lock, count = self._waiting.pop(self._name)
        if count > 1:
            self._waiting[self._name] = lock, count - 1
