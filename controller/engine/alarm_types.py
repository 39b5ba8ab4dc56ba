"""What can be alarming, how grave it is, and how long it must last.

Owns the table of alarm types. Times come in two kinds: site seconds where the street itself
needs them (a lamp that warms up), machine seconds where the network does (an answer on its
way); a condition must have lasted both.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple


class Severity(StrEnum):
    """How soon somebody has to look."""

    CRITICAL = "critical"
    """Now."""
    WARNING = "warning"
    """On the next working day."""
    INFO = "info"
    """When there is time."""


class Scope(StrEnum):
    """What an alarm is about."""

    CITY = "city"
    CABINET = "cabinet"
    GATEWAY = "gateway"
    FEEDER = "feeder"
    ZONE = "zone"
    LUMINAIRE = "luminaire"
    SERVICE = "service"
    """The controller itself, its clock, its store, its broker."""


class AlarmType(StrEnum):
    """One kind of thing that is wrong."""

    COMMUNICATION_FAILURE = "communication_failure"
    WRONG_CLOCK = "wrong_clock"
    LAMP_FAILURE = "lamp_failure"
    DAY_BURNER = "day_burner"
    DIMMING_FAILURE = "dimming_failure"
    CYCLING = "cycling"
    POWER_RANGE = "power_range"
    NOT_FOLLOWING = "not_following"
    STALE_PROGRAM = "stale_program"
    BROKER_DOWN = "broker_down"
    STORE_FAILING = "store_failing"
    CLOCK_STEPPED = "clock_stepped"
    CLOCK_DRIFTING = "clock_drifting"
    CLOCK_NOT_TRUSTED = "clock_not_trusted"
    CONTROL_LATE = "control_late"
    TWO_CONTROLLERS = "two_controllers"
    DOCUMENTS_DIFFER = "documents_differ"


class Lasting(NamedTuple):
    """How long something must have lasted: both, counted from its beginning."""

    site_s: float = 0.0
    machine_s: float = 0.0


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """How one type is raised and cleared."""

    severity: Severity
    """Of one luminaire, or of a condition of the service."""
    raised_after: Lasting
    """The condition must have held for this long."""
    cleared_after: Lasting
    """The condition must have been gone for this long."""
    group_severity: Severity = Severity.CRITICAL
    """Of a feeder, gateway, cabinet, zone or city."""

    def severity_of(self, scope: Scope) -> Severity:
        """Severity of an alarm about one luminaire, about many, or about the service."""
        return self.severity if scope in {Scope.LUMINAIRE, Scope.SERVICE} else self.group_severity


RULES: Final[dict[AlarmType, AlarmRule]] = {
    AlarmType.COMMUNICATION_FAILURE: AlarmRule(
        Severity.WARNING, Lasting(machine_s=20), Lasting(machine_s=30)
    ),
    AlarmType.WRONG_CLOCK: AlarmRule(
        Severity.WARNING, Lasting(site_s=60, machine_s=5), Lasting(site_s=60, machine_s=5)
    ),
    AlarmType.LAMP_FAILURE: AlarmRule(Severity.WARNING, Lasting(site_s=60), Lasting(site_s=600)),
    AlarmType.DAY_BURNER: AlarmRule(
        Severity.WARNING,
        Lasting(site_s=900, machine_s=20),
        Lasting(site_s=900),
        group_severity=Severity.WARNING,
    ),
    AlarmType.DIMMING_FAILURE: AlarmRule(
        Severity.INFO,
        Lasting(site_s=60),
        Lasting(site_s=600),
        group_severity=Severity.WARNING,
    ),
    AlarmType.CYCLING: AlarmRule(
        Severity.WARNING, Lasting(), Lasting(site_s=7200), group_severity=Severity.WARNING
    ),
    AlarmType.POWER_RANGE: AlarmRule(
        Severity.INFO,
        Lasting(site_s=600),
        Lasting(site_s=600),
        group_severity=Severity.WARNING,
    ),
    AlarmType.NOT_FOLLOWING: AlarmRule(
        Severity.WARNING, Lasting(machine_s=60), Lasting(machine_s=30)
    ),
    AlarmType.STALE_PROGRAM: AlarmRule(
        Severity.WARNING,
        Lasting(machine_s=300),
        Lasting(machine_s=10),
        group_severity=Severity.WARNING,
    ),
    AlarmType.BROKER_DOWN: AlarmRule(
        Severity.CRITICAL, Lasting(machine_s=15), Lasting(machine_s=15)
    ),
    AlarmType.STORE_FAILING: AlarmRule(Severity.CRITICAL, Lasting(), Lasting(machine_s=60)),
    AlarmType.CLOCK_STEPPED: AlarmRule(Severity.WARNING, Lasting(), Lasting(machine_s=3600)),
    AlarmType.CLOCK_DRIFTING: AlarmRule(Severity.WARNING, Lasting(), Lasting(machine_s=600)),
    AlarmType.CLOCK_NOT_TRUSTED: AlarmRule(Severity.CRITICAL, Lasting(), Lasting(machine_s=60)),
    AlarmType.CONTROL_LATE: AlarmRule(
        Severity.CRITICAL, Lasting(machine_s=10), Lasting(machine_s=60)
    ),
    AlarmType.TWO_CONTROLLERS: AlarmRule(Severity.CRITICAL, Lasting(), Lasting(machine_s=60)),
    AlarmType.DOCUMENTS_DIFFER: AlarmRule(
        Severity.WARNING, Lasting(machine_s=30), Lasting(machine_s=30)
    ),
}
"""Documented for operators in ``docs/alarms.md``."""

LUMINAIRE_TYPES: Final = (
    AlarmType.COMMUNICATION_FAILURE,
    AlarmType.WRONG_CLOCK,
    AlarmType.LAMP_FAILURE,
    AlarmType.DAY_BURNER,
    AlarmType.DIMMING_FAILURE,
    AlarmType.CYCLING,
    AlarmType.POWER_RANGE,
    AlarmType.NOT_FOLLOWING,
    AlarmType.STALE_PROGRAM,
)
"""Types about luminaires, the most telling first."""

SERVICE_TYPES: Final = tuple(kind for kind in AlarmType if kind not in LUMINAIRE_TYPES)
"""Types about the controller itself."""


class AlarmKey(NamedTuple):
    """What an open alarm is about; there is never more than one with the same."""

    type: AlarmType
    scope: Scope
    subject: str
