"""Used, baseline and metered energy of the running month and year, by zone.

Read from the store once a control day and kept: whole nights do not change. Works in small
steps off the loop, so that nobody waits for a year of quarter-hours.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from controller.engine.columns import Floats
from controller.errors import StoreError
from controller.ports.clock import Clock
from controller.ports.energy import ASKED_FIGURES, USED_FIGURES
from controller.ports.store import Store
from controller.service.control import Control
from controller.service.in_thread import finished
from schedules.day import control_day_of, day_bounds
from schedules.energy.periods import Period, PeriodKind, period_of

_DAY: Final = timedelta(days=1)
_LOOK_EVERY_S: Final = 5.0
_BREATH_S: Final = 0.05
_LONG_BREATH_S: Final = 0.5
_FEW_DAYS: Final = 5
"""More control days than these are read after a start: slowly, the street comes first."""

_METERED: Final = len(ASKED_FIGURES)
_USED: Final = slice(_METERED, _METERED + len(USED_FIGURES))

_log = logging.getLogger("lamplighter.energy")


class EnergySums(NamedTuple):
    """Joules by zone row."""

    used_j: Floats
    baseline_j: Floats
    metered_j: Floats


class EnergySumsWatch:
    """Keeps the sums of the control days that are over. Run `run` beside the service."""

    def __init__(self, control: Control, store: Store, clock: Clock) -> None:
        self.sums: Mapping[str, EnergySums | None] = {"month": None, "year": None}
        """By period; None until they were first read, or where nothing was accounted yet."""
        self._control = control
        self._store = store
        self._clock = clock
        self._days: dict[date, Floats] = {}
        """Control days that were read: used, baseline and metered energy by zone row."""

    async def run(self) -> None:
        """Look for nights that are over until cancelled."""
        seen: str | None = None
        while True:
            night = self._control.energy.last_night
            if night is not None and night.control_day != seen:
                try:
                    await self._renew(date.fromisoformat(night.control_day))
                    seen = night.control_day
                except StoreError as error:
                    _log.warning("energy of the month and year not read: %s", error)
                except Exception:
                    # A figure on a page must not end what controls the street.
                    _log.exception("energy of the month and year not read")
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _renew(self, last: date) -> None:
        year, month = period_of(PeriodKind.YEAR, last), period_of(PeriodKind.MONTH, last)
        first = max(year.first_day, await asyncio.to_thread(self._begin, last))
        self._days = {day: sums for day, sums in self._days.items() if first <= day < last}
        wanted = (first + n * _DAY for n in range((last - first).days + 1))
        missing = [day for day in wanted if day not in self._days]
        breath_s = _BREATH_S if len(missing) < _FEW_DAYS else _LONG_BREATH_S
        for day in missing:
            self._days[day] = await finished(partial(self._read, day))
            await asyncio.sleep(breath_s)
        self.sums = {"month": self._sum(month, last), "year": self._sum(year, last)}

    def _begin(self, last: date) -> date:
        """The first control day of the account; ``last`` where there is none."""
        span = self._store.energy_span()
        if span is None:
            return last
        return min(last, control_day_of(span[0], self._control.site.time_zone))

    def _read(self, day: date) -> Floats:
        columns, site = self._control.engine.columns, self._control.site
        since, until = day_bounds(site.time_zone, day)
        sums = np.zeros((3, len(columns.zone_ids)))
        for block in self._store.interval_blocks(since, until):
            rows = np.array([columns.zone_row_of.get(name, -1) for name in block.zones])
            there = rows >= 0
            figures = block.figures[:, there]
            used, baseline, metered = figures[_USED].sum(axis=0), figures[0], figures[_METERED]
            sums[:, rows[there]] += used, baseline, metered
        return sums

    def _sum(self, period: Period, last: date) -> EnergySums | None:
        days = [sums for day, sums in self._days.items() if period.first_day <= day <= last]
        if not days:
            return None
        return EnergySums(*np.sum(days, axis=0))
