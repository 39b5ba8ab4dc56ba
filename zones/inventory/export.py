"""Export of an inventory as CSV or GeoJSON; importing it again gives the same luminaires.

Coordinates are WGS 84 degrees in full precision. In CSV, text that a spreadsheet would take
for a formula gets a leading apostrophe, which the import takes off again. What neither format
can hold (city, empty zones, power curves) is in the inventory document, `Inventory` as JSON.
"""

import csv
import io
import json
from collections.abc import Iterator
from typing import Final

from zones.models import Inventory

COLUMNS: Final = (
    "id",
    "pole",
    "name",
    "longitude",
    "latitude",
    "wattage",
    "technology",
    "lamp_type_id",
    "zone",
    "zone_name",
    "category",
    "lighting_class",
    "district",
    "district_name",
    "gateway",
    "cabinet",
    "feeder",
)
_FORMULA: Final = ("=", "+", "-", "@", "'")


def to_csv(inventory: Inventory) -> str:
    """The luminaires as CSV, comma-delimited, lines ending in CR LF (RFC 4180)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for record in _records(inventory):
        writer.writerow(
            [
                _number(value) if isinstance(value, float) else _quoted(value)
                for value in record.values()
            ]
        )
    return out.getvalue()


def to_geojson(inventory: Inventory) -> str:
    """The luminaires as a GeoJSON FeatureCollection of points, a feature per line (RFC 7946)."""
    lines: list[str] = []
    for record in _records(inventory):
        properties = {
            key: value
            for key, value in record.items()
            if key not in ("longitude", "latitude") and value != ""
        }
        feature = {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [record["longitude"], record["latitude"]]},
            "properties": properties,
        }
        lines.append(json.dumps(feature, ensure_ascii=False))
    return '{"type": "FeatureCollection", "features": [\n' + ",\n".join(lines) + "\n]}\n"


def _records(inventory: Inventory) -> Iterator[dict[str, str | float]]:
    cabinet_of_feeder = {feeder.id: feeder.cabinet for feeder in inventory.feeders}
    for luminaire in inventory.luminaires:
        zone = inventory.zone_by_id[luminaire.zone]
        district = inventory.district_by_id[zone.district]
        lamp_type = inventory.lamp_type_by_id[luminaire.lamp_type]
        gateway = inventory.gateway_by_id[luminaire.gateway] if luminaire.gateway else None
        cabinet = cabinet_of_feeder[luminaire.feeder] if luminaire.feeder else None
        values: tuple[str | float | None, ...] = (
            luminaire.id,
            luminaire.pole,
            luminaire.name,
            luminaire.longitude,
            luminaire.latitude,
            lamp_type.rated_power_w,
            lamp_type.technology.value,
            lamp_type.id,
            zone.id,
            zone.name,
            zone.category.value,
            zone.lighting_class,
            district.id,
            district.name,
            luminaire.gateway,
            cabinet or (gateway.cabinet if gateway else None),
            luminaire.feeder,
        )
        yield {
            column: "" if value is None else value
            for column, value in zip(COLUMNS, values, strict=True)
        }


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def _quoted(value: str | float) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
