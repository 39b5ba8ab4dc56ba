"""Reports in a process of their own, so that working them out holds nobody up."""

import asyncio
import sys
from pathlib import Path

from controller.config import ReportPushSettings
from schedules.energy.periods import Period

_MAIN = "from controller.cli.main import main; main()"
_LONGEST = 500


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
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _MAIN, *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        _, told = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if process.returncode == 0:
        return None
    lines = told.decode(errors="replace").strip().splitlines()
    return (lines[-1] if lines else f"ended with code {process.returncode}")[:_LONGEST]
