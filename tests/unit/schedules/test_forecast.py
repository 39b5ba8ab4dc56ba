"""What a plan will burn, against the switching points added up one by one."""

from datetime import date, timedelta

import pytest

from schedules import (
    Assignment,
    Calendar,
    CalendarRule,
    Layer,
    Limit,
    Plan,
    Site,
    Weekday,
    Weekdays,
    compile_luminaire,
    compile_zone,
    day_bounds,
    demo_plan,
)
from schedules.emission_factors import CHINA, EmissionFactor
from schedules.forecast import Use, forecast, total
from tests.fakes.one_zone import BERLIN, LONGYEARBYEN, LUMINAIRE, SPOTS, Spot, program, site
from tests.fakes.small_city import LED_W, small_site
from zones import demo_inventory

FIRST = date(2026, 3, 20)


def by_points(where: Site, first: date, nights: int) -> Use:
    """The plain way: every luminaire's own switching points."""
    since = day_bounds(where.time_zone, first)[0]
    until = day_bounds(where.time_zone, first + timedelta(days=nights - 1))[1]
    of_zone = {one.id: compile_zone(where, one.id, since, until) for one in where.inventory.zones}
    used = Use()
    for luminaire in where.inventory.luminaires:
        lamp_type = where.inventory.lamp_type_by_id[luminaire.lamp_type]
        own = compile_luminaire(where, luminaire.id, since, until)
        points = of_zone[luminaire.zone] if own is None else own
        ends = [point.at for point in points[1:]] + [until]
        energy_j = burning_s = level_s = 0.0
        for point, end in zip(points, ends, strict=True):
            level = point.level if lamp_type.is_dimmable or not point.level else 100.0
            energy_j += lamp_type.power_w(level) * (end - point.at)
            burning_s += (end - point.at) * (level > 0)
            level_s += (end - point.at) * level
        used += Use(1, energy_j, burning_s, level_s)
    return used


def assert_same(found: Use, wanted: Use) -> None:
    assert found.luminaires == wanted.luminaires
    assert found.energy_j == pytest.approx(wanted.energy_j, rel=1e-12)
    assert found.burning_s == wanted.burning_s
    assert found.level_s == pytest.approx(wanted.level_s, rel=1e-12)


def test_a_small_city_by_hand() -> None:
    # 18:00 to 06:00, half from 23:00 on: 5 h at 100 %, 7 h at 50 %, 12 h standby of 1 W.
    used = forecast(small_site(), FIRST, 10)
    assert list(used) == ["d"]
    one = used["d"]
    assert one.luminaires == 4
    assert one.burning_hours == 120
    assert one.mean_level == pytest.approx((5 * 100 + 7 * 50) / 12)
    assert one.energy_kwh == pytest.approx(4 * 10 * (LED_W * (5 + 7 * 0.5) + 12) / 1000)


def test_the_demo_city_is_what_its_switching_points_add_up_to() -> None:
    inventory = demo_inventory(600, seed=3)
    where = Site(inventory=inventory, plan=demo_plan(inventory))
    used = forecast(where, FIRST, 3)
    assert used.keys() == where.inventory.district_by_id.keys()
    assert_same(total(used.values()), by_points(where, FIRST, 3))


@pytest.mark.parametrize("spot", SPOTS)
@pytest.mark.parametrize("first", [date(2026, 3, 27), date(2026, 6, 20), date(2026, 10, 23)])
def test_clock_changes_and_polar_seasons_count_as_they_burn(spot: Spot, first: date) -> None:
    where = site(
        program("sunset-10m", "sunrise+10m", ("23:00", 60), ("05:00", 100)),
        spot,
        limits=[Limit(layer=Layer.LUMINAIRE, target=LUMINAIRE, floor=70)],
    )
    assert_same(total(forecast(where, first, 5).values()), by_points(where, first, 5))


def test_nights_that_overlap_are_not_burnt_twice() -> None:
    # Friday's program ends after Saturday's has begun.
    long = program("18:00", "11:59+8h", identifier="long")
    where = site(program("12:00", "13:00", ("12:00", 30)), BERLIN, others=[long])
    rule = CalendarRule(
        name="r", when=(Weekdays(days=frozenset({Weekday.FRIDAY})),), program="long"
    )
    calendar = Calendar(id="all", name="all", rules=(rule,), default="p")
    where = where.model_copy(
        update={"plan": where.plan.model_copy(update={"calendars": (calendar,)})}
    )
    assert_same(total(forecast(where, FIRST, 4).values()), by_points(where, FIRST, 4))


def test_a_city_without_a_plan_or_without_lamps() -> None:
    bare = small_site().model_copy(update={"plan": Plan()})
    assert_same(total(forecast(bare, FIRST, 2).values()), by_points(bare, FIRST, 2))
    inventory = small_site().inventory.model_copy(update={"luminaires": ()})
    empty = Site(inventory=inventory, plan=Plan())
    assert forecast(empty, FIRST, 2) == {"d": Use()}
    assert total(()) == Use()
    assert (Use().burning_hours, Use().mean_level) == (0, 0)


def test_a_lamp_that_cannot_be_dimmed_burns_in_full() -> None:
    where = small_site()
    types = tuple(
        one.model_copy(update={"is_dimmable": False}) for one in where.inventory.lamp_types
    )
    inventory = where.inventory.model_copy(update={"lamp_types": types})
    used = total(forecast(Site(inventory=inventory, plan=where.plan), FIRST, 1).values())
    assert used.mean_level == 100
    assert used.energy_kwh == pytest.approx(4 * (LED_W * 12 + 12) / 1000)


def test_a_polar_day_burns_nothing() -> None:
    where = site(program("sunset", "sunrise"), LONGYEARBYEN)
    used = total(forecast(where, date(2026, 6, 20), 1).values())
    assert (used.burning_s, used.energy_j) == (0, 0)


def test_progress_reaches_the_whole() -> None:
    inventory = demo_inventory(300, seed=1)
    where = Site(inventory=inventory, plan=demo_plan(inventory))
    told: list[float] = []
    forecast(where, FIRST, 1, told.append)
    assert told == sorted(told)
    assert told[-1] == 1


def test_an_exception_counts_in_its_district() -> None:
    where = small_site()
    plan = where.plan.model_copy(
        update={
            "programs": (*where.plan.programs, program("18:00", "19:00", identifier="short")),
            "calendars": (
                *where.plan.calendars,
                Calendar(id="short", name="short", default="short"),
            ),
            "assignments": (
                *where.plan.assignments,
                Assignment(layer=Layer.LUMINAIRE, target="a1", calendar="short"),
            ),
        }
    )
    changed = Site(inventory=where.inventory, plan=plan)
    assert_same(forecast(changed, FIRST, 2)["d"], by_points(changed, FIRST, 2))


def test_emission_factors_are_data_with_year_and_source() -> None:
    latest = CHINA[-1]
    assert latest.year == max(one.year for one in CHINA if one.year is not None)
    assert "Ministry of Ecology and Environment" in latest.source
    assert EmissionFactor(id="x", g_per_kwh=500, source="s").mass_kg(3_600_000 * 4) == 2


def test_constant_light_output_saves_what_it_dims() -> None:
    where = small_site()
    lasting = {"lumen_maintenance": 0.8, "rated_life_h": 100_000.0}
    lamp_types = tuple(one.model_copy(update=lasting) for one in where.inventory.lamp_types)
    luminaires = tuple(
        one.model_copy(update={"installed_on": FIRST}) for one in where.inventory.luminaires
    )
    inventory = where.inventory.model_copy(
        update={"lamp_types": lamp_types, "luminaires": luminaires}
    )
    new = total(forecast(where.model_copy(update={"inventory": inventory}), FIRST, 1).values())
    plain = total(forecast(where, FIRST, 1).values())
    # New lamps need 80 % of their light; standby of 12 h at 1 W is the same for both.
    standby_j = 4 * 12 * 3600.0
    assert new.energy_j - standby_j == pytest.approx(0.8 * (plain.energy_j - standby_j))
    assert new.burning_s == plain.burning_s
