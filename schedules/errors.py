"""Errors of the schedules: a document or a question is wrong; a retry is no use."""


class SchedulesError(Exception):
    """Root of the errors of `schedules`."""


class UnknownTarget(SchedulesError):
    """A zone, luminaire, program or calendar was asked for that the site does not have."""


class OutOfRange(SchedulesError):
    """An instant, date or place beyond what can be computed."""


class PeriodWrong(SchedulesError, ValueError):
    """A text that names no month, quarter or year."""
