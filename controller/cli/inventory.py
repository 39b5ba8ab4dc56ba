"""``lamplighter inventory``: import, check and export of what is on the street."""

import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from controller.cli.inventory_report import json_report, rejects_csv, text_report
from controller.cli.options import DATA
from controller.cli.site_source import DEFAULT_DATA
from zones import Inventory, NothingToImport, OptionWrong, ZonesError, demo_inventory
from zones.inventory import (
    Box,
    Field,
    ImportOptions,
    ImportResult,
    read_inventory,
    to_csv,
    to_geojson,
)
from zones.inventory.text import MAX_BYTES, too_large


class FileUnreadable(ZonesError):
    """The operating system does not hand out the file."""


class InventoryInTheWay(ZonesError):
    """The data folder has an inventory already."""


@click.group()
def inventory() -> None:
    """Import, check and export the inventory: CSV, GeoJSON."""


def _import_options(command: Callable[..., Any]) -> Callable[..., Any]:
    fields = ", ".join(Field)
    options: tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...] = (
        click.argument("file", type=click.Path(path_type=Path)),
        click.option(
            "--map",
            "mapping",
            multiple=True,
            metavar="FIELD=COLUMN",
            help=f"Read FIELD from COLUMN; 'FIELD=' leaves it out. Repeatable. Fields: {fields}.",
        ),
        click.option(
            "--crs",
            metavar="EPSG:N",
            help="Reference system of the coordinates, such as EPSG:3857; degrees unless said.",
        ),
        click.option("--encoding", help="Encoding of the file; found out unless said."),
        click.option(
            "--bbox",
            "--city-bbox",
            "box",
            metavar="W,S,E,N",
            help="Box of the city in degrees; points outside are rejected.",
        ),
        click.option(
            "--rejects",
            "rejects_file",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Write every rejected row to this CSV file.",
        ),
        click.option(
            "--format",
            "output",
            type=click.Choice(["text", "json"]),
            default="text",
            show_default=True,
            help="What standard output is.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@inventory.command("import")
@_import_options
@click.option("--dry-run", is_flag=True, help="Report only; nothing is stored.")
@click.option("--tz", "time_zone", help="The city's time zone, such as Asia/Shanghai.")
@click.option("--city-id", help="Identifier of the city: letters, digits, _ and -.")
@click.option("--city-name", help="The city's name.")
@DATA
@click.option("--replace", is_flag=True, help="Replace the inventory that is there, wholly.")
def import_(
    *,
    file: Path,
    mapping: tuple[str, ...],
    crs: str | None,
    encoding: str | None,
    box: str | None,
    rejects_file: Path | None,
    output: str,
    dry_run: bool,
    time_zone: str | None,
    city_id: str | None,
    city_name: str | None,
    data: Path,
    replace: bool,
) -> None:
    """Import FILE: good rows are stored together, each rejected row is told with its reason."""
    options = _options(mapping, crs, encoding, box)
    _refuse_own_input(file, rejects_file)
    result = _read(file, options)
    document: Inventory | None = None
    if result.luminaires:
        if time_zone is None and result.city is None:
            if not dry_run:
                raise click.UsageError(
                    "--tz is missing: the city's time zone, such as Asia/Shanghai"
                )
            time_zone = "UTC"  # stored nowhere; lets a dry run check all the rest
        document = result.to_inventory(time_zone=time_zone, city_id=city_id, city_name=city_name)
    revision: int | None = None
    if rejects_file is not None:
        _write(rejects_file, rejects_csv(result.rejects))
    if document is not None and not dry_run:
        revision = _store(document, data, replace=replace)
    _report(
        file,
        result,
        output,
        stored=revision is not None,
        dry_run=dry_run,
        rejects_file=rejects_file,
    )
    if not result.luminaires:
        raise NothingToImport(f"{file}: none of the {result.rows} rows can be imported")


@inventory.command("check")
@_import_options
def check(
    *,
    file: Path,
    mapping: tuple[str, ...],
    crs: str | None,
    encoding: str | None,
    box: str | None,
    rejects_file: Path | None,
    output: str,
) -> None:
    """Check FILE like import --dry-run; exit code 1 where any row is rejected."""
    options = _options(mapping, crs, encoding, box)
    _refuse_own_input(file, rejects_file)
    result = _read(file, options)
    if rejects_file is not None:
        _write(rejects_file, rejects_csv(result.rejects))
    _report(file, result, output, stored=False, dry_run=True, rejects_file=rejects_file)
    if result.rejects or not result.luminaires:
        raise click.exceptions.Exit(1)


@inventory.command("export")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Data folder of the service; {DEFAULT_DATA} unless said.",
)
@click.option(
    "--demo",
    type=click.IntRange(1, 1_000_000),
    metavar="N",
    help="The synthetic Beijing with N luminaires.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of the demo city."
)
@click.option(
    "--format",
    "output",
    type=click.Choice(["csv", "geojson", "json"]),
    default="csv",
    show_default=True,
    help="json is the whole inventory document, and the only lossless one.",
)
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(path_type=Path),
    help="File to write; standard output unless said.",
)
def export(
    *, data: Path | None, demo: int | None, seed: int, output: str, target: Path | None
) -> None:
    """Export the stored inventory, or the demo city, so that an import gives it again."""
    if data is not None and demo is not None:
        raise click.UsageError("give one of --data and --demo")
    held = demo_inventory(demo, seed=seed) if demo is not None else _stored(data or DEFAULT_DATA)
    match output:
        case "csv":
            text = to_csv(held)
        case "geojson":
            text = to_geojson(held)
        case _:
            text = held.model_dump_json(indent=1) + "\n"
    if target is None:
        click.echo(text.encode(), nl=False)
    else:
        _write(target, text.encode())
        click.echo(f"{target}: {len(held.luminaires):,} luminaires of {held.city.name}", err=True)


# Input


def _options(
    mapping: tuple[str, ...], crs: str | None, encoding: str | None, box: str | None
) -> ImportOptions:
    told: dict[str, str] = {}
    for each in mapping:
        name, separator, column = each.partition("=")
        if not separator or not name.strip():
            raise click.UsageError(f"--map {each!r}: must be FIELD=COLUMN, such as wattage=Watts")
        if name.strip() in told:
            raise click.UsageError(f"--map {each!r}: field {name.strip()!r} is mapped twice")
        told[name.strip()] = column.strip()
    return ImportOptions(mapping=told, crs=crs, encoding=encoding, box=_box(box))


def _box(text: str | None) -> Box | None:
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise click.UsageError(
            f"--bbox {text!r}: must be west,south,east,north, such as 115.4,39.4,117.6,41.1"
        ) from error
    return Box(west, south, east, north)


def _refuse_own_input(file: Path, target: Path | None) -> None:
    """Raise `click.UsageError` where what is to be written is the file that is to be read."""
    try:
        is_same = target is not None and file.samefile(target)
    except (OSError, ValueError):
        return  # one of them does not exist; whoever opens it says so
    if is_same:
        raise click.UsageError(
            f"--rejects {str(target)!r}: is the file to be read and would be overwritten; "
            "name another file"
        )


def _read(file: Path, options: ImportOptions) -> ImportResult:
    try:
        if file.is_dir():
            raise FileUnreadable(f"{file}: is a folder; name the file in it")
        there = file.stat()
        if stat.S_ISCHR(there.st_mode) or stat.S_ISBLK(there.st_mode):
            raise FileUnreadable(f"{file}: is a device; name a file")
        if there.st_size > MAX_BYTES:
            raise FileUnreadable(f"{file}: {too_large(f'{there.st_size:,} bytes')}")
        with file.open("rb") as opened:
            # A pipe tells no size and may never end.
            data = opened.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise FileUnreadable(f"{file}: {too_large(f'more than {MAX_BYTES:,} bytes')}")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FileUnreadable(f"{file}: cannot be read: {reason}") from error
    try:
        with _progress() as progress:
            return read_inventory(data, options, progress)
    except OptionWrong:
        raise
    except ZonesError as error:
        raise type(error)(f"{file}: {error}") from error


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error where that is a terminal; nothing else is written."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda doing, done, total: None
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:3.0f}%"),
        console=console, transient=True,
    ) as bar:  # fmt: skip
        task = bar.add_task("reading", total=1)

        def show(doing: str, done: int, total: int) -> None:
            bar.update(task, description=doing, completed=done, total=max(total, 1))

        yield show


def _store(document: Inventory, data: Path, *, replace: bool) -> int:
    # Imported here: a dry run needs no store.
    from controller.cli.editing import open_for_edit

    with open_for_edit(data) as store:
        site = store.load_site()
        if site is not None and not replace:
            there = site.inventory
            raise InventoryInTheWay(
                f"data folder {str(data)!r} holds {there.city.name!r} with "
                f"{len(there.luminaires):,} "
                "luminaires already; --replace puts this one in its place"
            )
        return store.save_inventory(document)


def _stored(data: Path) -> Inventory:
    from controller.cli.site_source import open_store

    with open_store(data, read_only=True) as store:
        site = store.load_site()
    if site is None:
        raise NothingToImport(
            f"data folder {str(data)!r} holds no inventory; 'lamplighter inventory "
            "import' puts one there"
        )
    return site.inventory


# Output


def _write(target: Path, content: bytes) -> None:
    try:
        target.write_bytes(content)
    except OSError as error:
        raise FileUnreadable(f"{target}: cannot be written: {error.strerror}") from error


def _report(
    file: Path,
    result: ImportResult,
    output: str,
    *,
    stored: bool,
    dry_run: bool,
    rejects_file: Path | None,
) -> None:
    if output == "json":
        click.echo(json_report(file, result, stored=stored, dry_run=dry_run))
        return
    for line in text_report(
        file, result, stored=stored, dry_run=dry_run, rejects_file=rejects_file
    ):
        click.echo(line)
