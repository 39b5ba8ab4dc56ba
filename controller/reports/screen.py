"""A report for the screen: the figures, the ladder and the targets, in a few lines."""

from collections.abc import Iterator
from unicodedata import east_asian_width

from controller.reports.content import Report
from controller.reports.lines import (
    change_text,
    figure_lines,
    marked_text,
    number_text,
    rung_rows,
    sides,
    target_lines,
    title_lines,
    title_text,
)
from controller.reports.source_lines import source_lines
from controller.reports.words import Words


def screen_lines(report: Report, words: Words) -> Iterator[str]:
    """The report's lines."""
    yield title_text(report, words)
    for label, text in title_lines(report, words):
        yield f"{_wide(label, 12)} {text}"
    yield ""
    beside = sides(report, words)
    lines = figure_lines(report, words)
    widest = max(_columns(line.label) for line in lines)
    yield _row(widest, words["figure"], words["value"], "", *(side.head for side in beside))
    for line in lines:
        yield _row(
            widest,
            line.label,
            marked_text(line, 0),
            line.unit,
            *(
                f"{marked_text(line, place)} "
                f"{change_text(line, other, is_whole=side.is_whole)}".strip()
                for place, (other, side) in enumerate(
                    zip((line.previous, line.year_before), beside, strict=True), 1
                )
            ),
        )
    if any(any(line.partial) for line in lines):
        yield f"  {words['partial_cost']}"
    yield ""
    yield words["ladder"]
    for label, saved, left in rung_rows(report, words):
        yield f"  {_wide(label, 34)} {number_text(saved, 1):>14}  {left:>14,.1f} kWh"
    for period, standing in report.standings:
        yield ""
        yield f"{words['targets']} {words.period(period)}"
        for label, text in target_lines(standing, words):
            yield f"  {_wide(label, 20)} {text}"
    yield ""
    for line_ in source_lines(report, words):
        parts = (line_.kind, line_.id, line_.valid_from, line_.detail, line_.source)
        yield "  ".join(part for part in parts if part)


def _row(widest: int, label: str, value: str, unit: str, *others: str) -> str:
    cells = "".join(f"  {_wide(one, 24, right=True)}" for one in others)
    return (
        f"  {_wide(label, widest)} {_wide(value, 16, right=True)} {_wide(unit, 12)}{cells}".rstrip()
    )


def _wide(text: str, columns: int, *, right: bool = False) -> str:
    """Text filled up to so many columns of a terminal; Chinese takes two each."""
    fill = " " * max(0, columns - _columns(text))
    return fill + text if right else text + fill


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)
