"""The last night, the month and the year on the first page add up to what the store has."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.adapters.clock import MachineClock
from controller.service.people import Grant, Place, Role
from controller.wire.timebase import Timebase
from tests.fakes.console_house import ConsoleHouse, a_console

NOON = datetime(2026, 3, 30, 4, tzinfo=UTC).timestamp()
DAY = 86_400.0


def live_on(house: ConsoleHouse, days: int) -> None:
    """Let control days pass as the documents have them, and save them."""
    clock = house.here.clock
    assert isinstance(clock, MachineClock)
    clock.timebase = Timebase(
        real_at=1e15, site_at=clock.timebase.site_at + days * DAY + 60, speed=1.0
    )
    energy = house.control.energy
    energy.catch_up()
    state = energy.take(is_last=True)
    assert state is not None
    house.here.store.save_night([], energy.record(state))
    energy.tidy()


async def test_periods_add_up_and_each_sees_his_own(tmp_path: Path) -> None:
    async with a_console(tmp_path, at=NOON) as house:
        house.control.energy.prepare()
        live_on(house, 3)
        watch = house.here.energy_sums
        night = house.control.energy.last_night
        assert night is not None
        await watch._renew(datetime.fromisoformat(night.control_day).date())
        page = (await (await house.client()).get("/api/v1/tonight")).json()["energy"]
        client = await house.client(Grant(Role.VIEWER, Place.ZONE, "a"))
        part = (await client.get("/api/v1/tonight")).json()["energy"]
        intervals = house.here.store.intervals(int(NOON), int(NOON + 3 * DAY))
    assert page["control_day"] == "2026-04-01"
    used = sum(one.used_j for one in intervals)
    assert page["year"]["used_j"] == pytest.approx(used)
    # March's two nights are of the year, not of the month in which the last night lies.
    last = page["last_night"]["used_j"]
    assert page["month"]["used_j"] == pytest.approx(last)
    assert page["year"]["used_j"] == pytest.approx(3 * last, rel=0.01)
    for period in ("last_night", "month", "year"):
        whole, own = page[period], part[period]
        assert whole["saved_j"] == pytest.approx(whole["baseline_j"] - whole["used_j"])
        assert whole["metered_share"] == 0
        assert 0 < own["used_j"] < whole["used_j"]


async def test_before_the_first_night_is_over_nothing_is_claimed(tmp_path: Path) -> None:
    async with a_console(tmp_path, at=NOON) as house:
        page = (await (await house.client()).get("/api/v1/tonight")).json()["energy"]
    assert page == {"control_day": None, "last_night": None, "month": None, "year": None}
