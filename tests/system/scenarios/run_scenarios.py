"""Every scenario at the size of a city, with its figures: ``make scenarios``.

    python -m tests.system.scenarios.run_scenarios [--luminaires N] [NAME ...]

Exit code 1 where an invariant did not hold.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.system.scenarios import broker, controller, street
from tests.system.scenarios.stage import Stage, as_json
from tests.system.scenarios.verdict import Verdict

Played = tuple[Stage, Verdict, list[str]]
"""The stage, the verdict, and what else is wrong."""

_ORACLE = (
    "lit_ratio",
    "dark_minutes",
    "dark_by_outage_minutes",
    "daylight_burn_minutes",
    "unasked_changes",
    "energy_kwh",
    "connections_lost",
)


async def _broker_kept(folder: Path, size: int) -> Played:
    return *await broker.broker_killed_at_dusk(folder, luminaires=size, lead_s=_lead(size)), []


async def _broker_forgets(folder: Path, size: int) -> Played:
    played = await broker.broker_killed_at_dusk(
        folder, luminaires=size, lead_s=_lead(size), keeps_store=False
    )
    return *played, []


async def _half_open(folder: Path, size: int) -> Played:
    played = await broker.link_in_trouble(
        folder, broker.HALF_OPEN, luminaires=size, lead_s=_lead(size)
    )
    return *played, []


async def _flapping(folder: Path, size: int) -> Played:
    played = await broker.link_in_trouble(
        folder, broker.FLAPPING, luminaires=size, lead_s=_lead(size)
    )
    return *played, []


async def _slow(folder: Path, size: int) -> Played:
    played = await broker.link_in_trouble(folder, broker.SLOW, luminaires=size, lead_s=_lead(size))
    return *played, []


async def _disorder(folder: Path, size: int) -> Played:
    played = await broker.messages_in_disorder(folder, luminaires=size, lead_s=_lead(size))
    return *played, []


async def _storm(folder: Path, size: int) -> Played:
    return *await street.everybody_reconnects(folder, luminaires=size, lead_s=_lead(size)), []


async def _cabinet(folder: Path, _size: int) -> Played:
    stage, judged, gone, back = await street.a_cabinet_vanishes(folder)
    stage.figures |= {"alarms while gone": len(gone), "alarms after": len(back)}
    wrong = [] if (len(gone), len(back)) == (1, 0) else [f"alarms {len(gone)}, then {len(back)}"]
    return stage, judged, wrong


async def _kills(folder: Path, size: int) -> Played:
    stage, judged, lost = await controller.controller_killed(
        folder, luminaires=min(size, 2000), kills=100, speed=120, lead_s=_lead(2000)
    )
    return stage, judged, [f"{lost} acknowledged overrides lost"] if lost else []


async def _nights(folder: Path, size: int) -> Played:
    stage, judged, held = await controller.many_nights(
        folder, luminaires=min(size, 2000), nights=30, speed=2880, faults=0.05, lead_s=_lead(2000)
    )
    stage.figures["held"] = [held[0], held[len(held) // 2], held[-1]]
    wrong = []
    for what, allowed in (("resident MB", 1.1), ("descriptors", 1.2), ("tasks", 1.2)):
        middle, last = held[len(held) // 2][what], held[-1][what]
        if last > middle * allowed:
            wrong.append(f"{what} grew from {middle:.0f} to {last:.0f}")
    return stage, judged, wrong


SCENARIOS: dict[str, Callable[[Path, int], Awaitable[Played]]] = {
    "broker-killed": _broker_kept,
    "broker-killed-store-deleted": _broker_forgets,
    "link-half-open": _half_open,
    "link-flapping": _flapping,
    "link-slow": _slow,
    "messages-in-disorder": _disorder,
    "reconnect-storm": _storm,
    "cabinet-vanishes": _cabinet,
    "controller-killed": _kills,
    "thirty-nights": _nights,
}


def _lead(size: int) -> float:
    """Machine seconds for everybody to connect and be told."""
    return 10 + size / 1000


async def _play(name: str, size: int) -> bool:
    print(f"{name}: {size:,} luminaires", flush=True)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"lamplighter-{name}-") as folder:
        stage, judged, wrong = await SCENARIOS[name](Path(folder), size)
    figures: dict[str, Any] = {
        **stage.figures,
        **{
            key: value
            for key, value in asdict(judged).items()
            if key in ("converged_within_s", "account_off_by_j")
        },
        **{key: judged.street.get(key) for key in _ORACLE},
        "took, s": round(time.monotonic() - begun),
    }
    print(as_json(figures), flush=True)
    problems = [*judged.problems, *wrong]
    print(f"{name}: {'holds' if not problems else '; '.join(problems)}\n", flush=True)
    return not problems


async def _main(names: list[str], size: int) -> int:
    held = [await _play(name, size) for name in names]
    return 0 if all(held) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--luminaires", type=int, default=100_000)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SCENARIOS))
    asked = parser.parse_args()
    unknown = set(asked.names) - SCENARIOS.keys()
    if unknown:
        parser.error(f"{', '.join(sorted(unknown))}: no such scenario; {', '.join(SCENARIOS)}")
    sys.exit(asyncio.run(_main(asked.names or list(SCENARIOS), asked.luminaires)))
