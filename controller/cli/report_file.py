"""The process that the service starts for a report to download; no command for people."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from controller.cli.report import report_content, report_of
from controller.errors import ControllerError
from schedules import Language
from schedules.energy.periods import PeriodKind, read_period
from schedules.errors import SchedulesError
from zones.said import message_of, text_in


def main() -> None:
    """Write the report of a data folder at an instant (Unix s) to standard output."""
    os.nice(10)  # the street comes first
    data, now, kind, period, district, form, language = sys.argv[1:]
    try:
        made = report_of(
            Path(data),
            read_period(PeriodKind(kind), period),
            district or None,
            datetime.fromtimestamp(float(now), UTC),
        )
        content = report_content(made, form, Language(language))
    except (ControllerError, SchedulesError) as error:
        sys.stderr.buffer.write(text_in(message_of(error), Language(language)).encode())
        sys.exit(1)
    sys.stdout.buffer.write(content)
