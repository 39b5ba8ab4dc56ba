"""The rules in bulk, each beside a plain ceiling: sun, levels, proof.

- *sun*: dusk and dawn at -6 degrees of zones x 366 nights. Ceiling: numpy evaluating the plain
  formula of the hour angle once for each, with declination and equation of time given, and
  no search for the instant at all.
- *levels*: luminaires x instants of a day, calendars, limits and overrides included. Ceiling:
  numpy looking up compiled switching points, which are made beforehand.
- *proof*: zones x 366 nights of the demo city's plan. Ceiling: the bulk sun alone for the
  elevations that the proof asks for.

One core; the best of the rounds.
"""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from controller.cli.bench.figures import Bounds, Figure
from schedules import Direction, Site, compile_luminaire, compile_zone, demo_plan
from schedules.levels_bulk import levels_at
from schedules.proof import prove
from schedules.solar_bulk import bulk_crossings
from zones import demo_inventory
from zones.models import Zone

FULL_ZONES: Final = 1000
"""What the budgets are for."""
_FIRST: Final = date(2026, 1, 1)
_NIGHTS: Final = 366
_SUN_OF_PROOF: Final = 4
"""Elevations that the proof of the demo plan needs: dark, day, sunset, a program's own."""

Angles = npt.NDArray[np.float64]


class Nights:
    """All benchmarks of the rules, at one size."""

    def __init__(self, zones: int, luminaires: int, rounds: int, seconds_a_round: float) -> None:
        self._zones = zones
        self._luminaires = luminaires
        self._rounds = rounds
        self._seconds = seconds_a_round

    def sun(self) -> list[Figure]:
        """Zone-nights per second, in the middle latitudes and everywhere."""
        generator = np.random.default_rng(2)
        middle = generator.uniform(39.4, 41.1, self._zones)
        found = []
        for name, title, south, north, budget in (
            ("sun", "bulk sun, Beijing", 39.4, 41.1, 500_000.0),
            ("sun-60", "bulk sun, up to 60 degrees", -60.0, 60.0, 500_000.0),
            ("sun-90", "bulk sun, pole to pole", -90.0, 90.0, None),
        ):
            latitudes = generator.uniform(south, north, self._zones)
            longitudes = generator.uniform(-180, 180, self._zones)
            ours_s = self._best(partial(_dusk_and_dawn, latitudes, longitudes))
            bare_s = self._best(partial(_hour_angle_once, middle, longitudes))
            count = self._zones * _NIGHTS
            found.append(
                self._figure(
                    name, title, count / ours_s, count / bare_s, ours_s / bare_s,
                    "zone-nights/s", budget, "at least",
                )
            )  # fmt: skip
        return found

    def levels(self) -> list[Figure]:
        """Levels per second at the 288 five-minute marks of a day."""
        inventory = demo_inventory(self._luminaires, seed=1)
        site = Site(inventory=inventory, plan=demo_plan(inventory))
        luminaires = [one.id for one in inventory.luminaires]
        since = int(datetime(2026, 6, 20, 4, tzinfo=UTC).timestamp())
        instants = np.arange(since, since + 86_400, 300)
        look_up = _looked_up(site, instants)
        ours_s = self._best(lambda: levels_at(site, luminaires, instants))
        bare_s = self._best(look_up)
        count = len(luminaires) * instants.size
        return [
            self._figure(
                "levels", f"bulk levels of {len(luminaires):,} luminaires", count / ours_s,
                count / bare_s, ours_s / bare_s, "levels/s",
            )
        ]  # fmt: skip

    def proof(self) -> list[Figure]:
        """Seconds to prove a year."""
        site = _big_site(self._zones)
        outcome = prove(site, _FIRST)
        ours_s = self._best(lambda: prove(site, _FIRST))
        latitudes = np.array([zone.latitude for zone in site.inventory.zones])
        longitudes = np.array([zone.longitude for zone in site.inventory.zones])

        def sun() -> None:
            for elevation in range(-_SUN_OF_PROOF, 0):
                for direction in Direction:
                    bulk_crossings(latitudes, longitudes, _FIRST, _NIGHTS, elevation, direction)

        bare_s = self._best(sun)
        title = f"proof of {self._zones:,} zones x {outcome.nights} nights"
        return [self._figure("proof", title, ours_s, bare_s, ours_s / bare_s, "s", 10.0)]

    def _figure(
        self,
        name: str,
        title: str,
        value: float,
        ceiling: float,
        ratio: float,
        unit: str,
        budget: float | None = None,
        bounds: Bounds = "at most",
    ) -> Figure:
        is_judged = self._zones >= FULL_ZONES
        return Figure(name, title, value, unit, ceiling, ratio, budget, bounds, is_judged)

    def _best(self, work: Callable[[], object]) -> float:
        """Seconds of one call, the best of the rounds."""
        work()
        best = float("inf")
        for _ in range(self._rounds):
            calls, began = 0, time.perf_counter()
            while True:
                work()
                calls += 1
                spent = time.perf_counter() - began
                if spent > self._seconds:
                    break
            best = min(best, spent / calls)
        return best


def _big_site(zones: int) -> Site:
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


def _hour_angle_once(latitudes: Angles, longitudes: Angles) -> Angles:
    """Dusk and dawn by the bare formula: what no search for the instant can undercut."""
    sine = np.radians(23.44) * np.sin(np.arange(_NIGHTS) * (2 * np.pi / 365.25))
    cosine = np.sqrt(1 - sine * sine)
    phi = np.radians(latitudes)[:, None]
    mean_noon = 43_200 - longitudes[:, None] * 240 + np.arange(_NIGHTS) * 86_400.0
    at = np.empty((2, latitudes.size, _NIGHTS))
    for index, sign in enumerate((-1.0, 1.0)):
        hour = np.arccos((np.sin(np.radians(-6)) - np.sin(phi) * sine) / (np.cos(phi) * cosine))
        at[index] = np.rint(mean_noon + sign * hour * (43_200 / np.pi))
    return at


def _dusk_and_dawn(latitudes: Angles, longitudes: Angles) -> None:
    """Both civil twilights of every place and night."""
    for direction in Direction:
        bulk_crossings(latitudes, longitudes, _FIRST, _NIGHTS, -6.0, direction)


def _looked_up(site: Site, instants: npt.NDArray[np.int64]) -> Callable[[], Angles]:
    """A look-up of the same levels in switching points that are compiled already."""
    inventory = site.inventory
    since, until = int(instants[0]), int(instants[-1]) + 300
    points = {zone.id: compile_zone(site, zone.id, since, until) for zone in inventory.zones}
    tables: list[tuple[npt.NDArray[np.int64], Angles]] = []
    row_of = np.empty(len(inventory.luminaires), dtype=np.intp)
    known: dict[str, int] = {}
    for row, one in enumerate(inventory.luminaires):
        own = compile_luminaire(site, one.id, since, until)
        key = f"luminaire {one.id}" if own is not None else f"zone {one.zone}"
        if key not in known:
            known[key] = len(tables)
            line = own or points[one.zone]
            tables.append(
                (np.array([point.at for point in line]), np.array([p.level for p in line]))
            )
        row_of[row] = known[key]

    def look_up() -> Angles:
        rows = np.stack(
            [level[np.searchsorted(at, instants, side="right") - 1] for at, level in tables]
        )
        found: Angles = rows[row_of]
        return found

    return look_up
