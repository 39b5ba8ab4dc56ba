"""``lamplighter``: the command group and how errors reach the user.

Exit codes: 0 it worked, 1 it ran and found something wrong, 2 usage.
"""

import os
import sys
from importlib.metadata import version
from typing import NoReturn

import click

from controller.cli.alarms import alarms
from controller.cli.audit import audit
from controller.cli.backup import backup, restore
from controller.cli.bench.command import bench
from controller.cli.broker import broker
from controller.cli.chaos import chaos
from controller.cli.demo import demo
from controller.cli.doctor.command import doctor
from controller.cli.documents import apply, diff, export, history, rollback
from controller.cli.inventory import inventory
from controller.cli.live import clock, status
from controller.cli.override import override
from controller.cli.pki import pki
from controller.cli.prove import prove
from controller.cli.report import report
from controller.cli.run import run
from controller.cli.schedule import explain, plan, sun
from controller.cli.simulate import simulate
from controller.cli.support_bundle import support_bundle
from controller.cli.users import users
from controller.errors import ControllerError
from schedules.errors import SchedulesError
from zones.errors import ZonesError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version("lamplighter"), "--version", "-V", message="%(prog)s %(version)s")
def cli() -> None:
    """Smart street lighting: the right light at the right time, and an account of the savings.

    Start with 'lamplighter demo': a simulated city, one night in about two minutes.
    """


for command in (
    *(demo, run, simulate, chaos, inventory, sun, plan, explain, prove, report),
    *(backup, restore, doctor, support_bundle, users, audit),
    *(export, diff, apply, history, rollback, override, alarms, status, clock, pki, broker, bench),
):
    cli.add_command(command)


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
