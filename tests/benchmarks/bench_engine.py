"""The engine at 100,000 luminaires: a pass, a start, memory; each beside a bare ceiling.

``python tests/benchmarks/bench_engine.py [--luminaires 100000] [--format text|json]``. The
ceilings are measured in the same run: a bare numpy comparison of two columns for the pass,
and reading the stored document from disk and parsing it as JSON for the start.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from controller.adapters.sqlite import SqliteStore
from controller.cli.site_source import demo_site
from controller.engine.book import compile_book
from controller.engine.engine import Engine
from controller.ports.bus import Outbound
from controller.service.dispatch import Dispatch
from controller.service.documents import Documents
from controller.service.tally import Tally
from controller.wire.messages import State
from controller.wire.topics import Topics

NOON = 1_790_049_600.0  # 2026-09-22 12:00 in Beijing
PASSES = 50
PLAIN = "inventory.json"


class Nowhere:
    """A bus that is never asked: nothing is sent here."""

    async def run(self, *_: object) -> None:
        """Not called."""

    async def publish(self, message: Outbound) -> None:
        """Not called."""


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def figure(
    name: str, value: float, unit: str, ceiling: float | None, budget: float | None
) -> dict[str, Any]:
    ratio = None if not ceiling else value / ceiling
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "ceiling": ceiling,
        "ratio": ratio,
        "budget": budget,
    }


def prepare(luminaires: int, folder: Path) -> None:
    """Store a city, as an import did long ago."""
    site = demo_site(luminaires, seed=1)
    (folder / PLAIN).write_text(site.inventory.model_dump_json(), encoding="utf-8")
    with SqliteStore(folder) as store:
        store.save_inventory(site.inventory)
        store.save_plan(site.plan)


def measure(luminaires: int, folder: Path) -> list[dict[str, Any]]:
    """All figures, in a process that has done nothing else."""
    before = resident_bytes()
    started = time.perf_counter()
    store = SqliteStore(folder)
    site = store.load_site()
    assert site is not None
    engine = Engine(site, NOON, lambda: 0.5, lambda _edge, _delays: None)
    documents = Documents(engine, store, Topics("bench"), Dispatch(Nowhere(), Tally()))
    documents.adopt(documents.prepare(compile_book(site, NOON)))
    engine.reconcile(NOON, 0.0)
    start_s = time.perf_counter() - started
    bytes_each = (resident_bytes() - before) / luminaires

    state = State(rev=1, program_rev=1, level=0, source="program", at_ms=int(NOON * 1000))

    def take_all() -> None:
        for row in range(luminaires):
            engine.take_state(row, state, NOON)

    intake_s = seconds(take_all)
    columns = engine.columns
    pass_s = statistics.median(
        seconds(partial(engine.reconcile, NOON + 1, 10.0 + turn)) for turn in range(PASSES)
    )
    bare_pass_s = statistics.median(
        seconds(lambda: np.abs(columns.reported - columns.desired) <= 0.5) for _ in range(PASSES)
    )
    store.close()
    bare_start_s = seconds(lambda: msgspec.json.decode((folder / PLAIN).read_bytes()))
    return [
        figure("reconcile pass", pass_s * 1000, "ms", bare_pass_s * 1000, 50.0),
        figure("start to control, first time", start_s, "s", bare_start_s, 10.0),
        figure("memory a luminaire", bytes_each / 1000, "kB", None, 6.0),
        figure("a state into the columns", intake_s / luminaires * 1e6, "us", None, None),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--luminaires", type=int, default=100_000)
    parser.add_argument("--format", choices=["text", "json"], default="text")
    parser.add_argument("--prepare", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.prepare is not None:
        prepare(given.luminaires, given.prepare)
        return
    with tempfile.TemporaryDirectory() as folder:
        again = [sys.executable, __file__, "--luminaires", str(given.luminaires)]
        subprocess.run([*again, "--prepare", folder], check=True)
        figures = measure(given.luminaires, Path(folder))
    if given.format == "json":
        print(json.dumps(figures, indent=2))
        return
    for one in figures:
        print(f"{one['name']:<32} {one['value']:10.3f} {one['unit']}")


if __name__ == "__main__":
    main()
