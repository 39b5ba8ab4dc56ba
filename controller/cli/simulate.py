"""``lamplighter simulate``: hands over to the simulator, a program of its own."""

import os
import sys

import click


@click.command(
    context_settings={
        "ignore_unknown_options": True,
        "allow_extra_args": True,
        "help_option_names": [],
    },
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def simulate(arguments: tuple[str, ...]) -> None:
    """A fleet of luminaires against any broker ('simulate --help' lists its options)."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "simulator", *arguments])
