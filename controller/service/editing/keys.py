"""What documents are called, also those that have no identifier."""

from collections.abc import Iterable, Mapping
from typing import Final

from schedules import Assignment, Limit, Plan
from schedules.files.layout import parts
from zones import Document, Inventory

OWNERS: Final[Mapping[str, type[Inventory] | type[Plan]]] = {
    part.field: owner for owner in (Inventory, Plan) for part in parts(owner)
}
"""The lists of documents, by the names of their fields, and where they stand."""

MEMBERS: Final[Mapping[str, type[Document]]] = {
    part.field: part.member for owner in (Inventory, Plan) for part in parts(owner)
}
"""Type of the documents of each list."""


def key_of(one: Document) -> str:
    """What a document is called: its identifier, or layer and target where it has none."""
    match one:
        case Assignment() | Limit():
            return f"{one.layer.value}.{one.target}"
        case _:
            name: str = getattr(one, "id")  # noqa: B009  # documents have no common base with id
            return name


def keyed(documents: Iterable[Document]) -> dict[str, Document]:
    """Documents by their keys; those for the same target are numbered from the second on."""
    found: dict[str, Document] = {}
    for one in documents:
        key, number = key_of(one), 2
        while key in found:
            key, number = f"{key_of(one)}.{number}", number + 1
        found[key] = one
    return found
