"""Whether documents name each other rightly, each wrong name with its file and line.

Looks at what is written, so that the names in a document that is wrong in itself are told
as well. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, assert_never

from schedules.files.layout import LUMINAIRES
from schedules.files.luminaire_table import MAX_PROBLEMS, LuminairesRead
from schedules.files.problems import Problem, near, problem_at
from schedules.files.yaml_text import Node, plain
from schedules.models import Layer
from zones.models import Category, City


class Placed(NamedTuple):
    """A document and where it stands."""

    document: Any
    """None where it is wrong in itself."""
    file: str
    node: Node
    prefix: str
    """Path of the document within its file, such as ``zones[3]``."""
    implied: Mapping[str, str]
    """What the file's name says of it."""

    @property
    def told(self) -> Mapping[str, Any]:
        """Its fields as they are written, and what the file's name says."""
        data = plain(self.node)
        return {**data, **self.implied} if isinstance(data, dict) else self.implied

    @property
    def id(self) -> str | None:
        """The identifier that it declares, even if the rest is wrong."""
        return _text(self.told.get("id"))

    def problem(self, path: Sequence[str | int], message: str) -> Problem:
        """A problem with one of its fields."""
        return problem_at(self.file, self.node, path, message, self.prefix)


Known = Mapping[str, frozenset[str]]
"""Declared identifiers by part; a part of which some are unknown is left out."""

_KIND: Final = {
    "districts": "district",
    "zones": "zone",
    "lamp_types": "lamp type",
    "cabinets": "cabinet",
    "feeders": "feeder",
    "gateways": "gateway",
    "programs": "program",
    "calendars": "calendar",
}
_PLAIN: Final = {
    "districts": {"inside": "districts"},
    "zones": {"district": "districts"},
    "cabinets": {"district": "districts"},
    "feeders": {"cabinet": "cabinets"},
    "gateways": {"cabinet": "cabinets"},
    "calendars": {"default": "programs"},
    "assignments": {"calendar": "calendars"},
    "overrides": {"program": "programs"},
    "targets": {"district": "districts"},
}
"""Part to the fields that name a document of another part."""
_OF_LUMINAIRES: Final = {
    "zone": "zones",
    "lamp_type": "lamp_types",
    "gateway": "gateways",
    "feeder": "feeders",
}


def reference_problems(
    placed: Mapping[str, Sequence[Placed]],
    luminaires: LuminairesRead,
    city: City | None,
    unread: frozenset[str],
) -> list[Problem]:
    """Identifiers that stand twice and names of what is not there.

    What is in the parts `unread` is not known, so that no name of theirs is called wrong.
    """
    declared = {
        part: frozenset(one.id for one in documents if one.id is not None)
        for part, documents in placed.items()
    } | {"luminaires": frozenset(luminaires.ids)}
    known: Known = {part: ids for part, ids in declared.items() if part not in unread}
    problems = list(_luminaire_problems(luminaires, known))
    for part, documents in placed.items():
        seen: dict[object, Placed] = {}
        for one in documents:
            problems += _twice(part, one, seen)
            problems += _named(part, one, known, city)
    return problems


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _twice(part: str, one: Placed, seen: dict[object, Placed]) -> Iterator[Problem]:
    told = one.told
    key: object = one.id
    path, what = ("id",), "identifiers are unique within a kind"
    if part == "assignments":
        layer, target = _text(told.get("layer")), _text(told.get("target"))
        key = None if layer is None or target is None else (layer, target)
        path, what = ("target",), "one calendar for each target"
    if key is None:
        return
    first = seen.setdefault(key, one)
    if first is not one:
        where = f"{first.file}:{first.node.line}"
        yield one.problem(path, f"stands twice, first in {where}; {what}")


def _named(part: str, one: Placed, known: Known, city: City | None) -> Iterator[Problem]:
    told = one.told
    for field, target in _PLAIN.get(part, {}).items():
        yield from _one(one, (field,), _text(told.get(field)), target, known)
    if part == "calendars" and isinstance(told.get("rules"), list):
        for number, rule in enumerate(told["rules"]):
            program = _text(rule.get("program")) if isinstance(rule, dict) else None
            yield from _one(one, ("rules", number, "program"), program, "programs", known)
    if part in ("assignments", "limits"):
        layer, named = _text(told.get("layer")), _text(told.get("target"))
        if named is not None and layer in set(Layer):
            yield from _target(one, Layer(layer), named, known, city)
    if part == "baselines":
        yield from _previous(one, known)
    selector = told.get("selector")
    if isinstance(selector, dict):
        yield from _selected(one, selector, known)


def _previous(one: Placed, known: Known) -> Iterator[Problem]:
    """What a baseline's hours and lamps name."""
    hours = one.told.get("hours")
    if isinstance(hours, dict):
        for field, target in (("program", "programs"), ("calendar", "calendars")):
            yield from _one(one, ("hours", field), _text(hours.get(field)), target, known)
    lamps = one.told.get("lamps")
    for number, entry in enumerate(lamps if isinstance(lamps, list) else ()):
        if isinstance(entry, dict):
            for field in ("zones", "lamp_types"):
                for index, name in enumerate(_texts(entry.get(field))):
                    yield from _one(one, ("lamps", number, field, index), name, field, known)


def _selected(one: Placed, selector: Mapping[str, Any], known: Known) -> Iterator[Problem]:
    for field in ("districts", "zones", "luminaires"):
        for number, name in enumerate(_texts(selector.get(field))):
            if field in known and name not in known[field]:
                kind = "luminaire" if field == "luminaires" else _KIND[field]
                hint = near(name, known[field])
                path = ("selector", field, number)
                yield one.problem(path, f"is no {kind} of the inventory{hint}")


def _one(
    one: Placed, path: tuple[str | int, ...], name: str | None, target: str, known: Known
) -> Iterator[Problem]:
    if name is not None and target in known and name not in known[target]:
        kind, hint = _KIND[target], near(name, known[target])
        message = f"is no {kind} that is defined{hint}"
        if str(path[0]) in one.implied:
            yield Problem(one.file, None, "file name", repr(name), message)
        else:
            yield one.problem(path, message)


def _target(
    one: Placed, layer: Layer, target: str, known: Known, city: City | None
) -> Iterator[Problem]:
    match layer:
        case Layer.CITY:
            names = frozenset({city.id} if city is not None else {target})
        case Layer.DISTRICT:
            names = known.get("districts", frozenset({target}))
        case Layer.CATEGORY:
            names = frozenset(category.value for category in Category)
        case Layer.ZONE:
            names = known.get("zones", frozenset({target}))
        case Layer.LUMINAIRE:
            names = known.get("luminaires", frozenset({target}))
        case _:
            assert_never(layer)
    if target not in names:
        hint = near(target, names)
        if layer is Layer.CITY:
            hint = f"; the city is {next(iter(names))!r}"
        elif layer is Layer.CATEGORY:
            hint = hint or f"; categories are {', '.join(Category)}"
        yield one.problem(("target",), f"is no {layer.value} of the inventory{hint}")


def _luminaire_problems(luminaires: LuminairesRead, known: Known) -> Iterator[Problem]:
    first_line: dict[str, int] = {}
    count = 0
    for luminaire, line in zip(luminaires.luminaires, luminaires.lines, strict=True):
        first = first_line.setdefault(luminaire.id, line)
        wrong = []
        if first != line:
            told = f"stands twice, first in line {first}; identifiers are unique within a kind"
            wrong.append(Problem(LUMINAIRES, line, "id", repr(luminaire.id), told))
        for field, target in _OF_LUMINAIRES.items():
            name = getattr(luminaire, field)
            if name is not None and target in known and name not in known[target]:
                told = f"is no {_KIND[target]} that is defined{near(name, known[target])}"
                wrong.append(Problem(LUMINAIRES, line, field, repr(name), told))
        yield from wrong
        count += len(wrong)
        if count >= MAX_PROBLEMS:
            return
