"""What could not be saved stays due, whatever ends the save."""

import asyncio
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest

from controller.adapters.clock import MachineClock
from controller.adapters.sqlite import SqliteStore
from controller.errors import StoreError
from controller.ports.energy import EnergyRecord
from controller.ports.store import ReportedState
from controller.service.control import Control
from controller.wire.timebase import Timebase
from tests.contract.memory_bus import MemoryBroker, MemoryBus
from tests.fakes.small_city import small_site

NOW = 1_774_000_000.0


class BusyDisk(SqliteStore):
    """A store whose first save takes until it is told, and fails."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.is_asked = threading.Event()
        self.may_fail = threading.Event()

    def save_night(
        self, reported: Iterable[ReportedState], energy: EnergyRecord | None = None
    ) -> None:
        if not self.is_asked.is_set():
            self.is_asked.set()
            self.may_fail.wait(10)
            raise StoreError("store: database is locked")
        super().save_night(reported, energy)


async def test_a_save_that_fails_while_the_service_ends_is_made_up_for(tmp_path: Path) -> None:
    heard = ReportedState("L1", NOW, b"{}")
    clock = MachineClock(Timebase(real_at=1e15, site_at=NOW, speed=1.0))
    with BusyDisk(tmp_path) as store:
        control = Control(small_site(), MemoryBus(MemoryBroker()), store, clock)
        control.intake.put_back([heard])
        saving = asyncio.create_task(control.keeping.save_soon(), name="test.save")
        await asyncio.to_thread(store.is_asked.wait, 10)
        saving.cancel()
        store.may_fail.set()
        with pytest.raises(asyncio.CancelledError):
            await saving
        control.save()
        assert list(store.reported()) == [heard]
