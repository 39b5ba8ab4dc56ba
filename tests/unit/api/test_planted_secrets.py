"""Secrets in every place where people put them by mistake: none comes out again anywhere."""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from controller.adapters.oidc import OidcProvider
from controller.config import OidcSettings
from controller.service.people import Grant, Role
from controller.service.people.caller import local_caller
from controller.web.access import Access
from controller.web.api.app import BASE
from controller.web.page import Beside
from tests.fakes.console_house import ConsoleHouse, a_console
from tests.fakes.scraped import ask

MACHINE: Final = local_caller("test")
WORD: Final = "pl4nted-pa55word-of-ada"
NEW_WORD: Final = "pl4nted-new-pa55word"
SCRAPE: Final = "pl4nted-scrape-t0ken"
CLIENT: Final = "pl4nted-0idc-client-secret"
KEY: Final = "-----BEGIN PRIVATE KEY-----\npl4ntedKeyOfTheConsole\n-----END PRIVATE KEY-----"


@dataclass
class Planted:
    """A house with secrets, and all that it said that is not the handing out of one."""

    house: ConsoleHouse
    client: httpx.AsyncClient
    """Ada, who is in."""
    secrets: dict[str, str]
    said: list[str]

    async def send(self, method: str, path: str, **what: Any) -> int:
        """A request whose answer hands out nothing; cookies and headers may be replaced."""
        client = what.pop("client", self.client)
        answer = await client.request(method, f"{BASE}{path}", **what)
        self.said += [answer.text, str(answer.headers)]
        return int(answer.status_code)

    def leaks(self) -> list[tuple[str, str]]:
        """What secret stands where."""
        return [
            (name, text[:300])
            for name, secret in self.secrets.items()
            for text in self.said
            if secret in text or json.dumps(secret)[1:-1] in text
        ]


@asynccontextmanager
async def planted(folder: Path) -> AsyncIterator[Planted]:
    async with a_console(folder) as house:
        file = folder / "client.secret"
        file.write_text(CLIENT)
        settings = OidcSettings(
            issuer="https://id.example",
            redirect_url="https://console.example/api/v1/oidc/callback",
            client_secret_file=file,
        )
        refusing = httpx.MockTransport(lambda request: httpx.Response(500, content=request.content))
        house.here.sign_in = OidcProvider(settings, refusing)
        directory = house.here.people.directory
        link = await directory.invite(MACHINE, "ada", "", [Grant(Role.ADMIN)])
        client = house.stranger()
        entered = await client.post(f"{BASE}/session", json={"link": link.secret})
        client.headers["X-CSRF-Token"] = entered.json()["csrf"]
        chosen = await client.post(f"{BASE}/session/password", json={"new": WORD})
        assert chosen.status_code == 204
        grants = [{"role": "admin", "scope": {"kind": "city"}}]
        token = await client.post(f"{BASE}/tokens", json={"name": "t", "grants": grants})
        other = await directory.new_link(MACHINE, "ada")
        secrets = {
            "used link": link.secret,
            "link": other.secret,
            "cookie": entered.cookies["lamplighter"],
            "csrf": entered.json()["csrf"],
            "token": token.json()["token"],
            "password": WORD,
            "new password": NEW_WORD,
            "scrape token": SCRAPE,
            "client secret": CLIENT,
            "private key": KEY,
        }
        yield Planted(house, client, secrets, [])


def wrong_bodies(secret: str) -> Iterator[tuple[str, str, Any]]:
    """A secret at each place of the bodies that take one, and of some that take none."""
    yield "POST", "/session", {"user": secret, "password": secret}
    yield "POST", "/session", {"user": secret * 50, "password": secret * 50, "link": secret * 50}
    yield "POST", "/session", {"user": [secret], "password": {"was": secret}, "link": 7}
    yield "POST", "/session", {"user": "ada", "password": "x", "old": secret}
    yield "POST", "/session", [secret]
    yield "POST", "/session", secret
    yield "POST", "/setup", {"link": secret, "user": "ada", "password": secret[:11]}
    yield "POST", "/setup", {"link": {"is": secret}, "password": secret}
    yield "POST", "/session/password", {"old": [secret], "new": secret[:3]}
    yield "POST", "/session/password", {"old": secret, "new": secret * 20}
    yield "POST", "/session/password", {"old": secret, "new": secret, "repeated": secret}
    yield "POST", "/session/password", {"old": secret + "x", "new": secret + "y"}


async def test_a_secret_that_was_sent_is_not_said_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with planted(tmp_path) as here:
        house = here.house
        strangers = house.stranger()
        for secret in here.secrets.values():
            for method, path, body in wrong_bodies(secret):
                status = await here.send(method, path, json=body)
                assert status in {401, 403, 409, 422, 429}, (path, body)
            safe = "".join(secret.split())
            bearer = {"Authorization": f"Bearer {safe}x"}
            await here.send("GET", "/tonight", client=strangers, headers=bearer)
            await here.send("GET", "/tonight", client=strangers, headers={"Cookie": f"l={safe}"})
            await here.send("DELETE", "/session", headers={"X-CSRF-Token": f"{safe}x"})
            await here.send(
                "GET", "/oidc/callback", client=strangers, params={"state": safe, "code": safe}
            )
            await here.send("GET", "/oidc/callback", params={"state": safe * 20, "code": safe * 99})
            await here.send("POST", "/session", content=f'{{"password": "{safe}"')
            scraped = await ask(
                house.control,
                "/metrics",
                Access(SCRAPE.encode()),
                {},
                Beside(doors=house.doors),
                authorization=f"Bearer {safe}x",
            )
            here.said.append(scraped.text)
        await here.send("GET", "/oidc/start", client=strangers)
        here.said += await told(house)
        here.said += logged(caplog)
        assert here.leaks() == []


async def test_a_secret_in_an_address_is_not_kept(tmp_path: Path) -> None:
    """Somebody ends a session by its cookie in place of its key."""
    async with planted(tmp_path) as here:
        for secret in (here.secrets["cookie"], here.secrets["token"], here.secrets["link"]):
            for path in ("/sessions", "/tokens", "/users", "/no/such"):
                assert await here.send("DELETE", f"{path}/{secret}") == 404
                await here.send("GET", f"{path}/{secret}")
        here.said = await told(here.house)
        assert here.leaks() == []
        assert any("DELETE /sessions/" in line for line in here.said)


async def test_a_fault_and_its_log_name_no_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with planted(tmp_path) as here:
        here.house.here.store.close()
        bearer = {"Authorization": f"Bearer {here.secrets['token']}"}
        assert await here.send("GET", "/users", headers=bearer) in {500, 503}
        body = {"user": "ada", "password": WORD}
        assert await here.send("POST", "/session", json=body) in {500, 503}
        link = {"link": here.secrets["link"]}
        assert await here.send("POST", "/session", json=link) in {500, 503}
        here.said += logged(caplog)
        assert here.leaks() == []


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the service logged, without what this test's own client did."""
    form = logging.Formatter()
    return [form.format(one) for one in caplog.records if not one.name.startswith("httpx")]


async def told(house: ConsoleHouse) -> list[str]:
    """All that the service shows or keeps of what happened."""
    page = await ask(house.control, "/metrics", Access(), {}, Beside(doors=house.doors))
    lines = [str(row) for row in house.here.people.audit.oldest()]
    return [page.text, json.dumps(house.app.openapi()), *lines]
