"""The whole service in a process of its own, doing the exchanges it is told to.

``python -m controller.cli.bench.ours BROKER DATA SITE_AT``: the service of a data folder, as
``lamplighter run`` has it, on a clock that stands at SITE_AT (Unix s) until the wave. It signs
where the folder holds a key.
"""

import asyncio
import gc
import logging
import os
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import numpy as np

from controller.adapters.clock import MachineClock
from controller.app import Service, running_service
from controller.cli.bench.city import STANDING_STILL
from controller.cli.bench.talk import cpu_s, orders, run_child, tell
from controller.config import (
    BrokerSettings,
    ConsoleSettings,
    Settings,
    SigningSettings,
    WebSettings,
)
from controller.data_folder import open_store
from controller.pki.signing import FOLDER
from controller.wire.timebase import Timebase

_POLL_S: Final = 0.02
_SOON_S: Final = 0.001
_TICK_S: Final = 0.005
_PASSES: Final = 50


class Ours:
    """A running service and what is measured of it."""

    def __init__(self, service: Service, clock: MachineClock) -> None:
        self._control = service.control
        self._clock = clock
        self._engine = service.control.engine
        self._longest_stall_s = 0.0

    async def push(self) -> dict[str, float]:
        """Until every luminaire has confirmed its config and, with a clock, its program."""
        engine = self._engine
        return await self._measured(
            lambda: not (engine.stale_configs() | engine.stale_programs()).any()
        )

    async def wave(self) -> dict[str, float]:
        """Let the second before dusk pass, then until every luminaire has confirmed its light."""
        columns, tally = self._engine.columns, self._control.tally
        commands, retries = tally.messages_out["command"], tally.retries
        site_at = self._clock.now()
        self._clock.timebase = Timebase(real_at=time.time(), site_at=site_at)
        await self._clock.sleep_until(site_at + 1)
        took = await self._measured(lambda: bool(((columns.reported > 0) & columns.agrees()).all()))
        return took | {
            "commands": tally.messages_out["command"] - commands,
            "retries": tally.retries - retries,
        }

    async def hear(self, count: int) -> dict[str, float]:
        """From the first of so many measurements to the last."""
        counts = self._control.tally.messages_in
        first = counts["telemetry"]
        await _until(lambda: counts["telemetry"] > first, _SOON_S)
        return await self._measured(lambda: counts["telemetry"] >= first + count)

    def passes(self) -> dict[str, float]:
        """Seconds of a pass where all agrees, and of a bare comparison of two columns."""
        columns = self._engine.columns

        def one_pass() -> object:
            return self._engine.reconcile(self._clock.now(), self._clock.monotonic())

        def bare_pass() -> object:
            return np.abs(columns.reported - columns.desired) <= 0.5

        return {
            "seconds": statistics.median(_seconds(one_pass) for _ in range(_PASSES)),
            "bare_s": statistics.median(_seconds(bare_pass) for _ in range(_PASSES)),
        }

    async def quiet(self) -> None:
        """Until nothing waits to be sent: after a start the broker is handed everything again."""
        dispatch = self._control.dispatch
        await _until(lambda: not (dispatch.length or dispatch.sending), _POLL_S)

    async def watch_loop(self) -> None:
        """Note how late the loop is, until cancelled."""
        self._longest_stall_s = 0.0
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_TICK_S)
            late_s = time.perf_counter() - began - _TICK_S
            self._longest_stall_s = max(self._longest_stall_s, late_s)

    def look(self) -> dict[str, float]:
        """Memory of the process, and commands since its start."""
        gc.collect()
        return {
            "memory_bytes": _resident_bytes(),
            "commands": self._control.tally.messages_out["command"],
            "stall_s": self._longest_stall_s,
        }

    async def _measured(self, is_done: Callable[[], bool]) -> dict[str, float]:
        began, cpu = time.perf_counter(), cpu_s(os.getpid())
        await _until(is_done, _POLL_S)
        return {"seconds": time.perf_counter() - began, "cpu_s": cpu_s(os.getpid()) - cpu}


async def _until(is_done: Callable[[], bool], every_s: float) -> None:
    while not is_done():  # noqa: ASYNC110  # columns and counts tell nobody that they changed
        await asyncio.sleep(every_s)


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
        signing=SigningSettings(key_file=next((data / "pki" / FOLDER).glob("*.key"), None)),
        web=WebSettings(port=0),
        console=ConsoleSettings(serve=False),
    )
    async with AsyncExitStack() as stack:
        store = stack.enter_context(open_store(data))
        service = await stack.enter_async_context(running_service(settings, store, clock))
        control = service.control
        await control.is_ready.wait()
        await _until(lambda: control.is_in_charge, _SOON_S)
        passes = control.tally.reconcile_s.counts.sum()
        ours = Ours(service, clock)
        group = await stack.enter_async_context(asyncio.TaskGroup())
        pushing = group.create_task(ours.push(), name="bench.push")
        await _until(lambda: bool(control.tally.reconcile_s.counts.sum() > passes), _SOON_S)
        tell("ready", seconds=time.perf_counter() - began, metrics_url=service.metrics_url)
        tell("pushed", **await pushing)
        watching: asyncio.Task[None] | None = None
        async for order in orders():
            match order["order"]:
                case "wave":
                    tell("waved", **await ours.wave())
                case "hear":
                    tell("hearing")
                    tell("heard", **await ours.hear(order["count"]))
                case "pass":
                    tell("passed", **ours.passes())
                case "quiet":
                    await ours.quiet()
                    tell("quiet")
                case "watch":
                    watching = group.create_task(ours.watch_loop(), name="bench.watch")
                case "look":
                    if watching is not None:
                        watching.cancel()
                    looked = ours.look()
                    looked["memory_bytes"] -= empty_bytes
                    tell("looked", **looked)
        if watching is not None:
            watching.cancel()


def main() -> None:
    """Run until standard input is closed."""
    url, data, site_at = sys.argv[1:]
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    run_child(_run(url, Path(data), float(site_at)))


if __name__ == "__main__":
    main()
