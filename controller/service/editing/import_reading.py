"""What a file makes of an inventory: rows, columns, and what would change. Works long.

Pure but for the time it takes: run it in a process of its own, for reading a large city holds
the interpreter for seconds.
"""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, TypeVar

from pydantic import ValidationError

from controller.errors import ConfigurationError, ControllerError
from controller.service.editing.edit_data import change_data
from controller.service.editing.floors import approval_reasons
from controller.service.sentences import SAY
from schedules import Site
from schedules.difference import difference
from zones import Document, Inventory, MappingWrong, ZonesError
from zones.inventory import Box, Field, ImportOptions, ImportResult, read_inventory
from zones.said import fault_of, message_of, stored

_D = TypeVar("_D", bound=Document)

Coordinates = Literal["wgs84", "gcj02", "bd09"]
Mode = Literal["replace", "merge"]
MOST_TOLD: Final = 1000
"""Findings, changed documents and zones that a report tells one by one."""

_SYSTEMS: Final[dict[Coordinates, str | None]] = {
    "wgs84": None,
    "gcj02": "GCJ-02",
    "bd09": "BD-09",
}


class FileRefused(ControllerError):
    """The file as a whole, or an option, is no use."""


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


class Found(NamedTuple):
    """What was found in a file."""

    report: str
    """JSON: see `controller.web.api.imports.ImportModel`."""
    inventory: bytes
    """The inventory that it makes, JSON, zlib; empty where it makes none."""


def read_file(data: bytes, how: Reading, before: Site, most: int) -> Found:
    """Read a file beside the documents in force; nothing changes.

    ``most`` luminaires may be touched without a second person. Where it is not clear which column
    is which, the report says so and names the columns. Raises `FileRefused`.
    """
    try:
        report, inventory = _report(read_inventory(data, _options(how)), before, how, most)
    except MappingWrong as error:
        if not error.columns:
            raise FileRefused(message_of(error)) from error
        report, inventory = _unmapped(error, how), None
    except ZonesError as error:
        raise FileRefused(message_of(error)) from error
    packed = b"" if inventory is None else zlib.compress(inventory.model_dump_json().encode(), 1)
    return Found(json.dumps(report, ensure_ascii=False), packed)


def _report(
    result: ImportResult, before: Site, how: Reading, most: int
) -> tuple[dict[str, Any], Inventory | None]:
    """What was found, as plain data, and the inventory that it would make."""
    errors = [_error(one.line, one.column, one.value, one.reason) for one in result.rejects]
    faults: list[dict[str, Any]] = []
    after: Site | None = None
    try:
        after = site_with(before, _inventory(result, before.inventory, how.mode))
    except (ZonesError, ConfigurationError) as error:
        faults.append(_error(None, None, None, message_of(error)))
    told = {mapped.column for mapped in result.mapping.values()}
    report: dict[str, Any] = {
        "columns": {
            name.value: None if (mapped := result.mapping.get(name)) is None else mapped.column
            for name in Field
        },
        "why": {name.value: stored(mapped.reason) for name, mapped in result.mapping.items()},
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
        "warnings": [stored(one) for one in result.warnings],
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
    report["needs_approval"] = [
        stored(one) for one in approval_reasons(before, after, change, most)
    ]
    return report, after.inventory


def _unmapped(error: MappingWrong, how: Reading) -> dict[str, Any]:
    """The report of a file of which nothing was read yet, for whoever says the columns."""
    return {
        "columns": {name.value: how.mapping.get(name.value) or None for name in Field},
        "why": {},
        "headings": list(error.columns),
        "unused": list(error.columns),
        "file_format": "",
        "encoding": "",
        "rows": 0,
        "luminaires": 0,
        "errors": [_error(None, None, None, message_of(error))],
        "errors_total": 1,
        "corrections": [],
        "warnings": [],
        "difference": None,
        "needs_approval": [],
        "ok": False,
    }


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
        why = fault_of(error.errors()[0])
        raise ConfigurationError(SAY("import_beside", why=why)) from error


def _merged(old: Iterable[_D], new: Iterable[_D]) -> tuple[_D, ...]:
    """Documents by identifier, those of the file in place of the ones there."""
    found = {str(getattr(one, "id")): one for one in old}  # noqa: B009  # documents have no common base with id
    found.update({str(getattr(one, "id")): one for one in new})  # noqa: B009  # the same
    return tuple(found.values())


def site_with(present: Site, inventory: Inventory) -> Site:
    """The plan in force with another inventory; raises `ConfigurationError` where it misfits."""
    try:
        return Site(inventory=inventory, plan=present.plan)
    except ValidationError as error:
        why = fault_of(error.errors()[0])
        raise ConfigurationError(SAY("import_misfits", why=why)) from error


def _error(row: int | None, column: str | None, value: str | None, detail: str) -> dict[str, Any]:
    return {"row": row, "column": column, "value": value, "detail": stored(detail)}
