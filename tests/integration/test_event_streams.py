"""Streams of events over real connections: many readers, some of whom never read."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from starlette.requests import Request

from controller.errors import ConfigurationError
from controller.web.api.events import Events
from controller.web.connections import Bounds
from controller.web.server import Tls, bind, serve
from tests.fakes.console_house import ConsoleHouse, a_console

CERTIFICATES = Path(__file__).parent / "certificates"
READERS, DEAF = 40, 10
PADDING = b"x" * 100_000


class Answering:
    """The house's app on a port."""

    def __init__(self, house: ConsoleHouse, port: int) -> None:
        self.house = house
        self.port = port
        self.events: Events = house.app.state.events
        self.cookie = ""

    @asynccontextmanager
    async def stream(self) -> AsyncIterator[asyncio.StreamReader]:
        """A connection that asked for events."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**23)
        writer.write(
            b"GET /api/v1/events HTTP/1.1\r\nHost: here\r\n"
            b"Cookie: lamplighter=%s\r\n\r\n" % self.cookie.encode()
        )
        await writer.drain()
        try:
            yield reader
        finally:
            writer.close()

    async def has_readers(self, count: int) -> None:
        """Wait until so many read."""
        async with asyncio.timeout(30):
            while self.events.readers != count:  # noqa: ASYNC110  # nothing tells of it
                await asyncio.sleep(0.01)


@pytest_asyncio.fixture
async def answering(tmp_path: Path) -> AsyncIterator[Answering]:
    async with a_console(tmp_path) as house:
        listener = bind("127.0.0.1", 0)
        # Accepted connections inherit it: the kernel is not to swallow what nobody reads.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        found = Answering(house, listener.getsockname()[1])
        found.cookie = (await house.client()).cookies["lamplighter"]
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(serve(house.app, listener)),
                group.create_task(found.events.run()),
            ]
            yield found
            for task in tasks:
                task.cancel()


async def until(reader: asyncio.StreamReader, words: bytes) -> bytes:
    """Read on to the end of some words."""
    async with asyncio.timeout(30):
        return await reader.readuntil(words)


async def test_deaf_readers_hold_up_neither_the_others_nor_the_service(
    answering: Answering,
) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(DEAF):
            deaf = stack.enter_context(socket.create_connection(("127.0.0.1", answering.port)))
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.sendall(
                b"GET /api/v1/events HTTP/1.1\r\nHost: here\r\n"
                b"Cookie: lamplighter=%s\r\n\r\n" % answering.cookie.encode()
            )
        readers = [
            await stack.enter_async_context(answering.stream()) for _ in range(READERS - DEAF)
        ]
        await answering.has_readers(READERS)
        for reader in readers:
            assert b"200 OK" in await until(reader, b"\r\n\r\n")
            await until(reader, b"event: states\n")
        # More than any buffer on the way holds for one who does not read.
        for number in range(20):
            for one in answering.events._readers:
                one.put("tonight", b"event: tonight\ndata: %d\n: %s\n\n" % (number, PADDING))
            await asyncio.sleep(0.05)
        answering.house.report(a1=37)
        for reader in readers:
            await until(reader, b'"version":2}')
        waiting = [sum(map(len, one._waiting.values())) for one in answering.events._readers]
        assert sum(size > 0 for size in waiting) == DEAF, "the deaf took nothing more"
        assert max(waiting) < 2 * len(PADDING), "and only the newest waits for them"
        answering.house.control.engine.reconcile(answering.house.here.clock.now(), 1.0)
    await answering.has_readers(0)


async def test_the_end_of_the_service_ends_the_streams_in_order(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house:
        listener = bind("127.0.0.1", 0)
        found = Answering(house, listener.getsockname()[1])
        found.cookie = (await house.client()).cookies["lamplighter"]
        tasks = [
            asyncio.create_task(serve(house.app, listener)),
            asyncio.create_task(found.events.run()),
        ]
        async with found.stream() as reader:
            await until(reader, b"event: states\n")
            for task in tasks:
                task.cancel()
            async with asyncio.timeout(30):
                rest = await reader.read()
            await asyncio.wait(tasks)
        assert rest.endswith(b"0\r\n\r\n"), "the answer was brought to its end"


async def test_connections_are_bounded_and_may_not_stay_silent(tmp_path: Path) -> None:
    async with a_console(tmp_path) as house, AsyncExitStack() as stack:
        listener = bind("127.0.0.1", 0)
        bounds = Bounds(most=5, silent_s=2.0)
        task = asyncio.create_task(serve(house.app, listener, bounds=bounds))
        port = listener.getsockname()[1]

        async def connected() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            return reader, writer

        silent = [await connected() for _ in range(5)]
        one_more, _ = await connected()
        with suppress(ConnectionResetError):
            assert await asyncio.wait_for(one_more.read(), 30) == b""
        for reader, _ in silent:
            with suppress(ConnectionResetError):
                assert await asyncio.wait_for(reader.read(), 30) == b""
        reader, writer = await connected()
        writer.write(b"POST /api/v1/session HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\n{")
        with suppress(ConnectionResetError):
            assert await asyncio.wait_for(reader.read(), 30) == b"", "nor within a body"
        reader, writer = await connected()
        writer.write(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: here\r\n\r\n")
        assert b"200 OK" in await asyncio.wait_for(reader.readline(), 30)
        task.cancel()
        await asyncio.wait([task])


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
async def test_the_console_answers_by_its_own_tls(tmp_path: Path) -> None:
    tls = Tls(CERTIFICATES / "server.pem", CERTIFICATES / "server.key")
    trusted = ssl.create_default_context(cafile=CERTIFICATES / "ca.pem")
    async with a_console(tmp_path, is_secure=True) as house:
        listener = bind("127.0.0.1", 0)
        task = asyncio.create_task(serve(house.app, listener, tls))
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/api/v1/openapi.json"
        async with httpx.AsyncClient(verify=trusted) as client:
            answer = await client.get(url)
        old = ssl.create_default_context(cafile=CERTIFICATES / "ca.pem")
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            await asyncio.open_connection(*listener.getsockname(), ssl=old)
        task.cancel()
        await asyncio.wait([task])
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"]


@pytest.mark.parametrize("is_behind_proxy", [False, True])
async def test_where_a_request_comes_from_is_believed_of_a_proxy_alone(
    tmp_path: Path, is_behind_proxy: bool
) -> None:
    async with a_console(tmp_path) as house:
        seen: list[str] = []

        @house.app.get("/api/v1/whence")
        async def whence(request: Request) -> None:
            assert request.client is not None
            seen.append(request.client.host)

        listener = bind("127.0.0.1", 0)
        task = asyncio.create_task(serve(house.app, listener, is_behind_proxy=is_behind_proxy))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1/whence"
        async with httpx.AsyncClient() as client:
            await client.get(url, headers={"X-Forwarded-For": "10.1.2.3"})
        task.cancel()
        await asyncio.wait([task])
    assert seen == ["10.1.2.3" if is_behind_proxy else "127.0.0.1"]


@pytest.mark.parametrize("wrong", ["ca.pem", "README.md", "absent.pem"])
async def test_a_certificate_that_is_none_is_named(tmp_path: Path, wrong: str) -> None:
    async with a_console(tmp_path) as house:
        listener = bind("127.0.0.1", 0)
        with pytest.raises(ConfigurationError, match=wrong), listener:
            await serve(house.app, listener, Tls(CERTIFICATES / wrong, CERTIFICATES / "server.key"))


def test_a_taken_port_is_told_with_its_option() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=rf"127\.0\.0\.1:{port} \(--console\).*choose"):
            bind("127.0.0.1", port, "--console")
