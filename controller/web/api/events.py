"""``/events``: what changes, told as it does, to many readers of whom some never read.

A reader has one place for each kind of event: what is newer takes the place of what still
waits. So a slow reader misses steps, never the last one, and holds up nobody; one that takes
nothing for long is cut off by the kernel (the listener's TCP user timeout).

Ref: WHATWG HTML, 9.2 Server-sent events.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Final, NamedTuple

import msgspec
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from controller.web.api.access import caller
from controller.web.api.context import Context, context
from controller.web.api.language import language_of
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import Problem
from controller.web.api.sight import Sight, sight, sight_of
from controller.web.api.tonight import Shot, taken, tonight_of
from controller.web.api.visible import visible_alarms
from zones.said import Language

router = APIRouter(tags=["events"])

_log = logging.getLogger("lamplighter.api")

MOST_READERS: Final = 500
MOST_EACH: Final = 250
"""Of one user: nobody takes all."""
EVENTS: Final = ("tonight", "alarms", "overrides", "revision", "states")

_LOOK_EVERY_S: Final = 1.0
_HEARTBEAT_S: Final = 15.0
_BYTES_A_SECOND: Final = 32_768
"""Pages of a large city are sent less often, so that a reader gets no more than about this."""
_SLOWEST_S: Final = 10.0
_RETRY: Final = b"retry: 3000\n\n"
_HEARTBEAT: Final = b": still here\n\n"


class View(NamedTuple):
    """What readers of one kind are told: as far as they may see, in their language."""

    seen: Sight
    language: Language


ENDINGS: Final = ("left", "shut_out", "service_ended", "too_many")


@dataclass
class StreamCounts:
    """What became of streams since the start."""

    open: int = 0
    ended: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ENDINGS, 0))
    dropped: int = 0
    """Messages that newer ones took the place of before they were sent."""


class Reader:
    """One reader's events that wait to be sent."""

    def __init__(self, view: View, counts: StreamCounts | None = None, whose: str = "") -> None:
        self.view = view
        self.whose = whose
        self._counts = counts or StreamCounts()
        self.is_over = False
        self._waiting: dict[str, bytes] = {}
        self._has_news = asyncio.Event()

    def put(self, event: str, message: bytes) -> None:
        """Let a message wait, in place of an older one of its kind."""
        self._counts.dropped += event in self._waiting
        self._waiting[event] = message
        self._has_news.set()

    def end(self) -> None:
        """No more will come."""
        self.is_over = True
        self._has_news.set()

    async def take(self) -> bytes:
        """All that waits, or a heartbeat after a while without news."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_HEARTBEAT_S):
                await self._has_news.wait()
        self._has_news.clear()
        waiting, self._waiting = self._waiting, {}
        return b"".join(waiting.values()) or _HEARTBEAT


class _Told:
    """What readers who see the same were told last."""

    def __init__(self) -> None:
        self.messages: dict[str, bytes] = {}
        self.bodies: dict[str, bytes] = {}
        self.tonight_at = float("-inf")


class Events:
    """Tells readers what changes. Run `run` beside the service."""

    def __init__(self, here: Context, counts: StreamCounts | None = None) -> None:
        self._here = here
        self.counts = counts or StreamCounts()
        self._readers: set[Reader] = set()
        self._told: dict[View, _Told] = {}
        self._first = asyncio.Event()

    @property
    def readers(self) -> int:
        """How many read now."""
        return len(self._readers)

    def enter(self, view: View, whose: str = "") -> Reader:
        """A new reader, who is told at once how things stand; ``whose`` user it is."""
        own = sum(one.whose == whose for one in self._readers) if whose else 0
        if len(self._readers) >= MOST_READERS or own >= MOST_EACH:
            self.counts.ended["too_many"] += 1
            raise Problem(ProblemCode.TOO_MANY, retry_after_s=60, headers={"Retry-After": "60"})
        reader = Reader(view, self.counts, whose)
        told = self._told.get(view)
        if told is not None:
            for event, message in told.messages.items():
                reader.put(event, message)
        self._readers.add(reader)
        self.counts.open = len(self._readers)
        self._first.set()
        return reader

    def leave(self, reader: Reader, why: str = "left") -> None:
        """A reader is gone."""
        self._readers.discard(reader)
        self.counts.open = len(self._readers)
        self.counts.ended[why] += 1

    async def run(self) -> None:
        """Look once a second while anybody reads, until cancelled; then end all streams."""
        try:
            while True:
                self._first.clear()
                if not self._readers:
                    self._told.clear()
                    await self._first.wait()
                try:
                    await self.look()
                except Exception:
                    # Whatever it is, it must not end what controls the street.
                    _log.exception("events not told")
                await asyncio.sleep(_LOOK_EVERY_S)
        finally:
            for reader in self._readers:
                reader.end()

    async def look(self) -> None:
        """See what changed, and tell those who may know."""
        here = self._here
        shot = await taken(here)
        now = here.clock.monotonic()
        views = {reader.view for reader in self._readers}
        self._told = {view: told for view, told in self._told.items() if view in views}
        for view in views:
            told = self._told.setdefault(view, _Told())
            news = await asyncio.to_thread(_news, here, shot, view)
            due = told.tonight_at + min(
                _SLOWEST_S, len(told.messages.get("tonight", b"")) / _BYTES_A_SECOND
            )
            for event, body, compared in news:
                if told.bodies.get(event) == compared or (event == "tonight" and now < due):
                    continue
                if event == "tonight":
                    told.tonight_at = now
                told.bodies[event] = compared
                told.messages[event] = message(event, body)
                for reader in self._readers:
                    if reader.view == view:
                        reader.put(event, told.messages[event])


def _news(here: Context, shot: Shot, view: View) -> list[tuple[str, bytes, bytes]]:
    """Events of an instant: name, body, and what tells whether it changed."""
    seen = view.seen
    page = tonight_of(here, shot, seen, view.language)
    alarms = visible_alarms(here, seen, shot.alarms)
    newest = max((one.id for one in alarms), default=None)
    signs = [(one.id, one.affected, one.acknowledgement is None) for one in alarms]
    # Its instant alone is no news; once in ten seconds it says that all is well.
    settled = page.model_copy(update={"at": page.at[:-2]})
    counts = {**page.alarms.model_dump(), "newest": newest}
    found: list[tuple[str, object, object]] = [
        ("tonight", page.model_dump(), settled.model_dump()),
        ("alarms", counts, [counts, signs]),
    ]
    for event, content in (
        ("overrides", [one.model_dump() for one in page.overrides]),
        ("revision", {"revision": page.revision}),
        ("states", {"run": here.states.run, "version": shot.states_version}),
    ):
        found.append((event, content, content))
    return [
        (event, msgspec.json.encode(body), msgspec.json.encode(compared))
        for event, body, compared in found
    ]


def message(event: str, body: bytes) -> bytes:
    """An event as it is sent; JSON has no line breaks of its own."""
    return b"event: %s\ndata: %s\n\n" % (event.encode(), body)


class EventStream(Response):
    """An answer that goes on until the reader leaves or may not read any more."""

    media_type = "text/event-stream"

    def __init__(
        self,
        events: Events,
        reader: Reader,
        may_go_on: Callable[[], Awaitable[bool]],
        changes: Callable[[], object] = lambda: None,
        ask_every_s: float = _HEARTBEAT_S,
    ) -> None:
        """``changes`` is another whenever it is to be asked again, also before its time."""
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._events = events
        self._reader = reader
        self._may_go_on = may_go_on
        self._changes = changes
        self._ending = "left"
        self._ask_every_s = ask_every_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the end."""
        sending = asyncio.ensure_future(self._send(send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._events.leave(self._reader, self._ending)
            for task in (sending, leaving):
                task.cancel()
            await asyncio.wait({sending, leaving})

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": _RETRY, "more_body": True})
        loop = asyncio.get_running_loop()
        asked_at, known = loop.time(), self._changes()
        while not self._reader.is_over:
            body = await self._reader.take()
            if self._changes() != known or loop.time() - asked_at >= self._ask_every_s:
                known = self._changes()
                if not await self._may_go_on():
                    self._ending = "shut_out"
                    break
                asked_at = loop.time()
            await send({"type": "http.response.body", "body": body, "more_body": True})
        else:
            self._ending = "service_ended"
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Server-sent events, until the reader leaves or is logged out.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def events(
    request: Request,
    here: Annotated[Context, Depends(context)],
    seen: Annotated[Sight, Depends(sight)],
    language: Annotated[
        Language | None, Query(description="For browsers, whose streams send no headers of theirs.")
    ] = None,
) -> Response:
    """Server-sent events, at most one of a kind a second, the newest where a reader is slow.

    ``tonight``: as ``GET /tonight``; ``alarms``: {open, by_severity, newest}; ``overrides``: a
    list; ``revision``: {revision}; ``states``: {run, version} of ``/map/states``. Comments
    keep the line alive.
    """

    async def may_go_on() -> bool:
        """Whether the session or token still is one, and shows what it did."""
        try:
            asking = await caller(request, here)
        except Problem:
            return False
        return sight_of(asking, here) == seen

    def changes() -> object:
        return here.people.passes.changes, id(here.control.site)

    told: Events = request.app.state.events
    view = View(seen, language or language_of(request))
    return EventStream(told, told.enter(view, request.state.caller.user), may_go_on, changes)
