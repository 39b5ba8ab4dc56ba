"""Wire revisions, given out of blocks that were stored ahead.

No revision is given out twice: a block is stored as given before the first of it is used.
Giving one never waits for the disk. Blocks are so large that nights of commands fit into
what is left of one when the disk fails.
"""

import asyncio
import logging
import threading
import time

from controller.errors import StoreError
from controller.ports.store import Store
from controller.service.store_watch import StoreWatch

BLOCK = 2**24
"""Revisions stored ahead: some thirty nights of 100,000 luminaires without a clock."""

MARGIN = 2**24
"""How far above what somebody else may have given we begin."""

_LOOK_EVERY_S = 5.0
_UNSTORED_A_SECOND = 1_000
_UNSTORED_SINCE = 1_767_225_600  # 2026-01-01

_log = logging.getLogger("lamplighter.revisions")


class Revisions:
    """The revisions of one site. Thread-safe. Construct it off the loop: it uses the store."""

    def __init__(self, store: Store, watch: StoreWatch) -> None:
        self._store = store
        self._watch = watch
        self._mutex = threading.Lock()
        self._next = self._end = 0
        self._wanted = 0
        try:
            self._reserve()
        except StoreError as error:
            # A start on a full disk must not count again from where an earlier such start did.
            watch.failed(error)
            beyond = int(max(0.0, time.time() - _UNSTORED_SINCE) * _UNSTORED_A_SECOND)
            self._next = self._end = store.last_rev() + 1 + beyond

    @property
    def highest(self) -> int:
        """No revision above this one was given out."""
        return max(self._next, self._end) - 1

    @property
    def given(self) -> int:
        """The highest revision that was given out or may have been before the start."""
        return self._next - 1

    def take(self, count: int = 1) -> int:
        """Take `count` revisions; returns the first. Never waits for the disk."""
        with self._mutex:
            first = self._next
            self._next += count
        return first

    def lift(self, above: int) -> None:
        """Give only revisions well above this one from now on, stored or not. May block on
        the disk."""
        with self._mutex:
            if above < self._next:
                return
            self._next = self._end = above + MARGIN
        self._try_to_reserve()

    async def keep(self) -> None:
        """Reserve more before they run out, until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            if self._end - self._next < BLOCK // 2:
                await asyncio.to_thread(self._try_to_reserve)

    def _try_to_reserve(self) -> None:
        try:
            self._reserve()
        except StoreError as error:
            self._watch.failed(error)
            _log.warning("revisions go on without the store: %s", error)

    def _reserve(self) -> None:
        with self._mutex:
            given = self._next - 1
        if given > 0:
            self._store.lift_revs(given)
        first = self._store.reserve_revs(BLOCK)
        with self._mutex:
            if first != self._end:
                self._next = max(self._next, first)
            self._end = first + BLOCK
        self._watch.worked()
