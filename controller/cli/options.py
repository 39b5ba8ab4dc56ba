"""Options that several commands take, and who acts."""

import getpass
from pathlib import Path

import click

from controller.cli.site_source import DEFAULT_DATA

DATA = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_DATA,
    show_default=True,
    help="Data folder of the service, which may be running.",
)
TEXT_OR_JSON = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
AUTHOR = click.option(
    "--author", help="Who, for the history; the user of this machine if not said."
)


def acting_user() -> str:
    """Who acts, by the name of this machine's user; empty where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
