"""What the doors of a service have counted: its listeners, its people, its streams of events."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from controller.errors import ControllerError
from controller.service.people import People
from controller.service.people.audit import OUTCOMES, Audit, Verified
from controller.service.people.logins import Logins
from controller.web.api.events import StreamCounts
from controller.web.requests import Requests


@dataclass(frozen=True)
class AuditFigures:
    """Of the audit log, since the start of the service."""

    written: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    failures: Mapping[str, int] = field(default_factory=lambda: {"write": 0, "cut": 0})
    written_at: float = 0.0
    verified: Verified | None = None

    @classmethod
    def of(cls, audit: Audit) -> "AuditFigures":
        """A copy."""
        return cls(
            dict(audit.written.items()),
            dict(audit.failures.items()),
            audit.written_at,
            audit.verified,
        )


@dataclass
class Doors:
    """The doors of one service; ``people`` and ``streams`` as far as it has any."""

    requests: Requests = field(default_factory=Requests)
    people: People | None = None
    streams: StreamCounts = field(default_factory=StreamCounts)

    def figures(self) -> "DoorFigures":
        """A copy for one page. Call it on the loop."""
        logins = Logins() if self.people is None else self.people.directory.logins
        return DoorFigures(
            self.requests.copy(),
            {(way, result): count for (way, result), count in logins.results.items()},
            dict(logins.lockouts.items()),
            replace(self.streams, ended=dict(self.streams.ended)),
            AuditFigures() if self.people is None else AuditFigures.of(self.people.audit),
        )

    def sessions(self) -> int | None:
        """Sessions that are not over; None where that cannot be told. May block on the disk."""
        if self.people is None:
            return 0
        try:
            return self.people.passes.count_sessions()
        except ControllerError:
            return None


@dataclass(frozen=True)
class DoorFigures:
    """Of one instant."""

    requests: Requests
    logins: Mapping[tuple[str, ...], int]
    """By way and result."""
    lockouts: Mapping[str, int]
    streams: StreamCounts
    audit: AuditFigures
