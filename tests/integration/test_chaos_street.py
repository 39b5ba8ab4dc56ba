"""A simulated street, a real broker, and what goes wrong between and in them."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from simulator.chaos import LinkFault, MessageTrouble, Proxy, Way
from tests.integration.brokers import Mosquitto
from tests.integration.streets import (
    DAY,
    EVERYONE,
    PATIENCE_S,
    START,
    Controller,
    Simulator,
    simulating,
    site,
)


@pytest.fixture
def arguments(mosquitto: Mosquitto, tmp_path: Path) -> list[str]:
    file = tmp_path / "site.json"
    file.write_text(site().model_dump_json(), encoding="utf-8")
    start = ["--start", "2026-09-22T12:00:00+08:00"]
    return ["--supervised", "--site", str(file), *start, "--broker", mosquitto.url()]


@pytest_asyncio.fixture
async def controller(mosquitto: Mosquitto) -> AsyncIterator[Controller]:
    bus = mosquitto.bus("testing-controller")
    controller = Controller(bus, site())
    task = asyncio.create_task(
        bus.run(controller.topics.controller_filters(), controller.hear, controller.link),
        name="test.bus",
    )
    await asyncio.wait_for(controller.is_up.wait(), PATIENCE_S)
    yield controller
    task.cancel()
    await asyncio.wait([task])


async def night(simulator: Simulator, controller: Controller) -> dict[str, Any]:
    """Let a whole day pass; the summary."""
    await simulator.event("ready")
    await controller.until(lambda: controller.programmed == EVERYONE)
    await simulator.go(time.time(), 28_800)
    while (await simulator.event("progress"))["site_at"] < START + DAY:
        pass
    await simulator.say({"finish": True})
    return await simulator.event("summary")


async def test_a_script_of_outages_faults_and_lies_is_accounted_for_to_the_second(
    controller: Controller, arguments: list[str], tmp_path: Path
) -> None:
    script, record = tmp_path / "night.yaml", tmp_path / "record.json"
    hour = 3600
    script.write_text(
        f"""
steps:
  - {{do: feeder_outage, at_s: {8 * hour}, for_s: {hour}, feeders: [f]}}
  - {{do: cabinet_outage, at_s: {10 * hour}, for_s: {hour}, cabinets: [c]}}
  - {{do: gateway_outage, at_s: {13 * hour}, for_s: {hour}, gateways: [virtual-0]}}
  - {{do: fault, kind: lamp_failure, at_s: {14 * hour}, for_s: {hour}, luminaires: [b1]}}
  - {{do: meter_lie, kind: thousandfold, at_s: {2 * hour}, luminaires: [b2]}}
"""
    )
    await controller.commission()
    extra = ["--nights", "1", "--script", str(script), "--faults-file", str(record)]
    async with simulating(*arguments, *extra) as simulator:
        summary = await night(simulator, controller)
    assert summary["dark_minutes"] == summary["daylight_burn_minutes"] == 0
    assert summary["dark_by_outage_minutes"] == 2 * 2 * 60
    assert summary["dark_by_fault_minutes"] == 60
    assert summary["unasked_changes"] == 0
    # 100 W from 18:00 to 23:00, then 50 W to 06:00 but for a2, with a ramp of a minute.
    per_night = [0.5 + 0.35 + 0.025 / 60, 1.2, 0.5 + 0.35 + 0.025 / 60, 0.5 + 0.35 + 0.025 / 60]
    without = -(0.2 + 0.2) - 0.05 + 0.001  # two hours of a1 and a2, an hour of b1
    standby = 4 * 12 * 0.001
    boots = 0.0  # a start is at the full level that the program asked for, too
    assert summary["energy_kwh"] == pytest.approx(
        sum(per_night) + without + standby + boots, abs=0.003
    )
    lying = [one.energy_wh or 0 for one in controller.readings["b2"]]
    assert max(lying) > 100 * min(lying)
    entries = {entry["do"]: entry for entry in json.loads(record.read_text())}
    assert set(entries) == {
        "feeder_outage", "cabinet_outage", "gateway_outage", "fault", "meter_lie"
    }  # fmt: skip
    assert entries["fault"] == {
        "do": "fault",
        "kind": "lamp_failure",
        "who": ["b1"],
        "begin": START + 14 * hour,
        "end": START + 15 * hour,
    }
    assert entries["meter_lie"]["end"] is None


async def test_steps_come_over_the_pipe_while_it_runs(
    controller: Controller, arguments: list[str]
) -> None:
    await controller.commission()
    async with simulating(*arguments) as simulator:
        await simulator.event("ready")
        await controller.until(lambda: controller.programmed == EVERYONE)
        controller.states.clear()
        await simulator.say({"step": {"do": "reconnect_storm", "within_s": 0.2}})
        await controller.until(lambda: controller.programmed == EVERYONE)
        await simulator.say({"step": {"do": "cabinet_outage", "cabinets": ["c"], "for_s": 0.5,
                                      "clock": "machine"}})  # fmt: skip
        await controller.until(lambda: controller.availability["g"] == "offline")
        controller.states.clear()
        await controller.until(lambda: controller.availability["g"] == "online")
        await controller.until(lambda: controller.programmed >= {"a1", "a2"})
        for wrong in ({"do": "explode"}, {"do": "feeder_outage", "feeders": ["nowhere"]},
                      {"do": "link", "latency_s": 1}):  # fmt: skip
            await simulator.say({"step": wrong})
        await simulator.say({"finish": True})
        summary = await simulator.event("summary")
        said = await simulator.said()
    assert summary["connections_lost"] == 3
    assert "explode" in said
    assert "no feeder of this street fits 'nowhere'" in said
    assert "link is for the proxy" in said


async def test_a_script_with_a_feeder_that_is_not_there_is_refused(
    arguments: list[str], tmp_path: Path
) -> None:
    script = tmp_path / "night.yaml"
    script.write_text("steps:\n  - do: feeder_outage\n    feeders: [nowhere]\n")
    async with simulating(*arguments, "--script", str(script)) as simulator:
        assert await asyncio.wait_for(simulator.process.wait(), PATIENCE_S) == 1
        said = await simulator.said()
    assert "line 2: feeders: no feeder of this street fits 'nowhere'" in said
    assert "Traceback" not in said


async def test_through_a_proxy_whose_link_goes_wrong_the_street_is_right_again(
    controller: Controller, arguments: list[str], mosquitto: Mosquitto
) -> None:
    await controller.commission()
    async with Proxy("127.0.0.1", mosquitto.port) as proxy:
        arguments[-1] = f"mqtt://127.0.0.1:{proxy.port}"
        async with simulating(*arguments) as simulator:
            await simulator.event("ready")
            await controller.until(lambda: controller.programmed == EVERYONE)
            assert proxy.clients == ["street-testing-g", "street-testing-virtual-0"]
            for fault in (
                LinkFault(latency_s=0.05, jitter_s=0.05, bytes_per_s=64_000),
                LinkFault(flap_s=0.3),
                LinkFault(down=Way.SWALLOW),
                LinkFault(up=Way.SWALLOW, down=Way.SWALLOW),
            ):
                proxy.put(fault)
                proxy.reset("street-testing-g")
                await asyncio.sleep(0.7)
                proxy.heal()
                controller.states.clear()
                proxy.reset()
                await controller.until(lambda: controller.programmed == EVERYONE)
            await simulator.say({"finish": True})
            await simulator.event("summary")
        assert proxy.counts.flaps
        assert proxy.counts.swallowed_up


async def test_troubled_messages_leave_the_night_right(
    controller: Controller, arguments: list[str], mosquitto: Mosquitto
) -> None:
    async with Proxy("127.0.0.1", mosquitto.port) as proxy:
        # The other way the test, which takes the last state that it hears, would be misled.
        proxy.trouble(MessageTrouble(way="down", duplicate=1, late=0.7, late_s=0.2, replay=1))
        arguments[-1] = f"mqtt://127.0.0.1:{proxy.port}"
        await controller.commission()
        async with simulating(*arguments, "--nights", "1") as simulator:
            summary = await night(simulator, controller)
        done = proxy.message_counts
        assert min(done.duplicated, done.delayed, done.replayed) > 0
    assert summary["dark_minutes"] == summary["daylight_burn_minutes"] == 0
    assert summary["connections_lost"] == 0
    assert summary["messages_rejected"] == {}


async def test_the_rules_sensors_are_heard(
    controller: Controller, arguments: list[str], tmp_path: Path
) -> None:
    document = site().model_dump(mode="json")
    document["plan"]["rules"] = [
        {
            "id": "busy", "name": "busy", "selector": {"zones": ["a"]}, "sensors": ["s1"],
            "reading": "traffic", "above": 500, "action": "min", "level": 80,
        }
    ]  # fmt: skip
    (tmp_path / "site.json").write_text(json.dumps(document))
    await controller.commission()
    async with simulating(*arguments, "--nights", "1", "--sensors") as simulator:
        await night(simulator, controller)
    assert {one.kind for one in controller.sensed["s1"]} == {"traffic"}
    assert len(controller.sensed["s1"]) == DAY // 300


async def chaos(*arguments: str, words: bytes | None = None) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator.chaos", *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE_S):
        out, error = await process.communicate(words)
    assert process.returncode is not None
    return process.returncode, out.decode(), error.decode()


async def test_garbage_goes_through_a_broker_and_is_what_was_said(
    controller: Controller, mosquitto: Mosquitto
) -> None:
    arguments = ["garbage", "--count", "3000", "--site-id", "testing", "--luminaire", "a1"]
    code, out, _ = await chaos(*arguments, "--broker", mosquitto.url(), "--format", "json")
    said = json.loads(out)
    assert code == 0
    assert 2900 < said["sent"] <= 3000
    assert sum(said["by_reason"].values()) == said["sent"]


async def test_a_proxy_obeys_its_parent(mosquitto: Mosquitto) -> None:
    words = b'{"step":{"do":"link","latency_s":1}}\n{"step":{"do":"fault","kind":"cycling"}}\n'
    target = f"127.0.0.1:{mosquitto.port}"
    arguments = ["proxy", "--supervised", "--listen", "0", "--to", target]
    code, out, error = await chaos(*arguments, words=words)
    events = [json.loads(line)["event"] for line in out.splitlines()]
    assert (code, events[0], events[-1]) == (0, "ready", "summary")
    assert "step fault is for the street" in error


async def test_a_script_for_the_proxy_ends_with_its_last_step(tmp_path: Path) -> None:
    script = tmp_path / "link.yaml"
    script.write_text("- {do: link, flap_s: 0.05, for_s: 0.2}\n- {do: reset, at_s: 0.1}\n")
    code, out, _ = await chaos("run", str(script), "--listen", "0", "--format", "json")
    assert code == 0
    assert json.loads(out)["flaps"] >= 2


@pytest.mark.parametrize(
    ("arguments", "code", "wanted"),
    [
        (["proxy", "--listen", "nowhere"], 2, "must be HOST:PORT"),
        (["proxy", "--late", "2"], 2, "--late"),
        (["garbage"], 2, "give --site FILE"),
        (["garbage", "--site", "/nowhere"], 1, "cannot be read"),
        (["garbage", "--site-id", "x", "--zone", "Z", "--broker", "mqtt://127.0.0.1:1"], 1, "1:"),
        (["run", "/nowhere"], 1, "cannot be read"),
        ([], 2, "Usage"),
    ],
)  # fmt: skip
async def test_a_mistake_is_one_line(arguments: list[str], code: int, wanted: str) -> None:
    found, out, error = await chaos(*arguments)
    assert found == code
    assert wanted in out + error
    assert "Traceback" not in error
