"""Who may do what, where."""

import pytest

from controller.errors import ConfigurationError
from controller.service.people import Caller, Grant, Place, Right, Role
from controller.service.people.rights import RIGHTS, parse_grant
from tests.fakes.small_city import small_inventory
from zones import District

CITY = small_inventory()
NESTED = CITY.model_copy(
    update={
        "districts": (
            *CITY.districts,
            District(id="inner", name="里", longitude=116.4, latitude=39.9, inside="d"),
            District(id="core", name="心", longitude=116.4, latitude=39.9, inside="inner"),
            District(id="far", name="远", longitude=116.4, latitude=39.9),
        ),
        "zones": (
            CITY.zones[0],
            CITY.zones[1].model_copy(update={"district": "core"}),
        ),
    }
)


def caller(*grants: Grant, bounds: tuple[Grant, ...] | None = None) -> Caller:
    return Caller("x", "x", grants, bounds=bounds)


def test_the_table_of_roles() -> None:
    """As docs/access.md has it."""
    table = {role.value: {right.value for right in rights} for role, rights in RIGHTS.items()}
    assert table == {
        "viewer": {"view"},
        "operator": {"view", "override", "acknowledge", "work"},
        "planner": {"view", "override", "acknowledge", "work", "edit", "approve"},
        "maintainer": {"view", "override", "acknowledge", "work", "maintain", "import"},
        "admin": {right.value for right in Right},
    }


def test_a_district_has_what_lies_in_it() -> None:
    assert NESTED.districts_within(["d"]) == {"d", "inner", "core"}
    assert NESTED.districts_around("core") == ("core", "inner", "d")
    assert Grant(Role.VIEWER, Place.DISTRICT, "d").zones(NESTED) == {"a", "b"}
    assert Grant(Role.VIEWER, Place.DISTRICT, "inner").zones(NESTED) == {"b"}
    assert Grant(Role.VIEWER, Place.DISTRICT, "far").zones(NESTED) == frozenset()
    assert Grant(Role.VIEWER, Place.ZONE, "gone").zones(NESTED) == frozenset()


def test_grants_add_up_by_right() -> None:
    both = caller(Grant(Role.PLANNER, Place.ZONE, "a"), Grant(Role.VIEWER))
    assert both.zones(Right.VIEW, CITY) is None
    assert both.zones(Right.EDIT, CITY) == frozenset({"a"})
    assert both.may(Right.EDIT, CITY, ["a"])
    assert not both.may(Right.EDIT, CITY, ["a", "b"])
    assert not both.has(Right.IMPORT)
    assert not both.is_citywide(Right.EDIT)


def test_all_zones_are_not_the_city() -> None:
    """What comes to the city later, and what concerns no zone, is not granted by zones."""
    every = caller(*(Grant(Role.ADMIN, Place.ZONE, zone.id) for zone in CITY.zones))
    assert every.may(Right.EDIT, CITY, ["a", "b"])
    assert not every.is_citywide(Right.EDIT)


def test_bounds_cut() -> None:
    bound = caller(Grant(Role.ADMIN), bounds=(Grant(Role.OPERATOR, Place.ZONE, "b"),))
    assert bound.zones(Right.OVERRIDE, CITY) == frozenset({"b"})
    assert not bound.has(Right.EDIT)
    crossed = caller(
        Grant(Role.OPERATOR, Place.ZONE, "a"), bounds=(Grant(Role.OPERATOR, Place.ZONE, "b"),)
    )
    assert crossed.zones(Right.OVERRIDE, CITY) == frozenset()


@pytest.mark.parametrize(
    ("text", "grant"),
    [
        ("viewer", Grant(Role.VIEWER)),
        ("planner@district:110105", Grant(Role.PLANNER, Place.DISTRICT, "110105")),
        ("operator@zone:Z-1", Grant(Role.OPERATOR, Place.ZONE, "Z-1")),
    ],
)
def test_grants_are_read(text: str, grant: Grant) -> None:
    assert parse_grant(text) == grant


@pytest.mark.parametrize(
    "text", ["", "boss", "viewer@", "viewer@zone", "viewer@zone:", "viewer@city:x"]
)
def test_a_wrong_grant_says_what_would_be_right(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"planner@district:110105|has no id"):
        parse_grant(text)
