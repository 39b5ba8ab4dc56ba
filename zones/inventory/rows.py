"""Rows as lamps: what each row says, or why it is rejected. One pass over the table."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from zones.errors import OptionWrong
from zones.inventory.coordinates import Box, Floats, Placement, ReferenceSystem, place
from zones.inventory.fields import Field
from zones.inventory.mapping import Mapped
from zones.inventory.numbers import is_blank, parse_coordinate, parse_number
from zones.inventory.points import Order, Point, parse_point
from zones.inventory.result import Finding, finding
from zones.inventory.sentences import SAY
from zones.inventory.table import Progress, Table
from zones.inventory.technology import parse_technology
from zones.inventory.wattage import (
    MAX_LAMPS,
    Lamp,
    NotAWattage,
    PowerUnknown,
    Wattage,
    parse_wattage,
)
from zones.models import Technology

_SAYS_LAMPS: Final = (Field.WATTAGE, Field.WATTAGE_2, Field.LAMPS, Field.LAMP_TYPE)
PROGRESS_EVERY: Final = 5_000
_DECIMAL_COMMA: Final = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+")


@dataclass(slots=True)
class LampRow:
    """An accepted row: where, what is said of it, and its lamps."""

    row: int
    line: int
    longitude: float
    latitude: float
    lamps: tuple[Lamp, ...]
    """At least one; power 0 where it is not told."""
    texts: Mapping[Field, str]
    """Cells of the mapped fields that tell something."""


@dataclass(slots=True)
class RowsRead:
    """Accepted rows and all that was found about the others."""

    accepted: list[LampRow] = field(default_factory=list)
    rejects: list[Finding] = field(default_factory=list)
    corrections: list[Finding] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    order_note: str | None = None


def read_rows(
    table: Table,
    mapped: Mapped,
    *,
    system: ReferenceSystem | None,
    box: Box | None,
    progress: Progress,
) -> RowsRead:
    """Judge every row: coordinates over the whole file first, then each row's own cells."""
    found = RowsRead(rejects=list(table.rejects), warnings=list(table.warnings))
    placement, faults = _place(table, mapped, system, box, found)
    reader = _RowReader(table, mapped)
    seen: dict[tuple[str, ...], int] = {}
    swapped = frozenset(placement.swapped_rows)
    for row, (cells, line) in enumerate(zip(table.rows, table.lines, strict=True)):
        if row % PROGRESS_EVERY == 0:
            progress("checking", row, len(table.rows))
        fault = faults.get(row)
        if fault is not None:
            found.rejects.append(fault)
            continue
        key = tuple(cells)
        first = seen.setdefault(key, line)
        if first != line:
            column, value = reader.identity(cells)
            reason = SAY(f"repeats_{table.unit}", first=first)
            found.rejects.append(finding(line, column, value, reason))
            continue
        texts = reader.texts(cells)
        lamps = reader.lamps(texts, line)
        if isinstance(lamps, Finding):
            found.rejects.append(lamps)
            continue
        longitude, latitude = float(placement.longitude[row]), float(placement.latitude[row])
        if row in swapped:
            column, value = _coordinate_cells(mapped, table, cells)
            reason = SAY("turned", longitude=longitude, latitude=latitude)
            found.corrections.append(finding(line, column, value, reason))
        found.accepted.append(LampRow(row, line, longitude, latitude, lamps, texts))
    found.corrections += reader.corrections
    progress("checking", len(table.rows), len(table.rows))
    found.rejects.sort(key=lambda each: each.line)
    return found


def _coordinate_cells(mapped: Mapped, table: Table, cells: list[str]) -> tuple[str, str]:
    if Field.POINT in mapped:
        column = mapped[Field.POINT].column
        return column, cells[table.index(column)]
    columns = mapped[Field.LONGITUDE].column, mapped[Field.LATITUDE].column
    return ", ".join(columns), ", ".join(cells[table.index(column)].strip() for column in columns)


def _place(
    table: Table, mapped: Mapped, system: ReferenceSystem | None, box: Box | None, found: RowsRead
) -> tuple[Placement, dict[int, Finding]]:
    count = len(table.rows)
    x, y = np.full(count, np.nan), np.full(count, np.nan)
    faults: dict[int, Finding] = {}
    order_unsaid = False
    if Field.POINT in mapped:
        column = mapped[Field.POINT].column
        columns = (column, column)
        system, order_unsaid = _read_points(table, column, system, (x, y), faults)
    else:
        columns = (mapped[Field.LONGITUDE].column, mapped[Field.LATITUDE].column)
        for numbers, column in zip((x, y), columns, strict=True):
            index = table.index(column)
            for row, cells in enumerate(table.rows):
                number = parse_coordinate(cells[index])
                if number is not None:
                    numbers[row] = number
                elif row not in faults:
                    text = cells[index].strip()
                    why = SAY("coordinate_missing" if is_blank(text) else "no_coordinate")
                    faults[row] = finding(table.lines[row], column, text, why)
    placement = place(
        x, y, columns=columns, lines=table.lines, system=system, box=box, order_unsaid=order_unsaid
    )
    found.warnings += placement.warnings
    if placement.is_swapped and order_unsaid:
        found.order_note = SAY("longitude_first")
    elif placement.is_swapped:
        found.order_note = SAY("exchanged")
        names = [repr(column) for column in dict.fromkeys(columns)]
        shown = names[0] if len(names) == 1 else SAY("and", one=names[0], other=names[1])
        found.warnings.append(SAY("columns_noted", columns=shown, note=found.order_note))
    first, second = reversed(columns) if placement.is_swapped else columns
    column_of = {"x": first, "y": second}
    for row, (axis, reason) in placement.reason.items():
        if axis in column_of:
            column = column_of[axis]
            text = table.rows[row][table.index(column)].strip()
        else:
            column, text = _coordinate_cells(mapped, table, table.rows[row])
        faults[row] = finding(table.lines[row], column, text, reason)
    return placement, faults


def _read_points(
    table: Table,
    column: str,
    system: ReferenceSystem | None,
    coordinates: tuple[Floats, Floats],
    faults: dict[int, Finding],
) -> tuple[ReferenceSystem | None, bool]:
    index = table.index(column)
    points: list[Point | None] = [parse_point(cells[index]) for cells in table.rows]
    orders = {point.order for point in points if point is not None}
    systems = {point.srid for point in points if point is not None and point.srid is not None}
    if len(systems) > 1:
        raise OptionWrong(
            SAY(
                "mixed_systems",
                column=column,
                systems=", ".join(f"EPSG:{each}" for each in sorted(systems)),
            )
        )
    if systems and system is None:
        system = ReferenceSystem(f"EPSG:{systems.pop()}")
    # Convention has the latitude first, unless the column's name says otherwise.
    says_longitude_first = re.search(r"经纬|经度.*纬度|lon.*lat|lng.*lat|^x.?y$", column.casefold())
    order_unsaid = orders == {Order.UNSAID} and not says_longitude_first
    for row, point in enumerate(points):
        if point is None:
            text = table.rows[row][index].strip()
            reason = SAY("coordinates_missing" if is_blank(text) else "no_point")
            faults[row] = finding(table.lines[row], column, text, reason)
            continue
        first, second = point.first, point.second
        if not order_unsaid and point.order is Order.UNSAID and not says_longitude_first:
            first, second = second, first
        coordinates[0][row], coordinates[1][row] = first, second
    return system, order_unsaid


class _RowReader:
    """Reads the cells of single rows; remembers what equal cells said."""

    def __init__(self, table: Table, mapped: Mapped) -> None:
        self.corrections: list[Finding] = []
        self._table = table
        self._index = {
            each: table.index(column.column)
            for each, column in mapped.items()
            if each not in (Field.LONGITUDE, Field.LATITUDE, Field.POINT)
        }
        self._column = {each: column.column for each, column in mapped.items()}
        header = self._column.get(Field.WATTAGE, "").casefold()
        self._unit = "kw" if "kw" in header or "千瓦" in header else "w"
        self._from_lamp_type = self._column.get(Field.WATTAGE) == self._column.get(Field.LAMP_TYPE)
        # Kilowatts have decimals, hardly thousands; there a point stays a decimal point.
        self._point_groups = self._unit == "w" and _has_decimal_commas(table, mapped)
        self._lamps: dict[tuple[str | None, ...], tuple[Lamp, ...]] = {}
        self._wattages: dict[str, Wattage] = {}
        self._technologies: dict[str, Technology] = {}

    def texts(self, cells: list[str]) -> dict[Field, str]:
        """Cells of the mapped fields, without those that tell nothing."""
        texts: dict[Field, str] = {}
        for each, index in self._index.items():
            text = cells[index].strip()
            if text and not is_blank(text):
                texts[each] = _unquoted(text)
        return texts

    def identity(self, cells: list[str]) -> tuple[str | None, str]:
        """The column that names the luminaire, and what stands there."""
        for each in (Field.ID, Field.POLE, Field.RECORD):
            if each in self._index and cells[self._index[each]].strip():
                return self._column[each], cells[self._index[each]].strip()
        return None, ""

    def lamps(self, texts: Mapping[Field, str], line: int) -> tuple[Lamp, ...] | Finding:
        """The row's lamps, at least one, or why it is rejected."""
        said = tuple(texts.get(each) for each in _SAYS_LAMPS)
        known = self._lamps.get(said)
        if known is not None:
            return known
        read = self._read_lamps(texts, line)
        if not isinstance(read, Finding):
            self._lamps[said] = read
        return read

    def _read_lamps(self, texts: Mapping[Field, str], line: int) -> tuple[Lamp, ...] | Finding:
        lamps: tuple[Lamp, ...] = ()
        for each in (Field.WATTAGE, Field.WATTAGE_2):
            wattage = self._wattage(texts.get(each, ""))
            if isinstance(wattage, NotAWattage):
                return finding(line, self._column[each], texts[each], wattage.reason)
            if not isinstance(wattage, PowerUnknown):
                lamps += wattage.lamps
        count = self._count(texts, line)
        if isinstance(count, Finding):
            return count
        technology = self._technology(texts.get(Field.LAMP_TYPE, ""))
        lamps = lamps or (Lamp(0.0, technology),)
        if len(lamps) == 1:
            lamps *= count or 1
        elif count is not None and count > 1 and count != len(lamps):
            column = self._column[Field.WATTAGE]
            reason = SAY("lamps_differ", count=count, column=column, told=len(lamps))
            return finding(line, self._column[Field.LAMPS], texts[Field.LAMPS], reason)
        sources = [technology] * len(lamps)
        parts = re.split(r"[/+,;、]", texts.get(Field.LAMP_TYPE, ""))
        if len(parts) == len(lamps) > 1:
            # "LED/HPS" beside "100/250": one for each lamp, unless a part names no source.
            told = [self._technology(part) for part in parts]
            sources = sources if Technology.UNKNOWN in told else told
        return tuple(
            Lamp(lamp.power_w, source) if lamp.technology is Technology.UNKNOWN else lamp
            for lamp, source in zip(lamps, sources, strict=True)
        )

    def _wattage(self, text: str) -> Wattage:
        known = self._wattages.get(text)
        if known is None:
            known = parse_wattage(
                text,
                unit=self._unit,
                decimal_comma=self._table.decimal_comma or self._point_groups,
                point_groups=self._point_groups,
            )
            if self._from_lamp_type and isinstance(known, NotAWattage):
                # The column's first business is the light source; not every cell tells a power.
                known = PowerUnknown()
            self._wattages[text] = known
        return known

    def _technology(self, text: str) -> Technology:
        known = self._technologies.get(text)
        if known is None:
            known = self._technologies[text] = parse_technology(text)
        return known

    def _count(self, texts: Mapping[Field, str], line: int) -> int | Finding | None:
        text = texts.get(Field.LAMPS)
        if text is None:
            return None
        number = parse_number(text)
        if number is None or not number.is_integer():
            return finding(line, self._column[Field.LAMPS], text, SAY("no_count"))
        if not 1 <= number <= MAX_LAMPS:
            reason = SAY("count_range", most=MAX_LAMPS)
            return finding(line, self._column[Field.LAMPS], text, reason)
        return int(number)


def _has_decimal_commas(table: Table, mapped: Mapped) -> bool:
    """Whether nearly all coordinates have a decimal comma, so that a point parts thousands."""
    if Field.LONGITUDE not in mapped or Field.LATITUDE not in mapped:
        return False
    indices = [table.index(mapped[each].column) for each in (Field.LONGITUDE, Field.LATITUDE)]
    cells = [row[index] for row in table.rows for index in indices if not is_blank(row[index])]
    commas = sum(_DECIMAL_COMMA.fullmatch(cell.strip()) is not None for cell in cells)
    return commas > 0.9 * len(cells)


def _unquoted(text: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from taking text for a formula."""
    return text[1:] if text[0] == "'" and text[1:2] in ("=", "+", "-", "@", "'") else text
