"""What an import found: luminaires, rejected rows, corrections and the figures of the summary.

Nothing here reads a file or decides about a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic import ValidationError

from zones.errors import FileUnusable, NothingToImport, OptionWrong
from zones.inventory.fields import Field
from zones.inventory.sentences import SAY
from zones.models import (
    Cabinet,
    City,
    District,
    Feeder,
    Gateway,
    Inventory,
    LampType,
    Luminaire,
    Technology,
    Zone,
)
from zones.said import fault_of

MAX_VALUE_SHOWN = 200


class Finding(NamedTuple):
    """What was found at one place of a file: why a row was rejected, or what was put right."""

    line: int
    """Line of the file where the row begins, from 1."""
    column: str | None
    """The column as the file calls it; None where the whole row is meant."""
    value: str
    """What stands there, cut to 200 characters."""
    reason: str


def finding(line: int, column: str | None, value: str, reason: str) -> Finding:
    """A `Finding` whose value is cut to what a report can show."""
    shown = value if len(value) <= MAX_VALUE_SHOWN else value[: MAX_VALUE_SHOWN - 1] + "…"
    return Finding(line, column, shown, reason)


class MappedColumn(NamedTuple):
    """Which column a field is read from, and why that one."""

    column: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """One file read to the end. ``rows`` is the rows accepted plus the rows rejected."""

    rows: int
    luminaires: tuple[Luminaire, ...]
    rejects: tuple[Finding, ...]
    """One for each rejected row, in the order of the file."""
    mapping: Mapping[Field, MappedColumn]
    columns: tuple[str, ...] = ()
    """Every column of the file, mapped or not."""
    corrections: tuple[Finding, ...] = ()
    """Rows that were imported after something in them was put right."""
    warnings: tuple[str, ...] = ()
    assumed_power: int = 0
    """Luminaires whose power the file does not tell; it was assumed."""
    assumed_kw: float = 0.0
    """What of ``total_kw`` was assumed."""
    districts: tuple[District, ...] = ()
    zones: tuple[Zone, ...] = ()
    lamp_types: tuple[LampType, ...] = ()
    cabinets: tuple[Cabinet, ...] = ()
    feeders: tuple[Feeder, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    file_format: str = "csv"
    encoding: str = "utf-8"
    city: City | None = None
    """Set where the file is an inventory document that names its city."""
    _power: dict[str, LampType] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_power", {each.id: each for each in self.lamp_types})

    @property
    def total_kw(self) -> float:
        """Input power of all luminaires at level 100, kW, assumed ones included."""
        return sum(self._power[each.lamp_type].rated_power_w for each in self.luminaires) / 1000

    @property
    def led_share(self) -> float:
        """Share of the luminaires that are LED, 0 to 1; 0 where there are none."""
        led = sum(
            self._power[each.lamp_type].technology is Technology.LED for each in self.luminaires
        )
        return led / len(self.luminaires) if self.luminaires else 0.0

    @property
    def bbox(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of the luminaires, WGS 84 degrees; None where there are none."""
        if not self.luminaires:
            return None
        longitudes = [each.longitude for each in self.luminaires]
        latitudes = [each.latitude for each in self.luminaires]
        return min(longitudes), min(latitudes), max(longitudes), max(latitudes)

    def to_inventory(
        self,
        *,
        time_zone: str | None = None,
        city_id: str | None = None,
        city_name: str | None = None,
    ) -> Inventory:
        """The inventory document, checked as a whole.

        ``time_zone`` is an IANA name and must be given unless the file itself names its city.
        The city's place is the middle of its luminaires. Raises `NothingToImport` where every
        row was rejected and `OptionWrong` for a bad city.
        """
        box = self.bbox
        if box is None:
            raise NothingToImport(SAY("none_importable", rows=self.rows))
        if self.city is None and time_zone is None:
            raise OptionWrong(SAY("time_zone_missing"))
        known = self.city
        try:
            city = City(
                id=city_id or (known.id if known else "city"),
                name=city_name or (known.name if known else city_id or "City"),
                name_en=known.name_en if known and not city_name else None,
                time_zone=time_zone or (known.time_zone if known else ""),
                longitude=known.longitude if known else round((box[0] + box[2]) / 2, 6),
                latitude=known.latitude if known else round((box[1] + box[3]) / 2, 6),
                synthetic=known.synthetic if known else False,
            )
        except ValidationError as error:
            first = error.errors()[0]
            raise OptionWrong(
                SAY("city_wrong", field=first["loc"][0], value=first["input"], why=fault_of(first))
            ) from error
        try:
            return Inventory(
                city=city,
                districts=self.districts,
                zones=self.zones,
                lamp_types=self.lamp_types,
                cabinets=self.cabinets,
                feeders=self.feeders,
                gateways=self.gateways,
                luminaires=self.luminaires,
            )
        except ValidationError as error:
            why = fault_of(error.errors()[0])
            raise FileUnusable(SAY("rows_make_none", why=why)) from error
