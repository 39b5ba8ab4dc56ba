"""Events: the newest of each kind, to those who may know, held up by nobody."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from controller.service.people import Grant, Place, Role
from controller.web.api.events import (
    EVENTS,
    MOST_EACH,
    MOST_READERS,
    Events,
    EventStream,
    Reader,
    View,
)
from controller.web.api.problems import Problem
from controller.web.api.sight import Sight
from schedules import Language, Site
from tests.fakes.console_house import ConsoleHouse, a_console

WHOLE = View(Sight(None), Language.ENGLISH)
A_ALONE = View(Sight(frozenset({"a"})), Language.ENGLISH)


def told(body: bytes) -> dict[str, Any]:
    """Events in a piece of the stream, by kind."""
    found = {}
    for block in body.decode().split("\n\n"):
        if block.startswith("event: "):
            head, data = block.split("\n", 1)
            kind = head.removeprefix("event: ")
            assert kind not in found, "one of a kind"
            found[kind] = json.loads(data.removeprefix("data: "))
    return found


async def test_a_new_reader_learns_at_once_how_things_stand(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        events: Events = house.app.state.events
        reader = events.enter(WHOLE)
        await events.look()
        first = told(await reader.take())
        late = events.enter(WHOLE)
        assert told(await late.take()) == first
    assert set(first) == set(EVENTS)
    assert first["tonight"]["city"]["luminaires"] == 4
    assert first["revision"] == {"revision": 1}


async def test_only_what_changed_is_told(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        events: Events = house.app.state.events
        reader = events.enter(WHOLE)
        await events.look()
        await reader.take()
        assert await waits(reader, events) == {}
        house.report(a1=100)
        house.here.states = type(house.here.states)(house.control, house.here.clock)
        assert set(await waits(reader, events)) == {"states"}


async def waits(reader: Reader, events: Events) -> dict[str, Any]:
    """What a look lets a reader know."""
    await events.look()
    reader.put("mark", b"")
    return told(await reader.take())


async def test_a_reader_who_never_reads_has_the_newest_of_each_kind_and_no_more(
    tmp_path: Path,
) -> None:
    async with a_console(tmp_path) as house:
        reader = Reader(WHOLE)
        for number in range(1000):
            for event in EVENTS:
                reader.put(event, b"event: %s\ndata: %d\n\n" % (event.encode(), number))
        body = await reader.take()
        assert told(body) == dict.fromkeys(EVENTS, 999)
        assert house.app.state.events.readers == 0


async def test_each_is_told_of_what_he_may_see(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        events: Events = house.app.state.events
        whole, part = events.enter(WHOLE), events.enter(A_ALONE)
        await events.look()
        pages = [told(await one.take())["tonight"] for one in (whole, part)]
    assert [page["city"]["luminaires"] for page in pages] == [4, 2]
    assert [zone["id"] for zone in pages[1]["zones"]] == ["a"]


async def test_new_documents_are_told(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        events: Events = house.app.state.events
        reader = events.enter(WHOLE)
        await events.look()
        await reader.take()
        await put_in_force(house)
        assert told(await look(reader, events))["revision"] == {"revision": 2}


async def look(reader: Reader, events: Events) -> bytes:
    await events.look()
    return await reader.take()


async def put_in_force(house: ConsoleHouse) -> None:
    """Other documents, saved and followed."""
    site = house.control.site
    other = Site(
        inventory=site.inventory,
        plan=site.plan.model_copy(update={"failsafe_level": 80.0}),
    )
    house.here.store.save_site(other, author="li", comment="80 %")
    await house.control.use_site(other)


async def test_there_is_a_limit_to_readers(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        events: Events = house.app.state.events
        for _ in range(MOST_READERS):
            events.enter(WHOLE)
        with pytest.raises(Problem) as refused:
            events.enter(WHOLE)
    assert refused.value.headers["Retry-After"]


async def test_one_user_does_not_take_all_streams(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        events: Events = house.app.state.events
        for _ in range(MOST_EACH):
            events.enter(WHOLE, "eve")
        with pytest.raises(Problem):
            events.enter(WHOLE, "eve")
        events.enter(WHOLE, "ada")
        assert events.readers == MOST_EACH + 1


class Line:
    """A client's connection: takes what is sent, or nothing at all."""

    def __init__(self, *, takes: bool = True) -> None:
        self.sent: list[bytes] = []
        self.is_left = asyncio.Event()
        self.has_events = asyncio.Event()
        self.is_ended = False
        self._takes = takes

    async def receive(self) -> dict[str, Any]:
        await self.is_left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.body":
            if not self._takes:
                await asyncio.Event().wait()
            self.sent.append(message["body"])
            self.is_ended = not message["more_body"]
            if message["body"].startswith(b"event: "):
                self.has_events.set()


async def always() -> bool:
    return True


@asynccontextmanager
async def streaming(
    events: Events, reader: Reader, line: Line
) -> AsyncIterator[asyncio.Task[None]]:
    stream = EventStream(events, reader, always)
    task = asyncio.create_task(stream({"type": "http"}, line.receive, line.send))
    yield task
    await asyncio.wait_for(task, 10)


async def test_a_client_that_leaves_is_forgotten_though_it_took_nothing(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        events: Events = house.app.state.events
        for takes in (True, False):
            line = Line(takes=takes)
            async with streaming(events, events.enter(WHOLE), line):
                await events.look()
                assert events.readers == 1
                line.is_left.set()
            assert events.readers == 0


async def test_the_end_of_the_service_ends_every_stream(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        events: Events = house.app.state.events
        line = Line()
        running = asyncio.create_task(events.run())
        async with streaming(events, events.enter(WHOLE), line):
            await line.has_events.wait()
            running.cancel()
            await asyncio.wait([running])
        assert line.is_ended
        assert set(told(b"".join(line.sent))) == set(EVENTS)


async def test_a_store_that_fails_ends_neither_the_events_nor_the_service(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_console(tmp_path) as house:
        house.here.store.close()
        house.here.actions._known = None
        events: Events = house.app.state.events
        events.enter(WHOLE)
        running = asyncio.create_task(events.run())
        while "events not told" not in caplog.text:  # noqa: ASYNC110  # a log tells nobody
            await asyncio.sleep(0.01)
        assert not running.done()
        running.cancel()
        await asyncio.wait([running])


async def test_a_stream_ends_when_its_reader_may_not_read_any_more(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    async with a_console(tmp_path) as house:
        events: Events = house.app.state.events
        line, reader = Line(), events.enter(WHOLE)
        reader.put("tonight", b"what is not told any more")
        stream = EventStream(events, reader, never, ask_every_s=0)
        await stream({"type": "http"}, line.receive, line.send)
        assert line.is_ended
        assert not any(b"any more" in body for body in line.sent)
        assert events.readers == 0


async def test_who_logged_out_gets_no_stream(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        client = await house.client(Grant(Role.VIEWER, Place.ZONE, "a"))
        assert (await client.delete("/api/v1/session")).status_code == 204
        answer = await client.get("/api/v1/events")
    assert answer.status_code == 401
