"""What the API costs a service of 100,000 luminaires, and what readers of events do to it.

``python -m tests.benchmarks.console_large_city [LUMINAIRES]`` prints how long each question
takes and how late the loop is meanwhile; then passes of the closed loop beside 200 streams of
events, 50 of which are never read.
"""

import asyncio
import gc
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from controller.web.api.events import Events
from controller.web.server import bind, serve
from schedules import Site, demo_plan
from tests.fakes.console_house import ConsoleHouse, a_console
from zones import demo_inventory

_API = "/api/v1"
_TIMES = 3
_READERS, _DEAF = 200, 50
_WATCHED_S = 20.0
_PASS_EVERY_S = 0.1

# Readers are another process: what they do is not ours to pay for.
_READING = """
import socket, sys, selectors
port, cookie, readers, deaf = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
line = f"GET /api/v1/events HTTP/1.1\\r\\nHost: here\\r\\nCookie: lamplighter={cookie}\\r\\n\\r\\n"
found, kept = selectors.DefaultSelector(), []
for number in range(readers):
    one = socket.create_connection(("127.0.0.1", port))
    one.sendall(line.encode())
    one.setblocking(False)
    kept.append(one)
    if number >= deaf:
        found.register(one, selectors.EVENT_READ)
while True:
    for key, _ in found.select():
        if not key.fileobj.recv(1 << 18):
            sys.exit("a stream ended")
"""


class Lateness:
    """How late the loop is, as long as it is watched."""

    def __init__(self) -> None:
        self.late_s: list[float] = []

    async def watch(self) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.002)
            self.late_s.append(time.perf_counter() - begun - 0.002)


async def ask(house: ConsoleHouse, lateness: Lateness, paths: Sequence[str]) -> None:
    """Ask everything a few times, and print the last."""
    client = await house.client()
    for path in paths:
        took_s = size = 0.0
        for _ in range(_TIMES):
            lateness.late_s.clear()
            begun = time.perf_counter()
            answer = await client.get(_API + path)
            took_s, size = time.perf_counter() - begun, len(answer.content)
            assert answer.status_code == 200, answer.text
            await asyncio.sleep(0.01)
        print(
            f"{path:<66} {took_s * 1e3:6.1f} ms, {size:>9,.0f} bytes, "
            f"the loop {max(lateness.late_s) * 1e3:5.1f} ms late at most"
        )


@contextmanager
def reading(port: int, cookie: str) -> Iterator[None]:
    """Readers, as long as the context is open."""
    process = subprocess.Popen(
        [sys.executable, "-c", _READING, str(port), cookie, str(_READERS), str(_DEAF)]
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


async def passes(house: ConsoleHouse, lateness: Lateness, what: str) -> None:
    """Passes of the closed loop while levels change, for a while."""
    engine, columns = house.control.engine, house.control.engine.columns
    lateness.late_s.clear()
    took_s: list[float] = []
    begun_cpu, begun = time.process_time(), time.perf_counter()
    while time.perf_counter() - begun < _WATCHED_S:
        rows = np.random.default_rng().integers(0, columns.size, 500)
        columns.reported[rows] = np.random.default_rng().integers(0, 100, 500)
        at = time.perf_counter()
        engine.reconcile(house.here.clock.now(), at, is_linked=False)
        took_s.append(time.perf_counter() - at)
        await asyncio.sleep(_PASS_EVERY_S)
    late_ms = np.array(lateness.late_s) * 1e3
    cpu = (time.process_time() - begun_cpu) / (time.perf_counter() - begun)
    print(
        f"{what}: {len(took_s)} passes, median {np.median(took_s) * 1e3:.1f} ms, longest "
        f"{max(took_s) * 1e3:.1f} ms; the loop 99 % within {np.quantile(late_ms, 0.99):.1f} ms, "
        f"{late_ms.max():.1f} ms late at most; {cpu:.0%} of a core"
    )


async def measure(site: Site, folder: Path) -> None:
    """All of it."""
    async with a_console(folder, site) as house:
        columns = house.control.engine.columns
        house.report(**{name: float(row % 101) for row, name in enumerate(columns.ids)})
        gc.collect()
        gc.freeze()  # as a service does after its start
        zone = site.inventory.zones[7].id
        lateness = Lateness()
        listener = bind("127.0.0.1", 0)
        events: Events = house.app.state.events
        tasks = [
            asyncio.create_task(lateness.watch()),
            asyncio.create_task(serve(house.app, listener)),
            asyncio.create_task(events.run()),
        ]
        await ask(
            house,
            lateness,
            [
                "/city", "/tonight", "/luminaires?limit=100", "/luminaires?limit=1000",
                "/luminaires?q=1", "/luminaires?q=arterial-01-00&limit=1000",
                "/luminaires?state=lit&district=110105&level_min=20&level_max=30",
                f"/luminaires/{columns.ids[columns.size // 2]}",
                "/map/luminaires", "/map/ids", "/map/states", "/documents",
                f"/zones/{zone}/nights?from=2026-03-01&to=2026-03-31",
                f"/zones/{zone}/year?year=2027",
            ],
        )  # fmt: skip
        await passes(house, lateness, "without readers")
        cookie = (await house.client()).cookies["lamplighter"]
        with reading(listener.getsockname()[1], cookie):
            while events.readers < _READERS:  # noqa: ASYNC110  # nothing tells of it
                await asyncio.sleep(0.1)
            await passes(house, lateness, f"{_READERS} readers, {_DEAF} of them deaf")
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def main() -> None:
    """Measure a city."""
    luminaires = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    inventory = demo_inventory(luminaires)
    with tempfile.TemporaryDirectory() as folder:
        site = Site(inventory=inventory, plan=demo_plan(inventory))
        asyncio.run(measure(site, Path(folder)))


if __name__ == "__main__":
    main()
