"""The proxy between a plain echo server and plain sockets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from simulator.burst import publish_packet
from simulator.chaos import LinkFault, Proxy, Way
from simulator.chaos.packets import client_id_of
from simulator.chaos.proxy import BUFFER_BYTES
from simulator.chaos.run_proxy import ProxySteps
from simulator.chaos.steps import LinkStep

PATIENCE_S = 30


class Echo:
    """Says back what it hears; knows what it heard, and how its connections ended."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.opened = 0
        self.ended: list[str] = []
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Echo"]:
        async with asyncio.TaskGroup() as group:

            def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                self._writers.append(writer)
                group.create_task(self._serve(reader, writer), name="echo")

            server = await asyncio.start_server(accept, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            try:
                yield self
            finally:
                server.close()
                for writer in self._writers:
                    writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        try:
            while data := await reader.read(65_536):
                self.heard += data
                writer.write(data)
                await writer.drain()
            self.ended.append("end")
        except ConnectionError:
            self.ended.append("reset")
        writer.close()


class Client:
    """A connection to the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def hear(self, size: int) -> bytes:
        async with asyncio.timeout(PATIENCE_S):
            return await self.reader.readexactly(size)

    async def ending(self) -> str:
        """How the connection ends."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                while await self.reader.read(65_536):
                    pass
            except ConnectionError:
                return "reset"
            return "end"


@asynccontextmanager
async def through(echo: Echo, buffer_bytes: int = BUFFER_BYTES) -> AsyncIterator[Proxy]:
    async with Proxy("127.0.0.1", echo.port, buffer_bytes=buffer_bytes) as proxy:
        yield proxy


@asynccontextmanager
async def client_of(proxy: Proxy) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        yield Client(reader, writer)
    finally:
        writer.transport.abort()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - counts tell nobody that they changed
            await asyncio.sleep(0.005)


def connect_packet(client_id: str, version: int = 4) -> bytes:
    body = b"\x00\x04MQTT" + bytes([version]) + b"\x02\x00\x3c"
    if version == 5:
        body += b"\x05\x11\x00\x00\x00\x00"
    body += len(client_id).to_bytes(2) + client_id.encode()
    return bytes([0x10, len(body)]) + body


async def test_what_goes_in_comes_out_and_is_counted() -> None:
    async with Echo().running() as echo, through(echo) as proxy, client_of(proxy) as client:
        await client.say(b"lamp" * 1000)
        assert await client.hear(4000) == b"lamp" * 1000
        assert (proxy.counts.bytes_up, proxy.counts.bytes_down) == (4000, 4000)
        assert proxy.say()["connected"] == 1


async def test_the_end_of_a_stream_is_passed_on() -> None:
    async with Echo().running() as echo, through(echo) as proxy, client_of(proxy) as client:
        await client.say(b"last words")
        client.writer.write_eof()
        assert await client.ending() == "end"
        assert echo.ended == ["end"]
        await until(lambda: not proxy.clients)


@pytest.mark.parametrize("version", [4, 5])
async def test_a_client_goes_by_its_mqtt_name(version: int) -> None:
    async with Echo().running() as echo, through(echo) as proxy, client_of(proxy) as client:
        packet = connect_packet("street-7", version)
        await client.say(packet)
        await client.hear(len(packet))
        assert proxy.clients == ["street-7"]


@pytest.mark.parametrize(
    "data", [b"", b"\x10", b"\x10\xff\xff\xff\xff\x01", b"GET / HTTP/1.1", b"\x10\x03abc"]
)
def test_what_is_no_connect_packet_has_no_name(data: bytes) -> None:
    assert client_id_of(data) is None


async def test_late_bytes_keep_their_order() -> None:
    async with Echo().running() as echo, through(echo) as proxy, client_of(proxy) as client:
        proxy.put(LinkFault(latency_s=0.01, jitter_s=0.05))
        words = [f"{number:04}".encode() for number in range(50)]
        for word in words:
            await client.say(word)
            await asyncio.sleep(0)
        assert await client.hear(200) == b"".join(words)


async def test_a_slow_link_loses_nothing() -> None:
    async with (
        Echo().running() as echo,
        through(echo, buffer_bytes=1000) as proxy,
        client_of(proxy) as client,
    ):
        proxy.put(LinkFault(bytes_per_s=200_000))
        data = bytes(range(256)) * 160
        client.writer.write(data)
        assert await client.hear(len(data)) == data


async def test_held_bytes_come_when_the_fault_ends() -> None:
    async with Echo().running() as echo, through(echo) as proxy, client_of(proxy) as client:
        proxy.put(LinkFault(up=Way.HOLD))
        await client.say(b"wait")
        await until(lambda: proxy.counts.bytes_up == 4)
        assert not echo.heard
        proxy.heal()
        assert await client.hear(4) == b"wait"


async def test_half_open_swallows_one_direction_and_resets_at_its_end() -> None:
    async with Echo().running() as echo, through(echo) as proxy, client_of(proxy) as client:
        await client.say(b"before")
        await client.hear(6)
        proxy.put(LinkFault(down=Way.SWALLOW))
        await client.say(b"unheard")
        await until(lambda: proxy.counts.swallowed_down == 7)
        assert bytes(echo.heard) == b"beforeunheard"
        assert proxy.say()["connected"] == 1
        proxy.heal()
        assert await client.ending() == "reset"


async def test_a_connection_without_a_hole_outlives_the_fault() -> None:
    async with Echo().running() as echo, through(echo) as proxy, client_of(proxy) as client:
        await client.say(b"before")
        await client.hear(6)
        proxy.put(LinkFault(up=Way.SWALLOW, down=Way.SWALLOW))
        proxy.heal()
        await client.say(b"after")
        assert await client.hear(5) == b"after"


async def test_the_broker_does_not_learn_that_a_swallowed_client_left() -> None:
    async with Echo().running() as echo, through(echo) as proxy:
        async with client_of(proxy) as client:
            await client.say(b"here")
            await client.hear(4)
            proxy.put(LinkFault(up=Way.SWALLOW))
            client.writer.write_eof()
            await until(lambda: bool(proxy.clients))
            await asyncio.sleep(0.05)
            assert echo.ended == []
        await asyncio.sleep(0.05)
        assert echo.ended == []
        proxy.heal()
        await until(lambda: echo.ended == ["reset"])


async def test_a_black_hole_accepts_and_never_reaches_the_broker() -> None:
    async with Echo().running() as echo, through(echo) as proxy:
        proxy.put(LinkFault(up=Way.SWALLOW, down=Way.SWALLOW))
        async with client_of(proxy) as client:
            await client.say(b"anybody?")
            await until(lambda: proxy.counts.swallowed_up == 8)
            assert echo.opened == 0
            proxy.heal()
            assert await client.ending() == "reset"


async def test_refused_connections_are_reset_and_others_stay() -> None:
    async with Echo().running() as echo, through(echo) as proxy, client_of(proxy) as old:
        await old.say(b"old")
        await old.hear(3)
        proxy.put(LinkFault(is_refused=True))
        async with client_of(proxy) as new:
            assert await new.ending() == "reset"
        await old.say(b"old")
        assert await old.hear(3) == b"old"
        assert proxy.counts.refused == 1


async def test_a_reset_ends_all_connections_at_once() -> None:
    async with Echo().running() as echo, through(echo) as proxy:
        async with client_of(proxy) as one, client_of(proxy) as two:
            for client in (one, two):
                await client.say(b"x")
                await client.hear(1)
            assert proxy.reset() == 2
            assert [await one.ending(), await two.ending()] == ["reset", "reset"]
        await until(lambda: echo.ended == ["reset", "reset"])
        assert proxy.counts.resets == 2


async def test_a_fault_may_be_one_clients_alone() -> None:
    async with (
        Echo().running() as echo,
        through(echo) as proxy,
        client_of(proxy) as street,
        client_of(proxy) as controller,
    ):
        for client, name in ((street, "street-1"), (controller, "controller")):
            packet = connect_packet(name)
            await client.say(packet)
            await client.hear(len(packet))
        assert proxy.reset("street-*") == 1
        assert await street.ending() == "reset"
        proxy.put(LinkFault(is_refused=True), "street-*")
        async with client_of(proxy) as again:
            await again.say(connect_packet("street-1"))
            assert await again.ending() == "reset"
        word = publish_packet("here", 1, b"still", retain=False)
        await controller.say(word)
        assert await controller.hear(len(word)) == word
        proxy.heal("street-*")
        async with client_of(proxy) as again:
            await again.say(connect_packet("street-1"))
            assert await again.hear(4)


async def test_a_flapping_link_goes_and_comes() -> None:
    async with Echo().running() as echo, through(echo) as proxy, client_of(proxy) as client:
        await client.say(b"x")
        await client.hear(1)
        proxy.put(LinkFault(flap_s=0.05))
        assert await client.ending() == "reset"
        await until(lambda: proxy.counts.flaps >= 3)
        proxy.heal()
        async with client_of(proxy) as after:
            await after.say(b"quiet")
            assert await after.hear(5) == b"quiet"


async def test_without_a_broker_behind_it_connections_are_reset_and_counted() -> None:
    async with Echo().running() as echo:
        port = echo.port
    async with Proxy("127.0.0.1", port) as proxy, client_of(proxy) as client:
        assert await client.ending() == "reset"
        assert proxy.counts.unreachable == 1


async def test_the_end_of_a_step_does_not_end_the_one_after_it() -> None:
    async with Echo().running() as echo, through(echo) as proxy:
        steps = ProxySteps(proxy)
        steps.add(LinkStep(latency_s=0.01, for_s=0.05))
        steps.add(LinkStep(is_refused=True))
        await asyncio.sleep(0.1)
        async with client_of(proxy) as client:
            assert await client.ending() == "reset"


async def test_what_waits_is_bounded() -> None:
    async with (
        Echo().running() as echo,
        through(echo, buffer_bytes=100_000) as proxy,
        client_of(proxy) as client,
    ):
        proxy.put(LinkFault(up=Way.HOLD))
        client.writer.write(b"x" * 20_000_000)
        await until(lambda: proxy.counts.bytes_up >= 100_000)
        await asyncio.sleep(0.1)
        assert proxy.counts.bytes_up < 300_000
        proxy.heal()
        assert await client.hear(20_000_000) == b"x" * 20_000_000
