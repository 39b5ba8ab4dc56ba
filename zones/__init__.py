"""What is on the street: city, districts, zones, luminaires, lamp types, lighting classes.

The pure bottom of the house. Reads no clock and no file: bytes come in, documents go out.
"""

from zones.beijing import demo_inventory
from zones.errors import (
    CoordinatesUnclear,
    FileUnusable,
    MappingWrong,
    NothingToImport,
    OptionWrong,
    ReferenceSystemUnknown,
    ZonesError,
)
from zones.lighting_classes import (
    LIGHTING_CLASSES,
    LightingClass,
    Standard,
    lighting_class_of,
    night_floor_level,
)
from zones.models import (
    Cabinet,
    Category,
    City,
    District,
    Document,
    Feeder,
    Gateway,
    Identifier,
    Inventory,
    LampType,
    Level,
    Luminaire,
    Technology,
    Zone,
)

__all__ = [
    "LIGHTING_CLASSES",
    "Cabinet",
    "Category",
    "City",
    "CoordinatesUnclear",
    "District",
    "Document",
    "Feeder",
    "FileUnusable",
    "Gateway",
    "Identifier",
    "Inventory",
    "LampType",
    "Level",
    "LightingClass",
    "Luminaire",
    "MappingWrong",
    "NothingToImport",
    "OptionWrong",
    "ReferenceSystemUnknown",
    "Standard",
    "Technology",
    "Zone",
    "ZonesError",
    "demo_inventory",
    "lighting_class_of",
    "night_floor_level",
]
