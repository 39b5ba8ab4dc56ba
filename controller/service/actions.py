"""What people ask of a running service: new documents, a way back.

One at a time. What is answered was stored first. Knows no way in: the local socket and
the console call it alike.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from controller.errors import ConfigurationError, NoSuchRevision, RevisionConflict
from controller.ports.alarms import Alarm
from controller.ports.store import Store
from controller.service.control import Control
from controller.service.editing.overrides import with_overrides_of
from controller.service.health import liveness, readiness
from controller.service.sentences import SAY
from schedules import Plan, Site
from zones import Inventory
from zones.said import fault_of, message_of

LATEST: Final = -1
"""Base of a change that holds whatever was put in force before it, such as an override."""


@dataclass(frozen=True, slots=True)
class DocumentEdit:
    """Documents to put in force together, as JSON; None keeps what is there."""

    base: int | None
    """The revision that the editor saw; None: none."""
    inventory: bytes | None
    plan: bytes | None
    author: str
    comment: str


class Actions:
    """The actions of one running service.

    ``restart`` asks the process to begin anew in an orderly way: a changed inventory needs
    it, and a restart changes no lamp. Without it a changed inventory is refused.
    """

    def __init__(self, control: Control, store: Store, restart: Callable[[], None] | None) -> None:
        self._control = control
        self._store = store
        self._restart = restart
        self._editing = asyncio.Lock()
        self._known: tuple[Site, int] | None = None
        """Documents that were in force, and their revision."""

    async def save_documents(self, edit: DocumentEdit) -> int:
        """Put documents in force; returns the revision.

        Raises `RevisionConflict` where somebody else was faster, `ConfigurationError` for
        documents that do not hold, and `StoreError`.
        """

        def wanted() -> Site:
            return self._edited(edit)

        def save(site: Site) -> int:
            return self._store.save_site(site, author=edit.author, comment=edit.comment)

        return await self._edit(edit.base, wanted, save)

    async def change(
        self, base: int | None, make: Callable[[Site], Site], author: str, comment: str
    ) -> int:
        """Put in force what ``make`` makes of the documents in force; returns the revision.

        ``make`` runs off the loop, and sees what no other edit can change meanwhile. Raises
        `RevisionConflict` unless ``base`` is `LATEST`, what ``make`` raises, and `StoreError`.
        """

        def wanted() -> Site:
            return make(self._control.site)

        def save(site: Site) -> int:
            return self._store.save_site(site, author=author, comment=comment)

        return await self._edit(base, wanted, save)

    async def rollback(
        self,
        number: int,
        base: int | None,
        author: str,
        comment: str,
        *,
        keeps_overrides: bool = False,
    ) -> int:
        """Put an old revision in force as a new one; returns its number.

        ``keeps_overrides``: those of now stay, and none of then comes back. Raises
        `NoSuchRevision`, `RevisionConflict` and `StoreError`.
        """
        old: list[Site] = []

        def wanted() -> Site:
            site = self._store.load_site(number)
            if site is None:
                raise NoSuchRevision(SAY("revision_empty", number=number))
            old.append(site)
            return with_overrides_of(site, self._control.site) if keeps_overrides else site

        def save(site: Site) -> int:
            if site is old[-1]:
                return self._store.rollback(number, author=author, comment=comment)
            return self._store.save_site(site, author=author, comment=comment)

        return await self._edit(base, wanted, save)

    async def acknowledge_alarm(self, number: int, author: str, note: str) -> Alarm:
        """Somebody took notice of an alarm; stored before this returns.

        Raises `NoSuchAlarm`, `AlarmAcknowledged`, `ConfigurationError` and `StoreError`.
        """
        return await self._control.alarms.acknowledge(number, author, note)

    def accept_clock(self) -> str:
        """Somebody says that the machine's clock is right; what came of it.

        Raises `ConfigurationError` where it cannot be believed.
        """
        try:
            return self._control.clock_watch.accept()
        except ValueError as error:
            raise ConfigurationError(SAY("clock_not_accepted", why=message_of(error))) from error

    def status(self) -> dict[str, object]:
        """How the service stands, for people."""
        control = self._control
        alive, ready = liveness(control), readiness(control)
        return {
            "city": control.site.inventory.city.name,
            "luminaires": len(control.site.inventory.luminaires),
            "zones": len(control.site.inventory.zones),
            "role": control.leader.role,
            "epoch": control.epoch,
            "alive": alive.is_ok,
            "ready": ready.is_ok,
            "checks": [check._asdict() for check in (*ready.checks, *alive.checks)],
            "open_alarms": len(control.alarms.open),
        }

    async def revision(self) -> int:
        """Revision of the documents in force, 0 for none: not of some that are stored already
        and not followed yet. What was read under it is what an edit that names it began with.
        """
        known, site = self._known, self._control.site
        if known is None or known[0] is not site:
            number = await asyncio.to_thread(self.newest)
            # An edit that began meanwhile knows better what was in force before it.
            known = self._known
            if known is None or known[0] is not site:
                if self._control.site is site and not self._editing.locked():
                    self._known = site, number
                return number
        return known[1]

    def newest(self) -> int:
        """The newest revision that is stored, 0 for none. Blocks on the disk."""
        kept = self._store.revisions()
        return kept[-1].number if kept else 0

    async def _edit(
        self, base: int | None, wanted: Callable[[], Site], save: Callable[[Site], int]
    ) -> int:
        async with self._editing:
            before = self._control.site
            if self._known is None or self._known[0] is not before:
                self._known = before, await asyncio.to_thread(self.newest)
            await asyncio.to_thread(self._refuse_late, base)
            site = await asyncio.to_thread(wanted)
            is_same_street = site.inventory == self._control.site.inventory
            if self._restart is None and not is_same_street:
                raise ConfigurationError(SAY("inventory_kept"))
            number = await asyncio.to_thread(save, site)
            if is_same_street:
                await self._control.use_site(site)
                self._known = self._control.site, number
            elif self._restart is not None:
                self._restart()
            return number

    def _refuse_late(self, base: int | None) -> None:
        if base == LATEST:
            return
        kept = self._store.revisions()
        number = kept[-1].number if kept else None
        if number != base:
            by = SAY("by_author", author=kept[-1].author) if kept and kept[-1].author else ""
            raise RevisionConflict(SAY("revision_later", number=number, by=by, base=base))

    def _edited(self, edit: DocumentEdit) -> Site:
        present = self._control.site
        try:
            return Site(
                inventory=present.inventory
                if edit.inventory is None
                else Inventory.model_validate_json(edit.inventory),
                plan=present.plan if edit.plan is None else Plan.model_validate_json(edit.plan),
            )
        except ValidationError as error:
            fault = error.errors()[0]
            where = ".".join(str(part) for part in fault["loc"]) or "documents"
            raise ConfigurationError(
                SAY("nothing_changed", where=where, why=fault_of(fault))
            ) from error
