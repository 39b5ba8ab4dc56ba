"""Work orders and alarms taken notice of, over the API."""

from pathlib import Path
from typing import Any

import pytest

from controller.engine.alarm_types import AlarmType, Scope, Severity
from controller.ports.alarms import Alarm
from controller.service.people import Grant, Place, Role
from controller.service.work_orders import Change, WorkOrderChanged
from tests.fakes.console_house import NIGHT, a_console

API = "/api/v1"
OPERATOR = Grant(Role.OPERATOR)
IN_A = (Grant(Role.OPERATOR, Place.ZONE, "a"), Grant(Role.VIEWER))


def lamp_failure(number: int, luminaire: str) -> tuple[Alarm, tuple[str, ...]]:
    alarm = Alarm(
        id=number,
        type=AlarmType.LAMP_FAILURE,
        severity=Severity.WARNING,
        scope=Scope.LUMINAIRE,
        subject=luminaire,
        began_at=NIGHT - 600.0,
        raised_at=NIGHT - 300.0,
        cleared_at=None,
        ending=None,
        affected=1,
        worst=1,
        total=1,
        detail="",
    )
    return alarm, (luminaire,)


def moves(order: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(step["by"], step["state"], step["note"]) for step in order["history"]]


async def test_an_order_is_made_from_an_alarm_given_away_and_done(tmp_path: Path) -> None:
    async with a_console(tmp_path, alarms=[lamp_failure(7, "a1")]) as house:
        client = await house.client(OPERATOR)
        made = await client.post(f"{API}/work-orders", json={"title": "new lamp", "alarm": 7})
        number = made.json()["number"]
        given = await client.patch(
            f"{API}/work-orders/{number}",
            json={"state": "in_progress", "assignee": "wang", "note": "on the way"},
        )
        done = await client.patch(f"{API}/work-orders/{number}", json={"state": "done"})
        listed = (await client.get(f"{API}/work-orders?state=done&assignee=wang&alarm=7")).json()
        none = (await client.get(f"{API}/work-orders?state=open")).json()
    assert made.status_code == 201
    assert (made.json()["luminaires"], made.json()["zone"]) == (["a1"], "a")
    assert given.json()["assignee"] == "wang"
    assert listed["items"] == [done.json()]
    assert listed["items"][0]["note"] == "on the way"
    assert moves(done.json()) == [
        ("user1", "open", ""),
        ("user1", "in_progress", "on the way"),
        ("user1", "done", ""),
    ]
    assert none["total"] == 0


async def test_orders_stay_over_a_restart_with_their_history(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client(OPERATOR)
        body = {"title": "paint the pole", "luminaires": ["b1"], "note": "red"}
        made = await client.post(f"{API}/work-orders", json=body)
    async with a_console(tmp_path) as house:
        orders = house.here.work_orders
        (row,) = await orders.all()
        steps = await orders.steps([row])
    assert (row.title, row.number, row.note) == ("paint the pole", made.json()["number"], "red")
    assert [step.note for step in steps[row.number]] == ["red"]


async def test_the_same_key_makes_one_order(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client(OPERATOR)
        headers = {"Idempotency-Key": "one"}
        first = await client.post(f"{API}/work-orders", json={"title": "x"}, headers=headers)
        second = await client.post(f"{API}/work-orders", json={"title": "x"}, headers=headers)
        assert len(await house.here.work_orders.all()) == 1
    assert (first.status_code, first.json()) == (second.status_code, second.json())


async def test_two_people_do_not_overwrite_each_other(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        li, wang = await house.client(OPERATOR), await house.client(OPERATOR)
        where = f"{API}/work-orders/1"
        await li.post(f"{API}/work-orders", json={"title": "x"})
        seen = (await wang.get(where)).headers["etag"]
        await li.patch(where, json={"assignee": "li"}, headers={"If-Match": seen})
        late = await wang.patch(where, json={"assignee": "wang"}, headers={"If-Match": seen})
        assert (await wang.get(where)).json()["assignee"] == "li"
        with pytest.raises(WorkOrderChanged, match="meanwhile"):
            await house.here.work_orders.change(1, Change(note="late", version=1), "zhao")
    assert late.status_code == 412
    assert late.headers["etag"] == '"w2"'


async def test_what_is_done_is_opened_again_before_it_is_cancelled(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client(OPERATOR)
        where = f"{API}/work-orders/1"
        await client.post(f"{API}/work-orders", json={"title": "x", "assignee": "li"})
        await client.patch(where, json={"state": "done"})
        refused = await client.patch(where, json={"state": "cancelled"})
        again = await client.patch(where, json={"state": "open", "assignee": None})
    assert refused.status_code == 409
    assert "open it again first" in refused.json()["detail"]
    assert (again.json()["state"], again.json()["assignee"]) == ("open", None)


async def test_orders_go_as_far_as_rights_do(tmp_path: Path) -> None:
    async with a_console(tmp_path, alarms=[lamp_failure(7, "b1")]) as house:
        near, viewer = await house.client(*IN_A), await house.client(Grant(Role.VIEWER))
        far = await house.client(Grant(Role.OPERATOR, Place.ZONE, "b"))
        own = await near.post(f"{API}/work-orders", json={"title": "x", "luminaires": ["a1"]})
        foreign = [
            await near.post(f"{API}/work-orders", json={"title": "x", "luminaires": ["a1", "b1"]}),
            await near.post(f"{API}/work-orders", json={"title": "x", "alarm": 7}),
            await near.post(f"{API}/alarms/7/acknowledge", json={}),
            await viewer.post(f"{API}/work-orders", json={"title": "x"}),
            await viewer.patch(f"{API}/work-orders/1", json={"note": "x"}),
        ]
        unplaced = await near.post(f"{API}/work-orders", json={"title": "x"})
        hidden = await far.get(f"{API}/work-orders/{own.json()['number']}")
        listed = (await far.get(f"{API}/work-orders")).json()["total"]
    assert own.status_code == 201
    assert [one.status_code for one in foreign] == [403] * 5
    assert unplaced.json()["errors"][0]["field"] == "zone"
    assert (hidden.status_code, listed) == (404, 0)


async def test_what_an_order_names_is_named_where_there_is_none(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client(OPERATOR)
        body = {"title": " ", "luminaires": ["a1", "zz"], "zone": "q", "alarm": 99}
        wrong = await client.post(f"{API}/work-orders", json=body)
        assert not await house.here.work_orders.all()
    assert wrong.status_code == 422
    fields = [one["field"] for one in wrong.json()["errors"]]
    assert fields == ["alarm", "luminaires.1", "zone", "title"]


async def test_notice_of_an_alarm_is_taken_once(tmp_path: Path) -> None:
    async with a_console(tmp_path, alarms=[lamp_failure(7, "a1")]) as house:
        client = await house.client(OPERATOR)
        taken = await client.post(f"{API}/alarms/7/acknowledge", json={"note": "known"})
        kept = house.here.store.alarm(7)
        again = await client.post(f"{API}/alarms/7/acknowledge", json={})
        none = await client.post(f"{API}/alarms/8/acknowledge", json={})
    assert (taken.json()["acknowledged_by"], taken.json()["note"]) == ("user1", "known")
    assert kept is not None
    assert kept.acknowledgement is not None
    assert again.status_code == 409
    assert "user1" in again.json()["detail"]
    assert none.status_code == 404
