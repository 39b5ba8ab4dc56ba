"""People whom the city's own directory vouches for."""

import base64
import hashlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from controller.adapters.oidc import OidcProvider
from controller.config import OidcSettings
from controller.service.people import Grant, Role
from controller.service.people.caller import local_caller
from tests.fakes.console_house import ConsoleHouse, a_console

ISSUER = "http://127.0.0.1:9999"
BACK = "http://127.0.0.1:8080/api/v1/oidc/callback"
API = "/api/v1"
SETTINGS = OidcSettings(issuer=ISSUER, redirect_url=BACK, client_id="lamps", name="City ID")


class City:
    """A provider, as the specification has it; its answers can be bent."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.signs_with = self.key
        self.claims: dict[str, Any] = {"preferred_username": "bob"}
        self.issuer = ISSUER
        self.codes: dict[str, tuple[str, str]] = {}
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._about),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
            ]
        )

    def agree(self, url: str) -> dict[str, str]:
        """What the browser brings back when its user has signed in there."""
        asked = {key: value[0] for key, value in parse_qs(urlsplit(url).query).items()}
        assert asked["redirect_uri"] == BACK
        assert asked["code_challenge_method"] == "S256"
        self.codes["c1"] = asked["code_challenge"], asked["nonce"]
        return {"state": asked["state"], "code": "c1"}

    async def _about(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{ISSUER}/authorize",
                "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/keys",
            }
        )

    async def _keys(self, _: Request) -> Response:
        key = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
        return JSONResponse({"keys": [{**key, "kid": "k1", "use": "sig", "alg": "ES256"}]})

    async def _token(self, request: Request) -> Response:
        form = {key: value[0] for key, value in parse_qs((await request.body()).decode()).items()}
        challenge, nonce = self.codes.pop(form.get("code", ""), ("", ""))
        made = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(made).decode().rstrip("=") != challenge:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": "lamps",
            "sub": "42",
            "iat": now,
            "exp": now + 60,
            "nonce": nonce,
            **self.claims,
        }
        token = jwt.encode(claims, self.signs_with, "ES256", headers={"kid": "k1"})
        return JSONResponse({"id_token": token, "token_type": "Bearer"})


@asynccontextmanager
async def a_house(folder: Path, city: City) -> AsyncIterator[ConsoleHouse]:
    """A console whose settings name the provider; it knows bob."""
    async with a_console(folder) as house:
        house.here.sign_in = OidcProvider(SETTINGS, httpx.ASGITransport(app=city.app))
        await house.here.people.directory.invite(
            local_caller("root"), "bob", "Bob", [Grant(Role.OPERATOR)]
        )
        yield house


async def came_back(house: ConsoleHouse, city: City) -> tuple[httpx.AsyncClient, httpx.Response]:
    """A browser that went to the provider and came back."""
    browser = house.stranger()
    begun = await browser.get(f"{API}/oidc/start")
    assert begun.status_code == 303
    back = city.agree(begun.headers["location"])
    return browser, await browser.get(f"{API}/oidc/callback", params=back)


async def test_whoever_is_vouched_for_comes_in(tmp_path: Path) -> None:
    city = City()
    async with a_house(tmp_path, city) as house:
        told = (await house.stranger().get(f"{API}/oidc")).json()
        browser, answer = await came_back(house, city)
        who = (await browser.get(f"{API}/session")).json()
        log = [
            (row.actor, row.action, row.outcome) for row in house.here.people.audit.newest(None, 1)
        ]
    assert told == {"name": "City ID", "start": f"{API}/oidc/start"}
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (who["user"]["id"], who["rights"]) == (
        "bob",
        ["view", "override", "acknowledge", "work"],
    )
    assert log == [("bob", "enter by provider", "done")]


@pytest.mark.parametrize(
    "claims",
    [
        {"preferred_username": "stranger"},
        {"preferred_username": ""},
        {"preferred_username": ["bob"]},
        {"aud": "another client"},
        {"iss": "http://127.0.0.1:6666"},
        {"nonce": "of another sign-in"},
        {"exp": 1, "iat": 0},
    ],
)
async def test_whoever_is_not_vouched_for_stays_out(tmp_path: Path, claims: dict[str, Any]) -> None:
    city = City()
    city.claims |= claims
    async with a_house(tmp_path, city) as house:
        browser, answer = await came_back(house, city)
        assert answer.status_code == 401
        assert (await browser.get(f"{API}/session")).status_code == 401
        (row,) = house.here.people.audit.newest(None, 1)
    assert (row.action, row.outcome) == ("enter by provider", "refused")


async def test_another_key_and_another_issuer_are_not_believed(tmp_path: Path) -> None:
    city = City()
    city.signs_with = ec.generate_private_key(ec.SECP256R1())
    async with a_house(tmp_path, city) as house:
        _, answer = await came_back(house, city)
        assert answer.status_code == 401
        city.issuer = "http://127.0.0.1:6666"
        assert (await house.stranger().get(f"{API}/oidc/start")).status_code == 503


async def test_the_way_back_is_for_the_same_browser_once(tmp_path: Path) -> None:
    city = City()
    async with a_house(tmp_path, city) as house:
        browser = house.stranger()
        begun = await browser.get(f"{API}/oidc/start")
        back = city.agree(begun.headers["location"])
        foreign = await house.stranger().get(f"{API}/oidc/callback", params=back)
        again = await browser.get(f"{API}/oidc/callback", params=back)
        bare = await browser.get(f"{API}/oidc/callback")
    assert [one.status_code for one in (foreign, again, bare)] == [401, 401, 401]


async def test_a_disabled_user_stays_out(tmp_path: Path) -> None:
    city = City()
    async with a_house(tmp_path, city) as house:
        machine = local_caller("root")
        await house.here.people.directory.invite(machine, "ada", "", [Grant(Role.ADMIN)])
        await house.here.people.directory.change_user(machine, "bob", is_disabled=True)
        _, answer = await came_back(house, city)
    assert answer.status_code == 401


async def test_without_a_provider_there_is_none(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        assert (await house.stranger().get(f"{API}/oidc")).status_code == 204
        for path in ("/start", "/callback"):
            assert (await house.stranger().get(f"{API}/oidc{path}")).status_code == 404


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"issuer": "https://id.example"}, "needs redirect_url"),
        ({"issuer": "http://id.example", "redirect_url": BACK}, "https://, or http:// on this"),
        ({"issuer": ISSUER, "redirect_url": "http://console.example"}, "https://, or http://"),
    ],
)
def test_settings_say_what_is_missing(words: dict[str, str], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        OidcSettings(**words)


async def test_who_comes_back_again_and_again_with_nothing_waits(tmp_path: Path) -> None:
    async with a_house(tmp_path, City()) as house:
        stranger = house.stranger()
        back = {"state": "made-up", "code": "c"}
        found = [
            (await stranger.get(f"{API}/oidc/callback", params=back)).status_code for _ in range(40)
        ]
        assert found == [401] * 30 + [429] * 10
        assert len(house.here.people.audit.newest(None, 1000)) <= 40
        assert house.doors.requests.problems["too-many-requests"] == 10
        assert house.here.people.directory.logins.results["provider", "refused"] == 30
