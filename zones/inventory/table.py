"""A file as a table of text: columns, rows with their lines, and what could not be a row.

CSV is read here; `zones.inventory.geojson` makes the same table from features.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import dropwhile, islice
from typing import Final

from zones.errors import FileUnusable
from zones.inventory.fields import FIELD_NAMES, Field, normalised
from zones.inventory.file_sentences import SAY
from zones.inventory.numbers import parse_coordinate
from zones.inventory.result import Finding, finding
from zones.inventory.sentences import counted

DELIMITERS: Final = (",", ";", "\t", "|")
MAX_COLUMNS: Final = 2_000
QUOTE_SUSPECT_LINES: Final = 20
HEADER_WITHIN: Final = 12
"""Records among which the header is looked for."""
LONGEST_NAME: Final = 60
_NAMES: Final = frozenset(
    normalised(name) for known in FIELD_NAMES.values() for name in known.names
)
_COORDINATE_NAMES: Final = frozenset(
    normalised(name)
    for each in (Field.LONGITUDE, Field.LATITUDE, Field.POINT)
    for name in FIELD_NAMES[each].names
)
PROGRESS_EVERY: Final = 5_000

Progress = Callable[[str, int, int], None]
"""Told now and then: what is being done, how much of it is done, and of how much."""


def no_progress(doing: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(slots=True, kw_only=True)
class Table:
    """Columns and rows of text. ``rows[i]`` began on line ``lines[i]`` of the file."""

    columns: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]
    rejects: list[Finding] = field(default_factory=list)
    """Rows that are no rows of this table."""
    warnings: list[str] = field(default_factory=list)
    file_format: str = "csv"
    decimal_comma: bool = False
    """True where a lone comma in a number is a decimal comma."""
    crs: str | None = None
    """Reference system that the file itself names."""
    geometry: tuple[str, str] | None = None
    """Columns that hold the geometry's coordinates, where the file has geometry."""
    repeated: frozenset[str] = frozenset()
    """Columns whose name stands more than once in the header, as the header has it."""
    locate: Callable[[list[int]], list[int]] | None = None
    """Turns ordinals in ``lines`` into lines of the file, where that costs a second pass."""

    @property
    def unit(self) -> str:
        """What ``lines`` counts."""
        return "line" if self.locate is None else "feature"

    def index(self, column: str) -> int:
        """Position of a column."""
        return self.columns.index(column)


def read_csv(text: str, progress: Progress = no_progress) -> Table:
    """Read delimited text: comma, semicolon, tab or bar, whichever gives steady columns.

    Raises `FileUnusable` where there is no header, no row, or a field without an end.
    """
    text, delimiter = _delimiter(text)
    skipped = 0
    warnings: list[str] = []
    records = _records(text, delimiter)
    # Blank lines may go on for long before the table begins.
    records = dropwhile(lambda each: not any(cell.strip() for cell in each[1]), records)
    first_rows = list(islice(records, HEADER_WITHIN))
    if not first_rows:
        raise FileUnusable(SAY("only_blank"))
    titles = _titles([cells for _, cells in first_rows])
    for line, cells in first_rows[:titles]:
        told = " ".join(cell.strip() for cell in cells if cell.strip())
        if not told:
            continue
        warnings.append(SAY("title", line=line, told=told[:80]))
    header_line, header = first_rows[titles]
    del first_rows[: titles + 1]
    if len(header) > MAX_COLUMNS:
        raise FileUnusable(SAY("many_columns", count=len(header), most=MAX_COLUMNS))
    while header and not header[-1].strip():
        header.pop()
    if len(header) == 1 and not any(cells for _, cells in first_rows):
        raise FileUnusable(SAY("no_header", line=header_line, told=header[0].strip()[:80]))
    if _is_data(header):
        warnings.append(SAY("numbered", line=header_line))
        first_rows.insert(0, (header_line, header))
        header = [f"column {number}" for number in range(1, len(header) + 1)]
    columns, repeated = _unique_names(header)
    table = Table(
        columns=columns,
        rows=[],
        lines=[],
        warnings=warnings,
        decimal_comma=delimiter in ";\t",
        repeated=repeated,
    )
    width = len(columns)
    total = text.count("\n") + 1
    for count, (line, cells) in enumerate(_chain(first_rows, records)):
        if count % PROGRESS_EVERY == 0:
            progress("reading", line, total)
        if len(cells) != width:
            if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
                del cells[width:]
            elif not any(cell.strip() for cell in cells):
                skipped += bool(cells)
                continue
            else:
                table.rejects.append(_ragged(line, cells, width))
                continue
        elif not any(cells) or not any(cell.strip() for cell in cells):
            skipped += 1
            continue
        table.rows.append(cells)
        table.lines.append(line)
    progress("reading", total, total)
    if skipped:
        table.warnings.append(SAY("passed_over", rows=counted(skipped, "row")))
    if not table.rows and not table.rejects:
        raise FileUnusable(SAY("no_rows"))
    return table


def _chain(
    first: list[tuple[int, list[str]]], rest: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    yield from first
    yield from rest


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Records with the line on which each begins; a cell with line breaks spans several."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FileUnusable(SAY("open_quote", line=line, why=error)) from error
        yield line, cells


def _delimiter(text: str) -> tuple[str, str]:
    """The text to read and its delimiter: the one that cuts most lines into equally many cells."""
    first_line, _, rest = text.partition("\n")
    if first_line.strip().casefold().startswith("sep=") and len(first_line.strip()) == 5:
        # Excel's own hint. The line stays as a blank one, so that line numbers hold.
        return "\n" + rest, first_line.strip()[4]
    best: tuple[int, float, int] = (0, 0.0, 1)
    chosen = ","
    sample = text[:100_000]
    for delimiter in DELIMITERS:
        try:
            widths = [
                len(cells)
                for cells in islice(
                    csv.reader(
                        io.StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=True
                    ),
                    100,
                )
                if any(cell.strip() for cell in cells)
            ]
        except csv.Error:
            continue
        if not widths or max(widths) == 1:
            continue
        width, count = Counter(width for width in widths if width > 1).most_common(1)[0]
        # A delimiter cuts the header too; a comma inside the cells does not. The header may
        # stand below a title.
        in_header = 2 if widths[0] == width else int(width in widths[1:2])
        score = (in_header, round(count / len(widths), 1), width)
        if score > best:
            best, chosen = score, delimiter
    return text, chosen


def _titles(rows: list[list[str]]) -> int:
    """How many of the first rows, blank ones among them, are above the header."""
    known = [_known_names(cells) for cells in rows]
    best = max(range(len(rows)), key=lambda row: known[row])
    if known[best] >= 2 and known[best] > 2 * known[0]:
        return best
    told = [(row, sum(bool(cell.strip()) for cell in cells)) for row, cells in enumerate(rows)]
    told = [each for each in told if each[1]]
    if len(told) > 1 and told[0][1] == 1 < told[1][1]:
        return told[1][0]
    return 0


def _known_names(cells: list[str]) -> int:
    """How many cells are names of fields; 0 where none is a coordinate's or one is a number."""
    if any(parse_coordinate(cell) is not None for cell in cells):
        return 0
    names = {normalised(cell) for cell in cells if cell.strip() and len(cell) <= LONGEST_NAME}
    return len(names & _NAMES) if names & _COORDINATE_NAMES else 0


def _is_data(header: list[str]) -> bool:
    numbers = [cell for cell in header if parse_coordinate(cell) is not None]
    return len(numbers) >= 2 and any("." in cell or "," in cell for cell in numbers)


def _unique_names(header: list[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    names = [" ".join(cell.split()) or f"column {number}" for number, cell in enumerate(header, 1)]
    seen: Counter[str] = Counter()
    unique: list[str] = []
    for name in names:
        seen[name] += 1
        candidate = name if seen[name] == 1 else f"{name} ({seen[name]})"
        while candidate in unique or (seen[name] > 1 and candidate in names):
            candidate += "'"
        unique.append(candidate)
    return tuple(unique), frozenset(name for name, count in seen.items() if count > 1)


def _ragged(line: int, cells: list[str], width: int) -> Finding:
    lines = sum(cell.count("\n") for cell in cells)
    reason = SAY("ragged", count=len(cells), width=width)
    if lines >= QUOTE_SUSPECT_LINES:
        reason = SAY("ragged_quote", count=len(cells), width=width, lines=lines + 1)
    return finding(line, None, ",".join(cells), reason)
