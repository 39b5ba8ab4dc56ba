"""Sees to it that every action and every refusal leaves a line in the audit log.

A route that knows more of what it did writes a better line by itself; then none is added. The
line is on the disk before the answer goes out. Many refusals from one place are cut short, so
that nobody fills the disk with them.
"""

import re
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from controller.service.people import Audit, Caller
from controller.service.people.audit import Outcome, lines_of_this
from controller.service.people.throttle import AddressThrottle
from controller.web.api.access import address_of
from controller.web.api.permissions import PERMISSIONS

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_KEPT: Final = 100
"""Refusals of one person or address that are kept, of ten minutes."""
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43,}")
"""What a token, a link or a cookie looks like; somebody may have taken it for a name."""
_LEARNT_NOTHING: Final = frozenset({400, 405, 413, 415, 422})
"""What was asked could not be understood: nobody was refused anything."""


class Witness:
    """Wraps the app of the API, whose paths begin with ``base``."""

    def __init__(self, app: ASGIApp, *, audit: Audit, base: str) -> None:
        self._app = app
        self._audit = audit
        self._base = base
        self._refusals = AddressThrottle(_KEPT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or not scope["path"].startswith(f"{self._base}/"):
            await self._app(scope, receive, send)
            return
        with lines_of_this() as lines:

            async def seen(message: Message) -> None:
                if message["type"] == "http.response.start":
                    await self._note(Request(scope), int(message["status"]), is_told=bool(lines))
                await send(message)

            try:
                await self._app(scope, receive, seen)
            except Exception:
                # Answered further out; what was begun is told here.
                await self._note(Request(scope), 500, is_told=bool(lines))
                raise

    async def _note(self, request: Request, status: int, *, is_told: bool) -> None:
        outcome = self._outcome(request, status)
        if outcome is None or is_told:
            return
        known: Caller | None = getattr(request.state, "caller", None)
        caller = known or Caller("", "", (), address=address_of(request))
        detail: dict[str, object] = {"status": status}
        if outcome == "refused":
            place, now = known.user if known else caller.address, self._audit.now()
            if self._refusals.wait_s(place, now) > 0:
                return
            self._refusals.fail(place, now)
            if self._refusals.wait_s(place, now) > 0:
                detail["more"] = "not kept for ten minutes"
        path = _SECRET.sub("...", request.url.path.removeprefix(self._base))
        await self._audit.write(caller, f"{request.method} {path}"[:100], "", outcome, detail)

    def _outcome(self, request: Request, status: int) -> Outcome | None:
        """What is to be told; None: nothing."""
        if status == 403:
            return "refused"
        if not self._is_action(request):
            return None
        if status < 400:
            return "done"
        if status in _LEARNT_NOTHING:
            return None
        return "failed" if status >= 500 else "refused"

    def _is_action(self, request: Request) -> bool:
        if request.method in _SAFE or request.query_params.get("dry_run") in {"true", "1"}:
            return False
        route = request.scope.get("route")
        path = str(getattr(route, "path", "")).removeprefix(self._base)
        permission = PERMISSIONS.get((request.method, path))
        return permission is None or permission.is_action
