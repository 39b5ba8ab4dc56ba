"""Who is not called affected by an edit is not affected by it."""

from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schedules import Layer, Limit, Plan, Site, resolve
from schedules.difference import difference
from schedules.files import canonical
from tests.fakes.random_programs import programs
from tests.fakes.random_sites import sites

slowly = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
instants = st.lists(
    st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is given beside it
    min_size=3,
    max_size=8,
)


@st.composite
def edits(draw: st.DrawFn) -> tuple[Site, Site]:
    """A site, and the same with something else in its plan."""
    site = draw(sites())
    plan = site.plan
    match draw(st.sampled_from(["program", "limit", "override", "assignment", "rules"])):
        case "program":
            first, *rest = plan.programs
            plan = plan.model_copy(update={"programs": (draw(programs(first.id)), *rest)})
        case "limit":
            zone = draw(st.sampled_from([one.id for one in site.inventory.zones]))
            limit = Limit(layer=Layer.ZONE, target=zone, floor=45)
            plan = plan.model_copy(update={"limits": (*plan.limits, limit)})
        case "override":
            plan = plan.model_copy(update={"overrides": plan.overrides[1:]})
        case "assignment":
            plan = plan.model_copy(update={"assignments": plan.assignments[1:]})
        case _:
            plan = plan.model_copy(update={"rules": plan.rules[1:]})
    return site, Site(inventory=site.inventory, plan=Plan.model_validate(plan.model_dump()))


@slowly
@given(edits(), instants)
def test_who_is_not_affected_is_lit_as_before(
    edit: tuple[Site, Site], asked: list[datetime]
) -> None:
    before, after = edit
    found = difference(before, after)
    assert bool(found.documents) == (canonical(before) != canonical(after))
    for luminaire in before.inventory.luminaires:
        if luminaire.zone in found.zones:
            continue
        for instant in asked:
            then, now = (resolve(site, luminaire.id, instant) for site in edit)
            assert (then.level, then.ramp_s) == (now.level, now.ramp_s)


@slowly
@given(edits())
def test_a_difference_reads_the_same_from_either_side(edit: tuple[Site, Site]) -> None:
    there, back = difference(*edit), difference(*reversed(edit))
    assert (there.zones, there.luminaires) == (back.zones, back.luminaires)
    assert {(one.part, one.id) for one in there.documents} == {
        (one.part, one.id) for one in back.documents
    }
    assert difference(edit[0], edit[0]).documents == ()
