"""Where what an alarm is about stands, as the inventory has it."""

from typing import NamedTuple

from controller.engine.alarm_types import Scope
from controller.ports.alarms import Alarm
from schedules import Language, Site
from zones import District, Zone


class AlarmPlace(NamedTuple):
    """Zone and district; None where the subject has none, or is not in the inventory any more."""

    zone: str | None
    district: str | None


def place_of(alarm: Alarm, site: Site) -> AlarmPlace:
    """Where an alarm's subject stands."""
    inventory = site.inventory
    zone = None
    match alarm.scope:
        case Scope.LUMINAIRE:
            luminaire = inventory.luminaire_by_id.get(alarm.subject)
            zone = None if luminaire is None else inventory.zone_by_id[luminaire.zone]
        case Scope.ZONE:
            zone = inventory.zone_by_id.get(alarm.subject)
        case Scope.CABINET | Scope.FEEDER | Scope.GATEWAY:
            return AlarmPlace(None, _district_of(alarm, site))
        case Scope.CITY | Scope.SERVICE:
            return AlarmPlace(None, None)
    return AlarmPlace(None, None) if zone is None else AlarmPlace(zone.id, zone.district)


def place_name(alarm: Alarm, site: Site, language: Language) -> str:
    """Name of the zone or else the district; empty where that says nothing."""
    place, inventory = place_of(alarm, site), site.inventory
    found: District | Zone
    if place.zone is not None:
        found = inventory.zone_by_id[place.zone]
    elif place.district is not None:
        found = inventory.district_by_id[place.district]
    else:
        return ""
    return found.name if language is Language.CHINESE else found.name_en or found.name


def _district_of(alarm: Alarm, site: Site) -> str | None:
    inventory = site.inventory
    name: str | None = alarm.subject
    if alarm.scope is Scope.FEEDER:
        feeder = inventory.feeder_by_id.get(alarm.subject)
        name = None if feeder is None else feeder.cabinet
    elif alarm.scope is Scope.GATEWAY:
        gateway = inventory.gateway_by_id.get(alarm.subject)
        name = None if gateway is None else gateway.cabinet
    cabinet = None if name is None else inventory.cabinet_by_id.get(name)
    return None if cabinet is None else cabinet.district
