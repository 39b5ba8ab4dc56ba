"""The watch over the service itself: rounds, lateness, and what keeps the watchdog quiet."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from controller.adapters.clock import MachineClock
from controller.adapters.sd_notify import SystemdNotifier
from controller.service.tally import Tally
from controller.service.watch import Watch
from tests.fakes.service_manager import manager


class Steered(MachineClock):
    """Machine seconds that pass faster: a test has no minutes."""

    speed = 1.0

    def monotonic(self) -> float:
        return super().monotonic() * self.speed


@asynccontextmanager
async def running(watch: Watch) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(watch.run(), name="test.watch")
        yield
        task.cancel()


def test_a_task_that_stops_its_rounds_is_named() -> None:
    clock = Steered()
    watch = Watch(clock, Tally())
    watch.expect("reconciler", 10.0)
    watch.expect("saving", 90.0)
    assert all(check.is_ok for check in watch.checks() if check.name != "loop")
    clock.speed = 1 + 20 / time.monotonic()  # twenty seconds later
    wrong = [check.name for check in watch.checks() if not check.is_ok]
    assert "reconciler" in wrong
    assert "saving" not in wrong
    watch.made_round("reconciler")
    assert "reconciler" not in [check.name for check in watch.checks() if not check.is_ok]


async def test_a_loop_that_was_held_up_says_so() -> None:
    tally = Tally()
    watch = Watch(MachineClock(), tally)
    async with running(watch):
        await asyncio.sleep(0.4)
        assert all(check.is_ok for check in watch.checks())
        time.sleep(2.4)  # noqa: ASYNC251  # holding the loop up is what is tested
        assert not watch.checks()[0].is_ok, "seen before the watch itself had its turn"
        await asyncio.sleep(0.4)
        (loop,) = watch.checks()
        assert not loop.is_ok, "remembered for a while"
    assert tally.loop_lag_s.counts[-1] == 1, "one wake-up later than the last bucket"


async def test_pings_stop_when_a_round_is_not_made(tmp_path: Path) -> None:
    with manager(str(tmp_path / "notify")) as listening:
        listening.settimeout(0)
        notifier = SystemdNotifier(str(tmp_path / "notify"), watchdog_s=0.3)
        watch = Watch(MachineClock(), Tally(), notifier, status=lambda: "all is well")
        watch.expect("reconciler", 1.0)

        def heard() -> list[bytes]:
            words = []
            try:
                while True:
                    words.append(listening.recv(1000))
            except BlockingIOError:
                return words

        async with running(watch):
            for _ in range(4):
                watch.made_round("reconciler")
                await asyncio.sleep(0.3)
            lively = heard()
            assert lively.count(b"WATCHDOG=1") >= 2
            assert b"STATUS=all is well" in lively
            await asyncio.sleep(1.3)  # the pass hangs
            heard()
            await asyncio.sleep(0.8)
            assert b"WATCHDOG=1" not in heard()
            watch.made_round("reconciler")
            await asyncio.sleep(0.8)
            assert b"WATCHDOG=1" in heard()
        notifier.close()


async def test_a_fault_of_the_look_is_not_hidden() -> None:
    def look() -> None:
        raise ValueError("out of order")

    watch = Watch(MachineClock(), Tally(), look=look)
    with pytest.raises(ValueError, match="out of order"):
        await watch.run()
