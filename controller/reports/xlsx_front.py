"""The first sheet of a workbook: title, figures, targets, the ladder, and the charts.

Every figure that the account gives is a formula down to it.
"""

from controller.reports.content import Report, kwh
from controller.reports.lines import (
    Line,
    change_text,
    figure_lines,
    sides,
    target_lines,
    title_lines,
    title_text,
)
from controller.reports.words import Words
from controller.reports.xlsx_account import (
    CHECK,
    ENERGY,
    Q_BASELINE_COST,
    Q_COST,
    RUNGS,
    SAVED,
    USED,
    AccountSheet,
    QuarterSheet,
    column_of,
)
from controller.reports.xlsx_sheets import Cell, Formula, Sheet, cell_ref, range_ref
from schedules.energy.ladder import Rung

_SHARE = "0.00%"


def front_sheet(
    sheet: Sheet,
    report: Report,
    account: AccountSheet,
    quarters: QuarterSheet,
    emission: tuple[str, str],
    daily: Sheet,
    words: Words,
) -> None:
    """Fill the first sheet; `emission` gives the emission of all days, and the
    one avoided."""
    book = sheet.book
    sheet.put(0, 0, title_text(report, words), book.title)
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
    emission: tuple[str, str],
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
    sheet.raw.set_row(row, 46)
    formulas = {
        "used": account.sum(USED),
        "baseline": account.sum(column_of("baseline")),
        "saved": account.sum(SAVED),
        "saved_ratio": f"{account.sum(SAVED)}/{account.sum(column_of('baseline'))}",
        "metered_ratio": f"{account.sum(column_of('metered'))}/{account.sum(USED)}",
    }
    metering = report.site.plan.metering
    used_uncertainty = (
        f"SQRT(({account.sum(column_of('metered'))}*{metering.metered_uncertainty!r})^2"
        f"+({account.sum(column_of('modelled'))}*{metering.modelled_uncertainty!r})^2)"
    )
    formulas["used_uncertainty"] = used_uncertainty
    formulas["saved_uncertainty"] = (
        f"SQRT({used_uncertainty}^2"
        f"+({account.sum(column_of('baseline'))}*{report.baseline_uncertainty!r})^2)"
    )
    if len(report.money) == 1:
        paid = quarters.sum(Q_COST), quarters.sum(Q_BASELINE_COST)
        formulas |= {
            "cost": paid[0],
            "baseline_cost": paid[1],
            "saved_cost": f"{paid[1]}-{paid[0]}",
        }
    if report.whole.emission_kg is not None:
        formulas["emission"], formulas["avoided"] = emission
    lines = figure_lines(report, words)
    for line in lines:
        row += 1
        star = " *" if any(line.partial) else ""
        sheet.put(row, 0, f"{line.label}{star}", sheet.book.format())
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
    if any(any(line.partial) for line in lines):
        row += 1
        sheet.put(row, 0, words["partial_cost"], sheet.book.note)
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
        shown = book.levels[standing.level.value if standing.is_assessable else "open"]
        sheet.raw.merge_range(row, 1, row, 6, "", shown)
        level = words.level(standing.level) if standing.is_assessable else words["not_assessable"]
        sheet.put(row, 1, level, shown)
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
            None,
            Formula(f"={account.sum(USED)}", used),
            Formula(
                f"=IFERROR({cell_ref(row, 3)}/{base_cell},0)", used / baseline if baseline else 0
            ),
        ],
        numbers,
        bold=True,
    )
    row += 1
    saved_kwh = kwh(ladder.saved_j)
    sheet.row(
        row,
        [
            words["total_saved"],
            "",
            Formula(f"=SUM({steps})", saved_kwh),
            None,
            Formula(
                f"=IFERROR({cell_ref(row, 2)}/{base_cell},0)",
                saved_kwh / baseline if baseline else 0,
            ),
        ],
        numbers,
        bold=True,
    )
    row += 1
    check = f"=ROUND({base_cell}-{cell_ref(row - 2, 3)}-SUM({steps}),6)"
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


def _daily_chart(sheet: Sheet, row: int, report: Report, daily: Sheet, words: Words) -> None:
    name, first = daily.raw.get_name(), 3
    last = first + len(report.days) - 1
    workbook = sheet.book.workbook
    columns = workbook.add_chart({"type": "column"})
    # Both as columns, one before the other: where there is no account nothing stands, while a
    # line would fall to zero.
    for label, column, colour in (("baseline", 1, "#F8CBAD"), ("used", 2, "#4472C4")):
        columns.add_series(
            {
                "name": words[label],
                "categories": [name, first, 0, last, 0],
                "values": [name, first, column, last, column],
                "fill": {"color": colour},
                "overlap": 100,
                "gap": 40,
            }
        )
    columns.set_title({"name": words["chart_daily"], "name_font": {"size": 11}})
    columns.set_legend({"position": "bottom"})
    days_apart = max(1, -(-len(report.days) // 16))
    columns.set_x_axis({"num_format": "mm-dd", "date_axis": True, "major_unit": days_apart})
    columns.set_y_axis({"num_format": "#,##0"})
    columns.set_size({"width": 900, "height": 320})
    sheet.raw.insert_chart(row, 0, columns, {"description": words["chart_daily"]})
