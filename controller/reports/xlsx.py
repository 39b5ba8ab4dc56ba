"""A report as a workbook: figures, charts, tables, and the account behind them."""

import io
from collections.abc import Sequence
from datetime import datetime

from xlsxwriter import Workbook  # type: ignore[import-untyped]  # ships no types

from controller.reports.content import DayState, Report, kwh
from controller.reports.lines import (
    Line,
    change_text,
    figure_lines,
    number_text,
    sides,
    source_lines,
    target_lines,
    title_lines,
)
from controller.reports.words import Words
from controller.reports.xlsx_account import (
    BAND,
    CHECK,
    CURRENCY,
    ENERGY,
    Q_BASELINE_COST,
    Q_COST,
    Q_USED,
    RUNGS,
    SAVED,
    TARIFF,
    USED,
    AccountSheet,
    QuarterSheet,
    account_sheet,
    column_of,
    quarter_sheet,
)
from controller.reports.xlsx_sheets import Book, Cell, Formula, Sheet, cell_ref, range_ref
from controller.reports.xlsx_zones import group_sheet, zone_sheet
from schedules import Language
from schedules.emission_factors import EmissionFactor
from schedules.energy.in_force import emission_factor_for
from schedules.energy.ladder import Rung

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
    front = book.sheet(words["figures"], [44, 14, 18, 18, 12, 18, 12])
    daily = book.sheet(words["daily"], [12, 15, 15, 15, 15, 15, 11, 14, 12, 15])
    zones = book.sheet(words["zones"], [24, 26, 13, 16, 10, 12, *[14] * 14])
    groups = book.sheet(
        words["districts" if report.districts else "categories"], [18, 22, *[14] * 12]
    )
    account = account_sheet(book, report, words)
    quarters = quarter_sheet(book, report, account, words)
    bands = book.sheet(words["tariff"], [22, 22, 10, 16, 16, 9])
    quality = book.sheet(words["quality"], [36, 18, 60])
    sources = book.sheet(words["sources"], [18, 26, 12, 80, 80])
    emission = _daily(daily, report, account, words)
    zone_sheet(zones, report, account, words)
    group_sheet(groups, report, words)
    _bands(bands, report, quarters, words)
    _quality(quality, report, words)
    _sources(sources, report, words)
    _front(front, report, account, quarters, emission, daily, words)
    front.raw.activate()
    workbook.close()
    return out.getvalue()


def _front(
    sheet: Sheet,
    report: Report,
    account: AccountSheet,
    quarters: QuarterSheet,
    emission: str,
    daily: Sheet,
    words: Words,
) -> None:
    book = sheet.book
    sheet.put(0, 0, words["title"], book.title)
    row = 2
    for label, text in title_lines(report, words):
        sheet.put(row, 0, label, book.format(bold=True))
        sheet.raw.merge_range(row, 1, row, 6, "", book.format())
        sheet.put(row, 1, text, book.format())
        row += 1
    row = _figures(sheet, row + 1, report, account, quarters, emission, words)
    row = _targets(sheet, row + 1, report, words)
    row = _ladder(sheet, row + 1, report, account, words)
    _daily_chart(sheet, row + 1, report, daily, words)


def _figures(
    sheet: Sheet,
    row: int,
    report: Report,
    account: AccountSheet,
    quarters: QuarterSheet,
    emission: str,
    words: Words,
) -> int:
    beside = sides(report, words)
    sheet.head(
        row,
        [
            words["figure"], words["unit"], words["value"],
            beside[0].head, words["change"], beside[1].head, words["change"],
        ],
    )  # fmt: skip
    sheet.raw.set_row(row, 32)
    formulas = {
        "used": account.sum(USED),
        "baseline": account.sum(column_of("baseline")),
        "saved": account.sum(SAVED),
        "saved_ratio": f"{account.sum(SAVED)}/{account.sum(column_of('baseline'))}",
        "metered_ratio": f"{account.sum(column_of('metered'))}/{account.sum(USED)}",
    }
    if len(report.money) == 1:
        paid = quarters.sum(Q_COST), quarters.sum(Q_BASELINE_COST)
        formulas |= {
            "cost": paid[0],
            "baseline_cost": paid[1],
            "saved_cost": f"{paid[1]}-{paid[0]}",
        }
    if report.whole.emission_kg is not None:
        formulas["emission"] = emission
    for line in figure_lines(report, words):
        row += 1
        sheet.put(row, 0, line.label, sheet.book.format())
        sheet.put(row, 1, line.unit, sheet.book.format())
        number = _number_format(line)
        value = line.value
        cell: Cell = value
        if isinstance(value, float) and line.key in formulas:
            text = formulas[line.key]
            cell = Formula(f"=IFERROR({text},0)" if "/" in text else f"={text}", value)
        sheet.put(row, 2, cell, sheet.book.format(number, bold=True))
        for column, (other, side) in enumerate(
            zip((line.previous, line.year_before), beside, strict=True)
        ):
            sheet.put(row, 3 + 2 * column, other, sheet.book.format(number))
            change = change_text(line, other, is_whole=side.is_whole)
            sheet.put(row, 4 + 2 * column, _plain(change), sheet.book.format())
    if not all(side.is_whole for side in beside):
        row += 1
        sheet.put(row, 0, words["no_change"], sheet.book.note)
    return row + 1


def _plain(change: str) -> str:
    """A change as text that begins with no sign, which a spreadsheet might take for a formula."""
    return f"↑ {change[1:]}" if change.startswith("+") else f"↓ {change[1:]}" if change else ""


def _number_format(line: Line) -> str:
    if line.is_ratio:
        return "0.00%"
    return "#,##0" + ("." + "0" * line.digits if line.digits else "")


def _targets(sheet: Sheet, row: int, report: Report, words: Words) -> int:
    book = sheet.book
    sheet.put(row, 0, words["targets"], book.title)
    row += 1
    if not report.standings:
        sheet.put(row, 0, words["target_none"])
        return row + 1
    for period, standing in report.standings:
        sheet.put(row, 0, words.period(period), book.format(head=True))
        sheet.raw.merge_range(row, 1, row, 6, "", book.levels[standing.level.value])
        sheet.put(row, 1, words.level(standing.level), book.levels[standing.level.value])
        for label, text in target_lines(standing, words):
            row += 1
            sheet.put(row, 0, label, book.format())
            sheet.raw.merge_range(row, 1, row, 6, "", book.format())
            sheet.put(row, 1, text, book.format())
        row += 2
    return row


def _ladder(sheet: Sheet, row: int, report: Report, account: AccountSheet, words: Words) -> int:
    """The ladder's table, and the waterfall drawn from it."""
    book = sheet.book
    sheet.put(row, 0, f"{words['ladder']} (kWh)", book.title)
    row += 1
    sheet.head(row, [words["rung"], "", words["step"], words["remaining"], words["share"]])
    ladder = report.ladder
    first = row + 1
    baseline = kwh(ladder.baseline_j)
    base_cell = cell_ref(first, 3)
    numbers = ["General", "General", ENERGY, ENERGY, _SHARE]
    sheet.row(
        first,
        [
            words["baseline"],
            "",
            None,
            Formula(f"={account.sum(column_of('baseline'))}", baseline),
            1.0,
        ],
        numbers,
    )
    left = baseline
    row = first
    for number, (rung, step) in enumerate(ladder.steps()):
        row += 1
        left -= kwh(step)
        saved, remains = cell_ref(row, 2), cell_ref(row - 1, 3)
        share = kwh(step) / baseline if baseline else 0.0
        sheet.row(
            row,
            [
                words.rung(rung),
                "",
                Formula(f"={account.sum(RUNGS + number)}", kwh(step)),
                Formula(f"={remains}-{saved}", left),
                Formula(f"=IFERROR({saved}/{base_cell},0)", share),
            ],
            numbers,
        )
    steps = range_ref(first + 1, row, 2)
    row += 1
    used = kwh(ladder.used_j)
    sheet.row(
        row,
        [
            words["used"],
            "",
            Formula(f"=SUM({steps})", kwh(ladder.saved_j)),
            Formula(f"={account.sum(USED)}", used),
            Formula(
                f"=IFERROR({cell_ref(row, 3)}/{base_cell},0)", used / baseline if baseline else 0
            ),
        ],
        numbers,
        bold=True,
    )
    row += 1
    check = f"=ROUND({base_cell}-{cell_ref(row - 1, 3)}-SUM({steps}),6)"
    sheet.row(row, [words["check"], "", Formula(check, 0.0)], numbers)
    checks = f"=SUM({account.column(CHECK)})"
    sheet.put(row, 3, Formula(checks, 0.0), book.format(ENERGY))
    return _waterfall(sheet, first, row + 2, report, words)


def _waterfall(sheet: Sheet, first: int, row: int, report: Report, words: Words) -> int:
    """A stacked column chart whose lowest part is not seen; its numbers stand beside the ladder."""
    last = first + len(Rung) + 1
    for place in range(first, last + 1):
        saved, left = cell_ref(place, 2), cell_ref(place, 3)
        before = cell_ref(place - 1, 3)
        is_end = place in (first, last)
        formulas = (
            ("=0", f"={left}", "=0", "=0")
            if is_end
            else (
                f"=MIN({left},{before})",
                "=0",
                f"=MAX({saved},0)",
                f"=MAX(-{saved},0)",
            )
        )
        for column, text in enumerate(formulas, 8):
            sheet.put(place, column, Formula(text, _waterfall_value(report, place - first, column)))
    for column, key in enumerate(("remaining", "total", "step", "used"), 8):
        sheet.put(first - 1, column, words[key], sheet.book.note)
    chart = sheet.book.workbook.add_chart({"type": "column", "subtype": "stacked"})
    name = sheet.raw.get_name()
    for column, fill in ((8, None), (9, "#4472C4"), (10, "#70AD47"), (11, "#C00000")):
        chart.add_series(
            {
                "name": [name, first - 1, column],
                "categories": [name, first, 0, last, 0],
                "values": [name, first, column, last, column],
                "fill": {"none": True} if fill is None else {"color": fill},
                "gap": 40,
            }
        )
    chart.set_title({"name": words["chart_ladder"], "name_font": {"size": 11}})
    chart.set_legend({"none": True})
    chart.set_y_axis({"num_format": "#,##0", "major_gridlines": {"visible": True}})
    chart.set_size({"width": 900, "height": 320})
    sheet.raw.insert_chart(row, 0, chart, {"description": words["chart_ladder"]})
    return row + 17


def _waterfall_value(report: Report, number: int, column: int) -> float:
    steps = [kwh(step) for _, step in report.ladder.steps()]
    if number in (0, len(steps) + 1):
        end = report.ladder.baseline_j if number == 0 else report.ladder.used_j
        return kwh(end) if column == 9 else 0.0
    before = kwh(report.ladder.baseline_j) - sum(steps[: number - 1])
    step = steps[number - 1]
    return {8: min(before, before - step), 9: 0.0, 10: max(step, 0.0), 11: max(-step, 0.0)}[column]


def _daily(sheet: Sheet, report: Report, account: AccountSheet, words: Words) -> str:
    """Days with their sums; returns the cell with the emission of all."""
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
    return cell_ref(row, 9, sheet)


def _mass(factor: EmissionFactor | None, energy_j: float) -> float:
    return 0.0 if factor is None else factor.mass_kg(energy_j)


def _daily_chart(sheet: Sheet, row: int, report: Report, daily: Sheet, words: Words) -> None:
    name, first = daily.raw.get_name(), 3
    last = first + len(report.days) - 1
    workbook = sheet.book.workbook
    columns = workbook.add_chart({"type": "column"})
    days = [name, first, 0, last, 0]
    columns.add_series(
        {
            "name": words["used"],
            "categories": days,
            "values": [name, first, 2, last, 2],
            "fill": {"color": "#4472C4"},
        }
    )
    line = workbook.add_chart({"type": "line"})
    line.add_series(
        {
            "name": words["baseline"],
            "categories": days,
            "values": [name, first, 1, last, 1],
            "line": {"color": "#ED7D31", "width": 2},
        }
    )
    columns.combine(line)
    columns.set_title({"name": words["chart_daily"], "name_font": {"size": 11}})
    columns.set_legend({"position": "bottom"})
    columns.set_x_axis({"num_format": "mm-dd", "date_axis": True})
    columns.set_y_axis({"num_format": "#,##0"})
    columns.set_size({"width": 900, "height": 320})
    sheet.raw.insert_chart(row, 0, columns, {"description": words["chart_daily"]})


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
        text = named if state in (DayState.PARTIAL, DayState.MISSING) else ""
        sheet.row(row, [f"{words['quality_days']}: {words.state(state)}", len(days), None])
        sheet.put(row, 2, text, book.wrapped)
    for reason, count in report.quality.quarantined.items():
        row += 1
        sheet.row(row, [words["quarantined"], count, reason])
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
        sheet.row(row, [one.type, one.raised, f"{one.severity} / {one.still_open}"])


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
