"""Why there is no report, or why it was not delivered."""

from controller.errors import ControllerError


class NoData(ControllerError):
    """The store holds nothing to report on."""


class PushFailed(ControllerError):
    """The city's platform did not take a report."""
