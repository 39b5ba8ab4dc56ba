"""The broker that comes along: its start, its users, its death and its return."""

import asyncio
import contextlib
import os
import signal
import socket
import stat
import sys
from pathlib import Path

import pytest

from controller.adapters.mqtt import MqttBus, MqttOptions
from controller.adapters.nats_broker import NatsBroker
from controller.errors import BrokerFailed
from controller.ports.bus import Outbound
from controller.wire.topics import Topics
from tests.contract.bus_suite import running
from tests.integration.brokers import Nats

TOPICS = Topics("testing")
PROJECT = Path(__file__).parents[2]


def bus(url: str, client_id: str = "tester") -> MqttBus:
    return MqttBus(MqttOptions.from_url(url, client_id=client_id))


async def gone(pid: int) -> None:
    async with asyncio.timeout(30):
        while is_alive(pid):  # noqa: ASYNC110 - a process of others gives no event
            await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


async def test_leaving_the_context_ends_the_process(tmp_path: Path) -> None:
    async with NatsBroker(tmp_path, "testing") as broker:
        pid = broker.pid
        assert pid is not None
        assert is_alive(pid)
    assert broker.pid is None
    assert not is_alive(pid)


async def test_retained_messages_outlive_a_restart(tmp_path: Path) -> None:
    message = Outbound(TOPICS.zone("Z1", "program"), b"kept", retained=True)
    async with NatsBroker(tmp_path, "testing") as broker:
        sender = bus(broker.url)
        async with running(sender):
            await sender.publish(message)
        password = broker.url
    async with NatsBroker(tmp_path, "testing", port=broker.port) as again:
        assert again.url == password
        async with running(bus(again.street_url), TOPICS.zone("Z1", "program"), qos=0) as ear:
            await ear.until(lambda: bool(ear.messages))
    assert ear.messages[0].payload == b"kept"
    assert ear.messages[0].retained


async def test_killed_broker_comes_back_at_the_same_address(nats: Nats) -> None:
    broker = nats.broker
    assert broker is not None
    controller = bus(broker.url)
    async with running(controller, TOPICS.luminaire("+", "state")) as ear:
        await controller.publish(Outbound(TOPICS.luminaire("L1", "state"), b"1", retained=True))
        await ear.until(lambda: len(ear.messages) == 1)
        pid = broker.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await ear.until(lambda: ear.links == [True, False, True])
        await ear.until(lambda: ear.messages[-1].retained)
    assert ear.messages[-1].payload == b"1"
    assert broker.pid not in {None, pid}
    assert broker.restarts == 1
    assert broker.last_error is None


async def test_street_may_say_what_luminaires_say_and_no_more(nats: Nats) -> None:
    broker = nats.broker
    assert broker is not None
    street, controller = bus(broker.street_url, "street"), bus(broker.url, "controller")
    allowed = [
        *(TOPICS.luminaire("L1", leaf) for leaf in ("state", "telemetry", "availability")),
        TOPICS.gateway("G1"),
        TOPICS.sensor("S1"),
    ]
    forbidden = [
        *(TOPICS.luminaire("L1", leaf) for leaf in ("command", "config", "program")),
        *(TOPICS.zone("Z1", leaf) for leaf in ("command", "program")),
        TOPICS.heartbeat,
        "lamplighter/v1/elsewhere/luminaire/L1/state",
    ]
    async with running(controller, "lamplighter/v1/testing/#") as heard, running(street):
        for topic in [*forbidden, *allowed]:
            await street.publish(Outbound(topic, b"x", retained=True))
        await heard.until(lambda: len(heard.messages) >= len(allowed))
    assert [message.topic for message in heard.messages] == allowed


@pytest.mark.parametrize(
    "topic_filter",
    ["#", "lamplighter/v1/testing/#", TOPICS.luminaire("+", "state"), "$MQTT/#", "$SYS/#"],
)
async def test_street_may_not_listen_to_the_street(nats: Nats, topic_filter: str) -> None:
    assert nats.broker is not None
    listener = bus(nats.broker.street_url)
    async with running(listener, topic_filter, wait=False) as ear:
        await ear.until(lambda: ear.links == [False])
    assert listener.last_error is not None
    assert "refused" in listener.last_error


async def test_last_will_of_the_street_arrives(nats: Nats, tmp_path: Path) -> None:
    assert nats.broker is not None
    store = tmp_path / "store.json"
    example = PROJECT / "docs" / "examples" / "luminaire.py"
    credentials = nats.broker.street_url.removeprefix("mqtt://").split("@")[0].split(":")
    async with running(bus(nats.broker.url), TOPICS.luminaire("+", "availability")) as ear:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(example), "--port", str(nats.broker.port)),
            *("--username", credentials[0], "--password", credentials[1]),
            *("--site", "testing", "--id", "L1", "--store", str(store)),
        )
        await ear.until(lambda: [m.payload for m in ear.messages] == [b"online"])
        process.kill()
        await process.wait()
        await ear.until(lambda: [m.payload for m in ear.messages] == [b"online", b"offline"])


async def test_nobody_without_a_name_is_let_in(nats: Nats) -> None:
    assert nats.broker is not None
    stranger = bus(f"mqtt://127.0.0.1:{nats.broker.port}")
    async with running(stranger, TOPICS.gateway("+"), wait=False) as ear:
        await ear.until(lambda: ear.links == [False])
    assert stranger.last_error is not None
    assert "refused" in stranger.last_error


async def test_secrets_are_for_the_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "broker"
    async with NatsBroker(folder, "testing") as broker:
        secret = broker.url.split(":")[2].split("@")[0]
        readable = [path for path in folder.rglob("*") if path.is_file() and holds(path, secret)]
    assert {path.name for path in readable} == {"users.json", "nats.conf"}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in readable)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def holds(path: Path, secret: str) -> bool:
    return secret.encode() in path.read_bytes()


async def test_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(BrokerFailed, match="address already in use"):
            async with NatsBroker(tmp_path, "testing", port=taken.getsockname()[1]):
                pass


async def test_second_broker_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    async with NatsBroker(tmp_path, "testing") as first:
        with pytest.raises(BrokerFailed, match="in use by another"):
            async with NatsBroker(tmp_path, "testing"):
                pass
        assert first.pid is not None
        assert is_alive(first.pid)


async def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(BrokerFailed, match="file/broker"):
        async with NatsBroker(blocked / "broker", "testing"):
            pass


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"controller": 5, "street": 6}', "\x00"])
async def test_damaged_password_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "users.json").write_text(text)
    with pytest.raises(BrokerFailed, match="remove it and new ones are made"):
        async with NatsBroker(tmp_path, "testing"):
            pass


OWNER = """
import asyncio, pathlib, sys
from controller.adapters.nats_broker import NatsBroker

async def main():
    async with NatsBroker(pathlib.Path(sys.argv[1]), "testing") as broker:
        print(broker.pid, broker.port, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_broker_of_a_killed_controller_is_ended_at_the_next_start(tmp_path: Path) -> None:
    owner = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", OWNER, str(tmp_path)), stdout=asyncio.subprocess.PIPE, cwd=PROJECT
    )
    assert owner.stdout is not None
    orphan, port = map(int, (await owner.stdout.readline()).split())
    owner.kill()
    await owner.communicate()
    assert is_alive(orphan)
    try:
        async with NatsBroker(tmp_path, "testing", port=port) as broker:
            assert broker.pid != orphan
            assert not is_alive(orphan)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(orphan, signal.SIGKILL)
    await gone(orphan)


async def test_stale_process_file_harms_no_stranger(tmp_path: Path) -> None:
    stranger = await asyncio.create_subprocess_exec("sleep", "600")
    try:
        (tmp_path / "nats.pid").write_text(str(stranger.pid))
        async with NatsBroker(tmp_path, "testing"):
            assert stranger.returncode is None
            assert is_alive(stranger.pid)
    finally:
        stranger.kill()
        await stranger.wait()


async def test_cancelled_start_leaves_no_process(tmp_path: Path) -> None:
    async def start() -> None:
        async with NatsBroker(tmp_path, "testing"):
            pass

    for turns in (0, 1, 5, 20):
        task = asyncio.create_task(start(), name="test.start")
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    async with NatsBroker(tmp_path, "testing") as broker:
        assert broker.pid is not None
