"""``explain``: why a luminaire has its level; ``sun`` and ``plan`` come from their modules."""

from datetime import UTC, datetime

import click

from controller.cli.plan import plan
from controller.cli.plan_rows import reason_rows
from controller.cli.site_source import site_options
from controller.cli.sun import sun
from controller.cli.values import echo_json, site_instant, utc_text
from schedules import Language, Site, resolve

__all__ = ["explain", "plan", "sun"]


@click.command(short_help="Why a luminaire has its level at an instant.")
@click.argument("luminaire")
@click.option(
    "--at", "asked", metavar="INSTANT", help="ISO 8601, local without an offset; now unless said."
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
def explain(luminaire: str, asked: str | None, form: str, lang: str, site: Site) -> None:
    """The level of LUMINAIRE at an instant and the whole chain of reasons."""
    instant = datetime.now(UTC) if asked is None else site_instant(asked, site.time_zone, "--at")
    decision = resolve(site, luminaire, instant)
    zone = site.zone(site.luminaire(luminaire).zone)
    local = instant.astimezone(site.time_zone)
    reasons = reason_rows(decision.reasons, site.time_zone, Language(lang))
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
    at = local.isoformat(sep=" ", timespec="seconds")
    if Language(lang) is Language.CHINESE:
        head = f"灯具 {luminaire}（分区 {zone.id} {zone.name}）{at} 亮度 {decision.level:g} %"
    else:
        head = f"luminaire {luminaire} in zone {zone.id} {zone.name}: {decision.level:g} % at {at}"
    click.echo(head)
    for number, reason in enumerate(reasons, 1):
        click.echo(f"  {number}. {reason['text']}")
