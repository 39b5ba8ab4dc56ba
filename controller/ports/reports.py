"""The port to whoever makes reports, away from the loop."""

from typing import Protocol

from controller.errors import ControllerError
from schedules import Language
from schedules.energy.periods import Period


class ReportRefused(ControllerError):
    """A report could not be made; the message says why, such as a period without data."""


class ReportMaker(Protocol):
    """Makes the report of a period."""

    async def __call__(
        self, period: Period, district: str | None, form: str, language: Language
    ) -> bytes:
        """The report as ``json``, ``csv``, ``xlsx`` or ``pdf``; None: of the whole city.

        Raises `ReportRefused`.
        """
