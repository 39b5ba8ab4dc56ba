"""What the service answers when it is asked whether it lives, and whether it controls."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from controller.adapters.clock import MachineClock
from controller.adapters.sqlite import SqliteStore
from controller.errors import StoreError
from controller.service.control import Control
from controller.service.health import components
from controller.web.server import web_app
from tests.contract.memory_bus import MemoryBroker, MemoryBus
from tests.fakes.crooked_machine import CrookedMachine
from tests.fakes.small_city import small_site


class Steered(MachineClock):
    """Machine seconds may leap ahead: a test has no minutes."""

    leap_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.leap_s


async def asked(control: Control, clock: MachineClock, path: str) -> tuple[int, dict[str, Any]]:
    transport = httpx.ASGITransport(app=web_app(control, clock))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get(path)
        return answer.status_code, answer.json()


async def test_readiness_names_what_is_missing(tmp_path: Path) -> None:
    clock = MachineClock()
    with SqliteStore(tmp_path) as store:
        control = Control(small_site(), MemoryBus(MemoryBroker()), store, clock)
        code, said = await asked(control, clock, "/readyz")
        assert (code, said["status"], said["waits_for"]) == (
            503,
            "not ready",
            ["broker", "programs"],
        )
        assert said["role"] == "active"
        assert said["items"]["store"]["ok"]
        control.store_watch.failed(StoreError("the disk is full"))
        _, said = await asked(control, clock, "/readyz")
        assert said["items"]["store"] == {"ok": False, "detail": "the disk is full"}
        assert not components(control)["store"]


async def test_a_reconciler_that_stopped_is_no_life(tmp_path: Path) -> None:
    clock = Steered()
    with SqliteStore(tmp_path) as store:
        control = Control(small_site(), MemoryBus(MemoryBroker()), store, clock)
        control.watch.expect("reconciler", 10)
        control.watch.expect("saving", 90)
        code, said = await asked(control, clock, "/healthz")
        assert (code, said["status"]) == (200, "ok")
        clock.leap_s = 30
        code, said = await asked(control, clock, "/healthz")
        assert code == 503
        assert "reconciler" in said["wrong"]
        assert "saving" not in said["wrong"]
        assert "10 s allowed" in said["items"]["reconciler"]["detail"]
        assert not components(control)["reconciler"]


@pytest.mark.parametrize("wall_at", [0.0, 2_147_483_648.0])
async def test_nothing_is_published_by_a_clock_that_cannot_be_right(
    tmp_path: Path, wall_at: float
) -> None:
    broker = MemoryBroker()
    machine = CrookedMachine(wall_at)
    clock = MachineClock(machine=machine)
    with SqliteStore(tmp_path) as store:
        control = Control(small_site(), MemoryBus(broker), store, clock, pass_every_s=0.05)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(control.run(), name="test.control")
            while not control.tally.is_connected:  # noqa: ASYNC110  # it tells nobody
                await asyncio.sleep(0.01)
            await asyncio.sleep(1)
            assert not broker.retained, "no program, no config"
            code, said = await asked(control, clock, "/readyz")
            assert code == 503
            assert "clock" in said["waits_for"]
            assert "unknown" in said["items"]["clock"]["detail"]
            machine.set(time.time())
            async with asyncio.timeout(20):
                while not broker.retained:  # noqa: ASYNC110  # what is awaited tells nobody
                    await asyncio.sleep(0.05)
            running.cancel()
        assert store.trusted_at() == pytest.approx(time.time(), abs=60)
