"""Every operation of the API asks who is there, and shows no more than may be seen."""

import re
from pathlib import Path

import pytest

from controller.service.people import Grant, Place, Role
from controller.web.api.app import routed_app
from controller.web.api.openapi import OPEN, description
from tests.fakes.console_house import a_console

PATHS = description(routed_app())["paths"]
OPERATIONS = sorted((method, path) for path, methods in PATHS.items() for method in methods)


def filled(path: str) -> str:
    """A path with something in place of its parameters."""
    return re.sub(r"\{[^}]*\}", "1", path)


async def test_a_stranger_is_let_into_nothing_but_the_entrance(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = house.stranger()
        for method, path in OPERATIONS:
            answer = await client.request(method, filled(path))
            if (path, method) in OPEN:
                # It asks what it needs, or says that nobody vouches for people here.
                assert answer.status_code in (204, 404, 422), (method, path)
            else:
                assert answer.status_code == 401, (method, path)
                assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_made_up_cookie_or_token_is_no_better(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        for headers in (
            {"Cookie": "lamplighter=made-up"},
            {"Authorization": "Bearer made-up"},
            {"Authorization": "Bearer "},
            {"Authorization": "Basic eDp5"},
        ):
            answer = await house.stranger().get("/api/v1/tonight", headers=headers)
            assert answer.status_code == 401, headers


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_operation_is_described_with_its_refusals(method: str, path: str) -> None:
    operation = PATHS[path][method]
    assert operation.get("description") or operation.get("summary")
    answers = operation["responses"]
    assert {"401", "403", "429", "500", "503"} <= answers.keys()
    if "{" in path:
        assert "404" in answers
    for status, answer in answers.items():
        if int(status) >= 400:
            assert "application/problem+json" in answer.get("content", {}), (path, status)


async def test_a_viewer_of_nothing_left_sees_an_empty_city(tmp_path: Path) -> None:
    """A grant of a zone that is not in the inventory any more."""
    async with a_console(tmp_path) as house:
        client = await house.client(Grant(Role.VIEWER, Place.ZONE, "gone"))
        city = (await client.get("/api/v1/city")).json()
        tonight = (await client.get("/api/v1/tonight")).json()
        states = await client.get("/api/v1/map/states")
        luminaires = (await client.get("/api/v1/luminaires")).json()
    assert (city["zones"], city["districts"], city["luminaires"]) == ([], [], 0)
    assert (tonight["city"]["luminaires"], tonight["city"]["lit_rate"]) == (0, None)
    assert len(states.content) == 12
    assert luminaires == {"items": [], "next": None, "total": 0}


async def test_one_changes_the_own_name_and_language_and_nothing_else(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client(Grant(Role.VIEWER, Place.ZONE, "a"))
        before = (await client.get("/api/v1/session")).json()
        changed = await client.patch("/api/v1/session", json={"name": " 李工 ", "language": "zh"})
        assert changed.status_code == 200
        after = before | {"user": before["user"] | {"name": "李工", "language": "zh"}}
        assert changed.json() == after
        assert (await client.get("/api/v1/session")).json() == after
        bodies: list[dict[str, object]] = [
            {"language": "fr"}, {"name": ""}, {"grants": []}, {"id": "root"},
        ]  # fmt: skip
        for wrong in bodies:
            refused = await client.patch("/api/v1/session", json=wrong)
            assert refused.status_code == 422, wrong
        assert (await client.get("/api/v1/session")).json() == after
