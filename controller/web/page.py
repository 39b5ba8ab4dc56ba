"""The page of metrics: figures copied on the loop, written and packed in a thread, kept for a
second."""

import asyncio
import gzip
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from controller.ports.clock import Clock
from controller.service.control import Control
from controller.web.exposition import CONTENT_TYPE
from controller.web.metrics import render
from controller.web.snapshot import Snapshot, take_snapshot

_CACHE_S: Final = 1.0
_PACKING: Final = 1
"""Of gzip: a tenth of the size already, and more takes longer than a network does."""


class _Written(NamedTuple):
    at: float
    plain: bytes
    packed: bytes


class Page:
    """One site's metrics."""

    def __init__(self, control: Control, clock: Clock) -> None:
        self._control = control
        self._clock = clock
        self._writing = asyncio.Lock()
        self._kept: _Written | None = None
        self._took_s = 0.0

    async def answer(self, request: Request) -> Response:
        """The page, not older than a second; packed for those who can read that."""
        page = await self._fresh()
        headers = {"Vary": "Accept-Encoding"}
        body = page.plain
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = page.packed
        return Response(body, media_type=CONTENT_TYPE, headers=headers)

    async def _fresh(self) -> _Written:
        async with self._writing:
            kept = self._kept
            if kept is None or self._clock.monotonic() - kept.at > _CACHE_S:
                begun = self._clock.monotonic()
                shot = take_snapshot(self._control, self._clock.now())
                plain, packed = await asyncio.to_thread(_written, shot, self._took_s)
                now = self._clock.monotonic()
                self._took_s = now - begun
                self._kept = kept = _Written(now, plain, packed)
            return kept


def _written(shot: Snapshot, last_render_s: float) -> tuple[bytes, bytes]:
    plain = render(shot, last_render_s)
    return plain, gzip.compress(plain, _PACKING)
