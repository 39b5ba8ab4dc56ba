"""The whole service in a process of its own, doing the exchanges it is told to.

``python -m controller.cli.bench.ours BROKER DATA SITE_AT``: the service of a data folder, as
``lamplighter run`` has it, on a clock that stands at SITE_AT (Unix s) until the wave.
"""

import asyncio
import gc
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from controller.adapters.clock import MachineClock
from controller.app import Service, open_store, running_service
from controller.cli.bench.city import STANDING_STILL
from controller.cli.bench.talk import cpu_s, orders, tell
from controller.config import BrokerSettings, ControlSettings, Settings, WebSettings
from controller.wire.timebase import Timebase

_POLL_S = 0.02
_PASSES = 50


class Ours:
    """A running service and what is measured of it."""

    def __init__(self, service: Service, clock: MachineClock) -> None:
        self._control = service.control
        self._clock = clock
        self._engine = service.control.engine

    async def push(self) -> dict[str, float]:
        """Until every luminaire has confirmed its config and, with a clock, its program."""
        engine = self._engine
        return await self._measured(
            lambda: not (engine.stale_configs() | engine.stale_programs()).any()
        )

    async def wave(self) -> dict[str, float]:
        """Let the second before dusk pass, then until every luminaire has confirmed its light."""
        columns = self._engine.columns
        before = dict(self._control.tally.messages_out)
        retries = self._control.tally.retries
        site_at = self._clock.now()
        self._clock.timebase = Timebase(real_at=time.time(), site_at=site_at)
        while self._clock.now() < site_at + 1:
            await asyncio.sleep(0.001)
        took = await self._measured(lambda: bool((columns.reported >= 100).all()))
        commands = self._control.tally.messages_out["command"] - before.get("command", 0)
        return took | {"commands": commands, "retries": self._control.tally.retries - retries}

    async def hear(self, count: int) -> dict[str, float]:
        """Until so many measurements came in."""
        counts = self._control.tally.messages_in
        wanted = counts["telemetry"] + count
        first = counts["telemetry"]
        while counts["telemetry"] == first:
            await asyncio.sleep(0.001)
        return await self._measured(lambda: counts["telemetry"] >= wanted)

    def passes(self) -> dict[str, float]:
        """Seconds of a pass where everything agrees, and of a bare comparison of two columns."""
        columns = self._engine.columns

        def one_pass() -> object:
            return self._engine.reconcile(self._clock.now(), self._clock.monotonic())

        def bare_pass() -> object:
            return np.abs(columns.reported - columns.desired) <= 0.5

        return {
            "seconds": statistics.median(_seconds(one_pass) for _ in range(_PASSES)),
            "bare_s": statistics.median(_seconds(bare_pass) for _ in range(_PASSES)),
        }

    async def _measured(self, is_done: Callable[[], bool]) -> dict[str, float]:
        began, cpu = time.perf_counter(), cpu_s(os.getpid())
        while not is_done():
            await asyncio.sleep(_POLL_S)
        return {"seconds": time.perf_counter() - began, "cpu_s": cpu_s(os.getpid()) - cpu}


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _resident_bytes() -> int:
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


async def _run(url: str, data: Path, site_at: float) -> None:
    began, empty_bytes = time.perf_counter(), _resident_bytes()
    clock = MachineClock(Timebase(real_at=STANDING_STILL, site_at=site_at))
    settings = Settings(
        data=data,
        broker=BrokerSettings(url=url),
        web=WebSettings(port=0),
        control=ControlSettings(pass_every_s=0.05),
    )
    with open_store(data) as store:
        async with running_service(settings, store, clock) as service:
            await service.control.is_ready.wait()
            ours = Ours(service, clock)
            pushing = asyncio.create_task(ours.push(), name="bench.push")
            while not service.control.tally.last_reconcile_at:
                await asyncio.sleep(0.001)
            tell("ready", seconds=time.perf_counter() - began, metrics_url=service.metrics_url)
            tell("pushed", **await pushing)
            async for order in orders():
                match order["order"]:
                    case "wave":
                        tell("waved", **await ours.wave())
                    case "hear":
                        tell("hearing")
                        tell("heard", **await ours.hear(order["count"]))
                    case "pass":
                        tell("passed", **ours.passes())
                    case "look":
                        gc.collect()
                        tell(
                            "looked",
                            memory_bytes=_resident_bytes() - empty_bytes,
                            commands=service.control.tally.messages_out["command"],
                            site_at=clock.now(),
                        )


def main() -> None:
    """Run until standard input is closed."""
    url, data, site_at = sys.argv[1:]
    asyncio.run(_run(url, Path(data), float(site_at)))


if __name__ == "__main__":
    main()
