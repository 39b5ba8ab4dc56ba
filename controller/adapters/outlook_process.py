"""The outlook of all targets from a process of its own: a year of the account is much to read."""

import asyncio
import json
import sys
from pathlib import Path

from controller.service.outlook import Outlook, OutlookFailed

_MAIN = "from controller.cli.outlook import main; main()"
_LONGEST = 500


async def look(data: Path, now: float) -> list[Outlook]:
    """How the targets of the store in ``data`` stand at ``now`` (site time, Unix s).

    Raises `OutlookFailed`.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _MAIN, str(data), repr(now),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
    except OSError as error:
        raise OutlookFailed(f"no process could be started: {error}") from error
    try:
        found, told = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if process.returncode != 0:
        lines = told.decode(errors="replace").strip().splitlines()
        why = lines[-1] if lines else f"ended with code {process.returncode}"
        raise OutlookFailed(why[:_LONGEST])
    return [Outlook(*one) for one in json.loads(found)]
