"""Steps that ask for light: compiled points and the bulk form give what `resolve` gives."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schedules import Site, Step, compile_zone, parse_anchor, resolve, resolve_zone
from schedules.levels_bulk import levels_at
from schedules.light_demand import asked_lx, full_lx
from tests.fakes.small_city import small_site
from zones import LIGHTING_CLASSES

NAMES = ("a1", "a2", "b1", "b2")
NOON = datetime(2026, 3, 20, 4, tzinfo=UTC)

classes = st.sampled_from(sorted(LIGHTING_CLASSES))
lux = st.sampled_from([0.5, 3.0, 7.5, 10.0, 22.0, 40.0])
steps = st.builds(
    lambda anchor, said: Step(at=parse_anchor(anchor), **said),
    st.sampled_from(["13:00", "sunset", "21:00", "23:30", "02:00", "lux(20)rising-30m", "05:00"]),
    st.one_of(
        st.fixed_dictionaries({"level": st.sampled_from([0.0, 20.0, 55.5, 100.0])}),
        st.fixed_dictionaries({"lighting_class": classes}),
        st.fixed_dictionaries({"illuminance_lx": lux}),
    ),
)


@st.composite
def cities(draw: st.DrawFn) -> Site:
    """The small city with a program that asks for light, and zones that differ."""
    site = small_site()
    (program,) = site.plan.programs
    asking = program.model_copy(update={"steps": tuple(draw(st.lists(steps, max_size=6)))})
    zones = tuple(
        zone.model_copy(
            update={
                "lighting_class": draw(st.none() | classes),
                "design_illuminance_lx": draw(st.none() | lux),
            }
        )
        for zone in site.inventory.zones
    )
    return site.model_copy(
        update={
            "plan": site.plan.model_copy(update={"programs": (asking,)}),
            "inventory": site.inventory.model_copy(update={"zones": zones}),
        }
    )


@settings(deadline=None, max_examples=60)
@given(cities())
def test_the_bulk_form_equals_resolve(site: Site) -> None:
    instants = [NOON + timedelta(minutes=7 * n) for n in range(206)]
    found = levels_at(site, NAMES, [int(one.timestamp()) for one in instants])
    for row, name in enumerate(NAMES):
        assert found[row].tolist() == [resolve(site, name, one).level for one in instants]


@settings(deadline=None, max_examples=60)
@given(cities())
def test_compiled_points_equal_resolve(site: Site) -> None:
    since, until = int(NOON.timestamp()), int(NOON.timestamp()) + 86_400
    for zone in ("a", "b"):
        points = compile_zone(site, zone, since, until)
        ends = [*(point.at for point in points[1:]), until]
        for point, end in zip(points, ends, strict=True):
            for at in (point.at, (point.at + end) // 2, end - 1):
                level = resolve_zone(site, zone, datetime.fromtimestamp(at, UTC)).level
                assert level == point.level


@settings(deadline=None, max_examples=60)
@given(cities(), st.integers(0, 1439))
def test_a_lit_zone_has_the_light_that_was_asked_for_or_all_it_can_give(
    site: Site, minutes: int
) -> None:
    instant = NOON + timedelta(minutes=minutes)
    for zone in site.inventory.zones:
        decision = resolve_zone(site, zone.id, instant)
        full = full_lx(zone)
        told = [one.params for one in decision.reasons if one.params.get("asked_lx") is not None]
        for params in told:
            asked = params["asked_lx"]
            assert isinstance(asked, float)
            gives = None if full is None else full * decision.level / 100
            assert decision.level == 100 or (gives is not None and gives >= asked - 1e-9)
    for step in site.plan.programs[0].steps:
        assert (asked_lx(step) is None) == (step.level is not None)
