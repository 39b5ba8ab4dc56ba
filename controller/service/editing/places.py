"""Zones that documents name: also where a document changes nothing yet, it is about these.

What has no effect today has one once another document goes: whoever may edit one district only
must not plant documents in others.
"""

from collections.abc import Iterator

from controller.service.editing.keys import keyed
from schedules import Assignment, Layer, Limit, Site
from schedules.staging import zones_of
from zones import Document, Inventory

_PARTS = ("assignments", "limits", "rules")


def named_zones(before: Site, after: Site) -> frozenset[str]:
    """Zones that the documents name which differ between two sites."""
    found: set[str] = set()
    for document in _differing(before, after):
        for site in (before, after):
            found |= _named(site.inventory, document)
    return frozenset(found)


def _differing(before: Site, after: Site) -> Iterator[Document]:
    for part in _PARTS:
        was, now = getattr(before.plan, part), getattr(after.plan, part)
        if was == now:
            continue
        old, new = keyed(was), keyed(now)
        for key in old.keys() | new.keys():
            if old.get(key) != new.get(key):
                yield from (one for one in (old.get(key), new.get(key)) if one is not None)


def _named(inventory: Inventory, document: Document) -> set[str]:
    match document:
        case Assignment(layer=layer, target=target) | Limit(layer=layer, target=target):
            return _of_layer(inventory, layer, target)
        case _:
            selector = getattr(document, "selector")  # noqa: B009  # rules alone are left
            lamps = inventory.luminaire_by_id
            return {zone.id for zone in inventory.zones if selector.selects_zone(zone)} | {
                lamps[name].zone for name in selector.luminaires if name in lamps
            }


def _of_layer(inventory: Inventory, layer: Layer, target: str) -> set[str]:
    match layer:
        case Layer.CITY:
            return set(inventory.zone_by_id)
        case Layer.DISTRICT:
            return set(zones_of(inventory, [target]))
        case Layer.CATEGORY:
            return {zone.id for zone in inventory.zones if zone.category == target}
        case Layer.ZONE:
            return {target} & inventory.zone_by_id.keys()
        case Layer.LUMINAIRE:
            lamp = inventory.luminaire_by_id.get(target)
            return set() if lamp is None else {lamp.zone}
