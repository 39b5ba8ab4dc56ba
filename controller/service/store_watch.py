"""Whether the store works, as those who use it while the street goes on have found."""

import time

from controller.errors import StoreError
from zones.said import message_of


class StoreWatch:
    """The store's health. A failure lasts until something was written again."""

    def __init__(self) -> None:
        self.error = ""
        """Why the last write failed; empty where it worked."""
        self.failed_at = 0.0
        """Machine wall time of the first failure since a write last worked, Unix s."""
        self.failures = 0
        """Failed writes since the start of the process."""
        self.transactions = 0
        """Writes that worked since the start of the process."""

    @property
    def is_up(self) -> bool:
        """Whether the last write worked."""
        return not self.error

    def failed(self, error: StoreError) -> None:
        """A write failed."""
        if not self.error:
            self.failed_at = time.time()
        self.failures += 1
        self.error = message_of(error)

    def worked(self) -> None:
        """A write was committed."""
        self.error = ""
        self.transactions += 1
