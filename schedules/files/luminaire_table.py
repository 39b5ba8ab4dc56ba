"""Luminaires as a table: exact, one line each, comma-delimited, UTF-8.

The columns are the fields of a luminaire. An empty cell is an absent value, a lone
apostrophe an empty text; a text that a spreadsheet would take for a formula has an
apostrophe before it. Pure.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter, ValidationError

from schedules.files.problems import Problem, near, worded_cell
from zones.models import Luminaire

COLUMNS: Final = tuple(Luminaire.model_fields)
_REQUIRED: Final = tuple(
    name for name, field in Luminaire.model_fields.items() if field.is_required()
)
_FORMULA: Final = ("=", "+", "-", "@", "'", "\t", "\r")
_ROWS: Final = TypeAdapter(list[Luminaire])
_SPECIAL: Final = re.compile(r'[",\r\n]')
MAX_PROBLEMS: Final = 1000


class LuminairesRead(NamedTuple):
    """What a table holds."""

    luminaires: Sequence[Luminaire]
    lines: Sequence[int]
    """Line of each luminaire, from 1."""
    ids: Sequence[str]
    """Identifiers of all rows, the wrong ones included."""
    problems: Sequence[Problem]
    is_cut_short: bool
    """Whether rows are unknown because the table could not be read to its end."""


def write_luminaires(luminaires: Iterable[Luminaire]) -> str:
    """The table, its lines ending in LF."""
    rows = ([_cell(getattr(one, column)) for column in COLUMNS] for one in luminaires)
    return "".join(",".join(row) + "\n" for row in (list(COLUMNS), *rows))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    text = str(value)
    if text == "" or text.startswith(_FORMULA):
        text = f"'{text}"
    # The csv module leaves a lone carriage return bare, which no reader takes for text.
    return '"' + text.replace('"', '""') + '"' if _SPECIAL.search(text) else text


def read_luminaires(file: str, text: str) -> LuminairesRead:
    """The luminaires of a table and what is wrong with it."""
    problems: list[Problem] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[dict[str, str]] = []
    lines: list[int] = []
    columns: list[str] | None = None
    end = 0
    try:
        for cells in reader:
            line, end = end + 1, reader.line_num
            if not cells:
                continue
            if columns is None:
                columns = [cell.strip() for cell in cells]
                problems += _header_problems(file, line, columns)
                if problems:
                    return LuminairesRead((), (), (), problems, is_cut_short=True)
            elif len(cells) != len(columns):
                wrong = f"has {len(cells)} cells; the head has {len(columns)} columns"
                problems.append(Problem(file, line, "", None, wrong))
            else:
                rows.append(
                    {name: _told(one) for name, one in zip(columns, cells, strict=True) if one}
                )
                lines.append(line)
    except csv.Error as error:
        problems.append(Problem(file, end + 1, "", None, f"is no CSV: {error}"))
        return LuminairesRead((), (), (), problems, is_cut_short=True)
    if columns is None:
        wrong = f"is empty; its first line names the columns: {','.join(COLUMNS)}"
        problems.append(Problem(file, 1, "", None, wrong))
    ids = [row.get("id", "") for row in rows]
    try:
        found = _ROWS.validate_python(rows)
        return LuminairesRead(found, lines, ids, problems, is_cut_short=columns is None)
    except ValidationError as error:
        details = error.errors(include_url=False)
    wrong_rows = set()
    for detail in details:
        row, *rest = detail["loc"]
        assert isinstance(row, int), "the table is a list"
        wrong_rows.add(row)
        if len(problems) < MAX_PROBLEMS:
            name = str(rest[0]) if rest else ""
            problems.append(worded_cell(file, lines[row], name, rows[row].get(name), detail))
    good = [number for number in range(len(rows)) if number not in wrong_rows]
    valid = _ROWS.validate_python([rows[number] for number in good])
    kept = [lines[number] for number in good]
    return LuminairesRead(valid, kept, ids, problems, is_cut_short=False)


def _told(cell: str) -> str:
    return cell[1:] if cell.startswith("'") else cell


def _header_problems(file: str, line: int, columns: Sequence[str]) -> list[Problem]:
    if len(columns) == 1 and any(mark in columns[0] for mark in ";\t"):
        wrong = "is delimited by something else than commas; write it with commas"
        return [Problem(file, line, "", None, wrong)]
    problems = []
    for number, name in enumerate(columns):
        if name not in COLUMNS:
            hint = near(name, COLUMNS) or f"; columns are {', '.join(COLUMNS)}"
            problems.append(Problem(file, line, "", repr(name), f"is no column here{hint}"))
        elif name in columns[:number]:
            problems.append(Problem(file, line, "", repr(name), "stands twice among the columns"))
    problems.extend(
        Problem(file, line, name, None, "column is missing")
        for name in _REQUIRED
        if name not in columns
    )
    return problems
