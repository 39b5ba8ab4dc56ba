"""Counts requests by route, how long their answers took, and what was refused.

Labels are bounded: routes by their template, what has none as `OTHER`; methods of HTTP alone.
Knows no metrics format.

Ref: prometheus.io, "Metric and label naming"; RFC 9110 (methods).
"""

import time
from collections.abc import Callable, Iterable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from controller.service.people import Right
from controller.service.tally import Distribution
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import REFUSED_FOR

OTHER: Final = "other"
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
CLASSES: Final = ("2xx", "4xx", "5xx")
"""Those that every route has from the start; others appear as they come."""

_BOUNDS_S: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
NO_RIGHT: Final = "session"
"""What takes a person's session in place of a right."""


class Requests:
    """What came to the listeners of one service, since its start."""

    def __init__(self) -> None:
        self.answered: dict[tuple[str, ...], int] = {}
        """By route, method and class of the status."""
        self.head_s: dict[str, Distribution] = {}
        """Machine seconds to the head of the answer, by route."""
        self.problems: dict[str, int] = {code.value: 0 for code in ProblemCode}
        """Refusals and faults by what they are."""
        self.denials: dict[str, int] = {right.value: 0 for right in Right} | {NO_RIGHT: 0}
        """Refusals of those who are known, by the right that was missing."""
        self.expect([("GET", OTHER)])

    def copy(self) -> "Requests":
        """The same figures, independent of what is counted later."""
        twin = Requests()
        twin.answered, twin.problems = dict(self.answered), dict(self.problems)
        twin.head_s = {route: taken.copy() for route, taken in self.head_s.items()}
        twin.denials = dict(self.denials)
        return twin

    def expect(self, routes: Iterable[tuple[str, str]]) -> None:
        """Let routes have their series from the start; each is a method and a template."""
        for method, route in routes:
            self.head_s.setdefault(route, Distribution(_BOUNDS_S))
            for code_class in CLASSES:
                self.answered.setdefault((route, method, code_class), 0)

    def count(self, route: str, method: str, status: int, took_s: float) -> None:
        """One answer."""
        known = route if route in self.head_s else OTHER
        key = known, method if method in METHODS else OTHER, f"{status // 100}xx"
        self.answered[key] = self.answered.get(key, 0) + 1
        self.head_s[known].add(took_s)

    def refuse(self, code: str, right: str | None) -> None:
        """One refusal; a right that is none of ours is to see more of the city."""
        self.problems[code] = self.problems.get(code, 0) + 1
        if code == ProblemCode.FORBIDDEN:
            self.denials[right if right in self.denials else Right.VIEW.value] += 1


class Counted:
    """Wraps an app whose requests are counted; ``monotonic`` is machine seconds.

    Templates of its routes begin below ``base``.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        requests: Requests,
        base: str = "",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._requests = requests
        self._base = base
        self._monotonic = monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, is_begun = self._monotonic(), False

        async def counting(message: Message) -> None:
            nonlocal is_begun
            if message["type"] == "http.response.start":
                is_begun = True
                self._note(scope, int(message["status"]), begun)
            await send(message)

        try:
            await self._app(scope, receive, counting)
        except Exception:
            # Answered further out; of an answer that had begun the head is counted already.
            if not is_begun:
                scope.setdefault(REFUSED_FOR, (ProblemCode.INTERNAL.value, None))
                self._note(scope, 500, begun)
            raise

    def _note(self, scope: Scope, status: int, begun: float) -> None:
        took_s = self._monotonic() - begun
        self._requests.count(self._route(scope), str(scope["method"]), status, took_s)
        if REFUSED_FOR in scope:
            self._requests.refuse(*scope[REFUSED_FOR])

    def _route(self, scope: Scope) -> str:
        """The template of the route that answers; a plain path has itself."""
        template = getattr(scope.get("route"), "path", None)
        if template is None:
            return str(scope["path"])
        return self._base + str(template).removeprefix(self._base)
