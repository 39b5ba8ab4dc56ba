"""From the bytes of a folder's files to a site, or to everything that is wrong with them.

Nothing raises on what a person wrote: each file is read as far as it goes, and every problem
of every file is told at once. Pure.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter, ValidationError

from schedules.energy.slips import DATED, slips
from schedules.energy.tariff_overlaps import overlaps
from schedules.files.layout import (
    CITY,
    FORMAT,
    LUMINAIRES,
    PLAN,
    REQUIRED,
    Part,
    Shape,
    in_order,
    is_known,
    known_paths,
    parts,
    settings_of,
)
from schedules.files.luminaire_table import LuminairesRead, read_luminaires
from schedules.files.problems import Problem, near, problem_at, problem_of
from schedules.files.references import Placed, reference_problems
from schedules.files.yaml_text import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    plain,
    read_yaml,
)
from schedules.models import Plan
from schedules.site import Site
from zones.models import City, Inventory

_LITERALS: Final = frozenset({"literal_error", "int_type", "float_type"})
_MAX_ROUNDS: Final = 3


@dataclass(frozen=True)
class SiteRead:
    """What a folder's files say."""

    site: Site | None
    """None where there are problems."""
    problems: tuple[Problem, ...]


def read_site_files(files: Mapping[str, bytes]) -> SiteRead:
    """Read the files of a folder, by path within it; every one is expected to be a document.

    Files that may be missing mean that there is none of what they hold.
    """
    reading = _Reading()
    for path in sorted(files):
        if not is_known(path):
            reading.problems.append(_unknown(path))
    for path in REQUIRED:
        if path not in files:
            reading.problems.append(
                Problem(path, None, "", None, "is missing; an export holds an example")
            )
    texts = {path: reading.text(path, files[path]) for path in sorted(files) if is_known(path)}
    city = reading.city(texts)
    settings = reading.settings(texts)
    for model in (Inventory, Plan):
        for part in parts(model):
            reading.part(part, texts)
    reading.problems += reference_problems(
        reading.placed, reading.luminaires, city, reading.unread_parts(texts)
    )
    reading.problems += _overlapping_bands(reading.placed.get("tariffs", ()))
    for kind in DATED:
        reading.problems += _slips(reading.placed.get(kind, ()))
    return reading.result(city, settings)


def _overlapping_bands(tariffs: Iterable[Placed]) -> Iterator[Problem]:
    for one in tariffs:
        if one.document is not None:
            for overlap in overlaps(one.document):
                yield one.problem(("bands", overlap.number, "hours"), overlap.message)


def _slips(placed: Iterable[Placed]) -> Iterator[Problem]:
    where = {id(one.document): one for one in placed if one.document is not None}
    for slip in slips([one.document for one in where.values()]):
        yield where[id(slip.document)].problem((slip.field,), slip.message)


def _unknown(path: str) -> Problem:
    if path.endswith(".yml"):
        wanted = path.removesuffix(".yml") + ".yaml"
        hint = f"; name it {wanted!r}" if is_known(wanted) else ""
    else:
        hint = near(path, known_paths())
    hint = hint or f"; documents are {', '.join(known_paths())}"
    return Problem(path, None, "", None, f"is no document that is known{hint}")


@dataclass
class _Reading:
    problems: list[Problem] = field(default_factory=list)
    placed: dict[str, list[Placed]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    """Files of which nothing could be understood."""
    luminaires: LuminairesRead = field(
        default_factory=lambda: LuminairesRead((), (), (), (), is_cut_short=False)
    )

    def text(self, path: str, content: bytes) -> str | None:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            told = f"byte 0x{content[error.start]:02X} is no UTF-8; save the file as UTF-8"
            self.problems.append(Problem(path, line, "", None, told))
            self.unread.add(path)
            return None
        return text

    def tree(self, path: str, texts: Mapping[str, str | None]) -> Node | None:
        """The file's document; None where there is none or it is no YAML."""
        text = texts.get(path)
        if text is None:
            return None
        node, wrong = read_yaml(text)
        self.problems += [Problem(path, one.line, "", None, one.message) for one in wrong]
        if wrong:
            self.unread.add(path)
            return None
        return node

    def unread_parts(self, texts: Mapping[str, str | None]) -> frozenset[str]:
        """Parts of which not every document is known: a file is missing or unreadable."""
        return frozenset(
            part.field
            for model in (Inventory, Plan)
            for part in parts(model)
            if (part.path in REQUIRED and part.path not in texts)
            or any(path.startswith(part.path) for path in self.unread)
        )

    def city(self, texts: Mapping[str, str | None]) -> City | None:
        node = self.tree(CITY, texts)
        if node is None:
            return None
        if isinstance(node, MappingNode):
            told = plain(node).get("format")
            wrong = f"must be {FORMAT}, the layout that this Lamplighter reads"
            if told is None:
                self.problems.append(Problem(CITY, node.line, "format", None, wrong))
            elif told != str(FORMAT):
                self.problems.append(problem_at(CITY, node, ("format",), wrong))
            entries = {key: one for key, one in node.entries.items() if key != "format"}
            node = MappingNode(entries, node.key_lines, node.line)
        found = self.document(CITY, node, City)
        return found if isinstance(found, City) else None

    def settings(self, texts: Mapping[str, str | None]) -> dict[str, Any]:
        """The plan's fields that are no lists."""
        node = self.tree(PLAN, texts)
        if node is None or (isinstance(node, ScalarNode) and node.is_null):
            return {}
        names = settings_of(Plan)
        if isinstance(node, MappingNode):
            for name in node.entries:
                if name not in names:
                    hint = near(name, names) or f"; fields are {', '.join(names)}"
                    self.problems.append(
                        Problem(PLAN, node.key_lines[name], name, None, f"is no field here{hint}")
                    )
            entries = {key: one for key, one in node.entries.items() if key in names}
            node = MappingNode(entries, node.key_lines, node.line)
        found = self.document(PLAN, node, Plan)
        if not isinstance(found, Plan):
            return {}
        return {name: getattr(found, name) for name in names}

    def part(self, part: Part, texts: Mapping[str, str | None]) -> None:
        """Every document of one list."""
        adapter: TypeAdapter[Any] = TypeAdapter(part.member)
        found = self.placed.setdefault(part.field, [])
        match part.shape:
            case Shape.TABLE:
                text = texts.get(LUMINAIRES)
                if text is not None:
                    self.luminaires = read_luminaires(LUMINAIRES, text)
                    self.problems += self.luminaires.problems
                    if self.luminaires.is_cut_short:
                        self.unread.add(LUMINAIRES)
            case Shape.LIST:
                found += self.listed(part, part.path, texts, adapter)
            case Shape.BY_DISTRICT:
                for path in _inside(part.path, texts):
                    district = PurePosixPath(path).stem
                    found += self.listed(part, path, texts, adapter, {"district": district})
            case Shape.ONE_EACH:
                for path in _inside(part.path, texts):
                    node = self.tree(path, texts)
                    if node is not None:
                        stem = PurePosixPath(path).stem
                        named = {"id": stem}
                        document = self.document(path, node, part.member, adapter, named)
                        found.append(Placed(document, path, node, "", named))

    def listed(
        self,
        part: Part,
        path: str,
        texts: Mapping[str, str | None],
        adapter: TypeAdapter[Any],
        implied: Mapping[str, str] | None = None,
    ) -> list[Placed]:
        node = self.tree(path, texts)
        if node is None or (isinstance(node, ScalarNode) and node.is_null):
            return []
        if not isinstance(node, SequenceNode):
            what = part.field.replace("_", " ")
            told = f"must be a list of {what}: lines that begin with '- '"
            self.problems.append(Problem(path, node.line, "", None, told))
            self.unread.add(path)
            return []
        found = []
        for number, item in enumerate(node.items):
            prefix = f"{part.field}[{number}]"
            document = self.document(path, item, part.member, adapter, implied, prefix)
            found.append(Placed(document, path, item, prefix, implied or {}))
        return found

    def document(
        self,
        path: str,
        node: Node,
        member: Any,
        adapter: TypeAdapter[Any] | None = None,
        implied: Mapping[str, str] | None = None,
        prefix: str = "",
    ) -> Any:
        """The document at a node; None where it is wrong, with its problems noted."""
        data = plain(node)
        implied = implied or {}
        if isinstance(data, dict):
            for name, value in implied.items():
                if data.get(name, value) != value:
                    wrong = f"must be {value!r}, the file's name, or be left out"
                    self.problems.append(problem_at(path, node, (name,), wrong, prefix))
                    return None
            data |= implied
        model = member if isinstance(member, type) and issubclass(member, BaseModel) else None
        try:
            document = _validated(adapter or TypeAdapter(member), data)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                found = problem_of(path, node, detail, model, prefix)
                if found is not None and detail["loc"] and detail["loc"][0] in implied:
                    # The file's name says it, so the name of the file is what is wrong.
                    found = Problem(path, None, "file name", repr(detail["input"]), found.message)
                if found is not None:
                    self.problems.append(found)
            return None
        wrong_dates = list(_numeric_dates(document, node, ()))
        for where in wrong_dates:
            wrong = "must be written as date or instant, such as '2026-10-01T18:00+08:00'"
            self.problems.append(problem_at(path, node, where, wrong, prefix))
        return None if wrong_dates else document

    def result(self, city: City | None, settings: Mapping[str, Any]) -> SiteRead:
        if not self.problems and city is not None:
            try:
                return SiteRead(self._site(city, settings), ())
            except ValidationError as error:
                self.problems += [
                    Problem("the documents together", None, "", None, _said(detail["msg"]))
                    for detail in error.errors(include_url=False)
                ]
        ordered = sorted(dict.fromkeys(self.problems), key=lambda one: (one.file, one.line or 0))
        return SiteRead(None, tuple(ordered))

    def _site(self, city: City, settings: Mapping[str, Any]) -> Site:
        def documents(model: type[BaseModel]) -> dict[str, tuple[Any, ...]]:
            return {
                part.field: in_order(
                    part.field, (placed.document for placed in self.placed[part.field])
                )
                for part in parts(model)
            }

        inventory = documents(Inventory)
        inventory["luminaires"] = in_order("luminaires", self.luminaires.luminaires)
        return Site(
            inventory=Inventory(city=city, **inventory),
            plan=Plan(**documents(Plan), **settings),
        )


def _inside(folder: str, texts: Iterable[str]) -> list[str]:
    return [path for path in texts if path.startswith(folder)]


def _validated(adapter: TypeAdapter[Any], data: Any) -> Any:
    """Validate texts; where a field takes a number only as such, make it one."""
    for _ in range(_MAX_ROUNDS):
        try:
            return adapter.validate_python(data)
        except ValidationError as error:
            changed = [
                _make_number(data, detail["loc"])
                for detail in error.errors(include_url=False)
                if detail["type"] in _LITERALS and isinstance(detail["input"], str)
            ]
            if not any(changed):
                raise
    return adapter.validate_python(data)


def _make_number(data: Any, path: Iterable[str | int]) -> bool:
    put: Callable[[Any], None] | None = None
    for part in path:
        in_dict = isinstance(data, dict) and part in data
        if in_dict or (isinstance(data, list) and isinstance(part, int) and part < len(data)):
            put = _putter(data, part)
            data = data[part]
    if put is None or not isinstance(data, str):
        return False
    for read in (int, float):
        try:
            put(read(data))
        except ValueError:
            continue
        return True
    return False


def _putter(container: Any, key: Any) -> Callable[[Any], None]:
    def put(value: Any) -> None:
        container[key] = value

    return put


def _numeric_dates(value: Any, node: Node, path: tuple[str | int, ...]) -> Iterable[Any]:
    """Paths where a bare number was taken for a date: seconds since 1970, meant by nobody."""
    if isinstance(node, ScalarNode):
        if isinstance(value, date) and node.text.strip().lstrip("+-").replace(".", "").isdigit():
            yield path
    elif isinstance(node, MappingNode) and isinstance(value, BaseModel):
        for name, inner in node.entries.items():
            yield from _numeric_dates(getattr(value, name, None), inner, (*path, name))
    elif isinstance(node, SequenceNode) and isinstance(value, (tuple, frozenset)):
        members = list(value)
        for number, inner in enumerate(node.items):
            # A set has lost its order; any of its members tells what the items are.
            index = number if isinstance(value, tuple) else 0
            yield from _numeric_dates(members[index], inner, (*path, number))


def _said(message: str) -> str:
    return message.removeprefix("Value error, ")
