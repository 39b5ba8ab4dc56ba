"""The service between its ports: what is published, kept, and sent again."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from controller.adapters.clock import MachineClock
from controller.adapters.sqlite import SqliteStore
from controller.ports.bus import Inbound, Outbound
from controller.service.control import Control
from controller.wire.timebase import Timebase
from schedules import Site
from tests.contract.memory_bus import MemoryBroker, MemoryBus
from tests.fakes.small_city import small_site

NOON = datetime(2026, 3, 20, 4, tzinfo=UTC).timestamp()  # 12:00 in the small city
DUSK = NOON + 6 * 3600
ROOT = "lamplighter/v1/small/"


def standing(at: float) -> MachineClock:
    return MachineClock(Timebase(real_at=1e15, site_at=at, speed=1.0))


class Street:
    """Four luminaires in one: follows programs and commands when told to look at the time."""

    def __init__(self, broker: MemoryBroker) -> None:
        self.broker = broker
        self.bus = MemoryBus(broker)
        self.messages: dict[str, Any] = {}
        self.commands: list[tuple[str, dict[str, Any]]] = []

    async def run(self) -> None:
        await self.bus.run([(f"{ROOT}#", 0)], self._take, lambda _is_up: None)

    def _take(self, message: Inbound) -> None:
        topic = message.topic.removeprefix(ROOT)
        if topic.endswith("/command"):
            self.commands.append((topic, json.loads(message.payload)))
        elif topic.endswith(("/program", "/config")):
            self.messages[topic] = json.loads(message.payload) if message.payload else None

    def report(self, at: float, **levels: float) -> None:
        for name, level in levels.items():
            state = {
                "rev": self.messages[f"luminaire/{name}/config"]["rev"],
                "program_rev": self.messages[f"zone/{name[0]}/program"]["rev"],
                "level": level,
                "source": "program",
                "at_ms": int(at * 1000),
            }
            topic = f"{ROOT}luminaire/{name}/state"
            self.broker.publish(topic, json.dumps(state).encode(), retained=True)


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110  # what is awaited tells nobody
            await asyncio.sleep(0.01)


@asynccontextmanager
async def controlled(
    site: Site, broker: MemoryBroker, store: SqliteStore, clock: MachineClock
) -> AsyncIterator[tuple[Control, Street]]:
    control = Control(site, MemoryBus(broker), store, clock, pass_every_s=0.05)
    street = Street(broker)
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(street.run(), name="test.street"),
            group.create_task(control.run(), name="test.control"),
        ]
        try:
            yield control, street
        finally:
            for task in tasks:
                task.cancel()


@pytest.fixture
def site() -> Site:
    return small_site()


async def test_every_zone_gets_its_program_and_every_luminaire_its_config(
    tmp_path: Path, site: Site
) -> None:
    with SqliteStore(tmp_path) as store:
        async with controlled(site, MemoryBroker(), store, standing(NOON)) as (control, street):
            await until(lambda: len(street.messages) == 6)
    program = street.messages["zone/a/program"]
    assert program["points"][:4] == [
        [NOON, 0.0, 0],
        [DUSK, 100.0, 0],
        [DUSK + 5 * 3600, 50.0, 0],
        [DUSK + 12 * 3600, 0.0, 0],
    ]
    assert program["valid_until"] - program["valid_from"] == 14 * 86_400
    assert program["failsafe_level"] == 100
    assert street.messages["luminaire/b2/config"]["zone"] == "b"
    revs = [message["rev"] for message in street.messages.values()]
    assert len(set(revs)) == len(revs)
    assert control.epoch == 1


async def test_a_restart_sends_the_same_words_and_a_new_night_newer_ones(
    tmp_path: Path, site: Site
) -> None:
    seen: list[dict[str, Any]] = []
    for now in (NOON, NOON + 600, NOON + 86_400):
        with SqliteStore(tmp_path) as store:
            async with controlled(site, MemoryBroker(), store, standing(now)) as (_, street):
                await until(lambda: sum("zone" in topic for topic in street.messages) == 2)
        seen.append(street.messages["zone/a/program"])
    assert seen[0] == seen[1]
    assert seen[2]["rev"] > seen[0]["rev"]
    assert seen[2]["valid_from"] == seen[0]["valid_from"] + 86_400


async def test_a_restart_in_the_night_commands_nobody(tmp_path: Path, site: Site) -> None:
    broker = MemoryBroker()
    levels = {"a1": 100.0, "a2": 100.0, "b1": 100.0, "b2": 100.0}
    with SqliteStore(tmp_path) as store:
        async with controlled(site, broker, store, standing(DUSK + 60)) as (control, street):
            await until(lambda: len(street.messages) == 6)
            street.report(DUSK + 1, **levels)
            await until(lambda: control.engine.columns.is_known.all())
    broker.retained.clear()  # the broker is not the source of truth
    with SqliteStore(tmp_path) as store:
        async with controlled(site, broker, store, standing(DUSK + 90)) as (control, street):
            await until(lambda: control.tally.last_reconcile_at > 0)
            assert control.engine.columns.reported.tolist() == [100] * 4
            for _ in range(20):
                await asyncio.sleep(0.02)
    assert street.commands == []


async def test_a_luminaire_without_a_clock_is_commanded_and_its_answer_heard(
    tmp_path: Path, site: Site
) -> None:
    with SqliteStore(tmp_path) as store:
        clock = standing(NOON)
        async with controlled(site, MemoryBroker(), store, clock) as (control, street):
            await until(lambda: len(street.messages) == 6)
            street.report(NOON, a1=0, a2=0, b1=0, b2=0)
            await until(lambda: control.engine.columns.is_known.all())
            clock.timebase = Timebase(real_at=1e15, site_at=DUSK + 1, speed=1.0)
            street.report(DUSK, a1=100, a2=100, b1=100)
            await until(lambda: street.commands)
    ((topic, command), *_) = street.commands
    assert topic == "luminaire/b2/command"
    assert command["level"] == 100
    assert command["start"] <= DUSK + 1 < command["expires_at"] == DUSK + 5 * 3600
    assert command["report"] is True


async def test_what_a_dead_broker_lost_is_sent_again(tmp_path: Path, site: Site) -> None:
    broker = MemoryBroker()
    with SqliteStore(tmp_path) as store:
        async with controlled(site, broker, store, standing(NOON)) as (control, street):
            await until(lambda: len(street.messages) == 6)
            broker.stop()
            await until(lambda: not control.tally.is_connected)
            broker.retained.clear()
            before = dict(street.messages)
            street.messages.clear()
            broker.start()
            await until(lambda: len(street.messages) == 6)
    assert street.messages == before


async def test_a_luminaire_that_left_the_inventory_is_cleared(tmp_path: Path, site: Site) -> None:
    broker = MemoryBroker()
    with SqliteStore(tmp_path) as store:
        async with controlled(site, broker, store, standing(NOON)) as (_, street):
            await until(lambda: len(street.messages) == 6)
    fewer = site.inventory.model_copy(update={"luminaires": site.inventory.luminaires[:-1]})
    site = site.model_copy(update={"inventory": fewer})
    with SqliteStore(tmp_path) as store:
        async with controlled(site, broker, store, standing(NOON)):
            await until(lambda: f"{ROOT}luminaire/b2/config" not in broker.retained)
    assert f"{ROOT}luminaire/b1/config" in broker.retained


async def test_states_and_energy_are_kept_at_the_end(tmp_path: Path, site: Site) -> None:
    with SqliteStore(tmp_path) as store:
        async with controlled(site, MemoryBroker(), store, standing(DUSK + 1700)) as (
            control,
            street,
        ):
            await until(lambda: len(street.messages) == 6)
            street.report(DUSK + 1, a1=100)
            for wh, at in ((1000.0, DUSK + 1750), (1002.0, DUSK + 1800)):
                telemetry = json.dumps({"at_ms": int(at * 1000), "energy_wh": wh}).encode()
                street.broker.publish(f"{ROOT}luminaire/a1/telemetry", telemetry)
            await until(lambda: control.tally.messages_in["telemetry"] == 2)
    with SqliteStore(tmp_path) as store:
        assert [state.luminaire for state in store.reported()] == ["a1"]
        (in_zone_a,) = [energy for energy in store.energy_totals() if energy.zone == "a"]
        assert in_zone_a.metered_j == 2 * 3600.0


async def test_heartbeats_carry_the_epoch(tmp_path: Path, site: Site) -> None:
    beats: list[dict[str, Any]] = []
    broker = MemoryBroker()
    listener = MemoryBus(broker)
    with SqliteStore(tmp_path) as store:
        store.lead(0)
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(
                listener.run(
                    [(f"{ROOT}controller/heartbeat", 0)],
                    lambda message: beats.append(json.loads(message.payload)),
                    lambda _is_up: None,
                ),
                name="test.listener",
            )
            async with controlled(site, broker, store, standing(NOON)) as (_, street):
                await until(lambda: len(street.messages) == 6)
                await until(lambda: beats)
            listening.cancel()
    assert beats[0]["at_ms"] == int(NOON * 1000)
    assert beats[0]["epoch"] == 2
    assert beats[0]["instance"] == "alone"
    assert beats[0]["rev"] > max(message["rev"] for message in street.messages.values())


async def test_nothing_is_published_without_a_link(tmp_path: Path, site: Site) -> None:
    broker = MemoryBroker()
    broker.stop()
    sent: list[Outbound] = []
    with SqliteStore(tmp_path) as store:
        async with controlled(site, broker, store, standing(NOON)) as (control, _):
            await until(lambda: control.dispatch.length == 6)
            assert not control.is_ready.is_set()
            assert sent == []
            broker.start()
            await until(lambda: control.dispatch.length == 0)
            await until(control.is_ready.is_set)


async def test_a_street_that_holds_higher_revisions_is_told_above_them(
    tmp_path: Path, site: Site
) -> None:
    with SqliteStore(tmp_path) as store:
        async with controlled(site, MemoryBroker(), store, standing(NOON)) as (_, street):
            await until(lambda: len(street.messages) == 6)
            held = {"rev": 5000, "program_rev": 5001, "level": 0, "source": "program"}
            state = json.dumps(held | {"at_ms": int(NOON * 1000)}).encode()
            street.broker.publish(f"{ROOT}luminaire/a1/state", state, retained=True)
            await until(lambda: street.messages["zone/a/program"]["rev"] > 5001)
            await until(lambda: street.messages["luminaire/a1/config"]["rev"] > 5001)
        assert store.reserve_revs(1) > 5001


async def test_a_confirmed_config_goes_again_to_a_broker_that_lost_it(
    tmp_path: Path, site: Site
) -> None:
    broker = MemoryBroker()
    with SqliteStore(tmp_path) as store:
        async with controlled(site, broker, store, standing(NOON)) as (control, street):
            await until(lambda: len(street.messages) == 6)
            street.report(NOON, a1=0, a2=0, b1=0, b2=0)
            await until(lambda: control.engine.columns.is_known.all())
            broker.stop()
            await until(lambda: not control.tally.is_connected)
            broker.retained.clear()
            broker.start()
            await until(lambda: sum(t.endswith("/config") for t in broker.retained) == 4)


async def test_a_full_disk_stops_nothing_and_is_an_alarm_until_there_is_room(
    tmp_path: Path, site: Site
) -> None:
    with SqliteStore(tmp_path) as store:
        clock = standing(NOON)
        async with controlled(site, MemoryBroker(), store, clock) as (control, street):
            await until(lambda: len(street.messages) == 6)
            street.report(NOON, a1=0, a2=0, b1=0, b2=0)
            await until(lambda: control.engine.columns.is_known.all())
            store._db.execute("PRAGMA query_only = 1")
            before = street.messages["zone/a/program"]["rev"]
            assert isinstance(site.plan.programs, tuple)
            programs = tuple(one.model_copy(update={"steps": ()}) for one in site.plan.programs)
            plan = site.plan.model_copy(update={"programs": programs})
            await control.use_site(site.model_copy(update={"plan": plan}))
            await until(lambda: street.messages["zone/a/program"]["rev"] > before)
            clock.timebase = Timebase(real_at=1e15, site_at=DUSK + 1, speed=1.0)
            await until(lambda: street.commands)
            assert control.store_watch.error
            await until(lambda: "store_failing" in {one.type.value for one in control.alarms.open})
            store._db.execute("PRAGMA query_only = 0")
            await control.keeping.save_soon()
            assert control.store_watch.error == ""
        kept = {key: one.rev for key, one in store.published().items()}
        assert kept["zone", "a", "program"] == street.messages["zone/a/program"]["rev"]


async def test_a_second_controller_stays_passive_and_takes_over_with_the_same_words(
    tmp_path: Path, site: Site
) -> None:
    broker = MemoryBroker()
    with SqliteStore(tmp_path / "1") as one, SqliteStore(tmp_path / "2") as two:
        second = Control(
            site, MemoryBus(broker), two, standing(DUSK + 60), instance="second", shares_site=True
        )
        async with asyncio.TaskGroup() as group:
            async with controlled(site, broker, one, standing(DUSK + 60)) as (first, street):
                await until(lambda: len(street.messages) == 6)
                street.report(DUSK + 1, a1=100, a2=100, b1=100, b2=100)
                before = {topic: dict(words) for topic, words in street.messages.items()}
                running = group.create_task(second.run(), name="test.second")
                await until(lambda: second.leader.leader is not None)
                await until(second.is_ready.is_set)
                assert first.leader.is_active
                assert not second.leader.is_active
                assert second.engine.columns.reported.tolist() == [100] * 4
                assert not second.engine.stale_programs().any()
                assert street.messages == before
                assert [beat.instance for beat in first.leader.others()] == ["second"]
                assert first.leader.differing == []
            listening = Street(broker)
            heard = group.create_task(listening.run(), name="test.street")
            await until(lambda: second.leader.is_active)
            await until(
                lambda: (
                    len(listening.messages) == 6
                    and all(
                        listening.messages[topic]["rev"] > first.revisions.highest
                        for topic in before
                    )
                )
            )
            assert second.epoch == first.epoch + 1
            for topic, words in before.items():
                assert listening.messages[topic] | {"rev": 0} == words | {"rev": 0}
            assert listening.commands == street.commands == []
            running.cancel()
            heard.cancel()
