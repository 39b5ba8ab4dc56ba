"""The luminaire of the documentation, as a process, with the controller played by hand."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from controller.ports.bus import Bus, Outbound
from controller.wire.codec import Cleared, Rejected, decode, encode
from controller.wire.messages import Command, Config, Program, State
from controller.wire.topics import Topics
from tests.contract.bus_suite import Ear, running
from tests.integration.brokers import Mosquitto, Nats

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "luminaire.py"
GOLDEN = Path(__file__).parents[1] / "contract" / "golden"
TOPICS = Topics("testing")
DAY_S = 86_400


@asynccontextmanager
async def luminaire(url: str, store: Path) -> AsyncIterator[None]:
    """Run the example against a broker while the context is open."""
    credentials, _, address = url.removeprefix("mqtt://").rpartition("@")
    host, _, port = address.partition(":")
    arguments = ["--broker", host, "--port", port, "--site", "testing", "--id", "X1"]
    if credentials:
        name, _, password = credentials.partition(":")
        arguments += ["--username", name, "--password", password]
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(EXAMPLE), *arguments, "--store", str(store)
    )
    try:
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


class Controller:
    """Plays the controller's part and remembers the last state."""

    def __init__(self, bus: Bus, ear: Ear) -> None:
        self.bus, self.ear = bus, ear

    @property
    def states(self) -> list[State]:
        found = []
        for message in self.ear.messages:
            topic = TOPICS.parse(message.topic)
            assert topic is not None
            read = decode(topic, message.payload, retained=message.retained)
            assert not isinstance(read, Rejected | Cleared), read
            if isinstance(read, State):
                found.append(read)
        return found

    @property
    def availability(self) -> list[bytes]:
        return [m.payload for m in self.ear.messages if m.topic.endswith("availability")]

    async def until_state(self, **wanted: object) -> State:
        def is_there() -> bool:
            return bool(self.states) and wanted.items() <= self.seen(self.states[-1]).items()

        try:
            await self.ear.until(is_there)
        except TimeoutError:
            pytest.fail(f"wanted {wanted}, states were {self.states}")
        return self.states[-1]

    @staticmethod
    def seen(state: State) -> dict[str, object]:
        return {name: getattr(state, name) for name in state.__struct_fields__}

    async def send(self, topic: str, message: Program | Config | Command) -> None:
        retained = not isinstance(message, Command)
        await self.bus.publish(Outbound(topic, encode(message), retained=retained))


def config(rev: int, zone: str = "Z1", floor: float = 20) -> Config:
    return Config(rev=rev, zone=zone, scale=0.9, floor=floor, failsafe_level=70, power_on_level=100)


def program(rev: int, level: float, *, over: bool = False) -> Program:
    """One that holds ``level`` now, or one that ran out and was lit at this time of day."""
    now = int(time.time())
    end = now - DAY_S // 2 if over else now + DAY_S
    points = [(end - 3 * DAY_S, 0.0, 0), (now - DAY_S - 3600, level, 0)]
    if over:
        points.append((now - DAY_S + 3600, 0.0, 0))
    return Program(
        rev=rev, valid_from=end - 3 * DAY_S, valid_until=end, points=points, failsafe_level=55
    )


def command(rev: int, level: float | None = None, **more: object) -> Command:
    now = int(time.time())
    fields: dict[str, object] = {"start": now - 5, "expires_at": now + 3600, **more}
    return Command(command_id=f"c-{rev}", rev=rev, level=level, **fields)  # type: ignore[arg-type]  # fields of a Command, by the test's word


@pytest.fixture
def street_url(any_broker: Mosquitto | Nats) -> str:
    if isinstance(any_broker, Nats):
        assert any_broker.broker is not None
        return any_broker.broker.street_url
    return any_broker.url()


async def test_example_follows_the_contract(
    any_broker: Mosquitto | Nats, street_url: str, tmp_path: Path
) -> None:
    own, zone = TOPICS.luminaire("X1", "command"), TOPICS.zone("Z1", "command")
    store = tmp_path / "store.json"
    bus = any_broker.bus("controller")
    async with running(
        bus, TOPICS.luminaire("+", "state"), TOPICS.luminaire("+", "availability")
    ) as ear:
        it = Controller(bus, ear)
        async with luminaire(street_url, store):
            # knows nothing: lit
            await it.until_state(level=100, source="failsafe", rev=0, program_rev=0)
            await ear.until(lambda: it.availability == [b"online"])
            await it.send(TOPICS.luminaire("X1", "config"), config(10))
            await it.until_state(level=70, source="failsafe", rev=10)
            # the zone's program, scaled, then floored
            await it.send(TOPICS.zone("Z1", "program"), program(11, 80))
            await it.until_state(level=72, source="program", program_rev=11)
            await it.send(TOPICS.zone("Z1", "program"), program(12, 5))
            await it.until_state(level=20, program_rev=12)
            # an exception of its own beats it while it is there
            await it.send(TOPICS.luminaire("X1", "program"), program(13, 100))
            await it.until_state(level=90, program_rev=13)
            await bus.publish(Outbound(TOPICS.luminaire("X1", "program"), b"", retained=True))
            await it.until_state(level=20, program_rev=12)
            # commands: of the zone and its own by revision, exact level, resume
            await it.send(zone, command(20, 33))
            await it.until_state(level=33, source="command", command_id="c-20")
            await it.send(own, command(22, 7))
            await it.until_state(level=7, command_id="c-22")
            await it.send(zone, command(21, 66))  # late
            await it.send(own, command(23, 66, start=1, expires_at=2))  # expired
            future = int(time.time()) + 1000
            await it.send(own, command(24, 66, start=future, expires_at=future + 9))  # too early
            await it.send(own, command(25, report=True))
            await it.until_state(level=7, source="command", command_id="c-25")
            assert not [state for state in it.states if state.level == 66]
            await it.send(own, command(26, resume=True))
            await it.until_state(level=20, source="program", command_id="c-26")
            # a command that ends by itself
            await it.send(own, command(27, 44, expires_at=int(time.time()) + 2))
            await it.until_state(level=44, source="command")
            await it.until_state(level=20, source="program", command_id="c-27")
            # a program that ran out: last night again
            await it.send(TOPICS.zone("Z1", "program"), program(28, 80, over=True))
            await it.until_state(level=55, source="failsafe", program_rev=28)
            # another zone: the old one's program is forgotten
            await it.send(TOPICS.luminaire("X1", "config"), config(29, zone="Z2"))
            await it.until_state(level=70, source="failsafe", rev=29, program_rev=0)
            await it.send(TOPICS.zone("Z2", "program"), program(30, 50))
            await it.until_state(level=45, program_rev=30)
        await ear.until(lambda: it.availability[-1] == b"offline")
        # after loss of power: documents are kept, commands are not
        ear.messages.clear()
        async with luminaire(street_url, store):
            await it.until_state(level=45, source="program", rev=29, program_rev=30, command_id="")


async def test_example_survives_every_bad_golden_message(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    bus = mosquitto.bus("controller")
    async with running(bus, TOPICS.luminaire("+", "state")) as ear:
        it = Controller(bus, ear)
        async with luminaire(mosquitto.url(), tmp_path / "store.json"):
            await it.send(TOPICS.luminaire("X1", "config"), config(1, zone="X1"))
            await it.send(TOPICS.zone("X1", "program"), program(2, 80))
            await it.until_state(level=72, program_rev=2)
            for path in sorted((GOLDEN / "invalid").glob("*/*")):
                owner, leaf, _ = path.stem.split("-", 2)
                if owner == "zone":
                    await bus.publish(Outbound(TOPICS.zone("X1", leaf), path.read_bytes()))
                elif owner == "luminaire" and leaf in {"program", "config", "command"}:
                    await bus.publish(Outbound(TOPICS.luminaire("X1", leaf), path.read_bytes()))
            await it.send(TOPICS.luminaire("X1", "command"), command(2**53, report=True))
            state = await it.until_state(command_id=f"c-{2**53}")
    assert 0 < state.level <= 100


async def test_stored_documents_are_whole(mosquitto: Mosquitto, tmp_path: Path) -> None:
    bus = mosquitto.bus("controller")
    store = tmp_path / "store.json"
    async with (
        running(bus, TOPICS.luminaire("+", "state")) as ear,
        luminaire(mosquitto.url(), store),
    ):
        await Controller(bus, ear).send(TOPICS.luminaire("X1", "config"), config(5))
        await Controller(bus, ear).until_state(rev=5)
    assert json.loads(store.read_text())["config"]["rev"] == 5
