"""Walks along the whole audit log once a day, so that nobody has to think of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from controller.errors import ControllerError
from controller.service.people.audit import Audit

EVERY_S: Final = 86_400.0

_log = logging.getLogger("lamplighter.audit")


async def watch_audit(
    audit: Audit, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> None:
    """Look at the start and then once in a machine day, until cancelled; never fails."""
    while True:
        await asyncio.to_thread(look, audit)
        await sleep(EVERY_S)


def look(audit: Audit) -> None:
    """Walk along the chain, and say in the service's log where it does not hold."""
    try:
        found = audit.verify()
    except ControllerError as error:
        _log.error("the audit log could not be looked through: %s", error)
        return
    if found.broken is not None:
        _log.error("the audit log does not hold: line %d: %s", *found.broken)
