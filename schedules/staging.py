"""A new plan for some districts, while the others keep the old one.

Makes the plan of one stage out of the plan before and the plan after. Zones that are not
reached yet resolve as before; reached ones as in the plan after. Knows nothing of who decides
when the next stage begins.
"""

from collections.abc import Iterable, Iterator, Set
from difflib import SequenceMatcher
from typing import Any, Final, NamedTuple, TypeVar

from schedules.errors import SchedulesError
from schedules.layers import assignment_for, targets
from schedules.models import Assignment, Layer, Limit, Plan
from schedules.overrides import Override, Selector
from schedules.rules import DynamicRule
from schedules.sentences import SAY
from schedules.site import Site
from zones import Inventory

_LONGEST_ID: Final = 64
_NARROW: Final = frozenset({Layer.ZONE, Layer.LUMINAIRE})
STAGED_PARTS: Final = frozenset({"programs", "calendars", "assignments", "limits", "rules"})
"""Parts of a plan that can hold in one district and not yet in another."""

_T = TypeVar("_T")


class NotStaged(SchedulesError):
    """A change concerns the whole city at once and cannot be put in force district by district."""


class _Parts(NamedTuple):
    """Zones on either side of a stage."""

    kept: frozenset[str]
    reached: frozenset[str]


def zones_of(inventory: Inventory, districts: Iterable[str]) -> frozenset[str]:
    """Zones of these districts and of those that lie in them, at any depth."""
    within = inventory.districts_within(districts)
    return frozenset(zone.id for zone in inventory.zones if zone.district in within)


def refuse_unstaged(before: Site, after: Site) -> None:
    """Raise `NotStaged` naming what differs and cannot differ from district to district."""
    if before.inventory != after.inventory:
        raise NotStaged(SAY("inventory_whole"))
    for name in Plan.model_fields:
        if name in STAGED_PARTS or name == "overrides":
            continue
        if getattr(before.plan, name) != getattr(after.plan, name):
            raise NotStaged(SAY("part_whole", part=name))


def staged(before: Site, after: Site, reached: Set[str], overrides: tuple[Override, ...]) -> Site:
    """The site while only the zones ``reached`` follow the plan after.

    ``overrides`` are those in force or to come now: they stand above either plan. Old programs
    and calendars keep their names until all zones are reached; changed ones have a new name
    until then, the same at each stage. Raises `NotStaged` where `refuse_unstaged` does, and
    where an override runs a program that changes or goes.
    """
    refuse_unstaged(before, after)
    inventory = before.inventory
    kept = frozenset(inventory.zone_by_id) - reached
    _refuse_overridden(before.plan, after.plan, overrides)
    if not kept:
        return _site(inventory, after.plan, {"overrides": overrides})
    if not reached:
        return _site(inventory, before.plan, {"overrides": overrides})
    renamed = _renamed(before.plan, after.plan)
    new = Site(inventory=inventory, plan=renamed)
    sides = _Parts(kept, frozenset(reached))
    return _site(
        inventory,
        before.plan,
        {
            "programs": _together(before.plan.programs, renamed.programs),
            "calendars": _together(before.plan.calendars, renamed.calendars),
            "assignments": tuple(_assignments(before, new, sides)),
            "limits": tuple(_limits(before, new, sides)),
            "rules": tuple(_rules(before, new, sides)),
            "overrides": overrides,
        },
    )


def _site(inventory: Inventory, plan: Plan, changed: dict[str, Any]) -> Site:
    fields = {name: getattr(plan, name) for name in Plan.model_fields}
    return Site(inventory=inventory, plan=Plan(**(fields | changed)))


def _refuse_overridden(before: Plan, after: Plan, overrides: tuple[Override, ...]) -> None:
    for one in overrides:
        name = one.program
        if name is not None and before.program_by_id.get(name) != after.program_by_id.get(name):
            raise NotStaged(SAY("override_runs", id=one.id, program=name))


# Names


def _renamed(before: Plan, after: Plan) -> Plan:
    """The plan after, with names that mean nothing else in the plan before."""
    taken = set[str]()
    for plan in (before, after):
        taken |= plan.program_by_id.keys() | plan.calendar_by_id.keys()
    program_names = {
        one.id: _free(one.id, taken)
        for one in after.programs
        if before.program_by_id.get(one.id, one) != one
    }
    programs = tuple(
        one.model_copy(update={"id": program_names.get(one.id, one.id)}) for one in after.programs
    )
    calendars = [
        one.model_copy(
            update={
                "default": program_names.get(one.default, one.default),
                "rules": tuple(
                    rule.model_copy(
                        update={"program": program_names.get(rule.program, rule.program)}
                    )
                    for rule in one.rules
                ),
            }
        )
        for one in after.calendars
    ]
    calendar_names = {
        one.id: _free(one.id, taken)
        for one in calendars
        if before.calendar_by_id.get(one.id, one) != one
    }
    fields = {name: getattr(after, name) for name in Plan.model_fields} | {
        "programs": programs,
        "calendars": tuple(
            one.model_copy(update={"id": calendar_names.get(one.id, one.id)}) for one in calendars
        ),
        "assignments": tuple(
            one.model_copy(update={"calendar": calendar_names.get(one.calendar, one.calendar)})
            for one in after.assignments
        ),
        # What the whole city is reckoned by keeps the names of the plan before.
        "overrides": (),
        "baselines": (),
    }
    return Plan(**fields)


def _free(name: str, taken: set[str]) -> str:
    for number in range(1, len(taken) + 2):
        ending = "-new" if number == 1 else f"-new{number}"
        found = f"{name[: _LONGEST_ID - len(ending)]}{ending}"
        if found not in taken:
            taken.add(found)
            return found
    raise AssertionError("more names are tried than are taken")


def _together(old: tuple[_T, ...], new: tuple[_T, ...]) -> tuple[_T, ...]:
    return (*old, *(one for one in new if one not in old))


# Who follows which calendar


def _assignments(old: Site, new: Site, sides: _Parts) -> Iterator[Assignment]:
    """Those of the old plan, with every reached zone bound to what it follows in the new one."""
    inventory = old.inventory
    zones = inventory.zone_by_id
    wide = [one for one in old.plan.assignments if one.layer not in _NARROW]
    bare = Site(inventory=inventory, plan=_only_assignments(old.plan, wide))
    is_unbound = any(
        assignment_for(new, zones[zone]) is None and assignment_for(bare, zones[zone]) is not None
        for zone in sides.reached
    )
    if is_unbound:
        # A zone cannot be told to follow nothing below a layer that says otherwise.
        for zone in inventory.zones:
            if zone.id in sides.kept and (found := assignment_for(old, zone)) is not None:
                yield Assignment(layer=Layer.ZONE, target=zone.id, calendar=found.calendar)
    else:
        yield from wide
        for one in old.plan.assignments:
            if one.layer is Layer.ZONE and one.target in sides.kept:
                yield one
    for zone in inventory.zones:
        if zone.id in sides.reached and (found := assignment_for(new, zone)) is not None:
            yield Assignment(layer=Layer.ZONE, target=zone.id, calendar=found.calendar)
    for site, side in ((old, sides.kept), (new, sides.reached)):
        for one in site.plan.assignments:
            if one.layer is Layer.LUMINAIRE and _zone_of(inventory, one.target) in side:
                yield one


def _only_assignments(plan: Plan, assignments: list[Assignment]) -> Plan:
    return Plan(programs=plan.programs, calendars=plan.calendars, assignments=tuple(assignments))


def _zone_of(inventory: Inventory, luminaire: str) -> str:
    return inventory.luminaire_by_id[luminaire].zone


# Floors and ceilings


def _limits(old: Site, new: Site, sides: _Parts) -> Iterator[Limit]:
    """Limits of both plans stay; those of one are bound to the zones on its side."""
    both = [one for one in old.plan.limits if one in new.plan.limits]
    yield from both
    for site, side in ((old, sides.kept), (new, sides.reached)):
        own = [one for one in site.plan.limits if one not in both]
        yield from _narrowed(site, own, side)


def _narrowed(site: Site, limits: list[Limit], side: frozenset[str]) -> Iterator[Limit]:
    by_target: dict[tuple[Layer, str], list[Limit]] = {}
    for one in limits:
        match one.layer:
            case Layer.ZONE:
                if one.target in side:
                    yield one
            case Layer.LUMINAIRE:
                if _zone_of(site.inventory, one.target) in side:
                    yield one
            case Layer.CITY | Layer.DISTRICT | Layer.CATEGORY:
                by_target.setdefault((one.layer, one.target), []).append(one)
    if not by_target:
        return
    for zone in site.inventory.zones:
        if zone.id in side:
            for target in targets(site, zone):
                for one in by_target.get(target, ()):
                    yield one.model_copy(update={"layer": Layer.ZONE, "target": zone.id})


# Rules


def _rules(old: Site, new: Site, sides: _Parts) -> Iterator[DynamicRule]:
    """Rules of both plans stay, in the order of both; those of one act on its side alone.

    A rule that stays whole keeps what it remembers of its sensors.
    """
    was, now = old.plan.rules, new.plan.rules
    taken = {one.id for one in (*was, *now)}
    names = {one.id: one.id for one in now if one.id not in {other.id for other in was}}
    matched = SequenceMatcher(
        None, [one.model_dump_json() for one in was], [one.model_dump_json() for one in now],
        autojunk=False,
    )  # fmt: skip
    for tag, a, b, c, d in matched.get_opcodes():
        if tag == "equal":
            yield from was[a:b]
            continue
        for one in was[a:b]:
            yield from _restricted(old.inventory, one, sides.kept, one.id)
        for one in now[c:d]:
            name = names.get(one.id) or _free(one.id, taken)
            yield from _restricted(old.inventory, one, sides.reached, name)


def _restricted(
    inventory: Inventory, one: DynamicRule, side: frozenset[str], name: str
) -> Iterator[DynamicRule]:
    """The rule for the zones of one side; nothing where it has none there."""
    selector = one.selector
    zones = frozenset(
        zone.id for zone in inventory.zones if zone.id in side and selector.selects_zone(zone)
    )
    luminaires = frozenset(
        luminaire for luminaire in selector.luminaires if _zone_of(inventory, luminaire) in side
    )
    if zones or luminaires:
        narrowed = Selector(zones=zones, luminaires=luminaires)
        yield one.model_copy(update={"id": name, "selector": narrowed})
