"""The exchanges over a broker: ours and the bare client's in turn, the same street for both."""

import asyncio
import http.client
import re
import shutil
import sqlite3
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from controller.adapters.sqlite import FILE_NAME
from controller.app import open_store
from controller.cli.bench.broker import BenchBroker, mosquitto
from controller.cli.bench.city import (
    Exchange,
    clocked_city,
    clockless_city,
    exchange_of,
    write_exchange,
)
from controller.cli.bench.figures import Figure
from controller.cli.bench.talk import Child
from schedules import Site

Say = Callable[[str], None]

_PATIENCE_S: Final = 300.0
_SCRAPES: Final = 5
_CACHE_S: Final = 1.1
"""A scrape is cached for a second."""
_READINGS_AT_LEAST: Final = 20_000
_QUIET_S: Final = 3.0
"""Machine seconds in which a restarted service would have commanded what it wants changed."""


@dataclass
class Samples:
    """What the rounds gave, by exchange."""

    ours: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    bare: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def best(self, who: str, name: str) -> float:
        """Seconds of the best round."""
        rounds: dict[str, list[dict[str, Any]]] = getattr(self, who)
        return float(min(one["seconds"] for one in rounds[name]))


class Exchanges:
    """All exchanges of one city size. ``say`` is told what is going on."""

    def __init__(
        self, luminaires: int, rounds: int, url: str | None, folder: Path, say: Say
    ) -> None:
        self._luminaires = luminaires
        self._rounds = rounds
        self._url = url
        self._folder = folder
        self._say = say
        self._files: dict[str, Path] = {}
        self._exchanges: dict[str, Exchange] = {}
        self._samples = Samples()
        self.facts: dict[str, object] = {"rounds": rounds}
        """For the notes on the page."""

    async def measure(self, wanted: frozenset[str]) -> list[Figure]:
        """The figures of the wanted exchanges."""
        figures: list[Figure] = []
        if "wave" in wanted:
            await self._prepare("clockless", clockless_city)
            for turn in range(1, self._rounds + 1):
                await self._bare("clockless", ("wave",), turn)
                await self._wave(turn)
            figures.append(self._wave_figure())
        if wanted & {"push", "telemetry", "start", "reconcile", "memory", "scrape"}:
            await self._prepare("clocked", clocked_city)
            for turn in range(1, self._rounds + 1):
                await self._bare("clocked", ("push", "telemetry"), turn)
                figures_now = await self._street_with_clocks(turn)
            figures += [self._push_figure(), self._telemetry_figure(), *figures_now]
        return figures

    async def _prepare(self, name: str, build: Callable[[int], Site]) -> None:
        self._say(f"building a {name} city of {self._luminaires:,} luminaires")
        scratch = self._folder / f"{name}-scratch"
        site = await asyncio.to_thread(build, self._luminaires)
        exchange = await asyncio.to_thread(exchange_of, site, scratch)
        shutil.rmtree(scratch)
        data = self._folder / name
        with open_store(data) as store:
            await asyncio.to_thread(store.save_site, site, author="bench", comment="bench")
        self._exchanges[name] = exchange
        self._files[name] = self._folder / f"{name}.exchange"
        self.facts["links"] = len(exchange.links)
        await asyncio.to_thread(write_exchange, exchange, self._files[name])

    @asynccontextmanager
    async def _stage(self, name: str) -> AsyncIterator[tuple[BenchBroker, Child]]:
        """A broker that holds nothing yet, and a street that has heard nothing."""
        async with AsyncExitStack() as stack:
            if self._url is None:
                folder = self._folder / "broker"
                shutil.rmtree(folder, ignore_errors=True)
                broker = await stack.enter_async_context(mosquitto(folder))
            else:
                broker = BenchBroker(
                    self._url, f"the broker at {urlsplit(self._url).hostname}", None
                )
            self.facts["broker"] = broker.name
            street = await stack.enter_async_context(
                Child("street", broker.url, str(self._files[name]))
            )
            await street.until("ready", _PATIENCE_S)
            yield broker, street
            if self._url is not None:
                await self._forget(name, broker)

    async def _forget(self, name: str, broker: BenchBroker) -> None:
        self._say("clearing what was left with the broker")
        async with Child("bare", broker.url, str(self._files[name])) as bare:
            await bare.until("ready", _PATIENCE_S)
            await bare.does("forget", "forgotten", _PATIENCE_S)

    async def _bare(self, name: str, exchanges: tuple[str, ...], turn: int) -> None:
        async with self._stage(name) as (broker, street):
            async with Child("bare", broker.url, str(self._files[name])) as bare:
                await bare.until("ready", _PATIENCE_S)
                for one in exchanges:
                    self._say(f"round {turn}: {one}, bare client")
                    match one:
                        case "push":
                            work = bare.does("push", "pushed", _PATIENCE_S)
                        case "wave":
                            work = bare.does("wave", "waved", _PATIENCE_S)
                        case _:
                            work = self._telemetry(name, bare, street)
                    self._keep(self._samples.bare, one, await _with_cpu(work, broker, street))

    def _keep(
        self, where: dict[str, list[dict[str, Any]]], name: str, said: dict[str, Any]
    ) -> None:
        where.setdefault(name, []).append(said)
        cpu = ", ".join(
            f"{who} {said[key]:.2f} s"
            for who, key in (
                ("controller", "cpu_s"),
                ("broker", "broker_s"),
                ("street", "street_s"),
            )
            if said.get(key) is not None
        )
        self._say(f"  {said['seconds']:.2f} s (CPU: {cpu})")

    async def _telemetry(self, name: str, controller: Child, street: Child) -> dict[str, Any]:
        rounds = -(-_READINGS_AT_LEAST // self._luminaires)
        count = rounds * self._luminaires
        await controller.does("hear", "hearing", _PATIENCE_S, count=count)
        await street.order(
            "measure", rounds=rounds, at=self._exchanges[name].site_at, every_s=1 / rounds
        )
        heard = await controller.until("heard", _PATIENCE_S)
        await street.until("measured", _PATIENCE_S)
        return heard | {"count": count}

    def _service(
        self, name: str, broker: BenchBroker, data: Path, at: float | None = None
    ) -> Child:
        site_at = self._exchanges[name].site_at if at is None else at
        return Child("ours", broker.url, str(data), repr(site_at))

    def _fresh_data(self, name: str) -> Path:
        data = self._folder / f"{name}-data"
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(self._folder / name, data)
        return data

    async def _wave(self, turn: int) -> None:
        data = self._fresh_data("clockless")
        async with self._stage("clockless") as (broker, street):
            self._say(f"round {turn}: starting the service")
            async with self._service("clockless", broker, data) as ours:
                await ours.until("pushed", _PATIENCE_S)
                self._say(f"round {turn}: wave, ours")
                work = ours.does("wave", "waved", _PATIENCE_S)
                self._keep(self._samples.ours, "wave", await _with_cpu(work, broker, street))

    async def _street_with_clocks(self, turn: int) -> list[Figure]:
        data = self._fresh_data("clocked")
        async with self._stage("clocked") as (broker, street):
            self._say(f"round {turn}: push, ours")
            async with self._service("clocked", broker, data) as ours:
                await ours.until("ready", _PATIENCE_S)
                work = ours.until("pushed", _PATIENCE_S)
                self._keep(self._samples.ours, "push", await _with_cpu(work, broker, street))
                self._say(f"round {turn}: telemetry, ours")
                work = self._telemetry("clocked", ours, street)
                self._keep(self._samples.ours, "telemetry", await _with_cpu(work, broker, street))
                looked = await ours.does("look", "looked", _PATIENCE_S)
                passed = await ours.does("pass", "passed", _PATIENCE_S)
            self._say(f"round {turn}: start")
            bare_start_s = await asyncio.to_thread(_read_plainly, data)
            began = time.perf_counter()
            async with self._service("clocked", broker, data, looked["site_at"]) as ours:
                ready = await ours.until("ready", _PATIENCE_S)
                start_s = time.perf_counter() - began
                await ours.until("pushed", _PATIENCE_S)
                self._say(f"round {turn}: scrape")
                scrape_s, bare_scrape_s = await _scrape(ready["metrics_url"])
                await asyncio.sleep(_QUIET_S)
                after = await ours.does("look", "looked", _PATIENCE_S)
        each = 1e3 * self._luminaires
        return [
            _timed("reconcile pass", passed["seconds"] * 1e3, passed["bare_s"] * 1e3, "ms", 50),
            _timed("start to control", start_s, bare_start_s, "s", 10),
            Figure("commands at a restart", after["commands"], "commands", budget=0),
            Figure("memory a luminaire", looked["memory_bytes"] / each, "kB", budget=6),
            _timed("main scrape", scrape_s * 1e3, bare_scrape_s * 1e3, "ms", 100),
        ]

    def _wave_figure(self) -> Figure:
        ours, bare = self._samples.best("ours", "wave"), self._samples.best("bare", "wave")
        name = f"{self._luminaires:,} commanded one by one and confirmed"
        return Figure(name, ours, "s", bare, ours / bare, 2.0, "ratio")

    def _push_figure(self) -> Figure:
        ours, bare = self._samples.best("ours", "push"), self._samples.best("bare", "push")
        name = f"push of all programs and {self._luminaires:,} configs"
        return Figure(name, ours, "s", bare, ours / bare, 1.5, "ratio")

    def _telemetry_figure(self) -> Figure:
        count = self._samples.ours["telemetry"][0]["count"]
        ours, bare = (count / self._samples.best(who, "telemetry") for who in ("ours", "bare"))
        return Figure("telemetry taken in", ours, "messages/s", bare, bare / ours, 2.0, "ratio")


def _timed(name: str, value: float, bare: float, unit: str, budget: float) -> Figure:
    return Figure(name, value, unit, bare, value / bare if bare else None, budget)


async def _with_cpu(work: Any, broker: BenchBroker, street: Child) -> dict[str, Any]:
    """What ``work`` says, and the CPU seconds of broker and street meanwhile."""
    from controller.cli.bench.talk import cpu_s

    broker_before, street_before = broker.cpu_s(), cpu_s(street.pid)
    said: dict[str, Any] = await work
    broker_after = broker.cpu_s()
    if broker_before is not None and broker_after is not None:
        said["broker_s"] = broker_after - broker_before
    said["street_s"] = cpu_s(street.pid) - street_before
    return said


def _read_plainly(data: Path) -> float:
    """Seconds to read what a start needs from disk, and to parse the city as plain JSON."""
    began = time.perf_counter()
    with sqlite3.connect(data / FILE_NAME) as db:
        for table in ("published", "reported"):
            db.execute(f"SELECT * FROM {table}").fetchall()
    db.close()
    return time.perf_counter() - began


async def _scrape(url: str) -> tuple[float, float]:
    """Seconds of a scrape, and of writing its lines anew from their numbers."""
    took: list[float] = []
    body = b""
    for _ in range(_SCRAPES):
        await asyncio.sleep(_CACHE_S)
        seconds, body = await asyncio.to_thread(_get, url)
        took.append(seconds)
    lines = [line.rsplit(" ", 1) for line in body.decode().splitlines() if line[:1] != "#"]
    samples = [(name, float(value)) for name, value in lines]
    began = time.perf_counter()
    "\n".join([f"{name} {value!r}" for name, value in samples]).encode()
    return statistics.median(took), time.perf_counter() - began


def _get(url: str) -> tuple[float, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    began = time.perf_counter()
    connection.request("GET", parts.path)
    body = connection.getresponse().read()
    took = time.perf_counter() - began
    connection.close()
    return took, body
