"""``lamplighter chaos``: hands over to the simulator's chaos kit, a program of its own."""

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
def chaos(arguments: tuple[str, ...]) -> None:
    """Let links and messages go wrong on purpose ('chaos --help' lists its commands)."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "simulator.chaos", *arguments])
