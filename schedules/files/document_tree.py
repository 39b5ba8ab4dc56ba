"""Documents as plain trees without what goes without saying.

Fields keep their order; a field at its default is left out, but for the ``kind`` that tells
documents of a union apart. What a field has a notation for, such as an anchor, is written in
it. Works on any document, so that a new field or condition needs nothing here.
"""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any, Literal, get_origin

from pydantic import BaseModel

Tree = dict[str, Any]


def tree_of(
    document: BaseModel, time_zone: tzinfo | None = None, *, with_defaults: bool = False
) -> Tree:
    """A document as dict, list and scalars; instants in `time_zone` where one is given."""
    return _fields(document, document.model_dump(), time_zone, with_defaults=with_defaults)


def _fields(
    document: BaseModel, dumped: Tree, time_zone: tzinfo | None, *, with_defaults: bool
) -> Tree:
    tree: Tree = {}
    for name, field in type(document).model_fields.items():
        value = getattr(document, name)
        is_kind = get_origin(field.annotation) is Literal and name == "kind"
        if (
            not with_defaults
            and not is_kind
            and not field.is_required()
            and value == field.get_default(call_default_factory=True)
        ):
            continue
        tree[name] = _value(value, dumped[name], time_zone, with_defaults=with_defaults)
    return tree


def _value(value: Any, dumped: Any, time_zone: tzinfo | None, *, with_defaults: bool) -> Any:
    if isinstance(value, BaseModel) and isinstance(dumped, dict):
        return _fields(value, dumped, time_zone, with_defaults=with_defaults)
    if isinstance(value, tuple) and isinstance(dumped, Sequence) and len(value) == len(dumped):
        return [
            _value(one, other, time_zone, with_defaults=with_defaults)
            for one, other in zip(value, dumped, strict=True)
        ]
    if isinstance(value, datetime):
        return _local(value, time_zone)
    if isinstance(dumped, (set, frozenset)):
        return sorted(dumped)
    return dumped


def _local(instant: datetime, time_zone: tzinfo | None) -> datetime:
    if time_zone is None:
        return instant
    try:
        local = instant.astimezone(time_zone)
        offset = local.utcoffset()
    except (OverflowError, ValueError):
        return instant
    # Offsets of local mean time have seconds, which few readers of ISO 8601 take.
    if offset is None or offset.total_seconds() % 60:
        return instant
    return local
