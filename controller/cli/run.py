"""``lamplighter run``: the service."""

import asyncio
import contextlib
import logging
import math
import os
import signal
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click
from pydantic import ValidationError

from controller.adapters.clock import MachineClock
from controller.adapters.sqlite import SqliteStore
from controller.adapters.sqlite_backup import copies
from controller.adapters.sqlite_file import FILE_NAME
from controller.app import Service, no_inventory, open_store, running_service
from controller.config import EMBEDDED, ConsoleSettings, Settings, read_settings
from controller.errors import ConfigurationError, StoreInUse
from controller.wire.timebase import Timebase

_STANDBY_LOOK_S = 1.0

DEFAULT_SETTINGS = Path("lamplighter.toml")
_FASTEST = 100_000


def _timebase(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> Timebase | None:
    if value is None:
        return None
    try:
        real_at, site_at, speed = (float(part) for part in value.split(":"))
    except ValueError:
        real_at, site_at, speed = 0.0, 0.0, math.nan
    if not (0 < speed <= _FASTEST and math.isfinite(real_at) and math.isfinite(site_at)):
        raise click.BadParameter(
            f"{value!r} is not REAL:SITE:SPEED, such as 1790000000:1790006400:60, "
            f"with a speed of more than 0 and at most {_FASTEST:,}"
        )
    return Timebase(real_at, site_at, speed)


def _is_here(url: str) -> bool:
    return url == EMBEDDED or (urlsplit(url).hostname or "") in ("127.0.0.1", "::1", "localhost")


@click.command()
@click.option(
    "--config",
    "settings_file",
    type=click.Path(path_type=Path),
    help="Settings file; lamplighter.toml unless said, built-in defaults where there is none.",
)
@click.option(
    "--data", type=click.Path(path_type=Path), help="Data folder, instead of the settings'."
)
@click.option("--broker", metavar="URL", help="MQTT broker, instead of the settings'.")
@click.option(
    "--http", "http", metavar="HOST:PORT", help="Address of /metrics, instead of the settings'."
)
@click.option(
    "--console",
    metavar="HOST:PORT|off",
    help="Address of the console and its API, instead of the settings'; 'off' for none.",
)
@click.option(
    "--standby",
    is_flag=True,
    help="Where another process works on the data folder (a shared disk), wait until it ends.",
)
@click.option(
    "--rehearse",
    "timebase",
    callback=_timebase,
    metavar="REAL:SITE:SPEED",
    help="For a rehearsal beside a simulator, never for a street: site time stands at SITE until "
    "the machine's time is REAL (both Unix seconds), then runs at SPEED. Only with a broker on "
    "this machine.",
)
def run(
    settings_file: Path | None,
    data: Path | None,
    broker: str | None,
    http: str | None,
    console: str | None,
    timebase: Timebase | None,
    standby: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Run the service until it is told to stop (Ctrl-C or SIGTERM)."""
    settings = _settings(settings_file, data, broker, http, console)
    if timebase is not None and not _is_here(settings.broker.url):
        raise click.UsageError(
            f"--rehearse: broker {settings.broker.url!r} is not on this machine; a street must "
            "never be told another time than its own"
        )
    store_file = settings.data / FILE_NAME
    if not any(one.is_file() for one in (store_file, *copies(store_file))):
        raise ConfigurationError(no_inventory(settings.data))
    logging.basicConfig(
        level=settings.log.level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    if asyncio.run(_run(settings, MachineClock(timebase), waits=standby)):
        # The same command in the same process: whoever watches over it sees no end.
        os.execv(sys.executable, sys.orig_argv)


def _settings(
    file: Path | None,
    data: Path | None,
    broker: str | None,
    http: str | None,
    console: str | None,
) -> Settings:
    if file is not None:
        settings = read_settings(file)
    elif DEFAULT_SETTINGS.is_file():
        settings = read_settings(DEFAULT_SETTINGS)
    else:
        settings = Settings()
    update: dict[str, object] = {}
    if data is not None:
        update["data"] = data
    if broker is not None:
        update["broker"] = settings.broker.model_copy(update={"url": broker})
    if http is not None:
        host, port = _address(http, "--http", "127.0.0.1:9464")
        update["web"] = settings.web.model_copy(update={"host": host, "port": port})
    if console is not None:
        update["console"] = _console(settings.console, console)
    return settings.model_copy(update=update)


def _console(settings: ConsoleSettings, asked: str) -> ConsoleSettings:
    if asked == "off":
        return settings.model_copy(update={"serve": False})
    host, port = _address(asked, "--console", "127.0.0.1:8080, or off")
    try:
        return ConsoleSettings(**{**settings.model_dump(), "host": host, "port": port})
    except ValidationError as error:
        why = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise click.BadParameter(why, param_hint="--console") from error


def _address(text: str, option: str, example: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65_535:
        raise click.BadParameter(f"{text!r} is not HOST:PORT, such as {example}", param_hint=option)
    return host.strip("[]") or "127.0.0.1", int(port)


async def _run(settings: Settings, clock: MachineClock, *, waits: bool) -> bool:
    """Run until told to stop; returns whether to start anew."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    opened = await _opened(settings, stop, waits=waits)
    if opened is None:
        return False
    with opened as store:
        async with running_service(settings, store, clock) as service:
            site = service.control.site
            click.echo(
                f"Lamplighter controls {len(site.inventory.luminaires):,} luminaires in "
                f"{len(site.inventory.zones):,} zones of {site.inventory.city.name}; "
                f"metrics at {service.metrics_url}; {_console_words(service)}; Ctrl-C stops it.",
                err=True,
            )
            return await _told_to_stop(stop, service.restart_wanted)


def _console_words(service: Service) -> str:
    return "no console" if service.console_url is None else f"console at {service.console_url}"


async def _opened(settings: Settings, stop: asyncio.Event, *, waits: bool) -> SqliteStore | None:
    """The store, once it is free; None where the end came first."""
    is_told = False
    while not stop.is_set():
        try:
            return open_store(settings.data, restores=True)
        except StoreInUse as error:
            if not waits:
                raise
            if not is_told:
                click.echo(f"Standing by: {error}", err=True)
                is_told = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STANDBY_LOOK_S):
                await stop.wait()
    return None


async def _told_to_stop(stop: asyncio.Event, restart: asyncio.Event) -> bool:
    """Wait for the end; returns whether a new start was asked for."""
    waits = [asyncio.ensure_future(event.wait()) for event in (stop, restart)]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return restart.is_set() and not stop.is_set()
