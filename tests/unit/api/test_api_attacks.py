"""What attackers do with a browser and a wordlist: fixed sessions, forged requests, guessing."""

from pathlib import Path

import httpx
import pytest

from controller.service.people import Grant, Role
from controller.service.people.caller import local_caller
from controller.service.people.passwords import LONGEST
from controller.web.api.app import BASE
from controller.web.api.guard import STRANGERS_BODY
from controller.web.api.problems import MEDIA_TYPE
from tests.fakes.console_house import ConsoleHouse, a_console

WORD = "a long and dull password"
MACHINE = local_caller("test")


async def with_password(house: ConsoleHouse, user: str = "ada") -> None:
    """A user who has chosen a password."""
    link = await house.here.people.directory.invite(MACHINE, user, "", [Grant(Role.ADMIN)])
    client = house.stranger()
    entered = await client.post(f"{BASE}/session", json={"link": link.secret})
    client.headers["X-CSRF-Token"] = entered.json()["csrf"]
    chosen = await client.post(f"{BASE}/session/password", json={"new": WORD})
    assert chosen.status_code == 204, chosen.text


async def log_in(client: httpx.AsyncClient, user: str, word: str) -> httpx.Response:
    return await client.post(f"{BASE}/session", json={"user": user, "password": word})


@pytest.mark.parametrize("is_secure", [False, True])
async def test_the_cookie_is_out_of_reach(tmp_path: Path, *, is_secure: bool) -> None:
    async with a_console(tmp_path, is_secure=is_secure) as house:
        link = await house.here.people.directory.invite(MACHINE, "ada", "", [Grant(Role.ADMIN)])
        entered = await house.stranger().post(f"{BASE}/session", json={"link": link.secret})
        (cookie,) = entered.headers.get_list("set-cookie")
        name, *flags = [part.strip().lower() for part in cookie.split(";")]
    assert name.startswith("__host-lamplighter=" if is_secure else "lamplighter=")
    assert {"httponly", "samesite=strict", "path=/"} <= set(flags)
    assert ("secure" in flags) == is_secure
    assert not any(flag.startswith("domain") for flag in flags)
    assert entered.headers["cache-control"] == "no-store"


async def test_a_cookie_that_was_planted_is_not_taken_up(tmp_path: Path) -> None:
    """Session fixation: what the attacker knows before is worth nothing after."""
    async with a_console(tmp_path) as house:
        await with_password(house)
        client = house.stranger()
        client.cookies.set("lamplighter", "planted-by-the-attacker", domain="test")
        assert (await log_in(client, "ada", WORD)).status_code == 200
        attacker = house.stranger()
        attacker.cookies.set("lamplighter", "planted-by-the-attacker", domain="test")
        assert (await attacker.get(f"{BASE}/session")).status_code == 401


async def test_the_session_before_ends_with_a_new_login(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        await with_password(house)
        client = house.stranger()
        before = (await log_in(client, "ada", WORD)).cookies["lamplighter"]
        after = (await log_in(client, "ada", WORD)).cookies["lamplighter"]
        assert before != after
        thief = house.stranger()
        thief.cookies.set("lamplighter", before, domain="test")
        assert (await thief.get(f"{BASE}/session")).status_code == 401


async def test_what_another_site_makes_a_browser_send_is_refused(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client()
        token = client.headers["X-CSRF-Token"]
        path = f"{BASE}/users/nobody/link"
        for headers in (
            {"X-CSRF-Token": ""},
            {"X-CSRF-Token": token[:-1]},
            {"X-CSRF-Token": token.upper()},
            {"X-CSRF-Token": token, "Sec-Fetch-Site": "cross-site"},
            {"X-CSRF-Token": token, "Sec-Fetch-Site": "same-site"},
            {"X-CSRF-Token": token, "Origin": "https://evil.example"},
            {"X-CSRF-Token": token, "Origin": "null"},
        ):
            answer = await client.post(path, headers=headers)
            assert answer.status_code == 403, headers
            assert answer.json()["type"] == "urn:lamplighter:problem:csrf", headers
        odd = await client.post(path, headers={b"X-CSRF-Token": "街灯".encode()})
        assert odd.status_code == 403
        for headers in (
            {"Sec-Fetch-Site": "same-origin", "Origin": "http://test"},
            {"Origin": "http://test"},
            {},
        ):
            assert (await client.post(path, headers=headers)).status_code == 404, headers


async def test_nobody_is_logged_in_as_the_attacker(tmp_path: Path) -> None:
    """Login CSRF, by a form that another site sends, or by its script."""
    async with a_console(tmp_path) as house:
        await with_password(house)
        body = f'{{"user": "ada", "password": "{WORD}"}}'
        for headers in (
            {"Content-Type": "text/plain"},
            {"Content-Type": "application/x-www-form-urlencoded"},
            {"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"},
            {"Content-Type": "application/json", "Origin": "https://evil.example"},
        ):
            answer = await house.stranger().post(f"{BASE}/session", content=body, headers=headers)
            assert answer.status_code in {403, 415, 422}, headers
            assert "set-cookie" not in answer.headers


async def test_a_token_needs_no_csrf_and_a_cookie_beside_it_does_not_count(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client()
        wrong = {"Authorization": "Bearer made-up"}
        assert (await client.get(f"{BASE}/session", headers=wrong)).status_code == 401


async def test_guessing_is_told_to_wait(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        await with_password(house)
        strangers = house.stranger()
        found = [(await log_in(strangers, "eve", "guess")).status_code for _ in range(8)]
        assert found == [401] * 5 + [429] * 3
        answer = await log_in(strangers, "eve", "guess")
        assert answer.headers["content-type"] == MEDIA_TYPE
        assert int(answer.headers["retry-after"]) >= 1
        for number in range(40):
            answer = await log_in(strangers, f"name{number}", "guess")
        assert answer.status_code == 429  # the address, whatever the name


async def test_who_there_is_cannot_be_told_from_the_answer(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        await with_password(house)
        known = await log_in(house.stranger(), "ada", "guess")
        unknown = await log_in(house.stranger(), "nobody", "guess")
        assert known.status_code == unknown.status_code == 401
        assert known.text == unknown.text


@pytest.mark.parametrize(
    "word", ["", "x" * (LONGEST + 1), "x" * 1_000_000, "\x00" * 20, "街灯" * 40]
)
async def test_odd_passwords_are_answered_for(tmp_path: Path, word: str) -> None:
    async with a_console(tmp_path) as house:
        answer = await log_in(house.stranger(), "ada", word)
        assert answer.status_code in ({413} if len(word) > STRANGERS_BODY else {401, 422})


async def test_secrets_are_in_no_list_and_no_line(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        await with_password(house)
        client = house.stranger()
        entered = await log_in(client, "ada", WORD)
        client.headers["X-CSRF-Token"] = entered.json()["csrf"]
        grants = [{"role": "viewer", "scope": {"kind": "city"}}]
        made = await client.post(f"{BASE}/tokens", json={"name": "t", "grants": grants})
        link = await client.post(f"{BASE}/users", json={"id": "bob", "grants": grants})
        secrets = [
            WORD,
            made.json()["token"],
            link.json()["link"],
            entered.cookies["lamplighter"],
            entered.json()["csrf"],
        ]
        for path in ("/users", "/tokens", "/sessions", "/audit?limit=1000", "/approvals"):
            text = (await client.get(f"{BASE}{path}")).text
            for secret in secrets:
                assert secret not in text, path
