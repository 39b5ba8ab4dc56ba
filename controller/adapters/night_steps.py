"""Some nights of one zone as steps: level over the hours of each control day.

Time runs by elapsed hours and is marked by what the local clock shows: on the night of a
clock change an hour is missing among the marks, or there twice.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from controller.adapters.heat_map import (
    CIVIL_LINE,
    FRAME,
    NIGHT,
    SUN_UP,
    SUNSET_LINE,
    TWILIGHT,
    level_colours,
)
from controller.adapters.picture_text import fitted, weekday_text
from schedules.night_plan import NightPlan
from schedules.wall_chart import SUN_LINES, Chart, dark_stretches

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from controller.adapters.plan_picture import PicturePlan, Sheet

_WIDTH_INCHES = 14.0
_ROW_INCHES = 1.75
_SINGLE_INCHES = 4.2
_HEADER_INCHES, _FOOTER_INCHES = 1.3, 0.95
_MARK_EVERY_H = 2
_LABELLED = 10
"""More switchings in a night have no room for their times."""


def draw_night_steps(plan: "PicturePlan", sheet: "Sheet") -> "Figure":
    """Draw each night of a plan in a row of its own."""
    from matplotlib.figure import Figure

    chart = plan.chart
    rows = len(plan.nights)
    body = rows * (_SINGLE_INCHES if rows == 1 else _ROW_INCHES)
    height = _HEADER_INCHES + body + _FOOTER_INCHES
    figure = Figure(figsize=(_WIDTH_INCHES, height), facecolor="white")
    room = 0.915 * 72 * _WIDTH_INCHES
    for down, text, size, weight, colour in (
        (0.38, sheet.title, 17.0, sheet.typeface.title_weight, "black"),
        (0.72, sheet.subtitle, 10.0, "normal", FRAME),
    ):
        figure.text(
            0.06, 1 - down / height, text,
            fontsize=fitted(text, size, room), va="center", weight=weight, color=colour,
        )  # fmt: skip
    figure.text(0.975, 0.12 / height, sheet.footer, fontsize=8, ha="right", color=FRAME)
    grid = figure.add_gridspec(
        rows, 1,
        left=0.06, right=0.975,
        top=1 - _HEADER_INCHES / height, bottom=_FOOTER_INCHES / height,
        hspace=0.62 if rows > 1 else 0,
    )  # fmt: skip
    for row, night in enumerate(plan.nights):
        _draw_night(figure.add_subplot(grid[row, 0]), night, chart, plan, sheet)
    _draw_legend(figure, sheet)
    return figure


def _draw_night(
    axes: "Axes", night: NightPlan, chart: Chart, plan: "PicturePlan", sheet: "Sheet"
) -> None:
    colours = level_colours()

    def hours(at: int) -> float:
        return (at - night.start) / 3600

    axes.set_facecolor(SUN_UP)
    for name, shade, line in (
        ("sunset", TWILIGHT, SUNSET_LINE),
        ("civil_dusk", NIGHT, CIVIL_LINE),
    ):
        for start, end in dark_stretches(chart, plan.locale, SUN_LINES[name][0]):
            first, last = max(start, night.start), min(end, night.end)
            if first >= last:
                continue
            alpha = 0.55 if name == "civil_dusk" else 1.0
            axes.axvspan(hours(first), hours(last), color=shade, alpha=alpha, linewidth=0, zorder=1)
            for at in (start, end):
                if night.start < at < night.end:
                    style = (0, (5, 2.5)) if name == "civil_dusk" else "-"
                    axes.axvline(hours(at), color=line, linewidth=1.4, linestyle=style, zorder=4)
    for start, end, level in night.stretches:
        if level > 0:
            axes.bar(
                hours(start), level, (end - start) / 3600, align="edge",
                color=colours(level / 100), linewidth=0, zorder=2,
            )  # fmt: skip
    levels = [one.level for one in night.stretches]
    edges = [hours(one.start) for one in night.stretches] + [hours(night.end)]
    axes.stairs(levels, edges, color="black", linewidth=1.3, baseline=None, zorder=3)
    if len(night.switchings) <= _LABELLED:
        _label_switchings(axes, night, plan)
    axes.set_xlim(0, hours(night.end))
    axes.set_ylim(0, 128)
    axes.set_yticks([0, 50, 100])
    axes.tick_params(labelsize=9)
    axes.set_ylabel("%", fontsize=9)
    axes.grid(axis="y", color=FRAME, alpha=0.2, linewidth=0.6)
    marks = _clock_marks(night, plan)
    axes.set_xticks([hours(at) for at, _ in marks], [text for _, text in marks])
    heading = weekday_text(night.day, sheet.language)
    burning = sheet.word("night_of", hours=f"{night.burning_s / 3600:.2f}")
    heading += f"    {sheet.word('burning')}: {burning}"
    if night.in_doubt:
        heading += f"    ({sheet.word('unknown')})"
    axes.set_title(heading, fontsize=10, loc="left")
    for change in chart.clock_changes:
        if night.start <= change.at < night.end:
            shift = sheet.word("clock_forward" if change.is_gap else "clock_back")
            axes.axvline(hours(change.at), color="#cc79a7", linewidth=2.2, zorder=4)
            axes.set_title(
                f"{shift} {abs(change.shift_h):g} h", fontsize=10, loc="right", color="#a0457a"
            )


def _label_switchings(axes: "Axes", night: NightPlan, plan: "PicturePlan") -> None:
    lowest = -1.0
    for one in night.switchings:
        at = (one.at - night.start) / 3600
        clock = datetime.fromtimestamp(one.at, plan.site.time_zone).strftime("%H:%M")
        # Labels of switchings close to each other would lie over each other.
        height = 104 if at - lowest > 1.0 else 115
        lowest = at if height == 104 else -1.0
        axes.text(
            at, height, f"{clock} {one.level:g} %", fontsize=7.5, ha="center", zorder=5,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.8},
        )  # fmt: skip


def _clock_marks(night: NightPlan, plan: "PicturePlan") -> list[tuple[int, str]]:
    """Instants at which the clock shows an even hour, and what it shows."""
    found = []
    for at in range(night.start, night.end + 1, 1800):
        shown = datetime.fromtimestamp(at, plan.site.time_zone)
        if shown.minute == 0 and shown.hour % _MARK_EVERY_H == 0:
            found.append((at, shown.strftime("%H:%M")))
    return found


def _draw_legend(figure: "Figure", sheet: "Sheet") -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Patch | Line2D] = [
        Line2D([], [], color=SUNSET_LINE, linewidth=1.6, label=sheet.word("sunset")),
        Line2D(
            [], [], color=CIVIL_LINE, linewidth=1.6, linestyle=(0, (5, 2.5)),
            label=sheet.word("civil_dusk"),
        ),
        Patch(facecolor=SUN_UP, edgecolor=FRAME, linewidth=0.6, label=sheet.word("sun_up")),
        Patch(facecolor=TWILIGHT, edgecolor=FRAME, linewidth=0.6, label=sheet.word("twilight")),
        Patch(facecolor=NIGHT, alpha=0.55, linewidth=0, label=sheet.word("unlit")),
    ]  # fmt: skip
    figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.05, 0.0),
        ncols=len(handles), frameon=False, fontsize=9, handlelength=1.8,
    )  # fmt: skip
