"""One run of the simulator, from the first connection to the summary."""

import asyncio
import json
import resource
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from controller.wire.timebase import Timebase
from schedules import Site
from simulator.chaos.script import ScriptWrong
from simulator.chaos.steps import ProxyStep, Step, StreetStep
from simulator.clock import SiteClock
from simulator.faults import Faults
from simulator.incidents import Incidents
from simulator.lies import MeterLie
from simulator.street import Street, StreetOptions
from simulator.supervision import listen, say

_PROGRESS_EVERY_S: Final = 1.0
_TROUBLE_EVERY_S: Final = 5.0
DAY_S: Final = 86_400


_SPARE_DESCRIPTORS: Final = 100


class NotConnected(Exception):
    """The broker could not be reached; one line says why."""


@dataclass(frozen=True)
class RunOptions:
    """How a run goes."""

    is_supervised: bool
    is_json: bool
    speed: float
    nights: float | None
    connect_timeout_s: float | None
    steps: Sequence[tuple[int, StreetStep]] = ()
    """Of a script, each with its line."""
    faults_file: Path | None = None
    """Where to leave the record of all that was wrong on purpose."""
    lies: Mapping[MeterLie, float] = field(default_factory=dict)
    any_lie: float = 0.0


class Trouble:
    """Tells the user of connection trouble, on standard error, not too often."""

    def __init__(self) -> None:
        self.latest = ""
        self._told_at = float("-inf")

    def tell(self, text: str) -> None:
        """One line, at most every five seconds."""
        self.latest = text
        if time.monotonic() - self._told_at >= _TROUBLE_EVERY_S:
            self._told_at = time.monotonic()
            complain(f"{text}; trying again")


def complain(text: str) -> None:
    """One line on standard error."""
    print(text, file=sys.stderr, flush=True)


async def run(site: Site, faults: Faults, street: StreetOptions, options: RunOptions) -> None:
    """Run until the nights are over, the parent says so, or a signal comes.

    Raises `NotConnected`, `ScriptWrong` and, where the record cannot be written, OSError.
    """
    end_at = float("inf") if options.nights is None else street.start_at + options.nights * DAY_S
    clock = SiteClock(street.start_at, end_at)
    trouble = Trouble()
    _allow_connections(site, street)
    life = Street(site, faults, clock, street, trouble.tell)
    life.meters.liars.assign(options.any_lie, options.lies)
    incidents = Incidents(life, street.seed)
    for line, step in options.steps:
        problem = incidents.problem(step)
        if problem is not None:
            raise ScriptWrong(f"script, line {line}: {problem}")
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)

    def set_timebase(timebase: Timebase) -> None:
        if not clock.is_set:
            if options.nights is not None:
                clock.end_at = timebase.site_at + options.nights * DAY_S
            life.begin_at(timebase.site_at)
            clock.set_timebase(timebase)
            for _, step in options.steps:
                incidents.add(step, timebase.site_at)
        clock.set_timebase(timebase)

    def take_step(step: Step) -> None:
        if isinstance(step, ProxyStep):
            complain(f"step {step.__struct_config__.tag} is for the proxy, not for the street")
            return
        problem = incidents.problem(step)
        if problem is not None:
            complain(f"step {step.__struct_config__.tag}: {problem}")
            return
        incidents.add(step, clock.now())

    async def obey() -> None:
        await listen(set_timebase, take_step, complain)
        ended.set()

    async with asyncio.TaskGroup() as group:
        ending = group.create_task(ended.wait(), name="simulator.ended")
        others = [group.create_task(life.run(), name="simulator.street")]
        if options.is_supervised:
            others.append(group.create_task(obey(), name="simulator.parent"))
        connecting = group.create_task(life.connect(group), name="simulator.connect")
        await asyncio.wait(
            (connecting, ending),
            timeout=options.connect_timeout_s,
            return_when=asyncio.FIRST_COMPLETED,
        )
        is_late = not connecting.done() and not ended.is_set()
        if connecting.done():
            _announce(life, options)
            if not options.is_supervised:
                set_timebase(Timebase(time.time(), street.start_at, options.speed))
            others.append(
                group.create_task(_report(life, options, ended), name="simulator.progress")
            )
            await ended.wait()
            await life.finish()
        if options.faults_file is not None and not is_late:
            record = json.dumps(incidents.record, ensure_ascii=False, indent=1)
            await asyncio.to_thread(options.faults_file.write_text, record + "\n", "utf-8")
        _conclude(life, options, is_late=is_late)
        for task in (ending, connecting, *others):
            task.cancel()
        for gateway_task in life.tasks:
            gateway_task.cancel()
    if is_late:
        raise NotConnected(
            f"{trouble.latest or street.address}: not connected within "
            f"{options.connect_timeout_s:g} s"
        )


def _allow_connections(site: Site, street: StreetOptions) -> None:
    """As many open sockets as the fleet needs, where the system lets us."""
    wanted = len(site.inventory.luminaires) if street.is_direct else 0
    wanted += len(site.inventory.gateways) + _SPARE_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and wanted > hard:
        raise NotConnected(
            f"{wanted} connections need as many open files, and this system allows {hard}: "
            "raise 'ulimit -n', or leave out --direct"
        )
    if soft != resource.RLIM_INFINITY and wanted > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _announce(life: Street, options: RunOptions) -> None:
    size, connections = life.columns.size, len(life.gateways)
    if options.is_supervised:
        say("ready", luminaires=size, connections=connections)
    else:
        print(
            f"{size} luminaires on {connections} connections are ready",
            file=sys.stderr,
            flush=True,
        )


async def _report(life: Street, options: RunOptions, ended: asyncio.Event) -> None:
    while not ended.is_set():
        await asyncio.sleep(_PROGRESS_EVERY_S)
        progress = life.progress()
        try:
            if options.is_supervised:
                say("progress", **progress)
            else:
                print(_progress_text(life, progress), file=sys.stderr, flush=True)
        except BrokenPipeError:  # nobody listens any more
            ended.set()
        if progress["site_at"] >= life.clock.end_at and not options.is_supervised:
            ended.set()


def _progress_text(life: Street, progress: dict[str, Any]) -> str:
    local = datetime.fromtimestamp(progress["site_at"], life.site.time_zone)
    if not progress["configured"]:
        city = life.site.inventory.city.id
        return f"{local:%Y-%m-%d %H:%M:%S%z}  no config yet from a controller of site {city!r}"
    return (
        f"{local:%Y-%m-%d %H:%M:%S%z}  lit {progress['lit']} of {progress['expected_lit']} "
        f"expected  {progress['power_w'] / 1000:.1f} kW  {progress['energy_kwh']:.1f} kWh  "
        f"connected {progress['connected']}/{progress['connections']}"
    )


def _conclude(life: Street, options: RunOptions, *, is_late: bool) -> None:
    if is_late:
        return
    summary = life.summary()
    with suppress(BrokenPipeError):
        if options.is_supervised:
            say("summary", **summary)
        elif options.is_json:
            print(json.dumps(summary, ensure_ascii=False), flush=True)
        else:
            print(summary_text(summary), flush=True)


def summary_text(summary: dict[str, Any]) -> str:
    """The summary for people."""
    rows = [
        ("from", summary["start"]),
        ("to", summary["end"]),
        ("luminaires", f"{summary['luminaires']} ({summary['faulty']} with a fault)"),
        ("lit as expected", f"{summary['lit_ratio']:.4%}"),
        (
            "dark though expected lit",
            f"{summary['dark_minutes']:.1f} luminaire-minutes, and "
            f"{summary['dark_by_fault_minutes']:.1f} by fault, "
            f"{summary['dark_by_outage_minutes']:.1f} by outage, "
            f"{summary['dark_by_expiry_minutes']:.1f} after the program's end",
        ),
        (
            "lit though expected dark",
            f"{summary['daylight_burn_minutes']:.1f} luminaire-minutes, and "
            f"{summary['daylight_by_fault_minutes']:.1f} by fault, "
            f"{summary['daylight_by_outage_minutes']:.1f} by outage, "
            f"{summary['daylight_by_expiry_minutes']:.1f} after the program's end",
        ),
        (
            "changes of level",
            f"{summary['level_changes']}, {summary['unasked_changes']} more than planned",
        ),
        ("mean deviation of level", f"{summary['level_error']:.2f} %"),
        ("energy", f"{summary['energy_kwh']:.2f} kWh"),
        ("baseline", f"{summary['baseline_kwh']:.2f} kWh"),
        (
            "messages",
            f"{summary['messages_sent']} sent, {summary['messages_received']} received, "
            f"{sum(summary['messages_rejected'].values())} dropped as wrong, "
            f"{summary['messages_stale']} ignored as old",
        ),
    ]
    return "\n".join(f"{name:<26}{value}" for name, value in rows)


def parse_instant(text: str) -> float:
    """Unix seconds of an ISO 8601 instant with offset; raises ValueError."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("no offset")
    return instant.astimezone(UTC).timestamp()
