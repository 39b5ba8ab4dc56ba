"""``lamplighter run`` on a disk that is truly full, or read-only."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from pathlib import Path

import pytest

from controller.adapters.sqlite import SqliteStore
from controller.ports.bus import Inbound, Outbound
from controller.wire.topics import Topics
from tests.fakes.small_city import small_site
from tests.integration.brokers import Mosquitto, free_port
from tests.system.command import LAMPLIGHTER, get, metric, wait_until

_NIGHT = datetime.fromisoformat("2026-03-20T22:00:00+08:00").timestamp()
_TOPICS = Topics("small")

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("nsenter") is None,
    reason="only root mounts a disk of its own, with unshare and nsenter",
)


class Disk:
    """A disk of 8 MB that only processes entered into it see, with a data folder on it."""

    def __init__(self, mount: Path, holder: int) -> None:
        self._mount = mount
        self._holder = holder
        self.inside = Path(f"/proc/{holder}/root{mount}")
        self.data = mount / "data"

    def run(self, broker: str, port: int, log: Path) -> subprocess.Popen[bytes]:
        """Start the service there, in a winter's night."""
        with log.open("ab") as output:
            return subprocess.Popen(
                [
                    "nsenter", "--target", str(self._holder), "--mount", "--",
                    LAMPLIGHTER, "run", "--console", "off", "--data", str(self.data),
                    "--broker", broker,
                    "--http", f"127.0.0.1:{port}",
                    "--rehearse", f"{time.time()!r}:{_NIGHT!r}:1",
                ],
                stdout=output,
                stderr=output,
            )  # fmt: skip

    def fill(self) -> None:
        """Leave no byte free."""
        with (self.inside / "filler").open("ab", buffering=0) as filler, suppress(OSError):
            while filler.write(b"x" * 4096):
                pass

    def free(self) -> None:
        """Give the room back."""
        (self.inside / "filler").unlink()

    def make_read_only(self) -> None:
        """From now on nobody writes there."""
        subprocess.run(
            ["nsenter", "--target", str(self._holder), "--mount", "--",
             "mount", "-o", "remount,ro", str(self._mount)],
            check=True,
        )  # fmt: skip


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    mount = tmp_path / "disk"
    mount.mkdir()
    words = 'mount -t tmpfs -o size=8m tmpfs "$1" && echo mounted && exec sleep 600'
    with subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", words, "sh", str(mount)], stdout=subprocess.PIPE
    ) as holder:
        try:
            assert holder.stdout is not None
            if holder.stdout.readline() != b"mounted\n":
                pytest.skip("this machine lets nobody mount a disk")
            found = Disk(mount, holder.pid)
            with SqliteStore(tmp_path / "seed") as store:
                store.save_site(small_site(), author="a", comment="b")
            shutil.copytree(tmp_path / "seed", found.inside / "data")
            yield found
        finally:
            holder.kill()


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        yield process
    finally:
        process.kill()
        process.wait()


class Street:
    """One luminaire without a clock, which says what it does and hears what it should."""

    def __init__(self, broker: Mosquitto) -> None:
        self._bus = broker.bus("street")
        self._heard: asyncio.Queue[bytes] = asyncio.Queue()
        self._is_up = asyncio.Event()

    async def run(self) -> None:
        topic = _TOPICS.luminaire("b2", "command")
        await self._bus.run([(topic, 1)], self._take, self._link_changed)

    def _link_changed(self, is_up: bool) -> None:  # the port's signature
        if is_up:
            self._is_up.set()

    def _take(self, message: Inbound) -> None:
        self._heard.put_nowait(message.payload)

    async def until_commanded(self) -> None:
        """Be dark by night, until somebody says otherwise."""
        await self._is_up.wait()
        while not self._heard.empty():
            self._heard.get_nowait()
        state = Outbound(
            _TOPICS.luminaire("b2", "state"),
            b'{"rev":0,"program_rev":0,"level":0,"source":"local","at_ms":%d}' % int(_NIGHT * 1000),
        )
        async with asyncio.timeout(60):
            while b'"level":100' not in await self._heard_or_nothing():
                await self._bus.publish(state)

    async def _heard_or_nothing(self) -> bytes:
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                return await self._heard.get()
        return b""


@asynccontextmanager
async def a_street(broker: Mosquitto) -> AsyncIterator[Street]:
    street = Street(broker)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(street.run(), name="test.street")
        try:
            yield street
        finally:
            task.cancel()


async def until_store(web: str, *, is_up: bool) -> None:
    def is_so() -> bool:
        return metric(web, 'streetlight_component_up{component="store"}') == is_up

    await asyncio.to_thread(wait_until, is_so, f"store up: {is_up}")


def is_told(web: str) -> bool:
    """Whether an alarm says that the store fails."""
    return any(
        line.startswith("streetlight_alarms_active{")
        and "store_failing" in line
        and not line.endswith(" 0")
        for line in get(f"{web}/metrics").decode().splitlines()
    )


async def until_ready(web: str) -> None:
    await asyncio.to_thread(wait_until, lambda: bool(get(f"{web}/readyz")), "ready")


async def test_a_disk_that_fills_up_and_a_start_on_it_stop_no_command(
    tmp_path: Path, disk: Disk
) -> None:
    broker, log = Mosquitto(tmp_path / "broker"), tmp_path / "log"
    await broker.start()
    try:
        async with a_street(broker) as street:
            port = free_port()
            web = f"http://127.0.0.1:{port}"
            with ended(disk.run(broker.url(), port, log)):
                await until_ready(web)
                await until_store(web, is_up=True)
                disk.fill()
                await until_store(web, is_up=False)
                await asyncio.to_thread(wait_until, lambda: is_told(web), "an alarm")
                await street.until_commanded()
            with ended(disk.run(broker.url(), port, log)) as service:
                await until_ready(web)
                await until_store(web, is_up=False)
                await street.until_commanded()
                disk.free()
                await until_store(web, is_up=True)
                service.terminate()
                assert await asyncio.to_thread(service.wait, 60) == 0
    finally:
        await broker.stop()
    for file in (disk.inside / "data").glob("lamplighter.db*"):
        shutil.copy(file, tmp_path / "seed")
    with SqliteStore(tmp_path / "seed") as store:
        assert store.load_site() == small_site()
        assert [one.luminaire for one in store.reported()] == ["b2"]
    assert "Traceback" not in log.read_text()
    assert "damaged" not in log.read_text()


async def test_a_read_only_data_folder_is_one_clear_line(tmp_path: Path, disk: Disk) -> None:
    log = tmp_path / "log"
    disk.make_read_only()
    process = disk.run(f"mqtt://127.0.0.1:{free_port()}", free_port(), log)
    with ended(process):
        assert await asyncio.to_thread(process.wait, 60) == 1
    said = log.read_text().splitlines()
    assert len(said) == 1, said
    assert "Read-only file system" in said[0]
