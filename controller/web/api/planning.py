"""Long work for readers beside the loop: a few at once, the others wait their turn."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import Problem

_AT_ONCE: Final = 2
_MOST_WAITING: Final = 50

_T = TypeVar("_T")


class Planning:
    """The turns of one service. What is worked out must let go of its threads by itself."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def off_the_loop(self, work: Callable[[], _T]) -> _T:
        """Work in a thread when it is our turn; refuses where too many wait already."""
        if self._waiting >= _MOST_WAITING:
            raise Problem(ProblemCode.TOO_MANY, retry_after_s=5, headers={"Retry-After": "5"})
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1
