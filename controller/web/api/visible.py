"""Which alarms and overrides concern what a reader may see."""

import numpy as np

from controller.engine.alarm_types import Scope
from controller.ports.alarms import Alarm
from controller.web.api.context import Context
from controller.web.api.sight import Sight
from schedules import Selector


def visible_alarms(here: Context, seen: Sight, alarms: list[Alarm]) -> list[Alarm]:
    """Of these alarms those about something that the reader may see, or about the service."""
    if seen.is_whole:
        return alarms
    columns = here.control.engine.columns
    rows = seen.rows(here)
    groups = {
        Scope.FEEDER: _ids(columns.feeder_ids, columns.feeder[rows]),
        Scope.GATEWAY: _ids(columns.gateway_ids, columns.gateway[rows]),
        Scope.CABINET: _ids(columns.cabinet_ids, columns.cabinet[rows]),
    }

    def is_visible(alarm: Alarm) -> bool:
        match alarm.scope:
            case Scope.CITY | Scope.SERVICE:
                return True
            case Scope.ZONE:
                return seen.has(alarm.subject)
            case Scope.LUMINAIRE:
                row = columns.row_of.get(alarm.subject)
                return row is not None and seen.has(columns.zone_ids[columns.zone[row]])
            case _:
                return alarm.subject in groups[alarm.scope]

    return [alarm for alarm in alarms if is_visible(alarm)]


def concerns(here: Context, seen: Sight, selector: Selector) -> bool:
    """Whether anything that the selector names may be seen."""
    if seen.is_whole or selector.city:
        return True
    inventory = here.control.site.inventory
    zone_by_id, luminaire_by_id = inventory.zone_by_id, inventory.luminaire_by_id
    assert seen.zones is not None, "not the whole city"
    if any(selector.selects_zone(zone_by_id[zone]) for zone in seen.zones if zone in zone_by_id):
        return True
    return any(
        name in luminaire_by_id and seen.has(luminaire_by_id[name].zone)
        for name in selector.luminaires
    )


def _ids(names: tuple[str, ...], rows: np.ndarray) -> frozenset[str]:
    return frozenset(names[row] for row in np.unique(rows).tolist() if row >= 0)
