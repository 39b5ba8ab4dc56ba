"""Until when what an authority handed out is valid, for those who watch; public data only."""

import logging
import os
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal, NamedTuple

from controller.errors import ConfigurationError
from controller.pki.identity import Role
from controller.pki.register import REGISTER, Issued, Register

SOON: Final = timedelta(days=30)
HOLDERS: Final = (Role.LUMINAIRE, Role.GATEWAY, Role.SENSOR)
"""Those whose certificates nobody else shows: servers and controllers show their own."""
State = Literal["valid", "expiring", "expired"]
STATES: Final[tuple[State, ...]] = ("valid", "expiring", "expired")

_log = logging.getLogger("lamplighter.pki")


class Ends(NamedTuple):
    """Of the newest certificates of all holders that are not revoked."""

    counts: Mapping[tuple[str, ...], int]
    """By role and state; ``expiring`` within thirty days."""
    first_not_after: Mapping[str, float]
    """End of the one that ends first, Unix s, by role."""


def register_of(named: Path | None, data: Path) -> "HandedOut | None":
    """The register that the settings name, or the data folder's own where it may be read."""
    if named is not None:
        return HandedOut(named)
    own = data / "pki" / REGISTER
    return HandedOut(own) if os.access(own, os.R_OK) else None


class HandedOut:
    """Reads the register of an authority anew whenever it changed."""

    def __init__(
        self, register: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Raises `ConfigurationError` naming a register that cannot be read."""
        self._path = register
        self._now = now
        self._seen: tuple[int, int] | None = None
        self._newest: list[Issued] = []
        self._is_told = False
        self._read()

    def ends(self) -> Ends:
        """As of now; of a register that cannot be read any more as it was."""
        try:
            self._read()
            self._is_told = False
        except ConfigurationError as error:
            if not self._is_told:
                _log.warning("%s; certificates are judged by what was read before", error)
                self._is_told = True
        now = self._now()
        counts = Counter((one.role.value, _state(one, now)) for one in self._newest)
        first = {}
        for role in HOLDERS:
            if ends := [one.not_after.timestamp() for one in self._newest if one.role is role]:
                first[role.value] = min(ends)
        keys = ((role.value, state) for role in HOLDERS for state in STATES)
        return Ends({key: counts[key] for key in keys}, first)

    def _read(self) -> None:
        try:
            found = self._path.stat()
            seen = found.st_mtime_ns, found.st_size
            if seen == self._seen:
                return
            issued = Register(self._path).read()
        except OSError as error:
            raise ConfigurationError(
                f"register of certificates {str(self._path)!r} cannot be read: {error.strerror}"
            ) from error
        newest = {
            (one.role, one.name): one
            for one in sorted(issued.values(), key=lambda one: one.not_after)
            if one.revoked_at is None and one.role in HOLDERS
        }
        self._seen, self._newest = seen, list(newest.values())


def _state(one: Issued, now: datetime) -> State:
    if one.not_after <= now:
        return "expired"
    return "expiring" if one.not_after - now < SOON else "valid"
