"""mosquitto on loopback for the time of a benchmark."""

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from controller.cli.bench.talk import cpu_s
from controller.errors import BrokerFailed, ConfigurationError

_SYSTEM_PATH: Final = os.pathsep.join(
    (os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin")
)
_READY_WITHIN_S: Final = 30.0
_NOT_INSTALLED: Final = (
    "mosquitto is not installed, and the exchanges are measured over it: install it (Debian and "
    "Ubuntu: apt install mosquitto), or give another broker with --broker mqtt://host:port"
)


@dataclass(frozen=True)
class BenchBroker:
    """A broker of the benchmarks."""

    url: str
    name: str
    """What it is, for the page."""
    pid: int | None
    """Its process, where it is ours."""

    def cpu_s(self) -> float | None:
        """CPU seconds it has used; None where it is not ours."""
        return None if self.pid is None else cpu_s(self.pid)


def refuse_without_mosquitto() -> None:
    """Raise `ConfigurationError` where there is none to start."""
    _binary()


def _binary() -> str:
    found = shutil.which("mosquitto", path=_SYSTEM_PATH)
    if found is None:
        raise ConfigurationError(_NOT_INSTALLED)
    return found


@asynccontextmanager
async def mosquitto(folder: Path) -> AsyncIterator[BenchBroker]:
    """A broker of its own on a free loopback port, configured as docs/wire.md advises.

    Raises `ConfigurationError` where it is not installed and `BrokerFailed` where it does not
    start.
    """
    binary = _binary()
    port = _free_port()
    log = folder / "mosquitto.log"
    process = await asyncio.to_thread(_spawn, binary, port, folder, log)
    try:
        await _until_accepting(port, process, log)
        yield BenchBroker(f"mqtt://127.0.0.1:{port}", _version(binary), process.pid)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


def _spawn(binary: str, port: int, folder: Path, log: Path) -> subprocess.Popen[bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        f"listener {port} 127.0.0.1",
        "allow_anonymous true",
        "max_queued_messages 0",
        "max_inflight_messages 0",
        "set_tcp_nodelay true",
        "persistence true",
        f"persistence_location {folder}/",
    ]
    if os.geteuid() == 0:
        lines.append("user root")  # it would give up the rights to its own folder
    configuration = folder / "mosquitto.conf"
    configuration.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with log.open("wb") as output:
        return subprocess.Popen(
            [binary, "-c", str(configuration)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for the benchmark, which ends it in order
        )


async def _until_accepting(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _READY_WITHIN_S
    while loop.time() < deadline:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            await writer.wait_closed()
            return
        if process.poll() is not None:
            break
        await asyncio.sleep(0.05)
    said = await asyncio.to_thread(log.read_text, encoding="utf-8", errors="replace")
    tail = " ".join(said[-300:].split())
    raise BrokerFailed(f"mosquitto does not listen on port {port}: {tail}")


def _version(binary: str) -> str:
    said = subprocess.run([binary, "-h"], capture_output=True, text=True, check=False).stdout
    words = said.split("\n", 1)[0].split()
    return " ".join(words[:3]) if words else "mosquitto"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
