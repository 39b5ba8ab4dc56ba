"""Reports in a process of their own, so that working them out holds nobody up."""

import asyncio
import sys
from pathlib import Path

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
    code, made, told = await _run(
        _FILE_MAIN, str(data), repr(now), period.kind.value, period.text, district or "", form,
        language.value,
    )  # fmt: skip
    if code != 0:
        raise ReportRefused(_last_line(code, told))
    return made


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
    code, _, told = await _run(_MAIN, *arguments)
    return None if code == 0 else _last_line(code, told)


async def _run(main: str, *arguments: str) -> tuple[int, bytes, bytes]:
    """Run a main function in a process; its code, output and errors."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", main, *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        made, told = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    return process.returncode or 0, made, told


def _last_line(code: int, told: bytes) -> str:
    lines = told.decode(errors="replace").strip().splitlines()
    return (lines[-1] if lines else f"ended with code {code}")[:_LONGEST]
