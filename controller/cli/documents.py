"""``export``, ``diff``, ``apply``, ``history`` and ``rollback``: documents as files."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date
from math import isfinite
from pathlib import Path
from typing import Any, Final

import click

from controller.adapters.folder import read_folder, write_folder
from controller.adapters.sqlite_file import FILE_NAME
from controller.cli.documents_edit import Outlook, weigh
from controller.cli.documents_report import (
    change_lines,
    history_data,
    history_lines,
    problem_lines,
    use_lines,
)
from controller.cli.editing import Editable, open_for_edit
from controller.cli.options import AUTHOR, DATA, TEXT_OR_JSON, acting_user
from controller.cli.site_source import open_store, site_options
from controller.cli.values import day, echo_json
from controller.errors import ConfigurationError, NoSuchRevision, StoreError
from controller.service.editing.edit_data import change_data, use_data
from controller.service.editing.weighing import Edit
from schedules import Site
from schedules.emission_factors import EmissionFactor
from schedules.files import read_site_files, site_files
from schedules.solar import FIRST_YEAR, LAST_YEAR

MAX_NIGHTS: Final = 3660

_FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
_MESSAGE = click.option("-m", "--message", default="", metavar="TEXT", help="Why, for the history.")
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")


def _outlook_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = (
        click.option(
            "--nights",
            type=click.IntRange(1, MAX_NIGHTS),
            default=366,
            show_default=True,
            help="Nights that energy is reckoned for.",
        ),
        click.option("--from", "first", type=day, help="Their first; tonight unless said."),
        click.option(
            "--co2-g-per-kwh",
            "co2",
            type=click.FloatRange(0, 5000),
            help="CO2 of the grid; unless said the plan's factor in force, in China the "
            "national mean.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _outlook(nights: int, first: date | None, co2: float | None) -> Outlook:
    if first is not None and not FIRST_YEAR < first.year < LAST_YEAR - nights // 365 - 1:
        raise click.UsageError(
            f"--from {first}: the sun is computed from {FIRST_YEAR + 1} to {LAST_YEAR - 1}"
        )
    if co2 is not None and not isfinite(co2):
        raise click.UsageError(f"--co2-g-per-kwh {co2} must be a number of g/kWh, such as 530.6")
    given = "given with --co2-g-per-kwh"
    factor = None if co2 is None else EmissionFactor(id="given", g_per_kwh=co2, source=given)
    return Outlook(first, nights, factor)


@click.command("export", short_help="Write a site's documents to a folder of YAML.")
@_FOLDER
@click.option("--replace", is_flag=True, help="Also where DIR holds files and is no export.")
@TEXT_OR_JSON
@site_options
def export(folder: Path, form: str, site: Site, *, replace: bool) -> None:
    """Write every document of the site to DIR, for review and for 'lamplighter apply'.

    An export that stands in DIR is renewed, all of it or nothing; files that are no
    documents stay.
    """
    files = site_files(site)
    stands_inside = Path.cwd().is_relative_to(folder.resolve())
    written = write_folder(folder, files, replace=replace)
    if stands_inside and any(written):
        click.echo("lamplighter: note: the folder was replaced; 'cd .' takes you to it", err=True)
    if form == "json":
        echo_json({"folder": str(folder), "files": len(files), **written._asdict()})
        return
    if not any(written):
        click.echo(f"{folder}: unchanged, {len(files)} files")
        return
    counts = (
        f"{len(paths)} {what}"
        for what, paths in zip(written._fields, written, strict=True)
        if paths
    )
    click.echo(
        f"{folder}: {len(files)} files of {site.inventory.city.name} with "
        f"{len(site.inventory.luminaires):,} luminaires: {', '.join(counts)}"
    )


@click.command("diff", short_help="What a folder of YAML would change: documents, lamps, kWh, CO2.")
@_FOLDER
@_outlook_options
@TEXT_OR_JSON
@site_options
def diff(
    folder: Path, nights: int, first: date | None, co2: float | None, form: str, site: Site
) -> None:
    """Compare DIR with the site in force and show what applying it would change."""
    outlook = _outlook(nights, first, co2)
    edit = weigh(site, _read(folder, form), outlook, is_proof_wanted=False)
    _finish(edit, form, {"folder": str(folder)})


@click.command("apply", short_help="Put a folder of YAML in force as a new revision.")
@_FOLDER
@DATA
@_MESSAGE
@AUTHOR
@_DRY_RUN
@click.option(
    "--force",
    "unproved_because",
    metavar="REASON",
    help="Apply even where the proof fails; the reason goes into the history.",
)
@_outlook_options
@TEXT_OR_JSON
def apply(
    *,
    folder: Path,
    data: Path,
    message: str,
    author: str | None,
    dry_run: bool,
    unproved_because: str | None,
    nights: int,
    first: date | None,
    co2: float | None,
    form: str,
) -> None:
    """Check DIR, show what it changes, prove the coming year, and put it in force.

    Inventory and plan change together or not at all. Applying the same folder again makes
    no new revision.
    """
    outlook = _outlook(nights, first, co2)
    reason = None if unproved_because is None else " ".join(unproved_because.split())
    if reason == "":
        raise click.UsageError("--force needs a reason, such as --force 'road works until May'")
    after = _read(folder, form)
    told: dict[str, Any] = {"folder": str(folder)}
    with _store(data, dry_run=dry_run) as store:
        edit = weigh(_in_force(store), after, outlook, is_proof_wanted=True)
        is_refused = edit.is_unproved and reason is None
        if store is None or dry_run or is_refused or not edit.change.documents:
            outcome, number = _untouched(edit, store, dry_run=dry_run, is_refused=is_refused)
        else:
            comment = " ".join(message.split())
            if edit.is_unproved:
                comment = f"{comment} (unproved: {reason})".strip()
            number = store.save_site(after, author=author or acting_user(), comment=comment)
            outcome = f"revision {number} is in force"
    _finish(edit, form, {**told, "revision": number}, outcome)
    if is_refused:
        raise click.exceptions.Exit(1)


@click.command("history", short_help="Every revision of the documents.")
@DATA
@TEXT_OR_JSON
def history(data: Path, form: str) -> None:
    """List the revisions, the newest first: when, who, why."""
    with open_store(data, read_only=True) as store:
        revisions = store.revisions()
        if form == "json":
            echo_json(history_data(revisions))
            return
        site = _in_force(store)
    for line in history_lines(revisions, UTC if site is None else site.time_zone):
        click.echo(line)


@click.command("rollback", short_help="Put an old revision in force again, as a new one.")
@click.argument("revision", type=click.IntRange(min=1))
@DATA
@_MESSAGE
@AUTHOR
@_DRY_RUN
@_outlook_options
@TEXT_OR_JSON
def rollback(
    *,
    revision: int,
    data: Path,
    message: str,
    author: str | None,
    dry_run: bool,
    nights: int,
    first: date | None,
    co2: float | None,
    form: str,
) -> None:
    """Put the documents of REVISION in force again, as a new revision.

    The way back is never barred: where the proof fails it says so and goes on.
    """
    outlook = _outlook(nights, first, co2)
    if not (data / FILE_NAME).is_file():
        raise ConfigurationError(f"data folder {str(data)!r} holds no documents")
    with _editable(data, dry_run=dry_run) as store:
        after = store.load_site(revision)
        if after is None:
            raise NoSuchRevision(f"revision {revision} holds no inventory")
        edit = weigh(_in_force(store), after, outlook, is_proof_wanted=True)
        if dry_run or not edit.change.documents:
            outcome, number = _untouched(edit, store, dry_run=dry_run, is_refused=False)
        else:
            comment = " ".join(message.split())
            number = store.rollback(revision, author=author or acting_user(), comment=comment)
            outcome = f"revision {number} is in force: revision {revision} again"
    _finish(edit, form, {"restores": revision, "revision": number}, outcome)


# Output


def _untouched(
    edit: Edit, store: Editable | None, *, dry_run: bool, is_refused: bool
) -> tuple[str, int | None]:
    """Why nothing was saved, and the revision that stays in force."""
    kept = [] if store is None else store.revisions()
    number = kept[-1].number if kept else None
    if not edit.change.documents:
        said = "what is in force" if number is None else f"revision {number}"
        return f"nothing to change: {said} says the same", number
    if is_refused:
        return (
            "refused, nothing changed: the proof fails; mend the nights above, "
            "or give --force REASON",
            number,
        )
    return ("dry run: nothing changed" if dry_run else "nothing changed"), number


def _finish(edit: Edit, form: str, told: dict[str, Any], outcome: str | None = None) -> None:
    if form == "json":
        echo_json(
            {
                **told,
                "outcome": outcome,
                **change_data(edit.change),
                "forecast": None if edit.forecasts is None else use_data(edit.forecasts),
                "proof": None if edit.proof is None else edit.proof.as_dict(),
            }
        )
        return
    if edit.change.documents:
        for line in change_lines(edit.change):
            click.echo(line)
    elif outcome is None:
        click.echo("no difference")
    if edit.forecasts is not None:
        for line in use_lines(edit.after, edit.forecasts):
            click.echo(line)
    if edit.proof is not None:
        click.echo(edit.proof.text())
    if outcome is not None:
        click.echo(outcome)


# Input


class DocumentsWrong(ConfigurationError):
    """The documents of a folder do not hold; each problem was told already."""


def _read(folder: Path, form: str) -> Site:
    """The site that a folder describes; tells every problem and raises `DocumentsWrong`."""
    held = read_folder(folder)
    for name in held.others:
        click.echo(f"lamplighter: note: {folder / name} is no document and is not read", err=True)
    read = read_site_files(held.files)
    if read.site is None:
        if form == "json":
            problems = [one._asdict() for one in read.problems]
            echo_json({"folder": str(folder), "problems": problems})
        else:
            for line in problem_lines(folder, read.problems):
                click.echo(line, err=True)
        count = len(read.problems)
        raise DocumentsWrong(
            f"{folder}: {count:,} {'problem' if count == 1 else 'problems'}; nothing changed"
        )
    return read.site


def _in_force(store: Editable | None) -> Site | None:
    """The site in force; None where there is none, or none that can be read.

    What cannot be read must not bar what replaces it.
    """
    if store is None:
        return None
    try:
        return store.load_site()
    except StoreError as error:
        reason = " ".join(str(error).split())
        click.echo(f"lamplighter: note: {reason}; it counts as nothing", err=True)
        return None


@contextmanager
def _store(data: Path, *, dry_run: bool) -> Iterator[Editable | None]:
    """The documents, for reading alone in a dry run; None where a dry run finds none."""
    if dry_run and not (data / FILE_NAME).is_file():
        yield None
        return
    with _editable(data, dry_run=dry_run) as store:
        yield store


@contextmanager
def _editable(data: Path, *, dry_run: bool) -> Iterator[Editable]:
    if dry_run:
        with open_store(data, read_only=True) as store:
            yield store
    else:
        with open_for_edit(data) as editable:
            yield editable
