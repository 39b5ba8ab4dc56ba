"""Why an edit takes a second person: floors it lowers, lamps it touches.

Taking a floor away is going below it by another door.
"""

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
    reasons = []
    if lowered := lowered_floors(before, after):
        more = f" and {len(lowered) - 1} more" if len(lowered) > 1 else ""
        reasons.append(f"it lowers the floor of {lowered[0]}{more}")
    if change.luminaires > most:
        reasons.append(f"it concerns {change.luminaires:,} luminaires, more than {most:,}")
    return reasons
