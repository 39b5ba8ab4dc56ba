"""Reports that were made, kept for those who ask the same again."""

import asyncio
from collections import OrderedDict
from typing import Final, NamedTuple

from controller.ports.clock import Clock
from controller.ports.reports import ReportMaker
from controller.web.api.problem_words import ProblemCode
from controller.web.api.problems import Problem
from controller.web.api.sentences import SAY
from schedules import Language
from schedules.energy.periods import Period

_KEPT_S: Final = 60.0
"""Machine seconds; the account moves on every quarter of an hour."""
_MOST_KEPT: Final = 16
_AT_ONCE: Final = 1
_MOST_WAITING: Final = 10


class _Question(NamedTuple):
    period: Period
    district: str | None
    form: str
    language: Language


class ReportShelf:
    """Asks ``make``, one report at a time; None: no reports are made here."""

    def __init__(self, make: ReportMaker | None, clock: Clock) -> None:
        self._make = make
        self._clock = clock
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0
        self._kept: OrderedDict[_Question, tuple[float, bytes]] = OrderedDict()

    async def of(
        self, period: Period, district: str | None, form: str, language: Language
    ) -> bytes:
        """The report; raises `ReportRefused`."""
        if self._make is None:
            raise Problem(ProblemCode.NOT_READY, why=SAY("no_reports"))
        question = _Question(period, district, form, language)
        if self._waiting >= _MOST_WAITING:
            raise Problem(ProblemCode.TOO_MANY, retry_after_s=30, headers={"Retry-After": "30"})
        self._waiting += 1
        try:
            async with self._turns:
                made = self._kept.get(question)
                if made is None or self._clock.monotonic() - made[0] > _KEPT_S:
                    body = await self._make(period, district, form, language)
                    made = self._clock.monotonic(), body
                    self._kept[question] = made
                    while len(self._kept) > _MOST_KEPT:
                        self._kept.popitem(last=False)
                return made[1]
        finally:
            self._waiting -= 1
