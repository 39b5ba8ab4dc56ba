"""Reports in a process of their own, so that working them out holds nobody up."""

from pathlib import Path

from controller.adapters.own_process import run_apart
from controller.config import ReportPushSettings
from controller.ports.reports import ReportRefused
from schedules import Language
from schedules.energy.periods import Period

_MAIN = "from controller.cli.main import main; main()"
_FILE_MAIN = "from controller.cli.report_file import main; main()"
_LONGEST = 500


async def make_report(
    data: Path, now: float, period: Period, district: str | None, form: str, language: Language
) -> bytes:
    """The report of a period as it stands at ``now`` (site time, Unix s), as a file.

    Raises `ReportRefused`.
    """
    ended = await run_apart(
        _FILE_MAIN, str(data), repr(now), period.kind.value, period.text, district or "", form,
        language.value,
    )  # fmt: skip
    if ended.code != 0:
        raise ReportRefused(ended.why[:_LONGEST])
    return ended.made


async def push_month(settings: ReportPushSettings, data: Path, month: Period) -> str | None:
    """Send a month's reports; None where the platform took all, else what went wrong."""
    arguments = ["report", "push", "--month", month.text, "--data", str(data)]
    for name, value in (
        ("--url", settings.url),
        ("--key-file", settings.key_file),
        ("--ca-file", settings.ca_file),
        ("--timeout", settings.timeout_s),
    ):
        if value is not None:
            arguments += [name, str(value)]
    if settings.by_district:
        arguments.append("--all")
    ended = await run_apart(_MAIN, *arguments)
    return None if ended.code == 0 else ended.why[:_LONGEST]
