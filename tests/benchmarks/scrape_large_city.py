"""What a scrape of 400 zones and 100,000 luminaires costs, and how long the loop waits for it.

``python -m tests.benchmarks.scrape_large_city [LUMINAIRES]`` prints the figures of ten pages.
"""

import asyncio
import gc
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from starlette.requests import Request

from controller.adapters.clock import MachineClock
from controller.adapters.sqlite import SqliteStore
from controller.service.control import Control
from controller.web.page import Beside, Page
from schedules import Site, demo_plan
from tests.contract.memory_bus import MemoryBroker, MemoryBus
from zones import demo_inventory

_PAGES = 10
_PACKED = Request({"type": "http", "headers": [(b"accept-encoding", b"gzip")]})


async def measure(control: Control, clock: MachineClock) -> None:
    """Ask for pages while a ticker looks how late it is woken."""
    late_s: list[float] = []

    async def tick() -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.002)
            late_s.append(time.perf_counter() - begun - 0.002)

    ticking = asyncio.create_task(tick())
    page = Page(control, clock, Beside())
    for _ in range(_PAGES):
        await asyncio.sleep(1.1)  # a page is kept for a second
        late_s.clear()
        begun = time.perf_counter()
        answer = await page.answer(_PACKED)
        took_s = time.perf_counter() - begun
        await asyncio.sleep(0.01)
        print(
            f"{took_s * 1e3:6.1f} ms, {len(answer.body):,} bytes packed, "
            f"the loop {max(late_s) * 1e3:.1f} ms late at most"
        )
    ticking.cancel()


def main() -> None:
    """Measure a city."""
    luminaires = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    inventory = demo_inventory(luminaires)
    site = Site(inventory=inventory, plan=demo_plan(inventory))
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder)) as store:
        clock = MachineClock()
        control = Control(site, MemoryBus(MemoryBroker()), store, clock)
        columns = control.engine.columns
        columns.reported[:] = np.random.default_rng(1).choice([0.0, 50.0, 100.0], columns.size)
        columns.desired[:] = 100.0
        columns.attempts[:] = 1
        gc.freeze()  # as the service does
        print(f"{luminaires:,} luminaires in {len(inventory.zones)} zones")
        asyncio.run(measure(control, clock))


if __name__ == "__main__":
    main()
