"""The port to what is kept of alarms."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from controller.engine.alarm_types import AlarmKey, AlarmType, Scope, Severity


class Ending(StrEnum):
    """How an alarm ended."""

    CLEARED = "cleared"
    """What was wrong is so no more."""
    GROUPED = "grouped"
    """It went on as part of a wider alarm."""
    RETIRED = "retired"
    """What it was about is not in the inventory any more."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody took notice."""

    at: float
    """Unix seconds UTC, site time."""
    author: str
    note: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm, open or past. Instants are Unix seconds UTC, site time."""

    id: int
    type: AlarmType
    severity: Severity
    scope: Scope
    subject: str
    """Identifier of the luminaire, feeder, gateway, cabinet, zone or city; for the service's
    own conditions what they name, or empty."""
    began_at: float
    """When the condition began."""
    raised_at: float
    cleared_at: float | None
    """None while it is open."""
    ending: Ending | None
    affected: int
    """Luminaires that have the condition now; 0 for the service's own."""
    worst: int
    """The most that had it at once."""
    total: int
    """Luminaires that the subject has."""
    detail: str
    """A figure or a name that says more; may be empty."""
    acknowledgement: Acknowledgement | None = None

    @property
    def key(self) -> AlarmKey:
        """What it is about."""
        return AlarmKey(self.type, self.scope, self.subject)


class AlarmChanges(NamedTuple):
    """What changed since the last save; all of it or nothing is kept."""

    alarms: Sequence[Alarm]
    """New or changed; acknowledgements are left as they are kept."""
    joined: Sequence[tuple[int, str]]
    """(alarm, luminaire) pairs now affected."""
    left: Sequence[tuple[int, str]]
    """(alarm, luminaire) pairs affected no more."""


class AlarmStore(Protocol):
    """Alarms, open and past. Every method is one transaction and may block on the disk."""

    def open_alarms(self) -> list[Alarm]:
        """Alarms that are not cleared, the oldest first."""

    def past_alarms(self, since: float, until: float, limit: int) -> list[Alarm]:
        """Alarms open at any time in [since, until) and cleared by now, the newest first."""

    def alarm(self, alarm_id: int) -> Alarm | None:
        """One alarm; None where there is none of that number."""

    def alarm_luminaires(self) -> list[tuple[int, str]]:
        """(alarm, luminaire) pairs of the open alarms."""

    def newest_alarm_id(self) -> int:
        """The highest number given to an alarm, 0 for none."""

    def save_alarms(self, changes: AlarmChanges) -> None:
        """Keep alarms and who is affected; a cleared one loses its luminaires."""

    def acknowledge_alarm(self, alarm: Alarm, acknowledgement: Acknowledgement) -> None:
        """Keep an acknowledgement, and the alarm itself where it was not kept yet."""

    def forget_alarms(self, cleared_before: float) -> int:
        """Drop what was cleared before an instant; returns how many."""
