"""A year of one zone as a heat map: level over date and hour of the night.

Columns are control days from noon down to noon by the local clock, so that a night is
whole. Colours are cividis: even steps for every eye and in grey print.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from controller.adapters.picture_text import fitted, month_text, short_day_text, year_text
from schedules.wall_chart import (
    SUN_LINES,
    Block,
    Chart,
    SunMark,
    dark_stretches,
    sun_marks,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure
    from matplotlib.gridspec import GridSpec
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Outline

    from controller.adapters.plan_picture import PicturePlan, Sheet

A3_INCHES = (16.54, 11.69)
SUN_UP, TWILIGHT, NIGHT = "#ffffff", "#c9ced6", "#20242c"
"""Behind what is not lit."""
SUNSET_LINE, CIVIL_LINE = "#d55e00", "#0072b2"
MISSING, UNKNOWN, FRAME = "#cc79a7", "#777777", "#444444"
_DARKEST = 0.28
"""Of cividis; below it a level would look like the night."""
_DAY = timedelta(days=1)
_FEW_DAYS, _MANY_DAYS = 70, 900
_FAR_H = 2.0
"""A jump of a sun's curve by more is a break: the sun passed noon, or a polar season lies there."""


def level_colours() -> "Colormap":
    """Colours of levels from 0 to 100 %."""
    from matplotlib import colormaps
    from matplotlib.colors import LinearSegmentedColormap

    cividis = colormaps["cividis"]
    steps = [cividis(_DARKEST + (1 - _DARKEST) * n / 255) for n in range(256)]
    return LinearSegmentedColormap.from_list("levels", steps, N=256)


def draw_heat_map(plan: "PicturePlan", sheet: "Sheet") -> "Figure":
    """Draw the nights of a plan side by side."""
    from matplotlib.figure import Figure

    chart = plan.chart
    figure = Figure(figsize=A3_INCHES, facecolor="white")
    grid = figure.add_gridspec(
        2, 2,
        left=0.055, right=0.945, top=0.865, bottom=0.115,
        height_ratios=(8.4, 1), width_ratios=(70, 1), hspace=0.09, wspace=0.025,
    )  # fmt: skip
    map_axes = figure.add_subplot(grid[0, 0])
    hours_axes = figure.add_subplot(grid[1, 0], sharex=map_axes)
    room = 0.89 * 72 * A3_INCHES[0]
    for height, text, size, weight, colour in (
        (0.955, sheet.title, 20.0, sheet.typeface.title_weight, "black"),
        (0.922, sheet.subtitle, 11.5, "normal", FRAME),
    ):
        figure.text(
            0.055, height, text,
            fontsize=fitted(text, size, room), va="center", weight=weight, color=colour,
        )  # fmt: skip
    notes = [sheet.footer]
    if any(not one.is_gap for one in chart.clock_changes):
        notes.insert(0, sheet.word("twice"))
    figure.text(0.945, 0.012, "   ·   ".join(notes), fontsize=8.5, ha="right", color=FRAME)
    _draw_levels(map_axes, plan, chart)
    _draw_sun(map_axes, plan, chart)
    _draw_clock_changes(map_axes, chart, sheet)
    _draw_hours(hours_axes, plan, sheet)
    _mark_dates(map_axes, hours_axes, chart, sheet)
    _mark_hours(map_axes, sheet)
    _draw_scale(figure, grid, plan, sheet)
    _draw_legend(figure, plan, chart, sheet)
    return figure


def _draw_levels(axes: "Axes", plan: "PicturePlan", chart: Chart) -> None:
    from matplotlib.patches import PathPatch

    colours = level_colours()
    axes.set_facecolor(SUN_UP)
    for elevation, colour in ((SUN_LINES["sunset"][0], TWILIGHT), (-6.0, NIGHT)):
        dark = dark_stretches(chart, plan.locale, elevation)
        outline = _outline(block for start, end in dark for block in chart.blocks(start, end))
        if outline is not None:
            axes.add_patch(_flat(PathPatch(outline), colour))
    by_level: dict[float, list[Block]] = {}
    for night in plan.nights:
        for start, end, level in night.stretches:
            if level > 0:
                by_level.setdefault(level, []).extend(chart.blocks(start, end))
    for level, blocks in sorted(by_level.items()):
        outline = _outline(blocks)
        if outline is not None:
            axes.add_patch(_flat(PathPatch(outline), colours(level / 100)))
    if plan.in_doubt:
        outline = _outline(Block(column, 0, 1, 0, 24) for column in sorted(plan.in_doubt))
        if outline is not None:
            veil = PathPatch(
                outline, facecolor="none", edgecolor=UNKNOWN, linewidth=0, hatch="///", zorder=2.5
            )
            axes.add_patch(veil)


def _flat(patch: "PathPatch", colour: object) -> "PathPatch":
    patch.set(facecolor=colour, edgecolor="none", linewidth=0, antialiased=False)
    return patch


def _outline(blocks: Iterable[Block]) -> "Outline | None":
    """One outline of many blocks: a picture of a year stays small, and without seams."""
    from matplotlib.path import Path as Outline

    move, line, close = (int(one) for one in (Outline.MOVETO, Outline.LINETO, Outline.CLOSEPOLY))
    corners: list[tuple[float, float]] = []
    codes: list[int] = []
    for column, left, right, top, bottom in _joined(blocks):
        x0, x1 = column + left, column + right
        corners += [(x0, top), (x1, top), (x1, bottom), (x0, bottom), (x0, top)]
        codes += [move, line, line, line, close]
    return Outline(corners, codes) if corners else None


def _joined(blocks: Iterable[Block]) -> Iterator[tuple[float, float, float, float, float]]:
    """Blocks of equal hours in neighbouring columns as one."""
    run: tuple[float, float, float, float, float] | None = None
    for column, left, right, top, bottom in sorted(blocks, key=lambda one: (one[3:], one[:3])):
        x0, x1 = column + left, column + right
        if run is not None and run[3:] == (top, bottom) and run[0] + run[2] == x0:
            run = (run[0], run[1], x1 - run[0], top, bottom)
            continue
        if run is not None:
            yield run
        run = (x0, 0.0, x1 - x0, top, bottom)
    if run is not None:
        yield run


def _draw_sun(axes: "Axes", plan: "PicturePlan", chart: Chart) -> None:
    changes = [one.at for one in chart.clock_changes]
    for name, (elevation, direction) in SUN_LINES.items():
        is_civil = name.startswith("civil")
        marks = sun_marks(chart, plan.locale, elevation, direction)
        for line in _lines(marks, changes):
            axes.plot(
                [mark.column + 0.5 for mark in line],
                [mark.hour for mark in line],
                color=CIVIL_LINE if is_civil else SUNSET_LINE,
                linestyle=(0, (5, 2.5)) if is_civil else "-",
                linewidth=1.5,
                solid_capstyle="butt",
                marker="." if len(line) == 1 else None,
                markersize=3,
                zorder=3,
            )


def _lines(marks: Sequence[SunMark], changes: Sequence[int]) -> Iterator[list[SunMark]]:
    """A curve in parts: broken at clock changes and where the sun does not come that far."""
    line: list[SunMark] = []
    for mark in marks:
        if line and (
            mark.column - line[-1].column > 1
            or abs(mark.hour - line[-1].hour) > _FAR_H
            or any(line[-1].at < change <= mark.at for change in changes)
        ):
            yield line
            line = []
        line.append(mark)
    if line:
        yield line


def _draw_clock_changes(axes: "Axes", chart: Chart, sheet: "Sheet") -> None:
    from matplotlib.patches import PathPatch

    missing = _outline(
        Block(one.column, 0, 1, one.from_h, one.to_h) for one in chart.clock_changes if one.is_gap
    )
    if missing is not None:
        axes.add_patch(_flat(PathPatch(missing, zorder=2.6), MISSING))
    if chart.days > _MANY_DAYS:
        return
    for change in chart.clock_changes:
        start, end = chart.bounds[change.column]
        day = short_day_text(chart.first + change.column * _DAY, sheet.language)
        axes.annotate(
            f"{day}: {sheet.word('night_of', hours=f'{(end - start) / 3600:g}')}",
            (change.column + 0.5, 0),
            xytext=(0, 13),
            textcoords="offset points",
            ha="center",
            fontsize=9,
            color=FRAME,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-|>", "color": FRAME, "linewidth": 0.8, "shrinkB": 0},
        )


def _draw_hours(axes: "Axes", plan: "PicturePlan", sheet: "Sheet") -> None:
    from matplotlib.ticker import MaxNLocator

    edges = list(range(len(plan.nights) + 1))
    burning = [one.burning_s / 3600 for one in plan.nights]
    full = [one.full_load_s / 3600 for one in plan.nights]
    axes.stairs(burning, edges, fill=True, color="#c9ced6", label=sheet.word("burning"))
    axes.stairs(full, edges, fill=True, color="#7a7f87", label=sheet.word("full"))
    axes.set_ylim(0, max(1.0, *burning) * 1.3)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.set_ylabel(sheet.word("hours"), fontsize=9.5)
    axes.tick_params(labelsize=9)
    axes.grid(axis="y", color=FRAME, alpha=0.15, linewidth=0.6)
    axes.set_axisbelow(True)


def _mark_dates(upper: "Axes", lower: "Axes", chart: Chart, sheet: "Sheet") -> None:
    days = [chart.first + column * _DAY for column in range(chart.days)]
    marks, labels = _date_marks(days, sheet)
    for axes in (upper, lower):
        axes.set_xlim(0, chart.days)
        axes.set_xticks([column for column, _ in marks])
        for column, is_strong in marks:
            if 0 < column < chart.days:
                axes.axvline(
                    column, color=FRAME, alpha=0.55 if is_strong else 0.22, linewidth=0.7, zorder=2
                )
        axes.tick_params(axis="x", length=0, labelbottom=False)
    lower.set_xticks([at for at, _ in labels], minor=True)
    lower.set_xticklabels([text for _, text in labels], minor=True, fontsize=10.5)
    lower.tick_params(axis="x", which="minor", length=0, pad=5)
    upper.tick_params(axis="x", which="minor", length=0, labelbottom=False)


def _date_marks(
    days: Sequence[date], sheet: "Sheet"
) -> tuple[list[tuple[int, bool]], list[tuple[float, str]]]:
    """Columns where a line stands, and which are strong; middles of columns and their labels."""
    if len(days) <= _FEW_DAYS:
        every = max(1, len(days) // 14)
        marks = [(column, day.day == 1) for column, day in enumerate(days)]
        labels = [
            (column + 0.5, short_day_text(day, sheet.language))
            for column, day in enumerate(days)
            if column % every == 0
        ]
        return marks, labels
    by_year = len(days) > _MANY_DAYS
    starts = [
        column
        for column, day in enumerate(days)
        if column == 0 or (day.day == 1 and (day.month == 1 or not by_year))
    ]
    marks = [(column, days[column].month == 1 and days[column].day == 1) for column in starts]
    labels = []
    for number, (start, end) in enumerate(pairwise([*starts, len(days)])):
        day = days[start]
        if by_year:
            text = year_text(day.year, sheet.language)
        else:
            text = month_text(day, sheet.language)
            if number == 0 or day.month == 1:
                text += f"\n{year_text(day.year, sheet.language)}"
        # A few days of a month have no room for its name.
        if end - start > len(days) / 40:
            labels.append(((start + end) / 2, text))
    return marks, labels


def _mark_hours(axes: "Axes", sheet: "Sheet") -> None:
    axes.set_ylim(24, 0)
    axes.set_yticks(range(0, 25, 2))
    axes.set_yticklabels([f"{(12 + hour) % 24:02}:00" for hour in range(0, 25, 2)])
    axes.set_yticks(range(25), minor=True)
    axes.set_ylabel(sheet.word("hour"))
    axes.grid(axis="y", color=FRAME, alpha=0.25, linewidth=0.6)
    axes.axhline(12, color=FRAME, alpha=0.6, linewidth=0.8, zorder=2)
    for spine in axes.spines.values():
        spine.set(color=FRAME, linewidth=0.8)


def _draw_scale(figure: "Figure", grid: "GridSpec", plan: "PicturePlan", sheet: "Sheet") -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    axes = figure.add_subplot(grid[0, 1])
    bar = figure.colorbar(ScalarMappable(Normalize(0, 100), level_colours()), cax=axes)
    used = sorted({one.level for night in plan.nights for one in night.stretches if one.level > 0})
    bar.set_ticks([float(one) for one in range(0, 101, 10)])
    bar.ax.tick_params(labelsize=9.5)
    bar.set_label(sheet.word("level"))
    for level in used:
        bar.ax.axhline(level, color="black", linewidth=0.9)
    bar.outline.set(color=FRAME, linewidth=0.8)


def _draw_legend(figure: "Figure", plan: "PicturePlan", chart: Chart, sheet: "Sheet") -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Patch | Line2D] = [
        Line2D([], [], color=SUNSET_LINE, linewidth=1.8, label=sheet.word("sunset")),
        Line2D(
            [], [], color=CIVIL_LINE, linewidth=1.8, linestyle=(0, (5, 2.5)),
            label=sheet.word("civil_dusk"),
        ),
        Patch(facecolor=SUN_UP, edgecolor=FRAME, linewidth=0.6, label=sheet.word("sun_up")),
        Patch(facecolor=TWILIGHT, edgecolor=FRAME, linewidth=0.6, label=sheet.word("twilight")),
        Patch(facecolor=NIGHT, edgecolor=FRAME, linewidth=0.6, label=sheet.word("unlit")),
    ]  # fmt: skip
    if any(one.is_gap for one in chart.clock_changes):
        handles.append(Patch(facecolor=MISSING, label=sheet.word("missing")))
    if plan.in_doubt:
        handles.append(
            Patch(facecolor="none", edgecolor=UNKNOWN, hatch="///", label=sheet.word("unknown"))
        )
    figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.05, 0.024),
        ncols=len(handles), frameon=False, fontsize=10, handlelength=1.8, columnspacing=1.6,
    )  # fmt: skip
    hours = [
        Patch(facecolor="#c9ced6", label=sheet.word("burning")),
        Patch(facecolor="#7a7f87", label=sheet.word("full")),
    ]
    figure.axes[1].legend(
        handles=hours, loc="upper center", ncols=2, frameon=False, fontsize=8.5,
        handlelength=1.2, borderaxespad=0.1,
    )  # fmt: skip
