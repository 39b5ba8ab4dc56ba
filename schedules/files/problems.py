"""What is wrong with a folder of documents: file, line, field, value, what would be right.

Owns the wording of a document's validation errors. Pure.
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from schedules.files.yaml_text import MappingNode, Node, ScalarNode, SequenceNode

_MAX_VALUE = 60


class Problem(NamedTuple):
    """One thing to put right."""

    file: str
    line: int | None
    """Counted from 1; None where the file as a whole is meant."""
    field: str
    """Path within the document, such as ``steps[2].level``; empty for the whole."""
    value: str | None
    message: str
    """What is wrong with the value and what would be right."""

    @property
    def text(self) -> str:
        """The whole in one line, whatever control characters a file may hold."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        parts = [place, *([self.field] if self.field else [])]
        said = self.message if self.value is None else f"{self.value} {self.message}"
        return "".join(one if one.isprintable() else "\ufffd" for one in ": ".join([*parts, said]))


def problem_at(
    file: str, node: Node, path: Sequence[str | int], message: str, prefix: str = ""
) -> Problem:
    """A problem with the field at `path` below a node; the field's own text is the value."""
    found, line, told = _walk(node, path)
    value = _shown(found.text) if isinstance(found, ScalarNode) and not found.is_null else None
    return Problem(file, line, _joined(prefix, told), value, message)


def problem_of(
    file: str, node: Node, error: ErrorDetails, model: type[BaseModel] | None, prefix: str = ""
) -> Problem | None:
    """A validation error of the document at a node, in our words.

    None where it only follows from other errors of the document.
    """
    found, line, told = _walk(node, error["loc"])
    kind, context = error["type"], error.get("ctx", {})
    # Wrong entries are not counted, and have errors of their own.
    if (
        kind == "too_short"
        and isinstance(found, SequenceNode)
        and len(found.items) >= int(context.get("min_length", 0))
    ):
        return None
    if kind == "union_tag_invalid":
        tag = str(context.get("discriminator", "")).strip("'")
        found, line, told = _walk(node, (*error["loc"], tag))
    if kind == "missing":
        name = str(error["loc"][-1])
        return Problem(file, line, _joined(prefix, [*told, name]), None, "is missing")
    if kind == "extra_forbidden":
        name = str(error["loc"][-1])
        where = [*told[:-1], name] if told and told[-1] == name else [*told, name]
        known = sorted(_fields_at(model, error["loc"][:-1]))
        hint = near(name, known)
        if not hint and known:
            hint = f"; fields are {', '.join(known)}"
        return Problem(file, line, _joined(prefix, where), None, f"is no field here{hint}")
    if kind in ("value_error", "assertion_error"):
        message = error["msg"].partition(", ")[2] or error["msg"]
        return Problem(file, line, _joined(prefix, told), None, message)
    value = _named(found)
    return Problem(file, line, _joined(prefix, told), value, _worded(kind, context, error["msg"]))


def worded_cell(
    file: str, line: int, column: str, cell: str | None, error: ErrorDetails
) -> Problem:
    """A validation error of one cell of a table, in our words."""
    if error["type"] == "missing" or cell is None:
        return Problem(file, line, column, None, "is missing")
    message = _worded(error["type"], error.get("ctx", {}), error["msg"])
    return Problem(file, line, column, _shown(cell), message)


def near(asked: str, known: Iterable[str]) -> str:
    """A hint at known names that look like the one asked for; empty where none does."""
    # The first thousands are enough for a hint, and stay quick in a large city.
    folded = asked.casefold()
    some = list(islice(known, 5000))
    alike = [one for one in some if one.casefold() == folded] or get_close_matches(
        asked, some, 3, 0.7
    )
    return f"; near it: {', '.join(alike)}" if alike else ""


def _walk(node: Node, path: Sequence[str | int]) -> tuple[Node, int, list[str | int]]:
    """As far along a path as the tree goes; names of union members are stepped over."""
    told: list[str | int] = []
    line = node.line
    for part in path:
        if isinstance(node, MappingNode) and part in node.entries:
            line = node.key_lines[str(part)]
            node = node.entries[str(part)]
            told.append(part)
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            line = node.line
            told.append(part)
    return node, line, told


def _joined(prefix: str, parts: Sequence[str | int]) -> str:
    text = prefix
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def _shown(text: str) -> str:
    shown = text if len(text) <= _MAX_VALUE else text[: _MAX_VALUE - 3] + "..."
    is_number = shown.lstrip("+-").replace(".", "", 1).isdigit()
    return shown if is_number else repr(shown)


def _named(node: Node) -> str | None:
    match node:
        case ScalarNode(is_null=True):
            return None
        case SequenceNode():
            return f"a list of {len(node.items)}"
        case MappingNode():
            return "a mapping"
        case ScalarNode():
            return _shown(node.text)


def _fields_at(model: type[BaseModel] | None, path: Sequence[str | int]) -> set[str]:
    """Names of the fields that a document may have at a path; empty where unions blur it."""
    if model is None:
        return set()
    for part in path:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        inner = None if field is None else _model_in(field.annotation)
        if inner is None:
            return set()
        model = inner
    return set(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = [one for one in map(_model_in, getattr(annotation, "__args__", ())) if one is not None]
    return found[0] if len(found) == 1 else None


def _worded(kind: str, context: dict[str, Any], message: str) -> str:
    bounds = {
        "less_than_equal": ("le", "must be at most {}"),
        "less_than": ("lt", "must be below {}"),
        "greater_than_equal": ("ge", "must be at least {}"),
        "greater_than": ("gt", "must be above {}"),
        "string_too_long": ("max_length", "must be at most {} characters long"),
        "string_too_short": ("min_length", "must be at least {} characters long"),
        "enum": ("expected", "must be one of {}"),
        "literal_error": ("expected", "must be one of {}"),
        "union_tag_invalid": ("expected_tags", "must be one of {}"),
        "too_long": ("max_length", "must have at most {} entries"),
        "too_short": ("min_length", "must have at least {} entries"),
    }
    if kind in bounds:
        name, wording = bounds[kind]
        limit = context.get(name)
        return wording.format(f"{limit:g}" if isinstance(limit, float) else limit)
    if kind == "string_pattern_mismatch" and "{1,64}" in str(context.get("pattern")):
        return "must be 1 to 64 of A-Z, a-z, 0-9, _ and -"
    if kind == "string_pattern_mismatch" and "[A-Z]{3}" in str(context.get("pattern")):
        return "must be three capital letters, such as 'CNY'"
    fixed = {
        "float_parsing": "must be a number",
        "float_type": "must be a number",
        "int_parsing": "must be a whole number",
        "int_type": "must be a whole number",
        "int_from_float": "must be a whole number",
        "finite_number": "must be a finite number",
        "bool_parsing": "must be true or false",
        "bool_type": "must be true or false",
        "string_type": "must be a text",
        "tuple_type": "must be a list",
        "list_type": "must be a list",
        "frozen_set_type": "must be a list",
        "model_type": "must be a mapping of fields",
        "model_attributes_type": "must be a mapping of fields",
        "union_tag_not_found": "has no kind",
        "timezone_aware": "needs its offset from UTC, such as '2026-10-01T18:00+08:00'",
        "datetime_parsing": "must be an instant such as '2026-10-01T18:00+08:00'",
        "datetime_from_date_parsing": "must be an instant such as '2026-10-01T18:00+08:00'",
        "datetime_type": "must be an instant such as '2026-10-01T18:00+08:00'",
        "date_parsing": "must be a date such as '2026-10-01'",
        "date_from_datetime_parsing": "must be a date such as '2026-10-01'",
        "date_from_datetime_inexact": "must be a date such as '2026-10-01'",
        "date_type": "must be a date such as '2026-10-01'",
    }
    return fixed.get(kind, message.replace("Input should be", "must be").replace("Input", "it"))
