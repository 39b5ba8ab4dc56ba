"""The energy account: metered where believable, modelled elsewhere, replaced and not added."""

from datetime import UTC, datetime

import numpy as np
import pytest

from controller.engine.account import Account, Quarantine
from controller.engine.account_meters import SLOW_READINGS
from controller.engine.book import compile_book
from controller.engine.columns import Columns
from controller.engine.faults import FaultBit
from tests.fakes.small_city import BASELINE_W, LED_W, small_inventory, small_site

START = datetime(2026, 3, 20, 12, tzinfo=UTC).timestamp()  # 20:00, lit by baseline and program
HOUR = 3600.0
NOON = START - 8 * HOUR
STANDBY_W = 1.0
OTHERS_4H_WH = 2 * 3.5 * LED_W + 4 * LED_W
"""Two that are mute and dim by their program at 23:00, and one without a clock."""


class Books:
    """An account, and what is read off it."""

    def __init__(self, opened_at: float = START) -> None:
        inventory = small_inventory()
        self.columns = Columns(inventory)
        self.account = Account(inventory, self.columns, opened_at)
        self.account.adopt(compile_book(small_site(), START).ladder)

    def level(self, row: int, level: float, at: float) -> None:
        self.account.set_levels(np.array([row]), np.array([level]), np.array([at]))

    def read(self, row: int, at: float, energy_wh: float, now: float | None = None) -> None:
        arrived = at if now is None else now
        self.account.measure(np.array([row]), np.array([at]), np.array([energy_wh]), arrived)

    @property
    def metered_wh(self) -> float:
        return float(self.account.metered_j.sum()) / 3600

    def modelled_wh(self, now: float) -> float:
        self.account.advance(now)
        return float(self.account.modelled_j.sum()) / 3600


@pytest.fixture
def books() -> Books:
    opened = Books()
    for row in range(4):
        opened.level(row, 100, START)
    return opened


def test_between_two_readings_the_meter_counts(books: Books) -> None:
    books.read(0, START, 1000.0)
    books.read(0, START + HOUR, 1090.0)
    assert books.metered_wh == pytest.approx(90)
    assert books.modelled_wh(START + HOUR) == pytest.approx(3 * LED_W)
    asked_j = books.account.totals().asked_j
    assert asked_j[0].sum() == pytest.approx(4 * BASELINE_W * HOUR)


def test_the_rungs_add_up_to_baseline_minus_used(books: Books) -> None:
    books.read(0, START, 1000.0)
    books.read(0, START + 5 * HOUR, 1400.0)
    books.account.advance(START + 6 * HOUR)
    totals = books.account.totals()
    assert totals.rungs_j.sum(axis=0) == pytest.approx(totals.saved_j, abs=1e-3)


def test_without_a_meter_the_reported_level_counts(books: Books) -> None:
    books.level(0, 50, START + HOUR)
    assert books.modelled_wh(START + 2 * HOUR) == pytest.approx((4 * 2 - 0.5) * LED_W)


def test_a_batch_may_name_a_luminaire_twice_and_keeps_the_order(books: Books) -> None:
    rows = np.array([0, 1, 0])
    at = np.array([START + HOUR, START + HOUR, START + 1.5 * HOUR])
    books.account.set_levels(rows, np.array([50.0, 0.0, 100.0]), at)
    lit_wh = (2 * 2 + 2 - 0.25 + 1) * LED_W
    assert books.modelled_wh(START + 2 * HOUR) == pytest.approx(lit_wh + STANDBY_W)


def test_a_lamp_that_failed_draws_standby_and_one_that_cannot_dim_draws_all(books: Books) -> None:
    books.columns.fault_bits[0] = FaultBit.LAMP_FAILURE
    books.columns.fault_bits[1] = FaultBit.DIMMING_FAILURE
    books.level(0, 100, START)
    books.level(1, 50, START)
    assert books.modelled_wh(START + HOUR) == pytest.approx(3 * LED_W + STANDBY_W)


@pytest.mark.parametrize(
    ("later_wh", "reason"),
    [
        (999.0, Quarantine.BACKWARDS),
        (1_090_000.0, Quarantine.TOO_FAST),
        (1000.0, Quarantine.STUCK),
    ],
)
def test_a_counter_that_cannot_be_is_replaced_by_the_model(
    books: Books, later_wh: float, reason: Quarantine
) -> None:
    books.read(0, START, 1000.0)
    books.read(0, START + HOUR, later_wh)
    assert books.metered_wh == 0
    assert books.modelled_wh(START + HOUR) == pytest.approx(4 * LED_W)
    assert books.account.quarantined[reason] == 1


def test_future_repeated_late_and_malformed_readings_change_nothing(books: Books) -> None:
    books.read(0, START, 1000.0)
    books.read(0, START + HOUR, 1090.0)
    now = START + HOUR + 3
    for at, wh in (
        (START + HOUR, 1090.0),
        (START + 5, 1001.0),
        (START + 30 * HOUR, 9000.0),
        (START + HOUR + 2, float("nan")),
        (START + HOUR + 2, -5.0),
    ):
        books.read(0, at, wh, now)
    assert books.metered_wh == pytest.approx(90)
    counted = {reason: n for reason, n in books.account.quarantined.items() if n}
    assert counted == {
        Quarantine.DUPLICATE: 1,
        Quarantine.LATE: 1,
        Quarantine.FUTURE: 1,
        Quarantine.MALFORMED: 2,
    }


def test_an_exchanged_meter_counts_from_its_own_origin(books: Books) -> None:
    books.read(0, START, 50_000.0)
    books.read(0, START + 0.5 * HOUR, 50_045.0)
    for hour, wh in ((1, 20.0), (2, 110.0), (3, 200.0), (4, 290.0)):
        books.read(0, START + hour * HOUR, wh)
    # 45 Wh by the old one, the exchange modelled, then 270 Wh by the new one.
    assert books.metered_wh == pytest.approx(45 + 270)
    assert books.modelled_wh(START + 4 * HOUR) == pytest.approx(OTHERS_4H_WH + LED_W / 2)
    assert books.account.quarantined[Quarantine.BACKWARDS] == 2


def test_a_liar_poisons_nothing_and_its_return_to_truth_is_believed(books: Books) -> None:
    books.read(0, START, 1000.0)
    for hour in (1, 2, 3):
        books.read(0, START + hour * HOUR, (1000.0 + 90 * hour) * 1000)
    assert books.metered_wh == 0
    books.read(0, START + 4 * HOUR, 1360.0)
    assert books.metered_wh == pytest.approx(360)
    assert books.modelled_wh(START + 4 * HOUR) == pytest.approx(OTHERS_4H_WH)
    assert books.account.quarantined[Quarantine.TOO_FAST] == 3
    assert books.account.quarantined[Quarantine.BACKWARDS] == 0


def test_a_single_low_lie_does_not_end_a_true_span(books: Books) -> None:
    books.read(0, START, 1000.0)
    books.read(0, START + HOUR, 1010.0)
    books.read(0, START + 2 * HOUR, 1180.0)
    assert books.metered_wh == pytest.approx(180)


def test_a_lamp_that_draws_little_for_long_is_believed(books: Books) -> None:
    for hour in range(SLOW_READINGS + 1):
        books.read(0, START + hour * HOUR, 1000.0 + 10 * hour)
    assert books.metered_wh == pytest.approx(10 * SLOW_READINGS)


def test_a_counter_that_stood_still_and_catches_up_is_believed_over_all(books: Books) -> None:
    books.read(0, START, 1000.0)
    books.read(0, START + HOUR, 1000.0)
    books.read(0, START + 2 * HOUR, 1180.0)
    assert books.metered_wh == pytest.approx(180)
    assert books.account.quarantined[Quarantine.STUCK] == 1


def test_a_counter_that_lost_what_it_did_not_count_goes_on_from_there(books: Books) -> None:
    books.read(0, START, 1000.0)
    for hour, wh in ((1, 1000.0), (2, 1000.0), (3, 1000.0), (4, 1090.0), (5, 1180.0)):
        books.read(0, START + hour * HOUR, wh)
    assert books.metered_wh == pytest.approx(180)
    stood_still = books.account.rows.open_j[:, 0].sum() / 3600
    assert stood_still == pytest.approx(0, abs=1e-6)
    settled = sum(one.sum() for one in books.account.intervals.settled.values()) / 3600
    assert settled == pytest.approx(3 * LED_W)


def test_a_gap_filled_by_the_model_is_replaced_over_quarter_hours(books: Books) -> None:
    books.read(0, START, 1000.0)
    mute = 3 * LED_W + 2 * LED_W / 2  # dimmed at 23:00 by its program
    clockless = 5 * LED_W
    assert books.modelled_wh(START + 5 * HOUR) == pytest.approx(3 * mute + clockless)
    books.read(0, START + 5 * HOUR, 1440.0)
    assert books.metered_wh == pytest.approx(440)
    assert books.modelled_wh(START + 5 * HOUR) == pytest.approx(2 * mute + clockless)
    first = int(START // 900)
    by_quarter = [books.account.intervals.metered_in(first + n).sum() for n in range(20)]
    assert by_quarter == pytest.approx([LED_W * 900 * 1.1] * 12 + [LED_W / 2 * 900 * 1.1] * 8)


def test_a_gap_of_days_is_replaced_night_by_night(books: Books) -> None:
    books.read(0, START, 1000.0)
    for hour in range(1, 73):
        books.account.keep_up(START + hour * HOUR)
    account = books.account
    account.advance(START + 72 * HOUR)
    modelled_j = account.modelled_j.copy()
    open_j = account.rows.open_j[:, 0].sum() + account.rows.night_open_j[:, 0].sum()
    grown_wh = open_j / 3600 * 0.9
    books.read(0, START + 72 * HOUR, 1000.0 + grown_wh)
    assert books.metered_wh == pytest.approx(grown_wh)
    assert account.modelled_j.sum() == pytest.approx(modelled_j.sum() - open_j)
    stored_j = sum(one.sum() for one in account.intervals.metered.values())
    assert stored_j == pytest.approx(grown_wh * 3600)
    quarters = range(int(START // 900), account.quarter + 1)
    in_quarters = sum(account.modelled_in(one).sum() for one in quarters)
    assert in_quarters == pytest.approx(account.modelled_j.sum(), abs=1)
    assert account.rows.night_metered_j[:, 0].sum() == pytest.approx(grown_wh * 3600)


def test_a_state_that_arrives_late_takes_back_what_was_modelled_past_it(books: Books) -> None:
    books.account.advance(START + 2 * HOUR)
    books.level(0, 0, START + HOUR)
    modelled = books.modelled_wh(START + 3 * HOUR)
    assert modelled == pytest.approx(3 * 3 * LED_W + LED_W + 2 * STANDBY_W)


def test_a_reading_that_arrives_late_is_metered_where_it_belongs(books: Books) -> None:
    books.read(0, START, 1000.0)
    books.account.advance(START + 2 * HOUR)
    books.read(0, START + HOUR, 1090.0, START + 2 * HOUR)
    assert books.metered_wh == pytest.approx(90)
    assert books.modelled_wh(START + 2 * HOUR) == pytest.approx(3 * 2 * LED_W + LED_W)


def test_who_was_never_heard_is_modelled_by_its_program() -> None:
    books = Books()
    # 20:00 to 23:00 at full, then at half until 06:00, then standby until noon.
    lit = 3 * LED_W + 7 * LED_W / 2 + 6 * STANDBY_W
    assert books.modelled_wh(START + 16 * HOUR) == pytest.approx(4 * lit)


def test_who_falls_mute_is_modelled_by_its_program_again(books: Books) -> None:
    books.columns.is_online[0] = False
    for hour in range(1, 17):
        books.account.keep_up(START + hour * HOUR)
    mute = 3 * LED_W + 7 * LED_W / 2 + 6 * STANDBY_W
    account = books.account
    row_j = account.rows.open_j[:, 0].sum()
    books.account.advance(START + 16 * HOUR)
    assert account.rows.follows[0]
    assert row_j + account.rows.night_open_j[:, 0].sum() == pytest.approx(mute * 3600)


def test_who_is_heard_keeps_its_word_over_a_switching_point(books: Books) -> None:
    for hour in range(1, 6):  # past 23:00, where its program dims
        books.account.keep_up(START + hour * HOUR)
        books.read(0, START + hour * HOUR, 1000.0 + 100 * hour)
    assert not books.account.rows.follows[0]
    assert books.account.rows.power_w[0] == LED_W


def test_a_clockless_luminaire_keeps_its_level_while_mute(books: Books) -> None:
    books.columns.is_online[3] = False
    for hour in range(1, 7):
        books.account.keep_up(START + hour * HOUR)
    assert not books.account.rows.follows[3]
    assert books.account.rows.power_w[3] == LED_W


def test_counters_never_fall(books: Books) -> None:
    books.read(0, START, 1000.0)
    last = np.zeros(2)
    for hour, wh in ((1, 1020.0), (2, 1040.0), (3, 1060.0), (4, 1080.0), (5, 1100.0)):
        books.account.advance(START + hour * HOUR - 1)
        books.read(0, START + hour * HOUR, wh)
        totals = books.account.totals()
        now = np.array([totals.metered_counter_j.sum(), totals.modelled_counter_j.sum()])
        assert (now >= last).all()
        last = now


def test_counters_together_are_what_was_used_though_a_gap_was_replaced() -> None:
    books = Books()
    for row in range(4):
        books.level(row, 100, START)
        books.read(row, START, 1000.0)
    books.account.advance(START + 5 * HOUR)
    gap = books.account.totals()
    assert gap.modelled_counter_j.sum() == pytest.approx(gap.used_j.sum())
    for row in range(4):
        books.read(row, START + 5 * HOUR, 1450.0)
    totals = books.account.totals()
    assert totals.used_j.sum() == pytest.approx(4 * 450 * 3600)
    counters_j = totals.metered_counter_j.sum() + totals.modelled_counter_j.sum()
    assert counters_j == pytest.approx(totals.used_j.sum())


def test_nothing_is_accounted_before_the_first_book() -> None:
    inventory = small_inventory()
    account = Account(inventory, Columns(inventory), START)
    account.set_levels(np.array([0]), np.array([100.0]), np.array([START]))
    account.measure(np.array([0]), np.array([START]), np.array([5.0]), START)
    account.advance(START + HOUR)
    assert account.totals().used_j.sum() == 0
    assert account.accounted_at == START


def test_a_clock_gone_astray_accounts_no_years(books: Books) -> None:
    books.account.advance(START + HOUR)
    used = books.account.totals().used_j.sum()
    books.account.advance(START + 400 * 86_400)
    assert books.account.totals().used_j.sum() == used
