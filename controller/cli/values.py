"""What the schedule commands read and how they write: dates, degrees, zones; csv and json."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from math import nan
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from controller.reports.cells import safe_text
from schedules import wall_instant
from schedules.solar import FIRST_YEAR, LAST_YEAR

FORMAT = click.Choice(["text", "csv", "json"])


def degrees(limit: int) -> Callable[[str], float]:
    """A reader of a finite number of degrees, as far as `limit` either way."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = nan
        # nan is neither below nor above a limit, and is no place either.
        if not -limit <= value <= limit:
            raise click.BadParameter(f"{text!r} is not in -{limit} to {limit} degrees")
        return value

    return read


def day(text: str) -> date:
    """Read a calendar date."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a date only
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is no date; one such is '2026-03-20'") from error


def iana_zone(text: str) -> ZoneInfo:
    """Read the name of a time zone."""
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise click.BadParameter(
            f"{text!r} is no IANA time zone; one such is 'Asia/Shanghai'"
        ) from error


def site_instant(text: str, time_zone: ZoneInfo, option: str) -> datetime:
    """Read an instant; one without an offset is local wall time of the site."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(
            f"{text!r} is no instant; one such is '2026-03-20T23:30' or '2026-03-20T15:30:00Z'",
            param_hint=f"'{option}'",
        ) from error
    if not FIRST_YEAR < instant.year < LAST_YEAR:
        raise click.BadParameter(
            f"{text!r}: the sun is computed from {FIRST_YEAR + 1} to {LAST_YEAR - 1}",
            param_hint=f"'{option}'",
        )
    if instant.tzinfo is None:
        wall = instant.time().replace(microsecond=0)
        instant = instant_of(wall_instant(time_zone, instant.date(), wall))
    return instant


def instant_of(at: int) -> datetime:
    """Unix seconds as an aware instant."""
    return datetime.fromtimestamp(at, UTC)


def utc_text(at: int) -> str:
    """Unix seconds as ISO 8601 with Z, to the second."""
    return instant_of(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def echo_json(value: object) -> None:
    """Print a document."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def echo_csv(fields: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    """Print a table with its header."""
    out = io.StringIO()
    table = csv.DictWriter(out, fields, lineterminator="\n")
    table.writeheader()
    table.writerows({name: cell(value) for name, value in row.items()} for row in rows)
    click.echo(out.getvalue(), nl=False)


def cell(value: object) -> object:
    """A value of a table that no spreadsheet reckons with, unless it is a number."""
    if not isinstance(value, str):
        return value
    try:
        float(value)
    except ValueError:
        return safe_text(value)
    return value


def plain(text: str) -> str:
    """Text as a terminal may have it: what would steer it, or turn the text round, is spelt out."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)
