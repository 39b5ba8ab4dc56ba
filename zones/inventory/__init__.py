"""Inventories as files: import of what cities have, export of what we hold. Pure."""

from zones.inventory.coordinates import Box
from zones.inventory.export import to_csv, to_geojson
from zones.inventory.fields import FIELD_NAMES, Field, field_named
from zones.inventory.importer import ImportOptions, read_inventory
from zones.inventory.result import Finding, ImportResult, MappedColumn
from zones.inventory.sentences import counted

__all__ = [
    "FIELD_NAMES",
    "Box",
    "Field",
    "Finding",
    "ImportOptions",
    "ImportResult",
    "MappedColumn",
    "counted",
    "field_named",
    "read_inventory",
    "to_csv",
    "to_geojson",
]
