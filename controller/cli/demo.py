"""``lamplighter demo``: broker, controller and a simulated city, a night in two minutes."""

import asyncio
import json
import logging
from datetime import datetime
from pathlib import Path

import click

from controller.cli.demo_night import run_demo
from controller.cli.demo_options import (
    FULL_SPEED,
    FULL_SPEED_LUMINAIRES,
    DemoOptions,
    default_speed,
)
from controller.cli.demo_progress import DemoProgress
from controller.cli.demo_summary import summary_text
from controller.config import EMBEDDED


@click.command()
@click.option("--luminaires", type=click.IntRange(1, 1_000_000), default=10_000, show_default=True)
@click.option(
    "--nights",
    type=click.IntRange(1, 400),
    default=1,
    show_default=True,
    help="Control days, noon to noon.",
)
@click.option(
    "--speed",
    type=click.FloatRange(1, 100_000),
    help=(
        f"Site seconds per second. Unless said {FULL_SPEED:.0f}, a day in two minutes; slower "
        f"above {FULL_SPEED_LUMINAIRES:,} luminaires, so that one machine keeps up."
    ),
)
@click.option(
    "--date",
    "first_night",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First night; tonight unless said.",
)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Seed of the city and of its faults."
)
@click.option(
    "--faults",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Share of luminaires with a fault.",
)
@click.option(
    "--clockless",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Share of local-road luminaires without a clock, commanded one by one.",
)
@click.option("--signed", is_flag=True, help="Programs and commands are signed, and checked.")
@click.option(
    "--broker",
    default=EMBEDDED,
    show_default=True,
    metavar="URL",
    help="Another broker, such as mqtt://127.0.0.1:1883.",
)
@click.option(
    "--http-port",
    type=click.IntRange(0, 65_535),
    default=0,
    help="Port of /metrics on loopback; a free one unless said.",
)
@click.option(
    "--console-port",
    type=click.IntRange(0, 65_535),
    default=0,
    help="Port of the console on loopback; a free one unless said.",
)
@click.option("--no-console", is_flag=True, help="Serve no console.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Keep the data folder here; a temporary one unless said.",
)
@click.option("--headless", is_flag=True, help="No live display: plain lines on standard error.")
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
)
def demo(
    luminaires: int,
    nights: int,
    speed: float | None,
    first_night: datetime | None,
    seed: int,
    faults: float,
    clockless: float,
    signed: bool,  # noqa: FBT001  # click passes options by name
    broker: str,
    http_port: int,
    console_port: int,
    no_console: bool,  # noqa: FBT001  # click passes options by name
    data: Path | None,
    headless: bool,  # noqa: FBT001  # click passes options by name
    output: str,
) -> None:
    """One command from nothing to a lit city.

    Starts a broker, the controller and a synthetic Beijing that knows only the wire
    contract, lets the nights pass in fast motion, and ends with a summary in which an
    oracle, not the controller, says what was lit. Exit code 1 where the night was not right.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    options = DemoOptions(
        luminaires=luminaires,
        nights=nights,
        speed=default_speed(luminaires) if speed is None else speed,
        first_night=None if first_night is None else first_night.date(),
        seed=seed,
        broker=broker,
        http_port=http_port,
        has_console=not no_console,
        console_port=console_port,
        faults=faults,
        clockless=clockless,
        is_signed=signed,
        data=data,
    )
    progress = DemoProgress(is_live=not headless)
    try:
        with progress:
            summary = asyncio.run(run_demo(options, progress))
    except KeyboardInterrupt:
        raise click.Abort from None
    if output == "json":
        click.echo(json.dumps(summary, ensure_ascii=False))
    else:
        click.echo(summary_text(summary))
    if not summary["is_right"]:
        raise SystemExit(1)
