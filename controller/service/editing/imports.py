"""Inventories read from files: what was found, what would change, and the way into force.

A file is read whole or not at all, off the loop; what came of it is kept in the store until it
is put in force or newer ones push it out. Nothing changes before that. A file with rows that
cannot be read is put in force only where its reader says to leave them out.
"""

import asyncio
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar

from pydantic import ValidationError

from controller.errors import ConfigurationError, ControllerError, RevisionConflict
from controller.ports.clock import Clock
from controller.ports.store import Store
from controller.ports.work import ImportRow
from controller.service.actions import LATEST, Actions
from controller.service.control import Control
from controller.service.editing.desk import Desk
from controller.service.editing.edit_data import change_data
from controller.service.editing.weighing import Edit
from controller.service.in_thread import finished
from controller.service.people import Approvals, Caller, Right
from schedules import Site
from schedules.difference import difference
from zones import Document, Inventory, ZonesError
from zones.inventory import Box, Field, ImportOptions, ImportResult, read_inventory

_D = TypeVar("_D", bound=Document)

Coordinates = Literal["wgs84", "gcj02", "bd09"]
Mode = Literal["replace", "merge"]
KEPT: Final = 5
"""Files that were read and not put in force."""
MOST_TOLD: Final = 1000
"""Findings, changed documents and zones that a report tells one by one."""

_SYSTEMS: Final[dict[Coordinates, str | None]] = {
    "wgs84": None,
    "gcj02": "GCJ-02",
    "bd09": "BD-09",
}


class NoSuchImport(ControllerError):
    """An import was named that never was, or that newer ones pushed out."""


class ImportHeld(ControllerError):
    """It cannot be put in force as it is."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read."""

    coordinates: Coordinates = "wgs84"
    crs: str | None = None
    """A reference system of pyproj's, such as ``EPSG:4527``, in place of ``coordinates``."""
    mode: Mode = "merge"
    """``merge``: what the file does not name stays; ``replace``: it goes."""
    skips_rejected: bool = False
    """Whether rows that cannot be read are left out; else they bar the whole file."""
    encoding: str | None = None
    box: tuple[float, float, float, float] | None = None
    """West, south, east, north of the city, degrees; rows outside cannot be read."""
    mapping: Mapping[str, str] = field(default_factory=dict)
    """Field to column; an empty column leaves the field out."""


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
    ) -> None:
        self._control = control
        self._actions = actions
        self._approvals = approvals
        self._desk = desk
        self._store = store
        self._work = store.work()
        self._clock = clock
        self._reading = asyncio.Lock()
        self._applying = asyncio.Lock()
        approvals.carries_out("import", Right.IMPORT, self._apply_approved)

    async def read(self, caller: Caller, data: bytes, how: Reading) -> ImportRow:
        """Read a file and keep what was found; nothing changes.

        One at a time, each may be large. Raises a `ZonesError` where the file or an option is
        no use, and `ImportHeld` while another file is read.
        """

        def work() -> ImportRow:
            base, site = self._present()
            report, inventory = self._report(read_inventory(data, _options(how)), site, how)
            packed = b"" if inventory is None else _packed(inventory)
            made_at = self._clock.now()
            row = ImportRow(
                number=0,
                state="read",
                base=base,
                inventory=packed,
                report=json.dumps(report, ensure_ascii=False),
                author=caller.user,
                made_at=made_at,
                revision=None,
            )
            return row._replace(number=self._work.add_import(row, KEPT))

        if self._reading.locked():
            raise ImportHeld("another file is being read; try again in a moment")
        async with self._reading:
            return await finished(work)

    async def one(self, number: int) -> ImportRow:
        """One of them; raises `NoSuchImport`."""
        row = await asyncio.to_thread(self._work.one_import, number)
        if row is None:
            raise NoSuchImport(f"import {number} is not kept (any more): read the file again")
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
            raise ImportHeld(f"import {number} has rows that cannot be read, or fits no plan")
        reasons = tuple(str(one) for one in report["needs_approval"])
        if reasons:
            asked = await self._approvals.ask(
                caller,
                "import",
                {"number": number},
                summary=f"import {number}: {report['rows']:,} rows",
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
                    raise RevisionConflict(
                        f"the inventory was changed since import {number} was read: "
                        "read the file again"
                    )
                return _site(present, inventory)

            comment = f"import {number}"
            revision = await self._actions.change(LATEST, make, caller.user, comment)
            await asyncio.to_thread(self._work.import_applied, number, revision)
            return revision

    def _documents(self, row: ImportRow) -> tuple[Inventory, Inventory]:
        """What was read, and what it was compared with."""
        compared = self._store.load_site(row.base)
        assert compared is not None, "documents are kept for ever"
        found = Inventory.model_validate_json(zlib.decompress(row.inventory))
        return found, compared.inventory

    def _present(self) -> tuple[int, Site]:
        number = self._actions.newest()
        site = self._store.load_site(number) if number else None
        return number, site or self._control.site

    def _report(
        self, result: ImportResult, before: Site, how: Reading
    ) -> tuple[dict[str, Any], Inventory | None]:
        """What was found, as plain data, and the inventory that it would make."""
        errors = [_error(one.line, one.column, one.value, one.reason) for one in result.rejects]
        faults: list[dict[str, Any]] = []
        after: Site | None = None
        try:
            after = _site(before, _inventory(result, before.inventory, how.mode))
        except (ZonesError, ConfigurationError) as error:
            faults.append(_error(None, None, None, str(error)))
        told = {mapped.column for mapped in result.mapping.values()}
        report: dict[str, Any] = {
            "columns": {
                name.value: None if (mapped := result.mapping.get(name)) is None else mapped.column
                for name in Field
            },
            "why": {name.value: mapped.reason for name, mapped in result.mapping.items()},
            "headings": list(result.columns),
            "unused": [column for column in result.columns if column not in told],
            "file_format": result.file_format,
            "encoding": result.encoding,
            "rows": result.rows,
            "luminaires": len(result.luminaires),
            "errors": (faults + errors)[:MOST_TOLD],
            "errors_total": len(faults) + len(errors),
            "corrections": [
                _error(one.line, one.column, one.value, one.reason)
                for one in result.corrections[:MOST_TOLD]
            ],
            "warnings": list(result.warnings),
            "difference": None,
            "needs_approval": [],
            "ok": after is not None and (how.skips_rejected or not errors),
        }
        if after is None:
            return report, None
        change = difference(before, after)
        data = change_data(change)
        report["difference"] = {
            "documents": data["documents"][:MOST_TOLD],
            "documents_total": len(data["documents"]),
            "zones": data["zones"][:MOST_TOLD],
            "luminaires": change.luminaires,
        }
        report["needs_approval"] = self._desk.reasons(before, Edit(after, change, None, None))
        return report, after.inventory


def _options(how: Reading) -> ImportOptions:
    return ImportOptions(
        mapping=how.mapping,
        crs=how.crs or _SYSTEMS[how.coordinates],
        encoding=how.encoding,
        box=None if how.box is None else Box(*how.box),
    )


def _inventory(result: ImportResult, present: Inventory, mode: Mode) -> Inventory:
    """The inventory that a file makes; the city itself stays the one that it is."""
    city = present.city
    found = result.to_inventory(
        time_zone=city.time_zone, city_id=city.id, city_name=city.name
    ).model_copy(update={"city": city})
    if mode == "replace":
        return found
    names = [name for name in Inventory.model_fields if name != "city"]
    merged = {name: _merged(getattr(present, name), getattr(found, name)) for name in names}
    try:
        return Inventory(city=city, **merged)
    except ValidationError as error:
        why = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ConfigurationError(f"does not go together with what is there: {why}") from error


def _merged(old: Iterable[_D], new: Iterable[_D]) -> tuple[_D, ...]:
    """Documents by identifier, those of the file in place of the ones there."""
    found = {str(getattr(one, "id")): one for one in old}  # noqa: B009  # documents have no common base with id
    found.update({str(getattr(one, "id")): one for one in new})  # noqa: B009  # the same
    return tuple(found.values())


def _site(present: Site, inventory: Inventory) -> Site:
    try:
        return Site(inventory=inventory, plan=present.plan)
    except ValidationError as error:
        why = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ConfigurationError(f"the plan does not fit it: {why}") from error


def _packed(inventory: Inventory) -> bytes:
    return zlib.compress(inventory.model_dump_json().encode(), 1)


def _error(row: int | None, column: str | None, value: str | None, detail: str) -> dict[str, Any]:
    return {"row": row, "column": column, "value": value, "detail": detail}
