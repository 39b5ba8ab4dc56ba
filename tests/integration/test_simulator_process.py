"""The simulator as a child process on real brokers, with the test as its controller."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from controller.ports.bus import Outbound
from controller.wire.messages import Command
from tests.integration.brokers import Mosquitto, Nats
from tests.integration.streets import (
    DAY,
    EVERYONE,
    PATIENCE_S,
    START,
    Controller,
    simulating,
    site,
)


@pytest.fixture
def site_file(tmp_path: Path) -> Path:
    file = tmp_path / "site.json"
    file.write_text(site().model_dump_json(), encoding="utf-8")
    return file


@pytest.fixture(params=["mosquitto", "nats"])
def broker(request: pytest.FixtureRequest) -> Mosquitto | Nats:
    """Each broker in turn."""
    rig: Mosquitto | Nats = request.getfixturevalue(request.param)
    return rig


@pytest.fixture
def arguments(broker: Mosquitto | Nats, site_file: Path, tmp_path: Path) -> list[str]:
    """What the child is started with."""
    found = ["--supervised", "--site", str(site_file), "--start", "2026-09-22T12:00:00+08:00"]
    if isinstance(broker, Nats):
        assert broker.broker is not None
        user, _, rest = broker.broker.street_url.removeprefix("mqtt://").partition(":")
        password, _, address = rest.partition("@")
        secret = tmp_path / "password"
        secret.write_text(password + "\n", encoding="utf-8")
        found += ["--username", user, "--password-file", str(secret)]
        return [*found, "--broker", f"mqtt://{address}"]
    return [*found, "--broker", broker.url()]


@pytest_asyncio.fixture
async def controller(broker: Mosquitto | Nats) -> AsyncIterator[Controller]:
    bus = broker.bus("testing-controller")
    controller = Controller(bus, site())
    task = asyncio.create_task(
        bus.run(controller.topics.controller_filters(), controller.hear, controller.link),
        name="test.bus",
    )
    await asyncio.wait_for(controller.is_up.wait(), PATIENCE_S)
    yield controller
    task.cancel()
    await asyncio.wait([task])


async def test_a_night_without_faults_is_exactly_right(
    controller: Controller, arguments: list[str]
) -> None:
    await controller.commission()
    async with simulating(*arguments, "--nights", "1") as simulator:
        ready = await simulator.event("ready")
        assert (ready["luminaires"], ready["connections"]) == (4, 2)
        await controller.until(lambda: controller.programmed == EVERYONE)
        assert controller.availability == {"g": "online", "virtual-0": "online"}
        assert {state.at_ms for state in controller.states.values()} == {START * 1000}
        await simulator.go(time.time(), 28_800)
        while (await simulator.event("progress"))["site_at"] < START + DAY:
            pass
        await simulator.say({"finish": True})
        summary = await simulator.event("summary")
        assert await asyncio.wait_for(simulator.process.wait(), PATIENCE_S) == 0
        assert await simulator.said() == ""
    assert summary["lit_ratio"] == 1.0
    assert summary["dark_minutes"] == summary["daylight_burn_minutes"] == 0
    assert summary["expected_lit_minutes"] == 4 * 12 * 60
    assert summary["level_error"] == 0
    assert summary["seconds"] == DAY
    assert set(summary["zones"]) == {"a", "b"}
    await controller.until(lambda: set(controller.availability.values()) == {"offline"})
    assert set(controller.readings) == EVERYONE
    assert controller.states["a1"].at_ms == (START + 18 * 3600) * 1000
    used_wh = sum(
        (readings[-1].energy_wh or 0.0) - (readings[0].energy_wh or 0.0)
        for readings in controller.readings.values()
    )
    # All but what was used before each meter's first reading within the first hour.
    assert used_wh / 1000 == pytest.approx(summary["energy_kwh"], abs=0.0041)


async def test_commands_reach_luminaires_and_zones(
    controller: Controller, arguments: list[str]
) -> None:
    await controller.commission()
    async with simulating(*arguments) as simulator:
        await simulator.event("ready")
        await controller.until(lambda: controller.programmed == EVERYONE)
        one = Command(command_id="one", rev=100, start=START, expires_at=START + 60, level=40.0)
        zone = Command(command_id="zone", rev=101, start=START, expires_at=START + 60, level=70.0)
        await controller.tell(controller.topics.luminaire("a1", "command"), one, retained=False)
        await controller.tell(controller.topics.zone("b", "command"), zone, retained=False)
        await controller.until(
            lambda: (
                {state.command_id for state in controller.states.values()} == {"", "one", "zone"}
            )
        )
        await controller.until(lambda: controller.states["b1"].level == 70)
        await controller.until(lambda: controller.states["b2"].level == 70)
        assert controller.states["a1"].level == 40
        assert controller.states["a1"].source == "command"
        assert controller.states["a2"].command_id == ""
        simulator.process.terminate()
        summary = await simulator.event("summary")
        assert await asyncio.wait_for(simulator.process.wait(), PATIENCE_S) == 0
    assert summary["seconds"] == 0


async def test_after_the_broker_was_away_all_states_come_again(
    controller: Controller, arguments: list[str], broker: Mosquitto | Nats
) -> None:
    await controller.commission()
    async with simulating(*arguments) as simulator:
        await simulator.event("ready")
        await controller.until(lambda: controller.programmed == EVERYONE)
        await broker.stop()
        while (await simulator.event("progress"))["connected"]:
            pass
        await controller.until(lambda: not controller.is_up.is_set())
        controller.states.clear()
        await broker.start()
        while (await simulator.event("progress"))["connected"] < 2:
            pass
        await controller.until(controller.is_up.is_set)
        await controller.until(lambda: controller.programmed == EVERYONE)
        order = Command(command_id="late", rev=100, start=START, expires_at=START + 60, level=40.0)
        await controller.tell(controller.topics.zone("a", "command"), order, retained=False)
        await controller.until(lambda: controller.states["a1"].command_id == "late")
        await simulator.say({"finish": True})
        summary = await simulator.event("summary")
    assert summary["connections_lost"] == 2


async def test_faults_show_in_what_is_said_and_what_is_seen(
    controller: Controller, arguments: list[str]
) -> None:
    await controller.commission()
    faults = ["--fault", "lamp_failure=0.25", "--fault", "silent=0.25", "--fault", "stuck_on=0.25"]
    async with simulating(*arguments, *faults, "--nights", "1") as simulator:
        await simulator.event("ready")
        await controller.until(lambda: len(controller.programmed) == 3)
        await simulator.go(time.time(), 86_400)
        while (await simulator.event("progress"))["site_at"] < START + DAY:
            pass
        await simulator.say({"finish": True})
        summary = await simulator.event("summary")
    assert len(controller.states) == 3, "one is silent"
    assert sorted(state.faults for state in controller.states.values()) == [
        [], [], ["lamp_failure"]
    ]  # fmt: skip
    assert summary["faulty"] == 3
    assert summary["dark_by_fault_minutes"] == 12 * 60
    assert summary["daylight_by_fault_minutes"] == 12 * 60
    assert summary["dark_minutes"] == summary["daylight_burn_minutes"] == 0
    assert summary["lit_ratio"] == 0.75


async def test_every_luminaire_may_have_a_connection_of_its_own(
    controller: Controller, arguments: list[str]
) -> None:
    await controller.commission()
    async with simulating(*arguments, "--direct") as simulator:
        assert (await simulator.event("ready"))["connections"] == 4
        await controller.until(lambda: controller.programmed == EVERYONE)
        assert controller.availability == dict.fromkeys(EVERYONE, "online")
        simulator.process.kill()
        await controller.until(lambda: set(controller.availability.values()) == {"offline"})


async def test_what_cannot_be_read_is_counted_and_does_no_harm(
    controller: Controller, arguments: list[str], broker: Mosquitto | Nats
) -> None:
    async with simulating(*arguments) as simulator:
        await simulator.event("ready")
        bus = controller._bus
        for payload in (b"{", b"\xff\xfe", b"[]", b'{"rev":-1}', b""):
            topic = controller.topics.luminaire("a1", "command")
            await bus.publish(Outbound(topic, payload))
        await simulator.say({"what": "is this"})
        await simulator.say({"timebase": "soon"})
        await controller.commission()
        await controller.until(lambda: controller.programmed == EVERYONE)
        await simulator.say({"finish": True})
        summary = await simulator.event("summary")
        assert "not understood" in await simulator.said()
    assert sum(summary["messages_rejected"].values()) == 5


async def test_a_wrong_password_gives_one_line_without_the_password(
    mosquitto_with_users: Mosquitto, site_file: Path
) -> None:
    url = mosquitto_with_users.url("street", "not-the-secret")
    arguments = ["--site", str(site_file), "--broker", url, "--connect-timeout", "2"]
    async with simulating(*arguments) as simulator:
        assert await asyncio.wait_for(simulator.process.wait(), PATIENCE_S) == 1
        said = await simulator.said()
    assert "not-the-secret" not in said
    assert "Traceback" not in said
    assert said.splitlines()[-1].startswith("simulate: error: broker mqtt://127.0.0.1:")
    assert "not connected within 2 s" in said.splitlines()[-1]
