"""JSON Schemas of the payloads, made from the message models.

``python -m controller.wire.schemas docs/schemas`` writes them, one file a message, each
complete in itself (JSON Schema draft 2020-12). Rules between fields, which a schema cannot
say, are in ``docs/wire.md``.
"""

import inspect
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from controller.wire.messages import (
    Command,
    Config,
    Heartbeat,
    Message,
    Program,
    Reading,
    State,
    Telemetry,
)

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
MESSAGES: Final[tuple[type[Message], ...]] = (
    Program,
    Config,
    Command,
    State,
    Telemetry,
    Reading,
    Heartbeat,
)


def file_name(message: type[Message]) -> str:
    """Name of a message's schema file."""
    return f"{message.__name__.lower()}.json"


_SIGNED: Final = (Program, Config, Command, Heartbeat)
_WITHDRAWN: Final = (Program, Config)
_SIGNATURE: Final[dict[str, Any]] = {
    "kid": {
        "description": "Which key signed; only where signed",
        "type": "string",
        "pattern": "^[0-9a-f]{16}$",
    },
    "sig": {
        "description": "Ed25519 signature; the very last member",
        "type": "string",
        "pattern": "^[0-9a-f]{128}$",
    },
}


def schema(message: type[Message]) -> dict[str, Any]:
    """The schema of one message."""
    _, components = msgspec.json.schema_components([message], ref_template="#/$defs/{name}")
    content = components[message.__name__]
    content["description"] = inspect.cleandoc(content["description"]).replace("``", "`")
    if message in _WITHDRAWN:
        content["properties"]["cleared"] = {
            "description": "It is no more; then only rev must be there",
            "type": "boolean",
        }
        withdrawn = {"properties": {"cleared": {"const": True}}, "required": ["rev", "cleared"]}
        content["anyOf"] = [{"required": content.pop("required")}, withdrawn]
    if message in _SIGNED:
        content["properties"] |= _SIGNATURE
    return {"$schema": DIALECT, **content}


def availability_schema() -> dict[str, Any]:
    """The schema of the bare text on availability topics."""
    return {
        "$schema": DIALECT,
        "title": "Availability",
        "description": "Bare text without quotes, not JSON.",
        "enum": ["online", "offline"],
    }


def files() -> dict[str, str]:
    """All schema files: name to text."""
    schemas = {file_name(message): schema(message) for message in MESSAGES}
    schemas["availability.json"] = availability_schema()
    return {
        name: json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        for name, content in schemas.items()
    }


def main(arguments: Sequence[str]) -> int:
    """Write the schemas into a folder. Exit code 2 on wrong use."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m controller.wire.schemas FOLDER\n")
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (folder / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
