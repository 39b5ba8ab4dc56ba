"""HTTP on the service's own loop: ``/metrics``, ``/healthz``, ``/readyz``.

A scrape copies its figures on the loop and renders them in a thread, once a second at most.
"""

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from controller.errors import ConfigurationError
from controller.ports.clock import Clock
from controller.service.control import Control
from controller.service.health import Health, liveness, readiness
from controller.web.metrics import CONTENT_TYPE, render
from controller.web.snapshot import take_snapshot

_CACHE_S = 1.0


def web_app(control: Control, clock: Clock) -> Starlette:
    """The routes of one site's service."""
    rendering = asyncio.Lock()
    cached: tuple[float, bytes] | None = None

    async def metrics(_: Request) -> Response:
        nonlocal cached
        async with rendering:
            if cached is None or clock.monotonic() - cached[0] > _CACHE_S:
                snapshot = take_snapshot(control, clock.now())
                body = await asyncio.to_thread(render, snapshot)
                cached = (clock.monotonic(), body)
            return Response(cached[1], media_type=CONTENT_TYPE)

    async def health(_: Request) -> Response:
        """Alive: the loop turns and every task makes its rounds."""
        found = liveness(control)
        body: dict[str, object] = {"status": "ok" if found.is_ok else "failing"}
        body["epoch"] = control.epoch
        if not found.is_ok:
            body["wrong"] = _wrong(found)
        body["items"] = _items(found)
        return JSONResponse(body, status_code=200 if found.is_ok else 503)

    async def ready(_: Request) -> Response:
        """In control: programs in force, the broker reached, the time known."""
        found = readiness(control)
        body: dict[str, object] = {"status": "ready" if found.is_ok else "not ready"}
        body["role"] = control.leader.role
        if not found.is_ok:
            body["waits_for"] = _wrong(found)
        body["items"] = _items(found)
        return JSONResponse(body, status_code=200 if found.is_ok else 503)

    return Starlette(
        routes=[
            Route("/metrics", metrics),
            Route("/healthz", health),
            Route("/readyz", ready),
        ],
        middleware=[Middleware(GZipMiddleware, minimum_size=1024)],
    )


def _wrong(found: Health) -> list[str]:
    return [check.name for check in found.checks if not check.is_ok]


def _items(found: Health) -> dict[str, dict[str, object]]:
    return {check.name: {"ok": check.is_ok, "detail": check.detail} for check in found.checks}


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the service owns those."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; raises `ConfigurationError` naming the address and why not."""
    try:
        return socket.create_server((host, port), backlog=128)
    except (OSError, OverflowError) as error:
        raise ConfigurationError(
            f"cannot listen on {host}:{port}: {error}; choose another port or address"
        ) from error


async def serve(app: Starlette, listener: socket.socket) -> None:
    """Answer on ``listener`` until cancelled."""
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    config = uvicorn.Config(app, log_config=None, lifespan="off", access_log=False)
    await _Server(config).serve(sockets=[listener])
