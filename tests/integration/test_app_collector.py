"""The garbage collector while a service starts, and after."""

import asyncio
import gc
from pathlib import Path

import pytest

from controller.adapters.clock import MachineClock
from controller.app import running_service
from controller.config import BrokerSettings, ConsoleSettings, Settings, WebSettings
from controller.data_folder import open_store
from controller.errors import ConfigurationError
from schedules import Site, demo_plan
from zones import demo_inventory


def _settings(data: Path) -> Settings:
    return Settings(
        data=data,
        broker=BrokerSettings(url="mqtt://127.0.0.1:1"),  # nobody is there
        web=WebSettings(port=0),
        console=ConsoleSettings(serve=False),
    )


async def test_it_works_again_soon_after_a_start_without_what_the_start_built(
    tmp_path: Path,
) -> None:
    inventory = demo_inventory(20, 1, 0.0)
    with open_store(tmp_path) as store:
        store.save_site(
            Site(inventory=inventory, plan=demo_plan(inventory)), author="test", comment="first"
        )
        async with running_service(_settings(tmp_path), store, MachineClock(), is_temporary=True):
            async with asyncio.timeout(60):
                while not gc.isenabled():  # noqa: ASYNC110  # the collector tells nobody
                    await asyncio.sleep(0.01)
            assert gc.get_freeze_count() > 0
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


async def test_it_works_after_a_start_that_failed(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, pytest.raises(ConfigurationError, match="inventory"):
        async with running_service(_settings(tmp_path), store, MachineClock()):
            pass
    assert gc.isenabled()
