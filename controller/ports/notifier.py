"""The port to whoever watches over the process: the service manager."""

from typing import Protocol


class Notifier(Protocol):
    """Tells a service manager how it stands. Never raises: nobody may be listening."""

    @property
    def watchdog_s(self) -> float | None:
        """Silence after which the manager ends the process, s; None: it does not watch."""

    def ready(self) -> None:
        """The service has begun its work."""

    def reloading(self) -> None:
        """It is taking in other settings; `ready` ends that."""

    def stopping(self) -> None:
        """It is about to end."""

    def alive(self) -> None:
        """All is well; must come more often than every `watchdog_s`."""

    def status(self, text: str) -> None:
        """One line for people."""
