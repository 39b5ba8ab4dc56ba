"""The local control socket: actions for whoever may enter the data folder.

HTTP on a Unix socket. Its rights are the folder's: who can read the store's files may also
speak here, nobody else. Bodies are JSON; errors are ``{"error": one line, "kind": class}``.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from controller.errors import (
    AlarmAcknowledged,
    ConfigurationError,
    ControllerError,
    NoSuchAlarm,
    NoSuchRevision,
    RevisionConflict,
)
from controller.service.actions import Actions, DocumentEdit
from controller.service.alarm_data import alarm_data

_STATUS: Final[dict[type[ControllerError], int]] = {
    ConfigurationError: 422,
    NoSuchRevision: 404,
    RevisionConflict: 409,
    NoSuchAlarm: 404,
    AlarmAcknowledged: 409,
}


class _Documents(msgspec.Struct, forbid_unknown_fields=True):
    base: int | None
    author: str
    comment: str
    inventory: msgspec.Raw = msgspec.Raw(b"null")
    plan: msgspec.Raw = msgspec.Raw(b"null")


class _Rollback(msgspec.Struct, forbid_unknown_fields=True):
    base: int | None
    number: int
    author: str
    comment: str


class _Acknowledgement(msgspec.Struct, forbid_unknown_fields=True):
    author: str
    note: str = ""


def actions_app(actions: Actions) -> Starlette:
    """The routes of the control socket."""

    async def documents(request: Request) -> Response:
        body = msgspec.json.decode(await request.body(), type=_Documents)
        edit = DocumentEdit(
            body.base, _given(body.inventory), _given(body.plan), body.author, body.comment
        )
        return JSONResponse({"revision": await actions.save_documents(edit)})

    async def rollback(request: Request) -> Response:
        body = msgspec.json.decode(await request.body(), type=_Rollback)
        number = await actions.rollback(body.number, body.base, body.author, body.comment)
        return JSONResponse({"revision": number})

    async def acknowledge(request: Request) -> Response:
        body = msgspec.json.decode(await request.body(), type=_Acknowledgement)
        number = request.path_params["number"]
        alarm = await actions.acknowledge_alarm(number, body.author, body.note)
        return JSONResponse(alarm_data(alarm))

    async def accept_clock(_: Request) -> Response:
        return JSONResponse({"outcome": actions.accept_clock()})

    async def status(_: Request) -> Response:
        return JSONResponse(actions.status())

    return Starlette(
        routes=[
            Route("/status", _told(status)),
            Route("/clock/accept", _told(accept_clock), methods=["POST"]),
            Route("/alarms/{number:int}/acknowledge", _told(acknowledge), methods=["POST"]),
            Route("/documents", _told(documents), methods=["POST"]),
            Route("/rollback", _told(rollback), methods=["POST"]),
        ],
    )


def _given(part: msgspec.Raw) -> bytes | None:
    text = bytes(part)
    return None if text == b"null" else text


Handler = Callable[[Request], Awaitable[Response]]


def _told(handler: Handler) -> Handler:
    """Let expected errors be answers."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except ControllerError as error:
            status = _STATUS.get(type(error), 500)
            return JSONResponse(
                {"error": " ".join(str(error).split()), "kind": type(error).__name__},
                status_code=status,
            )
        except msgspec.MsgspecError as error:
            return JSONResponse({"error": f"body: {error}", "kind": "Body"}, status_code=400)

    return answer
