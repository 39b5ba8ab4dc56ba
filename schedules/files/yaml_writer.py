"""YAML as a person likes to review it: stable, short, one thing a line.

Small mappings and lists go on one line. A text that some YAML reader would take for a
number, a time or a boolean is quoted, so that other tools read what we mean. Pure.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from enum import Enum
from typing import Any, Final
from unicodedata import east_asian_width

import yaml

MAX_LINE: Final = 98
_MAX_FLOW_ENTRIES: Final = 5
_INDENT: Final = "  "
_UNSAFE: Final = frozenset("[]{},#&*!|>'\"%@`?\\")
_COLON: Final = re.compile(r":(\s|$)")
_NUMBER_LIKE: Final = re.compile(r"[-+.\d][\d_.:xXoOa-fA-F+-]*")
_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan"})


def write_yaml(value: Any, head: str = "") -> str:
    """A document with its head as comment; mapping, sequence and scalars, dates included."""
    comment = "".join(f"# {line}".rstrip() + "\n" for line in head.splitlines())
    return comment + "\n".join(_block(value, 0, is_top=True)) + "\n"


def _block(value: Any, depth: int, *, is_top: bool = False) -> list[str]:
    """The lines of a value that stands below its key, without indentation of its own."""
    if isinstance(value, Mapping):
        if not value:
            return ["{}"]
        lines: list[str] = []
        for key, inner in value.items():
            lines += _entry(f"{key}:", inner, depth)
        return lines
    if _is_sequence(value):
        if not value:
            return ["[]"]
        lines = []
        for item in value:
            lines += _item(item, depth)
            if is_top and isinstance(item, Mapping) and not _flows(item, depth + 1):
                lines.append("")
        if lines[-1] == "":
            lines.pop()
        return lines
    return [scalar_text(value)]


def _entry(key: str, value: Any, depth: int) -> list[str]:
    if not isinstance(value, Mapping) and not _is_sequence(value):
        return [f"{key} {scalar_text(value)}"]
    if _flows(value, depth, len(key) + 1):
        return [f"{key} {_flow(value)}"]
    return [key, *(_INDENT + line if line else "" for line in _block(value, depth + 1))]


def _item(value: Any, depth: int) -> list[str]:
    if _flows(value, depth + 1) or not (isinstance(value, Mapping) or _is_sequence(value)):
        return [f"- {_flow(value)}"]
    first, *rest = _block(value, depth + 1)
    return [f"- {first}", *(_INDENT + line for line in rest)]


def _flows(value: Any, depth: int, used: int = 0) -> bool:
    """Whether a container is small enough for one line."""
    if isinstance(value, Mapping) and (len(value) > _MAX_FLOW_ENTRIES or _nesting(value) > 3):
        return False
    if not isinstance(value, Mapping) and not _is_sequence(value):
        return False
    if _is_sequence(value) and any(isinstance(item, Mapping) for item in value):
        return not value
    return depth * len(_INDENT) + used + _width(_flow(value)) <= MAX_LINE


def _nesting(value: Any) -> int:
    if isinstance(value, Mapping):
        return 1 + max((_nesting(inner) for inner in value.values()), default=0)
    if _is_sequence(value):
        return 1 + max((_nesting(inner) for inner in value), default=0)
    return 0


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if _is_sequence(value):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return scalar_text(value)


def scalar_text(value: Any) -> str:
    """One value as YAML; raises TypeError for what is no scalar."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Enum():
            return scalar_text(value.value)
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case datetime() | date():
            return value.isoformat()
        case time():
            return _text(value.isoformat())
        case str():
            return _text(value)
        case _:
            raise TypeError(f"{value!r} is no scalar")


def _text(text: str) -> str:
    if not text.isprintable():
        return '"' + "".join(_escaped(one) for one in text) + '"'
    if _is_plain(text):
        return text
    return "'" + text.replace("'", "''") + "'"


def _is_plain(text: str) -> bool:
    return (
        text != ""
        and text[0].isalnum()
        and text == text.strip()
        and _UNSAFE.isdisjoint(text)
        and _COLON.search(text) is None
        and text.casefold() not in _WORDS
        and _NUMBER_LIKE.fullmatch(text) is None
        and not any(
            pattern.match(text)
            for first in (text[0], None)
            for _, pattern in yaml.SafeLoader.yaml_implicit_resolvers.get(first, ())
        )
    )


def _escaped(one: str) -> str:
    if one in '"\\':
        return "\\" + one
    if one.isprintable():
        return one
    code = ord(one)
    if code < 0x100:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def _is_sequence(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)
