"""Charts of a report as drawings: daily energy, and the ladder as a waterfall."""

from math import ceil, floor, log10

from reportlab.graphics.shapes import (  # type: ignore[import-untyped]  # ships no types
    Circle,
    Drawing,
    Line,
    PolyLine,
    Rect,
    String,
)
from reportlab.lib.colors import HexColor  # type: ignore[import-untyped]  # ships no types

from controller.reports.content import DayState, Report, kwh
from controller.reports.lines import number_text, rung_rows
from controller.reports.pdf_type import FONT
from controller.reports.words import Words

WIDTH, HEIGHT = 500.0, 190.0
_LEFT, _BOTTOM, _TOP, _RIGHT = 56.0, 34.0, 22.0, 8.0
_BLUE, _ORANGE, _GREEN, _RED, _GREY = (
    HexColor(one) for one in ("#4472C4", "#ED7D31", "#70AD47", "#C00000", "#999999")
)
_PALE = HexColor("#B4C7E7")


class _Frame:
    """A drawing with a scale of kWh on its left."""

    def __init__(self, title: str, low: float, high: float) -> None:
        self.drawing = Drawing(WIDTH, HEIGHT)
        self._step = _step(high - min(low, 0.0))
        self._low = self._step * floor(min(low, 0.0) / self._step)
        self._high = self._step * max(1, ceil(high / self._step))
        self.text(WIDTH / 2, HEIGHT - 12, title, size=10, anchor="middle")
        value = self._low
        while value <= self._high + self._step / 2:
            y = self.y(value)
            self.drawing.add(Line(_LEFT, y, WIDTH - _RIGHT, y, strokeColor=_GREY, strokeWidth=0.3))
            self.text(_LEFT - 4, y - 3, f"{value:,.10g}", anchor="end")
            value += self._step

    @property
    def span(self) -> float:
        """Width for what is drawn."""
        return WIDTH - _LEFT - _RIGHT

    def y(self, value: float) -> float:
        """Height of a value."""
        share = (value - self._low) / (self._high - self._low)
        return _BOTTOM + share * (HEIGHT - _BOTTOM - _TOP)

    def bar(self, x: float, width: float, low: float, high: float, colour: HexColor) -> None:
        """A bar between two values."""
        base, top = sorted((self.y(low), self.y(high)))
        self.drawing.add(
            Rect(_LEFT + x, base, width, top - base, fillColor=colour, strokeColor=None)
        )

    def text(
        self, x: float, y: float, text: str, *, size: float = 7, anchor: str = "start"
    ) -> None:
        """A text in the report's font."""
        self.drawing.add(String(x, y, text, fontName=FONT, fontSize=size, textAnchor=anchor))


def _step(span: float) -> float:
    """A round step that parts a span in about five."""
    if span <= 0:
        return 1.0
    rough = span / 5
    power: float = 10.0 ** floor(log10(rough))
    return next(power * one for one in (1, 2, 5, 10) if power * one >= rough)


def daily_chart(report: Report, words: Words) -> Drawing:
    """Use of every day as bars, paler where the day is not complete; the baseline as a line.

    A year is drawn by months.
    """
    bars = _daily_bars(report)
    highest = max(max(used, baseline) for _, used, baseline, _ in bars)
    frame = _Frame(words["chart_daily"], 0.0, highest)
    width = frame.span / len(bars)
    stretches: list[list[float]] = [[]]
    widest = max(len(label) for label, *_ in bars) * 4.0 + 5.0
    every = max(1, ceil(widest / width))
    for number, (label, used, baseline, is_complete) in enumerate(bars):
        frame.bar(
            number * width + width * 0.15, width * 0.7, 0.0, used, _BLUE if is_complete else _PALE
        )
        # Where there is no account, there is no line.
        if baseline:
            stretches[-1] += [_LEFT + (number + 0.5) * width, frame.y(baseline)]
        elif stretches[-1]:
            stretches.append([])
        if number % every == 0:
            frame.text(_LEFT + (number + 0.5) * width, _BOTTOM - 10, label, anchor="middle")
    for points in filter(None, stretches):
        if len(points) == 2:
            frame.drawing.add(Circle(*points, 1.5, fillColor=_ORANGE, strokeColor=None))
        else:
            frame.drawing.add(PolyLine(points, strokeColor=_ORANGE, strokeWidth=1.2))
    x = _LEFT
    for colour, label in ((_BLUE, words["used"]), (_ORANGE, words["baseline"])):
        frame.drawing.add(Rect(x, 6, 8, 8, fillColor=colour, strokeColor=None))
        frame.text(x + 12, 7, label, size=8)
        x += 120
    return frame.drawing


def _daily_bars(report: Report) -> list[tuple[str, float, float, bool]]:
    """Label, use and baseline in kWh, and whether it is complete."""
    days = report.days
    if len(days) <= 100:
        return [
            (
                f"{one.day.day}" if len(days) <= 31 else f"{one.day:%m-%d}",
                kwh(one.ladder.used_j),
                kwh(one.ladder.baseline_j),
                one.state is DayState.COMPLETE,
            )
            for one in days
        ]
    found: dict[str, tuple[float, float, bool]] = {}
    for one in days:
        used, baseline, is_complete = found.get(f"{one.day:%m}", (0.0, 0.0, True))
        found[f"{one.day:%m}"] = (
            used + kwh(one.ladder.used_j),
            baseline + kwh(one.ladder.baseline_j),
            is_complete and one.state is DayState.COMPLETE,
        )
    return [(label, *values) for label, values in found.items()]


def ladder_chart(report: Report, words: Words) -> Drawing:
    """From the baseline, rung by rung, to the use."""
    rows = list(rung_rows(report, words))
    used = kwh(report.ladder.used_j)
    levels = [left for _, _, left in rows]
    frame = _Frame(words["chart_ladder"], min(*levels, used), max(*levels, used))
    width = frame.span / (len(rows) + 1)
    for number, (label, saved, left) in enumerate(rows):
        x = number * width + width * 0.12
        if number == 0:
            frame.bar(x, width * 0.76, 0.0, left, _BLUE)
        else:
            frame.bar(x, width * 0.76, left, left + saved, _GREEN if saved >= 0 else _RED)
        shown = left if number == 0 else saved
        height = max(frame.y(left), frame.y(left + saved)) + 3
        frame.text(_LEFT + x + width * 0.38, height, number_text(shown, 0), anchor="middle")
        _labelled(frame, _LEFT + x + width * 0.38, label, width)
    x = len(rows) * width + width * 0.12
    frame.bar(x, width * 0.76, 0.0, used, _BLUE)
    frame.text(_LEFT + x + width * 0.38, frame.y(used) + 3, f"{used:,.0f}", anchor="middle")
    _labelled(frame, _LEFT + x + width * 0.38, words["used"], width)
    return frame.drawing


def _labelled(frame: _Frame, x: float, label: str, width: float) -> None:
    """A label in at most three lines below a bar; what stands in brackets is left out."""
    short = label.split("（")[0].split(" (")[0]
    is_wide = any(ord(one) > 0x2E80 for one in short)
    most = max(4, int(width / (7 if is_wide else 3.6)))
    lines: list[str] = []
    for word in [short] if is_wide else short.split():
        if lines and not is_wide and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += f" {word}"
        else:
            lines += [word[at : at + most] for at in range(0, len(word), most)]
    for number, line in enumerate(lines[:3]):
        frame.text(x, _BOTTOM - 10 - 9 * number, line, anchor="middle")
