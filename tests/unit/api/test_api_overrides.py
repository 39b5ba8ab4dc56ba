"""Overrides over the API."""

import json
from pathlib import Path
from typing import Any

import pytest

from controller.ports.answers import Answer
from controller.service.editing.overrides import floors_passed, meant_luminaires
from controller.service.people import Grant, Place, Role
from schedules import Layer, Limit, Override, Site
from tests.fakes.console_house import a_console
from tests.fakes.small_city import small_site

API = "/api/v1"
OPERATOR = Grant(Role.OPERATOR)
END = "2026-03-20T15:00:00Z"


def override(**rest: Any) -> dict[str, Any]:
    return {"selector": {"zones": ["a"]}, "level": 80, "end_at": END, "reason": "fair", **rest}


def with_floor(floor: float) -> Site:
    site = small_site()
    limit = Limit(layer=Layer.ZONE, target="b", floor=floor)
    return Site(inventory=site.inventory, plan=site.plan.model_copy(update={"limits": (limit,)}))


async def test_an_override_is_weighed_set_and_ended(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client(OPERATOR)
        dry = await client.post(f"{API}/overrides?dry_run=true", json=override())
        assert not house.control.site.plan.overrides
        made = await client.post(f"{API}/overrides", json=override())
        name = made.json()["override"]["id"]
        listed = (await client.get(f"{API}/overrides")).json()["items"]
        ended = await client.post(f"{API}/overrides/{name}/end")
        after = (await client.get(f"{API}/overrides")).json()["items"]
        again = await client.post(f"{API}/overrides/{name}/end")
    assert dry.json()["luminaires"] == 2
    assert dry.json()["revision"] is None
    assert made.json()["revision"] == 2
    assert (listed[0]["id"], listed[0]["in_force"], listed[0]["author"]) == (name, True, "user1")
    assert ended.json() == {"revision": 3}
    assert after == []
    assert again.status_code == 422


async def test_an_override_sent_twice_is_one_even_after_a_crash(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client(OPERATOR)
        headers = {"Idempotency-Key": "storm-1"}
        one = await client.post(f"{API}/overrides", json=override(), headers=headers)
        two = await client.post(f"{API}/overrides", json=override(), headers=headers)
        assert one.json() == two.json()
        # What was answered is lost, what was stored is not.
        other = Answer(b"other", b"", 200, "{}", b"", 0.0)
        house.here.store.keep_answer(other, since=1e18, most=0)
        three = await client.post(f"{API}/overrides", json=override(), headers=headers)
        assert three.status_code == 200
        assert len(house.control.site.plan.overrides) == 1


async def test_nobody_steps_in_where_they_may_not(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        near = await house.client(Grant(Role.OPERATOR, Place.ZONE, "a"), Grant(Role.VIEWER))
        own = await near.post(f"{API}/overrides", json=override())
        for selector in ({"zones": ["b"]}, {"luminaires": ["a1", "b1"]}, {"city": True}):
            foreign = await near.post(f"{API}/overrides", json=override(selector=selector))
            assert foreign.status_code == 403, selector
        operator = await house.client(OPERATOR)
        theirs = await operator.post(f"{API}/overrides", json=override(selector={"zones": ["b"]}))
        name = theirs.json()["override"]["id"]
        assert (await near.post(f"{API}/overrides/{name}/end")).status_code == 403
        assert own.status_code == 200
        assert len(house.control.site.plan.overrides) == 2


async def test_only_maintenance_goes_below_a_floor_and_with_a_second_person(
    tmp_path: Path,
) -> None:
    async with a_console(tmp_path, with_floor(40)) as house:
        body = override(selector={"zones": ["b"]}, level=10)
        operator = await house.client(OPERATOR)
        held = await operator.post(f"{API}/overrides?dry_run=true", json=body)
        assert held.json()["held_by_limits"] == 2
        below = {**body, "kind": "maintenance"}
        refused = await operator.post(f"{API}/overrides", json=below)
        maintainer = await house.client(Grant(Role.MAINTAINER))
        asked = await maintainer.post(f"{API}/overrides", json=below)
        assert not house.control.site.plan.overrides
        own = await maintainer.post(f"{API}/approvals/{asked.json()['approval']}/approve", json={})
        planner = await house.client(Grant(Role.PLANNER))
        yes = await planner.post(f"{API}/approvals/{asked.json()['approval']}/approve", json={})
        assert yes.status_code == 200, yes.text
        assert house.control.site.plan.overrides[0].level == 10
        assert house.control.site.plan.overrides[0].author == "user2"
    assert refused.status_code == 403
    assert asked.status_code == 202
    assert "below the floor" in asked.json()["needs_approval"][0]
    assert own.status_code == 403


@pytest.mark.parametrize(
    ("asked", "zones"),
    [
        ({"selector": {"zones": ["b"]}, "level": 40}, []),
        ({"selector": {"zones": ["b"]}, "level": 39}, ["b"]),
        ({"selector": {"zones": ["a"]}, "level": 60}, ["a"]),
        ({"selector": {"luminaires": ["a1"]}, "level": 60}, ["a"]),
        ({"selector": {"luminaires": ["a2"]}, "level": 60}, []),
        ({"selector": {"zones": ["b"]}, "program": "night"}, ["b"]),
        ({"selector": {"luminaires": ["a2"]}, "program": "night"}, []),
        ({"selector": {"zones": ["b"]}, "level": 39, "kind": "operator"}, []),
    ],
)
def test_a_floor_is_passed_whosever_it_is_and_by_whatever(
    asked: dict[str, Any], zones: list[str]
) -> None:
    site = with_floor(40)
    own = Limit(layer=Layer.LUMINAIRE, target="a1", floor=70)
    plan = site.plan.model_copy(update={"limits": (*site.plan.limits, own)})
    site = Site(inventory=site.inventory, plan=plan)
    instants = {"start_at": "2026-03-20T12:00:00Z", "end_at": END}
    named = {"id": "x", "kind": "maintenance", "reason": "works", "author": "li", **instants}
    one = Override.model_validate(named | asked)
    assert floors_passed(site, one, meant_luminaires(site, one)) == zones


async def test_a_yes_is_no_use_to_who_may_not_go_below_a_floor_any_more(tmp_path: Path) -> None:
    async with a_console(tmp_path, with_floor(40)) as house:
        maintainer = await house.client(Grant(Role.MAINTAINER))
        below = override(selector={"zones": ["b"]}, level=10, kind="maintenance")
        asked = await maintainer.post(f"{API}/overrides", json=below)
        admin = await house.client()
        grants = [{"role": "operator", "scope": {"kind": "city"}}]
        less = await admin.patch(f"{API}/users/user1", json={"grants": grants})
        assert less.status_code == 204, less.text
        number = asked.json()["approval"]
        yes = await admin.post(f"{API}/approvals/{number}/approve", json={})
        assert yes.status_code == 409
        assert "user1" in yes.json()["detail"]
        assert not house.control.site.plan.overrides
        (left,) = (await admin.get(f"{API}/approvals")).json()["items"]
        assert (left["number"], left["state"]) == (number, "open")


async def test_a_fault_names_its_field(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client(OPERATOR)
        for body, field in (
            (override(level=101), "level"),
            (override(level=None), "level"),
            (override(selector={}), "selector"),
            (override(end_at="2026-03-20T11:00:00Z"), "end_at"),
            (override(start_at="1969-03-20T11:00:00Z"), "start_at"),
            (override(reason=""), "reason"),
            (override(end_at="2026-03-20T15:00:00"), "end_at"),
            ({**override(), "colour": "red"}, "colour"),
        ):
            answer = await client.post(f"{API}/overrides", json=body)
            assert answer.status_code == 422, body
            assert [one["field"] for one in answer.json()["errors"]] == [field], answer.json()
            assert "frozenset" not in answer.text
        endless = json.dumps(override()).replace("80", "1e400")
        for kind, field, value in (
            ("application/json", "level", "inf"),
            ("text/plain", "body", endless),
        ):
            answer = await client.post(
                f"{API}/overrides", content=endless, headers={"Content-Type": kind}
            )
            (fault,) = answer.json()["errors"]
            assert (answer.status_code, fault["field"], fault["value"]) == (422, field, value)
            is_told = "'Content-Type: application/json'" in fault["expected"]
            assert is_told == (field == "body")
        over = override(start_at="2026-03-20T01:00:00Z", end_at="2026-03-20T02:00:00Z")
        for tried in (f"{API}/overrides?dry_run=true", f"{API}/overrides"):
            answer = await client.post(tried, json=over)
            assert answer.status_code == 422
            assert "would have ended by now" in answer.json()["detail"]
        for selector in ({"zones": ["nowhere"]}, {}):
            answer = await client.post(f"{API}/overrides", json=override(selector=selector))
            assert answer.status_code == 422, selector
        assert not house.control.site.plan.overrides
