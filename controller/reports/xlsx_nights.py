"""The account of money: what every zone used in every night at every price."""

from collections.abc import Mapping
from datetime import datetime

import numpy as np

from controller.reports.content import Report, kwh
from controller.reports.ledger import BandKey
from controller.reports.words import Words
from controller.reports.xlsx_account import ENERGY, MAX_ROWS
from controller.reports.xlsx_sheets import Book, Cell, Formula, Sheet, range_ref

_FIRST = 3
_USED, _BASELINE = 6, 7

NightRows = Mapping[tuple[int, BandKey], tuple[int, int]]
"""First and last row of a zone's nights at a price."""


def night_sheet(book: Book, report: Report, words: Words) -> tuple[Sheet | None, NightRows]:
    """A row for every zone, price and night with energy; none where they are too many."""
    bands = report.history.night_bands
    count = sum(int(np.count_nonzero(one.any(axis=2))) for one in bands.values())
    if not count or count > MAX_ROWS:
        return None, {}
    sheet = book.sheet(words["night_bands"], [22, 24, 11, 22, 22, 10, 14, 14, 14, 14, 9])
    sheet.put(0, 0, f"{words['night_bands']} (kWh)", book.title)
    sheet.head(
        2,
        [
            words["zone"], words["name"], words["day"], words["tariff_name"], words["band"],
            words["price"], f"{words['used']} kWh", f"{words['baseline']} kWh", words["cost"],
            words["baseline_cost"], "",
        ],
    )  # fmt: skip
    sheet.freeze(_FIRST, 3)
    row = _FIRST
    found: dict[tuple[int, BandKey], tuple[int, int]] = {}
    for number in range(len(report.history.zones)):
        for key, energy in sorted(bands.items(), key=lambda pair: pair[0]):
            begun = row
            for column in np.flatnonzero(energy[number].any(axis=1)).tolist():
                _row(sheet, row, report, words, number, column, key)
                row += 1
            if row > begun:
                found[number, key] = begun, row - 1
    return sheet, found


def _row(
    sheet: Sheet, row: int, report: Report, words: Words, number: int, column: int, key: BandKey
) -> None:
    history, at = report.history, row + 1
    tariff, band, price, currency = key
    used, baseline = (kwh(one) for one in history.night_bands[key][number, column].tolist())
    zone, day = history.zones[number], history.day(column)
    cells: list[Cell] = [
        zone.id, words.name(zone.name, zone.name_en), None, tariff, band, price, used, baseline,
        Formula(f"=G{at}*F{at}", used * price), Formula(f"=H{at}*F{at}", baseline * price),
        currency,
    ]  # fmt: skip
    numbers = [
        *["General"] * 5, "0.0000", ENERGY, ENERGY, "#,##0.0000", "#,##0.0000", "General",
    ]  # fmt: skip
    sheet.row(row, cells, numbers)
    date = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a spreadsheet's dates have no zone
    sheet.raw.write_datetime(row, 2, date, sheet.book.format("yyyy-mm-dd"))


def summed_use(nights: Sheet | None, rows: tuple[int, int] | None, value: float) -> Cell:
    """What was used in some rows, as a formula; the value itself where there are none."""
    return _summed(nights, rows, value, _USED)


def summed_baseline(nights: Sheet | None, rows: tuple[int, int] | None, value: float) -> Cell:
    """What the baseline would have used."""
    return _summed(nights, rows, value, _BASELINE)


def _summed(nights: Sheet | None, rows: tuple[int, int] | None, value: float, column: int) -> Cell:
    if nights is None or rows is None:
        return value
    return Formula(f"=SUM({range_ref(*rows, column, nights)})", value)
