"""A city small enough to reason about: two zones, four luminaires, one without a clock."""

from schedules import (
    Assignment,
    Calendar,
    ControlProgram,
    Layer,
    Override,
    Plan,
    Site,
    Step,
    Window,
    parse_anchor,
)
from zones import (
    Cabinet,
    Category,
    City,
    District,
    Gateway,
    Inventory,
    LampType,
    Luminaire,
    Technology,
    Zone,
)

LED_W = 100.0
BASELINE_W = 250.0


def small_inventory() -> Inventory:
    """``a1``, ``a2`` in zone ``a`` behind gateway ``g``; ``b1`` and clockless ``b2`` in ``b``."""
    led = LampType(
        id="led",
        name="LED 100 W",
        technology=Technology.LED,
        rated_power_w=LED_W,
        standby_power_w=1.0,
        baseline_power_w=BASELINE_W,
    )
    at = {"longitude": 116.4, "latitude": 39.9}
    return Inventory(
        city=City(id="small", name="小城", time_zone="Asia/Shanghai", **at),
        districts=(District(id="d", name="区", **at),),
        zones=tuple(
            Zone(id=name, name=name, district="d", category=Category.LOCAL, **at)
            for name in ("a", "b")
        ),
        lamp_types=(led, led.model_copy(update={"id": "dumb", "has_clock": False})),
        cabinets=(Cabinet(id="c", district="d"),),
        gateways=(Gateway(id="g", cabinet="c"),),
        luminaires=(
            Luminaire(id="a1", zone="a", lamp_type="led", gateway="g", **at),
            Luminaire(id="a2", zone="a", lamp_type="led", gateway="g", **at),
            Luminaire(id="b1", zone="b", lamp_type="led", **at),
            Luminaire(id="b2", zone="b", lamp_type="dumb", **at),
        ),
    )


def small_site(*overrides: Override) -> Site:
    """Both zones on from 18:00 to 06:00, 50 % from 23:00."""
    program = ControlProgram(
        id="night",
        name="night",
        window=Window(on=parse_anchor("18:00"), off=parse_anchor("06:00")),
        steps=(Step(at=parse_anchor("23:00"), level=50),),
    )
    inventory = small_inventory()
    plan = Plan(
        programs=(program,),
        calendars=(Calendar(id="all", name="all", default="night"),),
        assignments=(Assignment(layer=Layer.CITY, target="small", calendar="all"),),
        overrides=overrides,
    )
    return Site(inventory=inventory, plan=plan)
