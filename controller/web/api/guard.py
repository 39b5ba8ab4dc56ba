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

from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import Problem, problem_response

LARGEST_BODY: Final = 4 * 1024 * 1024
"""Bytes of a request; a file of an inventory may have more."""

LARGEST_FILE: Final = 256 * 1024 * 1024
"""Bytes of an uploaded inventory."""

FILES_BELOW: Final = "/api/v1/inventory/imports"

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

    def __init__(self, app: ASGIApp, *, is_secure: bool) -> None:
        self._app = app
        self._headers = dict(_HEADERS)
        if is_secure:
            self._headers["strict-transport-security"] = _ONE_YEAR

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest = largest_body(scope["path"])
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > largest:
                    # The only kind that the framework does not take for a body it cannot read.
                    raise HTTPException(413)
            return message

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._protect(scope, message)
            await send(message)

        if _announced(scope) > largest:
            answer = problem_response(Request(scope), too_large(scope["path"]))
            await answer(scope, receive, guarded)
            return
        await self._app(scope, bounded, guarded)

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


def too_large(path: str) -> Problem:
    """The refusal of a larger one."""
    return Problem(
        ProblemCode.BODY_TOO_LARGE, limit=largest_body(path), headers={"Connection": "close"}
    )


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and len(value) < 20:
            return int(value)
    return 0
