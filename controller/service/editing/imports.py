"""Inventories read from files: what was found, what would change, and the way into force.

A file is read whole or not at all, off the loop; what came of it is kept in the store until it
is put in force or newer ones push it out. Nothing changes before that. A file with rows that
cannot be read is put in force only where its reader says to leave them out.
"""

import asyncio
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from controller.errors import ControllerError, RevisionConflict
from controller.ports.clock import Clock
from controller.ports.store import Store
from controller.ports.work import ImportRow
from controller.service.actions import LATEST, Actions
from controller.service.control import Control
from controller.service.editing.desk import Desk
from controller.service.editing.import_reading import Found, Reading, site_with
from controller.service.in_thread import finished
from controller.service.people import Approvals, Caller, Right
from controller.service.sentences import SAY
from schedules import Site
from zones import Inventory
from zones.said import restored

KEPT: Final = 5
"""Files that were read and not put in force."""


class FileReader(Protocol):
    """Reads a file of an inventory, away from the loop."""

    async def __call__(self, data: bytes, how: Reading, base: int, most: int) -> Found:
        """What is found beside the documents of revision ``base``; see `read_file`."""


class NoSuchImport(ControllerError):
    """An import was named that never was, or that newer ones pushed out."""


class ImportHeld(ControllerError):
    """It cannot be put in force as it is."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of it: a revision, or an approval that it waits for."""

    revision: int | None = None
    approval: int | None = None
    reasons: tuple[str, ...] = ()


class Imports:
    """The imports of one running service."""

    def __init__(
        self,
        control: Control,
        actions: Actions,
        approvals: Approvals,
        desk: Desk,
        store: Store,
        clock: Clock,
        read_file: FileReader,
    ) -> None:
        self._control = control
        self._actions = actions
        self._approvals = approvals
        self._desk = desk
        self._store = store
        self._work = store.work()
        self._clock = clock
        self._read_file = read_file
        self._reading = asyncio.Lock()
        self._applying = asyncio.Lock()
        approvals.carries_out("import", Right.IMPORT, self._apply_approved)

    async def read(self, caller: Caller, data: bytes, how: Reading) -> ImportRow:
        """Read a file and keep what was found; nothing changes.

        One at a time, each may be large. Raises `FileRefused` where the file or an option is
        no use, and `ImportHeld` while another file is read.
        """
        if self._reading.locked():
            raise ImportHeld(SAY("import_busy"))
        async with self._reading:
            base = await asyncio.to_thread(self._actions.newest)
            found = await self._read_file(data, how, base, self._desk.most_luminaires)
            row = ImportRow(
                number=0,
                state="read",
                base=base,
                inventory=found.inventory,
                report=found.report,
                author=caller.user,
                made_at=self._clock.now(),
                revision=None,
            )
            number = await finished(lambda: self._work.add_import(row, KEPT))
            return row._replace(number=number)

    async def one(self, number: int) -> ImportRow:
        """One of them; raises `NoSuchImport`."""
        row = await asyncio.to_thread(self._work.one_import, number)
        if row is None:
            raise NoSuchImport(SAY("import_gone", number=number))
        return row

    async def apply(self, caller: Caller, number: int) -> Applied:
        """Put what was read in force, or ask a second person. What is in force stays so.

        Raises `NoSuchImport`, `ImportHeld`, and `RevisionConflict` where the inventory is not
        the one any more that the file was compared with.
        """
        row = await self.one(number)
        if row.state == "applied":
            return Applied(revision=row.revision)
        report = json.loads(row.report)
        if not report["ok"]:
            raise ImportHeld(SAY("import_wrong", number=number))
        reasons = tuple(restored(report["needs_approval"]))
        if reasons:
            asked = await self._approvals.ask(
                caller,
                "import",
                {"number": number},
                summary=SAY("import_summary", number=number, rows=report["rows"]),
                reasons=reasons,
                zones=tuple(self._control.site.inventory.zone_by_id),
            )
            return Applied(approval=asked.number, reasons=reasons)
        return Applied(revision=await self._put_in_force(caller, number))

    async def _apply_approved(self, caller: Caller, body: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"revision": await self._put_in_force(caller, int(body["number"]))}

    async def _put_in_force(self, caller: Caller, number: int) -> int:
        async with self._applying:
            row = await self.one(number)
            if row.state == "applied" and row.revision is not None:
                return row.revision
            inventory, compared = await finished(lambda: self._documents(row))

            def make(present: Site) -> Site:
                # After a crash it may be in force already, and nobody wrote that down.
                if present.inventory not in (inventory, compared):
                    raise RevisionConflict(SAY("import_outdated", number=number))
                return site_with(present, inventory)

            comment = SAY("import_comment", number=number)
            revision = await self._actions.change(LATEST, make, caller.user, comment)
            await asyncio.to_thread(self._work.import_applied, number, revision)
            return revision

    def _documents(self, row: ImportRow) -> tuple[Inventory, Inventory]:
        """What was read, and what it was compared with."""
        compared = self._store.load_site(row.base)
        assert compared is not None, "documents are kept for ever"
        found = Inventory.model_validate_json(zlib.decompress(row.inventory))
        return found, compared.inventory
