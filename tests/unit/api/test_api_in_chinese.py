"""A Chinese reader is told nothing in English: every refusal, every sentence of the service."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from controller.engine.alarm_types import AlarmType, Scope, Severity
from controller.ports.alarms import Alarm
from controller.service.people import Grant, Place, Role
from schedules import Layer, Limit, Site, Window, parse_anchor
from tests.fakes.console_house import NIGHT, a_console
from tests.fakes.small_city import small_site
from zones.said import Said

API = "/api/v1"
ZH = "zh-CN,zh;q=0.9,en;q=0.8"
NAMES: Final = frozenset({"name", "name_en", "comment", "source", "author", "headings"})
"""What people or files called something themselves."""
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”")
_WORDS = re.compile(r"[A-Za-z]{2,}(?: [a-z]{2,}){2,}")


def english(found: object, where: str = "") -> Iterator[str]:
    """Every sentence of an answer that is English: three words and more, and none Chinese."""
    if isinstance(found, Mapping):
        for name, value in found.items():
            if name not in NAMES:
                yield from english(value, f"{where}.{name}")
    elif isinstance(found, list):
        for value in found:
            yield from english(value, f"{where}[]")
    elif isinstance(found, str) and _WORDS.search(_QUOTED.sub("", found)):
        yield f"{where}: {found}"


def refusal(answer: httpx.Response, status: int) -> list[str]:
    """What is English in a refusal, whose sentences must all be Chinese."""
    assert answer.status_code == status, f"{answer.request.url} {answer.text}"
    body = answer.json()
    plain = [body["title"], body["detail"], *(one["detail"] for one in body["errors"])]
    not_chinese = [one for one in plain if one and not re.search(r"[\u4e00-\u9fff]", one)]
    return [f"{answer.request.method} {answer.request.url}: {one}" for one in not_chinese] + [
        f"{answer.request.method} {answer.request.url} {one}" for one in english(body)
    ]


def the_site() -> Site:
    """The small city, lit from sunset to sunrise, with a floor in zone ``b``."""
    site = small_site()
    window = Window(on=parse_anchor("sunset"), off=parse_anchor("sunrise"))
    programs = tuple(one.model_copy(update={"window": window}) for one in site.plan.programs)
    limit = Limit(layer=Layer.ZONE, target="b", floor=40)
    plan = site.plan.model_copy(update={"programs": programs, "limits": (limit,)})
    return Site(inventory=site.inventory, plan=plan)


Call = tuple[str, str, Any]


async def told(client: httpx.AsyncClient, calls: Sequence[Call], status: int) -> list[str]:
    """What of the answers to some calls is English."""
    found = []
    for method, path, body in calls:
        answer = await client.request(
            method, f"{API}{path}", json=body, headers={"If-Match": '"r1"'}
        )
        if status < 400:
            assert answer.status_code in {status, 200, 202}, f"{path} {answer.text}"
            found += [f"{path}: {one}" for one in english(answer.json())]
        else:
            found += refusal(answer, status)
    return found


def put(kind: str, **document: Any) -> dict[str, Any]:
    return {"put": [{"kind": kind, "document": document}]}


PROGRAM: Final = {
    "id": "night",
    "name": "night",
    "window": {"on": "sunset", "off": "sunrise"},
    "steps": [{"at": "23:00", "level": 50}],
}
BAND: Final = {"price_per_kwh": 1.0, "hours": ["22:00-07:00"]}
TARIFF: Final = {
    "id": "t",
    "name": "t",
    "selector": {"city": True},
    "valid_from": "2026-01-01",
    "currency": "CNY",
    "price_per_kwh": 0.5,
}


def drafts() -> Iterator[dict[str, Any]]:
    """Drafts that are wrong, each in its own way."""
    yield put("programs", **{**PROGRAM, "steps": [{"at": "23:00", "level": 20}]})
    yield put("programs", **{**PROGRAM, "steps": [{"at": "23:00"}]})
    yield put("programs", **{**PROGRAM, "steps": [{"at": "23:00", "lighting_class": "X"}]})
    yield put("programs", **{**PROGRAM, "steps": [{"at": "23:00", "level": 120}]})
    for anchor in ("noon", "sunset+1x", "25:00", "sunset not_before 05:00 not_after 20:00"):
        yield put("programs", **{**PROGRAM, "window": {"on": anchor, "off": "sunrise"}})
    yield put("programs", **{**PROGRAM, "window": {"on": "sunset", "off": "sunset"}})
    yield put("programs", id="night")
    yield put("programs", **PROGRAM, colour="red")
    yield put("calendars", id="all", name="all", default="nowhere")
    yield put("assignments", layer="zone", target="nowhere", calendar="all")
    yield put("assignments", layer="zone", target="a", calendar="nowhere")
    yield put("limits", layer="zone", target="a")
    yield put("limits", layer="zone", target="a", floor=60, ceiling=50)
    yield put("lamp_types", id="led", name="x", technology="candle", rated_power_w=-1)
    yield put("overrides", id="x")
    yield {"delete": [{"kind": "programs", "id": "nowhere"}]}
    yield {"delete": [{"kind": "programs", "id": "night"}]}
    yield put("tariffs", **TARIFF, bands=[{**BAND, "name": "x"}, {**BAND, "name": "y"}])
    yield put("tariffs", **TARIFF, bands=[{**BAND, "name": "x", "hours": ["22-7"]}])
    yield put("targets", id="t", name="t", year=2026)
    holiday = {"kind": "holiday", "country": "CN", "name": "Nobody's day"}
    yield put("calendars", id="c", name="c", default="night", rules=[
        {"name": "r", "program": "night", "when": [holiday]}
    ])  # fmt: skip
    yield put("calendars", id="c", name="c", default="night", rules=[
        {"name": "r", "program": "night", "when": [{"kind": "blue_moon"}]}
    ])  # fmt: skip
    yield put("rules", id="r", sensor="s", reading="lux", above=1, below=0, action="set", level=0)


async def test_faults_of_drafts_are_told_in_chinese(tmp_path: Path) -> None:
    async with a_console(tmp_path, the_site()) as house:
        client = await house.client(language=ZH)
        found = await told(client, [("POST", "/edits", one) for one in drafts()], 422)
        dry = [("POST", "/edits?dry_run=true", one) for one in drafts()]
        found += await told(client, dry, 200)
    assert not found


async def test_why_a_second_person_is_asked_is_told_in_chinese(tmp_path: Path) -> None:
    async with a_console(tmp_path, the_site(), most_luminaires=1) as house:
        client = await house.client(language=ZH)
        dark = {**PROGRAM, "window": {"on": "23:00", "off": "01:00"}}
        lower = {**put("limits", layer="zone", target="b", floor=10), "comment": "降低"}
        unproved = {**put("programs", **dark), "unproved_because": "试验"}
        night = {"selector": {"zones": ["b"]}, "end_at": "2026-03-20T18:00:00Z", "reason": "抢修"}
        below = {**night, "level": 10, "kind": "maintenance"}
        stages = {"edit": {**put("programs", **{**PROGRAM, "base_level": 90})}, "stages": [["d"]]}
        found = await told(client, [("POST", "/edits?dry_run=true", put("programs", **dark))], 200)
        found += await told(client, [("POST", "/edits", put("programs", **dark))], 422)
        asked = [
            ("POST", "/edits", lower),
            ("POST", "/edits", unproved),
            ("POST", "/overrides?dry_run=true", below),
            ("POST", "/overrides", below),
            ("POST", "/rollouts", stages),
        ]
        found += await told(client, asked, 202)
        found += await told(client, [("GET", "/approvals", None)], 200)
        found += await told(client, [("POST", "/approvals/1/approve", {})], 409)
        found += await told(client, [("POST", "/approvals/1/reject", {})], 200)
        found += await told(client, [("POST", "/approvals/1/reject", {})], 409)
        listed = (await client.get(f"{API}/approvals")).json()["items"]
        reader = await house.client(language="en")
        first = (await reader.get(f"{API}/approvals")).json()["items"][-1]
    assert not found
    assert all(re.search(r"[\u4e00-\u9fff]", "".join(one["reasons"])) for one in listed)
    assert first["reasons"] == [
        "it lowers the floor of b",
        "it concerns 2 luminaires, more than 1",
    ]


async def test_refusals_are_told_in_chinese(tmp_path: Path) -> None:
    night = {"selector": {"zones": ["b"]}, "end_at": "2026-03-20T18:00:00Z", "reason": "抢修"}
    async with a_console(tmp_path, the_site()) as house:
        client = await house.client(language=ZH)
        missing: list[Call] = [
            *(("GET", f"/{one}/999", None) for one in (
                "alarms", "work-orders", "rollouts", "revisions", "inventory/imports",
            )),
            ("GET", "/luminaires/nobody", None),
            ("GET", "/documents/programs/nothing", None),
            ("GET", "/documents/nothing", None),
            ("GET", "/zones/nowhere/nights", None),
            ("GET", "/nowhere", None),
            ("DELETE", "/sessions/nothing", None),
            ("DELETE", "/tokens/nothing", None),
            ("PATCH", "/users/nobody", {}),
            ("POST", "/approvals/999/approve", {}),
            ("POST", "/alarms/999/acknowledge", {"note": ""}),
        ]  # fmt: skip
        wrong: list[Call] = [
            ("GET", "/luminaires?limit=5000&state=asleep", None),
            ("GET", "/luminaires?after=nobody", None),
            ("GET", "/zones/a/nights?from=1700-01-01&to=1700-01-02", None),
            ("GET", "/zones/a/year?year=soon", None),
            ("GET", "/energy?period=soon", None),
            ("POST", "/overrides", {**night, "kind": "operator"}),
            ("POST", "/overrides", {**night, "kind": "operator", "level": 50, "program": "night"}),
            ("POST", "/overrides", {**night, "kind": "operator", "program": "nothing"}),
            ("POST", "/overrides", {**night, "kind": "operator", "level": 50, "selector": {}}),
            ("POST", "/overrides", {**night, "kind": "event", "level": 5,
                                    "end_at": "2020-01-01T00:00:00Z"}),
            ("POST", "/overrides", {**night, "kind": "operator", "level": 50,
                                    "selector": {"zones": ["nowhere"]}}),
            ("POST", "/overrides/nothing/end", {}),
            ("POST", "/work-orders", {"title": " ", "zone": "nowhere", "luminaires": ["nobody"],
                                      "alarm": 999}),
            ("POST", "/users", {"id": "A B", "name": "x", "grants": [{"role": "viewer",
                                "scope": {"kind": "city", "id": None}}]}),
            ("POST", "/users", {"id": "user1", "name": "x", "grants": [{"role": "viewer",
                                "scope": {"kind": "city", "id": None}}]}),
            ("POST", "/users", {"id": "wang", "name": "x", "grants": [{"role": "viewer",
                                "scope": {"kind": "zone", "id": "nowhere"}}]}),
            ("POST", "/users", {"id": "wang", "name": "x", "grants": []}),
            ("PATCH", "/users/user1", {"is_disabled": True}),
            ("POST", "/session/password", {"old": "", "new": "short"}),
            ("POST", "/session/password", {"old": "", "new": "aaaaaaaaaaaaaaaa"}),
            ("POST", "/tokens", {"name": "x", "days": 0.00001, "grants": [{"role": "viewer",
                                 "scope": {"kind": "city", "id": None}}]}),
            ("POST", "/rollouts", {"edit": put("programs", **PROGRAM),
                                   "stages": [["x", "d", "d"]]}),
            ("POST", "/rollouts", {"edit": put("tariffs", **TARIFF), "stages": [["d"]]}),
            ("POST", "/rollouts", {"edit": {}, "stages": []}),
        ]  # fmt: skip
        found = await told(client, missing, 404)
        found += await told(client, wrong, 422)
        found += await told(client, [("PUT", "/tonight", {})], 405)
        viewer = await house.client(Grant(Role.VIEWER, Place.ZONE, "a"), language=ZH)
        found += await told(
            viewer,
            [
                ("POST", "/edits", {}),
                ("POST", "/overrides", {**night, "kind": "operator", "level": 50}),
                ("GET", "/audit", None),
                ("GET", "/users", None),
                ("GET", "/energy?period=2026", None),
            ],
            403,
        )
        planner = await house.client(Grant(Role.PLANNER, Place.ZONE, "a"), language=ZH)
        found += await told(planner, [("POST", "/edits", put("programs", **PROGRAM))], 200)
        changed = put("programs", **{**PROGRAM, "base_level": 90})
        found += await told(planner, [("POST", "/edits", changed)], 403)
        stranger = house.stranger(language=ZH)
        found += await told(stranger, [("GET", "/tonight", None)], 401)
        found += await told(stranger, [("POST", "/session", {"user": "x", "password": "y"})], 401)
    assert not found


async def test_what_was_changed_meanwhile_is_told_in_chinese(tmp_path: Path) -> None:
    alarm = Alarm(
        id=1,
        type=AlarmType.LAMP_FAILURE,
        severity=Severity.WARNING,
        scope=Scope.LUMINAIRE,
        subject="a1",
        began_at=NIGHT - 600.0,
        raised_at=NIGHT - 300.0,
        cleared_at=None,
        ending=None,
        affected=1,
        worst=1,
        total=1,
        detail=Said("the loop was late", "控制循环迟了"),
    )
    async with a_console(tmp_path, the_site(), alarms=[(alarm, ("a1",))]) as house:
        client = await house.client(language=ZH)
        shown = (await client.get(f"{API}/alarms")).json()["items"][0]
        found = await told(client, [("POST", "/alarms/1/acknowledge", {"note": ""})], 200)
        found += await told(client, [("POST", "/alarms/1/acknowledge", {"note": ""})], 409)
        found += await told(client, [("POST", "/work-orders", {"title": "换灯", "zone": "a"})], 201)
        found += await told(client, [("PATCH", "/work-orders/1", {"state": "done"})], 412)
        order = f"{API}/work-orders/1"
        assert (await client.patch(order, json={"state": "done"})).status_code == 200
        found += refusal(await client.patch(order, json={"state": "cancelled"}), 409)
        stages = {"edit": put("programs", **{**PROGRAM, "base_level": 90}), "stages": [["d"]]}
        found += await told(client, [("POST", "/rollouts", stages)], 201)
        found += await told(client, [("POST", "/rollouts/1/advance", {})], 409)
        found += await told(client, [("POST", "/edits", put("programs", **PROGRAM))], 412)
        found += await told(client, [("POST", "/revisions/1/rollback", {})], 412)
        override = {"selector": {"zones": ["a"]}, "kind": "operator", "level": 60,
                    "end_at": "2026-03-20T18:00:00Z", "reason": "抢修"}  # fmt: skip
        found += await told(client, [("POST", "/overrides", override)], 200)
        revisions = (await client.get(f"{API}/revisions")).json()["items"]
        comments = [one["comment"] for one in revisions]
        here = [one.comment for one in house.here.store.revisions()]
        plain = await client.post(f"{API}/edits", json=put("programs", **PROGRAM))
        found += refusal(plain, 428)
    assert not found
    assert shown["detail"] == "控制循环迟了"
    assert comments[0].startswith("临时控制 ")
    assert comments[1] == "推行 1，第 1 阶段，共 1 阶段"
    assert here[-2] == "rollout 1, stage 1 of 1"


async def test_pages_are_told_in_chinese(tmp_path: Path) -> None:
    async with a_console(tmp_path, the_site()) as house:
        client = await house.client(language=ZH)
        pages = ("tonight", "luminaires/a1", "zones/a/nights", "alarms", "city", "overrides")
        found = await told(client, [("GET", f"/{one}", None) for one in pages], 200)
        health = (await client.get(f"{API}/tonight")).json()
    assert not found
    for part in ("clock", "broker", "store", "programs"):
        assert re.search(r"[\u4e00-\u9fff]", health[part]["detail"]), part


FILES: Final = {
    "id,longitude,latitude,wattage\nN1,116.4,39.9,100\nN1,116.4,39.9,100\nN2,x,39.9,100\n"
    "N3,116.4,39.9,-5\nN4,116.4,39.9,1-2\nN5,0,0,100\nN6,12.0,39.9,100\nN7,39.9,116.4,100,9\n": 201,
    'id,longitude,latitude,lamps\nN1,116.4,39.9,0\nN2,39.9,116.4,2\nN3,116.4,,2\n': 201,
    '{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": null}, '
    '{"type": "Feature", "properties": {"id": "x"}, '
    '"geometry": {"type": "Point", "coordinates": [116.4, 39.9]}}]}': 201,
    "id,longitude,latitude\nN1,450000,4420000\n": 422,
    "id,size\nN1,2\n": 201,
    "": 422,
    "PK\x03\x04": 422,
    "<html>": 422,
    "{": 422,
    '{"type": "Topology"}': 422,
}  # fmt: skip


async def test_what_is_found_in_files_is_told_in_chinese(tmp_path: Path) -> None:
    found = []
    async with a_console(tmp_path, the_site()) as house:
        client = await house.client(language=ZH)
        for text, status in FILES.items():
            for options in ({}, {"mode": "replace", "skips_rejected": True}):
                answer = await client.post(
                    f"{API}/inventory/imports",
                    data={"options": json.dumps(options)},
                    files={"file": ("lamps.csv", text.encode())},
                )
                assert answer.status_code == status, answer.text
                if status == 422:
                    found += refusal(answer, 422)
                    continue
                body = answer.json()
                found += english(body)
                rows = [*body["errors"], *body["corrections"]]
                assert all(re.search(r"[\u4e00-\u9fff]", one["detail"]) for one in rows)
    assert not found
