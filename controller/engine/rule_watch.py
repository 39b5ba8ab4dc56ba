"""Dynamic rules in the loop: what sensors said, and whom it concerns now.

Owns the memory of the sensors. Level-triggered like the rest: every pass asks which rules
are in force.
"""

from collections.abc import Mapping, Sequence

from controller.wire.messages import Reading
from schedules import Reading as SensorReading
from schedules import Sensors, Site
from schedules.rules_bulk import RuleTargets

LOOK_AGAIN_S = 30.0
"""Site seconds after which levels are asked anew while a rule is in force: windows end."""


class RuleWatch:
    """The rules of one site and the readings of their sensors."""

    def __init__(self, site: Site, luminaires: Sequence[str]) -> None:
        self._rules = site.plan.rules
        self._sensors = Sensors(self._rules)
        self._targets = RuleTargets(site, luminaires) if self._rules else None
        self._in_force: tuple[bool, ...] = (False,) * len(self._rules)

    def is_known(self, sensor: str) -> bool:
        """Whether any rule listens to a sensor."""
        return sensor in self._sensors.known

    def take(self, sensor: str, reading: Reading, at: float) -> None:
        """A sensor spoke at site instant `at`."""
        self._sensors.take(sensor, SensorReading(at, reading.kind, reading.value))

    def is_news(self, now: float) -> bool:
        """Whether a rule came into force or ended since the levels were last asked."""
        if not self._rules:
            return False
        in_force = tuple(self._sensors.verdict(rule, now).is_in_force for rule in self._rules)
        return in_force != self._in_force

    def levels(self, now: float) -> Mapping[int, float]:
        """Levels by row of the luminaires that rules in force select."""
        if self._targets is None:
            return {}
        self._in_force = tuple(self._sensors.verdict(rule, now).is_in_force for rule in self._rules)
        return self._targets.levels(now, self._sensors)

    @property
    def looks_again_s(self) -> float:
        """After so many seconds levels are asked anew; infinite while no rule is in force."""
        return LOOK_AGAIN_S if any(self._in_force) else float("inf")
