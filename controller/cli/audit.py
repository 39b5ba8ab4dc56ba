"""``audit``: who did what, and whether the log of it is whole."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from controller.adapters.output_file import output_file
from controller.cli.options import DATA, TEXT_OR_JSON
from controller.cli.values import FORMAT, echo_csv, echo_json, plain, site_instant
from controller.data_folder import open_store
from controller.ports.people import AuditRow
from controller.service.people import Audit
from controller.service.people.audit import OUTCOMES, Wanted

_FIELDS = ("number", "at", "actor", "via", "address", "action", "subject", "outcome", "detail")


@click.group(short_help="Who did what, and whether the log is whole.")
def audit() -> None:
    """The audit log: every action and every refusal, chained by hashes.

    docs/access.md tells what stands in it, and what the chain proves.
    """


@audit.command("list", short_help="Lines of the log, the newest first.")
@click.option("--actor", help="Only what this user did.")
@click.option("--action", help="Only actions with these words in their name.")
@click.option("--outcome", type=click.Choice(OUTCOMES), help="Only such.")
@click.option("--from", "since", metavar="INSTANT", help="From this instant on; site time, or ...Z")
@click.option("--to", "until", metavar="INSTANT", help="Before this instant.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@DATA
@click.option("--format", "form", type=FORMAT, default="text", show_default=True)
def list_lines(
    actor: str | None,
    action: str | None,
    outcome: str | None,
    since: str | None,
    until: str | None,
    limit: int,
    data: Path,
    form: str,
) -> None:
    """Who did what, from where, and what came of it; instants in UTC."""
    with _log(data) as (log, zone):
        begin, end = (
            None if text is None else site_instant(text, zone, option).timestamp()
            for text, option in ((since, "--from"), (until, "--to"))
        )
        rows = log.newest(None, limit, Wanted(actor, action, outcome, begin, end))
    if form == "json":
        echo_json([_data(row) for row in rows])
    elif form == "csv":
        echo_csv(list(_FIELDS), ({name: _data(row)[name] for name in _FIELDS} for row in rows))
    for row in rows if form == "text" else []:
        who = f"{row.actor or '-'} ({row.via}{', ' + row.address if row.address else ''})"
        about = f"{row.action} {row.subject}".strip()
        detail = "" if row.detail == "{}" else f"  {row.detail}"
        click.echo(
            plain(f"{row.number:>6}  {_utc(row.at)}  {row.outcome:<7}  {who}  {about}{detail}")
        )
    if not rows and form == "text":
        click.echo("No such lines.")


@audit.command(short_help="Whether the log is whole.")
@click.option("--head", metavar="HASH", help="Head of an earlier walk, kept elsewhere.")
@DATA
@TEXT_OR_JSON
def verify(head: str | None, data: Path, form: str) -> None:
    """Walk the whole chain. Exit code 1 where it is broken; says the first broken line.

    Keep the head that it prints on another machine: with --head it also finds a log that
    somebody with all rights in the data folder made anew.
    """
    if head is not None and not (len(head) == 64 and set(head.lower()) <= set("0123456789abcdef")):
        raise click.BadParameter(
            f"{head!r} is no head: 64 hexadecimal digits, as 'lamplighter audit verify' prints",
            param_hint="--head",
        )
    with _log(data) as (log, _):
        found = log.verify(head)
    broken = found.broken
    if form == "json":
        echo_json(
            {
                "is_whole": broken is None,
                "lines": found.lines,
                "head": found.head,
                "broken_at": None if broken is None else broken.number,
                "why": "" if broken is None else broken.why,
                "cuts": list(found.cuts),
            }
        )
    elif broken is None:
        click.echo(f"The audit log is whole: {found.lines:,} lines, head {found.head}")
    else:
        click.echo(f"The audit log is BROKEN at line {broken.number}: {broken.why}")
        click.echo(f"{found.lines:,} lines before it hold.")
    for number in found.cuts if form == "text" else ():
        click.echo(f"Line {number} says that the log had been found cut before it.")
    if broken is not None:
        raise click.exceptions.Exit(1)


@audit.command(short_help="The whole log, for keeping elsewhere.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@DATA
def export(file: Path | None, data: Path) -> None:
    """Write every line with its hash into FILE, or to standard output: JSON, one a line."""
    with _log(data) as (log, _):
        lines = (f"{_line(row)}\n".encode() for row in log.oldest())
        if file is None:
            # Whatever the terminal's encoding: the file that it goes into is JSON, so UTF-8.
            sys.stdout.buffer.writelines(lines)
            sys.stdout.buffer.flush()
            return
        with output_file(file) as out:
            out.writelines(lines)


@contextmanager
def _log(data: Path) -> Iterator[tuple[Audit, Any]]:
    with open_store(data, read_only=True) as store:
        if not store.has_people():
            raise click.ClickException(
                f"the store in {str(data)!r} is of an earlier version and has no audit log: "
                "'lamplighter run' brings it up to date"
            )
        site = store.load_site()
        yield Audit(store.people(), time.time), UTC if site is None else site.time_zone


def _data(row: AuditRow) -> dict[str, Any]:
    return {
        **row._asdict(),
        "at": f"{datetime.fromtimestamp(row.at, UTC).isoformat(timespec='milliseconds')[:-6]}Z",
        "hash": row.hash.hex(),
    }


def _line(row: AuditRow) -> str:
    """As the hash was made: instants in Unix seconds."""
    return json.dumps({**row._asdict(), "hash": row.hash.hex()}, ensure_ascii=False)


def _utc(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}Z"
