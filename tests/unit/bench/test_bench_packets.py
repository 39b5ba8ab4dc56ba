import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from controller.cli.bench.packets import (
    BrokerRefused,
    Link,
    broker_address,
    connected,
    packet,
    text,
    try_broker,
)
from controller.errors import ConfigurationError


class Peer:
    """The broker's end of a connection: answers CONNECT, keeps the rest."""

    def __init__(self, code: int = 0) -> None:
        self.code = code
        self.heard = bytearray()
        self.writer: asyncio.StreamWriter | None = None
        self.changed = asyncio.Event()
        self.ended = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        await reader.read(1024)
        writer.write(b"\x20\x02\x00" + bytes((self.code,)))
        while data := await reader.read(65_536):
            self.heard += data
            self.changed.set()
        writer.close()
        self.ended.set()


@asynccontextmanager
async def listening(peer: Peer) -> AsyncIterator[str]:
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    try:
        yield f"mqtt://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()
        if peer.writer is not None:
            await peer.ended.wait()


async def until(peer: Peer, count: int) -> None:
    async with asyncio.timeout(30):
        while len(peer.heard) < count:
            peer.changed.clear()
            await peer.changed.wait()


def publish(topic: bytes, payload: bytes, message_id: int) -> bytes:
    return packet(0x32, text(topic) + message_id.to_bytes(2, "big") + payload)


@pytest.mark.parametrize("size", [0, 60, 127, 128, 20_000, 70_000])
async def test_messages_are_heard_whole_however_they_are_cut(size: int) -> None:
    heard: list[tuple[bytes, bytes]] = []
    done = asyncio.Event()

    def take(topic: bytes, payload: bytes) -> None:
        heard.append((topic, payload))
        if len(heard) == 2:
            done.set()

    peer = Peer()
    async with listening(peer) as url, asyncio.timeout(30):
        link = await connected(url, "c", take, lambda: None)
        assert peer.writer is not None
        stream = publish(b"a/b", b"x" * size, 7) + publish(b"c", b"y", 8)
        for byte in stream[:200]:
            link.data_received(bytes((byte,)))
        link.data_received(stream[200:])
        await done.wait()
        await until(peer, 8)
        link.close()
    assert heard == [(b"a/b", b"x" * size), (b"c", b"y")]
    assert bytes(peer.heard[:8]) == b"\x40\x02\x00\x07\x40\x02\x00\x08"


async def test_what_is_published_counts_until_it_is_confirmed() -> None:
    peer = Peer()
    async with listening(peer) as url:
        link = await connected(url, "c", lambda _topic, _payload: None, lambda: None)
        link.publish(b"t", b"1", retained=True)
        link.publish(b"t", b"2")
        link.flush()
        assert link.unconfirmed == 2
        await until(peer, 14)
        assert bytes(peer.heard[:14]) == b"\x33\x06\x00\x01t\x00\x011\x32\x06\x00\x01t\x00"
        link.data_received(b"\x40\x02\x00\x01")
        assert link.unconfirmed == 1
        link.close()


async def test_refused_connection_is_named() -> None:
    async with listening(Peer(code=5)) as url:
        with pytest.raises(BrokerRefused, match="code 5"):
            await try_broker(url)


async def test_broker_that_is_not_there_is_named() -> None:
    async with listening(Peer()) as url:
        pass
    with pytest.raises(BrokerRefused, match="Connection refused"):
        await try_broker(url)


def test_link_begins_with_nothing_unconfirmed() -> None:
    assert Link(lambda _topic, _payload: None, lambda: None).unconfirmed == 0


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("mqtt://h", ("h", 1883, None, None)),
        ("mqtt://h:1", ("h", 1, None, None)),
        ("mqtt://u:p%40@h:1", ("h", 1, b"u", b"p@")),
    ],
)
def test_address_is_read(url: str, found: tuple[object, ...]) -> None:
    assert broker_address(url) == found


@pytest.mark.parametrize(
    "url", ["", "h:1", "mqtts://h", "mqtt://", "mqtt://u:hush@:1", "mqtt://h:x"]
)
def test_wrong_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ConfigurationError, match="mqtt://") as caught:
        broker_address(url)
    assert "hush" not in str(caught.value)
