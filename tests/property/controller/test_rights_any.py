"""Grants: whatever they are, they add up, tokens only take away, and districts nest."""

from hypothesis import given
from hypothesis import strategies as st

from controller.service.people import Caller, Grant, Place, Right, Role
from controller.service.people.rights import RIGHTS, parse_grant
from tests.fakes.small_city import small_inventory
from zones import District, Inventory

SMALL = small_inventory()
ZONES = [zone.id for zone in SMALL.zones]


@st.composite
def cities(draw: st.DrawFn) -> Inventory:
    """The small city with districts inside of each other, and its zones anywhere in them."""
    count = draw(st.integers(1, 5))
    districts = [
        District(
            id=f"d{n}",
            name=f"区{n}",
            longitude=116.4,
            latitude=39.9,
            inside=draw(st.sampled_from([None, *(f"d{m}" for m in range(n))])),
        )
        for n in range(count)
    ]
    zones = tuple(
        zone.model_copy(update={"district": draw(st.sampled_from(districts)).id})
        for zone in SMALL.zones
    )
    return SMALL.model_copy(update={"districts": tuple(districts), "zones": zones})


GRANTS = st.one_of(
    st.builds(Grant, st.sampled_from(Role)),
    st.builds(Grant, st.sampled_from(Role), st.just(Place.ZONE), st.sampled_from([*ZONES, "gone"])),
    st.builds(
        Grant,
        st.sampled_from(Role),
        st.just(Place.DISTRICT),
        st.sampled_from([f"d{n}" for n in range(6)]),
    ),
)
MANY = st.lists(GRANTS, max_size=4).map(tuple)
RIGHT = st.sampled_from(Right)


def reach(caller: Caller, right: Right, city: Inventory) -> frozenset[str]:
    zones = caller.zones(right, city)
    return frozenset(ZONES) if zones is None else zones


@given(cities(), MANY, MANY, RIGHT)
def test_grants_add_up_and_never_take_away(
    city: Inventory, some: tuple[Grant, ...], more: tuple[Grant, ...], right: Right
) -> None:
    both = Caller("x", "x", some + more)
    single = [reach(Caller("x", "x", (one,)), right, city) for one in some + more]
    assert reach(both, right, city) == frozenset().union(*single)
    assert both.has(right) == any(right in RIGHTS[one.role] for one in some + more)


@given(cities(), MANY, MANY, RIGHT)
def test_a_token_has_what_it_and_its_owner_have(
    city: Inventory, own: tuple[Grant, ...], owners: tuple[Grant, ...], right: Right
) -> None:
    token = Caller("x", "x", own, "token", bounds=owners)
    owner = Caller("x", "x", owners)
    asked = Caller("x", "x", own)
    assert reach(token, right, city) == reach(owner, right, city) & reach(asked, right, city)
    assert token.is_citywide(right) == (owner.is_citywide(right) and asked.is_citywide(right))
    for zone in ZONES:
        if token.may(right, city, [zone]):
            assert owner.may(right, city, [zone])


@given(cities(), MANY, RIGHT, st.sets(st.sampled_from(ZONES)))
def test_to_act_takes_the_right_in_every_zone(
    city: Inventory, grants: tuple[Grant, ...], right: Right, zones: set[str]
) -> None:
    who = Caller("x", "x", grants)
    assert who.may(right, city, zones) == all(who.may(right, city, [one]) for one in zones)
    if zones and who.may(right, city, zones):
        assert who.has(right)


@given(cities())
def test_a_district_holds_its_own_and_what_lies_in_it(city: Inventory) -> None:
    for district in city.districts:
        within = city.districts_within([district.id])
        assert district.id in within
        for inner in within:
            assert city.districts_within([inner]) <= within
        if district.inside is not None:
            assert within < city.districts_within([district.inside])


@given(GRANTS)
def test_a_grant_reads_as_it_is_written(grant: Grant) -> None:
    assert parse_grant(str(grant)) == grant
