"""The demonstration: composes service and simulated fleet and lets the nights pass."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import numpy as np

from controller.adapters.clock import MachineClock
from controller.adapters.fleet_process import FleetProcess
from controller.app import Service, running_service
from controller.cli.demo_options import DemoOptions
from controller.cli.demo_progress import DemoProgress
from controller.cli.demo_summary import Delays, Summary, summarise
from controller.cli.site_source import demo_site
from controller.config import (
    BrokerSettings,
    ConsoleSettings,
    ControlSettings,
    Settings,
    SigningSettings,
    WebSettings,
)
from controller.data_folder import open_store
from controller.errors import ConfigurationError, ControllerError
from controller.pki.signing import FOLDER, TRUSTED, make_key
from controller.wire.timebase import Timebase
from schedules import Site

_DAY_S = 86_400
_STANDING_STILL = 1e15
"""A machine instant that never comes, Unix s."""
_CONNECT_TIMEOUT_S = 15.0
_SETTLE_TIMEOUT_S = 300.0
_SETTLED_AFTER_S = 10.0
"""Without progress for this long, what has not confirmed by now is taken not to."""


async def run_demo(options: DemoOptions, progress: DemoProgress) -> Summary:
    """Run the whole demonstration and return its summary."""
    with _data_folder(options.data) as data:
        progress.say(f"building a synthetic Beijing of {options.luminaires:,} luminaires")
        site = await asyncio.to_thread(
            demo_site, options.luminaires, options.seed, options.clockless
        )
        start_at = _start_of(site, options.first_night)
        clock = MachineClock(_standing_at(start_at, options.speed))
        with open_store(data) as store:
            if store.revision("inventory"):
                raise ConfigurationError(
                    f"data folder {str(data)!r} holds a city already: "
                    "a demonstration wants an empty or a new folder"
                )
            await asyncio.to_thread(store.save_inventory, site.inventory)
            await asyncio.to_thread(store.save_plan, site.plan)
            progress.say("starting the broker and the controller")
            async with running_service(
                _settings(options, data), store, clock, is_temporary=True
            ) as service:
                delays = Delays(options.speed)
                service.control.confirmed_listeners.append(delays.note)
                return await _nights(options, progress, data, site, service, clock, delays)


async def _nights(
    options: DemoOptions,
    progress: DemoProgress,
    data: Path,
    site: Site,
    service: Service,
    clock: MachineClock,
    delays: Delays,
) -> Summary:
    started = time.monotonic()
    start_at = clock.timebase.site_at
    end_at = start_at + options.nights * _DAY_S
    await _connected(service)
    progress.say(f"connecting the street; metrics at {service.metrics_url}")
    if service.console_url is not None:
        progress.say(f"console at {service.console_url}")
    arguments = _fleet_arguments(options, data, site, service.street_url, start_at)
    async with FleetProcess(arguments, progress.take_street) as fleet:
        await fleet.wait_for("ready")
        await _commissioned(service, progress)
        timebase = Timebase(real_at=time.time(), site_at=start_at, speed=options.speed)
        clock.timebase = timebase
        await fleet.set_timebase(timebase)
        progress.begin(site, start_at, end_at)
        async with asyncio.TaskGroup() as group:
            # The fleet's pipe is read all along, so that it never waits for us.
            reading = group.create_task(fleet.wait_for("summary"), name="demo.fleet")
            while clock.now() < end_at:
                progress.show(service.control, clock.now())
                await asyncio.sleep(min(0.5, max(0.01, (end_at - clock.now()) / options.speed)))
            standing = _standing_at(end_at, options.speed)
            clock.timebase = standing
            await fleet.set_timebase(standing)
            progress.say("collecting the last reports")
            await fleet.finish()
        street = reading.result()
        await _quiet(service)
    service.control.engine.account.advance(end_at)
    return summarise(
        options=options,
        site=site,
        start_at=start_at,
        control=service.control,
        street=street,
        delays=delays,
        took_s=time.monotonic() - started,
    )


async def _connected(service: Service) -> None:
    """Wait for the broker; a demonstration has no patience with one that is not there."""
    deadline = time.monotonic() + _CONNECT_TIMEOUT_S
    while not service.control.tally.is_connected:
        if time.monotonic() > deadline:
            raise ControllerError(
                f"{service.bus.last_error or 'the broker does not answer'}: "
                f"given up after {_CONNECT_TIMEOUT_S:.0f} s"
            )
        await asyncio.sleep(0.05)


async def _commissioned(service: Service, progress: DemoProgress) -> None:
    """Wait until every luminaire confirmed its config and program, or no more do."""
    engine = service.control.engine
    best, best_at = engine.columns.size + 1, time.monotonic()
    deadline = time.monotonic() + _SETTLE_TIMEOUT_S
    while time.monotonic() < deadline:
        missing = int(np.count_nonzero(engine.stale_configs() | engine.stale_programs()))
        progress.commissioning(engine.columns.size - missing, engine.columns.size)
        if service.control.is_ready.is_set() and missing == 0:
            return
        if missing < best:
            best, best_at = missing, time.monotonic()
        if best < engine.columns.size and time.monotonic() - best_at > _SETTLED_AFTER_S:
            return
        await asyncio.sleep(0.2)
    raise ControllerError(
        f"after {_SETTLE_TIMEOUT_S:.0f} s {best:,} of {engine.columns.size:,} luminaires "
        "have not confirmed their program; is another controller or fleet on this broker?"
    )


async def _quiet(service: Service) -> None:
    """Wait until no more messages come in: the last reports are on their way."""
    tally = service.control.tally
    before = -1
    while (count := sum(tally.messages_in.values())) != before:
        before = count
        await asyncio.sleep(0.5)


def _settings(options: DemoOptions, data: Path) -> Settings:
    key_file = make_key(data / "pki", datetime.now(UTC)) if options.is_signed else None
    return Settings(
        data=data,
        broker=BrokerSettings(url=options.broker, embedded_port=0),
        signing=SigningSettings(key_file=key_file),
        web=WebSettings(port=options.http_port),
        console=ConsoleSettings(serve=options.has_console, port=options.console_port),
        control=ControlSettings(pass_every_s=0.1),
    )


def _fleet_arguments(
    options: DemoOptions, data: Path, site: Site, street_url: str, start_at: float
) -> list[str]:
    site_file = data / "site.json"
    site_file.write_text(site.model_dump_json(), encoding="utf-8")
    arguments = [
        "--site", str(site_file),
        "--seed", str(options.seed),
        "--faults", str(options.faults),
        "--connect-timeout", "60",
        "--start", datetime.fromtimestamp(start_at, tz=site.time_zone).isoformat(),
    ]  # fmt: skip
    if options.is_signed:
        arguments += ["--signed-by", str(data / "pki" / FOLDER / TRUSTED)]
    parts = urlsplit(street_url)
    if parts.password is not None:
        # Not on the command line, where every user of the machine could read it.
        secret = data / "street.password"
        secret.touch(mode=0o600)
        secret.write_text(unquote(parts.password) + "\n", encoding="utf-8")
        arguments += ["--username", parts.username or "", "--password-file", str(secret)]
        street_url = f"{parts.scheme}://{parts.hostname}:{parts.port or 1883}"
    return [*arguments, "--broker", street_url]


def _start_of(site: Site, first_night: date | None) -> float:
    """Noon, local time, of the first control day; Unix s."""
    zone_info = ZoneInfo(site.inventory.city.time_zone)
    day = datetime.now(zone_info).date() if first_night is None else first_night
    return datetime.combine(day, time_of_day(12), tzinfo=zone_info).timestamp()


def _standing_at(site_at: float, speed: float) -> Timebase:
    return Timebase(real_at=_STANDING_STILL, site_at=site_at, speed=speed)


@contextmanager
def _data_folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="lamplighter-demo-") as folder:
        yield Path(folder)
