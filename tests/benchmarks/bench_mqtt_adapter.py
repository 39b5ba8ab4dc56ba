"""Microseconds a message through the MQTT adapter, beside a bare client in the same run.

``python tests/benchmarks/bench_mqtt_adapter.py [--messages 20000]`` starts the embedded
broker, and mosquitto where it is installed. *bare* is a socket that writes packets made
beforehand and counts what comes back: no client can be faster. *aiomqtt* is the library as
it comes. *bus* is the controller's adapter. Wall time; the broker shares the machine.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import aiomqtt

sys.path.insert(0, str(Path(__file__).parents[2]))

from controller.adapters.mqtt import MqttBus, MqttOptions
from controller.adapters.nats_broker import NatsBroker
from controller.ports.bus import Inbound, Outbound
from controller.wire.topics import Topics
from tests.integration.brokers import SYSTEM_PATH, Mosquitto

TOPICS = Topics("testing")
PAYLOAD = b'{"rev":42,"program_rev":41,"level":80,"source":"command","at_ms":1790000000250}'
BOUNDS = (10, 20, 50, 100, 200, 500, 1000, 2000)


def _text(text: str) -> bytes:
    raw = text.encode()
    return len(raw).to_bytes(2, "big") + raw


def _packet(kind: int, body: bytes) -> bytes:
    length, left = bytearray(), len(body)
    while True:
        left, low = divmod(left, 128)
        length.append(low | (128 if left else 0))
        if not left:
            return bytes([kind]) + bytes(length) + body


class Bare:
    """The least that is an MQTT 3.1.1 client."""

    def __init__(self, url: str, client_id: str = "bare") -> None:
        self._url = urlsplit(url)
        self._client_id = client_id

    async def __aenter__(self) -> "Bare":
        host, port = self._url.hostname, self._url.port
        self.reader, self.writer = await asyncio.open_connection(host, port, limit=1 << 20)
        user, password = self._url.username, self._url.password
        body = _text("MQTT") + b"\x04" + bytes([0xC2 if user else 2]) + b"\x00\x3c"
        body += _text(self._client_id)
        body += _text(user) + _text(password or "") if user else b""
        self.writer.write(_packet(0x10, body))
        await self.reader.readexactly(4)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        await self.writer.wait_closed()

    async def subscribe(self, topic_filter: str) -> None:
        """Subscribe at QoS 0."""
        self.writer.write(_packet(0x82, b"\x00\x01" + _text(topic_filter) + b"\x00"))
        await self.reader.readexactly(5)

    async def publish(self, messages: int, qos: int) -> None:
        """Write everything, and at QoS 1 wait for every confirmation."""
        head = _text(TOPICS.luminaire("L12345", "state"))
        for first in range(0, messages, 200):
            for i in range(first, min(first + 200, messages)):
                mid = (i % 65_535 + 1).to_bytes(2, "big") if qos else b""
                self.writer.write(_packet(0x30 | qos << 1, head + mid + PAYLOAD))
            await self.writer.drain()
            if qos:
                await self.reader.readexactly(4 * (min(first + 200, messages) - first))

    async def count(self, messages: int) -> None:
        """Read so many PUBLISH packets (all of one size here)."""
        size = len(_packet(0x30, _text(TOPICS.luminaire("L12345", "state")) + PAYLOAD))
        left = messages * size
        while left:
            left -= len(await self.reader.read(min(left, 1 << 18)))


async def clocked(work: Awaitable[None], messages: int) -> float:
    """Microseconds a message."""
    started = time.perf_counter()
    await work
    return (time.perf_counter() - started) / messages * 1e6


async def flood(publish: Callable[[Outbound], Awaitable[None]], messages: int) -> None:
    """Publish from as many callers as there are messages."""
    outbound = Outbound(TOPICS.luminaire("L12345", "state"), PAYLOAD)
    async with asyncio.TaskGroup() as group:
        for _ in range(messages):
            group.create_task(publish(outbound))  # type: ignore[arg-type]  # a coroutine, as every publish here is


async def publishing(url: str, messages: int) -> None:
    """Send at QoS 1, confirmed."""
    async with Bare(url) as bare:
        spent = await clocked(bare.publish(messages, 1), messages)
        print(f"  publish  bare                {spent:7.1f}")
    parts = urlsplit(url)
    async with aiomqtt.Client(
        parts.hostname or "", parts.port or 1883, username=parts.username, password=parts.password,
        max_concurrent_outgoing_calls=20, max_inflight_messages=20,
    ) as client:  # fmt: skip
        client.pending_calls_threshold = messages
        few = min(messages, 2000)

        async def library(message: Outbound) -> None:
            await client.publish(message.topic, message.payload, qos=1)

        print(f"  publish  aiomqtt, 20 at once {await clocked(flood(library, few), few):7.1f}")
    for bound in BOUNDS:
        bus = MqttBus(MqttOptions.from_url(url, client_id="bench", in_flight=bound))
        task = await connected(bus, [], lambda message: None)
        spent = await clocked(flood(bus.publish, messages), messages)
        await ended(task)
        print(f"  publish  bus, {bound:4d} at once   {spent:7.1f}")


async def receiving(url: str, messages: int) -> None:
    """Take what a process of its own sends at QoS 0."""
    async with Bare(url) as bare:
        await bare.subscribe(TOPICS.luminaire("+", "state"))
        spent = await received(url, bare.count(messages), messages)
        print(f"  receive  bare                {spent:7.1f}")
    parts = urlsplit(url)
    async with aiomqtt.Client(
        parts.hostname or "", parts.port or 1883, username=parts.username, password=parts.password
    ) as client:
        await client.subscribe(TOPICS.luminaire("+", "state"))

        async def library() -> None:
            left = messages
            async for _ in client.messages:
                left -= 1
                if not left:
                    return

        print(f"  receive  aiomqtt             {await received(url, library(), messages):7.1f}")
    done, left = asyncio.Event(), messages

    def take(message: Inbound) -> None:
        nonlocal left
        left -= 1
        if not left:
            done.set()

    async def all_taken() -> None:
        await done.wait()

    bus = MqttBus(MqttOptions.from_url(url, client_id="bench"))
    task = await connected(bus, [(TOPICS.luminaire("+", "state"), 0)], take)
    print(f"  receive  bus                 {await received(url, all_taken(), messages):7.1f}")
    await ended(task)


async def received(url: str, work: Awaitable[None], messages: int) -> float:
    """Microseconds a message from the first sent to the last taken."""
    sender = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--flood", url, "--messages", str(messages),
        stdout=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert sender.stdout is not None
    assert sender.stdin is not None
    await sender.stdout.readline()
    sender.stdin.write(b"go\n")
    spent = await clocked(work, messages)
    await sender.communicate()
    return spent


async def connected(
    bus: MqttBus, filters: list[tuple[str, int]], take: Callable[[Inbound], None]
) -> asyncio.Task[None]:
    """Run a bus; return when its link is up."""
    is_up = asyncio.Event()
    task = asyncio.create_task(bus.run(filters, take, lambda up: is_up.set()), name="bench.bus")
    await is_up.wait()
    return task


async def ended(task: asyncio.Task[None]) -> None:
    """Cancel and wait."""
    task.cancel()
    await asyncio.wait([task])


async def send(url: str, messages: int) -> None:
    """The sending process: ready, wait for the word, send."""
    async with Bare(url, "flood") as bare:
        print("ready", flush=True)
        sys.stdin.readline()
        await bare.publish(messages, 0)


async def main() -> None:
    """Run on each broker there is."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=20_000)
    options.add_argument("--flood", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.flood:
        await send(given.flood, given.messages)
        return
    print(f"microseconds a message, {given.messages} messages of {len(PAYLOAD)} bytes")
    with tempfile.TemporaryDirectory() as folder:
        async with NatsBroker(Path(folder) / "nats", "testing") as broker:
            print("nats-server")
            await publishing(broker.url, given.messages)
            await receiving(broker.url, given.messages)
        if shutil.which("mosquitto", path=SYSTEM_PATH) is None:
            print("mosquitto is not installed")
            return
        mosquitto = Mosquitto(Path(folder) / "mosquitto")
        await mosquitto.start()
        try:
            print("mosquitto")
            await publishing(mosquitto.url(), given.messages)
            await receiving(mosquitto.url(), given.messages)
        finally:
            await mosquitto.stop()


if __name__ == "__main__":
    asyncio.run(main())
