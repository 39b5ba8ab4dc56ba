"""``lamplighter bench``: what the service takes, beside a bare alternative in the same run."""

import asyncio
import json
import tempfile
from pathlib import Path

import click

from controller.cli.bench.exchange import Exchanges
from controller.cli.bench.figures import markdown, text_table

NAMES = ("wave", "push", "telemetry", "start", "reconcile", "memory", "scrape")


@click.command(short_help="Measure the service beside a bare client.")
@click.option("--luminaires", type=click.IntRange(1, 1_000_000), default=100_000, show_default=True)
@click.option("--only", "only", multiple=True, type=click.Choice(NAMES))
@click.option("--broker", metavar="URL")
@click.option("--rounds", type=click.IntRange(1, 20), default=2, show_default=True)
@click.option("--output", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def bench(
    luminaires: int,
    only: tuple[str, ...],
    broker: str | None,
    rounds: int,
    output: Path | None,
    form: str,
) -> None:
    """Bench."""
    with tempfile.TemporaryDirectory(prefix="lamplighter-bench-") as folder:
        e = Exchanges(
            luminaires, rounds, broker, Path(folder), lambda line: click.echo(line, err=True)
        )
        figures = asyncio.run(e.measure(frozenset(only or NAMES)))
    click.echo(
        text_table(figures)
        if form == "text"
        else json.dumps([f.as_json() for f in figures], indent=2)
    )


if __name__ == "__main__":
    bench()
