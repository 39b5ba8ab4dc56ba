"""The machine's clock goes wrong under a real service on a real broker: the city does not.

The simulated street has clocks of its own; its oracle says what every lamp truly did.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from controller.adapters.clock import MachineClock
from controller.adapters.fleet_process import FleetProcess
from controller.app import Service, running_service
from controller.config import (
    BrokerSettings,
    ConsoleSettings,
    ControlSettings,
    Settings,
    WebSettings,
)
from controller.data_folder import open_store
from controller.engine.alarm_types import AlarmType
from controller.engine.book import compile_book
from controller.engine.clock_guard import ClockFault, ClockState
from controller.service.health import liveness, readiness
from controller.wire.timebase import Timebase
from schedules import Site, demo_plan
from tests.fakes.crooked_machine import CrookedMachine
from tests.integration.brokers import Mosquitto
from zones import demo_inventory

LUMINAIRES = 24
NOON = datetime.fromisoformat("2026-11-23T12:00+08:00").timestamp()
NIGHT = datetime.fromisoformat("2026-11-23T21:00+08:00").timestamp()


async def until(holds: Callable[[], object], within_s: float = 60.0) -> None:
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110  # what is awaited tells nobody
            await asyncio.sleep(0.05)


@dataclass
class City:
    """A street that knows the time, and a broker; services come and go."""

    folder: Path
    site: Site
    broker: Mosquitto
    timebase: Timebase
    fleet: FleetProcess
    progress: list[dict[str, Any]]
    """What the oracle said each second; complete once it is `judged`."""

    @property
    def right(self) -> float:
        """The right time, Unix s."""
        return self.timebase.site_time(time.time())

    @asynccontextmanager
    async def service(self, machine: CrookedMachine) -> AsyncIterator[tuple[Service, MachineClock]]:
        settings = Settings(
            data=self.folder / "data",
            broker=BrokerSettings(url=self.broker.url()),
            web=WebSettings(port=0),
            console=ConsoleSettings(serve=False),
            control=ControlSettings(pass_every_s=0.2),
        )
        with open_store(settings.data) as store:
            if store.load_site() is None:
                store.save_site(self.site, author="test", comment="first")
            clock = MachineClock(machine=machine)
            async with running_service(settings, store, clock, is_temporary=True) as service:
                yield service, clock

    async def judged(self) -> dict[str, Any]:
        """What the oracle says in the end."""
        await self.fleet.finish()
        return await self.fleet.wait_for("summary")


@asynccontextmanager
async def city(folder: Path, begins_at: float) -> AsyncIterator[City]:
    inventory = demo_inventory(LUMINAIRES, 1, 0.25)
    site = Site(inventory=inventory, plan=demo_plan(inventory))
    file = folder / "site.json"
    file.write_text(site.model_dump_json(), encoding="utf-8")
    broker = Mosquitto(folder / "broker")
    await broker.start()
    start = datetime.fromtimestamp(begins_at, site.time_zone).isoformat()
    words = ["--site", str(file), "--start", start, "--broker", broker.url()]
    try:
        progress: list[dict[str, Any]] = []
        async with FleetProcess(words, progress.append) as fleet:
            await fleet.wait_for("ready")
            timebase = Timebase(time.time(), begins_at, 1.0)
            await fleet.set_timebase(timebase)
            yield City(folder, site, broker, timebase, fleet, progress)
    finally:
        await broker.stop()


def is_commissioned(service: Service) -> bool:
    engine = service.control.engine
    return (
        service.control.is_ready.is_set()
        and not (engine.stale_configs() | engine.stale_programs()).any()
    )


def agrees(service: Service) -> bool:
    columns = service.control.engine.columns
    return bool(columns.is_known.all() and columns.agrees().all())


def open_alarms(service: Service) -> set[AlarmType]:
    return {alarm.type for alarm in service.control.alarms.open}


def first_dusk(site: Site) -> float:
    book = compile_book(site, NOON)
    return min(table.next_at(NOON) for table in book.zones.values())


@pytest.mark.parametrize(
    ("goes_wrong", "fault", "alarm"),
    [
        (lambda m: m.step(3600), ClockFault.STEPPED, AlarmType.CLOCK_STEPPED),
        (lambda m: m.run_at(0.0), ClockFault.STANDING, AlarmType.CLOCK_DRIFTING),
    ],
    ids=["an-hour-on", "standing"],
)
async def test_a_clock_that_goes_wrong_before_dusk_moves_no_switching_point(
    tmp_path: Path,
    goes_wrong: Callable[[CrookedMachine], None],
    fault: ClockFault,
    alarm: AlarmType,
) -> None:
    inventory = demo_inventory(LUMINAIRES, 1, 0.25)
    dusk = first_dusk(Site(inventory=inventory, plan=demo_plan(inventory)))
    async with city(tmp_path, dusk - 20) as street:
        machine = CrookedMachine(street.right)
        async with street.service(machine) as (service, clock):
            await until(lambda: is_commissioned(service) and agrees(service))
            commissioned_at = street.right
            assert commissioned_at < dusk, "commissioned in time"
            goes_wrong(machine)
            await until(lambda: clock.guard.fault is fault, within_s=20)
            await until(lambda: alarm in open_alarms(service), within_s=20)
            assert abs(clock.now() - street.right) < 0.5
            await until(lambda: street.right > dusk + 3)
            await until(lambda: agrees(service))
            assert service.control.engine.columns.desired.max() > 0
            assert abs(clock.now() - street.right) < 0.5
            assert readiness(service.control).is_ok, "it goes on"
            assert all(one.is_ok for one in liveness(service.control).checks if one.name != "loop")
        summary = await street.judged()
    # Luminaires without a clock wait for their command, a moment each; if they waited for
    # ever it would be a minute at least.
    assert summary["dark_minutes"] < 0.5
    # All are lit until they have a program, a moment that is the machine's; an hour's error would
    # be 5 minutes.
    told = (one for one in street.progress if one["site_at"] >= commissioned_at)
    before = next(told)["daylight_burn_minutes"]
    assert summary["daylight_burn_minutes"] - before < 0.5


async def test_no_lamp_of_a_lit_night_changes_whatever_the_clock_shows(tmp_path: Path) -> None:
    async with city(tmp_path, NIGHT) as street:
        machine = CrookedMachine(street.right)
        async with street.service(machine) as (service, clock):
            await until(lambda: is_commissioned(service) and agrees(service))
            levels = service.control.engine.columns.reported.copy()
            assert levels.min() > 0
            for wrong in (
                street.right + 3600,
                street.right - 3600,
                street.right + 86_400,
                street.right - 86_400,
                0.0,
                2_147_483_648.0,
            ):
                machine.set(wrong)
                await until(lambda: clock.guard.state is ClockState.HELD, within_s=20)
                await asyncio.sleep(1)
                machine.set(street.right)
                await until(lambda: clock.guard.state is ClockState.TRUSTED)
            assert clock.guard.steps == 12
            machine.run_at(1.1)
            await until(lambda: clock.guard.fault is ClockFault.DRIFTING, within_s=20)
            await until(lambda: AlarmType.CLOCK_DRIFTING in open_alarms(service), within_s=20)
            assert abs(clock.now() - street.right) < 0.5
            assert (service.control.engine.columns.reported == levels).all()
        summary = await street.judged()
    assert summary["dark_minutes"] == 0
    assert summary["daylight_burn_minutes"] == 0


@pytest.mark.parametrize(
    "shows",
    [
        lambda right: right + 3600,
        lambda right: right - 3600,
        lambda right: right + 86_400,
        lambda _right: 0.0,
        lambda _right: 2_147_483_648.0,
    ],
    ids=["an-hour-on", "an-hour-back", "a-day-on", "1970", "2038"],
)
async def test_a_service_that_starts_with_a_wrong_clock_asks_the_street(
    tmp_path: Path, shows: Callable[[float], float]
) -> None:
    async with city(tmp_path, NIGHT) as street:
        async with street.service(CrookedMachine(street.right)) as (service, _):
            await until(lambda: is_commissioned(service) and agrees(service))
        async with street.service(CrookedMachine(shows(street.right))) as (service, clock):
            await until(lambda: clock.guard.state is ClockState.HELD)
            assert abs(clock.now() - street.right) < 1
            await until(lambda: service.control.is_ready.is_set() and agrees(service))
            assert service.control.engine.columns.desired.min() > 0
            await until(lambda: AlarmType.CLOCK_NOT_TRUSTED in open_alarms(service))
        summary = await street.judged()
    assert summary["dark_minutes"] == 0
    assert summary["daylight_burn_minutes"] == 0
