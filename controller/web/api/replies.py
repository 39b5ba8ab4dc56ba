"""Answers that are no models: bytes, and JSON that is written off the loop."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response


def json_reply(content: Any, headers: Mapping[str, str] | None = None) -> Response:
    """JSON of plain values; NaN is null."""
    return Response(
        msgspec.json.encode(content), media_type="application/json", headers=dict(headers or {})
    )


def fits(if_none_match: str | None, etag: str) -> bool:
    """Whether what the reader has is what there is. Ref: RFC 9110, 13.1.2."""
    if if_none_match is None:
        return False
    given = (one.strip().removeprefix("W/") for one in if_none_match.split(","))
    return any(one in ("*", etag) for one in given)


def binary_reply(description: str) -> dict[int | str, dict[str, Any]]:
    """How an answer of bytes is described."""
    return {
        200: {
            "description": description,
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        },
        304: {"description": "As the reader has it."},
    }
