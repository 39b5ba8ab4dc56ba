"""The process that the service starts to look where targets are heading; no command for people."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from controller.adapters.sqlite import SqliteStore
from controller.errors import ControllerError
from controller.reports.standing import TargetStanding, TargetWatch
from controller.service.outlook import Outlook


def main() -> None:
    """Write the outlooks of a data folder at an instant (Unix s) as JSON."""
    os.nice(10)  # the street comes first
    data, now = Path(sys.argv[1]), datetime.fromtimestamp(float(sys.argv[2]), UTC)
    try:
        with SqliteStore(data, read_only=True) as store:
            site = store.load_site()
            found = () if site is None else TargetWatch(site, store).look(now)
    except ControllerError as error:
        sys.exit(str(error))
    json.dump([_outlook(one) for one in found], sys.stdout)


def _outlook(one: TargetStanding) -> Outlook:
    standing = one.standing
    allowed = standing.allowed_kwh
    return Outlook(
        one.district,
        one.period.kind.value,
        standing.forecast_kwh / allowed if allowed > 0 else 0.0,
        standing.level.value,
    )
