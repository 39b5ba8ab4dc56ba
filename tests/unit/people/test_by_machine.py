"""Users by whoever may enter the data folder, and what the audit log says of the local socket."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher

from controller.adapters.clock import MachineClock
from controller.adapters.sqlite import SqliteStore
from controller.errors import ConfigurationError, NoSuchPerson
from controller.service.actions import Actions
from controller.service.control import Control
from controller.service.people import Grant, People, Place, Role, local_caller
from controller.service.people.by_machine import act_on_user
from controller.service.people.passwords import Passwords
from controller.web.actions import actions_app
from tests.contract.memory_bus import MemoryBroker, MemoryBus
from tests.fakes.small_city import small_inventory, small_site

ROOT = local_caller("root")
CONSOLE = "https://lamps.example:8080"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore(tmp_path) as made:
        made.save_site(small_site(), author="li", comment="first")
        yield made


@pytest.fixture
def people(store: SqliteStore) -> People:
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    return People.of(store.people(), lambda: 1_800_000_000.0, small_inventory, quick)


@pytest.fixture
def socket(store: SqliteStore, people: People) -> httpx.AsyncClient:
    """The local control socket's far end."""
    control = Control(small_site(), MemoryBus(MemoryBroker()), store, MachineClock())
    app = actions_app(Actions(control, store, None), people, CONSOLE)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://service")


def told(people: People) -> list[tuple[str, str, str, str, str]]:
    """Actor, way, action, subject and outcome, the oldest first."""
    return [
        (row.actor, row.via, row.action, row.subject, row.outcome) for row in people.audit.oldest()
    ]


async def test_a_life_of_a_user(people: People) -> None:
    async def act(action: str, *grants: str) -> dict[str, object]:
        return await act_on_user(people, ROOT, action, "wang", "王芳", grants)

    first = await act("invite", "planner@district:d")
    entered = await people.directory.enter(str(first["link"]), "")
    assert entered.caller.grants == (Grant(Role.PLANNER, Place.DISTRICT, "d"),)
    assert await act("grant", "viewer") == {}
    assert await act("log-out") == {"ended": 1}
    await act("disable")
    assert await people.directory.present("wang") is None
    await act("enable")
    again = await act("link")
    await people.directory.enter(str(again["link"]), "")


async def test_what_cannot_be_is_refused_and_told(people: People) -> None:
    for action, user, grants, words in (
        ("invite", "wang", ["boss"], "roles are viewer"),
        ("invite", "wang", ["viewer@zone:nope"], "there is no zone 'nope'; there are a, b"),
        ("invite", "wang", [], "at least one role"),
        ("dance", "wang", [], "nothing that is done with users"),
    ):
        with pytest.raises(ConfigurationError, match=words):
            await act_on_user(people, ROOT, action, user, None, grants)
    with pytest.raises(NoSuchPerson):
        await act_on_user(people, ROOT, "disable", "wang", None, [])
    assert [line[2:] for line in told(people)] == [
        ("invite user", "wang", "refused"),
        ("invite user", "wang", "refused"),
        ("invite user", "wang", "refused"),
        ("dance user", "wang", "refused"),
        ("disable user", "wang", "refused"),
    ]


async def test_the_socket_invites(people: People, socket: httpx.AsyncClient) -> None:
    body = {"author": "root", "user": "wang", "name": "", "grants": ["admin"]}
    answer = await socket.post("/users/invite", json=body)
    assert answer.json()["console"] == CONSOLE
    assert answer.json()["link"]
    gone = await socket.post("/users/link", json={"author": "root", "user": "nobody"})
    assert (gone.status_code, gone.json()["kind"]) == (404, "NoSuchPerson")


async def test_every_action_of_the_socket_is_told(
    people: People, socket: httpx.AsyncClient
) -> None:
    asked = {"author": "li", "base": 1, "comment": "secret plans"}
    for path, body, status in (
        ("/documents", asked | {"base": 7}, 409),
        ("/rollback", asked | {"number": 99}, 404),
        ("/alarms/5/acknowledge", {"author": "li"}, 404),
        ("/clock/accept", {"author": "li"}, 200),
    ):
        answer = await socket.post(path, json=body)
        assert answer.status_code == status, (path, answer.text)
    assert told(people) == [
        ("li", "local", "edit", "", "refused"),
        ("li", "local", "roll back", "99", "refused"),
        ("li", "local", "acknowledge alarm", "5", "refused"),
        ("li", "local", "accept clock", "", "done"),
    ]
