"""``lamplighter``: the command group and how errors reach the user.

Exit codes: 0 it worked, 1 it ran and found something wrong, 2 usage.
"""

import os
import sys
from importlib import import_module
from importlib.metadata import version
from typing import NoReturn

import click

from controller.errors import ControllerError
from schedules.errors import SchedulesError
from zones.errors import ZonesError

_COMMANDS = {
    "controller.cli.demo": ("demo",),
    "controller.cli.run": ("run",),
    "controller.cli.simulate": ("simulate",),
    "controller.cli.chaos": ("chaos",),
    "controller.cli.inventory": ("inventory",),
    "controller.cli.schedule": ("sun", "plan", "explain"),
    "controller.cli.prove": ("prove",),
    "controller.cli.report": ("report",),
    "controller.cli.backup": ("backup", "restore"),
    "controller.cli.doctor.command": ("doctor",),
    "controller.cli.support_bundle": ("support-bundle",),
    "controller.cli.users": ("users",),
    "controller.cli.audit": ("audit",),
    "controller.cli.documents": ("export", "diff", "apply", "history", "rollback"),
    "controller.cli.override": ("override",),
    "controller.cli.alarms": ("alarms",),
    "controller.cli.live": ("status", "clock"),
    "controller.cli.pki": ("pki",),
    "controller.cli.broker": ("broker",),
    "controller.cli.bench.command": ("bench",),
}
"""The commands by the module that holds them: only what is asked for is loaded."""

_MODULE_OF = {name: module for module, names in _COMMANDS.items() for name in names}


class _Commands(click.Group):
    """A group whose commands are loaded when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_MODULE_OF)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = _MODULE_OF.get(cmd_name)
        if module is None:
            return None
        command = getattr(import_module(module), cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(version("lamplighter"), "--version", "-V", message="%(prog)s %(version)s")
def cli() -> None:
    """Smart street lighting: the right light at the right time, and an account of the savings.

    Start with 'lamplighter demo': a simulated city, one night in about two minutes.
    """


def main() -> None:
    """Entry of the ``lamplighter`` script: one clear line for every expected error."""
    try:
        try:
            code = cli.main(prog_name="lamplighter", standalone_mode=False)
            sys.stdout.flush()
        except BaseExceptionGroup as group:
            # Tasks that failed together: the first reason is the one to tell.
            raise _first(group) from None
    except click.exceptions.Abort:
        _leave("interrupted", 130)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(2)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx is not None else "lamplighter"
        _leave(f"{error.format_message()} (see '{path} --help')", 2)
    except click.ClickException as error:
        _leave(error.format_message(), error.exit_code)
    except (ControllerError, SchedulesError, ZonesError) as error:
        _leave(str(error), 1)
    except BrokenPipeError:
        # The reader of our output has left, as `head` does. Keep the interpreter from
        # complaining about it when it closes the stream.
        _drop_output()
        sys.exit(1)
    except OSError as error:
        # A full disk, most likely: what was to be written there is not to be had again.
        _drop_output()
        where = f"{error.filename!r}: " if error.filename else "output: "
        _leave(f"{where}{error.strerror or error}", 1)
    sys.exit(code if isinstance(code, int) else 0)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first error of a group that is no group itself."""
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


def _drop_output() -> None:
    """Let nothing more go to standard output, and nothing fail for it at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _leave(message: str, code: int) -> NoReturn:
    line = " ".join(message.split())
    click.echo(f"lamplighter: error: {line}", err=True)
    sys.exit(code)
