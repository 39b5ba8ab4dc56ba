"""A hang-up signal to the running service: its settings file is read again."""

import asyncio
import logging
from collections.abc import Callable, Iterator

import click

from controller.cli.logs import set_level
from controller.cli.settings_check import check_settings
from controller.config import Settings
from controller.errors import ControllerError

_log = logging.getLogger("lamplighter.settings")


class Reload:
    """What is in force, and how it is read again.

    The log's level changes at once. Whatever else has changed is named: it waits for the next
    start. Settings that a start would refuse change nothing.
    """

    def __init__(self, in_force: Settings, read: Callable[[], Settings]) -> None:
        """``read`` raises `ControllerError` where the file is wrong, `click.ClickException` where
        it does not go with the command line."""
        self._in_force = in_force
        self._read = read

    async def follow(self, wanted: asyncio.Event) -> None:
        """Read again whenever that is wanted, until cancelled."""
        while True:
            await wanted.wait()
            wanted.clear()
            # Certificates are read as well: off the loop.
            await asyncio.to_thread(self.once)

    def once(self) -> None:
        """Read and check the settings, and take over what can be."""
        try:
            new = self._read()
            check_settings(new)
        except (ControllerError, click.ClickException) as error:
            # What the command line said at the start may not go with the file any more.
            _log.error("settings stay as they are: %s", error)
            return
        now = self._in_force
        if new.log.level != now.log.level:
            log = now.log.model_copy(update={"level": new.log.level})
            self._in_force = now.model_copy(update={"log": log})
            set_level(log)
        waiting = sorted(changed(self._in_force, new))
        _log.warning(
            "settings read again: log level %s%s",
            new.log.level,
            f"; only a restart takes over {', '.join(waiting)}" if waiting else "",
        )


def changed(old: Settings, new: Settings) -> Iterator[str]:
    """Names of the settings that differ, such as ``web.port``; never their values."""
    for section in type(old).model_fields:
        before, after = getattr(old, section), getattr(new, section)
        if before == after:
            continue
        keys = getattr(type(before), "model_fields", None)
        if keys is None:
            yield section
        else:
            for key in keys:
                if getattr(before, key) != getattr(after, key):
                    yield f"{section}.{key}"
