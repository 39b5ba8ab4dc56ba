"""``report``: energy, savings and targets of a month, quarter or year; and its push."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from controller.adapters.output_file import output_file
from controller.cli.options import DATA
from controller.cli.site_source import DEFAULT_DATA, open_store
from controller.cli.values import echo_json
from controller.config import read_settings
from controller.data_folder import no_inventory
from controller.errors import ConfigurationError, ControllerError
from controller.reports.content import Report
from controller.reports.errors import NoData, PushFailed
from controller.reports.from_store import report_from
from controller.reports.pdf import report_pdf
from controller.reports.plain import report_csv, report_json
from controller.reports.push import Delivery, PushLog, endpoint, name_of, push
from controller.reports.screen import screen_lines
from controller.reports.words import Words
from controller.reports.xlsx import report_xlsx
from schedules import Language
from schedules.energy.periods import Period, PeriodKind, read_period

FORMATS: Final = ("text", "xlsx", "pdf", "csv", "json")
_FILES: Final = ("xlsx", "pdf")


def _period_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--district", metavar="ID", help="The whole city unless said."),
        click.option("--year", metavar="YYYY", help="A year, such as 2026."),
        click.option("--quarter", metavar="YYYY-Qn", help="A quarter, such as 2026-Q4."),
        click.option("--month", metavar="YYYY-MM", help="A month, such as 2026-11."),
    ):
        command = option(command)
    return command


def _period(month: str | None, quarter: str | None, year: str | None) -> Period:
    given = [
        (kind, text)
        for kind, text in zip(PeriodKind, (month, quarter, year), strict=True)
        if text is not None
    ]
    if len(given) != 1:
        raise click.UsageError("give one of --month, --quarter and --year, such as --month 2026-11")
    ((kind, text),) = given
    try:
        return read_period(kind, text)
    except ValueError as error:
        raise click.UsageError(f"--{kind.value} {error}") from error


@click.group(invoke_without_command=True, short_help="Energy, savings and targets of a period.")
@_period_options
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="By the ending of --output, else text."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write there; xlsx and pdf get a name of their own unless said. '-' is the screen.",
)
@click.option(
    "--lang",
    type=click.Choice([one.value for one in Language]),
    default=Language.CHINESE.value,
    show_default=True,
    help="Language of texts; json and csv are the same in both.",
)
@DATA
@click.pass_context
def report(
    context: click.Context,
    month: str | None,
    quarter: str | None,
    year: str | None,
    district: str | None,
    form: str | None,
    output: Path | None,
    lang: str,
    data: Path,
) -> None:
    """Report a month, a quarter or a year of a district or the whole city.

    Energy used and saved against the declared baseline, the ladder of measures, cost, CO2,
    lit rate, densities, targets with their warning level, and how good the data are. The
    workbook holds the account behind every figure. A period is its control days, noon to
    noon. Exit code 1 where the store holds nothing of it.

    \b
    As it is filed:
      lamplighter report --month 2026-11 --district 110105 --format xlsx
      lamplighter report --quarter 2026-Q4 --format pdf --lang en
    """
    if context.invoked_subcommand is not None:
        _refuse_options_before(context, context.invoked_subcommand)
        return
    period = _period(month, quarter, year)
    wanted = _wanted_form(form, output)
    made = report_of(data, period, district, datetime.now(UTC))
    language = Language(lang)
    content = report_content(made, wanted, language)
    if output is None and wanted in _FILES:
        scope = "" if district is None else f"-{district}"
        output = Path(f"lamplighter-{period.text}{scope}.{wanted}")
    if output is None or str(output) == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    with output_file(output) as out:
        out.write(content)
    click.echo(str(output))


def _refuse_options_before(context: click.Context, subcommand: str) -> None:
    """Options of the report say nothing to the push; to pass over them would mislead."""
    for name in context.params:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = f"--{name}".replace("--form", "--format")
            raise click.UsageError(f"give {option} after '{subcommand}', not before it")


def _wanted_form(form: str | None, output: Path | None) -> str:
    """The format that was asked for, by name or by the ending of the file."""
    ending = "" if output is None else output.suffix.lower().removeprefix(".")
    endings = ", ".join(f".{one}" for one in (*FORMATS[1:], "txt"))
    if form is None:
        if ending in FORMATS[1:]:
            return ending
        if ending not in ("", "txt"):
            raise click.UsageError(
                f"--output {str(output)!r}: no report ends in .{ending}; such are {endings}, "
                "or say --format"
            )
        return FORMATS[0]
    if ending in FORMATS[1:] and ending != form:
        raise click.UsageError(f"--output {str(output)!r} is to hold {form}: its ending says other")
    return form


def report_content(made: Report, form: str, language: Language) -> bytes:
    """A report as it is written in a format."""
    match form:
        case "xlsx":
            return report_xlsx(made, language)
        case "pdf":
            return report_pdf(made, language)
        case "csv":
            return report_csv(made)
        case "json":
            return report_json(made)
        case _:
            lines = screen_lines(made, Words(language))
            return "".join(f"{line}\n" for line in lines).encode()


def report_of(data: Path, period: Period, district: str | None, now: datetime) -> Report:
    """The report of a period from a data folder, as it stands at ``now``."""
    with open_store(data, read_only=True) as store:
        site = store.load_site()
        if site is None:
            raise ConfigurationError(no_inventory(data))
        revisions = store.revisions()
        with _progress() as tell:
            return report_from(
                store,
                site,
                period,
                now,
                district=district,
                revision=revisions[-1].number if revisions else None,
                progress=tell,
            )


@contextmanager
def _progress() -> Iterator[Callable[[float], None]]:
    """A bar on standard error where that is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _share: None
        return
    with Progress(
        TextColumn("reading the account"), BarColumn(), TextColumn("{task.percentage:3.0f}%"),
        console=console, transient=True,
    ) as bar:  # fmt: skip
        task = bar.add_task("", total=1.0)
        yield lambda share: bar.update(task, completed=share)


@report.command("push", short_help="Send a period's figures to the city's platform.")
@_period_options
@click.option(
    "--config",
    "settings_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file with [report_push]; --url and --key-file go before it.",
)
@click.option("--url", help="Where to, such as https://platform.example/lighting/reports.")
@click.option(
    "--key-file", type=click.Path(path_type=Path, dir_okay=False), help="Key of the signature."
)
@click.option(
    "--ca-file", type=click.Path(path_type=Path, dir_okay=False), help="Certificates to trust."
)
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(1, 600),
    help="Seconds to wait for an answer; 30 unless said.",
)
@click.option("--all", "is_all", is_flag=True, help="The city and every district, a report each.")
@click.option("--again", is_flag=True, help="Also where it was sent before, as it is now.")
@click.option("--list", "is_list", is_flag=True, help="List what was sent, and send nothing.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Data folder; that of --config, else {DEFAULT_DATA}, unless said.",
)
def report_push(
    *,
    month: str | None,
    quarter: str | None,
    year: str | None,
    district: str | None,
    settings_file: Path | None,
    url: str | None,
    key_file: Path | None,
    ca_file: Path | None,
    timeout_s: float | None,
    is_all: bool,
    again: bool,
    is_list: bool,
    form: str,
    data: Path | None,
) -> None:
    """Send the figures of a period as signed JSON, once.

    Repeats where the platform does not answer; what it took is remembered in the data folder
    and not sent again. Exit code 1 where it was not taken.
    """
    if settings_file is not None:
        settings = read_settings(settings_file)
        pushing, data = settings.report_push, data or settings.data
        url, key_file = url or pushing.url, key_file or pushing.key_file
        ca_file, timeout_s = ca_file or pushing.ca_file, timeout_s or pushing.timeout_s
    data = data or DEFAULT_DATA
    if is_list:
        _echo(PushLog(data).deliveries(), form)
        return
    period = _period(month, quarter, year)
    if url is None or key_file is None:
        raise click.UsageError(
            "give --url and --key-file, or --config FILE with url and key_file in [report_push]"
        )
    if is_all and district is not None:
        raise click.UsageError("give --district or --all, not both")
    to = endpoint(url, key_file, ca_file, timeout_s or 30.0)
    scopes = [district, *(_served(data) if is_all else ())]
    done: list[Delivery] = []
    failed: ControllerError | None = None
    for scope in scopes:
        try:
            log, name = PushLog(data), name_of(period, scope)
            sent = None if again or log.is_provisional(name) else log.sent(name)
            done.append(
                sent
                or push(report_of(data, period, scope, datetime.now(UTC)), to, data, again=again)
            )
        except (PushFailed, NoData) as error:
            # One that is refused must not keep back the others.
            if failed is not None:
                click.echo(f"lamplighter: note: {error}", err=True)
            failed = failed or error
    _echo(done, form)
    if failed is not None:
        raise failed


def _served(data: Path) -> list[str]:
    """Districts with zones."""
    with open_store(data, read_only=True) as store:
        site = store.load_site()
    if site is None:
        raise ConfigurationError(no_inventory(data))
    return sorted({zone.district for zone in site.inventory.zones})


def _echo(deliveries: list[Delivery], form: str) -> None:
    if form == "json":
        echo_json(
            [
                {
                    "name": one.name,
                    "key": one.key,
                    "url": one.url,
                    "status": one.status,
                    "sent_at": one.sent_at,
                    "attempts": one.attempts,
                    "was_sent_before": one.was_sent_before,
                }
                for one in deliveries
            ]
        )
        return
    for one in deliveries:
        before = "sent before" if one.was_sent_before else "sent"
        click.echo(f"{one.name}: {before} at {one.sent_at} to {one.url}, HTTP {one.status}")
