"""``status`` and ``clock``: words with the service that runs on a data folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from controller.adapters.service_socket import RunningService
from controller.cli.options import DATA, TEXT_OR_JSON, acting_user
from controller.cli.values import echo_json
from controller.errors import ControllerError


@contextmanager
def _service(data: Path) -> Iterator[RunningService]:
    with RunningService.of(data) as service:
        if service is None:
            raise ControllerError(f"no service runs on data folder {str(data)!r}")
        yield service


@click.command(short_help="How the running service stands.")
@DATA
@TEXT_OR_JSON
def status(data: Path, form: str) -> None:
    """Role, broker, programs, clock and store of the running service, each with its detail.

    Exit code 1 where no service runs, or one that is not ready.
    """
    with _service(data) as service:
        told = service.get("/status")
    is_well = bool(told["alive"] and told["ready"])
    if form == "json":
        echo_json(told)
    else:
        how = "in control" if is_well and told["role"] == "active" else "ready to take over"
        click.echo(
            f"{told['city']}: {told['luminaires']:,} luminaires in {told['zones']:,} zones, "
            f"{how if is_well else 'NOT READY'}"
        )
        for check in told["checks"]:
            click.echo(
                f"  {'ok ' if check['is_ok'] else 'NOT'}  {check['name']:<12} {check['detail']}"
            )
        count = told["open_alarms"]
        click.echo(f"  {count} open alarms" + ("; see 'lamplighter alarms'" if count else ""))
    if not is_well:
        raise click.exceptions.Exit(1)


@click.group(short_help="The clock of the running service.")
def clock() -> None:
    """The service distrusts a clock that jumps; docs/clock.md says when and why."""


@clock.command(short_help="Say that the machine's clock is right.")
@DATA
@TEXT_OR_JSON
def accept(data: Path, form: str) -> None:
    """Vouch for the machine's clock as it shows now; look at it first."""
    with _service(data) as service:
        outcome = service.post("/clock/accept", {"author": acting_user()})["outcome"]
    if form == "json":
        echo_json({"outcome": outcome})
    else:
        click.echo(outcome)
