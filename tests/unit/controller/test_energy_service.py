"""The account over a stop of the service."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from controller.adapters.sqlite import SqliteStore
from controller.engine.book import compile_book
from controller.engine.engine import Engine
from controller.service.energy import Energy
from tests.fakes.small_city import LED_W, small_site
from tests.fakes.still_clock import StillClock

START = datetime(2026, 3, 20, 12, tzinfo=UTC).timestamp()  # 20:00, lit
HOUR = 3600.0
DAY = 86_400.0


class Run:
    """One run of the service on a store."""

    def __init__(self, store: SqliteStore, clock: StillClock) -> None:
        self.engine = Engine(small_site(), clock.now(), lambda: 0.5, lambda *_: None)
        self.account = self.engine.account
        self.energy = Energy(self.engine, store, clock)
        self.store, self.clock = store, clock
        self.energy.restore()
        self.book = compile_book(small_site(), clock.now(), self.energy.prepare())
        self.engine.adopt(self.book)

    def save(self) -> None:
        state = self.energy.take(is_last=True)
        assert state is not None
        self.store.save_night([], self.energy.record(state))

    @property
    def used_wh(self) -> float:
        self.account.advance(self.clock.now())
        return float(self.account.totals().used_j.sum()) / 3600


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    return SqliteStore(tmp_path)


def test_a_stop_is_accounted_by_the_documents(store: SqliteStore) -> None:
    clock = StillClock(START)
    with store:
        first = Run(store, clock)
        clock.at += HOUR
        first.save()
        clock.at += 3 * DAY
        second = Run(store, clock)
        second.energy.catch_up()
        # An hour at full, and three times a night: 5 h full, 7 h half, 12 h standby.
        assert second.used_wh == pytest.approx(4 * (LED_W + 3 * (5 + 3.5) * LED_W + 3 * 12))
        saved = second.account.totals()
        assert saved.rungs_j.sum() == pytest.approx(saved.saved_j.sum())


async def test_what_arrives_while_a_long_stop_is_accounted_is_not_lost(store: SqliteStore) -> None:
    clock = StillClock(START)
    with store:
        Run(store, clock).save()
        clock.at += 2 * DAY
        run = Run(store, clock)
        with run.account.catching_up():
            run.account.set_levels(np.array([0]), np.array([25.0]), np.array([clock.at]))
            run.account.advance(clock.at)
            assert run.energy.take(is_last=True) is None
            assert run.account.accounted_at == START
            run.energy.catch_up()
        assert run.account.rows.power_w[0] == LED_W / 4
        await run.energy.catch_up_soon()
        assert run.account.accounted_at == clock.at


def test_the_store_keeps_no_columns_of_what_cannot_change_any_more(store: SqliteStore) -> None:
    clock = StillClock(START)
    with store:
        Run(store, clock).save()
        clock.at += 20 * DAY
        run = Run(store, clock)
        run.energy.catch_up()
        run.save()
        kept = store.energy_state(0)
    assert kept is not None
    quarters = [int(name[7:-3]) for name in kept.columns if name.startswith("open_j/")]
    assert quarters
    assert min(quarters) > clock.at // 900 - 64


async def test_a_long_stop_is_accounted_beside_the_loop(store: SqliteStore) -> None:
    clock = StillClock(START)
    with store:
        Run(store, clock).save()
        clock.at += 2 * DAY
        run = Run(store, clock)
        await run.energy.catch_up_soon()
        assert run.account.accounted_at == clock.at
        assert not run.account.is_catching_up


@pytest.mark.parametrize("gone_s", [60 * DAY, -3 * DAY])
def test_a_clock_that_was_wrong_begins_anew_and_keeps_the_totals(
    store: SqliteStore, gone_s: float
) -> None:
    clock = StillClock(START)
    with store:
        first = Run(store, clock)
        clock.at += HOUR
        first.save()
        before = first.used_wh
        clock.at += gone_s
        second = Run(store, clock)
        second.energy.catch_up()
        assert second.account.accounted_at == clock.at
        assert second.used_wh == pytest.approx(before)


def test_what_could_not_be_saved_is_due_again(store: SqliteStore) -> None:
    clock = StillClock(START)
    with store:
        run = Run(store, clock)
        clock.at += HOUR
        lost = run.energy.take(is_last=False)
        assert lost is not None
        assert run.energy.take(is_last=False) is None
        run.energy.put_back(lost)
        run.save()
        stored = store.intervals(0, 2**40)
        assert sum(one.used_j for one in stored) == pytest.approx(4 * LED_W * HOUR)
        assert sum(one.overridden_j for one in stored) == pytest.approx(4 * LED_W * HOUR)


def test_the_last_night_is_read_off_the_store(store: SqliteStore) -> None:
    clock = StillClock(START)
    with store:
        run = Run(store, clock)
        run.save()
        run.energy.tidy()
        before = run.energy.last_night
        assert before is None
        clock.at += DAY
        run.save()
        run.energy.tidy()
        night = run.energy.last_night
        assert night is not None
        assert (night.control_day, night.end_at) == ("2026-03-20", START + 16 * HOUR)
        lit = 4 * (3 * LED_W + 3.5 * LED_W + 6)  # from 20:00 to noon
        assert night.used_j.sum() / 3600 == pytest.approx(lit)
        assert night.metered_ratio.tolist() == [0, 0]
        assert night.saved_j.sum() > 0


@pytest.mark.parametrize("leap_s", [60 * DAY, -3 * DAY])
def test_a_running_account_gets_over_a_clock_that_was_wrong(
    store: SqliteStore, leap_s: float
) -> None:
    clock = StillClock(START)
    with store:
        run = Run(store, clock)
        clock.at += HOUR
        before = run.used_wh
        clock.at += leap_s
        run.account.advance(clock.now())
        book = compile_book(small_site(), clock.now(), run.energy.prepare())
        run.engine.adopt(book)
        run.energy.catch_up()
        assert run.used_wh == pytest.approx(before)
        clock.at += HOUR
        assert run.used_wh > before
        asked_j = run.account.totals().asked_j
        assert asked_j[-1].sum() / 3600 == pytest.approx(run.used_wh)
