"""Copies of the store beside it: daily, and soon after documents changed.

A copy counts once it was read back and found whole. Where it fails the last one stays.
"""

import asyncio
import logging
import time

from controller.errors import StoreError
from controller.ports.store import Store
from controller.service.in_thread import finished

_FIRST_AFTER_S = 60.0
_SETTLES_S = 30.0
"""After a change of documents: more may follow."""
_EVERY_S = 86_400.0
_RETRY_S = 600.0
_LOOK_EVERY_S = 300.0

_log = logging.getLogger("lamplighter.backups")


class Backups:
    """The copies of one store. Construct it off the loop: it looks at what is there."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.last_success_at = store.last_backup_at()
        """Unix seconds UTC of the last whole copy; 0 for none."""
        self.failures = 0
        self.is_wanted = asyncio.Event()
        """Set it when documents were stored."""

    async def run(self) -> None:
        """Copy until cancelled."""
        await asyncio.sleep(_FIRST_AFTER_S)
        if await asyncio.to_thread(self._is_behind):
            self.is_wanted.set()
        while True:
            if self.is_wanted.is_set() or self.is_due(time.time()):
                self.is_wanted.clear()
                if not await self.copy():
                    self.is_wanted.set()
                    await asyncio.sleep(_RETRY_S)
                    continue
            try:
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self.is_wanted.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(_SETTLES_S)

    def is_due(self, now: float) -> bool:
        """Whether a day has passed at ``now`` (machine time, Unix s) since the last copy, or the
        clock that dated it was ahead by so much: it must not put off the next until that day."""
        return abs(now - self.last_success_at) >= _EVERY_S

    async def copy(self) -> bool:
        """Make a copy now; returns whether it is there and whole."""
        try:
            self.last_success_at = await finished(self._store.back_up)
        except StoreError as error:
            self.failures += 1
            _log.error("no backup of the store: %s", error)
            return False
        _log.info("the store was backed up")
        return True

    def _is_behind(self) -> bool:
        try:
            revisions = self._store.revisions()
        except StoreError:
            return True
        return bool(revisions) and revisions[-1].saved_at > self.last_success_at
