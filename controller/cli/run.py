"""``lamplighter run``: the service."""

import asyncio
import contextlib
import logging
import math
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import click

from controller.adapters.clock import MachineClock
from controller.adapters.sqlite import SqliteStore
from controller.adapters.sqlite_backup import copies
from controller.adapters.sqlite_file import FILE_NAME
from controller.app import Service, running_service
from controller.cli.logs import begin_log
from controller.cli.reload import Reload
from controller.cli.settings_check import would_be_used
from controller.cli.settings_source import DATA_OF_SETTINGS, SETTINGS, settings_with
from controller.config import EMBEDDED, Settings
from controller.data_folder import no_inventory, open_store
from controller.errors import ConfigurationError, ControllerError, StoreInUse
from controller.wire.timebase import Timebase
from schedules.errors import SchedulesError
from zones.errors import ZonesError

_log = logging.getLogger("lamplighter.run")

_STANDBY_LOOK_S = 1.0

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
@SETTINGS
@DATA_OF_SETTINGS
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
    "--check",
    "only_checks",
    is_flag=True,
    help="Start nothing: read settings and documents, say what would be used. Exit code 2 where a "
    "start would refuse them.",
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
    only_checks: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Run the service until it is told to stop (Ctrl-C or SIGTERM).

    SIGHUP reads the settings file again: the log's level changes at once, other changes are
    named and wait for the next start.
    """

    def read() -> Settings:
        return settings_with(settings_file, data, broker, http, console)

    if only_checks:
        _check(read)
        return
    settings = read()
    if timebase is not None and not _is_here(settings.broker.url):
        raise click.UsageError(
            f"--rehearse: broker {settings.broker.url!r} is not on this machine; a street must "
            "never be told another time than its own"
        )
    store_file = settings.data / FILE_NAME
    if not any(one.is_file() for one in (store_file, *copies(store_file))):
        raise ConfigurationError(no_inventory(settings.data))
    begin_log(settings.log)
    reload = Reload(settings, read)
    if asyncio.run(_run(settings, MachineClock(timebase), reload, waits=standby)):
        # A hang-up that comes in between must not end it: what is ignored stays so.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        # The same command in the same process: whoever watches over it sees no end.
        os.execv(sys.executable, sys.orig_argv)


def _check(read: Callable[[], Settings]) -> None:
    try:
        lines = list(would_be_used(read()))
    except (ControllerError, SchedulesError, ZonesError) as error:
        click.echo(f"lamplighter: error: {' '.join(str(error).split())}", err=True)
        raise click.exceptions.Exit(2) from error
    for line in lines:
        click.echo(line)


def _say(settings: Settings, words: str) -> None:
    """To whoever looks at standard error, in the way that they read it."""
    if settings.log.format == "json":
        _log.warning(words)
    else:
        click.echo(words, err=True)


async def _run(settings: Settings, clock: MachineClock, reload: Reload, *, waits: bool) -> bool:
    """Run until told to stop; returns whether to start anew."""
    stop, hung_up = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    # Where somebody sits at a terminal, its end is the service's.
    is_at_terminal = sys.stdin is not None and sys.stdin.isatty()
    loop.add_signal_handler(signal.SIGHUP, stop.set if is_at_terminal else hung_up.set)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    opened = await _opened(settings, stop, waits=waits)
    if opened is None:
        return False
    with opened as store:
        async with running_service(settings, store, clock) as service:
            site = service.control.site
            _say(
                settings,
                f"Lamplighter controls {len(site.inventory.luminaires):,} luminaires in "
                f"{len(site.inventory.zones):,} zones of {site.inventory.city.name}; "
                f"Ctrl-C stops it; metrics at {service.metrics_url}; {_console_words(service)}",
            )
            reloading = asyncio.create_task(reload.follow(hung_up), name="run.reload")
            try:
                return await _told_to_stop(stop, service.restart_wanted)
            finally:
                reloading.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await reloading


def _console_words(service: Service) -> str:
    # At the end of its line: whoever takes the link up takes nothing else along.
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
                _say(settings, f"Standing by: {error}")
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
