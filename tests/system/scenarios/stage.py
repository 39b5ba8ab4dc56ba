"""A stage for what can go wrong: broker, controllers and street as processes of their own.

mosquitto, ``lamplighter run`` and the simulator on one rehearsed clock. Everything may be
killed and started again; the simulator's oracle judges what the street truly did, and what
the controller said is read where an operator reads it.
"""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import pytest

from controller.adapters.fleet_process import FleetProcess
from controller.adapters.sqlite import SqliteStore
from controller.wire.timebase import Timebase
from schedules import Site, demo_plan
from tests.integration.brokers import Mosquitto, free_port
from tests.system.command import LAMPLIGHTER
from zones import Inventory, demo_inventory

_SETTINGS = """\
[control]
pass_every_s = 0.25
[log]
level = "info"
"""


class Stuck(AssertionError):
    """Something that must come about did not."""


class ControllerProcess:
    """One ``lamplighter run`` with a data folder of its own."""

    def __init__(self, folder: Path, broker_url: str, timebase: Timebase) -> None:
        self.folder = folder
        self.data = folder / "lamplighter-data"
        self.broker_url = broker_url
        self.console = "off"
        """What ``--console`` says."""
        self.log = folder / "controller.log"
        self._timebase = timebase
        self._process: subprocess.Popen[bytes] | None = None
        self._port = free_port()
        self._wall_clock = folder / "wall-clock"
        self._environment: dict[str, str] = {}

    @property
    def web(self) -> str:
        """Address of its HTTP."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """Process id of the one that runs."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it; `until_ready` waits."""
        timebase = self._timebase
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    LAMPLIGHTER, "run", "--console", self.console,
                    "--http", f"127.0.0.1:{self._port}",
                    "--broker", self.broker_url,
                    "--rehearse", f"{timebase.real_at!r}:{timebase.site_at!r}:{timebase.speed!r}",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, **self._environment},
            )  # fmt: skip

    def crook(self, wall_clock: str) -> None:
        """What the machine's wall clock shows it from now on, in the words of libfaketime:
        ``+0``, ``+3600``, ``1970-01-01 00:00:10`` (frozen there), ``+0 x1.1``.

        Before the first `start`, or the process sees its machine's own clock for ever.
        """
        new = self._wall_clock.with_suffix(".new")
        new.write_text(wall_clock + "\n")
        new.replace(self._wall_clock)
        self._environment = {
            "LD_PRELOAD": os.fspath(_faketime()),
            "FAKETIME_TIMESTAMP_FILE": os.fspath(self._wall_clock),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def kill(self) -> None:
        """SIGKILL: nothing is said, nothing is saved."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    async def stop(self) -> int:
        """Ask it to end; returns the exit code."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return 0
        process.send_signal(signal.SIGTERM)
        try:
            return await asyncio.to_thread(process.wait, 60)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()

    async def until_ready(self, limit_s: float = 120.0) -> None:
        """Wait for /readyz."""

        def is_ready() -> bool:
            if not self.is_running:
                raise Stuck(f"the controller ended: {self.said()[-1000:]}")
            return self._get("/readyz")[0] == 200

        await until(is_ready, "controller ready", limit_s)

    def metrics(self) -> dict[str, float]:
        """Every family's sum over its series; histograms by their ``_count`` and so on."""
        return sums(self._get("/metrics")[1].decode())

    def series(self) -> dict[str, float]:
        """Every series with its labels, as on the page."""
        return parsed(self._get("/metrics")[1].decode())

    def said(self) -> str:
        """Its log."""
        return self.log.read_text(errors="replace")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """``lamplighter`` in its folder, as an operator types it."""
        return subprocess.run(
            [LAMPLIGHTER, *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            timeout=300,
        )

    def _get(self, path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(self.web + path, timeout=20) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read()


@dataclass
class Street:
    """The simulated fleet and what it said last."""

    process: FleetProcess
    progress: dict[str, Any] = field(default_factory=dict)
    """The latest progress event."""
    summary: asyncio.Task[dict[str, Any]] | None = None


class Stage:
    """Site, broker, controller and street; time passes from `begin` on."""

    def __init__(self, folder: Path, site: Site, timebase: Timebase) -> None:
        self.folder = folder
        self.site = site
        self.timebase = timebase
        self.broker = Mosquitto(folder / "broker")
        self.controller = self._controller("controller", self.broker.url())
        self.street: Street | None = None
        self.figures: dict[str, Any] = {}
        """What the scenario measured, for people."""

    def _controller(self, name: str, url: str) -> ControllerProcess:
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "lamplighter.toml").write_text(_SETTINGS)
        with SqliteStore(folder / "lamplighter-data") as store:
            if store.load_site() is None:
                store.save_site(self.site, author="scenario", comment="first")
        return ControllerProcess(folder, url, self.timebase)

    def another_controller(self, name: str, url: str | None = None) -> ControllerProcess:
        """A second controller of the same site, not started yet."""
        return self._controller(name, self.broker.url() if url is None else url)

    def lit(self) -> int:
        """Luminaires that the controller was told are lit."""
        return round(
            sum(
                value
                for series, value in self.controller.series().items()
                if series.startswith("streetlight_luminaires{") and 'state="on"' in series
            )
        )

    def override(self, name: str, *, level: float, in_s: float = 0.0) -> int:
        """An override for the whole city, three hours from now or from then; the revision that
        was acknowledged."""
        begins_at = self.now() + in_s
        begins, ends = (
            datetime.fromtimestamp(at, self.site.time_zone).isoformat(timespec="seconds")
            for at in (begins_at, begins_at + 3 * 3600)
        )
        done = self.controller.command(
            "override", "set", "--city", "--level", str(level), "--kind", "emergency",
            "--from", begins, "--until", ends, "--reason", name, "--author", "scenario",
            "--id", name, "--format", "json",
        )  # fmt: skip
        if done.returncode != 0:
            raise Stuck(f"override refused: {done.stderr}")
        revision: int = json.loads(done.stdout)["revision"]
        return revision

    def leave_old_messages(self) -> None:
        """Let the broker hold states of an older run, and of devices that are gone."""
        done = self.controller.command(
            "chaos", "garbage", "--leftovers", "--site", str(self.folder / "site.json"),
            "--broker", self.broker.url(),
        )  # fmt: skip
        if done.returncode != 0:
            raise Stuck(f"leftovers refused: {done.stderr}")

    def alarms(self) -> list[dict[str, Any]]:
        """Open alarms, as an operator lists them."""
        done = self.controller.command("alarms", "list", "--format", "json")
        if done.returncode != 0:
            raise Stuck(f"alarms refused: {done.stderr}")
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    def now(self) -> float:
        """Site time, Unix s."""
        return self.timebase.site_time(time.time())

    async def until_site_time(self, at: float) -> None:
        """Let the street's time pass."""
        await asyncio.sleep(max(0.0, self.timebase.real_time(at) - time.time()))

    @asynccontextmanager
    async def fleet(self, *arguments: str, broker_url: str | None = None) -> AsyncIterator[Street]:
        """The street, connected and on the stage's clock."""
        site_file = self.folder / "site.json"
        site_file.write_text(self.site.model_dump_json(), encoding="utf-8")
        start = datetime.fromtimestamp(self.timebase.site_at, self.site.time_zone)
        words = [
            "--site", str(site_file),
            "--start", start.isoformat(),
            "--connect-timeout", "120",
            "--broker", broker_url or self.broker.url(),
            *arguments,
        ]  # fmt: skip
        street = Street(FleetProcess(words, lambda event: street.progress.update(event)))
        async with street.process as process:
            await process.wait_for("ready")
            await process.set_timebase(self.timebase)
            street.summary = asyncio.create_task(process.wait_for("summary"), name="stage.street")
            self.street = street
            try:
                yield street
            finally:
                street.summary.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await street.summary

    async def judge(self) -> dict[str, Any]:
        """End the street's run; the oracle's summary."""
        assert self.street is not None
        assert self.street.summary is not None
        await self.street.process.finish()
        async with asyncio.timeout(300):
            return await self.street.summary

    async def until_commissioned(self, limit_s: float = 300.0) -> None:
        """Wait until every luminaire says that it holds its program and config."""

        def is_commissioned() -> bool:
            assert self.street is not None
            size = len(self.site.inventory.luminaires)
            return (
                self.street.progress.get("configured") == size
                and self.controller.metrics()["streetlight_luminaires_schedule_stale"] == 0
            )

        await until(is_commissioned, "every luminaire holds its program", limit_s)

    async def until_converged(self, limit_s: float = 300.0) -> float:
        """Wait until no luminaire does other than wanted; machine seconds that it took."""
        begun = time.monotonic()

        def is_converged() -> bool:
            figures = self.controller.metrics()
            return (
                figures["streetlight_controller_active"] == 1
                and figures["streetlight_mqtt_connected"] == 1
                and figures["streetlight_luminaires_mismatched"] == 0
                and figures["streetlight_luminaires_schedule_stale"] == 0
            )

        await until(is_converged, "every luminaire does as wanted", limit_s)
        return time.monotonic() - begun

    async def __aenter__(self) -> Self:
        await self.broker.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.controller.stop()
        await self.broker.stop()


def a_stage(
    folder: Path,
    *,
    luminaires: int,
    begins: str,
    speed: float,
    lead_s: float,
    clockless: float = 0.0,
    change: Callable[[Inventory], Inventory] = lambda inventory: inventory,
) -> Stage:
    """A synthetic Beijing whose clock stands at ``begins`` (ISO 8601) for ``lead_s`` machine
    seconds, so that everybody can connect, and then runs at ``speed``."""
    inventory = change(demo_inventory(luminaires, 1, clockless))
    site = Site(inventory=inventory, plan=demo_plan(inventory))
    begins_at = datetime.fromisoformat(begins).timestamp()
    folder.mkdir(parents=True, exist_ok=True)
    return Stage(folder, site, Timebase(time.time() + lead_s, begins_at, speed))


def _faketime() -> Path:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        pytest.fail("libfaketime is missing: install the Debian package ('make test' does)")
    return found[0]


async def until(is_so: Callable[[], bool], what: str, limit_s: float) -> None:
    """Look twice a second off the loop; raises `Stuck` naming what never came."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, KeyError):
            if await asyncio.to_thread(is_so):
                return
        await asyncio.sleep(0.5)
    raise Stuck(f"not within {limit_s:.0f} s: {what}")


def parsed(page: str) -> dict[str, float]:
    """Series of a text exposition."""
    return {
        series: float(value)
        for series, _, value in (
            line.rpartition(" ") for line in page.splitlines() if line and line[0] != "#"
        )
    }


def sums(page: str) -> dict[str, float]:
    """Sum of the series of each name."""
    found: dict[str, float] = {}
    for series, value in parsed(page).items():
        name = series.partition("{")[0]
        found[name] = found.get(name, 0.0) + value
    return found


def resident_bytes(pid: int) -> int:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


def open_descriptors(pid: int) -> int:
    """Open file descriptors of a process."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def as_json(figures: dict[str, Any]) -> str:
    """Figures for people and machines."""
    return json.dumps(figures, ensure_ascii=False, indent=2, default=str)
