"""Blocking work beside the loop."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")


def _nothing() -> None:
    pass


async def finished(work: Callable[[], _T], *, if_failed: Callable[[], None] = _nothing) -> _T:
    """Do something in a thread; a cancellation waits for it, so that no older write comes
    after a newer one.

    ``if_failed`` is called on the loop where the work raised, also in a cancellation, which
    hides what it raised.
    """
    working = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        raise
    finally:
        if working.done() and working.exception() is not None:
            if_failed()
