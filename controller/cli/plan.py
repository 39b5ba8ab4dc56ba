"""``plan``: what a zone will do, night by night, and why; as a table or a picture."""

import io
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

import click
from rich.console import Console
from rich.progress import track

from controller.adapters.output_file import output_file
from controller.adapters.plan_picture import PictureKind, PicturePlan, draw_plan
from controller.cli.plan_rows import ZoneNights, write_csv, write_json, write_text
from controller.cli.site_source import site_options, site_revision
from controller.cli.values import FORMAT, day, echo_csv, echo_json
from schedules import Language, Site, control_day, unknown_years
from schedules.layers import assignment_for
from schedules.night_plan import plan_nights
from schedules.solar import FIRST_YEAR, LAST_YEAR

MAX_NIGHTS = 3660
_ENDINGS = " or ".join(one.value for one in PictureKind)


def _picture_file(_context: click.Context, option: click.Parameter, value: Path | None) -> Any:
    if value is not None and value.suffix.lower() not in set(PictureKind):
        raise click.BadParameter(f"{str(value)!r}: pictures end in {_ENDINGS}", param=option)
    return value


@click.command(short_help="What a zone will do, night by night, with reasons.")
@click.argument("zone", required=False)
@click.option("--zone", "zone_option", help="The zone, as an option.")
@click.option("--all", "is_all", is_flag=True, help="Every zone, one after the other.")
@click.option(
    "--date",
    "first_day",
    type=day,
    help="Control day; the present one unless said.",
)
@click.option("--nights", type=click.IntRange(1, MAX_NIGHTS), default=1, show_default=True)
@click.option("--format", "form", type=FORMAT, help="text unless said.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write there instead of to the screen; '-' is the screen.",
)
@click.option(
    "--picture",
    type=click.Path(path_type=Path),
    metavar="FILE",
    callback=_picture_file,
    help=f"Draw it, as {_ENDINGS}: up to 14 nights as steps, more as a heat map.",
)
@click.option(
    "--lang",
    type=click.Choice([one.value for one in Language]),
    default=Language.ENGLISH.value,
    show_default=True,
    help="Language of the reasons and of the picture.",
)
@site_options
def plan(
    zone: str | None,
    zone_option: str | None,
    is_all: bool,  # noqa: FBT001 - click passes it by name
    first_day: date | None,
    nights: int,
    form: str | None,
    output: Path | None,
    picture: Path | None,
    lang: str,
    site: Site,
) -> None:
    """What ZONE will do on one control day or several.

    Times are local with their offset, and UTC. Overrides are not part of it. Without ZONE
    the zones are listed.

    \b
    A year on the wall:
      lamplighter plan ZONE --date 2026-01-01 --nights 365 --picture year.png
    A week for a machine:
      lamplighter plan ZONE --nights 7 --format csv -o week.csv
    """
    if zone is not None and zone_option is not None:
        raise click.UsageError("give the zone as argument or as --zone, not both")
    zone_id = zone or zone_option
    if is_all and zone_id is not None:
        raise click.UsageError("give a zone or --all, not both")
    if picture is not None and zone_id is None:
        raise click.UsageError("--picture draws one zone: name it, 'lamplighter plan' lists them")
    if zone_id is None and not is_all:
        _echo_zones(site, form or "text")
        return
    first = control_day(datetime.now(UTC), site.time_zone) if first_day is None else first_day
    _check_years(first, nights)
    language = Language(lang)
    revision = site_revision()
    if picture is not None and zone_id is not None:
        _draw(picture, site, zone_id, first, nights, language, revision)
        if form is None and output is None:
            return
    if form == "csv":
        _warn_of_doubt(site, zone_id, first, nights)
    zone_ids = [one.id for one in site.inventory.zones] if zone_id is None else [zone_id]
    planned = _planned(site, zone_ids, first, nights)
    with _opened(output) as out:
        match form:
            case "csv":
                write_csv(out, site, planned, language, has_zone=is_all)
            case "json":
                write_json(out, site, planned, language, revision=revision, has_zone=is_all)
            case _:
                write_text(out, site, planned, language)


def _warn_of_doubt(site: Site, zone_id: str | None, first: date, nights: int) -> None:
    """Say what a table or a picture cannot: which nights hang on holidays not yet known."""
    calendar = None
    if zone_id is not None:
        assignment = assignment_for(site, site.zone(zone_id))
        calendar = None if assignment is None else assignment.calendar
    last = first + timedelta(days=nights - 1)
    for one in unknown_years(site.plan, first, last):
        if zone_id is None or one.calendar == calendar:
            click.echo(
                f"lamplighter: note: calendar {one.calendar}, rule '{one.rule}': holidays are not "
                f"in the data for {one.days} control days from {one.first} on; taken as not met",
                err=True,
            )


def _check_years(first: date, nights: int) -> None:
    if first.year <= FIRST_YEAR or first.year + nights // 366 + 1 >= LAST_YEAR:
        raise click.UsageError(
            f"--date {first}: the sun is computed from {FIRST_YEAR + 1} to {LAST_YEAR - 1}"
        )


def _planned(site: Site, zone_ids: list[str], first: date, nights: int) -> Iterator[ZoneNights]:
    shown: Iterable[str] = zone_ids
    if len(zone_ids) > 1 and sys.stderr.isatty():
        shown = track(zone_ids, "planning", console=Console(stderr=True), transient=True)
    for zone_id in shown:
        yield zone_id, plan_nights(site, zone_id, first, nights)


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    if output is None or str(output) == "-":
        yield sys.stdout
        return
    with output_file(output) as file:
        # The table's own line ends, whatever the system's.
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        yield text
        text.flush()
        text.detach()


def _draw(
    picture: Path,
    site: Site,
    zone_id: str,
    first: date,
    nights: int,
    language: Language,
    revision: int | None,
) -> None:
    planned = tuple(plan_nights(site, zone_id, first, nights))
    kind = PictureKind(picture.suffix.lower())
    shown = PicturePlan(site, site.zone(zone_id), planned, revision)
    content = draw_plan(shown, kind, language)
    with output_file(picture) as out:
        out.write(content)
    _warn_of_doubt(site, zone_id, first, nights)
    click.echo(f"{picture}: {nights} {'night' if nights == 1 else 'nights'} from {first}", err=True)


def _echo_zones(site: Site, form: str) -> None:
    luminaires: dict[str, int] = {}
    for luminaire in site.inventory.luminaires:
        luminaires[luminaire.zone] = luminaires.get(luminaire.zone, 0) + 1
    rows = [
        {
            "zone": zone.id,
            "district": zone.district,
            "category": zone.category.value,
            "luminaires": luminaires.get(zone.id, 0),
            "name": zone.name,
        }
        for zone in site.inventory.zones
    ]
    match form:
        case "csv":
            echo_csv(("zone", "district", "category", "luminaires", "name"), rows)
        case "json":
            echo_json(rows)
        case _:
            for row in rows:
                click.echo(
                    f"{row['zone']:<20} {row['district']:<10} {row['category']:<12} "
                    f"{row['luminaires']:>7} luminaires  {row['name']}"
                )
