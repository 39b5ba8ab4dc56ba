"""The exchanges over a broker: ours and the bare client's in turn, the same street for both."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from controller.cli.bench.broker import BenchBroker, mosquitto
from controller.cli.bench.city import (
    Exchange,
    clocked_city,
    clockless_city,
    exchange_of,
    write_exchange,
)
from controller.cli.bench.figures import Bounds, Figure, Notes
from controller.cli.bench.packets import try_broker
from controller.cli.bench.plain import read_plainly, scrape
from controller.cli.bench.talk import Child, cpu_s
from controller.data_folder import open_store
from controller.pki.signing import make_key
from schedules import Site

Say = Callable[[str], None]

EXCHANGES: Final = ("wave", "push", "telemetry", "reconcile", "start", "memory", "scrape")
"""What can be asked for."""
FULL_LUMINAIRES: Final = 100_000
"""What the budgets are for."""

_WITH_CLOCKS: Final = frozenset(EXCHANGES) - {"wave"}
_OF_A_RESTART: Final = frozenset({"start", "scrape"})
_PATIENCE_S: Final = 300.0
_READINGS_AT_LEAST: Final = 20_000
_READINGS_APART_S: Final = 1.0
_QUIET_S: Final = 3.0
"""Machine seconds in which a restarted service would have commanded what it wants changed."""

Sample = dict[str, Any]


class Exchanges:
    """All exchanges of one city size. ``say`` is told what is going on; ``notes`` are filled.

    Over the broker at ``url``, or, with None, over a mosquitto that holds nothing yet for
    every one. ``folder`` is an empty one to work in. With ``is_signed`` our side signs.
    """

    def __init__(
        self,
        luminaires: int,
        rounds: int,
        url: str | None,
        folder: Path,
        say: Say,
        notes: Notes,
        *,
        is_signed: bool = False,
    ) -> None:
        self._is_signed = is_signed
        self._luminaires = luminaires
        self._rounds = rounds
        self._url = url
        self._folder = folder
        self._say = say
        self._notes = notes
        self._cities: dict[str, Exchange] = {}
        self._samples: dict[tuple[str, str], list[Sample]] = {}

    async def measure(self, wanted: frozenset[str]) -> list[Figure]:
        """The figures of what is wanted. Raises `ControllerError` where that is not possible."""
        self._notes.rounds = self._rounds
        if self._url is not None:
            await try_broker(self._url)
        figures: list[Figure] = []
        if "wave" in wanted:
            await self._prepare("clockless", clockless_city)
            for turn in range(1, self._rounds + 1):
                await self._bare("clockless", ("wave",), turn)
                await self._wave(turn)
            figures.append(self._wave_figure())
        if wanted & _WITH_CLOCKS:
            await self._prepare("clocked", clocked_city)
            for turn in range(1, self._rounds + 1):
                if over_broker := [one for one in ("push", "telemetry") if one in wanted]:
                    await self._bare("clocked", over_broker, turn)
                await self._street_with_clocks(turn, wanted)
            figures += self._figures_with_clocks(wanted)
        return figures

    async def _prepare(self, name: str, build: Callable[[int], Site]) -> None:
        self._say(f"building a {name} city of {self._luminaires:,} luminaires")
        scratch = self._folder / "scratch"
        site = await asyncio.to_thread(build, self._luminaires)
        self._cities[name] = exchange = await asyncio.to_thread(exchange_of, site, scratch)
        shutil.rmtree(scratch)
        with open_store(self._folder / name) as store:
            await asyncio.to_thread(store.save_inventory, site.inventory)
            await asyncio.to_thread(store.save_plan, site.plan)
        self._notes.links = len(exchange.links)
        await asyncio.to_thread(write_exchange, exchange, self._file(name))

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.exchange"

    @asynccontextmanager
    async def _stage(self, name: str) -> AsyncIterator[tuple[BenchBroker, Child]]:
        """A broker that holds nothing yet, and a street that has heard nothing."""
        async with AsyncExitStack() as stack:
            if self._url is None:
                folder = self._folder / "broker"
                shutil.rmtree(folder, ignore_errors=True)
                broker = await stack.enter_async_context(mosquitto(folder))
            else:
                host = urlsplit(self._url).hostname
                broker = BenchBroker(self._url, f"the broker at {host}", None)
            self._notes.broker = broker.name
            street = await stack.enter_async_context(
                Child("street", broker.url, str(self._file(name)))
            )
            await street.until("ready", _PATIENCE_S)
            yield broker, street
        if self._url is not None:
            await self._forget(name, broker)

    async def _forget(self, name: str, broker: BenchBroker) -> None:
        self._say("clearing what was left with the broker")
        async with Child("bare", broker.url, str(self._file(name))) as bare:
            await bare.until("ready", _PATIENCE_S)
            await bare.does("forget", "forgotten", _PATIENCE_S)

    # --- the exchanges -------------------------------------------------------------------

    async def _bare(self, name: str, exchanges: Sequence[str], turn: int) -> None:
        async with (
            self._stage(name) as (broker, street),
            Child("bare", broker.url, str(self._file(name))) as bare,
        ):
            await bare.until("ready", _PATIENCE_S)
            for one in exchanges:
                self._say(f"round {turn} of {self._rounds}: {one}, bare client")
                match one:
                    case "push":
                        work = bare.does("push", "pushed", _PATIENCE_S)
                    case "wave":
                        await bare.does("settle", "settled", _PATIENCE_S)
                        work = bare.does("wave", "waved", _PATIENCE_S)
                    case _:
                        work = self._telemetry(name, bare, street)
                self._keep("bare", one, await _with_cpu(work, broker, street))

    async def _telemetry(self, name: str, controller: Child, street: Child) -> Sample:
        rounds = -(-_READINGS_AT_LEAST // self._luminaires)
        count = rounds * self._luminaires
        await controller.does("hear", "hearing", _PATIENCE_S, count=count)
        site_at = self._cities[name].site_at
        await street.order("measure", rounds=rounds, at=site_at, every_s=_READINGS_APART_S)
        heard = await controller.until("heard", _PATIENCE_S)
        await street.until("measured", _PATIENCE_S)
        return heard | {"count": count}

    def _service(self, name: str, broker: BenchBroker, data: Path) -> Child:
        return Child("ours", broker.url, str(data), repr(self._cities[name].site_at))

    def _fresh_data(self, name: str) -> Path:
        data = self._folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(self._folder / name, data)
        if self._is_signed:
            make_key(data / "pki", datetime.now(UTC))
        return data

    async def _wave(self, turn: int) -> None:
        data = self._fresh_data("clockless")
        async with self._stage("clockless") as (broker, street):
            self._say(f"round {turn} of {self._rounds}: starting the service")
            async with self._service("clockless", broker, data) as ours:
                await ours.until("pushed", _PATIENCE_S)
                self._say(f"round {turn} of {self._rounds}: wave, ours")
                work = ours.does("wave", "waved", _PATIENCE_S)
                self._keep("ours", "wave", await _with_cpu(work, broker, street))

    async def _street_with_clocks(self, turn: int, wanted: frozenset[str]) -> None:
        data = self._fresh_data("clocked")
        round_of = f"round {turn} of {self._rounds}"
        async with self._stage("clocked") as (broker, street):
            self._say(f"{round_of}: push, ours")
            async with self._service("clocked", broker, data) as ours:
                await ours.until("ready", _PATIENCE_S)
                work: Awaitable[Sample] = ours.until("pushed", _PATIENCE_S)
                self._keep("ours", "push", await _with_cpu(work, broker, street))
                if "telemetry" in wanted:
                    self._say(f"{round_of}: telemetry, ours")
                    work = self._telemetry("clocked", ours, street)
                    self._keep("ours", "telemetry", await _with_cpu(work, broker, street))
                self._note("memory", await ours.does("look", "looked", _PATIENCE_S))
                self._note("reconcile", await ours.does("pass", "passed", _PATIENCE_S))
            if wanted & _OF_A_RESTART:
                await self._restart(broker, data, round_of)

    async def _restart(self, broker: BenchBroker, data: Path, round_of: str) -> None:
        self._say(f"{round_of}: start")
        bare_s = await asyncio.to_thread(read_plainly, data)
        began = time.perf_counter()
        async with self._service("clocked", broker, data) as ours:
            ready = await ours.until("ready", _PATIENCE_S)
            self._note("start", {"seconds": time.perf_counter() - began, "bare_s": bare_s})
            await ours.until("pushed", _PATIENCE_S)
            self._say(f"{round_of}: scrape")
            await ours.does("quiet", "quiet", _PATIENCE_S)
            await asyncio.sleep(_QUIET_S)
            await ours.order("watch")
            seconds, bare_s = await scrape(ready["metrics_url"])
            looked = await ours.does("look", "looked", _PATIENCE_S)
            self._note("scrape", looked | {"seconds": seconds, "bare_s": bare_s})

    def _note(self, name: str, sample: Sample) -> None:
        self._samples.setdefault(("ours", name), []).append(sample)

    def _keep(self, whose: str, name: str, sample: Sample) -> None:
        self._samples.setdefault((whose, name), []).append(sample)
        self._notes.samples.append((name, whose, sample))
        processes = {"controller": "cpu_s", "broker": "broker_s", "street": "street_s"}
        cpu = [f"{who} {sample[key]:.2f} s" for who, key in processes.items() if key in sample]
        sent = f", {sample['commands']:,.0f} commands" if "commands" in sample else ""
        self._say(f"  {sample['seconds']:.2f} s{sent} (CPU: {', '.join(cpu)})")

    # --- the figures ---------------------------------------------------------------------

    def _best(self, whose: str, name: str, key: str = "seconds") -> float:
        return float(min(one[key] for one in self._samples[whose, name]))

    def _figure(
        self,
        name: str,
        title: str,
        value: float,
        unit: str,
        ceiling: float | None,
        budget: float,
        bounds: Bounds = "at most",
        ratio: float | None = None,
    ) -> Figure:
        is_judged = self._luminaires >= FULL_LUMINAIRES
        if ratio is None and ceiling:
            ratio = value / ceiling
        return Figure(name, title, value, unit, ceiling, ratio, budget, bounds, is_judged)

    def _wave_figure(self) -> Figure:
        title = f"{self._luminaires:,} commanded one by one and confirmed"
        bare_s = self._best("bare", "wave")
        return self._figure("wave", title, self._best("ours", "wave"), "s", bare_s, 2.0, "ratio")

    def _figures_with_clocks(self, wanted: frozenset[str]) -> list[Figure]:
        figure, best = self._figure, self._best
        figures: list[Figure] = []
        if "push" in wanted:
            ours_s, bare_s = best("ours", "push"), best("bare", "push")
            title = f"push of all programs and {self._luminaires:,} configs"
            figures.append(figure("push", title, ours_s, "s", bare_s, 1.5, "ratio"))
        if "telemetry" in wanted:
            count = self._samples["ours", "telemetry"][0]["count"]
            ours, bare = (count / best(who, "telemetry") for who in ("ours", "bare"))
            title, unit = "telemetry taken in and accounted", "messages/s"
            figures.append(figure("telemetry", title, ours, unit, bare, 2.0, "ratio", bare / ours))
        for name, title, unit, budget in (
            ("reconcile", "reconcile pass", "ms", 50.0),
            ("start", "start, from disk to control", "s", 10.0),
            ("scrape", f"main scrape, {len(self._zones()):,} zones", "ms", 100.0),
        ):
            if name in wanted:
                factor = 1e3 if unit == "ms" else 1.0
                ours_s, bare_s = best("ours", name), best("ours", name, "bare_s")
                figures.append(figure(name, title, ours_s * factor, unit, bare_s * factor, budget))
        if "scrape" in wanted:
            stall_ms = best("ours", "scrape", "stall_s") * 1e3
            title = "loop held up by a scrape"
            figures.append(figure("scrape-stall", title, stall_ms, "ms", None, 50.0))
        if "start" in wanted:
            commands = max(one["commands"] for one in self._samples["ours", "scrape"])
            title = "lamps commanded anew by a restart"
            figures.append(figure("start-commands", title, commands, "commands", None, 0.0))
        if "memory" in wanted:
            each_kb = best("ours", "memory", "memory_bytes") / 1e3 / self._luminaires
            figures.append(figure("memory", "memory a luminaire", each_kb, "kB", None, 6.0))
        return figures

    def _zones(self) -> set[str]:
        return {zone for link in self._cities["clocked"].links for zone in link.zones}


async def _with_cpu(work: Awaitable[Sample], broker: BenchBroker, street: Child) -> Sample:
    """What ``work`` says, and the CPU seconds of broker and street meanwhile."""
    broker_before, street_before = broker.cpu_s(), cpu_s(street.pid)
    said = dict(await work)
    broker_after = broker.cpu_s()
    if broker_before is not None and broker_after is not None:
        said["broker_s"] = broker_after - broker_before
    said["street_s"] = cpu_s(street.pid) - street_before
    return said
