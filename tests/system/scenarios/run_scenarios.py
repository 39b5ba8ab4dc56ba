"""Every scenario at the size of a city, with its figures: ``make scenarios``.

    python -m tests.system.scenarios.run_scenarios [--luminaires N] [NAME ...]

Exit code 1 where an invariant did not hold.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.system.scenarios import broker, controller, street
from tests.system.scenarios.messages import take_bad_messages
from tests.system.scenarios.stage import Stage, as_json
from tests.system.scenarios.two_controllers import Trouble, two_controllers
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


async def _bad_messages(folder: Path, size: int) -> Played:
    came = await asyncio.to_thread(take_bad_messages, 1_000_000)
    wrong = [] if came.counted == came.sent else ["not each was counted under its reason"]
    wrong += [f"columns changed: {came.changed}"] if came.changed else []
    stage, judged = await street.everybody_reconnects(folder, luminaires=200, lead_s=_lead(200))
    stage.figures = {
        "bad messages": came.sent.total(),
        "reasons": len(came.sent),
        "a second": round(came.messages_per_s),
    }
    return stage, judged, wrong


async def _wall_clock(folder: Path, size: int) -> Played:
    crooked = ["+3600", "-3600", "+86400", "-86400", "1970-01-01 00:00:10", "2038-01-19 03:14:00"]
    stage, judged, noticed = await controller.wall_clock_goes_wrong(
        folder, [*crooked, "+0 x1.1"], luminaires=min(size, 2000), lead_s=_lead(2000)
    )
    stage.figures |= {
        f"{words}: noticed after, s": None if took is None else round(took, 1)
        for words, took in noticed.items()
    }
    late = [words for words, took in noticed.items() if took is None or took > 5]
    return stage, judged, [f"{words} not noticed within 5 s" for words in late]


async def _nobody(folder: Path, size: int) -> Played:
    stage, by_program, summary = await street.nobody_in_charge(
        folder, luminaires=min(size, 2000), nights=14, speed=2880
    )
    stage.figures |= {
        "dark minutes in 14 nights": by_program["dark_minutes"],
        "dark minutes a lamp and night afterwards": round(
            summary["dark_by_expiry_minutes"] / (14 * summary["luminaires"]), 2
        ),
    }
    wrong = [] if by_program["dark_minutes"] == 0 else ["dark within 14 nights"]
    return stage, Verdict(summary["dark_minutes"], 0.0, None, 0.0, (), summary), wrong


async def _takeover(folder: Path, size: int) -> Played:
    stage, judged, leading = await two_controllers(
        folder, Trouble.KILLED, luminaires=min(size, 2000), speed=60, lead_s=_lead(2000) + 20
    )
    late = stage.figures["takes over within s"] > 30
    wrong = ["took over after more than 30 s"] if late else []
    return stage, judged, wrong + ([] if leading == 1 else [f"{leading} lead at the end"])


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
    "bad-messages": _bad_messages,
    "wall-clock-wrong": _wall_clock,
    "nobody-in-charge": _nobody,
    "two-controllers": _takeover,
    "controller-killed": _kills,
    "thirty-nights": _nights,
}


def _lead(size: int) -> float:
    """Machine seconds for everybody to connect and be told."""
    return 10 + size / 1000


@dataclass(frozen=True)
class Result:
    """What came of one scenario."""

    name: str
    luminaires: int
    figures: dict[str, Any]
    problems: list[str]


async def _play(name: str, size: int) -> Result:
    print(f"{name}: {size:,} luminaires", flush=True)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"lamplighter-{name}-") as folder:
        stage, judged, wrong = await SCENARIOS[name](Path(folder), size)
    figures: dict[str, Any] = {
        **stage.figures,
        "converged within, s": judged.converged_within_s,
        "account off by, J": judged.account_off_by_j,
        **{key: judged.street.get(key) for key in _ORACLE},
        "took, s": round(time.monotonic() - begun),
    }
    print(as_json(figures), flush=True)
    problems = [*judged.problems, *wrong]
    print(f"{name}: {'holds' if not problems else '; '.join(problems)}\n", flush=True)
    return Result(name, judged.street["luminaires"], figures, problems)


def write_page(file: Path, results: Sequence[Result]) -> None:
    """Put the results into the page; lines of scenarios that were not played stay."""
    kept = {}
    if file.is_file():
        lines = file.read_text(encoding="utf-8").splitlines()
        kept = {line.split(" | ")[0]: line for line in lines if line.startswith("| `")}
    for one in results:
        told = ", ".join(
            f"{key} {value:.6g}" if isinstance(value, float) else f"{key} {value}"
            for key, value in one.figures.items()
            if value is not None and key != "held"
        )
        verdict = "holds" if not one.problems else "; ".join(one.problems)
        today = datetime.now(UTC).date()
        row = f"| `{one.name}` | {one.luminaires:,} | {today} | {verdict} | {told} |"
        kept[f"| `{one.name}`"] = row
    rows = [kept[f"| `{name}`"] for name in SCENARIOS if f"| `{name}`" in kept]
    file.write_text(_HEAD + "\n".join(rows) + "\n", encoding="utf-8")


_HEAD = """\
# What can go wrong, tried

Written by `make scenarios`; do not edit. Each scenario runs mosquitto, `lamplighter run` and the
simulated street as processes of their own on two cores, lets something go wrong, and asks four
things at the end: was no lamp dark by software, does the whole street do as wanted, does the
energy account add up, and is nothing lost that was acknowledged. The street's oracle is the
judge. The tests play the same scenarios small.

| scenario | luminaires | tried on | | figures |
|---|---|---|---|---|
"""


async def _main(names: list[str], size: int, page: Path | None) -> int:
    results = []
    for name in names:
        results.append(await _play(name, size))
        if page is not None:
            write_page(page, results)
    return 0 if not any(one.problems for one in results) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--luminaires", type=int, default=100_000)
    parser.add_argument("--output", type=Path, help="the page to put the results into")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SCENARIOS))
    asked = parser.parse_args()
    unknown = set(asked.names) - SCENARIOS.keys()
    if unknown:
        parser.error(f"{', '.join(sorted(unknown))}: no such scenario; {', '.join(SCENARIOS)}")
    names = asked.names or list(SCENARIOS)
    sys.exit(asyncio.run(_main(names, asked.luminaires, asked.output)))
