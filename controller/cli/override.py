"""``override``: a level or a program at once, for a while; and what is in force."""

import math
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click
from pydantic import ValidationError

from controller.cli.editing import open_for_edit
from controller.cli.options import AUTHOR, DATA, TEXT_OR_JSON, acting_user
from controller.cli.site_source import open_store
from controller.cli.values import echo_json, site_instant
from controller.errors import ConfigurationError
from controller.service.editing.overrides import (
    free_id,
    held_count,
    meant_luminaires,
    with_override,
    without_override,
)
from schedules import Site
from schedules.overrides import (
    Override,
    OverrideKind,
    Selector,
    overrides_in_force,
)
from zones.models import Category

_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(min|h|d)")
_UNIT: Final = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def _duration(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> timedelta | None:
    if value is None:
        return None
    found = _DURATION.fullmatch(value)
    if found is None or float(found[1]) == 0:
        raise click.BadParameter(f"{value!r} is no duration; such are '30min', '2h' and '1.5d'")
    return float(found[1]) * _UNIT[found[2]]


def _finite(
    _context: click.Context, parameter: click.Parameter, value: float | None
) -> float | None:
    if value is not None and math.isnan(value):
        raise click.BadParameter(f"{value} is no level; 0 to 100", param=parameter)
    return value


@click.group(short_help="A level for some lamps, at once and for a while.")
def override() -> None:
    """Step in above the program: a level or a program for selected lamps, until it ends by itself.

    A service that runs on the data folder follows at once.
    """


@override.command("set", short_help="Put an override in force.")
@click.option("--city", is_flag=True, help="Every lamp of the city.")
@click.option("--district", "districts", multiple=True, metavar="ID")
@click.option(
    "--category", "categories", multiple=True, type=click.Choice([one.value for one in Category])
)
@click.option("--zone", "zones", multiple=True, metavar="ID")
@click.option("--luminaire", "luminaires", multiple=True, metavar="ID")
@click.option(
    "--level", type=click.FloatRange(0, 100), callback=_finite, help="% of rated light output."
)
@click.option("--program", metavar="ID", help="A control program instead of a level.")
@click.option("--ramp", type=click.IntRange(0, 86_400), default=0, help="Seconds; 0 unless said.")
@click.option("--from", "start", metavar="INSTANT", help="Begin, ISO 8601; now unless said.")
@click.option("--until", "end", metavar="INSTANT", help="End, ISO 8601; local without an offset.")
@click.option(
    "--for", "lasts", callback=_duration, metavar="DURATION", help="Instead: 30min, 2h, 1d."
)
@click.option(
    "--kind",
    type=click.Choice([one.value for one in OverrideKind]),
    default=OverrideKind.OPERATOR.value,
    show_default=True,
    help="Emergency beats maintenance beats operator beats event.",
)
@click.option("--reason", required=True, help="Why; goes into every explanation.")
@click.option("--id", "name", metavar="ID", help="Made from the time unless said.")
@AUTHOR
@DATA
@TEXT_OR_JSON
def set_override(
    *,
    city: bool,
    districts: tuple[str, ...],
    categories: tuple[str, ...],
    zones: tuple[str, ...],
    luminaires: tuple[str, ...],
    level: float | None,
    program: str | None,
    ramp: int,
    start: str | None,
    end: str | None,
    lasts: timedelta | None,
    kind: str,
    reason: str,
    name: str | None,
    author: str | None,
    data: Path,
    form: str,
) -> None:
    """Hold a level (or run a program) for the selected lamps until the override ends."""
    if (end is None) == (lasts is None):
        raise click.UsageError("give its end: --until INSTANT or --for DURATION")
    if (level is None) == (program is None):
        raise click.UsageError("give --level or --program")
    who = author or acting_user()
    if not who:
        raise click.UsageError("give --author: this machine does not say who you are")
    with open_for_edit(data) as store:
        site = _site(store.load_site(), data)
        now = datetime.now(UTC).replace(microsecond=0)
        start_at = now if start is None else site_instant(start, site.time_zone, "--from")
        end_at = (
            start_at + lasts
            if lasts is not None
            else site_instant(str(end), site.time_zone, "--until")
        )
        if end_at <= now:
            raise click.UsageError(f"it would have ended at {end_at.isoformat()}, before now")
        try:
            one = Override(
                id=name or free_id(site, now),
                selector=Selector(
                    city=city,
                    districts=frozenset(districts),
                    categories=frozenset(Category(value) for value in categories),
                    zones=frozenset(zones),
                    luminaires=frozenset(luminaires),
                ),
                level=level,
                program=program,
                ramp_s=ramp,
                kind=OverrideKind(kind),
                start_at=start_at,
                end_at=end_at,
                reason=reason,
                author=who,
                created_at=now,
            )
            after = with_override(site, one)
        except ValidationError as error:
            raise ConfigurationError(_told(error)) from None
        number = store.save_site(after, author=who, comment=f"override {one.id}: {one.reason}")
    meant = meant_luminaires(site, one)
    held = held_count(site, one, meant)
    if form == "json":
        echo_json(
            {
                "revision": number,
                "luminaires": len(meant),
                "held_by_limits": held,
                **_row(one, site),
            }
        )
        return
    click.echo(
        f"override {one.id!r} for {len(meant):,} luminaires, "
        f"{_span(one, site)}; revision {number} is in force"
    )
    if held:
        click.echo(
            f"{held:,} of them do not go to {one.level:g} %: a floor or ceiling holds them "
            "('lamplighter explain' names it); only maintenance passes a floor"
        )


@override.command("end", short_help="End an override before its time.")
@click.argument("name", metavar="ID")
@AUTHOR
@DATA
@TEXT_OR_JSON
def end_override(name: str, author: str | None, data: Path, form: str) -> None:
    """End override ID now; what lies below it holds again."""
    who = author or acting_user()
    with open_for_edit(data) as store:
        site = _site(store.load_site(), data)
        after = without_override(site, name, datetime.now(UTC).replace(microsecond=0))
        number = store.save_site(after, author=who, comment=f"override {name} ended")
    if form == "json":
        echo_json({"revision": number, "ended": name})
        return
    click.echo(f"override {name!r} is ended; revision {number} is in force")


@override.command("list", short_help="Overrides in force and to come.")
@click.option("--all", "is_all", is_flag=True, help="Those that are over, too.")
@DATA
@TEXT_OR_JSON
def list_overrides(*, is_all: bool, data: Path, form: str) -> None:
    """Overrides in force, the strongest first; then those to come."""
    with open_store(data, read_only=True) as store:
        site = _site(store.load_site(), data)
    now = datetime.now(UTC)
    in_force = overrides_in_force(site.plan.overrides, now)
    coming = sorted(
        (one for one in site.plan.overrides if one.start_at > now), key=lambda one: one.start_at
    )
    over = [one for one in site.plan.overrides if one.end_at <= now] if is_all else []
    shown = [*in_force, *coming, *over]
    if form == "json":
        echo_json([_row(one, site) for one in shown])
        return
    if not shown:
        click.echo("no override is in force or to come")
    for one in shown:
        what = f"{one.level:g} %" if one.level is not None else f"program {one.program}"
        click.echo(
            f"{_state(one, now):<9} {one.id:<24} {what:<18} {one.kind.value:<12} "
            f"{_span(one, site)}  {one.author}: {one.reason}"
        )


def _site(site: Site | None, data: Path) -> Site:
    if site is None:
        raise ConfigurationError(f"data folder {str(data)!r} holds no city yet")
    return site


def _told(error: ValidationError) -> str:
    fault = error.errors()[0]
    where = ".".join(str(part) for part in fault["loc"])
    told = fault["msg"].removeprefix("Value error, ")
    return f"{where}: {fault['input']!r}: {told}" if where else told


def _state(one: Override, now: datetime) -> str:
    if one.is_in_force(now):
        return "in force"
    return "to come" if one.start_at > now else "over"


def _span(one: Override, site: Site) -> str:
    start, end = (at.astimezone(site.time_zone) for at in (one.start_at, one.end_at))
    return f"{start:%Y-%m-%d %H:%M%z} to {end:%Y-%m-%d %H:%M%z}"


def _row(one: Override, site: Site) -> dict[str, Any]:
    return {
        "state": _state(one, datetime.now(UTC)),
        **one.model_dump(mode="json", exclude_defaults=True),
        "start_local": one.start_at.astimezone(site.time_zone).isoformat(),
        "end_local": one.end_at.astimezone(site.time_zone).isoformat(),
    }
