"""``lamplighter simulate``: hands over to the simulator, a program of its own."""

import os
import sys
from pathlib import Path

import click

from controller.data_folder import no_inventory, open_store
from controller.errors import ConfigurationError

SITE_FILE = "site.json"


@click.command(
    context_settings={
        "ignore_unknown_options": True,
        "allow_extra_args": True,
        "help_option_names": [],
    },
    add_help_option=False,
)
@click.option("--data", type=click.Path(path_type=Path))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def simulate(data: Path | None, arguments: tuple[str, ...]) -> None:
    """A fleet of luminaires against any broker ('simulate --help' lists its options)."""
    if data is not None:
        arguments = ("--site", str(_site_file(data)), *arguments)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "simulator", *arguments])


def _site_file(data: Path) -> Path:
    """The data folder's city as a site document: all that the simulator may know of us."""
    with open_store(data, read_only=True) as store:
        site = store.load_site()
    if site is None:
        raise ConfigurationError(no_inventory(data))
    file = data / SITE_FILE
    try:
        file.write_text(site.model_dump_json(), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"site file {str(file)!r}: {error.strerror}") from error
    return file
