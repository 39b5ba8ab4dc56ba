"""Who asks: a person with a session, a program with a token, or the machine itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from controller.service.people.rights import Grant, Place, Right, Role
from zones import Inventory


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what they may do where."""

    user: str
    """Identifier; goes into histories and the audit log."""
    name: str
    grants: tuple[Grant, ...]
    via: Literal["session", "token", "link", "local"] = "session"
    key: str = ""
    """Names the session or token in lists; says nothing of its secret."""
    bounds: tuple[Grant, ...] | None = None
    """A token never exceeds its owner: what the owner may do; None: no bound."""
    language: str | None = None
    address: str = ""
    """Where the request came from."""

    def has(self, right: Right) -> bool:
        """Whether they may do something anywhere at all."""
        return _anywhere(self.grants, right) and (
            self.bounds is None or _anywhere(self.bounds, right)
        )

    def zones(self, right: Right, inventory: Inventory) -> frozenset[str] | None:
        """Zones where they may do something; None for the whole city, also what comes to it."""
        own = _zones(self.grants, right, inventory)
        if self.bounds is None:
            return own
        bound = _zones(self.bounds, right, inventory)
        if own is None or bound is None:
            return bound if own is None else own
        return own & bound

    def may(self, right: Right, inventory: Inventory, zones: Iterable[str]) -> bool:
        """Whether they may do something in all of these zones."""
        own = self.zones(right, inventory)
        return own is None or own.issuperset(zones)

    def is_citywide(self, right: Right) -> bool:
        """Whether they may do something in the whole city."""
        return _is_citywide(self.grants, right) and (
            self.bounds is None or _is_citywide(self.bounds, right)
        )


def local_caller(user: str) -> Caller:
    """Whoever may write in the data folder: an admin, by the name of the machine's user."""
    return Caller(user, user, (Grant(Role.ADMIN),), via="local")


def _anywhere(grants: Iterable[Grant], right: Right) -> bool:
    return any(right in grant.rights for grant in grants)


def _is_citywide(grants: Iterable[Grant], right: Right) -> bool:
    return any(right in grant.rights and grant.place is Place.CITY for grant in grants)


def _zones(grants: Iterable[Grant], right: Right, inventory: Inventory) -> frozenset[str] | None:
    if _is_citywide(grants, right):
        return None
    found: frozenset[str] = frozenset()
    for grant in grants:
        if right in grant.rights:
            found |= grant.zones(inventory)
    return found
