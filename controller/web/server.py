"""HTTP on the service's own loop: ``/metrics``, ``/healthz``, ``/readyz``."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from controller.errors import ConfigurationError
from controller.ports.clock import Clock
from controller.service.control import Control
from controller.service.health import Health, liveness, readiness
from controller.web.access import OPEN, Access
from controller.web.luminaires import luminaires_of_zone
from controller.web.page import Page


def web_app(control: Control, clock: Clock, access: Access = OPEN) -> Starlette:
    """The routes of one site's service."""
    page = Page(control, clock)

    async def metrics(request: Request) -> Response:
        return access.refusal(request) or await page.answer(request)

    async def luminaires(request: Request) -> Response:
        return access.refusal(request) or await luminaires_of_zone(
            control, request.query_params.get("zone"), is_on=access.shows_luminaires
        )

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
            Route("/metrics/luminaires", luminaires),
            Route("/healthz", health),
            Route("/readyz", ready),
        ]
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
