"""``sun``, ``plan`` and ``explain``: when the sun sets, what a zone will do, and why."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from controller.cli.site_source import site_options
from schedules import (
    Direction,
    Language,
    Place,
    Reason,
    ReasonCode,
    Site,
    SwitchingPoint,
    compile_zone,
    control_day,
    crossing,
    day_bounds,
    reason_text,
    resolve,
    resolve_zone,
    solar_date_of,
    solar_noon,
    wall_instant,
)
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

_FORMAT = click.Choice(["text", "csv", "json"])
_DATE = click.DateTime(["%Y-%m-%d"])
_LANGUAGE = click.option(
    "--lang",
    type=click.Choice([one.value for one in Language]),
    default=Language.ENGLISH.value,
    show_default=True,
    help="Language of the reasons.",
)


def _finite(_context: click.Context, parameter: click.Parameter, value: float | None) -> Any:
    # nan passes a range, being neither below nor above it.
    if value is not None and not isfinite(value):
        raise click.BadParameter(f"{value} is not a number of degrees", param=parameter)
    return value


def _time_zone(_context: click.Context, parameter: click.Parameter, value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise click.BadParameter(
            f"{value!r} is no IANA time zone; one such is 'Asia/Shanghai'", param=parameter
        ) from error


@click.command(short_help="Sun events of a place.")
@click.option(
    "--lat",
    type=click.FloatRange(-90, 90),
    required=True,
    callback=_finite,
    help="Latitude, degrees north.",
)
@click.option(
    "--lon",
    type=click.FloatRange(-180, 180),
    required=True,
    callback=_finite,
    help="Longitude, degrees east.",
)
@click.option(
    "--tz",
    default="UTC",
    show_default=True,
    callback=_time_zone,
    help="IANA time zone; it decides which date a solar noon has.",
)
@click.option("--from", "since", type=_DATE, required=True, help="First local date.")
@click.option("--to", "until", type=_DATE, help="Last local date; the first unless said.")
@click.option(
    "--event",
    "events",
    type=click.Choice(_SUN_EVENTS),
    multiple=True,
    help="May be given several times; sunrise and sunset unless said.",
)
@click.option(
    "--elevation",
    type=click.FloatRange(-90, 90),
    callback=_finite,
    help="Of the sun's centre at dusk and dawn, degrees without refraction; -6 unless said.",
)
@click.option("--format", "form", type=_FORMAT, default="text", show_default=True)
def sun(
    lat: float,
    lon: float,
    tz: ZoneInfo,
    since: datetime,
    until: datetime | None,
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
    first, last = since.date(), (until or since).date()
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
            _echo_csv(("date", "event", "utc", "status"), rows)
        case "json":
            _echo_json(list(rows))
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
                utc, status = (
                    (_utc_text(at), "ok") if isinstance(at, int) else ("", at.status.value)
                )
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


@click.command(short_help="Switching points of a zone, with reasons.")
@click.argument("zone", required=False)
@click.option("--zone", "zone_option", help="The zone, as an option.")
@click.option(
    "--date",
    "first_day",
    type=_DATE,
    help="Control day; the present one unless said.",
)
@click.option("--nights", type=click.IntRange(1, 3660), default=1, show_default=True)
@click.option("--format", "form", type=_FORMAT, default="text", show_default=True)
@_LANGUAGE
@site_options
def plan(
    zone: str | None,
    zone_option: str | None,
    first_day: datetime | None,
    nights: int,
    form: str,
    lang: str,
    site: Site,
) -> None:
    """Switching points of ZONE for one control day or several.

    Times are local with their offset, and UTC. Overrides are not part of it. Without ZONE
    the zones are listed.
    """
    if zone is not None and zone_option is not None:
        raise click.UsageError("give the zone as argument or as --zone, not both")
    zone_id = zone or zone_option
    if zone_id is None:
        _echo_zones(site, form)
        return
    if first_day is None:
        first = control_day(datetime.now(UTC), site.time_zone)
    else:
        first = _year_in_range(first_day.date(), nights)
    tonight = (_night_of(site, zone_id, first + n * _DAY, Language(lang)) for n in range(nights))
    match form:
        case "csv":
            fields = ("control_day", "local", "utc", "level", "ramp_s", "reason")
            points = ({"control_day": n["control_day"], **p} for n in tonight for p in n["points"])
            _echo_csv(fields, ({key: row[key] for key in fields} for row in points))
        case "json":
            whole = {"zone": zone_id, "time_zone": site.time_zone.key, "nights": list(tonight)}
            _echo_json(whole)
        case _:
            _echo_plan_text(site, zone_id, tonight)


def _year_in_range(day: date, nights: int) -> date:
    if day.year <= FIRST_YEAR or day.year + nights // 366 + 1 >= LAST_YEAR:
        raise click.UsageError(
            f"--date {day}: the sun is computed from {FIRST_YEAR + 1} to {LAST_YEAR - 1}"
        )
    return day


def _night_of(site: Site, zone_id: str, day: date, language: Language) -> dict[str, Any]:
    start, end = day_bounds(site.time_zone, day)
    points = compile_zone(site, zone_id, start, end)
    level = 0.0
    rows: list[dict[str, Any]] = []
    for point in points:
        if point.level == level:
            continue
        decision = resolve_zone(site, zone_id, _instant(point.at))
        told = _decisive(decision.reasons, level, point)
        rows.append(
            {
                "local": _instant(point.at).astimezone(site.time_zone).isoformat(),
                "utc": _utc_text(point.at),
                "level": point.level,
                "ramp_s": point.ramp_s,
                "reason": "; ".join(reason_text(one, site.time_zone, language) for one in told),
                "reasons": _reason_rows(decision.reasons, site.time_zone, language),
            }
        )
        level = point.level
    spans = zip(points, [*(point.at for point in points[1:]), end], strict=True)
    burning_s = sum(until - point.at for point, until in spans if point.level > 0)
    night: dict[str, Any] = {
        "control_day": day.isoformat(),
        "burning_hours": round(burning_s / 3600, 4),
        "points": rows,
    }
    if not rows:
        idle = resolve_zone(site, zone_id, _instant((start + end) // 2))
        night["reason"] = reason_text(idle.reasons[-1], site.time_zone, language)
    return night


def _decisive(reasons: Sequence[Reason], before: float, point: SwitchingPoint) -> list[Reason]:
    if point.level == 0:
        return list(reasons[-1:])
    codes = {ReasonCode.FLOOR, ReasonCode.CEILING}
    codes |= {ReasonCode.STEP}
    if not before:
        codes |= {ReasonCode.WINDOW_LIT, ReasonCode.NO_CALENDAR}
    return [one for one in reasons if one.code in codes] or list(reasons[-1:])


def _echo_plan_text(site: Site, zone_id: str, nights: Iterator[dict[str, Any]]) -> None:
    zone = site.zone(zone_id)
    click.echo(f"zone {zone.id} {zone.name}, {zone.category.value}, {site.time_zone.key}")
    for night in nights:
        click.echo(f"\ncontrol day {night['control_day']}: {night['burning_hours']:.2f} h burning")
        for row in night["points"]:
            ramp = f" in {row['ramp_s']} s" if row["ramp_s"] else ""
            local = row["local"].replace("T", " ")
            click.echo(f"  {local}  {row['utc']}  {row['level']:5g} %{ramp}  {row['reason']}")
        if "reason" in night:
            click.echo(f"  no switching: {night['reason']}")


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
            _echo_csv(("zone", "district", "category", "luminaires", "name"), rows)
        case "json":
            _echo_json(rows)
        case _:
            for row in rows:
                click.echo(
                    f"{row['zone']:<20} {row['district']:<10} {row['category']:<12} "
                    f"{row['luminaires']:>7} luminaires  {row['name']}"
                )


@click.command(short_help="Why a luminaire has its level at an instant.")
@click.argument("luminaire")
@click.option(
    "--at", "asked", metavar="INSTANT", help="ISO 8601, local without an offset; now unless said."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@_LANGUAGE
@site_options
def explain(luminaire: str, asked: str | None, form: str, lang: str, site: Site) -> None:
    """The level of LUMINAIRE at an instant and the whole chain of reasons."""
    instant = datetime.now(UTC) if asked is None else _read_instant(asked, site.time_zone)
    decision = resolve(site, luminaire, instant)
    zone = site.zone(site.luminaire(luminaire).zone)
    local = instant.astimezone(site.time_zone)
    reasons = _reason_rows(decision.reasons, site.time_zone, Language(lang))
    if form == "json":
        _echo_json(
            {
                "luminaire": luminaire,
                "zone": zone.id,
                "local": local.isoformat(),
                "utc": _utc_text(int(instant.timestamp())),
                "control_day": decision.control_day.isoformat(),
                "level": decision.level,
                "ramp_s": decision.ramp_s,
                "reasons": reasons,
            }
        )
        return
    click.echo(
        f"luminaire {luminaire} in zone {zone.id} {zone.name}: {decision.level:g} % "
        f"at {local.isoformat(sep=' ', timespec='seconds')}"
    )
    for number, reason in enumerate(reasons, 1):
        click.echo(f"  {number}. {reason['text']}")


def _read_instant(text: str, time_zone: ZoneInfo) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(
            f"{text!r} is no instant; one such is '2026-03-20T23:30' or '2026-03-20T15:30:00Z'",
            param_hint="'--at'",
        ) from error
    if instant.tzinfo is None:
        wall = instant.time().replace(microsecond=0)
        instant = _instant(wall_instant(time_zone, instant.date(), wall))
    if not FIRST_YEAR < instant.year < LAST_YEAR:
        raise click.BadParameter(
            f"{text!r}: the sun is computed from {FIRST_YEAR + 1} to {LAST_YEAR - 1}",
            param_hint="'--at'",
        )
    return instant


def _reason_rows(
    reasons: Sequence[Reason], time_zone: ZoneInfo, language: Language
) -> list[dict[str, Any]]:
    return [
        {
            "code": reason.code.value,
            "params": dict(reason.params),
            "text": reason_text(reason, time_zone, language),
        }
        for reason in reasons
    ]


def _instant(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _utc_text(at: int) -> str:
    return _instant(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def _echo_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _echo_csv(fields: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    out = io.StringIO()
    table = csv.DictWriter(out, fields, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    click.echo(out.getvalue(), nl=False)
