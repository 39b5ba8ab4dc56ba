"""Actions that are done once, however often they are sent: ``Idempotency-Key``.

The same key with the same body is answered as before; with another body it is refused.
Answers are kept for a day, over restarts; what failed may be tried again.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from controller.ports.answers import Answer
from controller.service.people import Caller
from controller.web.api.context import Context
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import FieldProblem, Problem
from controller.web.api.sentences import SAY

HEADER: Final = "idempotency-key"
_SHOWN: Final = "Idempotency-Key"
_LONGEST: Final = 200
_KEPT_S: Final = 86_400.0
_MOST: Final = 10_000
_COPIED: Final = ("etag", "content-type", "location")


async def once(
    request: Request, here: Context, asking: Caller, work: Callable[[], Awaitable[Response]]
) -> Response:
    """Answer an action; without a key it is simply done."""
    key = request.headers.get(HEADER)
    if key is None:
        return await work()
    if not 1 <= len(key) <= _LONGEST:
        raise Problem(
            ProblemCode.INVALID,
            count=1,
            errors=[
                FieldProblem(
                    field="Idempotency-Key", value=key, expected=SAY("chars", most=_LONGEST)
                )
            ],
        )
    name = digest_of(request, asking, key)
    body = hashlib.sha256(await request.body()).digest()
    async with here.turns.of(name):
        kept = await asyncio.to_thread(here.store.answer, name)
        if kept is not None and kept.at > time.time() - _KEPT_S:
            if kept.request != body:
                raise Problem(ProblemCode.IDEMPOTENCY_REUSED)
            return Response(kept.body, kept.status, json.loads(kept.headers))
        answer = await work()
        headers = {name: answer.headers[name] for name in _COPIED if name in answer.headers}
        now = time.time()
        made = Answer(name, body, answer.status_code, json.dumps(headers), bytes(answer.body), now)
        await asyncio.to_thread(
            lambda: here.store.keep_answer(made, since=now - _KEPT_S, most=_MOST)
        )
        return answer


def digest_of(request: Request, asking: Caller, key: str) -> bytes:
    """Names one intent of one caller on one route."""
    words = "\n".join((asking.user, request.method, request.url.path, key))
    return hashlib.sha256(words.encode()).digest()
