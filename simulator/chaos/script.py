"""Scripts: YAML or JSON with timed steps.

Owns reading them. Every error names the line, the step and the field.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from simulator.chaos.steps import ProxyStep, Step, StreetStep

MAX_BYTES: Final = 4 * 1024 * 1024
_KNOWN: Final = ("steps", "name")


class ScriptWrong(Exception):
    """A script cannot be read; one line says where and why."""


def read_script(file: Path) -> list[tuple[int, Step]]:
    """The steps of a file with their line numbers, in its order. Raises `ScriptWrong`."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ScriptWrong(f"script {str(file)!r} cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise ScriptWrong(f"script {str(file)!r}: longer than {MAX_BYTES} bytes")
    return parse_script(data, str(file))


def street_steps(file: Path) -> list[tuple[int, StreetStep]]:
    """The same where only steps for the street make sense."""
    found: list[tuple[int, StreetStep]] = []
    for line, step in read_script(file):
        if isinstance(step, ProxyStep):
            raise ScriptWrong(
                f"script {str(file)!r}, line {line}: {step.__struct_config__.tag} is for a link: "
                "'chaos run' obeys it, the street does not"
            )
        found.append((line, step))
    return found


def proxy_steps(file: Path) -> list[tuple[int, ProxyStep]]:
    """The same where only steps for a link make sense."""
    found: list[tuple[int, ProxyStep]] = []
    for line, step in read_script(file):
        if not isinstance(step, ProxyStep):
            raise ScriptWrong(
                f"script {str(file)!r}, line {line}: {step.__struct_config__.tag} is for the "
                "street: 'simulate --script' obeys it, a proxy does not"
            )
        found.append((line, step))
    return found


def parse_script(data: bytes, name: str) -> list[tuple[int, Step]]:
    """The same from bytes; ``name`` stands in errors."""
    try:
        root = yaml.compose(data.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError:
        raise ScriptWrong(f"script {name!r}: not UTF-8") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ScriptWrong(f"script {name!r}, line {line}: {error.problem}") from None
    except (yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split()) or "nested too deeply"
        raise ScriptWrong(f"script {name!r}: {reason}") from None
    found: list[tuple[int, Step]] = []
    for node in _step_nodes(root, name):
        line = node.start_mark.line + 1
        try:
            found.append((line, msgspec.convert(_plain(node), Step)))
        except msgspec.ValidationError as error:
            where, reason = _blame(node, str(error))
            raise ScriptWrong(f"script {name!r}, line {where}: {reason}") from None
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            reason = " ".join(str(error).split()) or "nested too deeply"
            raise ScriptWrong(f"script {name!r}, line {line}: {reason}") from None
    return found


def _step_nodes(root: yaml.Node | None, name: str) -> Sequence[yaml.Node]:
    if isinstance(root, yaml.MappingNode):
        fields = {key.value: value for key, value in root.value if isinstance(key.value, str)}
        for key, _ in root.value:
            if key.value not in _KNOWN:
                line = key.start_mark.line + 1
                raise ScriptWrong(
                    f"script {name!r}, line {line}: {key.value!r} is not known; "
                    "a script has 'name' and 'steps'"
                )
        root = fields.get("steps")
    if not isinstance(root, yaml.SequenceNode):
        raise ScriptWrong(f"script {name!r}: no list of steps ('steps: [...]')")
    nodes: Sequence[yaml.Node] = root.value
    return nodes


def _plain(node: yaml.Node) -> Any:
    """The node's value, as the safe loader reads it."""
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _blame(node: yaml.Node, text: str) -> tuple[int, str]:
    """Line of the field that an error is about, and the error with the field's name."""
    reason, _, path = text.partition(" - at `$")
    field = path.rstrip("`").lstrip(".").partition("[")[0].partition(".")[0]
    if not field and "unknown field" in reason:
        field = reason.rpartition("unknown field `")[2].rstrip("`")
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == field:
                line = key.start_mark.line + 1
                written = value.value if isinstance(value, yaml.ScalarNode) else None
                reason += "" if written is None else f", not {written!r}"
    return line, f"{field}: {reason}" if field else reason
