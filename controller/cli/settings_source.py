"""Where a command takes the service's settings from."""

from pathlib import Path
from typing import Final

import click
from pydantic import ValidationError

from controller.config import ConsoleSettings, Settings, read_settings

DEFAULT_SETTINGS: Final = Path("lamplighter.toml")

SETTINGS = click.option(
    "--config",
    "settings_file",
    type=click.Path(path_type=Path),
    help="Settings file; lamplighter.toml unless said, built-in defaults where there is none.",
)
DATA_OF_SETTINGS = click.option(
    "--data", type=click.Path(path_type=Path), help="Data folder, instead of the settings'."
)


def settings_place(file: Path | None) -> Path | None:
    """The settings file that is read; None where defaults serve."""
    if file is None and DEFAULT_SETTINGS.is_file():
        return DEFAULT_SETTINGS
    return file


def settings_with(
    file: Path | None,
    data: Path | None,
    broker: str | None,
    http: str | None,
    console: str | None,
) -> Settings:
    """The settings of a file with what a command line says instead.

    Without a file the one that lies here, or built-in defaults where there is none.
    """
    found = settings_place(file)
    settings = Settings() if found is None else read_settings(found)
    update: dict[str, object] = {}
    if data is not None:
        update["data"] = data
    if broker is not None:
        update["broker"] = settings.broker.model_copy(update={"url": broker})
    if http is not None:
        host, port = _address(http, "--http", "127.0.0.1:9464")
        update["web"] = settings.web.model_copy(update={"host": host, "port": port})
    if console is not None:
        update["console"] = _console(settings.console, console)
    return settings.model_copy(update=update)


def _console(settings: ConsoleSettings, asked: str) -> ConsoleSettings:
    if asked == "off":
        return settings.model_copy(update={"serve": False})
    host, port = _address(asked, "--console", "127.0.0.1:8080, or off")
    try:
        return ConsoleSettings(**{**settings.model_dump(), "host": host, "port": port})
    except ValidationError as error:
        why = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise click.BadParameter(why, param_hint="--console") from error


def _address(text: str, option: str, example: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65_535:
        raise click.BadParameter(f"{text!r} is not HOST:PORT, such as {example}", param_hint=option)
    return host.strip("[]") or "127.0.0.1", int(port)
