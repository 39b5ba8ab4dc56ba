"""Command line of the simulator."""

import asyncio
import sys
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Final, NoReturn, TypeVar

import click
from pydantic import ValidationError

from controller.wire.signing import Verifier, read_public_keys
from schedules import Site, demo_plan
from simulator.broker_url import Certificates, OptionWrong, broker_address
from simulator.chaos.script import ScriptWrong, street_steps
from simulator.faults import FaultKind, assign_faults
from simulator.lies import MeterLie
from simulator.run import NotConnected, RunOptions, parse_instant, run
from simulator.sensors import SensorOptions
from simulator.street import StreetOptions
from zones import ZonesError, demo_inventory

DEFAULT_DEMO_LUMINAIRES: Final = 10_000


def _start(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float:
    if value is None:
        return float(int(time.time()))
    try:
        return float(int(parse_instant(value)))
    except ValueError:
        raise click.BadParameter(
            f"{value!r} is no instant with offset; one such is 2026-06-21T12:00:00+08:00"
        ) from None


_Kind = TypeVar("_Kind", bound=StrEnum)


def _ratios(
    kinds: type[_Kind],
) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], dict[_Kind, float]]:
    """A callback that reads KIND=RATIO for kinds of one sort."""

    def read(
        _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
    ) -> dict[_Kind, float]:
        ratios: dict[_Kind, float] = {}
        for value in values:
            name, _, text = value.partition("=")
            try:
                kind, ratio = kinds(name), float(text)
            except ValueError:
                known = ", ".join(kinds)
                raise click.BadParameter(
                    f"{value!r}: must be KIND=RATIO with KIND of {known}"
                ) from None
            if not 0 <= ratio <= 1:
                raise click.BadParameter(f"{value!r}: the ratio must be 0 to 1")
            ratios[kind] = ratio
        return ratios

    return read


@click.command(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="'lamplighter simulate' also takes --data DIR: the city of a service's data folder.",
)
@click.option("--site", "site_file", type=click.Path(path_type=Path), help="Site document (JSON).")
@click.option(
    "--demo",
    type=click.IntRange(1, 1_000_000),
    is_flag=False,
    flag_value=DEFAULT_DEMO_LUMINAIRES,
    metavar="[N]",
    help="The synthetic Beijing with N luminaires (10000 unless said).",
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Of city and faults."
)
@click.option(
    "--clockless",
    type=click.FloatRange(0, 1),
    default=0.0,
    help="Demo city: share of the local roads' luminaires without a clock.",
)
@click.option("--broker", default="mqtt://127.0.0.1:1883", show_default=True, metavar="URL")
@click.option("--username", help="User at the broker; beats the URL's.")
@click.option(
    "--password-file", type=click.Path(path_type=Path), help="File with the password, first line."
)
@click.option(
    "--ca-file", type=click.Path(path_type=Path), help="Authority of the broker's certificate."
)
@click.option(
    "--certificates", type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR", help="Every client shows its own: DIR/luminaire/ID.crt, DIR/gateway/ID.crt.",
)  # fmt: skip
@click.option("--signed-by", "signed_by", type=click.Path(path_type=Path), metavar="FILE",
              help="Public keys, one a line; luminaires refuse what none signed.")  # fmt: skip
@click.option("--connect-timeout", type=click.FloatRange(min=0.1), metavar="SECONDS",
              help="Give up where not all is connected by then; never unless said.")  # fmt: skip
@click.option("--gateways", "wiring", flag_value="gateways", default=True,
              help="One connection for each gateway of the inventory (default).")  # fmt: skip
@click.option("--direct", "wiring", flag_value="direct", help="One connection per luminaire.")
@click.option(
    "--subscribe-qos", type=click.IntRange(0, 1), default=0, show_default=True,
    help="QoS of subscriptions.",
)  # fmt: skip
@click.option(
    "--telemetry-every", type=click.FloatRange(1, 86_400), default=3600.0, show_default=True,
    metavar="SECONDS", help="Site seconds between two readings of a luminaire.",
)  # fmt: skip
@click.option("--drift-ppm", type=click.FloatRange(0, 10_000), default=0.0, show_default=True,
              help="Luminaires' clocks run fast or slow by up to this.")  # fmt: skip
@click.option("--faults", "any_fault", type=click.FloatRange(0, 1), default=0.0, show_default=True,
              help="Share of luminaires with a fault of a random kind.")  # fmt: skip
@click.option("--fault", "faults", multiple=True, callback=_ratios(FaultKind), metavar="KIND=RATIO",
              help=f"Share with this fault: {', '.join(FaultKind)}. May be repeated.")  # fmt: skip
@click.option("--lying-meters", "any_lie", type=click.FloatRange(0, 1), default=0.0,
              show_default=True, help="Share of meters that lie in a random way.")  # fmt: skip
@click.option("--meter-lie", "lies", multiple=True, callback=_ratios(MeterLie),
              metavar="KIND=RATIO",
              help=f"With this lie: {', '.join(MeterLie)}. May be repeated.")  # fmt: skip
@click.option("--sensors", is_flag=True,
              help="Readings of the sensors that the plan's rules name.")  # fmt: skip
@click.option("--sensors-every", type=click.FloatRange(1, 86_400), default=300.0,
              show_default=True, metavar="SECONDS", help="Site seconds between them.")  # fmt: skip
@click.option("--lying-sensors", type=click.FloatRange(0, 1), default=0.0,
              help="Share of sensors whose readings are absurd.")  # fmt: skip
@click.option("--silent-sensors", type=click.FloatRange(0, 1), default=0.0,
              help="Share of sensors that say nothing.")  # fmt: skip
@click.option("--script", "script_file", type=click.Path(path_type=Path),
              help="Timed steps (YAML or JSON): outages, storms, faults, lies.")  # fmt: skip
@click.option("--faults-file", type=click.Path(path_type=Path),
              help="Leave a record of all faults, lies and outages here (JSON).")  # fmt: skip
@click.option("--start", callback=_start, metavar="INSTANT",
              help="Begin of site time: 2026-06-21T12:00:00+08:00; now unless said.")  # fmt: skip
@click.option("--speed", type=click.FloatRange(min=0, min_open=True, max=100_000), default=1.0,
              show_default=True, help="Site seconds per second.")  # fmt: skip
@click.option("--nights", type=click.FloatRange(min=0, min_open=True, max=3660),
              help="End after so many times 24 hours; never unless said.")  # fmt: skip
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text",
              show_default=True, help="Of the summary.")  # fmt: skip
@click.option("--supervised", is_flag=True,
              help="Obey and report in JSON lines on standard input and output.")  # fmt: skip
def main(
    site_file: Path | None,
    demo: int | None,
    seed: int,
    clockless: float,
    broker: str,
    username: str | None,
    password_file: Path | None,
    ca_file: Path | None,
    certificates: Path | None,
    signed_by: Path | None,
    connect_timeout: float | None,
    wiring: str,
    subscribe_qos: int,
    telemetry_every: float,
    drift_ppm: float,
    any_fault: float,
    faults: dict[FaultKind, float],
    any_lie: float,
    lies: dict[MeterLie, float],
    sensors: bool,  # noqa: FBT001 - click passes options by name
    sensors_every: float,
    lying_sensors: float,
    silent_sensors: float,
    script_file: Path | None,
    faults_file: Path | None,
    start: float,
    speed: float,
    nights: float | None,
    output: str,
    supervised: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """A fleet of luminaires on an MQTT broker, with an oracle that says what was truly lit.

    The luminaires know only what reaches them over the wire. Ends with a summary; exit code 1
    where the broker cannot be reached, 2 for a wrong option.
    """
    try:
        address = broker_address(broker, username, password_file, ca_file)
        verifier = None if signed_by is None else _verifier(signed_by)
    except OptionWrong as error:
        raise click.UsageError(str(error)) from None
    if certificates is not None and sensors:
        raise click.UsageError(
            "--sensors speak through gateways, which may not where each has a --certificates "
            "identity of its own; give one of them"
        )
    site = _site(site_file, demo, seed, clockless)
    street = StreetOptions(
        address=address,
        start_at=start,
        is_direct=wiring == "direct",
        subscribe_qos=subscribe_qos,
        telemetry_every_s=telemetry_every,
        drift_ppm=drift_ppm,
        seed=seed,
        sensors=SensorOptions(sensors_every, lying_sensors, silent_sensors) if sensors else None,
        certificates=Certificates(certificates, ca_file) if certificates else None,
        verifier=verifier,
    )
    try:
        steps = street_steps(script_file) if script_file else []
    except ScriptWrong as error:
        raise click.ClickException(str(error)) from None
    options = RunOptions(
        is_supervised=supervised,
        is_json=output == "json",
        speed=speed,
        nights=nights,
        connect_timeout_s=connect_timeout,
        steps=steps,
        faults_file=faults_file,
        any_lie=any_lie,
        lies=lies,
    )
    wrong = assign_faults(len(site.inventory.luminaires), any_fault, faults, seed)
    try:
        asyncio.run(run(site, wrong, street, options))
    except OptionWrong as error:
        raise click.UsageError(str(error)) from None
    except (NotConnected, ScriptWrong) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        if error.filename is None:
            raise
        raise click.ClickException(f"{str(error.filename)!r}: {error.strerror}") from None


def _verifier(file: Path) -> Verifier:
    try:
        return Verifier(read_public_keys(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise OptionWrong(f"--signed-by {str(file)!r}: {error.strerror}") from None
    except ValueError as error:
        raise OptionWrong(f"--signed-by {str(file)!r}: {error}") from None


def run_from_shell() -> NoReturn:
    """The command with one clear line for every expected error."""
    try:
        main.main(prog_name="simulate", standalone_mode=False)
    except click.exceptions.Abort:
        _leave("interrupted", 130)
    except click.UsageError as error:
        _leave(f"{error.format_message()} (see 'simulate --help')", 2)
    except click.ClickException as error:
        _leave(error.format_message(), error.exit_code)
    sys.exit(0)


def _leave(message: str, code: int) -> NoReturn:
    click.echo(f"simulate: error: {' '.join(message.split())}", err=True)
    sys.exit(code)


def _site(file: Path | None, demo: int | None, seed: int, clockless: float) -> Site:
    if (file is None) == (demo is None):
        raise click.UsageError("give --site FILE or --demo [N]")
    if file is not None:
        try:
            return Site.model_validate_json(file.read_bytes())
        except OSError as error:
            raise click.ClickException(
                f"site file {str(file)!r} cannot be read: {error.strerror}"
            ) from None
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "document"
            raise click.ClickException(
                f"site file {str(file)!r}: {field}: {first['msg']}"
            ) from None
    try:
        inventory = demo_inventory(
            DEFAULT_DEMO_LUMINAIRES if demo is None else demo, seed, clockless
        )
    except ZonesError as error:
        raise click.UsageError(str(error)) from None
    return Site(inventory=inventory, plan=demo_plan(inventory))
