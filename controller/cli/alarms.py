"""``alarms``: what is wrong now, what was, and taking notice of it."""

import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from controller.adapters.service_socket import RunningService
from controller.cli.alarm_table import CSV_FIELDS, alarm_lines, alarm_rows, table_lines
from controller.cli.editing import tell_audit
from controller.cli.options import DATA, acting_user
from controller.cli.site_source import open_store
from controller.cli.values import FORMAT, day, echo_csv, echo_json
from controller.engine.alarm_types import AlarmType, Severity
from controller.errors import ConfigurationError, NoSuchAlarm
from controller.ports.alarms import Alarm
from controller.service.alarm_log import (
    by_grade,
    checked_acknowledgement,
    refuse_acknowledged,
)
from schedules import Language, Site

_MOST: Final = 1_000_000
_EARLIEST, _LATEST = 1971, 9998

_FORM = click.option("--format", "form", type=FORMAT, default="text", show_default=True)
_LANG = click.option(
    "--lang",
    type=click.Choice([one.value for one in Language]),
    default=Language.ENGLISH.value,
    show_default=True,
)
_TYPE = click.option(
    "--type",
    "types",
    type=click.Choice([one.value for one in AlarmType]),
    multiple=True,
    help="Only these; as often as wanted.",
)
_SEVERITY = click.option(
    "--severity", "severities", type=click.Choice([one.value for one in Severity]), multiple=True
)


class _ListsUnlessTold(click.Group):
    """Without a subcommand it lists, and takes the options of that."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        is_told = bool(args) and (not args[0].startswith("-") or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if is_told else ["list", *args])


@click.group(cls=_ListsUnlessTold, short_help="What is wrong: open and past alarms.")
def alarms() -> None:
    """What is wrong on the street and in the service. Without a word more: the open alarms.

    Alarms are raised and cleared by the running service; docs/alarms.md says when, and what
    to do.
    """


@alarms.command("list", short_help="Open alarms, the gravest first.")
@_TYPE
@_SEVERITY
@click.option("--unacknowledged", is_flag=True, help="Only those that nobody took notice of.")
@DATA
@_FORM
@_LANG
def list_open(
    types: tuple[str, ...],
    severities: tuple[str, ...],
    unacknowledged: bool,  # noqa: FBT001  # click passes options by name
    data: Path,
    form: str,
    lang: str,
) -> None:
    """Alarms that are not cleared, the gravest first, then the oldest."""
    with open_store(data, read_only=True) as store:
        site, opened = store.load_site(), store.open_alarms()
    chosen = [
        alarm
        for alarm in by_grade(_chosen(opened, types, severities))
        if not (unacknowledged and alarm.acknowledgement is not None)
    ]
    _tell(chosen, _known(site, data), form, Language(lang), is_past=False)


@alarms.command(short_help="Past alarms, the newest first.")
@click.option("--from", "first", type=day, help="First day; 30 days back unless said.")
@click.option("--to", "last", type=day, help="Last day, included; today unless said.")
@click.option("--limit", type=click.IntRange(1, _MOST), default=1000, show_default=True)
@_TYPE
@_SEVERITY
@DATA
@_FORM
@_LANG
def history(
    first: date | None,
    last: date | None,
    limit: int,
    types: tuple[str, ...],
    severities: tuple[str, ...],
    data: Path,
    form: str,
    lang: str,
) -> None:
    """Alarms that are cleared and were open on the given days, in the site's time."""
    with open_store(data, read_only=True) as store:
        site = _known(store.load_site(), data)
        for one in (first, last):
            if one is not None and not _EARLIEST <= one.year <= _LATEST:
                raise click.UsageError(f"{one}: alarms are of the years {_EARLIEST} to {_LATEST}")
        until_day = datetime.now(site.time_zone).date() if last is None else last
        from_day = until_day - timedelta(days=30) if first is None else first
        if from_day > until_day:
            raise click.UsageError(f"--from {from_day} is after --to {until_day}")
        since, until = (
            datetime.combine(one, datetime.min.time(), site.time_zone).timestamp()
            for one in (from_day, until_day + timedelta(days=1))
        )
        # What is filtered away must not use up the limit.
        most = _MOST if types or severities else limit
        past = _chosen(store.past_alarms(since, until, most), types, severities)[:limit]
    _tell(past, site, form, Language(lang), is_past=True)


@alarms.command(short_help="Everything about one alarm.")
@click.argument("number", type=click.IntRange(1))
@DATA
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@_LANG
def show(number: int, data: Path, form: str, lang: str) -> None:
    """Alarm NUMBER with the luminaires that it is about, while it is open."""
    with open_store(data, read_only=True) as store:
        site, alarm = _known(store.load_site(), data), store.alarm(number)
        luminaires = sorted(name for one, name in store.alarm_luminaires() if one == number)
    if alarm is None:
        raise NoSuchAlarm(f"alarm {number} is not known; 'lamplighter alarms' lists what is")
    if form == "json":
        (row,) = alarm_rows([alarm], site)
        echo_json(row | {"luminaires": luminaires})
        return
    for line in alarm_lines(alarm, luminaires, site, Language(lang)):
        click.echo(line)


@alarms.command(short_help="Take notice of alarms.")
@click.argument("numbers", type=click.IntRange(1), nargs=-1, required=True, metavar="NUMBER...")
@click.option("--author", help="Who; the user of this machine if not said.")
@click.option("-m", "--note", default="", metavar="TEXT", help="What is done about it.")
@DATA
def acknowledge(numbers: tuple[int, ...], author: str | None, note: str, data: Path) -> None:
    """Say that somebody knows of alarms NUMBER... and looks after them.

    An alarm stays open until what is wrong is so no more. The first that cannot be
    acknowledged ends it; those before it are.
    """
    who = author or acting_user()
    checked_acknowledgement(0.0, who, note)
    with RunningService.of(data) as service:
        for number in dict.fromkeys(numbers):
            if service is None:
                _acknowledge(data, number, who, note)
            else:
                body = {"author": who, "note": note}
                service.post(f"/alarms/{number}/acknowledge", body)
            click.echo(f"alarm {number} acknowledged by {who}")


def _acknowledge(data: Path, number: int, author: str, note: str) -> None:
    """Without a service: straight into its store, which nobody else holds then."""
    with open_store(data) as store:
        alarm = store.alarm(number)
        refuse_acknowledged(alarm, number)
        assert alarm is not None, "refused else"
        store.acknowledge_alarm(alarm, checked_acknowledgement(time.time(), author, note))
        tell_audit(store, author, "acknowledge alarm", str(number))


def _chosen(
    alarms: list[Alarm], types: tuple[str, ...], severities: tuple[str, ...]
) -> list[Alarm]:
    return [
        alarm
        for alarm in alarms
        if (not types or alarm.type in types) and (not severities or alarm.severity in severities)
    ]


def _known(site: Site | None, data: Path) -> Site:
    if site is None:
        raise ConfigurationError(f"data folder {str(data)!r} holds no city: it has no alarms")
    return site


def _tell(alarms: list[Alarm], site: Site, form: str, language: Language, *, is_past: bool) -> None:
    if form == "json":
        echo_json(alarm_rows(alarms, site))
    elif form == "csv":
        rows = alarm_rows(alarms, site)
        echo_csv(CSV_FIELDS, ({name: row[name] for name in CSV_FIELDS} for row in rows))
    elif alarms:
        for line in table_lines(alarms, site, language, is_past=is_past):
            click.echo(line)
    else:
        click.echo(_NONE[language][is_past])


_NONE: Final = {
    Language.ENGLISH: ("No open alarms.", "No past alarms on these days."),
    Language.CHINESE: ("无未消除的告警。", "所选日期内无历史告警。"),
}
