"""Why an edit takes a second person: floors it lowers, lamps it touches.

Taking a floor away is going below it by another door.
"""

from controller.service.sentences import SAY
from schedules import Layer, Site
from schedules.difference import Difference
from schedules.layers import limits_for


def lowered_floors(before: Site, after: Site) -> list[str]:
    """Zones, and luminaires with a limit of their own, whose floor becomes lower; sorted.

    What is not in the inventory any more has no floor to lower.
    """
    if before.plan.limits == after.plan.limits and before.inventory is after.inventory:
        return []
    own = {
        limit.target
        for site in (before, after)
        for limit in site.plan.limits
        if limit.layer is Layer.LUMINAIRE
    }
    subjects = [(zone.id, None) for zone in before.inventory.zones] + [
        (luminaire.zone, luminaire.id)
        for name in sorted(own)
        if (luminaire := before.inventory.luminaire_by_id.get(name)) is not None
    ]
    found = set()
    for zone, name in subjects:
        then = limits_for(before, before.zone(zone), name).floor
        there = after.inventory.zone_by_id.get(zone)
        if there is not None and limits_for(after, there, name).floor < then:
            found.add(name or zone)
    return sorted(found)


def approval_reasons(before: Site, after: Site, change: Difference, most: int) -> list[str]:
    """Why a change takes a second person; empty where it does not.

    ``most`` luminaires may be touched without one.
    """
    reasons: list[str] = []
    if lowered := lowered_floors(before, after):
        first, count = lowered[0], len(lowered)
        reasons.append(
            SAY("floor_lowered", first=first)
            if count == 1
            else SAY("floors_lowered", first=first, more=count - 1)
        )
    if change.luminaires > most:
        reasons.append(SAY("many_luminaires", count=change.luminaires, most=most))
    return reasons
