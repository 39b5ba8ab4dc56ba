"""A simulated street as a child process, and a test that is its controller."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from controller.adapters.mqtt import MqttBus
from controller.ports.bus import Inbound, Outbound
from controller.wire.codec import encode
from controller.wire.messages import Config, Message, Program, Reading, State, Telemetry
from controller.wire.topics import Topics
from schedules import (
    Assignment,
    Calendar,
    ControlProgram,
    Layer,
    Plan,
    Site,
    Step,
    Window,
    compile_luminaire,
    compile_zone,
    parse_anchor,
)
from tests.fakes.small_city import small_inventory
from zones import Feeder

SITE = "testing"
START = 1_790_049_600
"""Noon in Beijing of a day in September 2026."""
DAY = 86_400
PATIENCE_S = 60
EVERYONE = {"a1", "a2", "b1", "b2"}


def site() -> Site:
    """Four luminaires with clocks in two zones; ``a2`` has a calendar of its own.

    ``a1`` and ``a2`` are on feeder ``f`` and behind gateway ``g``, both of cabinet ``c``.
    """
    inventory = small_inventory()
    inventory = inventory.model_copy(
        update={
            "city": inventory.city.model_copy(update={"id": SITE}),
            "luminaires": tuple(
                one.model_copy(update={"lamp_type": "led", "feeder": "f" if one.gateway else None})
                for one in inventory.luminaires
            ),
            "feeders": (Feeder(id="f", cabinet="c"),),
        }
    )
    window = Window(on=parse_anchor("18:00"), off=parse_anchor("06:00"))
    step = Step(at=parse_anchor("23:00"), level=50, ramp_s=60)
    plan = Plan(
        programs=(
            ControlProgram(id="night", name="night", window=window, steps=(step,)),
            ControlProgram(id="whole", name="whole", window=window),
        ),
        calendars=(
            Calendar(id="all", name="all", default="night"),
            Calendar(id="own", name="own", default="whole"),
        ),
        assignments=(
            Assignment(layer=Layer.CITY, target=SITE, calendar="all"),
            Assignment(layer=Layer.LUMINAIRE, target="a2", calendar="own"),
        ),
    )
    return Site.model_validate_json(Site(inventory=inventory, plan=plan).model_dump_json())


class Controller:
    """What a controller sends and hears, without any judgement."""

    def __init__(self, bus: MqttBus, city: Site) -> None:
        self._bus = bus
        self._city = city
        self._heard = asyncio.Event()
        self.topics = Topics(SITE)
        self.states: dict[str, State] = {}
        self.readings: dict[str, list[Telemetry]] = {}
        self.sensed: dict[str, list[Reading]] = {}
        self.availability: dict[str, str] = {}
        self.is_up = asyncio.Event()

    def hear(self, message: Inbound) -> None:
        self._heard.set()
        topic = self.topics.parse(message.topic)
        assert topic is not None
        match topic.leaf:
            case "state":
                self.states[topic.identifier] = msgspec.json.decode(message.payload, type=State)
            case "telemetry":
                reading = msgspec.json.decode(message.payload, type=Telemetry)
                self.readings.setdefault(topic.identifier, []).append(reading)
            case "reading":
                sensed = msgspec.json.decode(message.payload, type=Reading)
                self.sensed.setdefault(topic.identifier, []).append(sensed)
            case "availability":
                self.availability[topic.identifier] = message.payload.decode()

    def link(self, is_up: bool) -> None:
        self._heard.set()
        if is_up:
            self.is_up.set()
        else:
            self.is_up.clear()

    async def tell(self, topic: str, message: Message, *, retained: bool = True) -> None:
        await self._bus.publish(Outbound(topic, encode(message), retained=retained))

    async def commission(self) -> None:
        """Every config and program, as a controller does it before dusk."""
        rev = 0
        for zone in self._city.inventory.zones:
            rev += 1
            points = compile_zone(self._city, zone.id, START, START + 14 * DAY)
            await self.tell(self.topics.zone(zone.id, "program"), _program(rev, points))
        for luminaire in self._city.inventory.luminaires:
            rev += 1
            config = Config(
                rev=rev,
                zone=luminaire.zone,
                scale=1.0,
                floor=0.0,
                failsafe_level=100.0,
                power_on_level=100.0,
            )
            await self.tell(self.topics.luminaire(luminaire.id, "config"), config)
            own = compile_luminaire(self._city, luminaire.id, START, START + 14 * DAY)
            if own is not None:
                rev += 1
                topic = self.topics.luminaire(luminaire.id, "program")
                await self.tell(topic, _program(rev, own))

    async def until(self, condition: Any) -> None:
        """Wait until what was heard fulfils the condition."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._heard.clear()
                await self._heard.wait()

    @property
    def programmed(self) -> set[str]:
        """Luminaires that say they run a program."""
        return {name for name, state in self.states.items() if state.program_rev}


def _program(rev: int, points: Sequence[tuple[int, float, int]]) -> Program:
    return Program(
        rev=rev,
        valid_from=START,
        valid_until=START + 14 * DAY,
        points=[(at, level, ramp_s) for at, level, ramp_s in points],
        failsafe_level=100.0,
    )


class Simulator:
    """A supervised child."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def event(self, name: str) -> dict[str, Any]:
        """The next event of that name."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            while line := await self.process.stdout.readline():
                event: dict[str, Any] = json.loads(line)
                if event["event"] == name:
                    return event
        pytest.fail(f"the simulator ended before {name}: {await self.said()}")

    async def say(self, words: Mapping[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(words).encode() + b"\n")
        await self.process.stdin.drain()

    async def go(self, clock: float, speed: float) -> None:
        """Let site time run from `START` at machine time ``clock``."""
        await self.say({"timebase": {"real_at": clock, "site_at": START, "speed": speed}})

    async def said(self) -> str:
        assert self.process.stderr is not None
        return (await self.process.stderr.read()).decode()


@asynccontextmanager
async def simulating(*arguments: str) -> AsyncIterator[Simulator]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "simulator",
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Simulator(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
