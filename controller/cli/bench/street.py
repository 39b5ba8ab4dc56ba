"""The other side of an exchange: a street that answers at once and does nothing else.

A process with some connections, each the voice of many luminaires. Holds the revision of
every config and program and answers each config, command and program with the states that
the wire contract asks for. No ramps, no clock, no meter: its cost must not hide the
controller's. ``python -m controller.cli.bench.street BROKER EXCHANGE``
"""

import asyncio
import sys
from pathlib import Path

import msgspec

from controller.cli.bench.city import Exchange, Luminaires, read_exchange
from controller.cli.bench.packets import Link, connected
from controller.cli.bench.talk import orders, run_child, tell

_SOON_S = 0.01
_IN_FLIGHT = 500
"""Telemetry of one connection that the broker has not confirmed."""


class _Told(msgspec.Struct):
    """What the street wants to know of a program, config or command."""

    rev: int
    command_id: str = ""
    level: float | None = None


_read = msgspec.json.Decoder(_Told).decode


class Voice:
    """One connection and its luminaires."""

    def __init__(self, base: str, at_ms: int, luminaires: Luminaires) -> None:
        self._base = base.encode()
        self._at_ms = at_ms
        count = len(luminaires.ids)
        self._names = [one.encode() for one in luminaires.ids]
        self._row_of = {name: row for row, name in enumerate(self._names)}
        self._gateways = luminaires.gateways
        self._zone = [one.encode() for one in luminaires.zones]
        self._rows_of: dict[bytes, list[int]] = {}
        for row, zone in enumerate(self._zone):
            self._rows_of.setdefault(zone, []).append(row)
        self._states = [b"%s/luminaire/%s/state" % (self._base, name) for name in self._names]
        self._readings = [b"%s/luminaire/%s/telemetry" % (self._base, name) for name in self._names]
        self._config_rev = [0] * count
        self._own_rev = [0] * count
        self._zone_rev = dict.fromkeys(self._rows_of, 0)
        self._level = [0.0] * count
        self._said = [0] * count
        self._command = [""] * count
        self._to_report: list[tuple[int, float, int]] = []
        self._reported = asyncio.Event()
        self._link: Link | None = None

    async def open(self, url: str, number: int) -> None:
        """Connect, subscribe, and say that we are here and how we are."""
        name = f"street-{number}"
        self._link = link = await connected(url, name, self._take, self._turn)
        base = self._base
        filters = [
            b"%s/luminaire/%s/%s" % (base, name, leaf)
            for leaf in (b"config", b"program", b"command")
            for name in self._names
        ]
        filters += [
            b"%s/zone/%s/%s" % (base, zone, leaf)
            for leaf in (b"program", b"command")
            for zone in self._rows_of
        ]
        await link.subscribe(filters, 0)
        for gateway in self._gateways:
            topic = b"%s/gateway/%s/availability" % (base, gateway.encode())
            link.publish(topic, b"online", retained=True)
        for row in range(len(self._names)):
            self._tell_state(row)
        link.flush()

    def close(self) -> None:
        """Leave."""
        if self._link is not None:
            self._link.close()

    @property
    def is_lost(self) -> bool:
        """Whether the broker has gone."""
        return self._link is not None and self._link.is_lost

    def _take(self, topic: bytes, payload: bytes) -> None:
        owner, name, leaf = topic[len(self._base) + 1 :].split(b"/")
        told = _read(payload) if payload else _Told(0)
        if owner == b"zone":
            rows = self._rows_of[name]
            if leaf == b"program":
                self._zone_rev[name] = told.rev
                rows = [row for row in rows if self._config_rev[row] and not self._own_rev[row]]
        else:
            rows = [self._row_of[name]]
            if leaf == b"config":
                self._config_rev[rows[0]] = told.rev
            elif leaf == b"program":
                self._own_rev[rows[0]] = told.rev
                rows = rows if self._config_rev[rows[0]] else []
        if leaf == b"command":
            for row in rows:
                self._command[row] = told.command_id
                if told.level is not None:
                    self._level[row] = told.level
        for row in rows:
            self._tell_state(row)

    def _tell_state(self, row: int) -> None:
        assert self._link is not None
        self._said[row] += 1
        command = self._command[row]
        state = (
            f'{{"rev":{self._config_rev[row]},'
            f'"program_rev":{self._own_rev[row] or self._zone_rev[self._zone[row]]},'
            f'"level":{self._level[row]:g},"source":"{"command" if command else "program"}",'
            f'"at_ms":{self._at_ms + self._said[row]},"command_id":"{command}"}}'
        )
        self._link.publish(self._states[row], state.encode(), retained=True)

    def measure(self, rounds: int, at: float, every_s: float) -> None:
        """Report what every luminaire measures, ``rounds`` times, as the broker takes it."""
        self._to_report = [
            (row, at + turn * every_s, turn)
            for turn in reversed(range(rounds))
            for row in reversed(range(len(self._names)))
        ]
        self._reported.clear()
        self._turn()

    async def all_reported(self) -> None:
        """Wait until nothing is left of `measure`."""
        await self._reported.wait()

    async def until_confirmed(self) -> None:
        """Wait until the broker has taken what was said."""
        while self._link is not None and self._link.unconfirmed and not self._link.is_lost:  # noqa: ASYNC110  # a count tells nobody
            await asyncio.sleep(_SOON_S)

    def _turn(self) -> None:
        link, left = self._link, self._to_report
        if link is None or self._reported.is_set():
            return
        while left and link.unconfirmed < _IN_FLIGHT:
            row, at, turn = left.pop()
            reading = (
                f'{{"at_ms":{int(at * 1000)},"power_w":61.5,"energy_wh":{1000 + turn * 0.02:.2f},'
                '"voltage_v":229.8,"current_a":0.27,"power_factor":0.98,"temperature_c":31.5}'
            )
            link.publish(self._readings[row], reading.encode())
        if (not left and link.unconfirmed == 0) or link.is_lost:
            self._reported.set()
        link.flush()


async def _run(url: str, exchange: Exchange) -> None:
    at_ms = int(exchange.site_at * 1000)
    voices = [Voice(exchange.root, at_ms, luminaires) for luminaires in exchange.links]
    async with asyncio.TaskGroup() as group:
        for number, voice in enumerate(voices):
            group.create_task(voice.open(url, number), name=f"street.open-{number}")
    for voice in voices:
        await voice.until_confirmed()
    tell("ready")
    async for order in orders():
        if order["order"] == "measure":
            for voice in voices:
                voice.measure(order["rounds"], order["at"], order["every_s"])
            for voice in voices:
                await voice.all_reported()
            tell("measured", is_lost=any(voice.is_lost for voice in voices))
    for voice in voices:
        voice.close()


def main() -> None:
    """Answer until standard input is closed."""
    url, file = sys.argv[1:]
    run_child(_run(url, read_exchange(Path(file))))


if __name__ == "__main__":
    main()
