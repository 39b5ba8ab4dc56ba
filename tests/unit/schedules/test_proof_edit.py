"""An edit's proof looks at the zones that the edit touches, and at all of those."""

from schedules import Assignment, Layer, Limit, Override, OverrideKind, Selector, Site
from schedules.proof_edit import touched_zones
from tests.fakes.one_zone import LUMINAIRE, at_utc, program
from tests.fakes.proofs import city
from zones.models import Category

SITE = city(program("sunset", "sunrise"), program("sunset", "22:00", identifier="q"), zones=3)


def edited(**plan: object) -> Site:
    """The site with other parts of the plan."""
    return SITE.model_copy(update={"plan": SITE.plan.model_copy(update=plan)})


def test_no_edit_touches_nothing() -> None:
    again = Site.model_validate_json(SITE.model_dump_json())
    assert touched_zones(SITE, again) == ()


def test_a_program_that_no_calendar_chooses_touches_nothing() -> None:
    changed = (SITE.plan.programs[0], program("sunset", "21:00", identifier="q"))
    assert touched_zones(SITE, edited(programs=changed)) == ()


def test_a_program_in_use_touches_its_zones() -> None:
    changed = (program("sunset", "sunrise+1m"), SITE.plan.programs[1])
    assert touched_zones(SITE, edited(programs=changed)) == ("z", "z2", "z3")


def test_a_calendar_of_one_zone_touches_that_zone() -> None:
    other = SITE.plan.calendars[0].model_copy(update={"id": "other"})
    assignment = Assignment(layer=Layer.ZONE, target="z2", calendar="other")
    changed = edited(
        calendars=(*SITE.plan.calendars, other),
        assignments=(*SITE.plan.assignments, assignment),
    )
    assert touched_zones(SITE, changed) == ("z2",)
    assert touched_zones(changed, SITE) == ("z2",)


def test_limits_touch_where_they_bind() -> None:
    assert touched_zones(SITE, edited(limits=(Limit(layer=Layer.CITY, target="c", floor=9),))) == (
        "z",
        "z2",
        "z3",
    )
    one = Limit(layer=Layer.LUMINAIRE, target=LUMINAIRE, ceiling=50)
    assert touched_zones(SITE, edited(limits=(one,))) == ("z",)
    idle = Limit(layer=Layer.CITY, target="c", ceiling=100)
    assert touched_zones(SITE, edited(limits=(idle,))) == ()


def test_the_failsafe_touches_only_zones_without_a_calendar() -> None:
    assert touched_zones(SITE, edited(failsafe_level=50)) == ()
    bare = edited(assignments=())
    plan = bare.plan.model_copy(update={"failsafe_level": 50.0})
    assert touched_zones(bare, bare.model_copy(update={"plan": plan})) == ("z", "z2", "z3")


def test_a_zone_that_is_new_or_elsewhere_is_touched() -> None:
    zones = SITE.inventory.zones
    moved = zones[1].model_copy(update={"longitude": 116.5})
    park = zones[2].model_copy(update={"category": Category.PARK})
    new = zones[0].model_copy(update={"id": "new"})
    inventory = SITE.inventory.model_copy(update={"zones": (zones[0], moved, park, new)})
    changed = SITE.model_copy(update={"inventory": inventory})
    assert touched_zones(SITE, changed) == ("z2", "z3", "new")


def test_another_time_zone_touches_all() -> None:
    elsewhere = SITE.inventory.city.model_copy(update={"time_zone": "Asia/Tokyo"})
    inventory = SITE.inventory.model_copy(update={"city": elsewhere})
    changed = SITE.model_copy(update={"inventory": inventory})
    assert touched_zones(SITE, changed) == ("z", "z2", "z3")


def test_an_override_touches_nothing() -> None:
    override = Override(
        id="o",
        selector=Selector(city=True),
        level=0,
        kind=OverrideKind.EMERGENCY,
        start_at=at_utc(0),
        end_at=at_utc(1_800_000_000),
        reason="r",
        author="a",
    )
    assert touched_zones(SITE, edited(overrides=(override,))) == ()
