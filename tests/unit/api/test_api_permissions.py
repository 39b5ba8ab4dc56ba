"""Every route, by every role, at home and in a foreign district, by session, token and nothing."""

import json
import re
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from controller.engine.alarm_types import AlarmType, Scope, Severity
from controller.ports.alarms import Alarm
from controller.ports.work import RolloutRow
from controller.service.editing.import_reading import Reading
from controller.service.people import Caller, Grant, Place, Right, Role
from controller.service.people.rights import RIGHTS
from controller.service.work_orders import NewWorkOrder
from controller.web.api.app import BASE, ROUTERS
from controller.web.api.permissions import PERMISSIONS, Permission, Where
from schedules import Layer, Limit, Override, OverrideKind, Selector, Site
from tests.fakes.console_house import NIGHT, ConsoleHouse, a_console
from tests.fakes.small_city import small_site
from zones import District

HOME, FOREIGN = "a", "b"
"""A zone of district ``d``, and one of district ``e``."""

NUMBERS: Final = {HOME: 1, FOREIGN: 2}
DISTRICTS: Final = {HOME: "d", FOREIGN: "e"}
NAMED: Final[dict[tuple[str, str], Callable[[str], tuple[str, dict[str, Any] | None]]]] = {
    ("GET", "/luminaires/{luminaire_id}"): lambda zone: (f"/luminaires/{zone}1", None),
    ("GET", "/zones/{zone_id}/nights"): lambda zone: (f"/zones/{zone}/nights", None),
    ("POST", "/zones/{zone_id}/nights"): lambda zone: (f"/zones/{zone}/nights", {}),
    ("GET", "/zones/{zone_id}/year"): lambda zone: (f"/zones/{zone}/year?year=2026", None),
    ("POST", "/zones/{zone_id}/year"): lambda zone: (f"/zones/{zone}/year?year=2026", {}),
    ("GET", "/alarms/{number}"): lambda zone: (f"/alarms/{NUMBERS[zone]}", None),
    ("POST", "/alarms/{number}/acknowledge"): lambda zone: (
        f"/alarms/{NUMBERS[zone]}/acknowledge",
        {},
    ),
    ("PUT", "/documents/{kind}/{key}"): lambda zone: (
        f"/documents/limits/zone.{zone}",
        {"document": limit(zone)},
    ),
    ("DELETE", "/documents/{kind}/{key}"): lambda zone: (f"/documents/limits/zone.{zone}", None),
    ("POST", "/edits"): lambda zone: (
        "/edits?dry_run=true",
        {"put": [{"kind": "limits", "document": limit(zone)}]},
    ),
    ("POST", "/overrides"): lambda zone: (
        "/overrides?dry_run=true",
        {
            "selector": {"zones": [zone]},
            "level": 80,
            "kind": "event",
            "end_at": "2026-03-20T13:00:00Z",
            "reason": "a fair",
        },
    ),
    ("POST", "/overrides/{name}/end"): lambda zone: (f"/overrides/of-{zone}/end", {}),
    ("POST", "/approvals/{number}/approve"): lambda zone: (
        f"/approvals/{NUMBERS[zone]}/approve",
        {},
    ),
    ("POST", "/approvals/{number}/reject"): lambda zone: (
        f"/approvals/{NUMBERS[zone]}/reject",
        {},
    ),
    ("GET", "/documents/{kind}/{key}"): lambda zone: (f"/documents/limits/zone.{zone}", None),
    ("GET", "/work-orders/{number}"): lambda zone: (f"/work-orders/{NUMBERS[zone]}", None),
    ("PATCH", "/work-orders/{number}"): lambda zone: (
        f"/work-orders/{NUMBERS[zone]}",
        {"note": "seen"},
    ),
    ("POST", "/work-orders"): lambda zone: ("/work-orders", {"title": "new", "zone": zone}),
    ("GET", "/rollouts/{number}"): lambda zone: (f"/rollouts/{NUMBERS[zone]}", None),
    ("POST", "/rollouts"): lambda zone: (
        "/rollouts",
        {
            "edit": {"put": [{"kind": "limits", "document": limit(zone)}]},
            "stages": [[DISTRICTS[zone]]],
        },
    ),
    ("POST", "/rollouts/{number}/advance"): lambda zone: (
        f"/rollouts/{NUMBERS[zone]}/advance",
        {"stage": 1},
    ),
    ("POST", "/rollouts/{number}/abort"): lambda zone: (f"/rollouts/{NUMBERS[zone]}/abort", {}),
}
"""Requests about something in a zone: path and body."""

WHOLE_CITYS: Final[dict[tuple[str, str], tuple[str, dict[str, Any] | None]]] = {
    ("GET", "/inventory/imports/{number}"): ("/inventory/imports/1", None),
    ("POST", "/inventory/imports/{number}/apply"): ("/inventory/imports/1/apply", {}),
    ("POST", "/revisions/{number}/rollback"): ("/revisions/1/rollback", {}),
    ("PATCH", "/users/{user}"): ("/users/user1", {"name": "Somebody"}),
    ("POST", "/users/{user}/link"): ("/users/user1/link", {}),
    ("DELETE", "/users/{user}"): ("/users/nobody", None),
}
"""Requests about something that is nobody's part of the city."""

NOBODYS: Final = {
    ("DELETE", "/sessions/{key}"),
    ("DELETE", "/tokens/{key}"),
    ("GET", "/revisions/{number}"),
    ("GET", "/documents/{kind}"),
}
"""Of these what is foreign is told apart elsewhere: one's own, or by what the answer holds."""

BODIES: Final[dict[tuple[str, str], dict[str, Any]]] = {
    ("POST", "/users"): {
        "id": "new",
        "grants": [{"role": "viewer", "scope": {"kind": "city"}}],
    },
}
LAST: Final = (("DELETE", "/session"),)
"""What takes away what the others need."""
BY_SESSION_ONLY: Final = {
    ("PATCH", "/session"),
    ("POST", "/session/password"),
    ("POST", "/tokens"),
}


FOREIGN_WORDS: Final = ('"b1"', '"b2"', '"of-b"', '"of b"', '"外"')
"""What nobody at home must read."""
LAMPS: Final = (
    b"id,longitude,latitude,wattage,technology,district,street\nN1,116.4,39.9,100,LED,d,r\n"
)


def limit(zone: str) -> dict[str, Any]:
    return {"layer": "zone", "target": zone, "floor": 20}


def routes() -> list[tuple[tuple[str, str], APIRoute]]:
    """Every route of the API: method and path, and what answers."""
    return [
        ((method, route.path), route)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    ]


def asked_rights(dependant: Dependant) -> set[Right]:
    """Rights that a route's dependencies ask for."""
    found: set[Right] = set()
    for inner in dependant.dependencies:
        right = getattr(inner.call, "right", None)
        found |= asked_rights(inner) | ({right} if right is not None else set())
    return found


@pytest.mark.parametrize(("key", "route"), routes(), ids=lambda one: getattr(one, "path", None))
def test_each_route_asks_for_what_the_table_says(key: tuple[str, str], route: APIRoute) -> None:
    permission = PERMISSIONS[key]
    asked = asked_rights(route.dependant)
    if permission.right is None:
        assert asked == set(), key
    else:
        # Who acts on what he sees asks for both; nobody has another right without that to see.
        assert asked - {Right.VIEW} == {permission.right} - {Right.VIEW}, key
    assert (permission.right is None) == (permission.where in {Where.OWN, Where.ANYBODY})
    if key[0] == "GET":
        assert not permission.is_action


def test_the_table_has_no_route_that_there_is_not() -> None:
    known = {key for key, _ in routes()}
    assert set(NAMED) - known <= set(PERMISSIONS) - known  # in the making
    assert {key for key in PERMISSIONS if key in known} == known


def two_districts() -> Site:
    """The small city with zone ``b`` in a district of its own; overrides and floors in both."""

    def override(zone: str) -> Override:
        return Override(
            id=f"of-{zone}",
            kind=OverrideKind.EVENT,
            selector=Selector(zones=(zone,)),
            level=90,
            start_at=NIGHT - 600,
            end_at=NIGHT + 6_000,
            reason="a fair",
            author="li",
        )

    site = small_site(override(HOME), override(FOREIGN))
    city = site.inventory
    zones = (city.zones[0], city.zones[1].model_copy(update={"district": "e"}))
    districts = (*city.districts, District(id="e", name="外", longitude=116.4, latitude=39.9))
    inventory = city.model_copy(update={"zones": zones, "districts": districts})
    limits = tuple(Limit(layer=Layer.ZONE, target=zone, floor=10) for zone in (HOME, FOREIGN))
    return Site(inventory=inventory, plan=site.plan.model_copy(update={"limits": limits}))


def alarm(number: int, subject: str) -> tuple[Alarm, tuple[str, ...]]:
    made = Alarm(
        number, AlarmType.LAMP_FAILURE, Severity.WARNING, Scope.LUMINAIRE, subject,
        NIGHT, NIGHT, None, None, 1, 1, 1, "",
    )  # fmt: skip
    return made, (subject,)


def test_every_route_about_one_thing_has_one_at_home_and_one_abroad() -> None:
    """A new route has to be written into one of the tables above."""
    known = set(NAMED) | set(WHOLE_CITYS) | NOBODYS
    for key, _ in routes():
        permission = PERMISSIONS[key]
        is_about_one = "{" in key[1] or (key[0] != "GET" and permission.where is Where.TOUCHED)
        assert not is_about_one or key in known, key
    assert known <= {key for key, _ in routes()}
    assert {PERMISSIONS[key].where for key in WHOLE_CITYS} == {Where.CITY}


@asynccontextmanager
async def two_district_house(folder: Path) -> AsyncIterator[ConsoleHouse]:
    alarms = alarm(1, "a1"), alarm(2, "b1")
    async with a_console(
        folder, two_districts(), alarms=alarms, restart=lambda: None, has_book=True
    ) as house:
        approvals = house.here.people.approvals

        async def nothing(_: Caller, body: Mapping[str, Any]) -> Mapping[str, Any]:
            return body

        approvals.carries_out("nothing", Right.EDIT, nothing)
        somebody = Caller("somebody", "", (Grant(Role.PLANNER),))
        for zone in NUMBERS:
            words = f"of {zone}"
            await approvals.ask(somebody, "nothing", {}, summary=words, reasons=[], zones=[zone])
            order = NewWorkOrder(words, None, (), zone, "", "")
            await house.here.work_orders.make(order, "li")
            house.here.store.work().add_rollout(rollout(zone, house.control.site))
        await house.here.imports.read(somebody, LAMPS, Reading())
        yield house


def rollout(zone: str, site: Site) -> RolloutRow:
    """One of the zone's district that changes nothing; only the foreign one runs."""
    return RolloutRow(
        number=0,
        state="running" if zone == FOREIGN else "done",
        base=1,
        plan=zlib.compress(site.plan.model_dump_json().encode()),
        stages=json.dumps([[DISTRICTS[zone]]]),
        reached=int(zone == HOME),
        revision=1,
        comment=f"of {zone}",
        author="li",
        started_at=NIGHT,
        changed_at=NIGHT,
    )


def expected(
    key: tuple[str, str], permission: Permission, grant: Grant, zone: str, way: str
) -> set[int] | None:
    """Answers that the table allows; None: whatever lets in."""
    if permission.right is None:
        return {403} if way == "token" and key in BY_SESSION_ONLY else None
    if permission.right not in RIGHTS[grant.role]:
        return {403}
    is_city = grant.place is Place.CITY
    if permission.where is Where.CITY:
        return None if is_city else {403}
    if key in NAMED and not is_city and zone == FOREIGN:
        if permission.where is Where.SEEN:
            return {404}
        return {422} if key == ("POST", "/work-orders") else {403, 404}  # it names no such zone
    return None


async def ask(client: httpx.AsyncClient, key: tuple[str, str], zone: str) -> httpx.Response:
    method, path = key
    if key in NAMED:
        path, body = NAMED[key](zone)
    elif key in WHOLE_CITYS:
        path, body = WHOLE_CITYS[key]
    elif key == ("POST", "/inventory/imports"):
        return await client.post(f"{BASE}{path}", files={"file": ("lamps.csv", LAMPS)})
    else:
        path, body = re.sub(r"\{[^}]*\}", "1", path), BODIES.get(key, {})
    headers = {"If-Match": "*"} if method not in {"GET", "HEAD"} else {}
    return await client.request(
        method, f"{BASE}{path}", json=body if method != "GET" else None, headers=headers
    )


@pytest.mark.parametrize("place", [Place.CITY, Place.DISTRICT, Place.ZONE])
@pytest.mark.parametrize("role", list(Role))
async def test_every_route_by_role_place_and_way(tmp_path: Path, role: Role, place: Place) -> None:
    ids = {Place.CITY: None, Place.DISTRICT: "d", Place.ZONE: HOME}
    grant = Grant(role, place, ids[place])
    keys = [key for key, _ in routes() if key != ("GET", "/events")]  # a stream without end
    keys = [key for key in keys if PERMISSIONS[key].where is not Where.ANYBODY]
    async with two_district_house(tmp_path) as house:
        session = await house.client(grant)
        model = {"role": role.value, "scope": {"kind": place.value, "id": ids[place]}}
        made = await session.post(f"{BASE}/tokens", json={"name": "t", "grants": [model]})
        token = house.stranger()
        token.headers["Authorization"] = f"Bearer {made.json()['token']}"
        ways = {"token": token, "session": session}
        wrong = []
        for key in sorted(keys, key=lambda one: one in LAST):
            for zone in (FOREIGN, HOME) if key in NAMED else (HOME,):
                for way, client in ways.items():
                    answer = await ask(client, key, zone)
                    allowed = expected(key, PERMISSIONS[key], grant, zone, way)
                    is_right = (
                        answer.status_code in allowed
                        if allowed is not None
                        else answer.status_code not in {401, 403} and answer.status_code < 500
                    )
                    if allowed is None and key in NAMED and key[0] == "GET":
                        is_right = answer.status_code == 200
                    if not is_right:
                        wrong.append((key, zone, way, answer.status_code, allowed, answer.text))
        assert wrong == []


async def test_every_route_is_shut_without_a_session_or_token(tmp_path: Path) -> None:
    async with two_district_house(tmp_path) as house:
        for key, _ in routes():
            if PERMISSIONS[key].where is not Where.ANYBODY:
                answer = await ask(house.stranger(), key, HOME)
                assert answer.status_code == 401, key


async def test_lists_hold_nothing_foreign(tmp_path: Path) -> None:
    """What is foreign is not named anywhere in what may be seen."""
    async with two_district_house(tmp_path) as house:
        client = await house.client(Grant(Role.VIEWER, Place.DISTRICT, "d"))
        for key, _ in routes():
            permission = PERMISSIONS[key]
            if permission == Permission(Right.VIEW, Where.SEEN, is_action=False) and (
                key[0] == "GET" and "{" not in key[1] and key[1] not in {"/events", "/revisions"}
            ):
                answer = await client.get(f"{BASE}{key[1]}")
                for foreign in FOREIGN_WORDS:
                    assert foreign not in answer.text, key
                assert not re.search(r'"zones?":\s*(\[[^]]*)?"b"', answer.text), key


async def test_no_question_brings_out_what_is_foreign(tmp_path: Path) -> None:
    """Filters and parameters that name a foreign place find nothing there."""
    foreign = {"zone": FOREIGN, "district": "e", "alarm": "2", "q": "b1", "category": "local"}
    async with two_district_house(tmp_path) as house:
        client = await house.client(Grant(Role.VIEWER, Place.DISTRICT, "d"))
        asked = 0
        for path, methods in house.app.openapi()["paths"].items():
            parameters = methods.get("get", {}).get("parameters", [])
            for name in {one["name"] for one in parameters if one["in"] == "query"} & set(foreign):
                answer = await client.get(path, params={name: foreign[name], "period": "2026"})
                asked += 1
                if answer.status_code not in {403, 404}:
                    assert answer.status_code == 200, (path, name)
                    assert name == "category" or answer.json()["items"] == [], (path, name)
                    assert not any(word in answer.text for word in FOREIGN_WORDS), (path, name)
        assert asked >= 8


async def test_every_refusal_and_every_action_leaves_a_line(tmp_path: Path) -> None:
    async with two_district_house(tmp_path) as house:
        audit = house.here.people.audit
        viewer = await house.client(Grant(Role.VIEWER, Place.ZONE, HOME))
        admin = await house.client()
        before = audit.count()
        refused = [key for key, _ in routes() if PERMISSIONS[key].right not in {None, Right.VIEW}]
        for key in refused:
            assert (await ask(viewer, key, HOME)).status_code == 403, key
        lines = audit.newest(None, audit.count() - before)
        assert len(lines) == len(refused)
        assert {(row.actor, row.outcome) for row in lines} == {("user1", "refused")}
        for key, _ in sorted(routes(), key=lambda one: one[0] in LAST):
            if not PERMISSIONS[key].is_action or key in {
                ("POST", "/edits"),
                ("POST", "/overrides"),
            }:
                continue  # of which NAMED has dry runs
            before = audit.count()
            answer = await ask(admin, key, HOME)
            if answer.is_success:
                assert audit.count() > before, key
        assert audit.verify().broken is None


async def test_refusals_without_end_do_not_fill_the_disk(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = house.stranger()
        for _ in range(150):
            assert (await client.delete(f"{BASE}/session")).status_code == 401
        lines = house.here.people.audit.newest(None, 1000)
        assert len(lines) == 100
        assert "not kept for ten minutes" in lines[0].detail


async def test_dry_runs_and_drafts_are_no_actions(tmp_path: Path) -> None:
    async with two_district_house(tmp_path) as house:
        admin = await house.client()
        before = house.here.people.audit.count()
        for key in (
            ("POST", "/zones/{zone_id}/nights"),
            ("POST", "/edits"),
            ("POST", "/overrides"),
        ):
            assert (await ask(admin, key, HOME)).status_code == 200, key
        assert house.here.people.audit.count() == before
