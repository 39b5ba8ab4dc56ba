"""Large answers packed for those who can read that, away from the loop.

Only whole answers of data: streams and files go as they are, and small ones are not worth it.
Answers with secrets in them are small, so that nobody learns a secret from how well it packs.
"""

import asyncio
import gzip
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SMALLEST: Final = 8192
"""Bytes from which on an answer is packed."""

_PACKING: Final = 1
"""Of gzip: most of it already, and more takes longer than a network does."""
_PACKED: Final = ("application/json", "application/octet-stream")


class Packing:
    """Wraps the app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or not _is_understood(scope):
            await self._app(scope, receive, send)
            return
        start: Message | None = None

        async def packed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_packable(message):
                start = message  # until it is known whether the body is all there
                return
            if start is not None:
                begun, start = start, None
                if message.get("more_body"):
                    await send(begun)
                else:
                    body = await asyncio.to_thread(gzip.compress, message["body"], _PACKING)
                    headers = MutableHeaders(scope=begun)
                    headers["content-encoding"] = "gzip"
                    headers["content-length"] = str(len(body))
                    headers.add_vary_header("Accept-Encoding")
                    await send(begun)
                    message = {**message, "body": body}
            await send(message)

        await self._app(scope, receive, packed)


def _is_understood(scope: Scope) -> bool:
    return "gzip" in Headers(scope=scope).get("accept-encoding", "")


def _is_packable(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    length = headers.get("content-length", "0")
    return (
        message["status"] == 200
        and headers.get("content-type", "").startswith(_PACKED)
        and length.isdigit()
        and int(length) >= SMALLEST
        and "content-encoding" not in headers
    )
