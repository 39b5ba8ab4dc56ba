"""SIGKILL between what is stored and what is said: a restart says it."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from controller.adapters.clock import MachineClock
from controller.adapters.sqlite import SqliteStore
from controller.ports.bus import Inbound, Outbound
from controller.service.control import Control
from controller.wire.timebase import Timebase
from schedules import Override, OverrideKind, Plan, Selector
from tests.fakes.small_city import small_site
from tests.integration.brokers import Mosquitto

_EVENING = datetime(2026, 3, 20, 14, tzinfo=UTC)  # 22:00 in the small city, lit since 18:00
_NOW = _EVENING.timestamp()
_ROOT = "lamplighter/v1/small/"


async def killed(
    data: Path, broker: Mosquitto, *, at: str, now: float = _NOW, plan: Plan | None = None
) -> None:
    """Run a service until it dies at an instant."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.killed_service",
        str(data), broker.url(), str(now), at,
        stdin=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    words = b"" if plan is None else plan.model_dump_json().encode()
    async with asyncio.timeout(60):
        await process.communicate(words)
    assert process.returncode == -signal.SIGKILL


class Street:
    """Hears everything; a luminaire speaks where a test lets it."""

    def __init__(self, broker: Mosquitto) -> None:
        self.bus = broker.bus("street")
        self.documents: dict[str, dict[str, Any]] = {}
        self.commands: list[dict[str, Any]] = []
        self.is_up = asyncio.Event()

    async def run(self) -> None:
        await self.bus.run([(f"{_ROOT}#", 1)], self._take, self._link_changed)

    def _link_changed(self, is_up: bool) -> None:
        if is_up:
            self.is_up.set()

    def _take(self, message: Inbound) -> None:
        topic = message.topic.removeprefix(_ROOT)
        if topic.endswith(("/program", "/config")):
            self.documents[topic] = json.loads(message.payload)
        elif topic.endswith("/command"):
            self.commands.append(json.loads(message.payload))

    async def until(self, level: float) -> None:
        """Wait for the level that the program of zone ``a`` says first."""
        async with asyncio.timeout(30):
            while self.level != level:  # noqa: ASYNC110  # what is awaited tells nobody
                await asyncio.sleep(0.02)

    @property
    def level(self) -> float | None:
        """The highest level in the program of zone ``a``, %; None before it is there."""
        program = self.documents.get("zone/a/program")
        return None if program is None else max(point[1] for point in program["points"])

    async def say(self, luminaire: str, level: float) -> None:
        """The luminaire follows its program at a level."""
        state = {
            "rev": self.documents[f"luminaire/{luminaire}/config"]["rev"],
            "program_rev": self.documents[f"zone/{luminaire[0]}/program"]["rev"],
            "level": level,
            "source": "program",
            "at_ms": int(_NOW * 1000),
        }
        topic = f"{_ROOT}luminaire/{luminaire}/state"
        await self.bus.publish(Outbound(topic, json.dumps(state).encode(), retained=True))


@asynccontextmanager
async def a_street(broker: Mosquitto) -> AsyncIterator[Street]:
    street = Street(broker)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(street.run(), name="test.street")
        try:
            await street.is_up.wait()
            yield street
        finally:
            task.cancel()


@asynccontextmanager
async def controlled(data: Path, broker: Mosquitto, now: float = _NOW) -> AsyncIterator[Control]:
    """The service in this process, as a restart finds the data folder."""
    with SqliteStore(data) as store:
        site = store.load_site()
        assert site is not None
        clock = MachineClock(Timebase(real_at=1e15, site_at=now, speed=1.0))
        control = Control(site, broker.bus("restarted"), store, clock, pass_every_s=0.05)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(control.run(), name="test.control")
            try:
                await control.is_ready.wait()
                yield control
            finally:
                task.cancel()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    with SqliteStore(folder) as store:
        store.save_site(small_site(), author="a", comment="b")
    return folder


def dimmer() -> Plan:
    """The plan, with 60 % where it was full light."""
    plan = small_site().plan
    programs = [one.model_copy(update={"base_level": 60.0}) for one in plan.programs]
    return plan.model_copy(update={"programs": tuple(programs)})


def overridden() -> Plan:
    """The plan with luminaire ``a1`` at 30 % for now."""
    override = Override(
        id="dim",
        kind=OverrideKind.OPERATOR,
        selector=Selector(luminaires=frozenset({"a1"})),
        level=30,
        start_at=_EVENING - timedelta(hours=1),
        end_at=_EVENING + timedelta(hours=1),
        author="a",
        reason="r",
    )
    return small_site(override).plan


@pytest.mark.parametrize("at", ["documents stored", "messages stored"])
async def test_documents_that_were_stored_reach_the_street(
    data: Path, mosquitto: Mosquitto, at: str
) -> None:
    await killed(data, mosquitto, at=at, plan=dimmer())
    async with a_street(mosquitto) as street:
        await street.until(100)  # they were stored, and not said
        before = street.documents["zone/a/program"]["rev"]
        async with controlled(data, mosquitto):
            await street.until(60)
        assert street.documents["zone/a/program"]["rev"] > before


async def test_a_book_that_was_stored_reaches_the_street(data: Path, mosquitto: Mosquitto) -> None:
    async with a_street(mosquitto) as street:
        async with controlled(data, mosquitto):
            await street.until(100)
        first = street.documents["zone/a/program"]
        tomorrow = _NOW + 86_400
        await killed(data, mosquitto, at="messages stored", now=tomorrow)
        assert street.documents["zone/a/program"] == first
        with SqliteStore(data) as store:
            stored = json.loads(store.published()["zone", "a", "program"].payload)
        assert stored["valid_from"] == first["valid_from"] + 86_400
        async with controlled(data, mosquitto, tomorrow), asyncio.timeout(30):
            while street.documents["zone/a/program"] != stored:  # noqa: ASYNC110  # tells nobody
                await asyncio.sleep(0.02)


async def test_an_override_that_was_stored_is_commanded(data: Path, mosquitto: Mosquitto) -> None:
    await killed(data, mosquitto, at="documents stored", plan=overridden())
    async with a_street(mosquitto) as street:
        await street.until(100)
        async with controlled(data, mosquitto), asyncio.timeout(30):
            await street.say("a1", 100)
            while not any(one.get("level") == 30 for one in street.commands):  # noqa: ASYNC110  # tells nobody
                await asyncio.sleep(0.02)


@pytest.mark.parametrize("at", ["states not stored", "states stored"])
async def test_states_that_were_or_were_not_stored_command_nobody(
    data: Path, mosquitto: Mosquitto, at: str
) -> None:
    async with a_street(mosquitto) as street:
        async with controlled(data, mosquitto):
            await street.until(100)
            for luminaire in ("a1", "a2", "b1", "b2"):
                await street.say(luminaire, 100)
        street.commands.clear()
        await killed(data, mosquitto, at=at, plan=dimmer())
        with SqliteStore(data) as store:
            assert at == "states not stored" or len(store.reported()) == 4
        said = dict(street.documents)
        async with controlled(data, mosquitto) as control:
            await asyncio.sleep(2)
            assert control.engine.columns.agrees().all()
        assert street.documents == said
        assert [one for one in street.commands if "level" in one] == []
