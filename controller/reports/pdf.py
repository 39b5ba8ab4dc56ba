"""A report as PDF, to be printed and filed; its type is embedded, in either language."""

import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

from reportlab.lib import colors  # type: ignore[import-untyped]  # ships no types
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]  # ships no types
from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]  # ships no types
from reportlab.lib.units import mm  # type: ignore[import-untyped]  # ships no types
from reportlab.platypus import (  # type: ignore[import-untyped]  # ships no types
    KeepTogether,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from controller.reports.content import DayState, GroupRow, Report, kwh
from controller.reports.lines import (
    change_text,
    cost_text,
    excess_texts,
    figure_lines,
    marked_text,
    number_text,
    rung_rows,
    sides,
    target_lines,
    title_lines,
    title_text,
)
from controller.reports.pdf_charts import daily_chart, ladder_chart
from controller.reports.pdf_type import FONT, marked, register
from controller.reports.source_lines import source_lines
from controller.reports.words import Words
from schedules import Language
from schedules.energy.density import Lacking

MAX_ZONES: Final = 500
"""Zones that the PDF lists; the workbook has all."""

_TITLE = ParagraphStyle("title", fontName=FONT, fontSize=17, leading=22, wordWrap="CJK")
_HEAD = ParagraphStyle(
    "head",
    fontName=FONT,
    fontSize=12,
    leading=16,
    spaceBefore=8,
    spaceAfter=3,
    wordWrap="CJK",
    keepWithNext=1,
)
_TEXT = ParagraphStyle("text", fontName=FONT, fontSize=8.5, leading=11)
_CELL = ParagraphStyle("cell", fontName=FONT, fontSize=7.5, leading=9.5)
_RIGHT = ParagraphStyle("right", parent=_CELL, alignment=2)
_NOTE = ParagraphStyle("note", parent=_CELL, spaceBefore=2)
_BREAKING: Final = {
    one.name: ParagraphStyle(f"{one.name}-cjk", parent=one, wordWrap="CJK")
    for one in (_CELL, _RIGHT, _NOTE, _TEXT)
}
_FOOT_LONGEST: Final = 40
"""Characters of the scope that the foot of a page has room for."""
_FIRST_WIDE: Final = 0x2E7F
"""Characters above it are Chinese, or as wide."""
_LEVELS = {
    "green": colors.HexColor("#C6EFCE"),
    "yellow": colors.HexColor("#FFEB9C"),
    "red": colors.HexColor("#FFC7CE"),
}
_OPEN = colors.HexColor("#E7E6E6")
"""Of a level that rests on too few nights."""
_GRID = [
    ("FONTNAME", (0, 0), (-1, -1), FONT),
    ("GRID", (0, 0), (-1, -1), 0.4, colors.HexColor("#AAAAAA")),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("TOPPADDING", (0, 0), (-1, -1), 1.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
]
_WITH_HEAD = [*_GRID, ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#DDEBF7"))]

Flow = list[Any]


def report_pdf(report: Report, language: Language) -> bytes:
    """The document's bytes; the same report gives the same."""
    register()
    words = Words(language)
    out = io.BytesIO()
    scope = dict(title_lines(report, words))[words["scope"]]
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=16 * mm,
        rightMargin=16 * mm,
        topMargin=15 * mm,
        bottomMargin=15 * mm,
        title=f"{words['title']} {report.period.text}",
        author="Lamplighter",
        subject=scope,
        lang="zh-CN" if language is Language.CHINESE else "en",
        invariant=1,
        # A page begins in a font; reportlab's own is not embedded.
        initialFontName=FONT,
    )
    foot = f"{title_text(report, words)}  {_short(scope)}  {words.period(report.period)}"

    def footed(canvas: Any, page: Any) -> None:
        number = words["page"].format(page.page)
        for text, style in ((foot, _CELL), (number, _RIGHT)):
            line = _cell(text, style)
            line.wrap(document.width, 8 * mm)
            line.drawOn(canvas, 16 * mm, 7 * mm)

    flow: Flow = [Paragraph(marked(title_text(report, words)), _TITLE), Spacer(1, 4)]
    flow.append(_pairs(title_lines(report, words)))
    flow += _figures(report, words)
    flow += _targets(report, words)
    flow += _ladder(report, words)
    flow += _daily(report, words)
    flow += _tariff(report, words)
    flow += _groups(report, words)
    flow += _zones(report, words)
    flow.append(PageBreak())
    flow += _quality(report, words)
    flow += _method(report, words)
    document.build(flow, onFirstPage=footed, onLaterPages=footed)
    return out.getvalue()


def _short(text: str) -> str:
    return text if len(text) <= _FOOT_LONGEST else f"{text[: _FOOT_LONGEST - 1]}…"


def _cell(text: str, style: ParagraphStyle = _CELL) -> Paragraph:
    """A text in a table. Chinese may break anywhere, English between words."""
    is_wide = any(ord(one) > _FIRST_WIDE for one in text)
    return Paragraph(marked(text), _BREAKING[style.name] if is_wide else style)


def _note(text: str) -> Paragraph:
    """A text below a table."""
    return _cell(text, _NOTE)


def _pairs(rows: Iterable[tuple[str, str]]) -> Table:
    cells = [[_cell(label), _cell(text)] for label, text in rows]
    return Table(cells, colWidths=[36 * mm, 142 * mm], style=TableStyle(_GRID))


def _table(
    head: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[float | None], texts: int
) -> Table:
    """A table whose first columns, `texts` of them, are texts and the others numbers."""
    cells = [
        [_cell(one, _CELL if at < texts else _RIGHT) for at, one in enumerate(row)]
        for row in (head, *rows)
    ]
    return Table(cells, colWidths=widths, repeatRows=1, style=TableStyle(_WITH_HEAD))


def _figures(report: Report, words: Words) -> Flow:
    beside = sides(report, words)
    rows = []
    lines = figure_lines(report, words)
    for line in lines:
        cells = [line.label, line.unit, marked_text(line, 0)]
        for place, (other, side) in enumerate(
            zip((line.previous, line.year_before), beside, strict=True), 1
        ):
            cells.append(marked_text(line, place))
            cells.append(change_text(line, other, is_whole=side.is_whole))
        rows.append(cells)
    head = [words["figure"], words["unit"], words["value"]]
    for side in beside:
        head += [side.head, words["change"]]
    widths = [56 * mm, 20 * mm, 24 * mm, 24 * mm, 15 * mm, 24 * mm, 15 * mm]
    flow: Flow = [Paragraph(marked(words["figures"]), _HEAD), _table(head, rows, widths, 2)]
    if not all(side.is_whole for side in beside):
        flow.append(_note(words["no_change"]))
    if any(any(line.partial) for line in lines):
        flow.append(_note(words["partial_cost"]))
    return flow


def _targets(report: Report, words: Words) -> Flow:
    flow: Flow = [Paragraph(marked(words["targets"]), _HEAD)]
    if not report.standings:
        flow.append(_cell(words["target_none"]))
    for period, standing in report.standings:
        lines = target_lines(standing, words)
        labels = [words["period"], *(label for label, _ in lines[:-1])]
        texts = [words.period(period), *(text for _, text in lines[:-2])]
        level, note = words.level(standing.level), lines[-1][1]
        if not standing.is_assessable:
            level, note = f"({level})", f"{lines[-2][1]}. {note}"
        texts.append(level)
        colour = _LEVELS[standing.level.value] if standing.is_assessable else _OPEN
        table = Table(
            [[_cell(one) for one in labels], [_cell(one) for one in texts]],
            colWidths=[16 * mm, 33 * mm, *[18.5 * mm] * 5, 17 * mm, 19.5 * mm][: len(labels)],
            style=TableStyle([*_WITH_HEAD, ("BACKGROUND", (-1, 1), (-1, 1), colour)]),
        )
        flow.append(KeepTogether([table, _note(note), Spacer(1, 4)]))
    return flow


def _ladder(report: Report, words: Words) -> Flow:
    baseline = kwh(report.ladder.baseline_j)
    rows = []
    for number, (label, saved, left) in enumerate(rung_rows(report, words)):
        is_shared = number > 0 and baseline > 0
        share = f"{number_text(saved / baseline, 1, is_ratio=True)}%" if is_shared else ""
        rows.append([label, number_text(saved, 1) if number else "", number_text(left, 1), share])
    used, saved = kwh(report.ladder.used_j), kwh(report.ladder.saved_j)
    for label, energy, cells in (
        (words["total_saved"], saved, [number_text(saved, 1), ""]),
        (words["used"], used, ["", number_text(used, 1)]),
    ):
        share = f"{number_text(energy / baseline, 1, is_ratio=True)}%" if baseline > 0 else ""
        rows.append([label, *cells, share])
    head = [
        words["rung"], f"{words['step']} kWh", f"{words['remaining']} kWh", words["share"],
    ]  # fmt: skip
    table = _table(head, rows, [83 * mm, 35 * mm, 35 * mm, 25 * mm], 1)
    return [
        KeepTogether([Paragraph(marked(words["ladder"]), _HEAD), table]),
        Spacer(1, 6),
        ladder_chart(report, words),
    ]


def _daily(report: Report, words: Words) -> Flow:
    return [Paragraph(marked(words["daily"]), _HEAD), daily_chart(report, words)]


def _tariff(report: Report, words: Words) -> Flow:
    rows = [
        [
            tariff,
            band,
            f"{use.price_per_kwh:g} {money.currency}",
            number_text(kwh(use.energy_j), 1),
            number_text(use.cost, 2),
        ]
        for money in report.money
        for (tariff, band), use in money.bands.items()
    ]
    if not rows:
        return []
    head = [
        words["tariff_name"], words["band"], words["price"], f"{words['used']} kWh", words["cost"],
    ]  # fmt: skip
    widths = [46 * mm, 44 * mm, 28 * mm, 30 * mm, 30 * mm]
    return [Paragraph(marked(words["tariff"]), _HEAD), _table(head, rows, widths, 2)]


def _groups(report: Report, words: Words) -> Flow:
    flow: Flow = []
    categories = [(words.category(category), one) for category, one in report.categories]
    districts = [(words.name(one.name, one.name_en), one) for one in report.districts]
    for title, groups in (("districts", districts), ("categories", categories)):
        if groups:
            flow.append(Paragraph(marked(words[title]), _HEAD))
            flow.append(_group_table(groups, words))
            if any(one.is_cost_partial for _, one in groups):
                flow.append(_note(words["partial_cost"]))
    return flow


def _group_table(groups: Sequence[tuple[str, GroupRow]], words: Words) -> Table:
    currencies = sorted({name for _, one in groups for name in one.money})
    head = [
        words["name"], words["luminaires"], f"{words['used']} kWh", f"{words['baseline']} kWh",
        words["saved_ratio"], words["metered_ratio"], words["lit_ratio"],
        f"{words['emission']} kg", *(f"{words['cost']} {one}" for one in currencies),
    ]  # fmt: skip
    rows = [
        [
            name,
            f"{one.luminaires:,}",
            number_text(kwh(one.ladder.used_j), 1),
            number_text(kwh(one.ladder.baseline_j), 1),
            _percent(one.ladder.saved_ratio),
            _percent(one.ladder.metered_ratio),
            _percent(one.lit_ratio),
            number_text(one.emission_kg, 1),
            *(cost_text(one, currency) for currency in currencies),
        ]
        for name, one in groups
    ]
    widths = [
        34 * mm, 17 * mm, *[20 * mm] * 2, *[14.3 * mm] * 3, 20 * mm, *[24 * mm] * len(currencies),
    ]  # fmt: skip
    return _table(head, rows, widths, 1)


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _zones(report: Report, words: Words) -> Flow:
    head = [
        words["zone"], words["luminaires"], f"{words['used']} kWh", f"{words['baseline']} kWh",
        words["saved_ratio"], words["lit_ratio"], f"{words['lpd_short']} W/m²",
        f"{words['lpd_limit']} W/m²", words["within"], "D_P", "D_E",
    ]  # fmt: skip
    rows = []
    for one in report.zones[:MAX_ZONES]:
        density, limit = one.density, one.density.limit_w_per_m2
        is_within = density.is_within_limit
        rows.append(
            [
                f"{words.name(one.zone.name, one.zone.name_en)} ({one.zone.id})",
                f"{one.group.luminaires:,}",
                number_text(kwh(one.group.ladder.used_j), 1),
                number_text(kwh(one.group.ladder.baseline_j), 1),
                _percent(one.group.ladder.saved_ratio),
                _percent(one.group.lit_ratio),
                _known(density.lighting_power_density, 3, words),
                words["no_limit"] if limit is None else _known(limit, 2, words),
                "-" if is_within is None else words["yes" if is_within else "no"],
                _known(density.power_density, 4, words),
                _known(density.annual_kwh_per_m2, 2, words),
            ]
        )
    widths = [40 * mm, 16 * mm, 17.5 * mm, 17.5 * mm, *[12.5 * mm] * 7]
    flow: Flow = [Paragraph(marked(words["zones"]), _HEAD), _table(head, rows, widths, 1)]
    more = len(report.zones) - MAX_ZONES
    if more > 0:
        flow.append(_note(words["more_zones"].format(more)))
    lacking = {
        field
        for one in report.zones
        for value in (
            one.density.power_density, one.density.limit_w_per_m2, one.density.area_m2,
        )
        if isinstance(value, Lacking)
        for field in value.fields
    }  # fmt: skip
    if lacking:
        named = ", ".join(sorted(lacking))
        flow.append(_note(f"? = {words['lacks'].format(named)}"))
    return flow


def _known(value: float | Lacking, digits: int, words: Words) -> str:
    del words
    return "?" if isinstance(value, Lacking) else f"{value:,.{digits}f}"


def _quality(report: Report, words: Words) -> Flow:
    quality = report.quality
    metered = report.ladder.metered_ratio
    rows = [(words["metered_ratio"], _percent(metered))]
    for state in DayState:
        days = quality.days.get(state, ())
        named = ""
        if state in (DayState.PARTIAL, DayState.EXCESS, DayState.MISSING) and days:
            named = ": " + ", ".join(day.isoformat() for day in days)
        rows.append((words.state(state), f"{len(days)}{named}"))
    rows += [
        (words["quarantined"], f"{words.reason(reason)}: {count:,}")
        for reason, count in quality.quarantined.items()
    ]
    rows += [(words["excess"], text) for text in excess_texts(report, words)]
    rows.append((words["rolled_up"], f"{quality.rolled_up:,}"))
    if quality.alarms is None:
        rows.append((words["alarms"], words["no_alarms"]))
    else:
        for one in quality.alarms:
            name = f"{words.alarm(one.type)} ({words.severity(one.severity)})"
            counts = f"{words['raised']} {one.raised:,}, {words['open']} {one.still_open:,}"
            rows.append((words["alarms"], f"{name}: {counts}"))
    return [Paragraph(marked(words["quality"]), _HEAD), _pairs(rows)]


def _method(report: Report, words: Words) -> Flow:
    head = [
        words["document"], words["id"], words["valid_from"], words["detail"], words["source"],
    ]  # fmt: skip
    widths = [22 * mm, 28 * mm, 19 * mm, 55 * mm, 54 * mm]
    flow: Flow = [
        Paragraph(marked(words["sources"]), _HEAD),
        _table(head, list(source_lines(report, words)), widths, 5),
        Paragraph(marked(words["method"]), _HEAD),
    ]
    flow += [Paragraph(marked(f"{number}. {text}"), _TEXT)
             for number, text in enumerate(words.method(), 1)]  # fmt: skip
    return flow
