"""People: who they are, what they may do where, and what they did."""

from collections.abc import Callable
from dataclasses import dataclass

from controller.ports.people import PeopleStore
from controller.service.people.approvals import Approvals
from controller.service.people.audit import Audit
from controller.service.people.caller import Caller, local_caller
from controller.service.people.directory import Directory
from controller.service.people.passes import Passes
from controller.service.people.passwords import Passwords
from controller.service.people.rights import Grant, Place, Right, Role
from zones import Inventory

__all__ = [
    "Approvals",
    "Audit",
    "Caller",
    "Directory",
    "Grant",
    "Passes",
    "People",
    "Place",
    "Right",
    "Role",
    "local_caller",
]


@dataclass(frozen=True)
class People:
    """The people of one site: who they are, what waits for a second one, and what they did."""

    directory: Directory
    passes: Passes
    approvals: Approvals
    audit: Audit
    inventory: Callable[[], Inventory]

    @classmethod
    def of(
        cls,
        store: PeopleStore,
        now: Callable[[], float],
        inventory: Callable[[], Inventory],
        passwords: Passwords | None = None,
    ) -> "People":
        """``now`` gives Unix seconds UTC of the machine."""
        audit = Audit(store, now)
        passes = Passes(store, audit, now)
        directory = Directory(store, audit, now, passes, passwords)
        approvals = Approvals(store, audit, now, inventory, directory.present)
        return cls(directory, passes, approvals, audit, inventory)
