"""The account behind a report, as sheets: zones by night, and quarter-hours by tariff.

The figures of the account are numbers, everything reckoned from them is a live formula, so
that a clerk can follow every sum down to its rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import numpy as np

from controller.reports.content import Report, kwh
from controller.reports.ledger import Floats
from controller.reports.words import Words
from controller.reports.xlsx_sheets import Book, Cell, Formula, Sheet, cell_ref, range_ref
from schedules.energy.ladder import Ladder, Rung

MAX_ROWS: Final = 60_000
"""Zone-nights up to which each has a row of its own; beyond, each zone has one for a month."""

ENERGY: Final = "#,##0.000"
_DAY: Final = "yyyy-mm-dd"
_FIRST: Final = 3
"""Columns before the figures: zone, name, day."""
_FIGURES: Final = (
    "baseline", "retrofitted", "windowed", "dimmed", "clo", "ruled", "overridden", "metered",
    "modelled",
)  # fmt: skip
USED: Final = _FIRST + len(_FIGURES)
SAVED: Final = USED + 1
RUNGS: Final = SAVED + 1
CHECK: Final = RUNGS + len(Rung)


def column_of(figure: str) -> int:
    """Column of one of the nine figures of the account."""
    return _FIRST + _FIGURES.index(figure)


@dataclass(frozen=True)
class AccountSheet:
    """Where the account of zones by night stands."""

    sheet: Sheet
    first: int
    last: int
    total: int
    """Row of the totals."""
    zone_rows: tuple[tuple[int, int], ...]
    """First and last row of each zone."""

    def column(self, column: int) -> str:
        """All rows of a column, as formulas name them."""
        return range_ref(self.first, self.last, column, self.sheet)

    def of_zone(self, zone: int, column: int) -> str:
        """The rows of a zone, as formulas name them."""
        return range_ref(*self.zone_rows[zone], column, self.sheet)

    def sum(self, column: int) -> str:
        """The total of a column, as formulas name it."""
        return cell_ref(self.total, column, self.sheet)


def account_sheet(book: Book, report: Report, words: Words) -> AccountSheet:
    """Zones by control day, or by month where that would be too many rows."""
    history = report.history
    is_daily = len(history.zones) * history.days <= MAX_ROWS
    spans = list(_spans(report, is_daily=is_daily))
    name = words["account" if is_daily else "account_months"]
    sheet = book.sheet(name, [22, 24, 11, *[12] * (CHECK - 2)])
    sheet.put(0, 0, f"{name} (kWh)", book.title)
    sheet.head(
        2,
        [
            words["zone"], words["name"], words["day" if is_daily else "month"],
            *(words[figure] for figure in _FIGURES),
            words["used"], words["saved"], *(words.rung(rung) for rung in Rung), words["check"],
        ],
    )  # fmt: skip
    sheet.freeze(3, _FIRST)
    row = first = 3
    dated = book.format(_DAY)
    zone_rows: list[tuple[int, int]] = []
    for number, zone in enumerate(history.zones):
        begun = row
        for day, columns in spans:
            ladder = Ladder(*history.energy_j[number, columns].sum(axis=0).tolist())
            name_ = words.name(zone.name, zone.name_en)
            cells: list[Cell] = [zone.id, name_, None]
            sheet.row(row, cells + _ladder_cells(ladder, row), ["General"] * 3 + [ENERGY] * 18)
            sheet.raw.write_datetime(row, 2, datetime(day.year, day.month, day.day), dated)  # noqa: DTZ001 - a spreadsheet's dates have no zone
            row += 1
        zone_rows.append((begun, row - 1))
    last = row - 1
    whole = report.ladder
    sums: list[Cell] = [words["total"], None, None]
    for column, cell in enumerate(_ladder_cells(whole, row), _FIRST):
        value = cell.value if isinstance(cell, Formula) else cell
        assert isinstance(value, float)
        sums.append(Formula(f"=SUM({range_ref(first, last, column)})", value))
    sheet.row(row, sums, ["General"] * 3 + [ENERGY] * 18, bold=True)
    return AccountSheet(sheet, first, last, row, tuple(zone_rows))


def _spans(report: Report, *, is_daily: bool) -> Iterator[tuple[date, slice]]:
    """Columns of the history that make a row, and the date that stands for them."""
    history = report.history
    begun = 0
    for column in range(history.days):
        is_last = column + 1 == history.days
        if is_daily or is_last or history.day(column + 1).month != history.day(column).month:
            yield history.day(begun), slice(begun, column + 1)
            begun = column + 1


def _ladder_cells(ladder: Ladder, row: int) -> list[Cell]:
    """The nine figures, and the formulas that follow from them in the same row."""

    def at(column: int) -> str:
        return cell_ref(row, column).replace("$", "")

    figures: list[Cell] = [kwh(value) for value in ladder]
    metered, modelled = at(column_of("metered")), at(column_of("modelled"))
    found: list[Cell] = [
        *figures,
        Formula(f"={metered}+{modelled}", kwh(ladder.used_j)),
        Formula(f"={at(column_of('baseline'))}-{at(USED)}", kwh(ladder.saved_j)),
    ]
    for number, (_, step) in enumerate(ladder.steps()):
        below = USED if number + 1 == len(Rung) else _FIRST + number + 1
        found.append(Formula(f"={at(_FIRST + number)}-{at(below)}", kwh(step)))
    rungs = f"SUM({at(RUNGS)}:{at(RUNGS + len(Rung) - 1)})"
    found.append(Formula(f"=ROUND({at(SAVED)}-{rungs},6)", 0.0))
    return found


@dataclass(frozen=True)
class QuarterSheet:
    """Where the quarter-hours stand."""

    sheet: Sheet
    first: int
    last: int
    total: int

    def column(self, column: int) -> str:
        """All rows of a column, as formulas name them."""
        return range_ref(self.first, self.last, column, self.sheet)

    def sum(self, column: int) -> str:
        """The total of a column, as formulas name it."""
        return cell_ref(self.total, column, self.sheet)


TARIFF, BAND, PRICE, Q_BASELINE, Q_USED, Q_COST, Q_BASELINE_COST, CURRENCY = 1, 2, 3, 4, 5, 6, 7, 8


def quarter_sheet(book: Book, report: Report, account: AccountSheet, words: Words) -> QuarterSheet:
    """Quarter-hours of the scope, those of each tariff apart, each with price and cost."""
    sheet = book.sheet(words["quarters"], [26, 20, 18, 10, 14, 14, 14, 14, 9])
    sheet.put(0, 0, f"{words['quarters']} (kWh)", book.title)
    sheet.head(
        2,
        [
            words["start"], words["tariff_name"], words["band"], words["price"],
            words["baseline"], words["used"], words["cost"], words["baseline_cost"], "",
        ],
    )  # fmt: skip
    sheet.freeze(3, 1)
    numbers = ["General"] * 3 + ["0.0000", ENERGY, ENERGY, "#,##0.0000", "#,##0.0000", "General"]
    row = first = 3
    zone_info = report.site.time_zone
    starts = report.history.quarters.tolist()
    sums = np.zeros(4)
    for group in report.history.by_tariff:
        tariff = group.tariff
        baseline, used = _baseline_and_used(group.energy_j)
        for index, start in enumerate(starts):
            if tariff is not None and not group.bands[index]:
                continue
            if tariff is None and not (baseline[index] or used[index]):
                continue
            local = datetime.fromtimestamp(start, UTC).astimezone(zone_info)
            price = float(group.prices[index])
            values = (
                kwh(baseline[index]), kwh(used[index]),
                kwh(used[index]) * price, kwh(baseline[index]) * price,
            )  # fmt: skip
            sums += values
            place = row + 1
            sheet.row(
                row,
                [
                    local.isoformat(sep=" ", timespec="minutes"),
                    words["unknown"] if tariff is None else tariff.id,
                    group.bands[index],
                    None if tariff is None else price,
                    values[0],
                    values[1],
                    Formula(f"=F{place}*D{place}", values[2]),
                    Formula(f"=E{place}*D{place}", values[3]),
                    "" if tariff is None else tariff.currency,
                ],
                numbers,
            )
            row += 1
    last = max(first, row - 1)
    total = last + 1
    cells: list[Cell] = [words["total"], None, None, None]
    for column, value in zip(range(Q_BASELINE, CURRENCY), sums.tolist(), strict=True):
        cells.append(Formula(f"=SUM({range_ref(first, last, column)})", value))
    sheet.row(total, cells, numbers, bold=True)
    sheet.put(total + 1, 0, words["check"], book.format())
    check = f"=ROUND({cell_ref(total, Q_USED)}-{account.sum(USED)},3)"
    sheet.put(total + 1, Q_USED, Formula(check, 0.0), book.format(ENERGY))
    return QuarterSheet(sheet, first, last, total)


def _baseline_and_used(energy_j: Floats) -> tuple[Floats, Floats]:
    used: Floats = energy_j[:, -2] + energy_j[:, -1]
    return energy_j[:, 0], used
