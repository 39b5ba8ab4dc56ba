"""Import of an inventory file: bytes in, a result out. No I/O, nothing half done.

The steps: text, table, mapping of columns, rows, and here the documents: lamp types, zones,
districts, luminaires with identifiers that are unique and the same at every import.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from pydantic import ValidationError

from zones.errors import FileUnusable, OptionWrong
from zones.inventory.assembly import Assembly
from zones.inventory.coordinates import Box, ReferenceSystem
from zones.inventory.fields import Field
from zones.inventory.geojson import looks_like_json, parse_json, read_features
from zones.inventory.mapping import map_columns
from zones.inventory.result import Finding, ImportResult, MappedColumn
from zones.inventory.rows import RowsRead, read_rows
from zones.inventory.sentences import SAY, counted
from zones.inventory.table import Progress, Table, no_progress, read_csv
from zones.inventory.technology import ASSUMED_POWER_W, SHORT_NAMES
from zones.inventory.text import decode, refuse_markup
from zones.models import Inventory, Technology
from zones.said import fault_of

MAX_ROWS: Final = 2_000_000
SMALLEST_USUAL_W: Final = 3.0
"""Input power below which a street lamp is doubted, W."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What the user says about a file; anything left out is found out or refused."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    """Field name to column name; an empty column leaves the field unmapped."""
    crs: str | None = None
    """Reference system of the coordinates, such as ``EPSG:32611``; None: degrees, WGS 84."""
    encoding: str | None = None
    box: Box | None = None
    """Rows outside are rejected."""


def read_inventory(
    data: bytes, options: ImportOptions | None = None, progress: Progress = no_progress
) -> ImportResult:
    """Read a CSV, GeoJSON or inventory document.

    Every row is either imported or stands among the rejects with its reason. Raises a
    `ZonesError` where the file as a whole or an option is no use.
    """
    options = options or ImportOptions()
    box = _checked(options.box)
    system = ReferenceSystem(options.crs) if options.crs is not None else None
    decoded = decode(data, options.encoding)
    document: Any = None
    if looks_like_json(decoded.text):
        document = parse_json(decoded.text)
        if isinstance(document, dict) and "city" in document and "luminaires" in document:
            return _read_document(decoded.text, decoded.encoding)
        table = read_features(document, decoded.text, progress)
    else:
        refuse_markup(decoded.text)
        table = read_csv(decoded.text, progress)
    if decoded.warning is not None:
        table.warnings.insert(0, decoded.warning)
    if len(table.rows) > MAX_ROWS:
        raise FileUnusable(SAY("many_rows", count=len(table.rows), most=MAX_ROWS))
    if system is None and table.crs is not None:
        system = ReferenceSystem(table.crs)
    return _import(table, decoded.encoding, options, system, box, progress)


def _checked(box: Box | None) -> Box | None:
    if box is None:
        return None
    if not (
        -180 <= box.west <= 180 and -180 <= box.east <= 180 and -90 <= box.south < box.north <= 90
    ):
        raise OptionWrong(SAY("box_wrong", **box._asdict()))
    if box.west > box.east and box.west - box.east < 180:
        # Over the date line the west is the greater number, but no city is half the globe wide.
        raise OptionWrong(SAY("box_turned", **box._asdict()))
    return box


def _read_document(text: str, encoding: str) -> ImportResult:
    try:
        inventory = Inventory.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "document"
        raise FileUnusable(SAY("document_wrong", where=place, why=fault_of(first))) from error
    return ImportResult(
        rows=len(inventory.luminaires),
        luminaires=inventory.luminaires,
        rejects=(),
        mapping={},
        districts=inventory.districts,
        zones=inventory.zones,
        lamp_types=inventory.lamp_types,
        cabinets=inventory.cabinets,
        feeders=inventory.feeders,
        gateways=inventory.gateways,
        file_format="inventory",
        encoding=encoding,
        city=inventory.city,
    )


def _import(
    table: Table,
    encoding: str,
    options: ImportOptions,
    system: ReferenceSystem | None,
    box: Box | None,
    progress: Progress,
) -> ImportResult:
    if not table.rows:
        # Columns cannot be judged without a row; what was wrong with each row is worth more.
        return ImportResult(
            rows=len(table.rejects),
            luminaires=(),
            rejects=_located(table.rejects, table),
            mapping={},
            columns=table.columns,
            warnings=tuple(table.warnings),
            file_format=table.file_format,
            encoding=encoding,
        )
    mapped = map_columns(
        table, options.mapping, crs_is_projected=None if system is None else system.is_projected
    )
    found = read_rows(table, mapped, system=system, box=box, progress=progress)
    if found.order_note is not None:
        for each in (Field.LONGITUDE, Field.LATITUDE, Field.POINT):
            if each in mapped:
                column, reason = mapped[each]
                noted = SAY("with_note", why=reason, note=found.order_note)
                mapped[each] = MappedColumn(column, noted)
    if (
        found.order_note is not None
        and Field.POINT not in mapped
        and "exchanged" in found.order_note
    ):
        # The mapping says what was done, so that giving it back with --map does the same.
        mapped[Field.LONGITUDE], mapped[Field.LATITUDE] = (
            mapped[Field.LATITUDE],
            mapped[Field.LONGITUDE],
        )
    _doubt_small_powers(found)
    assumed, assumed_w = _assume_power(found)
    if Field.WATTAGE not in mapped:
        found.warnings.append(SAY("wattage_missing"))
    progress("assembling", 0, len(found.accepted))
    assembly = Assembly(found.accepted, mapped)
    found.warnings += assembly.warnings
    return ImportResult(
        rows=len(table.rows) + len(table.rejects),
        luminaires=tuple(assembly.luminaires),
        rejects=_located(found.rejects, table),
        mapping=mapped,
        columns=table.columns,
        corrections=_located(found.corrections, table),
        warnings=tuple(found.warnings),
        assumed_power=assumed,
        assumed_kw=assumed_w / 1000,
        districts=tuple(assembly.districts),
        zones=tuple(assembly.zones),
        lamp_types=tuple(assembly.lamp_types),
        cabinets=tuple(assembly.cabinets),
        feeders=tuple(assembly.feeders),
        gateways=tuple(assembly.gateways),
        file_format=table.file_format,
        encoding=encoding,
    )


def _located(findings: list[Finding], table: Table) -> tuple[Finding, ...]:
    if table.locate is None or not findings:
        return tuple(findings)
    lines = table.locate([each.line for each in findings])
    return tuple(
        each._replace(line=line, reason=SAY("feature_at", number=each.line, why=each.reason))
        for each, line in zip(findings, lines, strict=True)
    )


def _doubt_small_powers(found: RowsRead) -> None:
    """Warn where more than a tenth of the told powers are smaller than any street lamp's."""
    told = [lamp.power_w for row in found.accepted for lamp in row.lamps if lamp.power_w > 0]
    small = sum(power < SMALLEST_USUAL_W for power in told)
    if small > len(told) / 10:
        found.warnings.append(
            SAY(
                "small_powers",
                small=small,
                lamps=counted(len(told), "lamp"),
                least=SMALLEST_USUAL_W,
            )
        )


def _assume_power(found: RowsRead) -> tuple[int, float]:
    """Give lamps of untold power the median of their kind, and say so.

    Returns how many lamps that are and the power given to all of them, W.
    """
    told: defaultdict[Technology, list[float]] = defaultdict(list)
    untold: Counter[Technology] = Counter()
    for row in found.accepted:
        for lamp in row.lamps:
            if lamp.power_w > 0:
                told[lamp.technology].append(lamp.power_w)
            else:
                untold[lamp.technology] += 1
    if not untold:
        return 0, 0.0
    everything = [power for powers in told.values() for power in powers]
    power_of: dict[Technology, float] = {}
    for technology, count in untold.items():
        name = SHORT_NAMES[technology][1]
        if told[technology]:
            power, basis = (
                median(told[technology]),
                SAY("median_of_kind", others=counted(len(told[technology]), "other")),
            )
        elif technology is Technology.UNKNOWN and everything:
            power, basis = (
                median(everything),
                SAY("median_of_all", others=counted(len(everything), "other")),
            )
        else:
            power, basis = (
                ASSUMED_POWER_W[technology],
                SAY("usual"),
            )
        power_of[technology] = power
        found.warnings.append(
            SAY(
                "power_assumed",
                luminaires=counted(count, "luminaire"),
                name=name,
                power=power,
                basis=basis,
            )
        )
    for row in found.accepted:
        row.lamps = tuple(
            lamp if lamp.power_w > 0 else lamp._replace(power_w=power_of[lamp.technology])
            for lamp in row.lamps
        )
    return untold.total(), sum(power_of[each] * count for each, count in untold.items())
