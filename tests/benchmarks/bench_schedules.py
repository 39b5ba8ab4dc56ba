"""The schedules in bulk, each beside a plain ceiling measured in the same run.

``python tests/benchmarks/bench_schedules.py [--format json] [--zones 1000] [--repeat 3]``

- *bulk sun*: dusk and dawn at -6 degrees of zones x 366 nights. Ceiling: numpy evaluating
  the plain formula of the hour angle once for each, with declination and equation of time
  given, and no search for the instant at all.
- *bulk levels*: luminaires x instants of a day, calendars, limits and overrides included.
  Ceiling: numpy looking up compiled switching points, which are made beforehand.
- *proof*: zones x 366 nights of the demo city's plan. Ceiling: the bulk sun alone for the
  elevations that the proof asks for.

One core; the best of `--repeat` rounds. ``ratio`` is the ceiling over the value for rates
and the value over the ceiling for times: 1 is the ceiling, more is slower.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import numpy.typing as npt

from schedules import Direction, Site, compile_luminaire, compile_zone, demo_plan, resolve
from schedules.levels_bulk import levels_at
from schedules.proof import prove
from schedules.solar_bulk import bulk_crossings
from zones import demo_inventory
from zones.models import Zone

FIRST = date(2026, 1, 1)
NIGHTS = 366
SUN_OF_PROOF = 4
"""Elevations that the proof of the demo plan needs: dark, day, sunset, a program's own."""
SECONDS_PER_ROUND = 0.2


class Figure(NamedTuple):
    """One line of the report."""

    name: str
    value: float
    unit: str
    ceiling: float
    ratio: float
    budget: float | None


def best_of(rounds: int, work: Callable[[], object]) -> float:
    """Seconds of one call, the best of several rounds."""
    work()
    best = float("inf")
    for _ in range(rounds):
        calls, start = 0, time.perf_counter()
        while True:
            work()
            calls += 1
            spent = time.perf_counter() - start
            if spent > SECONDS_PER_ROUND:
                break
        best = min(best, spent / calls)
    return best


def big_site(zones: int) -> Site:
    """The demo plan for so many zones, spread over the city."""
    inventory = demo_inventory(2_000, seed=1)
    generator = np.random.default_rng(1)
    chosen: list[Zone] = []
    while len(chosen) < zones:
        for zone in inventory.zones[: zones - len(chosen)]:
            north, east = generator.normal(0, 0.05, 2)
            chosen.append(
                zone.model_copy(
                    update={
                        "id": f"zone-{len(chosen)}",
                        "latitude": zone.latitude + float(north),
                        "longitude": zone.longitude + float(east),
                    }
                )
            )
    plain = inventory.model_copy(
        update={"zones": tuple(chosen), "luminaires": (), "feeders": (), "gateways": ()}
    )
    return Site(inventory=plain, plan=demo_plan(plain))


def hour_angle_once(
    latitudes: npt.NDArray[np.float64], longitudes: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Dusk and dawn by the bare formula: what no search for the instant can undercut."""
    sine = np.radians(23.44) * np.sin(np.arange(NIGHTS) * (2 * np.pi / 365.25))
    cosine = np.sqrt(1 - sine * sine)
    phi = np.radians(latitudes)[:, None]
    mean_noon = 43_200 - longitudes[:, None] * 240 + np.arange(NIGHTS) * 86_400.0
    at = np.empty((2, latitudes.size, NIGHTS))
    for index, sign in enumerate((-1.0, 1.0)):
        hour = np.arccos((np.sin(np.radians(-6)) - np.sin(phi) * sine) / (np.cos(phi) * cosine))
        at[index] = np.rint(mean_noon + sign * hour * (43_200 / np.pi))
    return at


def dusk_and_dawn(latitudes: npt.NDArray[np.float64], longitudes: npt.NDArray[np.float64]) -> None:
    """Both civil twilights of every place and night."""
    for direction in Direction:
        bulk_crossings(latitudes, longitudes, FIRST, NIGHTS, -6.0, direction)


def bench_sun(zones: int, rounds: int) -> list[Figure]:
    """Zone-nights per second, in the middle latitudes and everywhere."""
    generator = np.random.default_rng(2)
    middle = generator.uniform(39.4, 41.1, zones)
    found = []
    for name, south, north, budget in (
        ("Beijing", 39.4, 41.1, 500_000.0),
        ("up to 60 degrees", -60.0, 60.0, 500_000.0),
        ("pole to pole", -90.0, 90.0, None),
    ):
        latitudes = generator.uniform(south, north, zones)
        longitudes = generator.uniform(-180, 180, zones)

        rate = zones * NIGHTS / best_of(rounds, partial(dusk_and_dawn, latitudes, longitudes))
        seconds = best_of(rounds, partial(hour_angle_once, middle, longitudes))
        ceiling = zones * NIGHTS / seconds
        found.append(
            Figure(f"bulk sun, {name}", rate, "zone-nights/s", ceiling, ceiling / rate, budget)
        )
    return found


def bench_levels(rounds: int) -> list[Figure]:
    """Levels per second of 10,000 luminaires at the 288 five-minute marks of a day."""
    inventory = demo_inventory(10_000, seed=1)
    site = Site(inventory=inventory, plan=demo_plan(inventory))
    luminaires = [one.id for one in inventory.luminaires]
    since = int(datetime(2026, 6, 20, 4, tzinfo=UTC).timestamp())
    instants = np.arange(since, since + 86_400, 300)
    seconds = best_of(rounds, lambda: levels_at(site, luminaires, instants))
    points = {
        zone.id: compile_zone(site, zone.id, since, since + 86_400) for zone in inventory.zones
    }
    tables: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]] = []
    row_of = np.empty(len(luminaires), dtype=np.intp)
    known: dict[object, int] = {}
    for row, one in enumerate(inventory.luminaires):
        own = compile_luminaire(site, one.id, since, since + 86_400)
        key = one.id if own is not None else one.zone
        if key not in known:
            known[key] = len(tables)
            line = own or points[one.zone]
            tables.append(
                (np.array([point.at for point in line]), np.array([p.level for p in line]))
            )
        row_of[row] = known[key]

    def look_up() -> npt.NDArray[np.float64]:
        rows = np.stack(
            [level[np.searchsorted(at, instants, side="right") - 1] for at, level in tables]
        )
        looked_up: npt.NDArray[np.float64] = rows[row_of]
        return looked_up

    assert np.array_equal(look_up(), levels_at(site, luminaires, instants))
    plain = best_of(rounds, look_up)
    cells = len(luminaires) * instants.size
    some = luminaires[:: len(luminaires) // 10]
    noon = datetime.fromtimestamp(since, UTC)

    def scalar() -> None:
        for one in some:
            for hour in range(0, 24, 6):
                resolve(site, one, noon + timedelta(hours=hour))

    alone = best_of(rounds, scalar) / (len(some) * 4)
    return [
        Figure("bulk levels", cells / seconds, "levels/s", cells / plain, seconds / plain, None),
        Figure(
            "resolve, one by one", 1 / alone, "levels/s", cells / plain, alone * cells / plain, None
        ),
    ]


def bench_proof(zones: int, rounds: int) -> list[Figure]:
    """Seconds to prove a year of so many zones."""
    site = big_site(zones)
    outcome = prove(site, FIRST)
    assert outcome.is_proved, outcome.text()
    seconds = best_of(rounds, lambda: prove(site, FIRST))
    latitudes = np.array([zone.latitude for zone in site.inventory.zones])
    longitudes = np.array([zone.longitude for zone in site.inventory.zones])

    def sun() -> None:
        for elevation in range(-SUN_OF_PROOF, 0):
            for direction in Direction:
                bulk_crossings(latitudes, longitudes, FIRST, NIGHTS, elevation, direction)

    ceiling = best_of(rounds, sun)
    name = f"proof of {zones:,} zones x {outcome.nights} nights"
    return [Figure(name, seconds, "s", ceiling, seconds / ceiling, 10.0)]


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--format", choices=["text", "json"], default="text")
    parser.add_argument("--zones", type=int, default=1_000)
    parser.add_argument("--repeat", type=int, default=3)
    asked = parser.parse_args()
    figures = [
        *bench_sun(asked.zones, asked.repeat),
        *bench_levels(asked.repeat),
        *bench_proof(asked.zones, asked.repeat),
    ]
    if asked.format == "json":
        print(json.dumps([one._asdict() for one in figures], indent=2))
        return
    print(f"{'':<38} {'value':>14} {'ceiling':>14} {'ratio':>7} {'budget':>10}")
    for one in figures:
        budget = "" if one.budget is None else f"{one.budget:,.4g}"
        print(
            f"{one.name:<38} {one.value:>14,.6g} {one.ceiling:>14,.6g} {one.ratio:>7.2f} "
            f"{budget:>10}  {one.unit}"
        )


if __name__ == "__main__":
    main()
