"""Blocking work beside the loop."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")


async def finished(work: Callable[[], _T]) -> _T:
    """Do something in a thread; a cancellation waits for it, so that no older write comes
    after a newer one."""
    working = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        raise
