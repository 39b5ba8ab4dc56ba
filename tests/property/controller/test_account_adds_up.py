"""Whatever the plan, the meters and the controller's deaths: the stored account adds up."""

from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.ports.energy import ASKED_FIGURES, USED_FIGURES
from controller.wire.messages import Reading
from schedules import Site
from schedules.day import control_day_of
from simulator.faults import FaultKind, Faults
from simulator.lies import Liars, MeterLie
from tests.fakes.account_street import AccountStreet
from tests.fakes.random_plans import KIND, NOON, sites

FIGURES = (*ASKED_FIGURES, *USED_FIGURES)
DAY = date(2000, 1, 1), date(2100, 1, 1)

steps = st.lists(
    st.tuples(
        st.integers(600, 30_000),
        st.sampled_from(["run", "save", "kill", "away", "lost", "plan", "sensor", "replay"]),
    ),
    max_size=8,
)


def adds_up(street: AccountStreet) -> None:
    """What is stored of every zone and night equals the totals, figure by figure, to 1 J."""
    totals = {one.zone: one for one in street.store.energy_totals()}
    zone_night: dict[tuple[str, str], np.ndarray] = defaultdict(lambda: np.zeros(9))
    for one in street.intervals():
        day = control_day_of(one.start_at, street.site.time_zone).isoformat()
        zone_night[one.zone, day] += [getattr(one, name) for name in FIGURES]
        assert one.metered_j >= -1e-3
        assert one.modelled_j >= 0
    for zone, total in totals.items():
        nights = [figures for (name, _), figures in zone_night.items() if name == zone]
        assert sum(nights, np.zeros(9)) == pytest.approx(
            [getattr(total, name) for name in FIGURES], abs=1
        )
    zone_of = {one.id: one.zone for one in street.site.inventory.luminaires}
    by_lamps: dict[tuple[str, str], np.ndarray] = defaultdict(lambda: np.zeros(2))
    for night in street.store.luminaire_nights(*DAY):
        key = zone_of[night.luminaire], night.control_day
        by_lamps[key] += (night.metered_j, night.modelled_j)
    for key, figures in zone_night.items():
        # Luminaires are kept in whole joules.
        assert by_lamps[key] == pytest.approx(figures[-2:], abs=len(zone_of))


@settings(deadline=None, max_examples=15)
@given(
    site=sites(),
    other=sites(),
    lies=st.lists(st.none() | st.sampled_from(MeterLie), min_size=4, max_size=4),
    fault=st.none() | st.sampled_from(FaultKind),
    what=steps,
    seed=st.integers(0, 99),
)
def test_the_account_adds_up(
    tmp_path_factory: pytest.TempPathFactory,
    site: Site,
    other: Site,
    lies: list[MeterLie | None],
    fault: FaultKind | None,
    what: list[tuple[int, str]],
    seed: int,
) -> None:
    folder: Path = tmp_path_factory.mktemp("account")
    faults, liars = Faults(4), Liars(4, seed)
    if fault is not None:
        faults.set(fault, [seed % 4], np.random.default_rng(seed))
    for row, lie in enumerate(lies):
        if lie is not None:
            liars.begin(lie, [row])
    street = AccountStreet(site, folder, NOON.timestamp(), faults=faults, liars=liars)
    with street.store:
        for seconds, event in what:
            heard = street.run(street.clock.at + seconds)
            match event:
                case "save":
                    street.save()
                    adds_up(street)
                case "kill":
                    street.kill()
                case "away":
                    street.kill(away_s=seconds)
                case "lost":
                    street.link.telemetry.clear()
                    street.link.is_up = not street.link.is_up
                case "plan":
                    plan = other.plan.model_copy(update={"rules": site.plan.rules})
                    street.use_site(site.model_copy(update={"plan": plan}))
                case "sensor":
                    said = Reading(at_ms=int(street.clock.at * 1000), kind=KIND, value=seconds)
                    street.hear("s", said)
                case "replay":
                    street.measure(heard)
                case _:
                    pass
        street.link.is_up = True
        street.finish()
        adds_up(street)
