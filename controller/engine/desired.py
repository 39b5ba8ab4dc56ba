"""What every luminaire is to do now: programs, constant light, overrides, sensors, in layers.

Owns the desired levels as pure functions of the book, the site and the instant. Knows
nothing of what is reported or sent.
"""

from typing import NamedTuple

import numpy as np

from controller.engine.book import Book
from controller.engine.columns import LEVEL_TOLERANCE, Columns, Flags, Floats, Rows
from controller.engine.overriding import HANDOVER_S, Overriding
from controller.engine.rule_watch import RuleWatch
from controller.engine.timetable import Timetables
from schedules import Site


class Wanted(NamedTuple):
    """What is desired at one instant, one entry a luminaire."""

    level: Floats
    """% of rated light output."""
    since: Floats
    """Instant of the switching point or override that set it, Unix s."""
    expires_at: Floats
    """Instant up to which a command of this level may hold, Unix s."""
    ramp_s: Floats
    """Within how many seconds the level is to be reached from ``since`` on."""
    is_held: Flags
    """True where an override or a sensor asks for another level than the program."""
    is_covered: Flags
    """True where an override or a sensor says the level, another or not."""
    changes_at: float
    """Instant at which any of this changes by time alone, Unix s."""
    last_edge: float
    """Latest begin or end of an override up to now, Unix s; ``-inf`` for none."""


class Desired:
    """The layers of one book over one site."""

    def __init__(self, site: Site, columns: Columns, book: Book) -> None:
        self._columns = columns
        exceptions = {columns.row_of[name]: table for name, table in book.exceptions.items()}
        self._exceptions: Rows = np.array(list(exceptions), dtype=np.intp)
        self._tables = Timetables(
            [*(book.zones[zone] for zone in columns.zone_ids), *exceptions.values()]
        )
        self._zones = len(columns.zone_ids)
        # Which table a luminaire follows: its zone's, or its own.
        self._table_of = columns.zone.copy()
        self._table_of[self._exceptions] = self._zones + np.arange(len(exceptions))
        scales = [(columns.row_of[name], *pair) for name, pair in book.scales.items()]
        self._scaled: Rows = np.array([row for row, _, _ in scales], dtype=np.intp)
        self._scale = np.array([scale for _, scale, _ in scales], dtype=np.float64)
        self._floor = np.array([floor for _, _, floor in scales], dtype=np.float64)
        self._overriding = Overriding(site, columns, dict(book.overrides))

    @property
    def exceptions(self) -> Rows:
        """Rows that follow a program of their own."""
        return self._exceptions

    def next_of_zones(self, now: float) -> Floats:
        """Instant of each zone's next switching point, Unix s."""
        return self._tables.at(now).until[: self._zones]

    def at(self, now: float, rules: RuleWatch) -> Wanted:
        """What is desired at ``now`` (site time, Unix s)."""
        moment = self._tables.at(now)
        level = moment.level[self._table_of]
        self._keep_light_constant(level)
        next_at = moment.until[self._table_of]
        held = self._overriding.over(level, next_at, now)
        is_covered = held.until < np.inf
        is_held = np.abs(held.level - level) > LEVEL_TOLERANCE
        since = np.maximum(moment.since[self._table_of], held.since)
        expires_at = np.where(is_covered, held.until, next_at)
        ramp_s = np.where(is_held, held.ramp_s, moment.ramp_s[self._table_of])
        wanted = np.where(is_held, held.level, level)

        ruled = rules.levels(now)
        is_other = np.abs(ruled.levels - wanted[ruled.rows]) > LEVEL_TOLERANCE
        rows = ruled.rows[is_other]
        wanted[rows] = ruled.levels[is_other]
        is_held[rows] = is_covered[rows] = True
        ramp_s[rows] = 0.0
        # The program's next point changes what the sensor adds to: a command follows then.
        expires_at[rows] = next_at[rows] + HANDOVER_S
        changes_at = float(min(moment.until.min(initial=np.inf), held.changes_at))
        return Wanted(
            wanted, since, expires_at, ramp_s, is_held, is_covered, changes_at, held.last_edge
        )

    def _keep_light_constant(self, level: Floats) -> None:
        given = level[self._scaled]
        scaled = np.minimum(100.0, np.maximum(given * self._scale, self._floor))
        level[self._scaled] = np.where(given > 0, scaled, given)
