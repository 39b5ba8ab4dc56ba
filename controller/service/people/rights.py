"""What people may do, and where: roles, rights, and the part of the city a grant covers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from controller.errors import ConfigurationError
from controller.service.names import thing_said
from controller.service.people.sentences import SAY
from zones import Inventory


class Right(StrEnum):
    """One thing that may be done."""

    VIEW = "view"
    """See the street, its documents and figures."""
    OVERRIDE = "override"
    """Set and end overrides above the floor."""
    ACKNOWLEDGE = "acknowledge"
    """Take notice of alarms."""
    WORK = "work"
    """Open and move work orders."""
    EDIT = "edit"
    """Put documents of the plan in force, roll back, roll out."""
    MAINTAIN = "maintain"
    """Go below a floor for maintenance."""
    IMPORT = "import"
    """Change the inventory."""
    APPROVE = "approve"
    """Be the second person."""
    AUDIT = "audit"
    """Read who did what."""
    ADMIN = "admin"
    """Users, tokens, and what the service itself is set to."""


class Role(StrEnum):
    """A set of rights with a name."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    PLANNER = "planner"
    MAINTAINER = "maintainer"
    ADMIN = "admin"


RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    Role.VIEWER: frozenset({Right.VIEW}),
    Role.OPERATOR: frozenset({Right.VIEW, Right.OVERRIDE, Right.ACKNOWLEDGE, Right.WORK}),
    Role.PLANNER: frozenset(
        {Right.VIEW, Right.OVERRIDE, Right.ACKNOWLEDGE, Right.WORK, Right.EDIT, Right.APPROVE}
    ),
    Role.MAINTAINER: frozenset(
        {Right.VIEW, Right.OVERRIDE, Right.ACKNOWLEDGE, Right.WORK, Right.MAINTAIN, Right.IMPORT}
    ),
    Role.ADMIN: frozenset(Right),
}
"""The rights of each role."""


class Place(StrEnum):
    """Kind of a part of the city."""

    CITY = "city"
    DISTRICT = "district"
    ZONE = "zone"


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A role in a part of the city: all of it, a district with what lies in it, or a zone."""

    role: Role
    place: Place = Place.CITY
    id: str | None = None

    def __post_init__(self) -> None:
        if (self.place is Place.CITY) != (self.id is None):
            raise ConfigurationError(
                SAY("grant_no_id", role=self.role)
                if self.place is Place.CITY
                else SAY("grant_id", role=self.role, place=thing_said(self.place))
            )

    def __str__(self) -> str:
        """As `parse_grant` reads it."""
        return self.role.value if self.id is None else f"{self.role}@{self.place}:{self.id}"

    @property
    def rights(self) -> frozenset[Right]:
        """What it lets do there."""
        return RIGHTS[self.role]

    def zones(self, inventory: Inventory) -> frozenset[str]:
        """Zones of the part; none where it is not in the inventory any more."""
        match self.place:
            case Place.CITY:
                return frozenset(inventory.zone_by_id)
            case Place.ZONE:
                return frozenset({str(self.id)} & inventory.zone_by_id.keys())
            case Place.DISTRICT:
                within = inventory.districts_within([str(self.id)])
                return frozenset(zone.id for zone in inventory.zones if zone.district in within)


def parse_grant(text: str) -> Grant:
    """Read ``role``, ``role@district:ID`` or ``role@zone:ID``.

    Raises `ConfigurationError` naming what is wrong and what would be right.
    """
    role, at, place = text.partition("@")
    kind, colon, name = place.partition(":")
    try:
        if not at:
            return Grant(Role(role))
        if colon and name:
            return Grant(Role(role), Place(kind), name)
    except ValueError:
        pass
    raise ConfigurationError(
        f"grant {text!r}: such are 'viewer', 'planner@district:110105' and 'operator@zone:Z-1'; "
        f"roles are {', '.join(Role)}"
    )
