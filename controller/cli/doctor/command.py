"""The command: every look in turn, one line each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from controller.adapters.machine_time import MachineTime
from controller.adapters.service_socket import RunningService
from controller.cli.doctor import broker, folder, machine
from controller.cli.doctor.finding import Finding, Verdict, fail, ok, warn
from controller.cli.options import TEXT_OR_JSON
from controller.cli.settings_source import (
    DATA_OF_SETTINGS,
    SETTINGS,
    settings_place,
    settings_with,
)
from controller.cli.values import echo_json
from controller.config import Settings
from controller.errors import ConfigurationError, ControllerError
from controller.web.console_files import BUILT


@click.command(short_help="Whether this machine and its settings fit the service.")
@SETTINGS
@DATA_OF_SETTINGS
@TEXT_OR_JSON
def doctor(settings_file: Path | None, data: Path | None, form: str) -> None:
    """Look at everything that a service needs, and say what to do where something is wrong.

    Changes nothing; the service may run meanwhile. 'warn' works today, 'fail' does not. Exit
    code 1 where anything fails.
    """
    found = list(look(settings_file, data))
    if form == "json":
        echo_json([as_dict(one) for one in found])
    else:
        for one in found:
            click.echo(f"{one.verdict.value:<4}  {one.name:<20} {one.detail}")
            if one.advice:
                click.echo(f"{'':<27}-> {one.advice}")
    if any(one.verdict is Verdict.FAIL for one in found):
        raise click.exceptions.Exit(1)


def as_dict(one: Finding) -> dict[str, Any]:
    """As JSON shows it."""
    return {"name": one.name, "verdict": one.verdict.value, "detail": one.detail} | (
        {"advice": one.advice} if one.advice else {}
    )


def look(settings_file: Path | None, data: Path | None) -> Iterator[Finding]:
    """Every look in turn; without settings only those that need none."""
    yield from machine.versions()
    yield from machine.clock(MachineTime())
    try:
        settings = settings_with(settings_file, data, None, None, None)
    except ConfigurationError as error:
        yield fail("settings", str(error), "correct the file (deploy/lamplighter.toml shows all)")
        return
    place = settings_place(settings_file)
    yield ok("settings", "built-in defaults" if place is None else f"{place} is right")
    yield from folder.files(settings)
    yield from folder.signing(settings)
    yield from folder.data_folder(settings.data)
    yield from folder.disk(settings.data)
    yield from folder.store(settings.data)
    yield from _service(settings)
    yield from broker.broker(settings)
    yield from broker.own_certificates(settings)
    yield from machine.console(BUILT, is_served=settings.console.serve)


def _service(settings: Settings) -> Iterator[Finding]:
    try:
        with RunningService.of(settings.data) as service:
            told = None if service is None else service.get("/status")
    except ControllerError as error:
        yield fail("service", str(error), "see its log")
        return
    if told is None:
        yield ok("service", "does not run now")
    elif told["alive"] and told["ready"]:
        yield ok("service", f"runs, {told['role']}, {told['open_alarms']} open alarms")
    else:
        wrong = ", ".join(one["name"] for one in told["checks"] if not one["is_ok"])
        yield warn("service", f"runs and is not ready: {wrong}", "'lamplighter status' says more")
    yield from machine.ports(settings, service_runs=told is not None)
