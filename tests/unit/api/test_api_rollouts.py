"""Edits that come into force one district first."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from controller.service.actions import LATEST
from controller.service.people import Grant, Place, Role
from controller.service.people.caller import local_caller
from schedules import Site, Window, parse_anchor, resolve_zone
from tests.fakes.console_house import ConsoleHouse, a_console
from tests.fakes.small_city import small_site
from zones import District

API = "/api/v1"
PLANNER = Grant(Role.PLANNER)
LOCAL = local_caller("test")


def two_districts() -> Site:
    """Zone ``a`` in district ``d``, zone ``b`` in district ``e``."""
    site = small_site()
    inventory = site.inventory
    window = Window(on=parse_anchor("sunset"), off=parse_anchor("sunrise"))
    programs = tuple(one.model_copy(update={"window": window}) for one in site.plan.programs)
    zones = tuple(
        one.model_copy(update={"district": "e" if one.id == "b" else "d"})
        for one in inventory.zones
    )
    other = District(id="e", name="东区", longitude=116.4, latitude=39.9)
    return Site(
        inventory=inventory.model_copy(
            update={"districts": (*inventory.districts, other), "zones": zones}
        ),
        plan=site.plan.model_copy(update={"programs": programs}),
    )


def with_level(site: Site, level: float) -> Site:
    """The whole city with another level from 23:00 on."""
    (program,) = two_districts().plan.programs
    step = program.steps[0].model_copy(update={"level": level})
    changed = program.model_copy(update={"steps": (step, *program.steps[1:])})
    plan = two_districts().plan.model_copy(update={"programs": (changed,)})
    return Site(inventory=site.inventory, plan=plan)


async def rollout(client: httpx.AsyncClient, level: float, *stages: list[str]) -> dict[str, Any]:
    """The city's program with another level from 23:00 on, district by district."""
    found: dict[str, Any] = (await client.get(f"{API}/documents/programs/night")).json()
    found["steps"][0]["level"] = level
    return {
        "edit": {"put": [{"kind": "programs", "document": found}], "comment": "darker"},
        "stages": list(stages),
    }


async def begin(
    client: httpx.AsyncClient, body: dict[str, Any], base: str = "r1"
) -> httpx.Response:
    return await client.post(f"{API}/rollouts", json=body, headers={"If-Match": f'"{base}"'})


def late_at_night(house: ConsoleHouse) -> dict[str, float]:
    """Levels at 01:00."""
    at = house.here.desk.now().replace(hour=17)
    return {zone: resolve_zone(house.control.site, zone, at).level for zone in ("a", "b")}


async def test_the_first_district_goes_first_and_the_others_follow(tmp_path: Path) -> None:
    async with a_console(tmp_path, two_districts()) as house:
        client = await house.client(PLANNER)
        begun = await begin(client, await rollout(client, 30, ["d"]))
        first = late_at_night(house)
        number = begun.json()["rollout"]["id"]
        listed = (await client.get(f"{API}/rollouts")).json()["items"]
        done = await client.post(f"{API}/rollouts/{number}/advance", json={})
        names = set(house.control.site.plan.program_by_id)
        ended = await client.post(f"{API}/rollouts/{number}/advance", json={})
        last = late_at_night(house)
        revisions = (await client.get(f"{API}/revisions")).json()["items"]
    assert begun.status_code == 201
    assert first == {"a": 30, "b": 50}
    assert listed == [begun.json()["rollout"]]
    assert (listed[0]["stages"], listed[0]["stage"]) == ([["d"], ["e"]], 1)
    assert (done.json()["state"], done.json()["stage"]) == ("done", 2)
    assert last == {"a": 30, "b": 30}
    assert names == {"night"}
    assert ended.status_code == 409
    comments = [one["comment"] for one in revisions[:2]]
    assert comments == ["rollout 1, stage 2 of 2: darker", "rollout 1, stage 1 of 2: darker"]


async def test_a_rollout_goes_on_after_a_restart_and_back(tmp_path: Path) -> None:
    before = two_districts()
    async with a_console(tmp_path, before) as house:
        client = await house.client(PLANNER)
        await begin(client, await rollout(client, 30, ["e"], ["d"]))
        present = house.control.site
    async with a_console(tmp_path, present) as house:
        assert late_at_night(house) == {"a": 50, "b": 30}
        aborted = await house.here.rollouts.abort(LOCAL, 1)
        assert house.control.site == before
    assert aborted.state == "aborted"


async def test_what_was_in_force_when_the_service_died_is_not_put_in_force_twice(
    tmp_path: Path,
) -> None:
    async with a_console(tmp_path, two_districts()) as house:
        client = await house.client(PLANNER)
        await begin(client, await rollout(client, 30, ["d"]))
        # The last stage is put in force, and the service dies before it writes that down.
        await house.here.actions.change(LATEST, lambda site: with_level(site, 30), "li", "")
        repeated = await house.here.rollouts.advance(LOCAL, 1, 2)
        asked_again = await house.here.rollouts.advance(LOCAL, 1, 2)
        assert late_at_night(house) == {"a": 30, "b": 30}
    assert (repeated.revision, repeated.state) == (3, "done")
    assert asked_again == repeated


async def test_overrides_and_figures_go_on_meanwhile_but_not_the_documents(
    tmp_path: Path,
) -> None:
    async with a_console(tmp_path, two_districts()) as house:
        client = await house.client(PLANNER)
        await begin(client, await rollout(client, 30, ["d"]))
        fair = {
            "selector": {"zones": ["b"]},
            "level": 80,
            "end_at": "2026-03-20T15:00:00Z",
            "reason": "fair",
        }
        assert (await client.post(f"{API}/overrides", json=fair)).status_code == 200
        second = await begin(client, await rollout(client, 20, ["d"]), base="r3")
        limit = {"layer": "zone", "target": "b", "floor": 10}
        edit = {"put": [{"kind": "limits", "document": limit}]}
        await client.post(f"{API}/edits", json=edit, headers={"If-Match": '"r3"'})
        held = await client.post(f"{API}/rollouts/1/advance", json={})
        left = await client.post(f"{API}/rollouts/1/abort", json={"leave": True})
        assert len(house.control.site.plan.overrides) == 1
        assert late_at_night(house) == {"a": 30, "b": 50}
    assert second.status_code == 409
    assert "another rollout" in second.json()["detail"]
    assert held.status_code == 409
    assert "were changed" in held.json()["detail"]
    assert left.json()["state"] == "aborted"


async def test_what_is_wrong_with_stages_is_named(tmp_path: Path) -> None:
    async with a_console(tmp_path, two_districts()) as house:
        client = await house.client(PLANNER)
        body = await rollout(client, 30, ["d", "nowhere"], ["d"])
        wrong = await begin(client, body)
        target = {"id": "t", "year": 2026, "saved_ratio": 0.5}
        whole = {"edit": {"put": [{"kind": "targets", "document": target}]}, "stages": [["d"]]}
        unstaged = await begin(await house.client(), whole)
        late = await begin(client, await rollout(client, 30, ["d"]), base="r0")
        unsaid = await client.post(f"{API}/rollouts", json=await rollout(client, 30, ["d"]))
        assert await house.here.rollouts.newest() == []
        assert late_at_night(house) == {"a": 50, "b": 50}
    assert [one["field"] for one in wrong.json()["errors"]] == ["stages[0][1]", "stages[1][0]"]
    assert unstaged.status_code == 422
    assert "targets" in unstaged.json()["detail"]
    assert (late.status_code, unsaid.status_code) == (412, 428)


async def test_a_stage_goes_as_far_as_rights_do(tmp_path: Path) -> None:
    async with a_console(tmp_path, two_districts()) as house:
        planner = await house.client(PLANNER)
        near = await house.client(Grant(Role.PLANNER, Place.DISTRICT, "e"), Grant(Role.VIEWER))
        body = await rollout(near, 30, ["d"])
        refused = await begin(near, body)
        await begin(planner, body)
        advanced = await near.post(f"{API}/rollouts/1/advance", json={"stage": 3})
        own = await near.post(f"{API}/rollouts/1/advance", json={"stage": 2})
    assert refused.status_code == 403
    assert advanced.status_code == 409
    assert own.status_code == 200


async def test_many_lamps_take_a_second_person(tmp_path: Path) -> None:
    async with a_console(tmp_path, two_districts(), most_luminaires=3) as house:
        one, two = await house.client(PLANNER), await house.client(PLANNER)
        asked = await begin(one, await rollout(one, 30, ["d"]))
        assert late_at_night(house) == {"a": 50, "b": 50}
        number = asked.json()["approval"]
        agreed = await two.post(f"{API}/approvals/{number}/approve", json={})
        assert late_at_night(house) == {"a": 30, "b": 50}
    assert (asked.status_code, asked.json()["rollout"]) == (202, None)
    assert agreed.json()["outcome"]["rollout"] == 1


async def test_the_same_key_puts_one_stage_in_force(tmp_path: Path) -> None:
    async with a_console(tmp_path, two_districts()) as house:
        client = await house.client(PLANNER)
        await begin(client, await rollout(client, 30, ["d"]))
        key = {"Idempotency-Key": "advance"}
        first = await client.post(f"{API}/rollouts/1/advance", json={}, headers=key)
        again = await client.post(f"{API}/rollouts/1/advance", json={}, headers=key)
    assert (first.status_code, first.json()) == (again.status_code, again.json())


@pytest.mark.parametrize("what", ["advance", "abort"])
async def test_what_never_began_is_nowhere(tmp_path: Path, what: str) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client(PLANNER)
        missing = await client.post(f"{API}/rollouts/9/{what}", json={})
        assert await house.here.actions.change(LATEST, lambda site: site, "li", "") == 1
    assert missing.status_code == 404


async def test_an_edit_of_one_district_is_nobody_elses_business(tmp_path: Path) -> None:
    async with a_console(tmp_path, two_districts()) as house:
        near = await house.client(Grant(Role.PLANNER, Place.DISTRICT, "e"), Grant(Role.VIEWER))
        limit = {"layer": "zone", "target": "b", "floor": 70}
        body = {"edit": {"put": [{"kind": "limits", "document": limit}]}, "stages": [["e"]]}
        begun = await begin(near, body)
        far = await house.client(Grant(Role.VIEWER, Place.ZONE, "a"))
        close = await house.client(Grant(Role.VIEWER, Place.ZONE, "b"))
        seen = [(await one.get(f"{API}/rollouts")).json()["total"] for one in (far, close)]
        hidden = await far.get(f"{API}/rollouts/1")
        assert late_at_night(house) == {"a": 50, "b": 70}
    found = begun.json()["rollout"]
    assert (found["state"], found["stages"]) == ("done", [["e"]])
    assert (seen, hidden.status_code) == ([0, 1], 404)
