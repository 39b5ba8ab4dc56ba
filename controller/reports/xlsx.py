"""A report as a workbook: figures, charts, tables, and the account behind them."""

import io
from collections.abc import Sequence
from datetime import datetime

from xlsxwriter import Workbook  # type: ignore[import-untyped]  # ships no types

from controller.reports.content import DayState, Report, kwh
from controller.reports.lines import excess_texts, number_text
from controller.reports.source_lines import source_lines
from controller.reports.words import Words
from controller.reports.xlsx_account import (
    BAND,
    CURRENCY,
    ENERGY,
    Q_USED,
    TARIFF,
    AccountSheet,
    QuarterSheet,
    account_sheet,
    column_of,
    quarter_sheet,
)
from controller.reports.xlsx_front import front_sheet
from controller.reports.xlsx_nights import night_sheet
from controller.reports.xlsx_sheets import Book, Cell, Formula, Sheet, cell_ref, range_ref
from controller.reports.xlsx_zones import band_sheet, group_sheet, zone_sheet
from schedules import Language
from schedules.emission_factors import EmissionFactor
from schedules.energy.in_force import emission_factor_for

_MONEY = "#,##0.00"
_SHARE = "0.00%"


def report_xlsx(report: Report, language: Language) -> bytes:
    """The workbook's bytes. Figures are live formulas down to the account's rows."""
    words = Words(language)
    out = io.BytesIO()
    workbook = Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    workbook.set_properties({"title": words["title"], "comments": report.period.text})
    # A file of the same figures is the same file.
    made = report.generated_at.replace(tzinfo=None)
    workbook.set_properties({"title": words["title"], "created": made})
    book = Book(workbook)
    # Sheets stand in the order in which they are made; the first is filled last.
    front = book.sheet(words["figures"], [62, 14, 18, 18, 12, 18, 12])
    daily = book.sheet(words["daily"], [12, 15, 15, 15, 15, 15, 11, 14, 12, 15])
    zones = book.sheet(words["zones"], [24, 26, 13, 16, 10, 12, *[14] * 17])
    groups = book.sheet(
        words["districts" if report.districts else "categories"], [18, 22, *[14] * 15]
    )
    account = account_sheet(book, report, words)
    quarters = quarter_sheet(book, report, account, words)
    bands = book.sheet(words["tariff"], [22, 22, 10, 16, 16, 9])
    zone_bands = book.sheet(words["zone_bands"], [24, 26, 22, 22, 10, 14, 14, 14, 14, 9])
    nights = night_sheet(book, report, words)
    quality = book.sheet(words["quality"], [36, 18, 60])
    sources = book.sheet(words["sources"], [18, 26, 12, 80, 80])
    emission = _daily(daily, report, account, words)
    zone_sheet(zones, report, account, band_sheet(zone_bands, report, nights, words), words)
    group_sheet(groups, report, words)
    _bands(bands, report, quarters, words)
    _quality(quality, report, words)
    _sources(sources, report, words)
    front_sheet(front, report, account, quarters, emission, daily, words)
    front.raw.activate()
    workbook.close()
    return out.getvalue()


def _daily(sheet: Sheet, report: Report, account: AccountSheet, words: Words) -> tuple[str, str]:
    """Days with their sums; returns what gives the emission of all, and the one avoided."""
    book = sheet.book
    sheet.put(0, 0, f"{words['daily']} (kWh)", book.title)
    gas = "/".join(dict.fromkeys(one.gas for one in report.sources.factors)) or "CO2"
    sheet.head(
        2,
        [
            words["day"], words["baseline"], words["used"], words["metered"], words["modelled"],
            words["saved"], words["coverage"], words["state"], f"g {gas}/kWh",
            f"{words['emission']} kg",
        ],
    )  # fmt: skip
    sheet.freeze(3, 1)
    numbers = ["General", *[ENERGY] * 5, "0.0%", "General", "0.0", ENERGY]
    is_daily = account.last - account.first + 1 == len(report.zones) * len(report.days)
    row = first = 3
    for one in report.days:
        factor = emission_factor_for(report.site, one.day)
        ladder = one.ladder
        day = cell_ref(row, 0).replace("$", "")

        def summed(column: int, value_j: float, day: str = day) -> Cell:
            if not is_daily:
                return kwh(value_j)
            text = f"=SUMIFS({account.column(column)},{account.column(2)},{day})"
            return Formula(text, kwh(value_j))

        at = row + 1
        sheet.row(
            row,
            [
                None,
                summed(column_of("baseline"), ladder.baseline_j),
                Formula(f"=D{at}+E{at}", kwh(ladder.used_j)),
                summed(column_of("metered"), ladder.metered_j),
                summed(column_of("modelled"), ladder.modelled_j),
                Formula(f"=B{at}-C{at}", kwh(ladder.saved_j)),
                one.coverage,
                words.state(one.state),
                None if factor is None else factor.g_per_kwh,
                Formula(f"=C{at}*I{at}/1000", _mass(factor, ladder.used_j)),
            ],
            numbers,
        )
        date = datetime(one.day.year, one.day.month, one.day.day)  # noqa: DTZ001 - a spreadsheet's dates have no zone
        sheet.raw.write_datetime(row, 0, date, book.format("yyyy-mm-dd"))
        row += 1
    whole = report.ladder
    values = (whole.baseline_j, whole.used_j, whole.metered_j, whole.modelled_j, whole.saved_j)
    sums: list[Cell] = [words["total"]]
    for column, value in enumerate(values, 1):
        sums.append(Formula(f"=SUM({range_ref(first, row - 1, column)})", kwh(value)))
    mass = Formula(f"=SUM({range_ref(first, row - 1, 9)})", report.whole.emission_kg or 0.0)
    sheet.row(row, [*sums, None, "", None, mass], numbers, bold=True)
    saved, factors = (range_ref(first, row - 1, column, sheet) for column in (5, 8))
    return cell_ref(row, 9, sheet), f"SUMPRODUCT({saved}*{factors})/1000"


def _mass(factor: EmissionFactor | None, energy_j: float) -> float:
    return 0.0 if factor is None else factor.mass_kg(energy_j)


def _bands(sheet: Sheet, report: Report, quarters: QuarterSheet, words: Words) -> None:
    sheet.put(0, 0, words["tariff"], sheet.book.title)
    sheet.head(
        2,
        [
            words["tariff_name"], words["band"], words["price"], f"{words['used']} kWh",
            words["cost"], "",
        ],
    )  # fmt: skip
    numbers = ["General", "General", "0.0000", ENERGY, _MONEY, "General"]
    row = 3
    for money in report.money:
        for (tariff, band), use in money.bands.items():
            at = row + 1
            # Texts are compared as such: SUMIFS would take 0110 and 110 for the same.
            same = (
                f"({quarters.column(TARIFF)}=A{at})*({quarters.column(BAND)}=B{at})"
                f"*({quarters.column(CURRENCY)}=F{at})"
            )
            sheet.row(
                row,
                [
                    tariff,
                    band,
                    use.price_per_kwh,
                    Formula(f"=SUMPRODUCT({same}*{quarters.column(Q_USED)})", kwh(use.energy_j)),
                    Formula(f"=D{at}*C{at}", use.cost),
                    money.currency,
                ],
                numbers,
            )
            row += 1
        first = row - len(money.bands)
        sums: Sequence[Cell] = [
            words["total"],
            None,
            None,
            Formula(
                f"=SUM({range_ref(first, row - 1, 3)})",
                kwh(sum(one.energy_j for one in money.bands.values())),
            ),
            Formula(f"=SUM({range_ref(first, row - 1, 4)})", money.cost),
            money.currency,
        ]
        sheet.row(row, sums, numbers, bold=True)
        row += 2


def _quality(sheet: Sheet, report: Report, words: Words) -> None:
    book = sheet.book
    sheet.put(0, 0, words["quality"], book.title)
    row = 2
    metered = report.ladder.metered_ratio
    shown = words["unknown"] if metered is None else f"{number_text(metered, 1, is_ratio=True)} %"
    sheet.row(row, [words["metered_ratio"], shown, ""])
    for state in DayState:
        row += 1
        days = report.quality.days.get(state, ())
        named = ", ".join(day.isoformat() for day in days)
        text = named if state in (DayState.PARTIAL, DayState.EXCESS, DayState.MISSING) else ""
        sheet.row(row, [f"{words['quality_days']}: {words.state(state)}", len(days), None])
        sheet.put(row, 2, text, book.wrapped)
    for reason, count in report.quality.quarantined.items():
        row += 1
        sheet.row(row, [words["quarantined"], count, words.reason(reason)])
    for text in excess_texts(report, words):
        row += 1
        sheet.row(row, [words["excess"], "", text])
    row += 1
    sheet.row(row, [words["rolled_up"], report.quality.rolled_up, ""])
    row += 2
    if report.quality.alarms is None:
        sheet.put(row, 0, words["no_alarms"])
        return
    sheet.head(
        row, [words["alarm_type"], words["raised"], f"{words['severity']} / {words['open']}"]
    )
    for one in report.quality.alarms:
        row += 1
        severity = words.severity(one.severity)
        sheet.row(row, [words.alarm(one.type), one.raised, f"{severity} / {one.still_open}"])


def _sources(sheet: Sheet, report: Report, words: Words) -> None:
    book = sheet.book
    sheet.put(0, 0, words["sources"], book.title)
    sheet.head(
        2,
        [words["document"], words["id"], words["valid_from"], words["detail"], words["source"]],
    )
    row = 3
    for line in source_lines(report, words):
        for column, text in enumerate(line):
            sheet.put(row, column, text, book.wrapped)
        row += 1
    row += 1
    sheet.put(row, 0, words["method"], book.title)
    for text in words.method():
        row += 1
        sheet.raw.merge_range(row, 0, row, 4, "", book.wrapped)
        sheet.put(row, 0, text, book.wrapped)
