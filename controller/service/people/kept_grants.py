"""Grants as the store keeps them."""

from controller.ports.people import GrantRow, PeopleStore
from controller.service.people.rights import Grant, Place, Role


def grant_row(grant: Grant) -> GrantRow:
    """A grant, to be kept."""
    return GrantRow(grant.role.value, grant.place.value, grant.id or "")


def kept_grants(store: PeopleStore, whose: str) -> list[Grant]:
    """What is kept for ``user:`` or ``token:`` and its key. Blocks on the disk."""
    return [Grant(Role(row.role), Place(row.place), row.id or None) for row in store.grants(whose)]
