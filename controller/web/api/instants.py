"""Instants of the API: ISO 8601, UTC, whole seconds."""

import math
from datetime import UTC, datetime


def utc(at: float) -> str:
    """``at`` (Unix s) in words, such as ``2026-11-22T12:00:00Z``."""
    return datetime.fromtimestamp(math.floor(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc_or_none(at: float | None) -> str | None:
    """The same; None for never: nothing, 0, NaN or an infinity."""
    if at is None or at == 0 or not math.isfinite(at):
        return None
    return utc(at)
