"""The part of YAML that documents need, read with the line of every value.

Text stays text until the field that takes it says what it is: ``23:00`` is no number in
base 60, ``on`` and ``no`` are no booleans and ``0110105`` keeps its zeros. Anchors, aliases,
tags, merge keys and keys that stand twice are refused. Pure: text in, nodes and problems out.

Ref: YAML 1.1, which PyYAML reads; of its implicit types only null is kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

MAX_DEPTH: Final = 24
MAX_NODES: Final = 2_000_000
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
# The C parser is ten times faster; both give the same events.
_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A text, quoted or plain, on a line counted from 1."""

    text: str
    is_plain: bool
    line: int

    @property
    def is_null(self) -> bool:
        """Whether nothing is said: an empty or null plain text."""
        return self.is_plain and self.text in _NULLS


@dataclass(frozen=True, slots=True)
class SequenceNode:
    """Items in order."""

    items: Sequence["Node"]
    line: int


@dataclass(frozen=True, slots=True)
class MappingNode:
    """Entries by key, in order, and the line of each key."""

    entries: Mapping[str, "Node"]
    key_lines: Mapping[str, int]
    line: int


Node = ScalarNode | SequenceNode | MappingNode


@dataclass(frozen=True, slots=True)
class YamlProblem:
    """What is wrong with the text itself, on a line counted from 1."""

    line: int
    message: str


def read_yaml(text: str) -> tuple[Node, list[YamlProblem]]:
    """The one document of a text and what is wrong with it; an empty text is null."""
    reader = _Reader()
    try:
        node = reader.read(yaml.parse(text, Loader=_LOADER))
    except _Refused as refused:
        return ScalarNode("", is_plain=True, line=1), [*reader.problems, refused.problem]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        problem = YamlProblem(line, _worded(error))
        return ScalarNode("", is_plain=True, line=1), [*reader.problems, problem]
    except yaml.YAMLError as error:
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position if isinstance(position, int) else 0) + 1
        problem = YamlProblem(line, "holds a character that no text file should hold")
        return ScalarNode("", is_plain=True, line=1), [*reader.problems, problem]
    return node, reader.problems


def plain(node: Node) -> Any:
    """The node as dict, list, text and None; an entry that says nothing is left out."""
    match node:
        case ScalarNode():
            return None if node.is_null else node.text
        case SequenceNode():
            return [plain(item) for item in node.items]
        case MappingNode():
            return {
                key: plain(value)
                for key, value in node.entries.items()
                if not (isinstance(value, ScalarNode) and value.is_null)
            }


class _Refused(Exception):
    def __init__(self, line: int, message: str) -> None:
        self.problem = YamlProblem(line, message)
        super().__init__(message)


class _Reader:
    """Composes nodes from parse events."""

    def __init__(self) -> None:
        self.problems: list[YamlProblem] = []
        self._count = 0

    def read(self, events: Iterator[Any]) -> Node:
        node: Node = ScalarNode("", is_plain=True, line=1)
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _Refused(_line(event), "a second document begins; one file holds one")
                node = self._node(next(events), events, 0)
        return node

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        line = _line(event)
        self._count += 1
        if depth > MAX_DEPTH or self._count > MAX_NODES:
            limit = f"{MAX_DEPTH} levels deep" if depth > MAX_DEPTH else f"{MAX_NODES:,} values"
            raise _Refused(line, f"goes beyond {limit}, more than any document needs")
        if isinstance(event, yaml.AliasEvent):
            self._refuse(line, f"'*{event.anchor}' is an alias: write the value out, or quote it")
            return ScalarNode("", is_plain=True, line=line)
        if event.anchor is not None:
            self._refuse(line, f"'&{event.anchor}' is an anchor: leave it out, or quote the value")
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._refuse(line, f"tag {tag!r} is not taken: leave it out, or quote the value")
        if isinstance(event, yaml.ScalarEvent):
            return ScalarNode(event.value, event.style in (None, ""), line)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(inner := next(events), yaml.SequenceEndEvent):
                items.append(self._node(inner, events, depth + 1))
            return SequenceNode(tuple(items), line)
        return self._mapping(line, events, depth)

    def _mapping(self, line: int, events: Iterator[Any], depth: int) -> MappingNode:
        entries: dict[str, Node] = {}
        lines: dict[str, int] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if not isinstance(key, ScalarNode):
                self._refuse(key.line, "a key must be a plain name, such as 'level'")
            elif key.text in entries:
                first = lines[key.text]
                self._refuse(key.line, f"key {key.text!r} stands twice, first in line {first}")
            else:
                entries[key.text] = value
                lines[key.text] = key.line
        return MappingNode(entries, lines, line)

    def _refuse(self, line: int, message: str) -> None:
        self.problems.append(YamlProblem(line, message))


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _worded(error: yaml.MarkedYAMLError) -> str:
    problem = " ".join(str(error.problem or error.context or "cannot be read").split())
    if "\\t" in problem or "'\t'" in str(error.problem):
        return "a tab cannot indent; use spaces"
    hint = ""
    if "mapping values are not allowed" in problem:
        hint = "; quote a text that holds ': '"
    elif "could not find expected ':'" in problem:
        hint = "; a line must be 'key: value'"
    return f"is no YAML: {problem}{hint}"
