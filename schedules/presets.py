"""Plans to begin with: a safe one for any city, and the one of the Beijing demo."""

from schedules.anchors import parse_anchor
from schedules.calendars import Calendar
from schedules.models import Assignment, Layer, Plan
from schedules.programs import ControlProgram, Step, Window
from zones.models import Inventory

_ON, _OFF = "lux(20)setting", "lux(20)rising"


def default_plan(inventory: Inventory) -> Plan:
    """A safe plan for any city."""
    program = ControlProgram(
        id="all-night",
        name="全夜灯",
        name_en="All night",
        window=Window(on=parse_anchor(_ON), off=parse_anchor(_OFF)),
    )
    return Plan(
        programs=(program,),
        calendars=(Calendar(id="city", name="全市", name_en="City", default=program.id),),
        assignments=(Assignment(layer=Layer.CITY, target=inventory.city.id, calendar="city"),),
    )


def demo_plan(inventory: Inventory) -> Plan:
    """The plan of the Beijing demo city."""
    program = ControlProgram(
        id="road",
        name="道路",
        name_en="Road",
        window=Window(on=parse_anchor(_ON), off=parse_anchor(_OFF)),
        steps=(
            Step(at=parse_anchor("22:00"), level=80, ramp_s=60),
            Step(at=parse_anchor("00:00"), level=60, ramp_s=60),
            Step(at=parse_anchor("05:00"), level=80, ramp_s=60),
        ),
    )
    return Plan(
        programs=(program,),
        calendars=(Calendar(id="city", name="全市", name_en="City", default=program.id),),
        assignments=(Assignment(layer=Layer.CITY, target=inventory.city.id, calendar="city"),),
    )
