"""A figure of the benchmarks, and how figures are written: table, JSON, Markdown."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal

from controller.engine.pacing import RAISED_PER_FEEDER_S

_PACKAGES: Final = ("numpy", "msgspec", "pydantic", "paho-mqtt", "astral")
_HEAD: Final = """\
# Benchmarks

Written by `make bench`; do not edit. Every figure stands beside a bare alternative measured in
the same run, and the ratio is what to look at: it hardly depends on the machine. Where two cores
are shared with other work ours suffers more than the bare client does. *Ceiling* is the bare
alternative in the figure's unit; *ratio* is how many times the bare alternative's time our way
takes. `lamplighter bench --help` tells how to measure one of them alone.
"""
_NOTES: Final = """\

The exchanges run over {broker}. On its other side the same answering process
stands in both runs: {links} connections that answer each command, config and program with states
at once. The bare client is a codec of MQTT 3.1.1 with batched writes, in a process of its own as
the controller is; it neither checks nor keeps anything. *Ours* is the whole service with its
default settings: store, engine, pacing, dispatch, intake, account, metrics. No luminaire of the
first exchange has a clock and no zone can be spoken to as one, so that each is commanded by
itself; feeders are paced all the while, at {per_feeder:.0f} luminaires a second, which alone takes
two seconds. {rounds}, bare and ours in turn; the best of each counts.

{rounds_table}
"""


@dataclass
class Notes:
    """What stands below the table: how the exchanges were made, and each of their rounds."""

    broker: str = ""
    links: int = 0
    rounds: int = 0
    """0: there were no exchanges."""
    samples: list[tuple[str, str, Mapping[str, float]]] = field(default_factory=list)
    """Exchange, whose, and its seconds: of the whole, and of CPU by process."""

    def table(self) -> list[str]:
        """Every round, with the CPU seconds of each process."""
        rows = [
            "| exchange | whose | took | CPU: controller | broker | street |",
            "|---|---|---|---|---|---|",
        ]
        for name, whose, seconds in self.samples:
            keys = ("seconds", "cpu_s", "broker_s", "street_s")
            cells = [f"{seconds[key]:.2f} s" if key in seconds else "" for key in keys]
            rows.append(f"| {name} | {whose} | {' | '.join(cells)} |")
        return rows


Bounds = Literal["at most", "at least", "ratio"]


@dataclass(frozen=True)
class Figure:
    """One measured quantity beside its bare alternative and its budget.

    ``ratio`` is how many times the bare alternative's time ours takes; None where there is
    no alternative. ``budget`` bounds what ``bounds`` names: the value from above, the value
    from below, or the ratio from above; None where nothing is promised.
    """

    name: str
    """Short and the same for every size, for machines."""
    title: str
    """For people."""
    value: float
    unit: str
    ceiling: float | None = None
    ratio: float | None = None
    budget: float | None = None
    bounds: Bounds = "at most"
    is_judged: bool = True
    """False where the work was smaller than what the budget is for."""

    @property
    def is_missed(self) -> bool:
        """Whether the budget does not hold."""
        if self.budget is None or not self.is_judged:
            return False
        match self.bounds:
            case "ratio":
                return self.ratio is None or self.ratio > self.budget
            case "at least":
                return self.value < self.budget
            case "at most":
                return self.value > self.budget

    def as_json(self) -> dict[str, Any]:
        """The object of ``--format json``."""
        return {
            "name": self.name,
            "title": self.title,
            "value": self.value,
            "unit": self.unit,
            "ceiling": self.ceiling,
            "ratio": self.ratio,
            "budget": self.budget,
            "budget_bounds": self.bounds,
            "is_judged": self.is_judged and self.budget is not None,
            "is_missed": self.is_missed,
        }

    def cells(self) -> tuple[str, str, str, str, str]:
        """What, measured, ceiling, ratio, budget; as people read it."""
        budget = ""
        if self.budget is not None:
            match self.bounds:
                case "ratio":
                    budget = f"ratio at most {number(self.budget)}"
                case "at least" | "at most":
                    budget = f"{self.bounds} {number(self.budget)} {self.unit}"
            budget += ": missed" if self.is_missed else "" if self.is_judged else ": not judged"
        return (
            self.title,
            f"{number(self.value)} {self.unit}",
            number(self.ceiling),
            number(self.ratio),
            budget,
        )


def number(value: float | None) -> str:
    """Three digits that matter; whole from a thousand on."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


TITLES: Final = ("what", "measured", "ceiling", "ratio", "budget")


def text_table(figures: Sequence[Figure]) -> str:
    """A table for a terminal."""
    rows = [TITLES, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(TITLES))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:4], widths[1:4], strict=True)]
        lines.append("  ".join([*cells, row[4]]).rstrip())
    return "\n".join(lines)


def markdown(figures: Sequence[Figure], notes: Notes) -> str:
    """The page: figures, machine, versions, date."""
    lines = [
        _HEAD,
        f"Machine: {_machine()}.\n",
        f"| {' | '.join(TITLES)} |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {' | '.join(figure.cells())} |" for figure in figures]
    page = "\n".join(lines) + "\n"
    if notes.rounds:
        page += _NOTES.format(
            broker=notes.broker,
            links=notes.links,
            per_feeder=RAISED_PER_FEEDER_S,
            rounds="1 round" if notes.rounds == 1 else f"{notes.rounds} rounds",
            rounds_table="\n".join(notes.table()),
        )
    return page


def _machine() -> str:
    try:
        names = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        names = []
    model = next((n.split(":")[1].strip() for n in names if n.startswith("model name")), "unknown")
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({model}), "
        f"{platform.system()}, Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in ("lamplighter", *_PACKAGES))
    )
