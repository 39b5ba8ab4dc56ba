"""Command line of the chaos kit."""

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import click
from pydantic import ValidationError

from controller.wire.codec import Reason
from schedules import Site
from simulator.broker_url import OptionWrong, broker_address
from simulator.chaos.garbage import Bad, Targets, garbage, leftovers
from simulator.chaos.link import Way
from simulator.chaos.run_proxy import ProxyOptions, run_proxy
from simulator.chaos.script import ScriptWrong, proxy_steps
from simulator.chaos.send_garbage import send_garbage
from simulator.chaos.steps import LinkStep, Messages, ProxyStep
from simulator.mqtt import LinkLost

_SECONDS = click.FloatRange(0, 3600)
_SHARE = click.FloatRange(0, 1)


def _address(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, int]:
    host, separator, port = value.rpartition(":")
    host = host.strip("[]")
    if not separator:
        host, port = "127.0.0.1", value
    if not host or not port.isdecimal() or not 0 <= int(port) <= 65_535:
        raise click.BadParameter(f"{value!r}: must be HOST:PORT, as 127.0.0.1:1883")
    return host, int(port)


_listen = click.option(
    "--listen", default="127.0.0.1:1884", show_default=True, callback=_address,
    metavar="[HOST:]PORT", help="Where clients come; loopback unless said; port 0: a free one.",
)  # fmt: skip
_to = click.option(
    "--to", "target", default="127.0.0.1:1883", show_default=True, callback=_address,
    metavar="HOST:PORT", help="The broker behind the proxy.",
)  # fmt: skip
_seed = click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
_format = click.option("--format", "output", type=click.Choice(["text", "json"]), default="text",
                       show_default=True, help="Of the counts at the end.")  # fmt: skip


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def chaos() -> None:
    """Let things go wrong on purpose, between your street, your broker and your controller.

    For test installations: what is told to fail does fail.
    """


@chaos.command()
@_listen
@_to
@click.option("--latency", "latency_s", type=_SECONDS, default=0.0, metavar="SECONDS",
              help="One way, each way.")  # fmt: skip
@click.option("--jitter", "jitter_s", type=_SECONDS, default=0.0, metavar="SECONDS",
              help="Up to so much more.")  # fmt: skip
@click.option("--bytes-per-s", type=click.FloatRange(1, 1e12), help="At most so much each way.")
@click.option("--up", type=click.Choice(list(Way)), default=Way.FLOW, show_default=True,
              help="What becomes of bytes from client to broker.")  # fmt: skip
@click.option("--down", type=click.Choice(list(Way)), default=Way.FLOW, show_default=True,
              help="What becomes of bytes from broker to client.")  # fmt: skip
@click.option("--blackhole", is_flag=True, help="Accept connections and swallow all.")
@click.option("--refuse", is_flag=True, help="Reset new connections.")
@click.option("--flap", "flap_s", type=click.FloatRange(0.01, 3600), metavar="SECONDS",
              help="Down for so long, up for so long, and so on.")  # fmt: skip
@click.option("--duplicate", type=_SHARE, default=0.0, help="Share of messages that come twice.")
@click.option("--late", type=_SHARE, default=0.0, help="Share of messages that come late.")
@click.option("--late-by", "late_s", type=_SECONDS, default=1.0, show_default=True,
              metavar="SECONDS", help="How late at most.")  # fmt: skip
@click.option("--swap", type=_SHARE, default=0.0, help="Share that changes places with the next.")
@click.option("--replay", type=_SHARE, default=0.0,
              help="Old messages that come again, for each that passes.")  # fmt: skip
@click.option("--topics", multiple=True, default=("*",), show_default=True,
              help="Topics whose messages are troubled, a pattern. May be repeated.")  # fmt: skip
@click.option("--clients", default="*", show_default=True,
              help="Clients that are hit: a pattern of MQTT client identifiers.")  # fmt: skip
@click.option("--script", type=click.Path(path_type=Path), help="Timed steps (YAML or JSON).")
@_seed
@_format
@click.option("--supervised", is_flag=True,
              help="Obey and report in JSON lines on standard input and output.")  # fmt: skip
def proxy(
    listen: tuple[str, int],
    target: tuple[str, int],
    latency_s: float,
    jitter_s: float,
    bytes_per_s: float | None,
    up: Way,
    down: Way,
    blackhole: bool,  # noqa: FBT001 - click passes options by name
    refuse: bool,  # noqa: FBT001 - click passes options by name
    flap_s: float | None,
    duplicate: float,
    late: float,
    late_s: float,
    swap: float,
    replay: float,
    topics: tuple[str, ...],
    clients: str,
    script: Path | None,
    seed: int,
    output: str,
    supervised: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """A TCP proxy in front of a broker, whose link goes wrong. Ends with Ctrl-C."""
    link = LinkStep(
        clients=clients,
        latency_s=latency_s,
        jitter_s=jitter_s,
        bytes_per_s=bytes_per_s,
        up=Way.SWALLOW if blackhole else Way(up),
        down=Way.SWALLOW if blackhole else Way(down),
        is_refused=refuse,
        flap_s=flap_s,
    )
    messages = Messages(
        clients=clients,
        topics=topics,
        duplicate=duplicate,
        late=late,
        late_s=late_s,
        swap=swap,
        replay=replay,
    )
    steps: list[ProxyStep] = [link, messages]
    if script is not None:
        steps += _script(script)
    _run(
        ProxyOptions(
            listen=listen,
            target=target,
            seed=seed,
            steps=steps,
            is_supervised=supervised,
            is_json=output == "json",
        )
    )


@chaos.command()
@click.argument("script", type=click.Path(path_type=Path))
@_listen
@_to
@_seed
@_format
def run(
    script: Path, listen: tuple[str, int], target: tuple[str, int], seed: int, output: str
) -> None:
    """A proxy that obeys a script and ends with its last step."""
    _run(
        ProxyOptions(
            listen=listen,
            target=target,
            seed=seed,
            steps=_script(script),
            ends_with_steps=True,
            is_json=output == "json",
        )
    )


@chaos.command(name="garbage")
@click.option("--count", type=click.IntRange(1, 1_000_000_000), default=10_000, show_default=True)
@click.option("--site", "site_file", type=click.Path(path_type=Path), help="Site document (JSON).")
@click.option("--site-id", help="Identifier of the city, where there is no site document.")
@click.option("--luminaire", "luminaires", multiple=True, metavar="ID",
              help="Whose topics get them, without a site document. May be repeated.")  # fmt: skip
@click.option("--zone", "zones", multiple=True, metavar="ID", help="Like --luminaire.")
@click.option("--broker", default="mqtt://127.0.0.1:1883", show_default=True, metavar="URL")
@click.option("--username", help="User at the broker; beats the URL's.")
@click.option(
    "--password-file", type=click.Path(path_type=Path), help="File with the password, first line."
)
@click.option(
    "--ca-file", type=click.Path(path_type=Path), help="Authority of the broker's certificate."
)
@click.option("--keep", is_flag=True,
              help="Let the broker keep some of them, as a bad device would.")  # fmt: skip
@click.option("--leftovers", "is_leftovers", is_flag=True,
              help="Retained states of an older run instead, which the broker keeps.")  # fmt: skip
@click.option("--stdout", "is_listed", is_flag=True,
              help="Write them as JSON lines instead of sending them.")  # fmt: skip
@_seed
@_format
def send(
    count: int,
    site_file: Path | None,
    site_id: str | None,
    luminaires: tuple[str, ...],
    zones: tuple[str, ...],
    broker: str,
    username: str | None,
    password_file: Path | None,
    ca_file: Path | None,
    keep: bool,  # noqa: FBT001 - click passes options by name
    is_leftovers: bool,  # noqa: FBT001 - click passes options by name
    is_listed: bool,  # noqa: FBT001 - click passes options by name
    seed: int,
    output: str,
) -> None:
    """Bad messages of every kind on the topics of a site; the same for the same seed."""
    targets = _targets(site_file, site_id, luminaires, zones)
    messages: Iterator[Bad]
    if is_leftovers:
        messages = (
            Bad(topic, payload, is_retained=True, reason=Reason.STALE)
            for topic, payload in leftovers(targets, seed)
        )
    else:
        messages = garbage(targets, count, seed)
    if is_listed:
        for bad in messages:
            line = {
                "topic": bad.topic,
                "payload": bad.payload.decode("latin-1"),
                "retained": bad.is_retained,
                "reason": bad.reason.value,
            }
            print(json.dumps(line))
        return
    try:
        address = broker_address(broker, username, password_file, ca_file)
    except OptionWrong as error:
        raise click.UsageError(str(error)) from None
    client_id = f"chaos-{targets.site}"
    try:
        sent = asyncio.run(send_garbage(address, client_id, messages, keeps=keep or is_leftovers))
    except LinkLost as error:
        raise click.ClickException(str(error)) from None
    if output == "json":
        print(json.dumps(sent.say()))
    else:
        rate = sent.count / max(sent.seconds, 1e-9)
        print(f"{sent.count} sent in {sent.seconds:.1f} s, {rate:.0f} a second")
        for reason, number in sorted(sent.by_reason.items()):
            print(f"  {reason:<16}{number}")


def _targets(
    site_file: Path | None, site_id: str | None, luminaires: tuple[str, ...], zones: tuple[str, ...]
) -> Targets:
    if site_file is None:
        if site_id is None or not (luminaires or zones):
            raise click.UsageError("give --site FILE, or --site-id with --luminaire or --zone")
        return Targets(site=site_id, luminaires=luminaires, zones=zones)
    try:
        site = Site.model_validate_json(site_file.read_bytes())
    except OSError as error:
        raise click.ClickException(
            f"site file {str(site_file)!r} cannot be read: {error.strerror}"
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "document"
        raise click.ClickException(
            f"site file {str(site_file)!r}: {field}: {first['msg']}"
        ) from None
    inventory = site.inventory
    return Targets(
        site=site_id or inventory.city.id,
        luminaires=luminaires or [one.id for one in inventory.luminaires],
        zones=zones or [one.id for one in inventory.zones],
        gateways=[one.id for one in inventory.gateways],
        sensors=sorted({one for rule in site.plan.rules for one in rule.sensors}),
    )


def _script(file: Path) -> list[ProxyStep]:
    try:
        return [step for _, step in proxy_steps(file)]
    except ScriptWrong as error:
        raise click.ClickException(str(error)) from None


def _run(options: ProxyOptions) -> None:
    try:
        asyncio.run(run_proxy(options))
    except OSError as error:
        host, port = options.listen
        raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror}") from None


def run_from_shell() -> NoReturn:
    """The commands with one clear line for every expected error."""
    try:
        chaos.main(prog_name="chaos", standalone_mode=False)
    except click.exceptions.Abort:
        _leave("interrupted", 130)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(2)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx is not None else "chaos"
        _leave(f"{error.format_message()} (see '{path} --help')", 2)
    except click.ClickException as error:
        _leave(error.format_message(), error.exit_code)
    except BrokenPipeError:
        sys.exit(1)
    sys.exit(0)


def _leave(message: str, code: int) -> NoReturn:
    click.echo(f"chaos: error: {' '.join(message.split())}", err=True)
    sys.exit(code)
