"""One-zone cities to prove: of any category, class and calendar."""

from collections.abc import Iterable
from typing import Any

from schedules import Assignment, Calendar, CalendarRule, ControlProgram, Layer, Limit, Plan, Site
from tests.fakes.one_zone import BEIJING, Spot, inventory
from zones.models import Category


def city(
    *programs: ControlProgram,
    spot: Spot = BEIJING,
    category: Category = Category.ARTERIAL,
    rules: Iterable[CalendarRule] = (),
    limits: Iterable[Limit] = (),
    zones: int = 1,
    **zone_fields: Any,
) -> Site:
    """Zones z, z2, z3 ... that follow one calendar, the first program its default."""
    bare = inventory(spot)
    first = bare.zones[0].model_copy(update={"category": category, **zone_fields})
    more = [first.model_copy(update={"id": f"z{number}"}) for number in range(2, zones + 1)]
    return Site(
        inventory=bare.model_copy(update={"zones": (first, *more)}),
        plan=Plan(
            programs=programs,
            calendars=(Calendar(id="all", name="all", default=programs[0].id, rules=tuple(rules)),),
            assignments=(Assignment(layer=Layer.CITY, target="c", calendar="all"),),
            limits=tuple(limits),
        ),
    )
