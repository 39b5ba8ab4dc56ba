"""What a year's report of 400 zones and 100,000 luminaires costs, from the rows to the files.

``python -m tests.benchmarks.report_large_city [LUMINAIRES] [DAYS]`` prints the steps, the
files' sizes and the memory.
"""

import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial

import numpy as np

from controller.ports.energy import IntervalBlock, NightBlock
from controller.reports.build import Question, build
from controller.reports.content import Report
from controller.reports.pdf import report_pdf
from controller.reports.plain import report_csv, report_json
from controller.reports.xlsx import report_xlsx
from schedules import Language, Site, demo_plan
from schedules.energy.periods import Period, PeriodKind
from zones import demo_inventory

_QUARTER_S = 900
_YEAR = Period(PeriodKind.YEAR, 2025, 1)


class MadeUpRows:
    """An account of figures by chance, as many as a city of this size has."""

    def __init__(self, site: Site, days: int) -> None:
        self.zones = [zone.id for zone in site.inventory.zones]
        self.luminaires = [one.id for one in site.inventory.luminaires]
        first = _YEAR.first_day
        self.since, _ = _YEAR.bounds(site.time_zone)
        self.until = self.since + days * 86_400
        self.days = {(first + timedelta(days=number)).isoformat() for number in range(days)}
        self.random = np.random.default_rng(1)
        self.figures = np.tile([[1e6], [1e5], [36_000.0]], len(self.luminaires))

    def interval_blocks(self, since: int, until: int) -> Iterator[IntervalBlock]:
        """Intervals of all zones that start in [since, until)."""
        for at in range(max(since, self.since), min(until, self.until), _QUARTER_S):
            figures = self.random.uniform(1e5, 1e6, (9, len(self.zones)))
            yield IntervalBlock(at, _QUARTER_S, self.zones, figures)

    def night_blocks(self, first_day: date, last_day: date) -> Iterator[NightBlock]:
        """Nights of all luminaires."""
        for number in range((last_day - first_day).days + 1):
            day = (first_day + timedelta(days=number)).isoformat()
            if day in self.days:
                yield NightBlock(day, self.luminaires, self.figures)


def main() -> None:
    """Measure a city."""
    luminaires = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    days = int(sys.argv[2]) if len(sys.argv) > 2 else 365
    inventory = demo_inventory(luminaires)
    site = Site(inventory=inventory, plan=demo_plan(inventory))
    print(f"{luminaires:,} luminaires in {len(inventory.zones)} zones, {days} days")
    begun = time.process_time()

    def said(step: str) -> None:
        nonlocal begun
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{step:<24} {time.process_time() - begun:7.1f} s of a core, {memory:,.0f} MiB at most"
        )
        begun = time.process_time()

    question = Question(site, _YEAR, datetime(2026, 2, 1, tzinfo=UTC))
    report = build(question, MadeUpRows(site, days))
    said("gathered and reckoned")
    writers: dict[str, Callable[[Report], bytes]] = {
        "xlsx": partial(report_xlsx, language=Language.CHINESE),
        "pdf": partial(report_pdf, language=Language.CHINESE),
        "json": report_json,
        "csv": report_csv,
    }
    for name, write in writers.items():
        size = len(write(report))
        said(f"{name}, {size:,} bytes")


if __name__ == "__main__":
    main()
