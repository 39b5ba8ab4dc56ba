"""Whether a service lives, and whether it controls its street: two different questions.

A service that does not live should be started anew. One that is not ready may live well: its
broker is away, or it does not know the time, and a new start would change nothing.
"""

from typing import NamedTuple

from controller.engine.clock_guard import ClockState
from controller.service.control import Control
from controller.service.sentences import SAY
from controller.service.watch import Check


class Health(NamedTuple):
    """An answer with its reasons."""

    is_ok: bool
    checks: list[Check]


def liveness(control: Control) -> Health:
    """Whether the loop turns and every task makes its rounds."""
    checks = control.watch.checks()
    return Health(all(check.is_ok for check in checks), checks)


def readiness(control: Control) -> Health:
    """Whether the service is in control, or, while another leads, ready to take over.

    A clock that is wrong does not count while trusted time goes on beside it, and a store that
    fails does not either: the street goes on. Both are said.
    """
    checks = [_role(control), _broker(control), _programs(control), _store(control)]
    checks.append(control.clock_watch.check())
    needed = {"broker", "programs"}
    if control.clock_watch.state is ClockState.UNKNOWN:
        needed.add("clock")
    return Health(all(check.is_ok for check in checks if check.name in needed), checks)


def components(control: Control) -> dict[str, bool]:
    """Whether each part passed its last check."""
    live = {check.name: check.is_ok for check in control.watch.checks()}
    ready = {check.name: check.is_ok for check in readiness(control).checks}
    return {
        "mqtt": ready["broker"],
        "store": ready["store"] and live.get("saving", True),
        "reconciler": live.get("reconciler", True) and live["loop"],
        "scheduler": ready["programs"],
        "clock": ready["clock"],
    }


def _role(control: Control) -> Check:
    return Check("role", is_ok=True, detail=control.leader.role)


def _broker(control: Control) -> Check:
    is_up = control.tally.is_connected
    return Check("broker", is_up, SAY("broker_connected") if is_up else SAY("broker_away"))


def _programs(control: Control) -> Check:
    book = control.engine.book
    if book is None or not control.is_ready.is_set():
        return Check("programs", is_ok=False, detail=SAY("programs_missing"))
    count = len(book.zones) + len(book.exceptions)
    detail = SAY("programs_in_force", count=count, until=book.valid_until)
    return Check("programs", is_ok=True, detail=detail)


def _store(control: Control) -> Check:
    error = control.store_watch.error
    return Check("store", is_ok=not error, detail=error or SAY("store_worked"))
