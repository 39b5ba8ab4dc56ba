"""``sun``, ``plan`` and ``explain``: when the sun sets, what a zone will do, and why."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from controller.cli.site_source import site_options
from controller.cli.sun import sun
from controller.cli.values import FORMAT, day, echo_csv, echo_json, instant_of, utc_text
from schedules import (
    Language,
    Reason,
    ReasonCode,
    Site,
    SwitchingPoint,
    compile_zone,
    control_day,
    day_bounds,
    reason_text,
    resolve,
    resolve_zone,
    wall_instant,
)
from schedules.solar import FIRST_YEAR, LAST_YEAR

__all__ = ["explain", "plan", "sun"]

_DAY = timedelta(days=1)

_LANGUAGE = click.option(
    "--lang",
    type=click.Choice([one.value for one in Language]),
    default=Language.ENGLISH.value,
    show_default=True,
    help="Language of the reasons.",
)


@click.command(short_help="Switching points of a zone, with reasons.")
@click.argument("zone", required=False)
@click.option("--zone", "zone_option", help="The zone, as an option.")
@click.option(
    "--date",
    "first_day",
    type=day,
    help="Control day; the present one unless said.",
)
@click.option("--nights", type=click.IntRange(1, 3660), default=1, show_default=True)
@click.option("--format", "form", type=FORMAT, default="text", show_default=True)
@_LANGUAGE
@site_options
def plan(
    zone: str | None,
    zone_option: str | None,
    first_day: date | None,
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
        first = _year_in_range(first_day, nights)
    tonight = (_night_of(site, zone_id, first + n * _DAY, Language(lang)) for n in range(nights))
    match form:
        case "csv":
            fields = ("control_day", "local", "utc", "level", "ramp_s", "reason")
            points = ({"control_day": n["control_day"], **p} for n in tonight for p in n["points"])
            echo_csv(fields, ({key: row[key] for key in fields} for row in points))
        case "json":
            whole = {"zone": zone_id, "time_zone": site.time_zone.key, "nights": list(tonight)}
            echo_json(whole)
        case _:
            _echo_plan_text(site, zone_id, tonight)


def _year_in_range(first: date, nights: int) -> date:
    if first.year <= FIRST_YEAR or first.year + nights // 366 + 1 >= LAST_YEAR:
        raise click.UsageError(
            f"--date {first}: the sun is computed from {FIRST_YEAR + 1} to {LAST_YEAR - 1}"
        )
    return first


def _night_of(site: Site, zone_id: str, night_of: date, language: Language) -> dict[str, Any]:
    start, end = day_bounds(site.time_zone, night_of)
    points = compile_zone(site, zone_id, start, end)
    level = 0.0
    rows: list[dict[str, Any]] = []
    for point in points:
        if point.level == level:
            continue
        decision = resolve_zone(site, zone_id, instant_of(point.at))
        told = _decisive(decision.reasons, level, point)
        rows.append(
            {
                "local": instant_of(point.at).astimezone(site.time_zone).isoformat(),
                "utc": utc_text(point.at),
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
        "control_day": night_of.isoformat(),
        "burning_hours": round(burning_s / 3600, 4),
        "points": rows,
    }
    if not rows:
        idle = resolve_zone(site, zone_id, instant_of((start + end) // 2))
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
            echo_csv(("zone", "district", "category", "luminaires", "name"), rows)
        case "json":
            echo_json(rows)
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
        echo_json(
            {
                "luminaire": luminaire,
                "zone": zone.id,
                "local": local.isoformat(),
                "utc": utc_text(int(instant.timestamp())),
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
    if not FIRST_YEAR < instant.year < LAST_YEAR:
        raise click.BadParameter(
            f"{text!r}: the sun is computed from {FIRST_YEAR + 1} to {LAST_YEAR - 1}",
            param_hint="'--at'",
        )
    if instant.tzinfo is None:
        wall = instant.time().replace(microsecond=0)
        instant = instant_of(wall_instant(time_zone, instant.date(), wall))
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
