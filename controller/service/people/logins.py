"""Counts who came in, who did not, and who was made to wait; since the start of the service."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal

from controller.service.people.refusals import MustWait, NotLetIn

Way = Literal["password", "link", "provider", "setup", "change"]
"""How: ``change`` is the old password that a new one takes."""
WAYS: Final[tuple[Way, ...]] = ("password", "link", "provider", "setup", "change")
Result = Literal["ok", "refused", "waits"]
RESULTS: Final[tuple[Result, ...]] = ("ok", "refused", "waits")
Whose = Literal["user", "address"]


class Logins:
    """What came of tries to come in."""

    def __init__(self) -> None:
        self.results: Final = {(way, result): 0 for way in WAYS for result in RESULTS}
        self.lockouts: Final[dict[Whose, int]] = {"user": 0, "address": 0}
        """Waits that wrong guesses brought about: at a name, or for an address."""

    @contextmanager
    def attempt(self, way: Way) -> Iterator[None]:
        """Count one try, by how it ends; one that could not be understood is none."""
        try:
            yield
        except MustWait:
            self.results[way, "waits"] += 1
            raise
        except NotLetIn:
            self.results[way, "refused"] += 1
            raise
        self.results[way, "ok"] += 1
