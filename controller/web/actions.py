"""The local control socket: actions for whoever may enter the data folder.

HTTP on a Unix socket. Its rights are the folder's: who can read the store's files may also
speak here, nobody else. Bodies are JSON; errors are ``{"error": one line, "kind": class}``.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

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
    NoSuchPerson,
    NoSuchRevision,
    RevisionConflict,
    StoreError,
)
from controller.service.actions import Actions, DocumentEdit
from controller.service.alarm_data import alarm_data
from controller.service.people import People, local_caller
from controller.service.people.audit import Outcome
from controller.service.people.by_machine import act_on_user

_STATUS: Final[dict[type[ControllerError], int]] = {
    ConfigurationError: 422,
    NoSuchRevision: 404,
    RevisionConflict: 409,
    NoSuchAlarm: 404,
    AlarmAcknowledged: 409,
    NoSuchPerson: 404,
}

_T = TypeVar("_T")
_log = logging.getLogger("lamplighter.actions")


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


class _Author(msgspec.Struct, forbid_unknown_fields=True):
    author: str


class _User(msgspec.Struct, forbid_unknown_fields=True):
    author: str
    user: str
    name: str | None = None
    grants: list[str] = []


class _Acknowledgement(msgspec.Struct, forbid_unknown_fields=True):
    author: str
    note: str = ""


def actions_app(actions: Actions, people: People, console_url: str | None) -> Starlette:
    """The routes of the control socket. What is asked here stands in the audit log, too."""

    async def noted(
        author: str, action: str, subject: str, work: Awaitable[_T], **detail: object
    ) -> _T:
        outcome: Outcome = "failed"
        try:
            found = await work
        except ControllerError as error:
            outcome, detail["why"] = "refused", " ".join(str(error).split())[:300]
            raise
        else:
            outcome = "done"
            return found
        finally:
            try:
                await people.audit.write(local_caller(author), action, subject, outcome, detail)
            except StoreError as error:
                # On a full disk the clock can still be accepted: the street comes first.
                _log.error("%s by %r is not in the audit log: %s", action, author, error)

    async def documents(request: Request) -> Response:
        body = msgspec.json.decode(await request.body(), type=_Documents)
        edit = DocumentEdit(
            body.base, _given(body.inventory), _given(body.plan), body.author, body.comment
        )
        kinds = [name for name in ("inventory", "plan") if getattr(edit, name) is not None]
        saving = actions.save_documents(edit)
        number = await noted(body.author, "edit", ", ".join(kinds), saving, comment=body.comment)
        return JSONResponse({"revision": number})

    async def rollback(request: Request) -> Response:
        body = msgspec.json.decode(await request.body(), type=_Rollback)
        going = actions.rollback(body.number, body.base, body.author, body.comment)
        number = await noted(body.author, "roll back", str(body.number), going)
        return JSONResponse({"revision": number})

    async def acknowledge(request: Request) -> Response:
        body = msgspec.json.decode(await request.body(), type=_Acknowledgement)
        number = request.path_params["number"]
        noticing = actions.acknowledge_alarm(number, body.author, body.note)
        alarm = await noted(body.author, "acknowledge alarm", str(number), noticing)
        return JSONResponse(alarm_data(alarm))

    async def accept_clock(request: Request) -> Response:
        body = msgspec.json.decode(await request.body(), type=_Author)

        async def accepted() -> str:
            return actions.accept_clock()

        return JSONResponse({"outcome": await noted(body.author, "accept clock", "", accepted())})

    async def user(request: Request) -> Response:
        """The directory tells the audit log by itself what was done."""
        body = msgspec.json.decode(await request.body(), type=_User)
        answer = await act_on_user(
            people,
            local_caller(body.author),
            request.path_params["action"],
            *(body.user, body.name, body.grants),
        )
        return JSONResponse(answer | {"console": console_url})

    async def status(_: Request) -> Response:
        return JSONResponse(actions.status())

    return Starlette(
        routes=[
            Route("/status", _told(status)),
            Route("/clock/accept", _told(accept_clock), methods=["POST"]),
            Route("/alarms/{number:int}/acknowledge", _told(acknowledge), methods=["POST"]),
            Route("/users/{action}", _told(user), methods=["POST"]),
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
