"""The service's log on standard error: lines for people, or one JSON object each."""

import json
import logging
from datetime import UTC, datetime
from typing import Final

from controller.config import LogSettings

_TEXT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class JsonLines(logging.Formatter):
    """``{"at": ISO 8601 UTC, "level", "logger", "message"}``, with ``error`` where one was met.

    One line each, whatever is in the message.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        at = datetime.fromtimestamp(record.created, UTC)
        words = {
            "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            words["error"] = self.formatException(record.exc_info)
        return json.dumps(words, ensure_ascii=False)


def begin_log(settings: LogSettings) -> None:
    """Let everything that is logged from now on go to standard error, as the settings say."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if settings.format == "json" else logging.Formatter(_TEXT))
    logging.basicConfig(handlers=[handler], force=True)
    set_level(settings)


def set_level(settings: LogSettings) -> None:
    """From now on only what is as grave as the settings say."""
    logging.getLogger().setLevel(settings.level.upper())
