"""What the controller's MQTT client makes of a broker that says strange things."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from controller.adapters.mqtt import MqttBus, MqttOptions
from controller.ports.bus import BusUnavailable, Inbound, Outbound
from tests.contract.bus_suite import running

WELCOME = b"\x20\x02\x00\x00"
PINGREQ = b"\xc0\x00"


class ScriptedBroker:
    """Welcomes, says what it was given in pieces, and keeps what it hears."""

    def __init__(self, *pieces: bytes, welcome: bytes = WELCOME) -> None:
        self._pieces = pieces
        self._welcome = welcome
        self.connections = 0
        self.heard = bytearray()
        self.changed = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await reader.read(1024)
            writer.write(self._welcome)
            while data := await reader.read(65_536):
                self.heard += data
                self.changed.set()
                asked = data.removeprefix(PINGREQ)
                if asked[:1] == b"\x82":  # SUBSCRIBE
                    writer.write(b"\x90\x03" + asked[2:4] + b"\x01")
                    for piece in self._pieces:
                        writer.write(piece)
                        await writer.drain()
                        await asyncio.sleep(0)
        except OSError:
            pass
        finally:
            writer.close()

    async def until_heard(self, part: bytes) -> None:
        async with asyncio.timeout(30):
            while part not in self.heard:
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def serving(broker: ScriptedBroker) -> AsyncIterator[MqttBus]:
    server = await asyncio.start_server(broker.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield MqttBus(MqttOptions.from_url(f"mqtt://127.0.0.1:{port}", client_id="c", timeout_s=1))
    finally:
        server.close()
        await server.wait_closed()


def publish(topic: bytes, payload: bytes, message_id: int = 1) -> bytes:
    body = len(topic).to_bytes(2, "big") + topic + message_id.to_bytes(2, "big") + payload
    head, left = bytearray((0x32,)), len(body)
    while True:
        left, digit = left >> 7, left & 0x7F
        head.append(digit | 0x80 if left else digit)
        if not left:
            return bytes(head) + body


async def test_messages_cut_anywhere_arrive_whole_and_are_confirmed() -> None:
    stream = b"".join(publish(b"a/%d" % i, b"x" * (i * 40), i + 1) for i in range(9))
    pieces = [stream[i : i + 7] for i in range(0, len(stream), 7)]
    broker = ScriptedBroker(*pieces)
    async with serving(broker) as bus, running(bus, "a/+") as ear:
        await ear.until(lambda: len(ear.messages) == 9)
        await broker.until_heard(b"\x40\x02\x00\x09")
    assert ear.messages[8] == Inbound("a/8", b"x" * 320, retained=False)


async def test_of_a_packet_without_measure_the_beginning_is_enough() -> None:
    giant = publish(b"a/big", b"z" * 3_000_000)
    broker = ScriptedBroker(giant, publish(b"a/next", b"1", 2))
    async with serving(broker) as bus, running(bus, "a/+") as ear:
        await ear.until(lambda: len(ear.messages) == 2)
        await broker.until_heard(b"\x40\x02\x00\x02")
    assert ear.messages[0].topic == "a/big"
    assert 65_536 < len(ear.messages[0].payload) < 600_000
    assert ear.messages[1] == Inbound("a/next", b"1", retained=False)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x32\x03\x00\xff\x00",  # a topic beyond its packet
        b"\x30\xff\xff\xff\xff\x01",  # a length of five bytes
        b"HTTP/1.1 400 Bad Request\r\n\r\n" + b"\xff" * 8,
    ],
)
async def test_nonsense_ends_the_session_and_it_is_tried_again(nonsense: bytes) -> None:
    broker = ScriptedBroker(nonsense)
    async with serving(broker) as bus, running(bus, "a/+") as ear:
        await ear.until(lambda: ear.links[:3] == [True, False, True])
    assert broker.connections >= 2


async def test_confirmation_of_what_nobody_sent_is_passed_over() -> None:
    broker = ScriptedBroker(b"\x40\x02\x12\x34", publish(b"a/1", b"1"))
    async with serving(broker) as bus, running(bus, "a/+") as ear:
        await ear.until(lambda: len(ear.messages) == 1)
        assert ear.links == [True]


async def test_batch_that_is_not_confirmed_is_refused_one_by_one() -> None:
    broker = ScriptedBroker()
    async with serving(broker) as bus, running(bus, "a/+") as ear:
        messages = [Outbound(f"a/{i}", b"x") for i in range(3)]
        refused = await bus.publish_all(messages)
        assert [one.message for one in refused] == messages
        assert all("no confirmation" in str(one.why) for one in refused)
        assert all(isinstance(one.why, BusUnavailable) for one in refused)
        await ear.until(lambda: ear.links[:2] == [True, False])


async def test_greeting_in_mqtt_5_bounds_what_is_in_flight() -> None:
    limits = b"\x21\x00\x02"  # receive maximum 2
    welcome = b"\x20\x06\x00\x00" + bytes((len(limits),)) + limits
    broker = ScriptedBroker(welcome=welcome)
    server = await asyncio.start_server(broker.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    url = f"mqtt://127.0.0.1:{port}"
    bus = MqttBus(MqttOptions.from_url(url, client_id="c", timeout_s=1, protocol="5"))
    async with running(bus):
        refused = await bus.publish_all([Outbound(f"a/{i}", b"payload") for i in range(5)])
        first_burst = bytes(broker.heard)
    server.close()
    await server.wait_closed()
    assert len(refused) == 5
    assert first_burst.count(b"payload") == 2, "the third waits for the first confirmation"
