"""Zones that a stage has not reached resolve as before; reached ones as in the plan after."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schedules import Assignment, Limit, Plan, Reading, Site, resolve, resolve_zone
from schedules.files import canonical
from schedules.staging import NotStaged, staged, zones_of
from tests.fakes import random_plans
from tests.fakes.random_programs import programs
from tests.fakes.random_sites import rules, sites, targets

slowly = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
instants = st.lists(
    st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is given beside it
    min_size=2,
    max_size=5,
)


@st.composite
def edits(draw: st.DrawFn) -> tuple[Site, Site]:
    """A site without overrides, and the same with much of its plan changed."""
    site = draw(sites())
    plan = site.plan.model_copy(update={"overrides": (), "baselines": ()})
    before = Site(inventory=site.inventory, plan=plan)
    changed: dict[str, object] = {}
    if draw(st.booleans()):
        first, *rest = plan.programs
        changed["programs"] = (draw(programs(first.id)), *rest)
    if draw(st.booleans()):
        calendar, *others = plan.calendars
        default = draw(st.sampled_from([one.id for one in plan.programs]))
        changed["calendars"] = (calendar.model_copy(update={"default": default}), *others)
    if draw(st.booleans()):
        aimed = draw(st.lists(targets(site.inventory), max_size=4, unique=True))
        names = st.sampled_from([one.id for one in plan.calendars])
        changed["assignments"] = tuple(
            Assignment(layer=layer, target=target, calendar=draw(names)) for layer, target in aimed
        )
    if draw(st.booleans()):
        aimed = draw(st.lists(targets(site.inventory), min_size=1, max_size=3))
        floors = st.sampled_from([0.0, 35.0, 60.0])
        changed["limits"] = (
            *plan.limits[1:],
            *(Limit(layer=layer, target=target, floor=draw(floors)) for layer, target in aimed),
        )
    if draw(st.booleans()):
        changed["rules"] = (draw(rules("fresh", site.inventory)), *plan.rules[1:])
    after = Plan.model_validate(plan.model_copy(update=changed).model_dump())
    return before, Site(inventory=site.inventory, plan=after)


@slowly
@given(edits(), instants, st.data())
def test_each_side_of_a_stage_follows_its_own_plan(
    edit: tuple[Site, Site], asked: list[datetime], data: st.DataObject
) -> None:
    before, after = edit
    zones = sorted(before.inventory.zone_by_id)
    reached = data.draw(st.frozensets(st.sampled_from(zones)))
    stage = staged(before, after, reached, ())
    for instant in asked:
        for zone in zones:
            own = after if zone in reached else before
            then, now = (resolve_zone(site, zone, instant) for site in (own, stage))
            assert (then.level, then.ramp_s) == (now.level, now.ramp_s)
        for luminaire in before.inventory.luminaires:
            own = after if luminaire.zone in reached else before
            then, now = (resolve(site, luminaire.id, instant) for site in (own, stage))
            assert (then.level, then.ramp_s) == (now.level, now.ramp_s)


@slowly
@given(random_plans.sites(), random_plans.sites(), st.sampled_from([{"a"}, {"b"}]), st.data())
def test_each_side_of_a_stage_hears_its_own_rules(
    before: Site, after: Site, reached: set[str], data: st.DataObject
) -> None:
    given_now = tuple(one for one in before.plan.overrides if one.program is None)
    before, after = (
        Site(inventory=one.inventory, plan=one.plan.model_copy(update={"overrides": given_now}))
        for one in (before, after)
    )
    stage = staged(before, after, reached, given_now)
    for minute in data.draw(st.lists(st.integers(0, 1439), min_size=3, max_size=6)):
        instant = random_plans.NOON + timedelta(minutes=minute)
        value = data.draw(st.sampled_from([0.0, 500.0]))
        readings = {"s": [Reading(instant.timestamp() - 60, random_plans.KIND, value)]}
        for luminaire in before.inventory.luminaires:
            own = after if luminaire.zone in reached else before
            then, now = (resolve(site, luminaire.id, instant, readings) for site in (own, stage))
            assert (then.level, then.ramp_s) == (now.level, now.ramp_s)


@slowly
@given(edits())
def test_before_the_first_and_after_the_last_stage_the_plans_stand_as_they_are_written(
    edit: tuple[Site, Site],
) -> None:
    before, after = edit
    everywhere = frozenset(before.inventory.zone_by_id)
    assert canonical(staged(before, after, frozenset(), ())) == canonical(before)
    assert canonical(staged(before, after, everywhere, ())) == canonical(after)


@slowly
@given(sites())
def test_a_district_reaches_the_zones_of_those_that_lie_in_it(site: Site) -> None:
    inventory = site.inventory
    for district in inventory.districts:
        found = zones_of(inventory, [district.id])
        own = {zone.id for zone in inventory.zones if zone.district == district.id}
        inner = [one.id for one in inventory.districts if one.inside == district.id]
        assert own <= found
        assert all(zones_of(inventory, [one]) <= found for one in inner)


def test_what_concerns_the_whole_city_is_not_staged() -> None:
    site = random_plans.BASE
    other = site.plan.model_copy(update={"failsafe_level": 70.0})
    with pytest.raises(NotStaged, match="failsafe_level"):
        staged(site, Site(inventory=site.inventory, plan=other), frozenset(), ())
