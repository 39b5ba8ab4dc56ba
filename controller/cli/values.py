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
    table.writerows(rows)
    click.echo(out.getvalue(), nl=False)
