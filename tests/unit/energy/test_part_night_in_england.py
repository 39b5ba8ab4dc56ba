"""A published case as arithmetic: part-night lighting in England.

Councils put lamps out from 00:00 to 05:30 GMT, all year round, and count 4,280 dark hours a
year of which about 1,847 are put out. The dark hours are those from sunset to sunrise; the
hours put out are the dark ones between 00:00 and 05:30 GMT, fewer than 5.5 a night because
the sun is up before 05:30 in summer. See docs/energy.md.
"""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from schedules import (
    Assignment,
    Calendar,
    CalendarRule,
    ControlProgram,
    DateRange,
    Extinguish,
    Layer,
    Plan,
    Site,
    Window,
    day_bounds,
    parse_anchor,
)
from schedules.energy.baselines import DeclaredBaseline, DuskToDawn
from schedules.energy.outlook import baseline_nights
from schedules.energy.planned import planned_nights
from tests.fakes.small_city import small_inventory
from zones import Inventory

GLOUCESTER = {"longitude": -2.24, "latitude": 51.86}
BY_SUN = Window(on=parse_anchor("sunset"), off=parse_anchor("sunrise"))
YEAR = date(2026, 1, 1)


def england(time_zone: str) -> Inventory:
    inventory = small_inventory()
    zones = tuple(one.model_copy(update=GLOUCESTER) for one in inventory.zones)
    city = inventory.city.model_copy(update={"time_zone": time_zone, **GLOUCESTER})
    return inventory.model_copy(update={"city": city, "zones": zones})


def part_night(name: str, off: str, on: str) -> ControlProgram:
    hole = Extinguish(off=parse_anchor(off), on=parse_anchor(on))
    return ControlProgram(id=name, name=name, window=BY_SUN, extinguish=hole)


def burning_h(site: Site) -> float:
    return float(planned_nights(site, YEAR, 365).burning_s[0].sum()) / 3600


def site_of(time_zone: str, calendar: Calendar, *programs: ControlProgram) -> Site:
    plan = Plan(
        programs=programs,
        calendars=(calendar,),
        assignments=(Assignment(layer=Layer.CITY, target="small", calendar=calendar.id),),
        baselines=(DeclaredBaseline(id="b", valid_from=YEAR, hours=DuskToDawn()),),
    )
    return Site(inventory=england(time_zone), plan=plan)


def test_dark_hours_and_hours_put_out() -> None:
    site = site_of(
        "Etc/GMT", Calendar(id="c", name="c", default="p"), part_night("p", "00:00", "05:30")
    )
    # 2 lamps of 250 W stood in the zone before.
    dark_h = float(baseline_nights(site, YEAR, 365)[0].sum()) / 3600 / 500
    assert dark_h == pytest.approx(4280, abs=5)
    assert dark_h - burning_h(site) == pytest.approx(1847, abs=5)


def test_the_same_by_the_local_clock_needs_the_summer_hour() -> None:
    # 00:00 to 05:30 GMT is 01:00 to 06:30 in British Summer Time, from the last Sunday of March
    # to the last of October: on the nights to 29 March and 25 October the clock changes.
    summer = CalendarRule(
        name="BST", when=(DateRange(first=date(2026, 3, 29), last=date(2026, 10, 24)),),
        program="summer",
    )  # fmt: skip
    local = site_of(
        "Europe/London",
        Calendar(id="c", name="c", default="winter", rules=(summer,)),
        part_night("winter", "00:00", "05:30"),
        part_night("summer", "01:00", "06:30"),
    )
    gmt = site_of(
        "Etc/GMT", Calendar(id="c", name="c", default="p"), part_night("p", "00:00", "05:30")
    )
    # In the night of each change the hole is an hour longer or shorter by GMT.
    assert burning_h(local) == pytest.approx(burning_h(gmt), abs=2.1)
    unthinking = site_of(
        "Europe/London", Calendar(id="c", name="c", default="p"), part_night("p", "00:00", "05:30")
    )
    assert burning_h(gmt) - burning_h(unthinking) > 100


def test_a_year_of_control_days_has_its_hours() -> None:
    zone_info = ZoneInfo("Europe/London")
    since, until = day_bounds(zone_info, YEAR)[0], day_bounds(zone_info, date(2026, 12, 31))[1]
    assert until - since == 365 * 86_400
