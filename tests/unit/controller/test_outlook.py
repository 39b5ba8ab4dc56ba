"""When the service looks where targets are heading, and what a look finds."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from controller.adapters.outlook_process import look
from controller.adapters.sqlite import SqliteStore
from controller.service.outlook import Outlook, OutlookFailed, OutlookWatch
from schedules.energy.targets import Target
from tests.fakes.small_city import small_site

RED = Outlook("d", "year", 1.2, "red")
NOON = 1_795_320_000.0


class Eyes:
    """Looks, fails the first time, and counts."""

    def __init__(self) -> None:
        self.looked = 0
        self.found: list[tuple[Outlook, ...]] = []
        self.cause: object | None = 1

    async def look(self) -> Sequence[Outlook]:
        self.looked += 1
        if self.looked == 1:
            raise OutlookFailed("the disk is away")
        return [RED]


async def until(eyes: Eyes, count: int) -> None:
    async with asyncio.timeout(20):
        while len(eyes.found) < count:  # noqa: ASYNC110  # the watch tells nobody else
            await asyncio.sleep(0.001)


async def test_it_looks_again_after_a_failure_and_only_for_a_new_cause() -> None:
    eyes = Eyes()
    watch = OutlookWatch(
        eyes.look, lambda: eyes.cause, eyes.found.append, look_every_s=0.001, retry_s=0.001
    )
    running = asyncio.create_task(watch.run())
    await until(eyes, 1)
    await asyncio.sleep(0.02)
    assert (eyes.looked, eyes.found) == (2, [(RED,)])
    eyes.cause = 2
    await until(eyes, 2)
    eyes.cause = None
    await until(eyes, 3)
    running.cancel()
    assert eyes.looked == 3
    assert eyes.found == [(RED,), (RED,), ()], "without targets there is nothing to forecast"


async def test_a_look_of_a_process_of_its_own(tmp_path: Path) -> None:
    site = small_site()
    targets = (
        Target(id="y", district="d", energy_kwh=1.0),
        Target(id="q", period="quarter", energy_kwh=1e6),
    )
    plan = site.plan.model_copy(update={"targets": targets})
    with SqliteStore(tmp_path) as store:
        store.save_site(site.model_copy(update={"plan": plan}), author="a", comment="c")
        city, district = await look(tmp_path, NOON)
    assert (city.district, city.period, city.level) == (None, "quarter", "green")
    assert 0 < city.forecast_ratio < 1
    assert (district.district, district.period, district.level) == ("d", "year", "red")
    assert district.forecast_ratio > 1


async def test_a_folder_without_a_store_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutlookFailed, match="holds no"):
        await look(tmp_path, NOON)
