"""Requests, logins, refusals, sessions, streams and the audit log: what is counted, and how."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from controller.errors import StoreError
from controller.service.people import Grant, Place, Role
from controller.service.people.audit_watch import look
from controller.web.access import OPEN
from controller.web.api.app import BASE
from controller.web.api.permissions import PERMISSIONS
from controller.web.page import Beside
from controller.web.requests import OTHER, Counted, Requests
from tests.fakes.console_house import ConsoleHouse, a_console
from tests.fakes.scraped import ask, series


async def page(house: ConsoleHouse) -> dict[str, float]:
    """What a scrape of the service shows."""
    beside = Beside(doors=house.doors)
    return series((await ask(house.control, "/metrics", OPEN, {}, beside)).text)


def requests(route: str, method: str, code_class: str) -> str:
    return of("http_requests_total", route=BASE + route, method=method, code_class=code_class)


def of(name: str, **labels: str) -> str:
    return f"streetlight_{name}{{" + ",".join(f'{k}="{v}"' for k, v in sorted(labels.items())) + "}"


@asynccontextmanager
async def what_grew(house: ConsoleHouse) -> AsyncIterator[dict[str, float]]:
    """Series that are not as they were, and by how much; filled at the end."""
    before, grown = await page(house), dict[str, float]()
    yield grown
    for name, value in (await page(house)).items():
        if value != before.get(name, 0):
            grown[name] = value - before.get(name, 0)


async def test_requests_are_counted_by_template_method_and_class(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client()
        async with what_grew(house) as grown:
            for zone in ("a", "b", "nowhere", "../../etc/passwd"):
                await client.get(f"{BASE}/zones/{zone}/nights")
            await client.get(f"{BASE}/tonight")
            await client.put(f"{BASE}/tonight", json={})
    assert grown[requests("/zones/{zone_id}/nights", "GET", "2xx")] == 2
    assert grown[requests("/zones/{zone_id}/nights", "GET", "4xx")] == 1
    assert grown[requests("/tonight", "GET", "2xx")] == 1
    took = f'streetlight_http_request_duration_seconds_count{{route="{BASE}/tonight"}}'
    assert grown[took] >= 1
    assert grown[of("http_problems_total", problem="not-found")] == 1
    assert grown[of("http_problems_total", problem="method-not-allowed")] == 1


async def test_labels_are_bounded_whatever_is_asked(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        stranger = house.stranger()
        await stranger.get("/")
        before = len(await page(house))
        for number in range(50):
            await stranger.get(f"/{number}")
            await stranger.get(f"{BASE}/{number}")
            await stranger.request(f"MAKE{number}", f"{BASE}/tonight")
            await stranger.request(f"MAKE{number}", f"/x{number}")
        assert len(await page(house)) <= before + 4
    assert house.doors.requests.answered[OTHER, "GET", "4xx"] == 100


async def test_every_route_has_its_series_before_anybody_asked(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        found = await page(house)
    for method, path in PERMISSIONS:
        for code_class in ("2xx", "4xx", "5xx"):
            assert found[requests(path, method, code_class)] == 0


async def test_refusals_are_counted_by_the_right_that_lacked(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        viewer = await house.client(Grant(Role.VIEWER, Place.ZONE, "a"))
        async with what_grew(house) as grown:
            await viewer.get(f"{BASE}/audit")
            await viewer.get(f"{BASE}/users")
            await viewer.post(f"{BASE}/overrides", json={})
            await viewer.post(f"{BASE}/tokens", json={}, headers={"X-CSRF-Token": "no"})
            await house.stranger().get(f"{BASE}/tonight")
            await house.stranger().get(f"{BASE}/tonight", headers={"Authorization": "Bearer x"})
    for right in ("audit", "admin", "override"):
        assert grown[of("authorization_denials_total", right=right)] == 1
    assert grown[of("http_problems_total", problem="forbidden")] == 3
    assert grown[of("http_problems_total", problem="csrf")] == 1
    assert grown[of("http_problems_total", problem="not-logged-in")] == 2
    assert grown[of("audit_lines_total", outcome="refused")] == 4


async def test_guesses_and_the_waits_they_bring_are_counted(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        stranger = house.stranger()
        async with what_grew(house) as grown:
            for _ in range(8):
                body = {"user": "eve", "password": "guess"}
                await stranger.post(f"{BASE}/session", json=body)
            for _ in range(30):
                await stranger.post(f"{BASE}/session", json={"link": "guess"})
    assert grown[of("logins_total", way="password", result="refused")] == 5
    assert grown[of("logins_total", way="password", result="waits")] == 3
    assert grown[of("logins_total", way="link", result="refused")] == 25
    assert grown[of("login_lockouts_total", of="user")] == 1
    assert grown[of("login_lockouts_total", of="address")] == 1


async def test_who_is_in_is_counted_until_the_session_ends(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        async with what_grew(house) as grown:
            one, _ = await house.client(), await house.client()
        assert grown["streetlight_sessions_active"] == 2
        assert grown[of("logins_total", way="link", result="ok")] == 2
        async with what_grew(house) as grown:
            await one.delete(f"{BASE}/session")
        assert grown["streetlight_sessions_active"] == -1
        house.here.store.close()
        assert "streetlight_sessions_active" not in await page(house)


async def test_a_line_that_cannot_be_written_is_counted(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client()
        house.here.store.close()
        async with what_grew(house) as grown:
            answer = await client.get(f"{BASE}/audit")
        assert answer.status_code == 503
    assert grown[of("http_problems_total", problem="store")] == 1
    assert not [name for name in grown if "audit_lines" in name]


async def test_a_log_that_was_cut_or_changed_shows(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        audit = house.here.people.audit
        await house.client()
        look(audit)
        found = await page(house)
        assert found["streetlight_audit_chain_valid"] == 1
        assert found["streetlight_audit_last_check_timestamp_seconds"] == audit.now()
        assert found["streetlight_audit_last_line_timestamp_seconds"] == audit.now()
        head = tmp_path / "audit-head"
        head.write_text(head.read_text().replace(str(audit.count()), str(audit.count() + 3), 1))
        async with what_grew(house) as grown:
            look(audit)
            await house.client()
        assert grown["streetlight_audit_chain_valid"] == -1
        assert grown[of("audit_failures_total", what="cut")] == 1


async def test_a_fault_is_counted_though_it_is_answered_further_out() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise StoreError("no disk")

    counts = Requests()
    app = Counted(broken, requests=counts)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://test"
    ) as client:
        with pytest.raises(StoreError, match="no disk"):
            await client.get("/x")
    assert counts.answered[OTHER, "GET", "5xx"] == 1
    assert counts.problems["internal"] == 1
