"""``lamplighter bench``: what the service takes, beside a bare alternative in the same run."""

import asyncio
import json
import signal
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final

import click

from controller.cli.bench.broker import refuse_without_mosquitto
from controller.cli.bench.exchange import EXCHANGES, FULL_LUMINAIRES, Exchanges
from controller.cli.bench.figures import Figure, Notes, markdown, text_table
from controller.cli.bench.nights import FULL_ZONES, Nights
from controller.cli.bench.packets import broker_address
from controller.cli.bench.signing import signing_figures
from controller.errors import ConfigurationError

_RULES: Final = ("sun", "levels", "proof")
_SIGNING: Final = "signing"
_ALL: Final = (*EXCHANGES, *_RULES, _SIGNING)
_LUMINAIRES_A_ZONE: Final = 10
_SECONDS_A_ROUND: Final = 0.2


@click.command(
    short_help="Measure the service beside a bare client.",
    epilog="'make bench' runs it at full size and writes docs/BENCHMARKS.md.",
)
@click.option(
    "--luminaires",
    type=click.IntRange(1, 1_000_000),
    default=FULL_LUMINAIRES,
    show_default=True,
    help=f"Size of the city. Budgets are for {FULL_LUMINAIRES:,}: with fewer none is judged.",
)
@click.option(
    "--only",
    "only",
    multiple=True,
    type=click.Choice(_ALL),
    metavar="NAME",
    help=f"Only this; may be given several times: {', '.join(_ALL)}.",
)
@click.option(
    "--broker",
    metavar="URL",
    help="Measure over this broker, such as mqtt://127.0.0.1:1883, instead of a mosquitto "
    "started on loopback. What the benchmark left there is cleared at the end.",
)
@click.option(
    "--signed",
    is_flag=True,
    help="The service signs in the exchanges; the bare client does not.",
)
@click.option(
    "--rounds",
    type=click.IntRange(1, 20),
    default=2,
    show_default=True,
    help="Rounds of each exchange, bare and ours in turn; the best of each counts.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the figures as a Markdown page as well, with machine, versions and date.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
)
def bench(
    luminaires: int,
    only: tuple[str, ...],
    broker: str | None,
    signed: bool,  # noqa: FBT001  # click passes options by name
    rounds: int,
    output: Path | None,
    output_format: str,
) -> None:
    """Measure what the service takes, each figure beside a bare alternative in the same run.

    The exchanges - commanding every luminaire one by one at dusk, pushing all programs and
    configs, taking telemetry in - run over a real broker, once by the whole service and once
    by a bare client that does nothing but packets; what counts is the ratio. Exit code 1
    where a budget is missed.
    """
    wanted = frozenset(only or _ALL)
    if broker is not None:
        broker_address(broker)
    elif wanted & set(EXCHANGES):
        refuse_without_mosquitto()
    if output is not None and not output.parent.is_dir():
        raise ConfigurationError(f"output {str(output)!r}: there is no folder for it")
    notes = Notes()
    figures: list[Figure] = []
    if wanted & set(EXCHANGES):
        with tempfile.TemporaryDirectory(prefix="lamplighter-bench-") as folder:
            exchanges = Exchanges(
                luminaires, rounds, broker, Path(folder), _say, notes, is_signed=signed
            )
            try:
                figures = asyncio.run(_stoppable(exchanges.measure(wanted)))
            except (KeyboardInterrupt, asyncio.CancelledError):
                raise click.Abort from None
    figures += _rules(wanted, luminaires, rounds)
    if _SIGNING in wanted:
        _say("signatures in bulk")
        figures += signing_figures(luminaires, rounds)
    if output is not None:
        try:
            output.write_text(markdown(figures, notes), encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(f"output {str(output)!r}: {error.strerror}") from error
        _say(f"written: {output}")
    if output_format == "json":
        click.echo(json.dumps([figure.as_json() for figure in figures], indent=2))
    else:
        click.echo(text_table(figures))
    if any(figure.is_missed for figure in figures):
        raise SystemExit(1)


async def _stoppable(work: Coroutine[Any, Any, list[Figure]]) -> list[Figure]:
    """Let a SIGTERM end in order what was started, as a Ctrl-C does."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await work


def _rules(wanted: frozenset[str], luminaires: int, rounds: int) -> list[Figure]:
    zones = min(FULL_ZONES, max(1, luminaires // _LUMINAIRES_A_ZONE))
    nights = Nights(zones, min(luminaires, 10_000), rounds, _SECONDS_A_ROUND)
    figures: list[Figure] = []
    for name, work in (("sun", nights.sun), ("levels", nights.levels), ("proof", nights.proof)):
        if name in wanted:
            _say(f"{name} in bulk")
            figures += work()
    return figures


def _say(line: str) -> None:
    click.echo(line, err=True)
