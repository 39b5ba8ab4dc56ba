"""One stretch of control days of zones that follow one calendar, checked in numpy.

Owns the checks. What they find are masks of rows by days and, for the first of each, the
instant; `schedules.proof` words and verifies them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from schedules.anchors import Direction
from schedules.grid import AFTER, BEFORE, Floats, Grid, Instants
from schedules.levels_bulk import ChooseProgram, Subject
from schedules.light import Cover, Pieces, joined, switchings, visible
from schedules.nights_bulk import Nights, Span, between, nights
from schedules.programs import ControlProgram
from schedules.proof_rules import Finding, ProofRules
from schedules.solar import SUNRISE_ELEVATION

Mask = npt.NDArray[np.bool_]
_Kind = TypeVar("_Kind", bound=np.generic)

_DAY = timedelta(days=1)


class Row(NamedTuple):
    """What is proved: a zone's program, or that of luminaires with an exception."""

    subject: Subject
    luminaire: str | None
    """The first luminaire of an exception; None for the zone itself."""
    class_floor: float
    """Lowest level that the zone's lighting class allows at night."""


class Night(NamedTuple):
    """A failing night: row and control day, and the instant where there is one."""

    row: int
    day: date
    at: int | None


@dataclass(slots=True)
class Checked:
    """What was found of the rows of one calendar in one stretch of days."""

    rows: Sequence[Row]
    first: date
    programs: dict[str, ControlProgram]
    program_on: npt.NDArray[np.str_]
    """Identifier of the program of every day."""
    burning_s: Instants
    """Burning seconds of each row."""
    astronomical_s: Instants
    """Seconds from sunset to sunrise of each row."""
    dark_s: Instants
    """Seconds with the sun below the dark limit of each row."""
    failing: dict[Finding, Mask] = field(default_factory=dict)
    """Failing nights, (rows, days)."""
    light: Cover | None = None
    covered: Cover | None = None
    low: Pieces | None = None
    """Light below the class floor; `night` is the day's column."""
    dark_from: Instants | None = None
    day_from: tuple[Span, ...] = ()

    def first_of(self, finding: Finding, program: str) -> Night:
        """The earliest failing night of a program, the first row of it."""
        mask = self.failing[finding] & (self.program_on == program)
        column = int(np.nonzero(mask.any(axis=0))[0][0])
        row = int(np.nonzero(mask[:, column])[0][0])
        return Night(row, self.first + column * _DAY, self._instant(finding, row, column))

    def _instant(self, finding: Finding, row: int, column: int) -> int | None:
        match finding:
            case Finding.DARK_AT_NIGHT:
                assert self.covered is not None, "checked"
                assert self.dark_from is not None, "checked"
                return self.covered.first_gap(row, int(self.dark_from[row, column]))
            case Finding.LIT_IN_DAYLIGHT:
                assert self.light is not None, "checked"
                for span in self.day_from:
                    start, end = int(span.start[row, column]), int(span.end[row, column])
                    at = self.light.first_covered(row, start)
                    if at is not None and at < end:
                        return at
                raise AssertionError("a failing night is lit in daylight")
            case Finding.BELOW_FLOOR:
                assert self.low is not None, "checked"
                here = (self.low.row == row) & (self.low.night == column)
                return int(self.low.start[here].min())
            case _:
                return None


def check(
    rows: Sequence[Row],
    choose: ChooseProgram,
    time_zone: ZoneInfo,
    first: date,
    days: int,
    rules: ProofRules,
) -> Checked:
    """Check every night of `rows`, which follow one calendar, from control day `first` on."""
    # The nights before and after reach into the first and the last control day.
    grid = Grid(
        [row.subject.zone.latitude for row in rows],
        [row.subject.zone.longitude for row in rows],
        time_zone,
        first - _DAY,
        days + 2,
        [row.subject.zone for row in rows],
    )
    programs: dict[str, ControlProgram] = {}
    names: list[str] = []
    for column in range(grid.days):
        program = choose(grid.day(column))
        programs[program.id] = program
        names.append(program.id)
    program_on = np.array(names)
    tonight = {name: nights(program, grid) for name, program in programs.items()}
    columns = {name: np.nonzero(program_on == name)[0] for name in programs}
    pieces = [pieces_of(night, columns[name], len(rows)) for name, night in tonight.items()]
    seen = visible(_bounded(joined(pieces), rows))
    light_pieces = seen.only(seen.level > 0)
    light = Cover(light_pieces.row, light_pieces.start, light_pieces.end)
    allowed = _allowed(tonight, columns, rows, rules)
    covered = Cover(
        np.concatenate([light_pieces.row, allowed.row]),
        np.concatenate([light_pieces.start, allowed.start]),
        np.concatenate([light_pieces.end, allowed.end]),
    )
    every = np.broadcast_to(np.arange(len(rows))[:, None], (len(rows), days))
    dark = _inner(_below(grid, rules.dark_elevation), len(rows))
    daylight = tuple(_inner(span, len(rows)) for span in _daylight(grid, rules))
    sunset_to_sunrise = _inner(_below(grid, SUNRISE_ELEVATION), len(rows))
    result = Checked(
        rows=rows,
        first=first,
        programs={name: programs[name] for name in names[1:-1]},
        program_on=program_on[1:-1],
        burning_s=light.seconds(
            np.arange(len(rows)),
            np.full(len(rows), grid.bounds[2]),
            np.full(len(rows), grid.bounds[-3]),
        ),
        astronomical_s=(sunset_to_sunrise.end - sunset_to_sunrise.start).sum(axis=1),
        dark_s=(dark.end - dark.start).sum(axis=1),
        light=light,
        covered=covered,
        dark_from=dark.start,
        day_from=daylight,
    )
    is_night = dark.end > dark.start
    must_burn = np.array([row.subject.zone.category not in rules.may_be_dark for row in rows])
    is_empty = _empty(tonight, columns, len(rows))[:, 1:-1] & is_night
    missing = dark.end - dark.start - covered.seconds(every, dark.start, dark.end)
    result.failing = {
        Finding.EMPTY_WINDOW: is_empty & must_burn[:, None],
        Finding.DARK_AT_NIGHT: (missing > 0) & ~is_empty & must_burn[:, None],
        Finding.TOO_MANY_SWITCHINGS: _counted(seen, grid, len(rows)) > rules.max_switchings,
        Finding.BELOW_FLOOR: _below_floor(light_pieces, grid, result),
    }
    burns_by_day = np.array([row.subject.zone.category in rules.lit_by_day for row in rows])
    lit = sum((light.seconds(every, *span) for span in daylight), start=np.zeros_like(every))
    result.failing[Finding.LIT_IN_DAYLIGHT] = (lit > 0) & ~burns_by_day[:, None]
    return result


def _inner(span: Span, rows: int) -> Span:
    start, end = np.broadcast_arrays(span.start, np.maximum(span.start, span.end))
    shape = (rows, start.shape[1])
    return Span(
        np.broadcast_to(start, shape)[:, 1:-1],
        np.broadcast_to(end, shape)[:, 1:-1],
    )


def _below(grid: Grid, elevation: float) -> Span:
    """When the sun is below an elevation in each control day."""
    setting = grid.crossing(elevation, Direction.SETTING)
    rising = grid.crossing(elevation, Direction.RISING)
    return between(setting, rising, grid)


def _daylight(grid: Grid, rules: ProofRules) -> tuple[Span, Span]:
    """The afternoon and the morning around each night, without the margin."""
    setting = grid.crossing(rules.day_elevation, Direction.SETTING)
    rising = grid.crossing(rules.day_elevation, Direction.RISING)
    noon, next_noon = grid.noons[:, :-1], grid.noons[:, 1:]
    midnight = (noon + next_noon) // 2
    dusk = np.where(np.abs(setting) < AFTER, setting - rules.day_margin_s, setting)
    dawn = np.where(np.abs(rising) < AFTER, rising + rules.day_margin_s, rising)
    return (
        Span(noon, np.where(dusk == BEFORE, noon, np.minimum(dusk, midnight))),
        Span(np.where(dawn == AFTER, next_noon, np.maximum(dawn, midnight)), next_noon),
    )


def _flat(
    start: Instants, end: Instants, level: Floats, columns: npt.NDArray[np.intp], rows: int
) -> Pieces:
    shape = (rows, columns.size)
    here_start = np.broadcast_to(_pick(start, columns), shape)
    here_end = np.broadcast_to(_pick(end, columns), shape)
    row, index = np.nonzero(here_end > here_start)
    return Pieces(
        row,
        columns[index],
        here_start[row, index],
        here_end[row, index],
        np.broadcast_to(_pick(level, columns), shape)[row, index],
    )


def _pick(array: npt.NDArray[_Kind], columns: npt.NDArray[np.intp]) -> npt.NDArray[_Kind]:
    return array if array.shape[1] == 1 else array[:, columns]


def pieces_of(night: Nights, columns: npt.NDArray[np.intp], rows: int) -> Pieces:
    """The nights of some columns as pieces at their levels, limits not yet applied."""
    return joined(
        [
            _flat(stretch.start, stretch.end, stretch.level, columns, rows)
            for stretch in night.segments()
        ]
    )


def _bounded(pieces: Pieces, rows: Sequence[Row]) -> Pieces:
    floor = np.array([row.subject.floor for row in rows])[pieces.row]
    ceiling = np.array([row.subject.ceiling for row in rows])[pieces.row]
    return pieces._replace(level=np.maximum(np.minimum(pieces.level, ceiling), floor))


def _allowed(
    tonight: dict[str, Nights],
    columns: dict[str, npt.NDArray[np.intp]],
    rows: Sequence[Row],
    rules: ProofRules,
) -> Pieces:
    """Stretches of a window that may be dark: the extinguish window, and short burns."""
    no_level = np.zeros((1, 1))
    parts: list[Pieces] = []
    for name, night in tonight.items():
        window = night.window
        for span in night.too_short:
            is_short = span.end - span.start <= rules.short_burn_s
            end = np.where(is_short, span.end, span.start)
            parts.append(_flat(span.start, end, no_level, columns[name], len(rows)))
        if night.hole is not None:
            start = np.maximum(night.hole.start, window.start)
            end = np.minimum(night.hole.end, window.end)
            end = np.where(end - start <= rules.max_extinguish_s, end, start)
            part = _flat(start, end, no_level, columns[name], len(rows))
            may_be = np.array(
                [row.subject.zone.category not in rules.never_extinguished for row in rows]
            )
            parts.append(part.only(may_be[part.row]))
    return joined(parts)


def _empty(tonight: dict[str, Nights], columns: dict[str, npt.NDArray[np.intp]], rows: int) -> Mask:
    days = sum(one.size for one in columns.values())
    found = np.zeros((rows, days), dtype=np.bool_)
    for name, night in tonight.items():
        is_empty = night.window.end <= night.window.start
        found[:, columns[name]] = _pick(is_empty, columns[name])
    return found


def _night_of(grid: Grid, at: Instants) -> npt.NDArray[np.intp]:
    """Column of the control day of instants, counted from the first that is checked."""
    column: npt.NDArray[np.intp] = np.searchsorted(grid.starts[0], at, side="right") - 2
    return column


def _counted(seen: Pieces, grid: Grid, rows: int) -> npt.NDArray[np.intp]:
    """Switching points in every control day, (rows, days)."""
    row, at = switchings(seen)
    column = _night_of(grid, at)
    days = grid.days - 2
    inside = (column >= 0) & (column < days)
    flat = row[inside] * days + column[inside]
    return np.bincount(flat, minlength=rows * days).reshape(rows, days)


def _below_floor(light: Pieces, grid: Grid, result: Checked) -> Mask:
    days = grid.days - 2
    found = np.zeros((len(result.rows), days), dtype=np.bool_)
    floor = np.array([row.class_floor for row in result.rows])[light.row]
    column = _night_of(grid, light.start)
    is_low = (light.level < floor - 1e-6) & (column >= 0) & (column < days)
    result.low = light._replace(night=column).only(is_low)
    found[result.low.row, result.low.night] = True
    return found


def iter_kinds(checked: Checked) -> Iterator[tuple[Finding, str, Mask]]:
    """Findings of a stretch by kind and program, with the failing nights."""
    for finding, mask in checked.failing.items():
        if not mask.any():
            continue
        for program in checked.programs:
            here = mask & (checked.program_on == program)
            if here.any():
                yield finding, program, here
