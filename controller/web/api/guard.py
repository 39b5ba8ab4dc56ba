"""What holds for every request and answer of the console's listener.

Bounds the body, sets the headers that keep a browser from being turned against its user, and
keeps answers of the API out of caches.

Ref: OWASP Secure Headers Project; W3C Content Security Policy Level 3.
"""

from collections.abc import MutableMapping
from typing import Any, Final

from fastapi import HTTPException
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from controller.errors import ControllerError
from controller.service.people import Right
from controller.web.api.access import known
from controller.web.api.context import Context
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import Problem, problem_response

LARGEST_BODY: Final = 4 * 1024 * 1024
"""Bytes of a request; a file of an inventory may have more."""

LARGEST_FILE: Final = 256 * 1024 * 1024
"""Bytes of an uploaded inventory."""

STRANGERS_BODY: Final = 64 * 1024
"""Bytes of a request of whoever is not in: bodies are read before anybody is asked who he is."""

FILES_BELOW: Final = "/api/v1/inventory/imports"

_LARGEST: Final = "lamplighter.largest"
"""Where a request's scope says how many bytes its body may have."""

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""Nothing inline, no eval, nothing from elsewhere; the map works in workers made of blobs."""

_HEADERS: Final = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_ONE_YEAR: Final = "max-age=31536000"


class Guard:
    """Wraps the whole app."""

    def __init__(self, app: ASGIApp, *, here: Context) -> None:
        self._app = app
        self._here = here
        self._headers = dict(_HEADERS)
        if here.is_secure:
            self._headers["strict-transport-security"] = _ONE_YEAR

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope[_LARGEST] = largest_body(scope["path"])
        taken, is_asked = 0, False

        async def refuse_strangers(size: int) -> None:
            nonlocal is_asked
            if size > STRANGERS_BODY and not is_asked:
                is_asked = True
                scope[_LARGEST] = await self._largest(Request(scope))

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                await refuse_strangers(taken)
                if taken > scope[_LARGEST]:
                    # The only kind that the framework does not take for a body it cannot read.
                    raise HTTPException(413)
            return message

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._protect(scope, message)
            await send(message)

        announced = _announced(scope)
        await refuse_strangers(announced)
        if announced > scope[_LARGEST]:
            answer = problem_response(Request(scope), too_large(scope))
            await answer(scope, receive, guarded)
            return
        await self._app(scope, bounded, guarded)

    async def _largest(self, request: Request) -> int:
        """Bytes that this caller may send there."""
        largest = largest_body(request.url.path)
        try:
            asking, _ = await known(request, self._here)
        except ControllerError:
            return STRANGERS_BODY
        if asking is None:
            return STRANGERS_BODY
        may_import = asking.is_citywide(Right.IMPORT)
        return largest if may_import else min(largest, LARGEST_BODY)

    def _protect(self, scope: Scope, message: MutableMapping[str, Any]) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in self._headers.items():
            headers.setdefault(name, value)
        if scope["path"].startswith("/api/"):
            # Whoever uses the browser next must not find what was answered before.
            headers.setdefault("cache-control", "no-store")


def largest_body(path: str) -> int:
    """Bytes that a request to a path may have."""
    return LARGEST_FILE if path.startswith(FILES_BELOW) else LARGEST_BODY


def too_large(scope: Scope) -> Problem:
    """The refusal of a larger one."""
    limit = scope.get(_LARGEST, LARGEST_BODY)
    return Problem(ProblemCode.BODY_TOO_LARGE, limit=limit, headers={"Connection": "close"})


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and len(value) < 20:
            return int(value)
    return 0
