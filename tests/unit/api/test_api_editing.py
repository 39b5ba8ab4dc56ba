"""Documents put in force over the API: weighed, refused, stale, repeated, approved."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from controller.service.people import Grant, Place, Role
from schedules import Layer, Limit, Site, Window, parse_anchor
from tests.fakes.console_house import ConsoleHouse, a_console
from tests.fakes.small_city import small_site

API = "/api/v1"
PLANNER = Grant(Role.PLANNER)


def proved_site() -> Site:
    """The small city, lit from sunset to sunrise."""
    site = small_site()
    window = Window(on=parse_anchor("sunset"), off=parse_anchor("sunrise"))
    programs = tuple(one.model_copy(update={"window": window}) for one in site.plan.programs)
    return Site(inventory=site.inventory, plan=site.plan.model_copy(update={"programs": programs}))


def with_floor(floor: float) -> Site:
    """The same with a floor in zone ``b``."""
    site = proved_site()
    limit = Limit(layer=Layer.ZONE, target="b", floor=floor)
    return Site(inventory=site.inventory, plan=site.plan.model_copy(update={"limits": (limit,)}))


async def program(client: httpx.AsyncClient, level: float) -> dict[str, Any]:
    """The city's program with another level from 23:00 on."""
    found: dict[str, Any] = (await client.get(f"{API}/documents/programs/night")).json()
    found["steps"][0]["level"] = level
    return found


def edit(document: dict[str, Any], kind: str = "programs", **rest: object) -> dict[str, Any]:
    return {"put": [{"kind": kind, "document": document}], **rest}


def level_in_force(house: ConsoleHouse) -> float | None:
    return house.control.site.plan.program_by_id["night"].steps[0].level


async def test_an_edit_is_weighed_and_then_put_in_force(tmp_path: Path) -> None:
    async with a_console(tmp_path, proved_site()) as house:
        client = await house.client(PLANNER)
        body = edit(await program(client, 30), comment="darker")
        dry = (await client.post(f"{API}/edits?dry_run=true", json=body)).json()
        assert level_in_force(house) == 50
        real = await client.post(f"{API}/edits", json=body, headers={"If-Match": '"r1"'})
        assert (real.status_code, real.json()["revision"], real.headers["etag"]) == (
            200,
            2,
            '"r2"',
        )
        assert level_in_force(house) == 30
        revision = (await client.get(f"{API}/revisions/2")).json()
    assert dry["ok"]
    assert dry["luminaires"] == 4
    assert dry["proof"] is not None
    assert dry["cost"]["energy_kwh_delta"] < 0
    assert dry["cost"]["co2_kg_delta"] < 0
    # The default price of a Chinese city, the same at all hours.
    (money,) = dry["cost"]["money_delta"]
    assert money["currency"] == "CNY"
    assert money["amount"] == pytest.approx(0.7 * dry["cost"]["energy_kwh_delta"], abs=0.01)
    assert dry["difference"]["documents"] == [
        {
            "part": "programs",
            "id": "night",
            "what": "changed",
            "fields": [{"path": "steps[0].level", "before": "50", "after": "30"}],
        }
    ]
    assert (revision["author"], revision["comment"]) == ("user1", "darker")


async def test_an_edit_says_what_it_began_with(tmp_path: Path) -> None:
    async with a_console(tmp_path, proved_site()) as house:
        client = await house.client(PLANNER)
        body = edit(await program(client, 30))
        missing = await client.post(f"{API}/edits", json=body)
        odd = await client.post(f"{API}/edits", json=body, headers={"If-Match": "yesterday"})
        assert level_in_force(house) == 50
    assert (missing.status_code, odd.status_code) == (428, 422)
    assert '"r1"' in missing.json()["detail"]


async def test_of_two_who_edit_the_same_the_second_is_told_who_and_what(tmp_path: Path) -> None:
    async with a_console(tmp_path, proved_site()) as house:
        one, two = await house.client(PLANNER), await house.client(PLANNER, language="zh")
        header = {"If-Match": '"r1"'}
        mine, theirs = edit(await program(one, 30)), edit(await program(two, 70))
        assert (await one.post(f"{API}/edits", json=mine, headers=header)).status_code == 200
        late = await two.post(f"{API}/edits", json=theirs, headers=header)
        assert level_in_force(house) == 30
        problem = late.json()
        again = await two.post(
            f"{API}/edits", json=theirs, headers={"If-Match": late.headers["etag"]}
        )
        assert again.status_code == 200
        assert level_in_force(house) == 70
    assert late.status_code == 412
    assert problem["revision"] == 2
    assert problem["changes"][0]["author"] == "user1"
    assert problem["changes"][0]["documents"][0]["fields"][0]["after"] == "30"
    assert "user1" in problem["detail"]
    assert "修改" in problem["detail"]


async def test_below_the_floor_is_refused_by_its_field(tmp_path: Path) -> None:
    async with a_console(tmp_path, with_floor(40)) as house:
        client = await house.client(PLANNER)
        body = edit(await program(client, 39))
        dry = (await client.post(f"{API}/edits?dry_run=true", json=body)).json()
        real = await client.post(f"{API}/edits", json=body, headers={"If-Match": '"r1"'})
        at_it = edit(await program(client, 40))
        fine = await client.post(f"{API}/edits", json=at_it, headers={"If-Match": '"r1"'})
    expected = {
        "field": "programs/night/steps[0].level",
        "value": 39,
        "expected": "40 or more",
        "detail": "39 % is below the floor of zone 'b', 40 %",
    }
    assert not dry["ok"]
    assert dry["errors"] == [expected]
    assert real.status_code == 422
    assert real.json()["errors"] == [expected]
    assert fine.status_code == 200


async def test_a_level_that_stood_below_before_does_not_bar_other_edits(tmp_path: Path) -> None:
    async with a_console(tmp_path, with_floor(60)) as house:
        client = await house.client(PLANNER)
        document = await program(client, 50)
        document["name"] = "renamed"
        done = await client.post(f"{API}/edits", json=edit(document), headers={"If-Match": '"r1"'})
    assert done.status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (edit({"id": "night", "name": "n", "window": {"on": "25:00", "off": "06:00"}}), "window"),
        (edit({"id": "x"}), "programs/x/name"),
        (edit({}, kind="luminaires"), "kind"),
        (edit({}, kind="overrides"), "kind"),
        ({"delete": [{"kind": "programs", "id": "nowhere"}]}, "programs/nowhere"),
        ({"delete": [{"kind": "programs", "id": "night"}]}, "documents"),
        ({"puts": []}, "puts"),
    ],
)
async def test_a_fault_names_its_field(tmp_path: Path, body: dict[str, Any], field: str) -> None:
    async with a_console(tmp_path, proved_site()) as house:
        client = await house.client(PLANNER)
        answer = await client.post(f"{API}/edits", json=body, headers={"If-Match": '"r1"'})
    assert answer.status_code == 422
    assert any(field in one["field"] for one in answer.json()["errors"]), answer.json()


async def test_one_document_is_put_and_deleted_by_its_address(tmp_path: Path) -> None:
    async with a_console(tmp_path, proved_site()) as house:
        client = await house.client(PLANNER)
        limit = {"layer": "zone", "target": "b", "ceiling": 90}
        path = f"{API}/documents/limits/zone.b"
        put = await client.put(path, json={"document": limit}, headers={"If-Match": '"r1"'})
        assert (await client.get(path)).json()["ceiling"] == 90
        stale = await client.delete(path, headers={"If-Match": '"r1"'})
        gone = await client.delete(path, headers={"If-Match": put.headers["etag"]})
        assert (await client.get(path)).status_code == 404
    assert (put.status_code, stale.status_code, gone.status_code) == (200, 412, 200)


async def test_nobody_edits_others_zones(tmp_path: Path) -> None:
    async with a_console(tmp_path, proved_site()) as house:
        admin = await house.client()
        mine = await house.client(Grant(Role.PLANNER, Place.ZONE, "a"), Grant(Role.VIEWER))
        viewer = await house.client(Grant(Role.VIEWER))
        header = {"If-Match": '"r1"'}
        everywhere = edit(await program(admin, 30))
        foreign = await mine.post(f"{API}/edits", json=everywhere, headers=header)
        none = await viewer.post(f"{API}/edits", json=everywhere, headers=header)
        dry = await mine.post(f"{API}/edits?dry_run=true", json=everywhere)
        figures = {
            "id": "t", "year": 2026, "saved_share": 0.5,
        }  # fmt: skip
        target = await mine.post(f"{API}/edits", json=edit(figures, kind="targets"), headers=header)
        limit = {"layer": "zone", "target": "a", "ceiling": 90}
        own = await mine.post(f"{API}/edits", json=edit(limit, kind="limits"), headers=header)
        log = (await admin.get(f"{API}/audit")).json()["items"]
    assert (foreign.status_code, none.status_code, dry.status_code) == (403, 403, 403)
    assert foreign.json()["zones"] == ["b"]
    assert target.status_code in (403, 422)
    assert own.status_code == 200
    told = [(one["actor"], one["action"], one["outcome"]) for one in log]
    assert ("user2", "edit", "refused") in told
    assert ("user2", "edit", "done") in told


async def test_an_edit_sent_twice_is_done_once(tmp_path: Path) -> None:
    async with a_console(tmp_path, proved_site()) as house:
        client = await house.client(PLANNER)
        body = edit(await program(client, 30))
        headers = {"If-Match": '"r1"', "Idempotency-Key": "k1"}
        one = await client.post(f"{API}/edits", json=body, headers=headers)
        two = await client.post(f"{API}/edits", json=body, headers=headers)
        other = edit(await program(client, 20))
        reused = await client.post(f"{API}/edits", json=other, headers=headers)
        assert len((await client.get(f"{API}/revisions")).json()["items"]) == 2
    assert one.status_code == two.status_code == 200
    assert one.json() == two.json()
    assert one.headers["etag"] == two.headers["etag"]
    assert reused.status_code == 422
    assert reused.json()["type"].endswith("idempotency-key-reused")


async def test_many_lamps_take_a_second_person(tmp_path: Path) -> None:
    async with a_console(tmp_path, proved_site(), most_luminaires=3) as house:
        asker, second = await house.client(PLANNER), await house.client(PLANNER)
        body = edit(await program(asker, 30))
        asked = await asker.post(f"{API}/edits", json=body, headers={"If-Match": '"r1"'})
        assert level_in_force(house) == 50
        number = asked.json()["approval"]
        path = f"{API}/approvals/{number}/approve"
        own = await asker.post(path, json={})
        yes = await second.post(path, json={"note": "seen"})
        assert level_in_force(house) == 30
        twice = await second.post(path, json={})
    assert asked.status_code == 202
    assert asked.json()["needs_approval"] == ["it concerns 4 luminaires, more than 3"]
    assert (own.status_code, yes.status_code, twice.status_code) == (409, 200, 409)
    assert yes.json()["outcome"] == {"revision": 2}


async def test_an_approval_of_what_changed_meanwhile_fails(tmp_path: Path) -> None:
    async with a_console(tmp_path, proved_site(), most_luminaires=3) as house:
        asker, second = await house.client(PLANNER), await house.client(PLANNER)
        body = edit(await program(asker, 30))
        asked = await asker.post(f"{API}/edits", json=body, headers={"If-Match": '"r1"'})
        limit = {"layer": "zone", "target": "a", "ceiling": 90}
        await asker.post(
            f"{API}/edits", json=edit(limit, kind="limits"), headers={"If-Match": '"r1"'}
        )
        late = await second.post(f"{API}/approvals/{asked.json()['approval']}/approve", json={})
        states = (await second.get(f"{API}/approvals")).json()["items"]
        assert level_in_force(house) == 50
    assert late.status_code == 409
    assert states[0]["state"] == "failed"


async def test_a_revision_comes_back(tmp_path: Path) -> None:
    async with a_console(tmp_path, proved_site()) as house:
        client = await house.client(PLANNER)
        near = await house.client(Grant(Role.PLANNER, Place.ZONE, "a"))
        body = edit(await program(client, 30))
        await client.post(f"{API}/edits", json=body, headers={"If-Match": '"r1"'})
        header = {"If-Match": '"r2"'}
        refused = await near.post(f"{API}/revisions/1/rollback", json={}, headers=header)
        nowhere = await client.post(f"{API}/revisions/9/rollback", json={}, headers=header)
        back = await client.post(f"{API}/revisions/1/rollback", json={}, headers=header)
        assert level_in_force(house) == 50
    assert (refused.status_code, nowhere.status_code, back.status_code) == (403, 404, 200)
    assert back.json()["revision"] == 3


async def test_the_way_back_neither_ends_nor_revives_an_override(tmp_path: Path) -> None:
    async with a_console(tmp_path, proved_site()) as house:
        client = await house.client(Grant(Role.ADMIN))
        asked = {
            "selector": {"zones": ["a"]},
            "level": 80,
            "end_at": (house.here.desk.now() + timedelta(hours=3)).isoformat(),
            "reason": "storm",
        }
        ended = (await client.post(f"{API}/overrides", json=asked)).json()["override"]["id"]
        await client.post(f"{API}/overrides/{ended}/end")
        body = edit(await program(client, 30))
        saved = await client.post(f"{API}/edits", json=body, headers={"If-Match": "*"})
        await client.post(f"{API}/overrides", json={**asked, "reason": "fair"})
        back = await client.post(
            f"{API}/revisions/2/rollback", json={}, headers={"If-Match": '"r5"'}
        )
        in_force = (await client.get(f"{API}/overrides")).json()["items"]
        assert level_in_force(house) == 50
    assert (saved.status_code, back.status_code) == (200, 200)
    assert [one["reason"] for one in in_force] == ["fair"]


async def test_a_draft_is_drawn_before_it_is_in_force(tmp_path: Path) -> None:
    async with a_console(tmp_path, proved_site()) as house:
        client = await house.client(Grant(Role.VIEWER))
        body = edit(await program(client, 30))
        query = "from=2026-03-20&to=2026-03-20"
        present = (await client.get(f"{API}/zones/a/nights?{query}")).json()
        drafted = (await client.post(f"{API}/zones/a/nights?{query}", json=body)).json()
        year = (await client.post(f"{API}/zones/a/year?year=2026", json=body)).json()
        wrong = await client.post(f"{API}/zones/a/nights?{query}", json=edit({"id": "night"}))
        assert level_in_force(house) == 50
    assert 50 in [one["level"] for one in present[0]["points"]]
    assert 30 in [one["level"] for one in drafted[0]["points"]]
    assert 30 in year["levels"]
    assert wrong.status_code == 422


async def test_what_fails_its_proof_takes_a_reason_and_a_second_person(tmp_path: Path) -> None:
    async with a_console(tmp_path, proved_site()) as house:
        client, second = await house.client(PLANNER), await house.client(PLANNER)
        document = await program(client, 50)
        document["window"] = {"on": "20:00", "off": "06:00"}
        header = {"If-Match": '"r1"'}
        dry = (await client.post(f"{API}/edits?dry_run=true", json=edit(document))).json()
        refused = await client.post(f"{API}/edits", json=edit(document), headers=header)
        body = edit(document, unproved_because="works on the mains")
        asked = await client.post(f"{API}/edits", json=body, headers=header)
        assert house.here.control.site == proved_site()
        yes = await second.post(f"{API}/approvals/{asked.json()['approval']}/approve", json={})
        kept = (await client.get(f"{API}/revisions")).json()["items"][0]
    assert not dry["ok"]
    assert dry["proof"]["failures"][0]["finding"] == "dark_at_night"
    assert refused.status_code == 422
    assert refused.json()["proof"]["failures"]
    assert asked.status_code == 202
    assert yes.status_code == 200
    assert "unproved: works on the mains" in kept["comment"]


async def test_a_floor_is_lowered_by_two_and_only_as_they_saw_it(tmp_path: Path) -> None:
    async with a_console(tmp_path, with_floor(40)) as house:
        one, two = await house.client(PLANNER), await house.client(PLANNER)
        gone = {"delete": [{"kind": "limits", "id": "zone.b"}]}
        raised = edit({"layer": "zone", "target": "b", "floor": 45}, "limits")
        asked = await one.post(f"{API}/edits", json=gone, headers={"If-Match": "*"})
        assert house.control.site.plan.limits
        done = await one.post(f"{API}/edits", json=raised, headers={"If-Match": '"r1"'})
        late = await two.post(f"{API}/approvals/{asked.json()['approval']}/approve", json={})
        assert [limit.floor for limit in house.control.site.plan.limits] == [45]
        again = await one.post(f"{API}/edits", json=gone, headers={"If-Match": '"r2"'})
        agreed = await two.post(f"{API}/approvals/{again.json()['approval']}/approve", json={})
        assert not house.control.site.plan.limits
    assert (asked.status_code, done.status_code, late.status_code) == (202, 200, 409)
    assert asked.json()["needs_approval"] == ["it lowers the floor of b"]
    assert agreed.status_code == 200


async def test_a_floor_of_one_luminaire_is_a_floor(tmp_path: Path) -> None:
    site = proved_site()
    limits = (
        Limit(layer=Layer.LUMINAIRE, target="a1", floor=60),
        Limit(layer=Layer.CITY, target="small", floor=20),
    )
    site = Site(inventory=site.inventory, plan=site.plan.model_copy(update={"limits": limits}))
    async with a_console(tmp_path, site) as house:
        client = await house.client(PLANNER)
        gone = {"delete": [{"kind": "limits", "id": "luminaire.a1"}]}
        asked = await client.post(f"{API}/edits?dry_run=true", json=gone)
        below = {"delete": [{"kind": "limits", "id": "city.small"}]}
        all_of_it = await client.post(f"{API}/edits?dry_run=true", json=below)
    assert asked.json()["needs_approval"] == ["it lowers the floor of a1"]
    assert all_of_it.json()["needs_approval"] == ["it lowers the floor of a and 1 more"]
