"""A city of one zone anywhere on earth, and its switchings read back in local time."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schedules import (
    Assignment,
    Calendar,
    ControlProgram,
    Extinguish,
    Layer,
    Limit,
    Override,
    Plan,
    Site,
    Step,
    Window,
    compile_zone,
    day_bounds,
    parse_anchor,
)
from zones.models import Category, City, District, Inventory, LampType, Luminaire, Technology, Zone

ZONE, LUMINAIRE, NEIGHBOUR = "z", "l1", "l2"


class Spot(NamedTuple):
    """Where the city lies."""

    latitude: float
    longitude: float
    time_zone: str


BEIJING = Spot(39.9042, 116.4074, "Asia/Shanghai")
LONDON = Spot(51.5074, -0.1278, "Europe/London")
BERLIN = Spot(52.52, 13.405, "Europe/Berlin")
REYKJAVIK = Spot(64.1466, -21.9426, "Atlantic/Reykjavik")
LONGYEARBYEN = Spot(78.2232, 15.6267, "Arctic/Longyearbyen")
LORD_HOWE = Spot(-31.5553, 159.0821, "Australia/Lord_Howe")
SANTIAGO = Spot(-33.4489, -70.6693, "America/Santiago")
CASABLANCA = Spot(33.5731, -7.5898, "Africa/Casablanca")
URUMQI = Spot(43.825, 87.6168, "Asia/Shanghai")
KOTZEBUE = Spot(66.8983, -162.5967, "America/Anchorage")
APIA = Spot(-13.8333, -171.7667, "Pacific/Apia")
SPOTS = (BEIJING, BERLIN, LONGYEARBYEN, LORD_HOWE, SANTIAGO, CASABLANCA, KOTZEBUE)


def program(
    on: str,
    off: str,
    *steps: tuple[str, float],
    identifier: str = "p",
    extinguish: tuple[str, str] | None = None,
    base_level: float = 100,
    min_burn_s: int = 0,
    ramp_s: int = 0,
) -> ControlProgram:
    """A control program in the compact notation."""
    hole = extinguish and Extinguish(
        off=parse_anchor(extinguish[0]), on=parse_anchor(extinguish[1])
    )
    return ControlProgram(
        id=identifier,
        name=identifier,
        window=Window(on=parse_anchor(on), off=parse_anchor(off)),
        extinguish=hole,
        steps=tuple(
            Step(at=parse_anchor(text), level=level, ramp_s=ramp_s) for text, level in steps
        ),
        base_level=base_level,
        min_burn_s=min_burn_s,
    )


def inventory(spot: Spot = BEIJING) -> Inventory:
    """Two luminaires in one zone, an arterial."""
    at = {"longitude": spot.longitude, "latitude": spot.latitude}
    return Inventory(
        city=City(id="c", name="城", time_zone=spot.time_zone, **at),
        districts=(District(id="d", name="区", **at),),
        zones=(Zone(id=ZONE, name="路", district="d", category=Category.ARTERIAL, **at),),
        lamp_types=(LampType(id="t", name="t", technology=Technology.LED, rated_power_w=100),),
        luminaires=tuple(
            Luminaire(id=name, zone=ZONE, lamp_type="t", **at) for name in (LUMINAIRE, NEIGHBOUR)
        ),
    )


def site(
    only: ControlProgram,
    spot: Spot = BEIJING,
    *,
    others: Iterable[ControlProgram] = (),
    limits: Iterable[Limit] = (),
    overrides: Iterable[Override] = (),
) -> Site:
    """A city whose one zone follows one program."""
    plan = Plan(
        programs=(only, *others),
        calendars=(Calendar(id="all", name="all", default=only.id),),
        assignments=(Assignment(layer=Layer.CITY, target="c", calendar="all"),),
        limits=tuple(limits),
        overrides=tuple(overrides),
    )
    return Site(inventory=inventory(spot), plan=plan)


def local(text: str, spot: Spot = BEIJING) -> datetime:
    """A local wall time as an aware instant."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(spot.time_zone))


def unix(text: str, spot: Spot = BEIJING) -> int:
    """A local wall time in Unix seconds."""
    return int(local(text, spot).timestamp())


def switchings(where: Site, first: str, nights: int = 1) -> list[tuple[str, float]]:
    """Switching points from a control day on as (local time, level), the start left out if dark."""
    zone = where.time_zone
    day = date.fromisoformat(first)
    since, until = day_bounds(zone, day)[0], day_bounds(zone, day + timedelta(days=nights - 1))[1]
    points = compile_zone(where, ZONE, since, until)
    told = points if points[0].level else points[1:]
    return [
        (datetime.fromtimestamp(at, zone).strftime("%m-%d %H:%M:%S"), level)
        for at, level, _ in told
    ]


def burning_s(where: Site, first: str, nights: int = 1) -> int:
    """Seconds with a level above 0, from noon of the control day on."""
    zone = where.time_zone
    day = date.fromisoformat(first)
    since, until = day_bounds(zone, day)[0], day_bounds(zone, day + timedelta(days=nights - 1))[1]
    points = compile_zone(where, ZONE, since, until)
    ends = [point.at for point in points[1:]] + [until]
    return sum(end - point.at for point, end in zip(points, ends, strict=True) if point.level > 0)


def at_utc(seconds: int) -> datetime:
    """Unix seconds as an aware instant."""
    return datetime.fromtimestamp(seconds, UTC)
