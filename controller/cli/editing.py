"""Changing a data folder's documents: through the service where one runs, else directly."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, Protocol

import msgspec

from controller.adapters.service_socket import RunningService
from controller.adapters.sqlite import SqliteStore
from controller.cli.options import acting_user
from controller.data_folder import open_store
from controller.errors import StoreError, StoreInUse
from controller.ports.store import Revision
from controller.service.people import Audit, local_caller
from schedules import Site
from zones import Inventory

_ATTEMPTS: Final = 60
_PAUSE_S: Final = 0.25


def tell_audit(
    store: SqliteStore, author: str, action: str, subject: str, **detail: object
) -> None:
    """A line of what was done to a store without a service."""
    who = local_caller(author or acting_user())
    Audit(store.people(), time.time).write_now(who, action, subject, detail=detail)


class Editable(Protocol):
    """What an editor needs of the documents; the store itself has it all."""

    def load_site(self, number: int | None = None) -> Site | None:
        """The site in force, or of a revision."""

    def revisions(self) -> list[Revision]:
        """Every revision, the oldest first."""

    def save_site(self, site: Site, *, author: str, comment: str) -> int:
        """Put inventory and plan in force together; returns the revision."""

    def save_inventory(self, inventory: Inventory, *, author: str = "", comment: str = "") -> int:
        """Put an inventory in force; returns the inventory's revision."""

    def rollback(self, number: int, *, author: str, comment: str) -> int:
        """Put an old revision in force as a new one; returns its number."""


@contextmanager
def open_for_edit(data: Path) -> Iterator[Editable]:
    """The documents of a data folder, whether its service runs or not.

    A service that is starting holds the folder before it answers: it is waited for.
    """
    with ExitStack() as stack:
        for attempt in range(_ATTEMPTS):
            service = stack.enter_context(RunningService.of(data))
            try:
                if service is not None:
                    store = stack.enter_context(open_store(data, read_only=True))
                    found: Editable = _Running(store, service)
                else:
                    found = _Direct(stack.enter_context(open_store(data)))
            except StoreInUse:
                if attempt == _ATTEMPTS - 1:
                    raise
                time.sleep(_PAUSE_S)
            else:
                yield found
                return


class _Direct:
    """The store itself, where no service runs; what is done stands in the audit log, too."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    def load_site(self, number: int | None = None) -> Site | None:
        return self._store.load_site(number)

    def revisions(self) -> list[Revision]:
        return self._store.revisions()

    def save_site(self, site: Site, *, author: str, comment: str) -> int:
        number = self._store.save_site(site, author=author, comment=comment)
        tell_audit(self._store, author, "edit", "inventory, plan", comment=comment)
        return number

    def save_inventory(self, inventory: Inventory, *, author: str = "", comment: str = "") -> int:
        number = self._store.save_inventory(inventory, author=author, comment=comment)
        tell_audit(self._store, author, "edit", "inventory", comment=comment)
        return number

    def rollback(self, number: int, *, author: str, comment: str) -> int:
        made = self._store.rollback(number, author=author, comment=comment)
        tell_audit(self._store, author, "roll back", str(number))
        return made


class _Running:
    """Reads the store beside the service, and lets the service write.

    What is saved is refused where somebody else saved since this was opened.
    """

    def __init__(self, store: SqliteStore, service: RunningService) -> None:
        self._store = store
        self._service = service
        kept = store.revisions()
        self._base = kept[-1].number if kept else None

    def load_site(self, number: int | None = None) -> Site | None:
        return self._store.load_site(number)

    def revisions(self) -> list[Revision]:
        return self._store.revisions()

    def save_site(self, site: Site, *, author: str, comment: str) -> int:
        return self._save(site.inventory, site.plan.model_dump_json(), author, comment)

    def save_inventory(self, inventory: Inventory, *, author: str = "", comment: str = "") -> int:
        self._save(inventory, None, author, comment)
        inventory_revision = self._store.revisions()[-1].inventory
        if inventory_revision is None:
            raise StoreError("the running service saved no inventory")
        return inventory_revision

    def rollback(self, number: int, *, author: str, comment: str) -> int:
        asked = {"base": self._base, "number": number, "author": author, "comment": comment}
        return int(self._service.post("/rollback", asked)["revision"])

    def _save(self, inventory: Inventory, plan: str | None, author: str, comment: str) -> int:
        present = self._store.load_site()
        asked: dict[str, object] = {"base": self._base, "author": author, "comment": comment}
        if present is None or inventory != present.inventory:
            asked["inventory"] = msgspec.Raw(inventory.model_dump_json().encode())
        if plan is not None:
            asked["plan"] = msgspec.Raw(plan.encode())
        return int(self._service.post("/documents", msgspec.json.encode(asked))["revision"])
