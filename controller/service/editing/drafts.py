"""Drafts: documents to put and to delete, applied to the ones in force."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar

from pydantic import ValidationError

from controller.errors import ConfigurationError
from controller.service.editing.keys import MEMBERS, OWNERS, key_of, keyed
from controller.service.field_words import detail_of, expected_of
from controller.service.names import thing_said
from controller.service.sentences import SAY
from schedules import ControlProgram, Plan, Site
from schedules.energy.slips import DATED, slips
from schedules.energy.tariff_overlaps import overlaps
from schedules.energy.tariffs import Tariff
from schedules.layers import assignment_for, limits_for
from schedules.levels_bulk import excepted_luminaires
from zones import Document, Inventory

_D = TypeVar("_D", bound=Document)

EDITABLE: Final = frozenset(
    kind for kind, owner in OWNERS.items() if owner is Plan and kind != "overrides"
) | {"lamp_types"}
"""Kinds that are edited one by one. Overrides have a way of their own, the rest of the
inventory is imported."""


class Fault(NamedTuple):
    """One thing that is wrong with a draft."""

    field: str
    value: Any
    expected: str
    detail: str


class DraftWrong(ConfigurationError):
    """A draft cannot be put in force; says every fault that was found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        first = faults[0]
        told = SAY("fault_of_field", field=first.field, detail=first.detail)
        more = len(faults) - 1
        super().__init__(SAY("more_faults", first=told, more=more) if more else told)
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Put:
    """A document to put in force, new or in place of the one of its key."""

    kind: str
    document: Mapping[str, Any]
    key: str | None = None
    """The key of the document that it replaces; None: its own."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Documents to put and to delete together."""

    put: tuple[Put, ...] = ()
    delete: tuple[tuple[str, str], ...] = ()
    """(kind, key) pairs."""

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds that it touches."""
        return frozenset({*(one.kind for one in self.put), *(kind for kind, _ in self.delete)})


def applied(site: Site, draft: Draft, *, is_preview: bool = False) -> Site:
    """The site with a draft in force; raises `DraftWrong`.

    A preview may hold levels below a floor: whoever draws them sees ``resolve`` raise them.
    """
    _refuse_kinds(draft)
    lists = {kind: _listed(site, kind) for kind in draft.kinds}
    faults: list[Fault] = []
    for kind, key in draft.delete:
        if lists[kind].pop(key, None) is None:
            expected = SAY("key_of_kind", kind=thing_said(kind))
            faults.append(Fault(f"{kind}/{key}", key, expected, SAY("there_is_none")))
    new: dict[str, list[Document]] = {}
    for one in draft.put:
        try:
            document = MEMBERS[one.kind].model_validate_json(json.dumps(one.document))
        except ValidationError as error:
            name = one.key or one.document.get("id") or "new"
            faults.extend(_faults(f"{one.kind}/{name}", error))
            continue
        if isinstance(document, Tariff):
            faults.extend(
                Fault(
                    f"tariffs/{document.id}/bands[{overlap.number}].hours",
                    [span.text for span in document.bands[overlap.number].hours],
                    SAY("hours_apart"),
                    overlap.message,
                )
                for overlap in overlaps(document)
            )
        key = one.key or key_of(document)
        if key in lists[one.kind]:
            lists[one.kind][key] = document
        else:
            new.setdefault(one.kind, []).append(document)
    if faults:
        raise DraftWrong(faults)
    whole = {kind: (*found.values(), *new.get(kind, ())) for kind, found in lists.items()}
    faults = list(_slips(site, whole))
    if faults:
        raise DraftWrong(faults)
    after = _rebuilt(site, whole)
    below = [] if is_preview else list(below_floor(site, after, draft))
    if below:
        raise DraftWrong(below)
    return after


def _slips(site: Site, whole: Mapping[str, Sequence[Any]]) -> Iterator[Fault]:
    """What a draft brings in; what stood there before goes on as it was."""
    for kind in DATED:
        stood: Sequence[Any] = getattr(site.plan, kind)
        for slip in slips(whole.get(kind, ())):
            if slip.document not in stood or (slip.other is not None and slip.other not in stood):
                yield Fault(
                    f"{kind}/{slip.document.id}/{slip.field}",
                    slip.value,
                    slip.expected,
                    slip.message,
                )


def below_floor(before: Site, after: Site, draft: Draft) -> Iterator[Fault]:
    """Levels of the draft's programs that are below the floor of a zone that follows them.

    ``resolve`` would raise them, and nobody would see why. Levels that stood there before
    are left alone.
    """
    edited = {
        document.id: document
        for one in draft.put
        if one.kind == "programs"
        and (document := after.plan.program_by_id.get(str(one.document.get("id")))) is not None
    }
    if not edited:
        return
    floors = _floors(after, edited.keys())
    for name, program in edited.items():
        floor, zone = floors.get(name, (0.0, ""))
        old = before.plan.program_by_id.get(name)
        known = set() if old is None else set(_levels(old).values())
        for path, level in _levels(program).items():
            if 0 < level < floor and level not in known:
                yield Fault(
                    f"programs/{name}/{path}",
                    level,
                    SAY("or_more", least=floor),
                    SAY("below_floor", level=level, zone=zone, floor=floor),
                )


def _levels(program: ControlProgram) -> dict[str, float]:
    levels = {
        f"steps[{number}].level": step.level
        for number, step in enumerate(program.steps)
        if step.level is not None
    }
    return {"base_level": program.base_level, **levels}


def _floors(site: Site, programs: Iterable[str]) -> dict[str, tuple[float, str]]:
    """The highest floor of the zones that may follow each program, and which zone that is."""
    wanted, found = set(programs), dict[str, tuple[float, str]]()
    subjects = [(zone, None) for zone in site.inventory.zones] + [
        (site.zone(site.luminaire(name).zone), name) for name in excepted_luminaires(site)
    ]
    for zone, luminaire in subjects:
        assignment = assignment_for(site, zone, luminaire)
        if assignment is None:
            continue
        calendar = site.plan.calendar_by_id[assignment.calendar]
        names = {calendar.default, *(rule.program for rule in calendar.rules)}
        floor = limits_for(site, zone, luminaire).floor
        for name in names & wanted:
            if floor > found.get(name, (0.0, ""))[0]:
                found[name] = floor, zone.id
    return found


def _refuse_kinds(draft: Draft) -> None:
    wrong = sorted(draft.kinds - EDITABLE)
    if wrong:
        expected = ", ".join(sorted(EDITABLE))
        raise DraftWrong(
            [Fault("kind", kind, expected, SAY("not_by_one", kind=kind)) for kind in wrong]
        )


def _listed(site: Site, kind: str) -> dict[str, Document]:
    owner = site.inventory if OWNERS[kind] is Inventory else site.plan
    return keyed(getattr(owner, kind))


def _rebuilt(site: Site, lists: Mapping[str, tuple[Document, ...]]) -> Site:
    """The site with some lists replaced, and all of it checked."""
    parts: dict[type, dict[str, Any]] = {Inventory: {}, Plan: {}}
    for kind, documents in lists.items():
        parts[OWNERS[kind]][kind] = documents
    try:
        plan = with_fields(site.plan, parts[Plan])
        inventory = with_fields(site.inventory, parts[Inventory])
        return Site(inventory=inventory, plan=plan)
    except ValidationError as error:
        raise DraftWrong(_faults("", error)) from error


def with_fields(whole: _D, changed: Mapping[str, Any]) -> _D:
    """A document with some fields replaced, and all of it checked; raises `ValidationError`."""
    if not changed:
        return whole
    names = type(whole).model_fields
    return type(whole)(**{name: getattr(whole, name) for name in names} | dict(changed))


def _faults(where: str, error: ValidationError) -> list[Fault]:
    found = []
    for one in error.errors():
        path = _path(one["loc"])
        field = "/".join(part for part in (where, path) if part) or "documents"
        value = one["input"] if path and one["type"] != "missing" else None
        found.append(Fault(field, value, expected_of(one), detail_of(one)))
    return found


def _path(parts: tuple[int | str, ...]) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
