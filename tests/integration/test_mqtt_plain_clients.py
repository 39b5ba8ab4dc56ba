"""What anybody's MQTT client sees of the controller, and says to it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from controller.ports.bus import Outbound
from controller.wire.codec import decode, encode
from controller.wire.messages import Command, State
from controller.wire.topics import Topics
from tests.contract.bus_suite import running
from tests.integration.brokers import Mosquitto, Nats, system_tool

TOPICS = Topics("testing")


def where(broker: Mosquitto | Nats) -> list[str]:
    """Options of mosquitto's clients for a broker."""
    credentials, _, address = broker.url().removeprefix("mqtt://").rpartition("@")
    host, _, port = address.partition(":")
    options = ["-h", host, "-p", port]
    if credentials:
        name, _, password = credentials.partition(":")
        options += ["-u", name, "-P", password]
    return options


@asynccontextmanager
async def client(name: str, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run one of mosquitto's clients while the context is open."""
    process = await asyncio.create_subprocess_exec(
        system_tool(name, "mosquitto-clients"), *arguments, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_mosquitto_sub_sees_topic_and_payload(any_broker: Mosquitto | Nats) -> None:
    bus = any_broker.bus("controller")
    command = Command(command_id="c-1", rev=7, start=1, expires_at=2, level=80)
    topic = TOPICS.luminaire("L1", "command")
    marker = TOPICS.zone("Z1", "program")
    async with (
        running(bus),
        client("mosquitto_sub", *where(any_broker), "-v", "-t", "lamplighter/v1/testing/#") as sub,
        asyncio.timeout(30),
    ):
        assert sub.stdout is not None
        # A retained message is seen whenever the subscription comes to stand.
        await bus.publish(Outbound(marker, b"{}", retained=True))
        assert await sub.stdout.readline() == f"{marker} {{}}\n".encode()
        await bus.publish(Outbound(topic, encode(command), expiry_s=60))
        seen, _, payload = (await sub.stdout.readline()).decode().partition(" ")
    assert seen == topic
    assert json.loads(payload) == {
        "command_id": "c-1",
        "rev": 7,
        "start": 1,
        "expires_at": 2,
        "level": 80,
    }


async def test_controller_hears_mosquitto_pub(any_broker: Mosquitto | Nats) -> None:
    topic = TOPICS.luminaire("L1", "state")
    text = '{"rev": 1, "program_rev": 2, "level": 40, "source": "program", "at_ms": 5, "new": []}'
    arguments = [*where(any_broker), "-q", "1", "-r", "-t", topic, "-m", text]
    async with (
        running(any_broker.bus("controller"), TOPICS.luminaire("+", "state")) as ear,
        client("mosquitto_pub", *arguments) as pub,
    ):
        await ear.until(lambda: bool(ear.messages))
        assert await pub.wait() == 0
    parsed = TOPICS.parse(ear.messages[0].topic)
    assert parsed is not None
    assert decode(parsed, ear.messages[0].payload) == State(
        rev=1, program_rev=2, level=40, source="program", at_ms=5
    )
