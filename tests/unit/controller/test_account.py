"""The energy account: metered where believable, modelled elsewhere, identical spans."""

from datetime import UTC, datetime

import pytest

from controller.engine.account import Account, Quarantine
from controller.engine.book import compile_book
from controller.engine.columns import Columns
from tests.fakes.small_city import BASELINE_W, LED_W, small_inventory, small_site

START = datetime(2026, 3, 20, 12, tzinfo=UTC).timestamp()  # 20:00, lit by baseline and program
HOUR = 3600.0


@pytest.fixture
def account() -> Account:
    inventory = small_inventory()
    opened = Account(inventory, Columns(inventory), START)
    opened.use_baselines(compile_book(small_site(), START).baselines)
    for row in range(4):
        opened.set_level(row, 100, START)
    return opened


def used(account: Account) -> tuple[float, float]:
    totals = account.totals()
    return float(totals.metered_j.sum()), float(totals.modelled_j.sum())


def test_between_two_readings_the_meter_counts(account: Account) -> None:
    account.measure(0, START, 1000.0, START)
    account.measure(0, START + HOUR, 1090.0, START + HOUR)
    assert used(account) == (90 * 3600.0, 0.0)
    assert account.baseline_j.sum() == pytest.approx(BASELINE_W * HOUR)


def test_without_a_meter_the_reported_level_counts(account: Account) -> None:
    account.set_level(0, 50, START + HOUR)
    account.close_all(START + 2 * HOUR)
    _, modelled = used(account)
    assert modelled == pytest.approx((4 * 2 - 0.5) * LED_W * HOUR)


@pytest.mark.parametrize(
    ("later_wh", "reason"),
    [
        (999.0, Quarantine.BACKWARDS),
        (1_090_000.0, Quarantine.TOO_FAST),
        (1000.0, Quarantine.STUCK),
    ],
)
def test_a_counter_that_cannot_be_is_replaced_by_the_model(
    account: Account, later_wh: float, reason: Quarantine
) -> None:
    account.measure(0, START, 1000.0, START)
    account.measure(0, START + HOUR, later_wh, START + HOUR)
    metered, modelled = used(account)
    assert metered == 0
    assert modelled == pytest.approx(LED_W * HOUR)
    assert account.quarantined[reason] == 1


def test_future_and_repeated_readings_change_nothing(account: Account) -> None:
    account.measure(0, START, 1000.0, START)
    account.measure(0, START + HOUR, 1090.0, START + HOUR)
    before = used(account)
    account.measure(0, START + HOUR, 1090.0, START + HOUR + 1)
    account.measure(0, START + 5, 1001.0, START + HOUR + 2)
    account.measure(0, START + 30 * HOUR, 9000.0, START + HOUR + 3)
    assert used(account) == before
    assert account.quarantined[Quarantine.LATE] == 2
    assert account.quarantined[Quarantine.FUTURE] == 1


def test_a_gap_filled_by_the_model_is_replaced_and_not_added(account: Account) -> None:
    account.measure(0, START, 1000.0, START)
    account.close_stale(START + 4 * HOUR)
    _, filled = used(account)
    assert filled > 0
    account.measure(0, START + 5 * HOUR, 1500.0, START + 5 * HOUR)
    row_total = sum(used(account)) - 3 / 4 * filled  # the other three rows stay modelled
    assert row_total == pytest.approx(500 * 3600.0)


def test_a_state_that_arrives_late_takes_back_what_was_modelled_past_it(account: Account) -> None:
    account.set_level(0, 100, START + 2 * HOUR)
    account.set_level(0, 0, START + HOUR)
    account.close_all(START + 3 * HOUR)
    _, modelled = used(account)
    standby = 2 * HOUR * 1.0
    assert modelled == pytest.approx(3 * 3 * LED_W * HOUR + LED_W * HOUR + standby)


def test_used_and_baseline_cover_the_same_span(account: Account) -> None:
    account.measure(0, START, 1000.0, START)
    account.measure(0, START + HOUR, 1100.0, START + HOUR)
    totals = account.totals()
    assert float(totals.saved_j.sum()) == pytest.approx((BASELINE_W - LED_W) * HOUR, abs=1.0)


def test_a_restart_goes_on_at_the_mark(account: Account) -> None:
    account.measure(0, START, 1000.0, START)
    account.measure(0, START + HOUR, 1100.0, START + HOUR)
    inventory = small_inventory()
    again = Account(inventory, Columns(inventory), START + 3 * HOUR)
    again.use_baselines(compile_book(small_site(), START).baselines)
    again.restore_mark(
        0, float(account.closed_at[0]), float(account.meter_at[0]), float(account.meter_wh[0])
    )
    again.measure(0, START + 3 * HOUR, 1300.0, START + 3 * HOUR)
    assert used(again) == (200 * 3600.0, 0.0)
