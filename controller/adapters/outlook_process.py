"""The outlook of all targets from a process of its own: a year of the account is much to read."""

import json
from pathlib import Path

from controller.adapters.own_process import run_apart
from controller.service.outlook import Outlook, OutlookFailed

_MAIN = "from controller.cli.outlook import main; main()"
_LONGEST = 500


async def look(data: Path, now: float) -> list[Outlook]:
    """How the targets of the store in ``data`` stand at ``now`` (site time, Unix s).

    Raises `OutlookFailed`.
    """
    ended = await run_apart(_MAIN, str(data), repr(now))
    if ended.code != 0:
        raise OutlookFailed(ended.why[:_LONGEST])
    return [Outlook(*one) for one in json.loads(ended.made)]
