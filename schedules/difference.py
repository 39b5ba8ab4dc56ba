"""What changes from one site to another: documents and fields, zones and luminaires.

A luminaire is affected where what it does, or could do on some night, may change: its
program on any day, its limits, its override, its lamp type, its place. Names and comments
affect nobody. Pure.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any, Final, NamedTuple

from pydantic import BaseModel

from schedules.files.document_tree import tree_of
from schedules.files.layout import canonical, parts, settings_of
from schedules.files.yaml_writer import scalar_text
from schedules.layers import assignment_for, limits_for
from schedules.levels_bulk import excepted_luminaires
from schedules.models import Plan
from schedules.overrides import Selector
from schedules.programs import ControlProgram
from schedules.site import Site
from zones.models import Inventory, Luminaire, Zone

_NAMES: Final = frozenset({"id", "name", "name_en", "reason", "author"})
_FIGURES: Final = frozenset({"baselines", "tariffs"})
"""Parts with a selector that say what is counted, not what is lit."""
_KNOWN_PLAN_FIELDS: Final = frozenset(
    {
        "programs",
        "calendars",
        "assignments",
        "limits",
        "rules",
        "overrides",
        "failsafe_level",
        "baseline",
        "baselines",
        "tariffs",
        "emission_factors",
        "targets",
        "metering",
    }
)


class What(StrEnum):
    """What became of a document."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


class FieldChange(NamedTuple):
    """One field of a document, as text; None where it says nothing."""

    path: str
    before: str | None
    after: str | None


class DocumentChange(NamedTuple):
    """One document that differs."""

    part: str
    """Such as ``programs``; the settings of city and plan are ``city`` and ``plan``."""
    id: str
    what: What
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs between two sites, and whom it concerns."""

    documents: tuple[DocumentChange, ...]
    zones: tuple[str, ...]
    """Identifiers of the zones with affected luminaires, those that go included; sorted."""
    luminaires: int
    """Affected luminaires, those that come and go included."""


def difference(before: Site | None, after: Site) -> Difference:
    """What changes when `after` follows `before`; None: there was nothing."""
    documents = tuple(_documents(before, after))
    if not documents:
        return Difference((), (), 0)
    then = {} if before is None else _behaviours(before)
    now = _behaviours(after)
    affected = {one for one in then.keys() | now.keys() if then.get(one) != now.get(one)}
    zone_of = {
        one.id: one.zone
        for site in (before, after)
        if site is not None
        for one in site.inventory.luminaires
        if one.id in affected
    }
    return Difference(documents, tuple(sorted(set(zone_of.values()))), len(affected))


# Documents


def _documents(before: Site | None, after: Site) -> Iterator[DocumentChange]:
    old = None if before is None else canonical(before)
    new = canonical(after)
    yield from _one("city", old and old.inventory.city, new.inventory.city)
    yield from _one("plan", old and _Settings(old.plan), _Settings(new.plan))
    for owner, model in (("inventory", Inventory), ("plan", Plan)):
        for part in parts(model):
            was = () if old is None else getattr(getattr(old, owner), part.field)
            yield from _listed(part.field, was, getattr(getattr(new, owner), part.field))


class _Settings:
    """The plan without its lists."""

    id = "plan"

    def __init__(self, plan: Plan) -> None:
        tree = tree_of(plan, with_defaults=True)
        self.tree = {name: tree[name] for name in settings_of(Plan)}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Settings) and self.tree == other.tree

    __hash__ = None  # type: ignore[assignment]  # compared, never kept in a set


def _one(part: str, old: Any, new: Any) -> Iterator[DocumentChange]:
    if old is None:
        yield DocumentChange(part, new.id, What.ADDED)
    elif old != new:
        yield DocumentChange(part, new.id, What.CHANGED, _fields(old, new))


def _listed(part: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[DocumentChange]:
    if old == new:
        return
    was, now = _keyed(old), _keyed(new)
    for key in [*was, *(key for key in now if key not in was)]:
        if key not in now:
            yield DocumentChange(part, key, What.REMOVED)
        elif key not in was:
            yield DocumentChange(part, key, What.ADDED)
        elif was[key] != now[key]:
            yield DocumentChange(part, key, What.CHANGED, _fields(was[key], now[key]))
    stayed = [key for key in was if key in now]
    if stayed != [key for key in now if key in was]:
        order = FieldChange("order", ", ".join(was), ", ".join(now))
        yield DocumentChange(part, "all", What.CHANGED, (order,))


def _keyed(documents: Iterable[Any]) -> dict[str, Any]:
    """Documents by identifier, or by what they are for; those for the same are numbered."""
    found: dict[str, Any] = {}
    for one in documents:
        key = getattr(one, "id", None)
        if key is None:
            told = tree_of(one)
            key = f"{told.get('layer', '')} {told.get('target', '')}".strip() or "entry"
        name, number = key, 2
        while name in found:
            name, number = f"{key} ({number})", number + 1
        found[name] = one
    return found


def _fields(old: Any, new: Any) -> tuple[FieldChange, ...]:
    return tuple(_compared("", _tree(old), _tree(new)))


def _tree(document: Any) -> dict[str, Any]:
    return document.tree if isinstance(document, _Settings) else tree_of(document)


def _compared(path: str, old: Any, new: Any) -> Iterator[FieldChange]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*old, *(key for key in new if key not in old)]:
            inner = f"{path}.{key}" if path else key
            yield from _compared(inner, old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _compared_lists(path, old, new)
    else:
        yield FieldChange(path, _text(old), _text(new))


def _compared_lists(path: str, old: list[Any], new: list[Any]) -> Iterator[FieldChange]:
    """Entries side by side: those of the same time or name, else those that read the same."""
    was, now = [_entry_key(one) for one in old], [_entry_key(one) for one in new]
    for tag, a, b, c, d in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if b - a == d - c:
            for shift in range(b - a):
                yield from _compared(f"{path}[{c + shift}]", old[a + shift], new[c + shift])
        elif tag != "equal":
            yield from (FieldChange(f"{path}[{n}]", _text(old[n]), None) for n in range(a, b))
            yield from (FieldChange(f"{path}[{n}]", None, _text(new[n])) for n in range(c, d))


def _entry_key(entry: Any) -> str | None:
    if isinstance(entry, Mapping):
        for name in ("at", "name", "id"):
            if name in entry:
                return _text(entry[name])
    return _text(entry)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return _flow(value)


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return scalar_text(value)


# Whom it concerns


def _behaviours(site: Site) -> dict[str, tuple[object, ...]]:
    """What decides each luminaire's light, in values that can be compared."""
    inventory = site.inventory
    excepted = excepted_luminaires(site)
    program = _per_id(lambda name: _program_of(site, name))
    calendar = _per_id(lambda name: _calendar_of(site, name, program))
    lamp_types = {one.id: _behaviour(one) for one in inventory.lamp_types}
    zones = {one.id: _programmed(site, one, None, calendar) for one in inventory.zones}
    selected = _selected(site, program)
    return {
        one.id: (
            _programmed(site, inventory.zone_by_id[one.zone], one.id, calendar)
            if one.id in excepted
            else zones[one.zone],
            one.zone,
            lamp_types[one.lamp_type],
            one.gateway,
            one.installed_on,
            selected(one, inventory.zone_by_id[one.zone]),
        )
        for one in inventory.luminaires
    }


def _per_id(find: Callable[[str], object]) -> Callable[[str], object]:
    found: dict[str, object] = {}

    def known(name: str) -> object:
        if name not in found:
            found[name] = find(name)
        return found[name]

    return known


def _programmed(
    site: Site, zone: Zone, luminaire_id: str | None, calendar: Callable[[str], object]
) -> tuple[object, ...]:
    plan = site.plan
    assignment = assignment_for(site, zone, luminaire_id)
    limits = limits_for(site, zone, luminaire_id)
    rest = {name for name in type(plan).model_fields if name not in _KNOWN_PLAN_FIELDS}
    return (
        _behaviour(plan.baseline) if assignment is None else calendar(assignment.calendar),
        limits.floor,
        limits.ceiling,
        zone.longitude,
        zone.latitude,
        zone.lighting_class,
        zone.design_illuminance_lx,
        site.inventory.city.time_zone,
        plan.failsafe_level,
        # Of a part that is not looked into here, any change may concern anybody.
        tuple(repr(getattr(plan, name)) for name in sorted(rest)),
    )


def _program_of(site: Site, name: str) -> object:
    program: ControlProgram = site.plan.program_by_id[name]
    return _behaviour(program)


def _calendar_of(site: Site, name: str, program: Callable[[str], object]) -> object:
    calendar = site.plan.calendar_by_id[name]
    rules = tuple((rule.when, rule.unless, program(rule.program)) for rule in calendar.rules)
    return rules, program(calendar.default)


def _selected(
    site: Site, program: Callable[[str], object]
) -> Callable[[Luminaire, Zone], tuple[object, ...]]:
    """What overrides, and whatever else has a selector, may do to a luminaire."""
    told = [
        (one.selector, _behaviour(one, "selector", "program"), getattr(one, "program", None))
        for part in parts(Plan)
        if part.field not in _FIGURES
        for one in getattr(site.plan, part.field)
        if isinstance(getattr(one, "selector", None), Selector)
    ]

    def of(luminaire: Luminaire, zone: Zone) -> tuple[object, ...]:
        return tuple(
            (behaviour, None if name is None else program(name))
            for selector, behaviour, name in told
            if selector.selects(luminaire, zone)
        )

    return of


def _behaviour(document: BaseModel, *but: str) -> tuple[object, ...]:
    """The fields that say what happens, names left out."""
    return tuple(
        getattr(document, name)
        for name in type(document).model_fields
        if name not in _NAMES and name not in but
    )
