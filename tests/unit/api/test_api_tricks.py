"""What an attacker with an account found once, and what was tried beside it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from controller.service.people import Grant, Place, Role
from controller.web.api.app import BASE
from controller.web.api.guard import LARGEST_BODY, STRANGERS_BODY
from schedules import Layer, Limit, Site
from tests.fakes.console_house import a_console
from tests.fakes.small_city import small_site

HUGE: Final = "9" * 30
HALF: Final = "\\ud800"
"""Half of a pair, as JSON may write it: no text has a form in UTF-8 with it."""
JSON: Final = {"Content-Type": "application/json", "If-Match": "*"}


def override(**other: Any) -> dict[str, Any]:
    return {
        "selector": {"zones": ["a"]},
        "level": 80,
        "kind": "event",
        "end_at": "2026-03-20T13:00:00Z",
        "reason": "a fair",
        **other,
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"/approvals/{HUGE}/approve"),
        ("POST", f"/approvals/{HUGE}/reject"),
        ("POST", "/approvals/-1/reject"),
        ("GET", f"/audit?after={HUGE}"),
        ("GET", "/audit?after=٣"),
        ("GET", f"/work-orders?after={HUGE}"),
        ("POST", f"/revisions/{HUGE}/rollback"),
        ("POST", f"/alarms/{HUGE}/acknowledge"),
        ("POST", f"/rollouts/{HUGE}/abort"),
    ],
)
async def test_numbers_that_no_store_holds_are_none(tmp_path: Path, method: str, path: str) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client()
        answer = await client.request(method, f"{BASE}{path}", content="{}", headers=JSON)
    assert answer.status_code in {404, 422}, answer.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"end_at": "9999-12-31T23:59:59-12:00"},
        {"start_at": "0001-01-01T00:00:00+14:00"},
        {"end_at": "2200-01-01T00:00:00Z"},
    ],
)
async def test_an_override_of_another_age_is_refused_and_all_pages_go_on(
    tmp_path: Path, wrong: dict[str, str]
) -> None:
    """Once in force it would have kept everybody from tonight's page for ever."""
    async with a_console(tmp_path) as house:
        client = await house.client()
        answer = await client.post(f"{BASE}/overrides", json=override(**wrong))
        assert answer.status_code == 422
        (field,) = wrong
        assert f"{field} {wrong[field][:4]}" in answer.text
        for path in ("/overrides", "/tonight"):
            assert (await client.get(f"{BASE}{path}")).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/users", f'{{"id": "x", "name": "{HALF}", "grants": []}}'),
        ("/work-orders", f'{{"title": "{HALF}", "zone": "a"}}'),
        ("/overrides", f'{{"reason": "{HALF}"}}'),
        ("/session", f'{{"user": "{HALF}", "password": "{HALF}"}}'),
        ("/tokens", f'{{"name": "{HALF}", "grants": "{HALF}"}}'),
    ],
)
async def test_half_a_pair_is_refused_in_words(tmp_path: Path, path: str, body: str) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client()
        answer = await client.post(f"{BASE}{path}", content=body, headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["errors"]


@pytest.mark.parametrize("body", ["[" * 200_000, '{"put":' * 20_000, '{"put":' + "[" * 900])
async def test_what_is_nested_without_end_is_refused(tmp_path: Path, body: str) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client()
        answer = await client.post(f"{BASE}/edits?dry_run=true", content=body, headers=JSON)
    assert answer.status_code in {400, 422}


@pytest.mark.parametrize(
    "document",
    [
        {"kind": "limits", "document": {"layer": "zone", "target": "b", "floor": 1}},
        {"kind": "limits", "document": {"layer": "luminaire", "target": "b1", "floor": 1}},
        {"kind": "limits", "document": {"layer": "category", "target": "local", "floor": 1}},
        {"kind": "limits", "document": {"layer": "district", "target": "d", "floor": 1}},
        {"kind": "limits", "document": {"layer": "city", "target": "small", "floor": 1}},
        {
            "kind": "limits",
            "key": "zone.a",
            "document": {"layer": "zone", "target": "b", "floor": 1},
        },
    ],
)
async def test_nothing_is_planted_abroad_that_has_no_effect_yet(
    tmp_path: Path, document: dict[str, Any]
) -> None:
    """A floor below the one that holds changes no lamp today; it would, once that one goes."""
    site = small_site()
    limits = tuple(Limit(layer=Layer.ZONE, target=zone, floor=30) for zone in ("a", "b"))
    held = Site(inventory=site.inventory, plan=site.plan.model_copy(update={"limits": limits}))
    async with a_console(tmp_path, held) as house:
        planner = await house.client(Grant(Role.PLANNER, Place.ZONE, "a"))
        for ask in ("?dry_run=true", ""):
            answer = await planner.post(
                f"{BASE}/edits{ask}", json={"put": [document]}, headers={"If-Match": "*"}
            )
            assert answer.status_code == 403, answer.text
            assert "b" in answer.json()["zones"]
        own = {"kind": "limits", "document": {"layer": "luminaire", "target": "a1", "floor": 40}}
        weighed = await planner.post(
            f"{BASE}/edits?dry_run=true", json={"put": [own]}, headers={"If-Match": "*"}
        )
    assert weighed.status_code == 200, weighed.text


@pytest.mark.parametrize(
    "name", ["Ad\u202emin", "Demo\u200b", "De\u00admo", "\u3164", "\u115f", "\u2066x", "a\u2028b"]
)
async def test_a_name_holds_nothing_unseen(tmp_path: Path, name: str) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client()
        assert (await client.patch(f"{BASE}/session", json={"name": name})).status_code == 422
        assert (await client.patch(f"{BASE}/session", json={"name": "王芳 é"})).is_success


async def test_nobody_fills_the_store_with_tokens(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client(Grant(Role.VIEWER))
        grants = [{"role": "viewer", "scope": {"kind": "city"}}]
        made = [
            await client.post(f"{BASE}/tokens", json={"name": str(n), "grants": grants})
            for n in range(101)
        ]
        assert [one.status_code for one in made] == [201] * 100 + [422]
        key = made[0].json()["key"]
        assert (await client.delete(f"{BASE}/tokens/{key}")).is_success
        again = await client.post(f"{BASE}/tokens", json={"name": "t", "grants": grants})
        assert again.status_code == 201


async def sent_in_parts(client: httpx.AsyncClient, path: str, size: int) -> tuple[int, int]:
    """Status of a large body without a length, and how many of its bytes were taken."""
    taken = 0
    is_file = path == "/inventory/imports"
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'

    async def parts() -> AsyncIterator[bytes]:
        nonlocal taken
        if is_file:
            yield head
        while taken < size:
            taken += 65_536
            yield b" " * 65_536
        if is_file:
            yield b"\r\n--x--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=x"} if is_file else JSON
    answer = await client.post(f"{BASE}{path}", content=parts(), headers=headers)
    return answer.status_code, taken


@pytest.mark.parametrize("path", ["/inventory/imports", "/edits", "/session"])
async def test_strangers_bodies_are_small(tmp_path: Path, path: str) -> None:
    """A body is read before anybody is asked who he is."""
    async with a_console(tmp_path) as house:
        stranger = house.stranger()
        announced = await stranger.post(f"{BASE}{path}", content=b" " * 100_000, headers=JSON)
        assert announced.status_code == 413
        assert str(STRANGERS_BODY) in announced.text.replace(",", "")
        status, taken = await sent_in_parts(stranger, path, 8_000_000)
        assert status == 413
        assert taken < 8_000_000
        bad = house.stranger()
        bad.headers["Authorization"] = "Bearer made-up"
        assert (await sent_in_parts(bad, path, 200_000))[0] == 413


async def test_only_importers_send_files(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        viewer = await house.client(Grant(Role.VIEWER))
        status, _ = await sent_in_parts(viewer, "/inventory/imports", LARGEST_BODY + 65_536)
        assert status == 413
        importer = await house.client(Grant(Role.MAINTAINER))
        status, _ = await sent_in_parts(importer, "/inventory/imports", LARGEST_BODY + 65_536)
        assert status == 422
        status, _ = await sent_in_parts(viewer, "/edits", 1_000_000)
        assert status in {400, 403, 422}
