"""Sheets of a workbook: formats, cells that stay text, and formulas with their values.

Owns how xlsxwriter is spoken to. Every formula carries the value that it comes to, for
readers that do not reckon.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from xlsxwriter import Workbook  # type: ignore[import-untyped]  # ships no types
from xlsxwriter.format import Format  # type: ignore[import-untyped]  # ships no types
from xlsxwriter.utility import xl_col_to_name  # type: ignore[import-untyped]  # ships no types
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]  # ships no types

from controller.reports.cells import safe_text

_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", "-"))
_LONGEST: Final = 31


@dataclass(frozen=True)
class Formula:
    """A formula, with its ``=``, and what it comes to."""

    text: str
    value: float


Cell = str | float | int | Formula | None


class Book:
    """A workbook and its formats."""

    def __init__(self, workbook: Workbook) -> None:
        self.workbook = workbook
        self._formats: dict[tuple[str, bool, bool], Format] = {}
        self.title = workbook.add_format({"bold": True, "font_size": 16})
        self.note = workbook.add_format({"italic": True, "font_color": "#666666"})
        self.wrapped = workbook.add_format({"text_wrap": True, "valign": "top", "border": 1})
        self.levels = {
            name: workbook.add_format({"bold": True, "bg_color": colour, "border": 1})
            for name, colour in (
                ("green", "#C6EFCE"),
                ("yellow", "#FFEB9C"),
                ("red", "#FFC7CE"),
                ("open", "#E7E6E6"),
            )
        }

    def format(self, number: str = "General", *, bold: bool = False, head: bool = False) -> Format:
        """A format by its number format; the same one for the same question."""
        key = (number, bold, head)
        if key not in self._formats:
            said: dict[str, Any] = {"num_format": number, "border": 1, "valign": "vcenter"}
            if bold or head:
                said["bold"] = True
            if head:
                said |= {"bg_color": "#DDEBF7", "text_wrap": True, "align": "center"}
            self._formats[key] = self.workbook.add_format(said)
        return self._formats[key]

    def sheet(self, name: str, widths: Sequence[float]) -> "Sheet":
        """A new sheet with columns of such widths."""
        worksheet = self.workbook.add_worksheet(name.translate(_FORBIDDEN)[:_LONGEST])
        for column, width in enumerate(widths):
            worksheet.set_column(column, column, width)
        worksheet.set_landscape()
        worksheet.set_paper(9)  # A4
        worksheet.fit_to_pages(1, 0)
        return Sheet(self, worksheet)


class Sheet:
    """One sheet; rows and columns count from 0."""

    def __init__(self, book: Book, worksheet: Worksheet) -> None:
        self.book = book
        self.raw = worksheet

    @property
    def ref(self) -> str:
        """How formulas on other sheets name it."""
        return f"'{self.raw.get_name()}'!"

    def put(self, row: int, column: int, cell: Cell, form: Format | None = None) -> None:
        """Write a cell; a text stays a text, whatever it begins with."""
        match cell:
            case None:
                self.raw.write_blank(row, column, None, form)
            case Formula():
                self.raw.write_formula(row, column, cell.text, form, cell.value)
            case str():
                self.raw.write_string(row, column, safe_text(cell), form)
            case _:
                self.raw.write_number(row, column, cell, form)

    def row(
        self, row: int, cells: Sequence[Cell], numbers: Sequence[str] = (), *, bold: bool = False
    ) -> None:
        """Write a row of bordered cells, each with its number format."""
        for column, cell in enumerate(cells):
            number = numbers[column] if column < len(numbers) else "General"
            self.put(row, column, cell, self.book.format(number, bold=bold))

    def head(self, row: int, cells: Sequence[str]) -> None:
        """Write the head of a table."""
        for column, cell in enumerate(cells):
            self.put(row, column, cell, self.book.format(head=True))

    def freeze(self, row: int, column: int = 0) -> None:
        """Keep the rows above and the columns before in sight."""
        self.raw.freeze_panes(row, column)


def cell_ref(row: int, column: int, sheet: Sheet | None = None) -> str:
    """A cell as formulas name it."""
    where = "" if sheet is None else sheet.ref
    return f"{where}${xl_col_to_name(column)}${row + 1}"


def range_ref(first: int, last: int, column: int, sheet: Sheet | None = None) -> str:
    """Rows first to last of a column as formulas name them."""
    where = "" if sheet is None else sheet.ref
    letter = xl_col_to_name(column)
    return f"{where}${letter}${first + 1}:${letter}${last + 1}"
