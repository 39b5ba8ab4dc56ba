"""The page of metrics: figures copied on the loop, written and packed in a thread, kept for a
second."""

import asyncio
import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import Response

from controller.ports.clock import Clock
from controller.service.control import Control
from controller.web.doors import DoorFigures, Doors
from controller.web.metrics import render
from controller.web.snapshot import Aside, HandedOut, Snapshot, take_snapshot

_CACHE_S: Final = 1.0
_PACKING: Final = 1
"""Of gzip: a tenth of the size already, and more takes longer than a network does."""


@dataclass(frozen=True)
class Beside:
    """Where a page's figures come from that are not the control's."""

    certificates: Callable[[], Mapping[str, float]] = dict
    """Ends of the certificates in use, Unix s, by who shows them."""
    handed_out: Callable[[], HandedOut] = HandedOut
    """Certificates of luminaires and the like; both are asked in a thread."""
    doors: Doors = field(default_factory=Doors)


class _Written(NamedTuple):
    at: float
    plain: bytes
    packed: bytes


class Page:
    """One site's metrics."""

    def __init__(self, control: Control, clock: Clock, beside: Beside) -> None:
        self._beside = beside
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
        return Response(body, media_type=CONTENT_TYPE_PLAIN_0_0_4, headers=headers)

    async def _fresh(self) -> _Written:
        async with self._writing:
            kept = self._kept
            if kept is None or self._clock.monotonic() - kept.at > _CACHE_S:
                begun = self._clock.monotonic()
                shot = take_snapshot(self._control, self._clock.now())
                doors = self._beside.doors.figures()
                plain, packed = await asyncio.to_thread(self._write, shot, doors)
                now = self._clock.monotonic()
                self._took_s = now - begun
                self._kept = kept = _Written(now, plain, packed)
            return kept

    def _write(self, shot: Snapshot, doors: DoorFigures) -> tuple[bytes, bytes]:
        beside = self._beside
        aside = Aside(
            self._control.store_size_bytes(),
            beside.certificates(),
            beside.handed_out(),
            beside.doors.sessions(),
        )
        plain = render(shot, doors, aside, self._took_s)
        return plain, gzip.compress(plain, _PACKING)
