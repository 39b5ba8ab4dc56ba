"""The console's app: the API below ``/api/v1`` and the built console beside it."""

import logging
import secrets
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from controller.errors import ControllerError
from controller.web.api.alarms import router as alarms_router
from controller.web.api.approvals import router as approvals_router
from controller.web.api.base_map import router as base_map_router
from controller.web.api.city import router as city_router
from controller.web.api.context import Context
from controller.web.api.documents import router as documents_router
from controller.web.api.edits import router as edits_router
from controller.web.api.energy import router as energy_router
from controller.web.api.events import Events
from controller.web.api.events import router as events_router
from controller.web.api.faults import field_problems, problem_of
from controller.web.api.guard import Guard, too_large
from controller.web.api.imports import router as imports_router
from controller.web.api.luminaires import router as luminaires_router
from controller.web.api.oidc import router as oidc_router
from controller.web.api.openapi import description
from controller.web.api.overrides import router as overrides_router
from controller.web.api.packing import Packing
from controller.web.api.permissions import PERMISSIONS
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import Problem, problem_response
from controller.web.api.rollouts import router as rollouts_router
from controller.web.api.schedules import router as schedules_router
from controller.web.api.session import router as session_router
from controller.web.api.street_map import router as map_router
from controller.web.api.tonight import router as tonight_router
from controller.web.api.users import router as users_router
from controller.web.api.witness import Witness
from controller.web.api.work_orders import router as work_orders_router
from controller.web.console_files import console_routes
from controller.web.doors import Doors
from controller.web.requests import Counted
from schedules.errors import SchedulesError
from zones.errors import ZonesError

BASE: Final = "/api/v1"

ROUTERS: Final[tuple[APIRouter, ...]] = (
    session_router,
    oidc_router,
    users_router,
    approvals_router,
    city_router,
    tonight_router,
    events_router,
    map_router,
    base_map_router,
    luminaires_router,
    schedules_router,
    energy_router,
    alarms_router,
    work_orders_router,
    documents_router,
    edits_router,
    rollouts_router,
    imports_router,
    overrides_router,
)

_log = logging.getLogger("lamplighter.api")


def console_app(context: Context, doors: Doors | None = None) -> FastAPI:
    """The app of one running service; ``doors`` counts who comes."""
    doors = doors or Doors()
    doors.people = context.people
    doors.requests.expect([("GET", "/")])
    doors.requests.expect((method, f"{BASE}{path}") for method, path in PERMISSIONS)
    app = routed_app()
    app.state.context = context
    app.state.events = Events(context, doors.streams)
    app.router.routes.extend(console_routes())
    _answer_problems(app)
    app.add_middleware(Witness, audit=context.people.audit, base=BASE)
    app.add_middleware(Packing)
    app.add_middleware(Guard, here=context)
    app.add_middleware(Counted, requests=doors.requests, base=BASE)
    return app


def routed_app() -> FastAPI:
    """The routes of the API, without a service behind them."""
    app = FastAPI(
        title="Lamplighter",
        version="1",
        openapi_url=f"{BASE}/openapi.json",
        docs_url=None,  # its page loads scripts from the internet
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
    )
    for router in ROUTERS:
        app.include_router(router, prefix=BASE)
    app.openapi = partial(description, app)  # type: ignore[method-assign]  # the framework's way
    return app


def _answer_problems(app: FastAPI) -> None:
    """Let every refusal and every fault be a problem in the reader's language."""

    async def problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return problem_response(request, error)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem_response(request, field_problems(error.errors(), request.url.path))

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problem_response(request, _of_http(request, error))

    async def expected(request: Request, error: Exception) -> Response:
        return problem_response(request, problem_of(error))

    async def fault(request: Request, error: Exception) -> Response:
        incident = secrets.token_hex(4)
        _log.error("%s %s failed (%s)", request.method, request.url.path, incident, exc_info=error)
        return problem_response(request, Problem(ProblemCode.INTERNAL, incident=incident))

    handlers: dict[Any, Any] = {
        Problem: problem,
        RequestValidationError: invalid,
        HTTPException: http,
        ControllerError: expected,
        SchedulesError: expected,
        ZonesError: expected,
        Exception: fault,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _of_http(request: Request, error: HTTPException) -> Problem:
    """A refusal of the framework's own."""
    path = request.url.path
    match error.status_code:
        case 404:
            return Problem(ProblemCode.NO_SUCH_ROUTE, path=path)
        case 405:
            allowed = (error.headers or {}).get("Allow", "GET")
            return Problem(
                ProblemCode.METHOD_NOT_ALLOWED,
                path=path,
                method=request.method,
                allowed=allowed,
                headers={"Allow": allowed},
            )
        case 413:
            return too_large(request.scope)
        case 415:
            return Problem(
                ProblemCode.UNSUPPORTED_MEDIA,
                given=request.headers.get("content-type", ""),
                expected="application/json",
            )
        case _:
            return Problem(ProblemCode.MALFORMED, why=str(error.detail))
