"""Who is told what by a stream of events, and when it ends for those who may not read any more."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from controller.service.people import Grant, Place, Role
from controller.service.people.caller import local_caller
from controller.web.api.app import BASE
from controller.web.api.events import Events
from tests.fakes.console_house import ConsoleHouse, a_console

MACHINE: Final = local_caller("test")
IN_A: Final = Grant(Role.VIEWER, Place.ZONE, "a")
IN_B: Final = Grant(Role.VIEWER, Place.ZONE, "b")


class Stream:
    """A client's stream, over the whole app."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        request = client.build_request("GET", f"{BASE}/events")
        self.scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": f"{BASE}/events",
            "raw_path": f"{BASE}/events".encode(),
            "query_string": b"",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "client": ("127.0.0.1", 1),
            "server": ("test", 80),
        }
        self.body = b""
        self.status = 0
        self.has_begun = asyncio.Event()
        self._has_news = asyncio.Event()
        self.is_left = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.is_left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.body += message["body"]
            self.has_begun.set()
            self._has_news.set()

    async def until(self, part: bytes) -> None:
        """Wait until it was told."""
        while part not in self.body:
            self._has_news.clear()
            await self._has_news.wait()


@asynccontextmanager
async def streaming(house: ConsoleHouse, client: httpx.AsyncClient) -> AsyncIterator[Stream]:
    """A stream that is open; at the end it must have ended by itself."""
    stream = Stream(client)
    task = asyncio.create_task(house.app(stream.scope, stream.receive, stream.send))
    await stream.has_begun.wait()
    yield stream
    try:
        await asyncio.wait_for(task, 10)
    finally:
        stream.is_left.set()


async def told(house: ConsoleHouse) -> None:
    """Something to tell everybody."""
    events: Events = house.app.state.events
    await events.look()
    for reader in events._readers:
        reader.put("tonight", b"event: tonight\ndata: after\n\n")


async def disable(house: ConsoleHouse, _: httpx.AsyncClient) -> None:
    await house.here.people.directory.change_user(MACHINE, "user1", is_disabled=True)


async def delete(house: ConsoleHouse, _: httpx.AsyncClient) -> None:
    await house.here.people.directory.delete_user(MACHINE, "user1")


async def log_out(_: ConsoleHouse, client: httpx.AsyncClient) -> None:
    assert (await client.delete(f"{BASE}/session")).status_code == 204


async def log_out_by_machine(house: ConsoleHouse, _: httpx.AsyncClient) -> None:
    await house.here.people.passes.end_all(MACHINE, "user1")


async def move(house: ConsoleHouse, _: httpx.AsyncClient) -> None:
    await house.here.people.directory.change_user(MACHINE, "user1", grants=[IN_B])


@pytest.mark.parametrize("end", [disable, delete, log_out, log_out_by_machine, move])
async def test_nothing_more_is_told_to_who_may_not_read_it_any_more(
    tmp_path: Path, end: Callable[[ConsoleHouse, httpx.AsyncClient], Awaitable[None]]
) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client(IN_A)
        async with streaming(house, client) as stream:
            await end(house, client)
            await told(house)
        assert stream.status == 200
        assert b"after" not in stream.body
        assert house.doors.streams.open == 0
        assert house.doors.streams.ended["shut_out"] == 1


async def test_others_streams_go_on(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        one, other = await house.client(IN_A), await house.client(IN_A)
        async with streaming(house, other) as stays:
            async with streaming(house, one) as ends:
                await log_out(house, one)
                await told(house)
            await stays.until(b"after")
            assert b"after" not in ends.body
            assert house.doors.streams.open == 1
            stays.is_left.set()
        assert house.doors.streams.ended["left"] == 1


async def test_streams_of_two_districts_hold_nothing_of_each_other(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        clients = {"a": await house.client(IN_A), "b": await house.client(IN_B)}
        for zone, client in clients.items():
            foreign = ({"a", "b"} - {zone}).pop()
            async with streaming(house, client) as stream:
                events: Events = house.app.state.events
                await events.look()
                await stream.until(b"event: tonight")
                stream.is_left.set()
            assert f'"id":"{zone}"'.encode() in stream.body
            assert f'"id":"{foreign}"'.encode() not in stream.body
            assert f'"{foreign}1"'.encode() not in stream.body
