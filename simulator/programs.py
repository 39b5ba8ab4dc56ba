"""Programs as luminaires store them, many at once.

Owns the lookup of the point in force at an instant of a luminaire's own clock, and what is
left of a program after ``valid_until``: the last night's on and off, every day. Instants are
Unix seconds of the luminaire's clock.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from controller.wire.messages import Program

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

DAY_S: Final = 86_400
NO_PROGRAM: Final = -1
_INSTANT_BITS: Final = 41
"""Instants on the wire are below 2**40; a key is the program's number above these bits."""


class Orders(NamedTuple):
    """What programs say at an instant, one entry a luminaire."""

    level: Floats
    """As in the program: neither scaled nor floored."""
    ramp_end: Floats
    """Instant at which the level is reached."""
    next_at: Floats
    """Instant of the next change; infinity for none."""
    is_failsafe: Flags
    """True after ``valid_until``."""


class LastNight(NamedTuple):
    """When a program that ran out is lit: from ``on`` for ``lit_s`` seconds, every day."""

    on: int
    lit_s: int
    """0 to 86,400; the latter is always."""


def last_night(program: Program) -> LastNight:
    """The last night's on and off of a program.

    A stretch out of light inside the night (part-night) is not repeated, and a program that
    is never lit leaves the luminaire lit always: what is not known fails lit.
    """
    end = program.valid_until
    points = [point for point in program.points if point[0] < end]
    stretches: list[tuple[int, int]] = []
    for index, (at, level, _) in enumerate(points):
        stop = points[index + 1][0] if index + 1 < len(points) else end
        if level <= 0:
            continue
        if stretches and stretches[-1][1] == at:
            stretches[-1] = (stretches[-1][0], stop)
        else:
            stretches.append((at, stop))
    if not stretches:
        return LastNight(end, DAY_S)
    off = stretches[-1][1]
    # Where days grow shorter or longer the night before may reach into the same 24 hours:
    # what begins in them is tonight's.
    begins = [begin for begin, _ in stretches if begin > off - DAY_S]
    if not begins:
        return LastNight(off - DAY_S, DAY_S)
    return LastNight(begins[0], off - begins[0])


class ProgramTable:
    """Stored programs by number. Numbers stay valid for the life of the table."""

    def __init__(self) -> None:
        self.rev: Ints = np.zeros(0, dtype=np.int64)
        self.failsafe_level: Floats = np.zeros(0)
        self._first: Ints = np.zeros(0, dtype=np.int64)
        self._last: Ints = np.zeros(0, dtype=np.int64)
        self._valid_until: Ints = np.zeros(0, dtype=np.int64)
        self._night_on: Ints = np.zeros(0, dtype=np.int64)
        self._night_lit_s: Ints = np.zeros(0, dtype=np.int64)
        self._key: Ints = np.zeros(0, dtype=np.int64)
        self._at: Floats = np.zeros(0)
        self._level: Floats = np.zeros(0)
        self._ramp_s: Floats = np.zeros(0)
        self._programs: list[Program | None] = []
        self._number_of: dict[int, int] = {}
        """Numbers by the identity of a program that is stored."""
        self._fresh: list[int] = []

    def __len__(self) -> int:
        return len(self._programs)

    def add(self, program: Program) -> int:
        """Store a program; returns its number. The same object is stored once."""
        known = self._number_of.get(id(program))
        if known is not None:
            return known
        number = len(self._programs)
        self._programs.append(program)
        self._number_of[id(program)] = number
        self._fresh.append(number)
        return number

    def forget_all_but(self, used: Ints) -> None:
        """Free the points of programs that no luminaire holds."""
        kept = set(used.tolist())
        for number in range(len(self._programs)):
            program = self._programs[number]
            if number not in kept and program is not None:
                del self._number_of[id(program)]
                self._programs[number] = None
        self._fresh = list(range(len(self._programs)))
        self._key = np.zeros(0, dtype=np.int64)
        self._at = self._level = self._ramp_s = np.zeros(0)
        self.rev = self._first = self._last = np.zeros(0, dtype=np.int64)
        self._valid_until = self._night_on = self._night_lit_s = np.zeros(0, dtype=np.int64)
        self.failsafe_level = np.zeros(0)
        self._settle()

    @property
    def points(self) -> int:
        """Points stored."""
        return len(self._at)

    def look_up(self, number: Ints, local: Floats) -> Orders:
        """What each luminaire's program (by number, none of them NO_PROGRAM) says at ``local``.

        Before its first point a program says that point's level.
        """
        self._settle()
        first, last = self._first[number], self._last[number]
        whole = np.floor(local).astype(np.int64)
        key = (number << _INSTANT_BITS) + np.clip(whole, 0, (1 << _INSTANT_BITS) - 1)
        found = np.searchsorted(self._key, key, side="right") - 1
        point = np.maximum(found, first)
        is_last = found >= last
        until = self._valid_until[number].astype(np.float64)
        # Points at or after valid_until are never reached.
        following = np.where(
            is_last, until, self._at[np.minimum(np.maximum(found, first - 1) + 1, last)]
        )
        next_at = np.minimum(following, until)
        level = self._level[point]
        ramp_end = self._at[point] + self._ramp_s[point]
        is_over = local >= until
        if is_over.any():
            self._repeat_last_night(number, local, is_over, level, ramp_end, next_at)
        return Orders(level, ramp_end, next_at, is_over)

    def _repeat_last_night(
        self,
        number: Ints,
        local: Floats,
        is_over: Flags,
        level: Floats,
        ramp_end: Floats,
        next_at: Floats,
    ) -> None:
        over = np.flatnonzero(is_over)
        which = number[over]
        on, lit_s = self._night_on[which], self._night_lit_s[which]
        days = np.floor((local[over] - on) / DAY_S)
        begun = on + days * DAY_S
        is_lit = local[over] - begun < lit_s
        is_always = lit_s >= DAY_S
        level[over] = np.where(is_lit, _lit(self.failsafe_level[which]), 0.0)
        ramp_end[over] = local[over]
        next_at[over] = np.where(is_always, np.inf, np.where(is_lit, begun + lit_s, begun + DAY_S))

    def _settle(self) -> None:
        """Take programs that were added into the arrays."""
        if not self._fresh:
            return
        at: list[int] = []
        level: list[float] = []
        ramp: list[int] = []
        key: list[int] = []
        rows: list[tuple[int, int, int, int, int, int, float]] = []
        stored = len(self._at)
        for number in self._fresh:
            program = self._programs[number]
            begin = stored + len(at)
            if program is None:
                rows.append((begin, begin - 1, 0, 0, 0, 0, 0.0))
                continue
            for point_at, point_level, ramp_s in program.points:
                at.append(point_at)
                level.append(point_level)
                ramp.append(ramp_s)
                key.append((number << _INSTANT_BITS) + point_at)
            night = last_night(program)
            rows.append(
                (
                    begin,
                    stored + len(at) - 1,
                    program.valid_until,
                    night.on,
                    night.lit_s,
                    program.rev,
                    program.failsafe_level,
                )
            )
        self._fresh = []
        self._at = np.concatenate([self._at, np.array(at, dtype=np.float64)])
        self._level = np.concatenate([self._level, np.array(level, dtype=np.float64)])
        self._ramp_s = np.concatenate([self._ramp_s, np.array(ramp, dtype=np.float64)])
        self._key = np.concatenate([self._key, np.array(key, dtype=np.int64)])
        columns = [np.array(column) for column in zip(*rows, strict=True)]
        self._first = np.concatenate([self._first, columns[0].astype(np.int64)])
        self._last = np.concatenate([self._last, columns[1].astype(np.int64)])
        self._valid_until = np.concatenate([self._valid_until, columns[2].astype(np.int64)])
        self._night_on = np.concatenate([self._night_on, columns[3].astype(np.int64)])
        self._night_lit_s = np.concatenate([self._night_lit_s, columns[4].astype(np.int64)])
        self.rev = np.concatenate([self.rev, columns[5].astype(np.int64)])
        self.failsafe_level = np.concatenate([self.failsafe_level, columns[6].astype(np.float64)])


def _lit(level: Floats) -> Floats:
    """A failsafe level of 0 would switch the street off: taken as full."""
    return np.where(level > 0, level, 100.0)
