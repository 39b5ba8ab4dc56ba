"""HTTP on the service's own loop: ``/metrics``, ``/healthz``, ``/readyz``."""

import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from controller.errors import ConfigurationError
from controller.ports.clock import Clock
from controller.service.control import Control
from controller.service.health import Health, liveness, readiness
from controller.web.access import OPEN, Access
from controller.web.connections import BOUNDS, Bounds, bounded
from controller.web.luminaires import luminaires_of_zone
from controller.web.page import Beside, Page
from controller.web.requests import Counted

_GOODBYE_S: Final = 1
"""What is still being answered at the end gets so long."""


def web_app(
    control: Control,
    clock: Clock,
    access: Access = OPEN,
    beside: Beside | None = None,
) -> ASGIApp:
    """The routes of one site's service."""
    beside = beside or Beside()
    page = Page(control, clock, beside)

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

    routes = {
        "/metrics": metrics,
        "/metrics/luminaires": luminaires,
        "/healthz": health,
        "/readyz": ready,
    }
    beside.doors.requests.expect(("GET", path) for path in routes)
    app = Starlette(routes=[Route(path, answer) for path, answer in routes.items()])
    return Counted(app, requests=beside.doors.requests)


def _wrong(found: Health) -> list[str]:
    return [check.name for check in found.checks if not check.is_ok]


def _items(found: Health) -> dict[str, dict[str, object]]:
    return {check.name: {"ok": check.is_ok, "detail": check.detail} for check in found.checks}


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the service owns those."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(host: str, port: int, said_by: str = "") -> socket.socket:
    """A listening socket; raises `ConfigurationError` naming the address and why not.

    ``said_by`` names the option or setting that asked for the address.
    """
    try:
        return socket.create_server((host, port), backlog=128)
    except (OSError, OverflowError) as error:
        where = f" ({said_by})" if said_by else ""
        raise ConfigurationError(
            f"cannot listen on {host}:{port}{where}: {error}; choose another port or address"
        ) from error


@dataclass(frozen=True)
class Tls:
    """Certificate chain and key of a listener, PEM."""

    certificate_file: Path
    key_file: Path


async def serve(
    app: ASGIApp,
    listener: socket.socket,
    tls: Tls | None = None,
    bounds: Bounds = BOUNDS,
    *,
    is_behind_proxy: bool = False,
) -> None:
    """Answer on ``listener`` until cancelled, then end what is still being answered.

    A proxy on this machine is believed what it says of its clients' addresses; without one
    nobody is, who could give himself any.

    Raises `ConfigurationError` naming a certificate or key that is none.
    """
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    config = uvicorn.Config(
        app,
        http=bounded(bounds),
        log_config=None,
        lifespan="off",
        access_log=False,
        server_header=False,
        proxy_headers=is_behind_proxy,
        ssl_certfile=None if tls is None else tls.certificate_file,
        ssl_keyfile=None if tls is None else tls.key_file,
        timeout_graceful_shutdown=_GOODBYE_S,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        assert tls is not None, "only certificates are read"
        raise ConfigurationError(
            f"console certificate {str(tls.certificate_file)!r} with key "
            f"{str(tls.key_file)!r} cannot be used: {error}"
        ) from error
    server = _Server(config)
    try:
        await server.serve(sockets=[listener])
    finally:
        if server.started:
            # A cancelled server has not said goodbye: streams of events would stay behind.
            await server.shutdown(sockets=[listener])
