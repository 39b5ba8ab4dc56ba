"""``sun``: when the sun rises and sets at a place."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import click

from controller.cli.values import FORMAT, day, degrees, echo_csv, echo_json, iana_zone, utc_text
from schedules import Direction, Place, crossing, solar_date_of, solar_noon
from schedules.solar import (
    CIVIL_ELEVATION,
    FIRST_YEAR,
    LAST_YEAR,
    SUNRISE_ELEVATION,
    Crossing,
)

_SUN_EVENTS = ("sunrise", "sunset", "civil_dusk", "civil_dawn", "dusk", "dawn", "noon")
_MAX_YEARS = 100
_DAY = timedelta(days=1)


@click.command(short_help="Sun events of a place.")
@click.option(
    "--lat", type=degrees(90), metavar="DEGREES", required=True, help="Latitude, degrees north."
)
@click.option(
    "--lon", type=degrees(180), metavar="DEGREES", required=True, help="Longitude, degrees east."
)
@click.option(
    "--tz",
    type=iana_zone,
    metavar="ZONE",
    default="UTC",
    show_default=True,
    help="IANA time zone; it decides which date a solar noon has.",
)
@click.option("--from", "since", type=day, metavar="DATE", required=True, help="First local date.")
@click.option(
    "--to", "until", type=day, metavar="DATE", help="Last local date; the first unless said."
)
@click.option(
    "--event",
    "events",
    type=click.Choice(_SUN_EVENTS),
    multiple=True,
    help="May be given several times; sunrise and sunset unless said.",
)
@click.option(
    "--elevation",
    type=degrees(90),
    metavar="DEGREES",
    help="Of the sun's centre at dusk and dawn, degrees without refraction; -6 unless said.",
)
@click.option("--format", "form", type=FORMAT, default="text", show_default=True)
def sun(
    lat: float,
    lon: float,
    tz: ZoneInfo,
    since: date,
    until: date | None,
    events: tuple[str, ...],
    elevation: float | None,
    form: str,
) -> None:
    """Sun events of a place, to the second, in UTC.

    DATE is the local date of the solar noon that the event belongs to: a rising lies in
    the half-day before it, a setting in the half-day after. Where the sun does not pass
    the elevation, UTC is empty and STATUS is polar_day or polar_night. A date that the
    time zone skipped has no row.
    """
    first, last = since, until or since
    if first > last:
        raise click.UsageError(f"--from {first} is after --to {last}")
    if first.year <= FIRST_YEAR or last.year >= LAST_YEAR:
        raise click.UsageError(
            f"{first} to {last}: the sun is computed from {FIRST_YEAR + 1} to {LAST_YEAR - 1}"
        )
    if last - first > timedelta(days=366 * _MAX_YEARS):
        raise click.UsageError(f"{first} to {last} is longer than {_MAX_YEARS} years")
    if elevation is not None and events and not {"dusk", "dawn"} & set(events):
        raise click.UsageError("--elevation goes with --event dusk or --event dawn")
    asked = events or (("sunrise", "sunset") if elevation is None else ("dawn", "dusk"))
    rows = _sun_rows(
        Place(lat, lon), tz, first, last, asked, CIVIL_ELEVATION if elevation is None else elevation
    )
    match form:
        case "csv":
            echo_csv(("date", "event", "utc", "status"), rows)
        case "json":
            echo_json(list(rows))
        case _:
            _echo_sun_text(rows, tz)


def _sun_rows(
    place: Place,
    time_zone: ZoneInfo,
    first: date,
    last: date,
    events: Sequence[str],
    elevation: float,
) -> Iterator[dict[str, str]]:
    crossings: dict[str, tuple[float, Direction]] = {
        "sunrise": (SUNRISE_ELEVATION, Direction.RISING),
        "sunset": (SUNRISE_ELEVATION, Direction.SETTING),
        "civil_dawn": (CIVIL_ELEVATION, Direction.RISING),
        "civil_dusk": (CIVIL_ELEVATION, Direction.SETTING),
        "dawn": (elevation, Direction.RISING),
        "dusk": (elevation, Direction.SETTING),
    }
    local_date = first
    while local_date <= last:
        solar_date = solar_date_of(place, time_zone, local_date)
        if solar_date is not None:
            for event in events:
                if event == "noon":
                    at: Crossing = solar_noon(place, solar_date)
                else:
                    at = crossing(place, solar_date, *crossings[event])
                utc, status = (utc_text(at), "ok") if isinstance(at, int) else ("", at.status.value)
                yield {
                    "date": local_date.isoformat(),
                    "event": event,
                    "utc": utc,
                    "status": status,
                }
        local_date += _DAY


def _echo_sun_text(rows: Iterator[dict[str, str]], time_zone: ZoneInfo) -> None:
    for row in rows:
        if row["utc"]:
            local = datetime.fromisoformat(row["utc"]).astimezone(time_zone)
            when = f"{local.isoformat(sep=' ')}   {row['utc']}"
        else:
            when = row["status"].replace("_", " ")
        click.echo(f"{row['date']}  {row['event']:<10}  {when}")
