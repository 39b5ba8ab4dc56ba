"""What the MQTT bus does where a broker refuses, stalls or vanishes."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from controller.adapters.certificates import file_not_after
from controller.adapters.mqtt import MqttBus, MqttOptions
from controller.errors import ConfigurationError
from controller.ports.bus import BusUnavailable, Outbound
from controller.wire.topics import Topics
from tests.contract.bus_suite import running
from tests.integration.brokers import Mosquitto, Nats, free_port

TOPICS = Topics("testing")
CERTIFICATES = Path(__file__).parent / "certificates"


def options(url: str, **more: object) -> MqttOptions:
    return MqttOptions.from_url(url, client_id="tester", **more)  # type: ignore[arg-type]  # options by the test's word


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
async def test_wrong_password_is_named_and_tried_again(
    mosquitto_with_users: Mosquitto, protocol: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = mosquitto_with_users.url("controller", "not-the-secret")
    bus = MqttBus(options(url, protocol=protocol))
    async with running(bus, "#", wait=False) as ear:
        await ear.until(lambda: ear.links == [False])
        assert bus.last_error is not None
        assert "refused user 'controller'" in bus.last_error
        assert f"127.0.0.1:{mosquitto_with_users.port}" in bus.last_error
        with pytest.raises(BusUnavailable, match="refused user 'controller'"):
            await bus.publish(Outbound(TOPICS.heartbeat, b"{}"))
    assert "refused user 'controller'" in caplog.text
    assert "not-the-secret" not in caplog.text + bus.last_error + repr(bus.__dict__)


async def test_right_password_stays_out_of_the_log(
    mosquitto_with_users: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret_options = options(mosquitto_with_users.url("controller"))
    async with running(MqttBus(secret_options), TOPICS.gateway("+")):
        await mosquitto_with_users.stop()
        await asyncio.sleep(0)
    assert "lamp-post-secret" not in caplog.text + repr(secret_options)
    assert "connected" in caplog.text


async def test_anonymous_is_refused_where_users_are_asked_for(
    mosquitto_with_users: Mosquitto,
) -> None:
    bus = MqttBus(options(f"mqtt://127.0.0.1:{mosquitto_with_users.port}"))
    async with running(bus, "#", wait=False) as ear:
        await ear.until(lambda: ear.links == [False])
    assert bus.last_error is not None
    assert "without user name" in bus.last_error


async def test_broker_killed_without_farewell(mosquitto: Mosquitto) -> None:
    bus = mosquitto.bus("tester")
    async with running(bus, TOPICS.luminaire("+", "state")) as ear:
        await mosquitto.kill()
        await ear.until(lambda: ear.links == [True, False])
        await mosquitto.start()
        await ear.until(lambda: ear.links == [True, False, True])
        await bus.publish(Outbound(TOPICS.luminaire("L1", "state"), b"back"))
        await ear.until(lambda: bool(ear.messages))
    assert ear.messages[-1].payload == b"back"


async def test_publishes_under_way_fail_when_the_link_is_lost(mosquitto: Mosquitto) -> None:
    bus = MqttBus(options(mosquitto.url(), in_flight=5))
    async with running(bus) as ear:
        message = Outbound(TOPICS.luminaire("L1", "state"), b"x")
        tasks = [asyncio.create_task(bus.publish(message)) for _ in range(2000)]
        await asyncio.sleep(0)
        await mosquitto.kill()
        await asyncio.wait(tasks, timeout=30)
        outcomes = [task.exception() for task in tasks]
        await ear.until(lambda: ear.links[:2] == [True, False])
        assert bus.last_error is not None
        assert bus.last_error.startswith(f"broker mqtt://127.0.0.1:{mosquitto.port}: ")
    assert all(task.done() for task in tasks)
    assert any(isinstance(outcome, BusUnavailable) for outcome in outcomes)
    assert all(outcome is None or isinstance(outcome, BusUnavailable) for outcome in outcomes)


async def test_second_session_of_the_same_name_takes_over(mosquitto: Mosquitto) -> None:
    first, second = mosquitto.bus("same"), mosquitto.bus("same")
    async with running(first) as ear, running(second):
        await ear.until(lambda: False in ear.links)


async def test_refusal_of_one_message_is_told(tmp_path: Path) -> None:
    rights = tmp_path / "rights"
    rights.write_text("topic read #\ntopic write lamplighter/v1/testing/gateway/#\n")
    rights.chmod(0o600)
    broker = Mosquitto(tmp_path / "m", protocol="5", extra=[f"acl_file {rights}"])
    await broker.start()
    try:
        bus = broker.bus("tester")
        async with running(bus, TOPICS.gateway("+")) as ear:
            with pytest.raises(BusUnavailable, match=r"luminaire/L1/state.*Not authorized"):
                await bus.publish(Outbound(TOPICS.luminaire("L1", "state"), b"{}"))
        assert not ear.messages
    finally:
        await broker.stop()


async def test_refused_subscription_is_named(nats: Nats) -> None:
    bus = nats.bus("tester")
    async with running(bus, "somewhere/else", wait=False) as ear:
        await ear.until(lambda: ear.links == [False])
    assert bus.last_error is not None
    assert "subscription to somewhere/else refused" in bus.last_error


async def test_message_that_the_handler_chokes_on_is_lost_alone(
    mosquitto: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[bytes] = []
    done = asyncio.Event()

    def choke(message: object) -> None:
        payload = message.payload  # type: ignore[attr-defined]  # an Inbound
        if payload == b"bone":
            raise ValueError("cannot swallow")
        seen.append(payload)
        done.set()

    bus, links = mosquitto.bus("tester"), asyncio.Event()
    task = asyncio.create_task(
        bus.run([(TOPICS.gateway("+"), 1)], choke, lambda is_up: links.set()), name="test.bus"
    )
    async with asyncio.timeout(30):
        await links.wait()
        await bus.publish(Outbound(TOPICS.gateway("G1"), b"bone"))
        await bus.publish(Outbound(TOPICS.gateway("G1"), b"soup"))
        await done.wait()
    task.cancel()
    await asyncio.wait([task])
    assert seen == [b"soup"]
    assert "cannot swallow" in caplog.text


class SilentBroker:
    """Says yes to CONNECT and then, unless asked to be deaf from the start, nothing more."""

    def __init__(self, *, greets: bool) -> None:
        self.greets = greets
        self.connections = 0
        self.called = asyncio.Event()
        self.port = 0

    async def __aenter__(self) -> "SilentBroker":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.called.set()
        try:
            await reader.read(1024)
            if self.greets:
                writer.write(b"\x20\x02\x00\x00")  # CONNACK, accepted
            while await reader.read(1024):
                pass
        except OSError:
            pass
        finally:
            writer.close()


async def test_deaf_broker_is_left_and_tried_again() -> None:
    async with SilentBroker(greets=True) as broker:
        bus = MqttBus(options(f"mqtt://127.0.0.1:{broker.port}", timeout_s=1))
        async with running(bus) as ear:
            with pytest.raises(BusUnavailable, match="no confirmation"):
                await bus.publish(Outbound(TOPICS.gateway("G1"), b"online"))
            await ear.until(lambda: ear.links[:3] == [True, False, True])
        assert broker.connections >= 2


async def test_broker_that_does_not_greet_is_given_up() -> None:
    async with SilentBroker(greets=False) as broker:
        bus = MqttBus(options(f"mqtt://127.0.0.1:{broker.port}", timeout_s=1))
        async with running(bus, wait=False) as ear:
            await ear.until(lambda: ear.links == [False])
            await ear.until(lambda: bus.last_error is not None)
    assert bus.last_error is not None
    assert "timed out" in bus.last_error


async def test_run_can_be_cancelled_while_it_waits_for_a_greeting() -> None:
    async with SilentBroker(greets=False) as broker:
        bus = MqttBus(options(f"mqtt://127.0.0.1:{broker.port}"))
        async with running(bus, wait=False), asyncio.timeout(30):
            await broker.called.wait()


async def test_host_that_does_not_exist_is_named() -> None:
    bus = MqttBus(options("mqtt://no-such-host.invalid:1883"))
    async with running(bus, wait=False) as ear:
        await ear.until(lambda: ear.links == [False])
    assert bus.last_error is not None
    assert "no-such-host.invalid" in bus.last_error
    assert "not known" in bus.last_error


async def test_port_where_nobody_listens_is_named() -> None:
    port = free_port()
    bus = MqttBus(options(f"mqtt://127.0.0.1:{port}"))
    async with running(bus, wait=False) as ear:
        await ear.until(lambda: ear.links == [False])
    assert bus.last_error == f"broker mqtt://127.0.0.1:{port}: Connection refused"


@pytest.fixture
async def tls_broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    broker = Mosquitto(tmp_path / "tls", certificates=CERTIFICATES)
    await broker.start()
    yield broker
    await broker.stop()


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
async def test_burst_over_tls_loses_nothing(tls_broker: Mosquitto, protocol: str) -> None:
    url = f"mqtts://127.0.0.1:{tls_broker.port}"
    bus = MqttBus(options(url, ca_file=CERTIFICATES / "ca.pem", protocol=protocol))
    async with running(bus, TOPICS.luminaire("+", "state")) as ear:
        async with asyncio.TaskGroup() as group:
            for i in range(2000):
                message = Outbound(TOPICS.luminaire(f"L{i}", "state"), b"x" * 300)
                group.create_task(bus.publish(message))
        await ear.until(lambda: len(ear.messages) >= 2000)
    assert len({message.topic for message in ear.messages}) == 2000


async def test_the_end_of_the_brokers_certificate_is_known_once_it_was_reached(
    tls_broker: Mosquitto,
) -> None:
    bus = MqttBus(options(f"mqtts://127.0.0.1:{tls_broker.port}", ca_file=CERTIFICATES / "ca.pem"))
    known = [bus.broker_not_after]
    ends = file_not_after(CERTIFICATES / "server.pem")
    async with running(bus):
        known.append(bus.broker_not_after)
        await tls_broker.stop()
    assert [*known, bus.broker_not_after] == [None, ends, ends], "as it was shown last"


async def test_broker_of_an_unknown_authority_is_not_trusted(tls_broker: Mosquitto) -> None:
    bus = MqttBus(options(f"mqtts://127.0.0.1:{tls_broker.port}"))
    async with running(bus, wait=False) as ear:
        await ear.until(lambda: ear.links == [False])
    assert bus.last_error is not None
    assert "certificate verify failed" in bus.last_error


async def test_broker_under_another_name_is_not_trusted(tls_broker: Mosquitto) -> None:
    url = f"mqtts://localhost:{tls_broker.port}"
    bus = MqttBus(options(url, ca_file=CERTIFICATES / "ca.pem"))
    async with running(bus, wait=False) as ear:
        await ear.until(lambda: ear.links == [False])
    assert bus.last_error is not None
    assert "mismatch" in bus.last_error


async def test_plain_connection_to_a_tls_port_is_given_up(tls_broker: Mosquitto) -> None:
    bus = MqttBus(options(f"mqtt://127.0.0.1:{tls_broker.port}", timeout_s=2))
    async with running(bus, wait=False) as ear:
        await ear.until(lambda: ear.links == [False])
    assert bus.last_error is not None


def test_file_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "ca.pem"
    wrong.write_text("nothing of the kind")
    with pytest.raises(ConfigurationError, match=r"ca\.pem"):
        options("mqtts://broker", ca_file=wrong)
