"""A figure of the benchmarks, and how figures are written: table, JSON, Markdown."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal

_PACKAGES: Final = ("numpy", "msgspec", "pydantic", "paho-mqtt", "astral")
_HEAD: Final = """\
# Benchmarks

Written by `make bench`; do not edit. Every figure stands beside a bare alternative measured in
the same run, and the ratio is what to look at: it hardly depends on the machine, and little on
what else it was doing. *Ceiling* is the bare alternative in the figure's unit; *ratio* is how
many times the bare alternative's time our way takes. `lamplighter bench --help` tells how to
measure one of them alone.
"""
_NOTES: Final = """\

The exchanges run over {broker}, which everybody shares. On the other side of it the same
answering process stands in both runs: {links} connections that answer each command and config
with a state at once. The bare client is a codec of MQTT 3.1.1 with batched writes, in a process
of its own as the controller is; it neither checks nor keeps anything. *Ours* is the whole
service, from the settings on: store, engine, dispatch, intake, metrics. {rounds} rounds, bare and
ours in turn; the best of each counts.
"""


@dataclass(frozen=True)
class Figure:
    """One measured quantity beside its bare alternative and its budget.

    ``ratio`` is how many times the bare alternative's time ours takes; None where there is
    no alternative. ``budget`` bounds what ``bounds`` names: the value from above, the value
    from below, or the ratio from above; None where nothing is promised.
    """

    name: str
    value: float
    unit: str
    ceiling: float | None = None
    ratio: float | None = None
    budget: float | None = None
    bounds: Literal["at most", "at least", "ratio"] = "at most"

    @property
    def is_missed(self) -> bool:
        """Whether the budget does not hold."""
        if self.budget is None:
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
            "value": self.value,
            "unit": self.unit,
            "ceiling": self.ceiling,
            "ratio": self.ratio,
            "budget": self.budget,
            "budget_of": {"ratio": "ratio", "at least": "value", "at most": "value"}[self.bounds],
            "is_missed": self.is_missed,
        }

    def cells(self) -> tuple[str, str, str, str, str]:
        """What, measured, ceiling, ratio, budget; as people read it."""
        budget = ""
        if self.budget is not None:
            match self.bounds:
                case "ratio":
                    budget = f"ratio {number(self.budget)}"
                case "at least":
                    budget = f"at least {number(self.budget)} {self.unit}"
                case "at most":
                    budget = f"{number(self.budget)} {self.unit}"
            budget += " (missed)" if self.is_missed else ""
        return (
            self.name,
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


def markdown(figures: Sequence[Figure], facts: Mapping[str, object]) -> str:
    """The page: figures, machine, versions, date. ``facts`` fill the notes."""
    lines = [
        _HEAD,
        f"Machine: {_machine()}.\n",
        f"| {' | '.join(TITLES)} |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {' | '.join(figure.cells())} |" for figure in figures]
    return "\n".join(lines) + "\n" + _NOTES.format(**facts)


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
