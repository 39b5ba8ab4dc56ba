"""Ten nights with faults, lying meters and deaths of the controller, beside the true energy."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from schedules import Site, demo_plan
from simulator.faults import FaultKind, Faults, assign_faults
from simulator.lies import Liars, MeterLie
from tests.fakes.account_street import AccountStreet
from tests.property.controller.test_account_adds_up import adds_up
from zones import demo_inventory

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC).timestamp()
DAY = 86_400


def ten_nights(
    folder: Path, luminaires: int, nights: int, faults: Faults, liars: Liars, *, kills: bool
) -> AccountStreet:
    """A street of the demo city after some nights, its account closed and saved."""
    inventory = demo_inventory(luminaires, seed=1)
    street = AccountStreet(
        Site(inventory=inventory, plan=demo_plan(inventory)),
        folder,
        NOON,
        faults=faults,
        liars=liars,
    )
    for night in range(nights):
        street.run(NOON + (night + 0.55) * DAY)
        if kills:
            street.save()
            street.run(street.clock.at + 1000)
            street.kill(away_s=4000.0 if night % 2 else 0.0)
        street.run(NOON + (night + 1) * DAY)
    street.finish()
    return street


@pytest.mark.parametrize("kills", [False, True])
def test_used_is_within_a_thousandth_of_the_truth(tmp_path: Path, kills: bool) -> None:
    size = 42
    faults = assign_faults(size, 0.0, dict.fromkeys(FaultKind, 1 / size), 3)
    liars = Liars(size, 2)
    sound = np.flatnonzero(~faults.is_any).tolist()
    for place, kind in enumerate(MeterLie):
        liars.begin(kind, sound[2 * place : 2 * place + 2])
    street = ten_nights(tmp_path, size, 10, faults, liars, kills=kills)
    with street.store:
        used = street.engine.account.totals().used_j.sum()
        assert used == pytest.approx(street.true_j, rel=1e-3)
        counted = street.engine.account.quarantined
        for reason in ("backwards", "too_fast", "stuck", "future", "duplicate"):
            assert counted[reason] > 0  # type: ignore[index]  # a StrEnum's word
        adds_up(street)


def test_clocks_that_are_hours_ahead_do_not_make_a_lamp_mute(tmp_path: Path) -> None:
    """Their readings cannot be believed; that they come says that what they report holds."""
    faults = assign_faults(100, 0.0, {FaultKind.WRONG_CLOCK: 0.1}, 7)
    street = ten_nights(tmp_path, 100, 3, faults, Liars(100, 7), kills=False)
    with street.store:
        assert street.engine.account.quarantined["future"] > 0  # type: ignore[index]  # a StrEnum's word
        used = street.engine.account.totals().used_j.sum()
        assert used == pytest.approx(street.true_j, rel=1e-3)


def test_a_fifth_of_all_faulty_and_a_tenth_of_the_meters_lying(tmp_path: Path) -> None:
    size, seed = 100, 2
    faults = assign_faults(size, 0.2, {}, seed)
    liars = Liars(size, seed)
    for place, row in enumerate(range(0, size, 10)):
        liars.begin(list(MeterLie)[place % len(MeterLie)], [row])
    street = ten_nights(tmp_path, size, 10, faults, liars, kills=True)
    with street.store:
        used = street.engine.account.totals().used_j.sum()
        assert used == pytest.approx(street.true_j, rel=1e-3)
