"""Real brokers under a test's control."""

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from controller.adapters.mqtt import MqttBus, MqttOptions
from controller.adapters.nats_broker import NatsBroker

SYSTEM_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


def system_tool(name: str, package: str) -> str:
    """Path of a program that comes from a Debian package; fails the test where it is not."""
    found = shutil.which(name, path=SYSTEM_PATH)
    if found is None:
        pytest.fail(f"{name} is missing: install the Debian package {package} ('make test' does)")
    return found


def free_port() -> int:
    """A TCP port on loopback that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def until_accepting(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the process listens; fail with its log where it ends."""
    for _ in range(1200):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            await writer.wait_closed()
            return
        if process.poll() is not None:
            pytest.fail(f"broker ended with code {process.returncode}: {_tail(log)}")
        await asyncio.sleep(0.05)
    pytest.fail(f"broker does not listen: {_tail(log)}")


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]


class Mosquitto:
    """mosquitto on a free loopback port, with a folder of its own.

    Without ``users`` anybody may connect (loopback, tests only). Queues are unbounded, as
    `docs/wire.md` asks for production.
    """

    def __init__(
        self,
        folder: Path,
        *,
        users: dict[str, str] | None = None,
        protocol: str = "3.1.1",
        extra: Sequence[str] = (),
        certificates: Path | None = None,
    ) -> None:
        self.port = free_port()
        self.protocol = protocol
        self._folder = folder
        self._users = users or {}
        self._extra = extra
        self._certificates = certificates
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, user: str | None = None, password: str | None = None) -> str:
        """MQTT URL; with one of the users and, unless given, the right password."""
        if user is None and self._users:
            user = next(iter(self._users))
        if user is None:
            return f"mqtt://127.0.0.1:{self.port}"
        return f"mqtt://{user}:{password or self._users[user]}@127.0.0.1:{self.port}"

    def bus(self, client_id: str) -> MqttBus:
        """A bus of full rights."""
        return MqttBus(
            MqttOptions.from_url(self.url(), client_id=client_id, protocol=self.protocol)
        )

    async def start(self) -> None:
        """Start, and return when it listens."""
        log = self._folder / "mosquitto.log"
        self._process = process = self._spawn(log)
        await until_accepting(self.port, process, log)

    def _spawn(self, log: Path) -> subprocess.Popen[bytes]:
        binary = system_tool("mosquitto", "mosquitto")
        self._folder.mkdir(parents=True, exist_ok=True)
        config = self._folder / "mosquitto.conf"
        lines = [
            f"listener {self.port} 127.0.0.1",
            "max_queued_messages 0",
            "max_inflight_messages 0",
            "set_tcp_nodelay true",
            "persistence true",
            f"persistence_location {self._folder}/",
            f"allow_anonymous {'false' if self._users else 'true'}",
        ]
        lines.extend(self._extra)
        if self._certificates is not None:
            lines.append(f"certfile {self._certificates / 'server.pem'}")
            lines.append(f"keyfile {self._certificates / 'server.key'}")
        if os.geteuid() == 0:
            lines.append("user root")  # it would give up the rights to its own folder
        if self._users:
            passwords = self._folder / "passwords"
            passwords.write_text("".join(f"{u}:{p}\n" for u, p in self._users.items()))
            passwords.chmod(0o600)
            hashing = [system_tool("mosquitto_passwd", "mosquitto"), "-U", str(passwords)]
            subprocess.run(hashing, check=True)
            lines.append(f"password_file {passwords}")
        config.write_text("\n".join(lines) + "\n")
        with log.open("ab") as output:
            return subprocess.Popen(
                [binary, "-c", str(config)], stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )

    async def stop(self) -> None:
        """End it; it writes what it keeps."""
        await self._end(is_killed=False)

    async def kill(self) -> None:
        """End it at once; it loses what it has not written."""
        await self._end(is_killed=True)

    def forget(self) -> None:
        """Delete what it kept; it must not run."""
        assert self._process is None
        (self._folder / "mosquitto.db").unlink(missing_ok=True)

    async def _end(self, *, is_killed: bool) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        (process.kill if is_killed else process.terminate)()
        await asyncio.to_thread(process.wait, 30)


class Nats:
    """The embedded broker, as a rig: site ``testing``, always at the same port."""

    protocol = "3.1.1"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = 0
        self._url = ""
        self.broker: NatsBroker | None = None

    def url(self) -> str:
        """MQTT URL of the controller's user."""
        return self._url

    def bus(self, client_id: str) -> MqttBus:
        """A bus of the controller's rights."""
        return MqttBus(MqttOptions.from_url(self.url(), client_id=client_id))

    async def start(self) -> None:
        """Start, and return when it listens."""
        broker = NatsBroker(self._folder, "testing", port=self._port)
        await broker.__aenter__()
        self.broker = broker
        self._port = broker.port
        self._url = broker.url

    async def stop(self) -> None:
        """End it."""
        broker, self.broker = self.broker, None
        if broker is not None:
            await broker.__aexit__(None, None, None)
