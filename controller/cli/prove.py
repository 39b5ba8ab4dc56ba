"""``lamplighter prove``: every night of the coming years, or a counter-example."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from controller.cli.site_source import site_options
from schedules import Language, Site, control_day
from schedules.proof import MAX_YEARS
from schedules.proof import prove as prove_site


@click.command(short_help="Prove every night of the coming years.")
@click.option(
    "--years",
    type=click.IntRange(1, MAX_YEARS),
    default=1,
    show_default=True,
    help="How many years of nights.",
)
@click.option("--zone", "zones", multiple=True, help="Only this zone; may be given several times.")
@click.option(
    "--from",
    "since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First control day; the present one unless said.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option(
    "--lang",
    type=click.Choice([one.value for one in Language]),
    default=Language.ENGLISH.value,
    show_default=True,
    help="Language of the reasons.",
)
@site_options
def prove(
    years: int, zones: tuple[str, ...], since: datetime | None, form: str, lang: str, site: Site
) -> None:
    """Prove that every night of every zone is right.

    A zone is lit whenever the sun is below -6 degrees, unless a part-night window or the
    curfew of a park, of landscape or of facade lighting says otherwise; dark by day; never
    below the floor of its lighting class; its windows are not empty by accident; it switches
    at most 12 times a night and burns no longer than the astronomical year. Clock changes,
    solstices and the next leap day are always among the nights. Overrides are no part of it.

    Exit code 1 with a counter-example for everything that fails.
    """
    first = control_day(datetime.now(UTC), site.time_zone) if since is None else since.date()
    with _progress() as tell:
        proof = prove_site(site, first, years=years, zones=zones or None, tell=tell)
    language = Language(lang)
    if form == "json":
        click.echo(json.dumps(proof.as_dict(language), ensure_ascii=False, indent=2))
    else:
        click.echo(proof.text(language))
    if not proof.is_proved:
        sys.exit(1)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    if not sys.stderr.isatty():
        yield None
        return
    columns = (
        TextColumn("proving"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("zone-nights"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("proving", total=None)

        def tell(done: int, to_do: int) -> None:
            progress.update(task, completed=done, total=to_do)

        yield tell
