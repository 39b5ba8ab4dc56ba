"""mosquitto as 'lamplighter broker configure' sets it up, attacked with somebody else's client."""

import contextlib
import os
import queue
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from controller.adapters.sqlite import SqliteStore
from controller.pki import Authority, Identity, Role
from controller.pki.folder import certificate_file, keep, key_file
from tests.fakes.small_city import small_site
from tests.integration.brokers import free_port, system_tool
from tests.system.command import lamplighter

SITE = small_site()
SITE = SITE.model_copy(
    update={
        "inventory": SITE.inventory.model_copy(
            update={
                "luminaires": tuple(
                    one.model_copy(update={"gateway": "g" if one.id == "a2" else None})
                    for one in SITE.inventory.luminaires
                )
            }
        )
    }
)
ROOT = f"lamplighter/v1/{SITE.inventory.city.id}"
ALONE = [one for one in SITE.inventory.luminaires if one.gateway is None]
MINE = ALONE[0]
OTHER_ZONE = next(one for one in ALONE if one.zone != MINE.zone)
PATIENCE_S = 20.0


class Broker:
    """A configured broker, its authority, and both of its listeners."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.pki = self.data / "pki"
        self.files = folder / "broker"
        self.tls_port, self.password_port = free_port(), free_port()
        with SqliteStore(self.data) as store:
            store.save_site(SITE, author="test", comment="")
        self.now = datetime.now(UTC).replace(microsecond=0)
        begin = self.now - timedelta(days=90)
        self.authority = Authority.create(self.pki, SITE.inventory.city.id, begin)
        self.issue(Role.BROKER, "broker", "localhost", "127.0.0.1")
        self.issue(Role.CONTROLLER, "controller")
        self.issue(Role.LUMINAIRE, MINE.id)
        self.configure()

    def issue(self, role: Role, name: str, *hosts: str, at: datetime | None = None) -> None:
        """Issue one certificate, as if it were ``at``; valid for 30 days."""
        issued = self.authority.issue([Identity(role, name, hosts)], at or self.now, days=30)
        keep(self.pki, next(issued))

    def configure(self) -> None:
        """Write the broker's files through the command line."""
        done = lamplighter(
            "broker",
            "configure",
            *("--data", str(self.data), "--output", str(self.files)),
            *("--listen", f"127.0.0.1:{self.tls_port}"),
            *("--listen-passwords", f"127.0.0.1:{self.password_port}"),
            *("--passwords", "luminaires", "--persistence", str(self.files)),
            folder=self.data,
        )
        assert done.returncode == 0, done.stderr
        if os.geteuid() == 0:  # it would give up the rights to the test's folder
            with (self.files / "mosquitto.conf").open("a") as conf:
                conf.write("user root\n")

    def password(self, user: str) -> str:
        """A user's password, from the file that was made."""
        lines = (self.pki / "credentials.csv").read_text().splitlines()
        return dict(line.split(",") for line in lines)[user]

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run mosquitto while the context is open."""
        log = (self.files / "log").open("wb")
        with (
            log,
            subprocess.Popen(
                [system_tool("mosquitto", "mosquitto"), "-c", str(self.files / "mosquitto.conf")],
                stdout=log,
                stderr=log,
            ) as process,
        ):
            try:
                until(lambda: "running" in (self.files / "log").read_text(), process)
                yield process
            finally:
                process.kill()

    def context(self, role: Role, name: str, pki: Path | None = None) -> ssl.SSLContext:
        """TLS as a holder of a certificate speaks it."""
        folder = pki or self.pki
        context = ssl.create_default_context(cafile=self.pki / "ca.crt")
        context.load_cert_chain(certificate_file(folder, role, name), key_file(folder, role, name))
        return context


def until(is_so: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Wait until something is so; fails where the process ends first."""
    for _ in range(int(PATIENCE_S / 0.02)):
        if is_so():
            return
        assert process.poll() is None, "the broker ended"
        time.sleep(0.02)
    pytest.fail("it never came to be")


class Client:
    """Somebody's MQTT client: what it heard, and whether it was let in."""

    def __init__(self, port: int, context: ssl.SSLContext | None, user: str = "", word: str = ""):
        self.heard: queue.Queue[tuple[str, bytes | bytearray]] = queue.Queue()
        self._let_in: queue.Queue[bool] = queue.Queue()
        self._subscribed: queue.Queue[bool] = queue.Queue()
        self.paho = paho.Client(CallbackAPIVersion.VERSION2)
        if context is not None:
            self.paho.tls_set_context(context)
        if user:
            self.paho.username_pw_set(user, word)
        self.paho.on_connect = lambda _c, _u, _f, code, _p: self._let_in.put(not code.is_failure)
        self.paho.on_message = lambda _c, _u, seen: self.heard.put((seen.topic, seen.payload))
        self.paho.on_subscribe = lambda *_: self._subscribed.put(True)
        self.paho.on_disconnect = lambda *_: self._let_in.put(False)
        self._port = port

    def is_let_in(self) -> bool:
        """Connect; whether the broker took it."""
        self.paho.connect("localhost", self._port, keepalive=60)
        self.paho.loop_start()
        return self._let_in.get(timeout=PATIENCE_S)

    def hears(self, topic: str) -> None:
        """Subscribe, whatever the broker thinks of it."""
        self.paho.subscribe(topic, qos=1)
        self._subscribed.get(timeout=PATIENCE_S)

    def says(self, topic: str, payload: bytes = b"{}", *, retain: bool = False) -> None:
        """Publish, and wait until the broker has it."""
        self.paho.publish(topic, payload, qos=1, retain=retain).wait_for_publish(PATIENCE_S)

    def tries(self, topic: str, payload: bytes) -> None:
        """Publish what is not allowed: the broker acknowledges it or throws us off."""
        sent = self.paho.publish(topic, payload, qos=1)
        with contextlib.suppress(RuntimeError):
            sent.wait_for_publish(PATIENCE_S)

    def leave(self) -> None:
        """Disconnect and end the thread."""
        self.paho.disconnect()
        self.paho.loop_stop()


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    made = Broker(tmp_path_factory.mktemp("secured"))
    with made.running():
        yield made


@pytest.fixture
def joins(broker: Broker) -> Iterator[Callable[[str], Client]]:
    """Lets the controller in, or a luminaire by certificate or password."""
    inside: list[Client] = []

    def let_in(how: str) -> Client:
        if how == "password":
            context = ssl.create_default_context(cafile=broker.pki / "ca.crt")
            one = Client(broker.password_port, context, MINE.id, broker.password(MINE.id))
        elif how == "certificate":
            one = Client(broker.tls_port, broker.context(Role.LUMINAIRE, MINE.id))
        else:
            one = Client(broker.tls_port, broker.context(Role.CONTROLLER, "controller"))
        assert one.is_let_in()
        inside.append(one)
        return one

    yield let_in
    for one in inside:
        one.leave()


Joins = Callable[[str], Client]
HOW = pytest.mark.parametrize("how", ["certificate", "password"])


@HOW
def test_a_luminaire_says_its_own_and_nobody_elses(how: str, joins: Joins) -> None:
    controller = joins("controller")
    for leaf in ("state", "telemetry", "availability"):
        controller.hears(f"{ROOT}/luminaire/+/{leaf}")
    controller.hears(f"{ROOT}/controller/heartbeat")
    for foreign in (
        f"{ROOT}/luminaire/{OTHER_ZONE.id}/state",
        f"{ROOT}/luminaire/{OTHER_ZONE.id}/availability",
        f"{ROOT}/controller/heartbeat",
    ):
        joins(how).tries(foreign, b"forged")
    joins(how).says(f"{ROOT}/luminaire/{MINE.id}/state", b"mine")
    assert controller.heard.get(timeout=PATIENCE_S) == (
        f"{ROOT}/luminaire/{MINE.id}/state",
        b"mine",
    )


@HOW
def test_a_luminaire_commands_nobody(how: str, joins: Joins) -> None:
    victim = joins(how)
    victim.hears(f"{ROOT}/luminaire/{MINE.id}/command")
    victim.hears(f"{ROOT}/zone/{MINE.zone}/+")
    for topic in (
        f"{ROOT}/luminaire/{MINE.id}/command",
        f"{ROOT}/zone/{MINE.zone}/command",
        f"{ROOT}/zone/{MINE.zone}/program",
    ):
        joins(how).tries(topic, b"forged")
    joins("controller").says(f"{ROOT}/zone/{MINE.zone}/command", b"real")
    assert victim.heard.get(timeout=PATIENCE_S) == (f"{ROOT}/zone/{MINE.zone}/command", b"real")


@HOW
def test_whoever_asks_for_everything_hears_only_their_own(how: str, joins: Joins) -> None:
    curious, controller = joins(how), joins("controller")
    curious.hears("#")
    curious.hears("$SYS/#")
    for topic in (
        f"{ROOT}/luminaire/{OTHER_ZONE.id}/command",
        f"{ROOT}/luminaire/{OTHER_ZONE.id}/program",
        f"{ROOT}/zone/{OTHER_ZONE.zone}/program",
        f"{ROOT}/zone/{MINE.zone}/program",
        f"{ROOT}/luminaire/{MINE.id}/command",
    ):
        controller.says(topic)
    assert curious.heard.get(timeout=PATIENCE_S)[0] == f"{ROOT}/zone/{MINE.zone}/program"
    assert curious.heard.get(timeout=PATIENCE_S)[0] == f"{ROOT}/luminaire/{MINE.id}/command"


def test_the_controller_cannot_speak_for_a_lamp(joins: Joins) -> None:
    controller = joins("controller")
    controller.hears(f"{ROOT}/luminaire/+/state")
    joins("controller").tries(f"{ROOT}/luminaire/{MINE.id}/state", b"forged")
    joins("certificate").says(f"{ROOT}/luminaire/{MINE.id}/state", b"mine")
    assert controller.heard.get(timeout=PATIENCE_S)[1] == b"mine"


def lets_in(port: int, context: ssl.SSLContext, host: str = "localhost") -> bool:
    """Whether the broker takes a TLS client: with TLS 1.3 a refusal comes after the handshake."""
    connect = b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02me"
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            secured.sendall(connect)
            return secured.recv(4) == b"\x20\x02\x00\x00"
    except (ssl.SSLError, ConnectionError):
        return False


def test_nobody_without_a_certificate(broker: Broker) -> None:
    assert lets_in(broker.tls_port, broker.context(Role.LUMINAIRE, MINE.id))
    anonymous = ssl.create_default_context(cafile=broker.pki / "ca.crt")
    assert not lets_in(broker.tls_port, anonymous)
    assert not lets_in(broker.password_port, anonymous)


def test_an_expired_certificate_is_refused(broker: Broker) -> None:
    broker.issue(Role.LUMINAIRE, OTHER_ZONE.id, at=broker.now - timedelta(days=60))
    assert not lets_in(broker.tls_port, broker.context(Role.LUMINAIRE, OTHER_ZONE.id))


def test_a_certificate_of_another_authority_is_refused(broker: Broker, tmp_path: Path) -> None:
    foreign = Authority.create(tmp_path, SITE.inventory.city.id, broker.now)
    keep(tmp_path, next(foreign.issue([Identity(Role.CONTROLLER, "controller")], broker.now)))
    assert not lets_in(broker.tls_port, broker.context(Role.CONTROLLER, "controller", tmp_path))


def test_a_brokers_certificate_lets_no_client_in(broker: Broker) -> None:
    assert not lets_in(broker.tls_port, broker.context(Role.BROKER, "broker"))


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_an_old_tls_is_refused(broker: Broker) -> None:
    context = broker.context(Role.LUMINAIRE, MINE.id)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    assert not lets_in(broker.tls_port, context)


def test_a_client_refuses_a_broker_of_another_name(broker: Broker) -> None:
    context = broker.context(Role.LUMINAIRE, MINE.id)
    assert lets_in(broker.tls_port, context, "127.0.0.1")
    assert not lets_in(broker.tls_port, context, "broker.elsewhere")


def test_passwords_are_checked(broker: Broker) -> None:
    context = ssl.create_default_context(cafile=broker.pki / "ca.crt")
    for user, word in ((MINE.id, "guess"), ("controller", "x"), ("", "")):
        client = Client(broker.password_port, context, user, word)
        assert not client.is_let_in()
        client.leave()


def test_a_revoked_certificate_is_refused_after_a_reload(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    mine, controllers = (Role.LUMINAIRE, MINE.id), (Role.CONTROLLER, "controller")
    with broker.running() as process:
        assert lets_in(broker.tls_port, broker.context(*mine))
        serials = [one.serial for one in broker.authority.issued() if one.name == MINE.id]
        broker.authority.revoke(serials, broker.now)
        broker.configure()
        process.send_signal(signal.SIGHUP)
        until(lambda: not lets_in(broker.tls_port, broker.context(*mine)), process)
        assert lets_in(broker.tls_port, broker.context(*controllers))
