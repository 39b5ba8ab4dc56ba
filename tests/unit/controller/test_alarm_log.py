"""Alarms as people see them: numbered, kept over kill -9, acknowledged, forgotten in time."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from controller.adapters.sqlite import SqliteStore
from controller.engine.alarm_types import AlarmType, Scope, Severity
from controller.engine.book import compile_book
from controller.engine.engine import Engine
from controller.engine.faults import FaultBit
from controller.errors import AlarmAcknowledged, ConfigurationError, NoSuchAlarm, StoreError
from controller.ports.alarms import Alarm, AlarmChanges, Ending
from controller.service.alarm_log import MAX_NOTE, AlarmLog, checked_acknowledgement
from schedules import Site
from tests.fakes.alarm_street import cabinet_inventory
from tests.fakes.small_city import small_site
from tests.fakes.still_clock import StillClock

NIGHT = 1_774_018_800.0  # 23:00 in the small city


class Watched:
    """An engine with its alarm log; the street is lit and well until told otherwise."""

    def __init__(
        self, store: SqliteStore, *, at: float = NIGHT, keep_days: float = 400, lamps: int = 10
    ) -> None:
        inventory = cabinet_inventory(2, 1, lamps)
        plan = small_site().plan.model_copy(update={"assignments": ()})
        self.site = Site(inventory=inventory, plan=plan)
        self.engine = Engine(
            self.site, at, jitter=lambda: 0.5, confirmed=lambda _edge, _delays: None
        )
        self.engine.adopt(compile_book(self.site, at))
        columns = self.engine.columns
        columns.desired[:] = columns.reported[:] = 100.0
        columns.heard_at[:] = columns.reported_at[:] = at
        self.clock = StillClock(at)
        self.log = AlarmLog(self.engine, store, self.clock, keep_days=keep_days)
        self.wait(12)

    def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.pass_time(1.0)
            self.log.step(is_linked=True)

    def fail(self, *names: str, is_failed: bool = True) -> None:
        rows = [self.engine.columns.row_of[name] for name in names]
        self.engine.columns.fault_bits[rows] = FaultBit.LAMP_FAILURE if is_failed else 0

    def lose_gateway(self, *, is_lost: bool = True) -> None:
        self.engine.columns.is_gateway_online[0] = not is_lost
        if not is_lost:
            self.engine.columns.heard_at[:] = self.clock.at


@asynccontextmanager
async def running(log: AlarmLog) -> AsyncIterator[None]:
    task = asyncio.create_task(log.run(), name="test.alarm-log")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until(is_so: Callable[[], bool]) -> None:
    for _ in range(2000):
        if is_so():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never came to be")


async def until_kept(store: SqliteStore, count: int) -> list[Alarm]:
    await until(lambda: len(store.open_alarms()) == count)
    return store.open_alarms()


async def test_an_alarm_is_numbered_and_kept_with_its_luminaires(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        watched = Watched(store)
        async with running(watched.log):
            watched.lose_gateway()
            watched.wait(30)
            (alarm,) = await until_kept(store, 1)
            assert (alarm.id, alarm.type, alarm.scope, alarm.subject) == (
                1,
                AlarmType.COMMUNICATION_FAILURE,
                Scope.GATEWAY,
                "g0",
            )
            assert (alarm.affected, alarm.worst, alarm.total) == (10, 10, 10)
            assert alarm.severity is Severity.CRITICAL
            assert alarm.began_at < alarm.raised_at
            assert len(store.alarm_luminaires()) == 10
            assert watched.log.open == [alarm]
            watched.lose_gateway(is_lost=False)
            watched.wait(60)
            await until_kept(store, 0)
        (past,) = store.past_alarms(0, NIGHT + 1e6, 10)
        assert (past.ending, past.affected, past.worst) == (Ending.CLEARED, 0, 10)
        assert store.alarm_luminaires() == []
        assert dict(watched.log.raised_total) == {
            (AlarmType.COMMUNICATION_FAILURE, Severity.CRITICAL): 1
        }
        assert not watched.log.active()


def test_a_restart_takes_up_what_was_open(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        before = Watched(store)
        before.lose_gateway()
        before.fail("c1f0-3")
        before.wait(100)
        before.log.save()
        opened = before.log.open
        assert len(opened) == 2
    with SqliteStore(tmp_path) as store:
        after = Watched(store, at=NIGHT + 7200)
        after.fail("c1f0-3")
        after.wait(100)
        assert after.log.open == opened
        assert not after.log.raised_total
        after.fail("c1f0-3", is_failed=False)
        after.engine.columns.heard_at[:] = after.clock.at
        after.wait(700)
        after.fail("c1f0-4")
        after.wait(100)
        assert [alarm.id for alarm in after.log.open] == [3]


def test_an_open_alarm_counts_the_luminaires_that_came_since(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        before = Watched(store)
        before.lose_gateway()
        before.wait(100)
        before.log.save()
    with SqliteStore(tmp_path) as store:
        after = Watched(store, at=NIGHT + 7200, lamps=12)
        after.lose_gateway()
        after.wait(100)
        (alarm,) = after.log.open
    assert (alarm.id, alarm.affected, alarm.total) == (1, 12, 12)


def test_what_is_kept_survives_kill_9(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from controller.adapters.sqlite import SqliteStore\n"
        "from tests.unit.controller.test_alarm_log import Watched\n"
        "watched = Watched(SqliteStore(Path(sys.argv[1])))\n"
        "watched.fail('c1f0-3'); watched.wait(100); watched.log.save()\n"
        "print('kept', flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
        env={"PYTHONPATH": "."},
    )
    assert killed.stdout == "kept\n", killed.stderr
    with SqliteStore(tmp_path) as store:
        assert [alarm.subject for alarm in store.open_alarms()] == ["c1f0-3"]


async def test_an_acknowledgement_is_stored_before_it_is_answered(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        watched = Watched(store)
        watched.fail("c1f0-3")
        watched.wait(100)
        # Nothing was written yet: the acknowledgement brings the alarm along.
        told = await watched.log.acknowledge(1, " 王 ", "crew is out")
        assert told.acknowledgement is not None
        assert told.acknowledgement.author == "王"
        assert store.alarm(1) == told
        assert watched.log.open == [told]
        watched.log.save()
        watched.fail("c1f0-3", is_failed=False)
        watched.wait(700)
        watched.log.save()
        past = store.alarm(1)
        assert past is not None
        assert past.ending is Ending.CLEARED
        assert past.acknowledgement == told.acknowledgement


async def test_a_past_alarm_is_acknowledged_too(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        watched = Watched(store)
        watched.fail("c1f0-3")
        watched.wait(100)
        watched.fail("c1f0-3", is_failed=False)
        watched.wait(700)
        assert watched.log.open == []
        first = await watched.log.acknowledge(1, "li")
        assert first.ending is Ending.CLEARED
        watched.log.save()
        assert store.alarm(1) == first


def test_an_alarm_that_ends_while_it_is_acknowledged_has_ended(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        watched = Watched(store)
        watched.lose_gateway()
        watched.wait(60)
        seen = watched.log.open[0]
        watched.lose_gateway(is_lost=False)
        watched.wait(60)
        watched.log.save()
        store.acknowledge_alarm(seen, checked_acknowledgement(NIGHT, "li", ""))
        kept = store.alarm(seen.id)
        assert kept is not None
        assert kept.ending is Ending.CLEARED
        assert kept.acknowledgement is not None
        assert store.open_alarms() == []


async def test_who_acknowledges_what(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        watched = Watched(store)
        watched.fail("c1f0-3")
        watched.wait(100)
        with pytest.raises(NoSuchAlarm, match="alarm 7 is not known"):
            await watched.log.acknowledge(7, "li")
        with pytest.raises(ConfigurationError, match="author is empty"):
            await watched.log.acknowledge(1, "  ")
        with pytest.raises(ConfigurationError, match=r"note has 1,001 characters"):
            await watched.log.acknowledge(1, "li", "x" * (MAX_NOTE + 1))
        assert watched.log.open[0].acknowledgement is None
        await watched.log.acknowledge(1, "li")
        with pytest.raises(AlarmAcknowledged, match="acknowledged already by li"):
            await watched.log.acknowledge(1, "wang")


async def test_two_at_once_are_told_who_was_first(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        watched = Watched(store)
        watched.fail("c1f0-3")
        watched.wait(100)

        async def acknowledge(author: str) -> str:
            try:
                await watched.log.acknowledge(1, author)
            except AlarmAcknowledged:
                return "late"
            return "first"

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(acknowledge(name)) for name in ("li", "wang")]
        assert sorted(task.result() for task in tasks) == ["first", "late"]


class FailingDisk(SqliteStore):
    """A store whose disk is full until it is mended."""

    is_full = True

    def save_alarms(self, changes: AlarmChanges) -> None:
        if self.is_full:
            raise StoreError("store: database or disk is full")
        super().save_alarms(changes)


async def test_a_full_disk_stops_nothing_and_is_an_alarm_itself(tmp_path: Path) -> None:
    with FailingDisk(tmp_path) as store:
        watched = Watched(store)
        async with running(watched.log):
            watched.fail("c1f0-3")
            watched.wait(100)

            def is_told() -> bool:
                watched.wait(1)
                return watched.log.raised_total[AlarmType.STORE_FAILING, Severity.CRITICAL] == 1

            await until(is_told)
            watched.lose_gateway()
            watched.wait(30)
        assert store.open_alarms() == []
        assert len(watched.log.open) == 3
        store.is_full = False
        watched.log.save()
        assert store.open_alarms() == watched.log.open
        assert len(store.alarm_luminaires()) == 11


async def test_past_alarms_are_forgotten_in_time(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        watched = Watched(store)
        for name in ("c1f0-1", "c1f0-2", "c1f0-3"):
            watched.fail(name)
            watched.wait(100)
            watched.fail(name, is_failed=False)
            watched.wait(700)
        watched.fail("c1f0-4")
        watched.wait(100)
        watched.log.save()
        late = Watched(store, at=NIGHT + 30 * 86_400, keep_days=29.99)
        async with running(late.log):
            await until(lambda: len(store.past_alarms(0, 1e12, 10)) == 2)
        assert [alarm.id for alarm in store.past_alarms(0, 1e12, 10)] == [3, 2]
        assert [alarm.id for alarm in store.open_alarms()] == [4]


def test_an_alarm_about_what_is_gone_ends(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        watched = Watched(store)
        watched.fail("c1f0-3")
        watched.wait(100)
        watched.log.save()
        (alarm,) = watched.log.open
        renamed = replace(alarm, id=2, subject="long gone")
        store.save_alarms(AlarmChanges([renamed], [(2, "long gone")], []))
        after = Watched(store)
        assert [one.id for one in after.log.open] == [1]
        after.log.save()
        gone = store.alarm(2)
        assert gone is not None
        assert gone.ending is Ending.RETIRED


def test_alarms_about_a_luminaire(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        watched = Watched(store)
        assert watched.log.about("c0f0-3") == []
        watched.fail("c0f0-3", "c1f0-3")
        watched.wait(100)
        watched.lose_gateway()
        watched.wait(30)
        both = [AlarmType.LAMP_FAILURE, AlarmType.COMMUNICATION_FAILURE]
        assert [one.type for one in watched.log.about("c0f0-3")] == both
        assert [one.subject for one in watched.log.about("c1f0-3")] == ["c1f0-3"]
        for name in watched.engine.columns.ids:
            found = [one for one in watched.log.open if name in watched.log.luminaires(one)]
            assert watched.log.about(name) == found


def test_luminaires_of_an_alarm(tmp_path: Path) -> None:
    with SqliteStore(tmp_path) as store:
        watched = Watched(store)
        watched.engine.columns.is_online[np.arange(3)] = False
        watched.lose_gateway()
        watched.wait(30)
        (alarm,) = watched.log.open
        assert watched.log.luminaires(alarm) == [f"c0f0-{number}" for number in range(10)]
