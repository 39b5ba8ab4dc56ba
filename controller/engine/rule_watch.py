"""Dynamic rules in the loop: what sensors said, and whom it concerns now.

Owns the memory of the sensors. Level-triggered like the rest: every pass asks which rules
are in force.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Self

from controller.wire.messages import Reading
from schedules import Reading as SensorReading
from schedules import Sensors, Site, Trust
from schedules.rules_bulk import RuledLevels, RuleTargets

LOOK_AGAIN_S = 30.0
"""Site seconds after which levels are asked anew while a rule is in force: windows end."""


class RuleWatch:
    """The rules of one site and the readings of their sensors."""

    def __init__(
        self, site: Site, luminaires: Sequence[str], sensors: Sensors | None = None
    ) -> None:
        self._rules = site.plan.rules
        self._sensors = Sensors(self._rules) if sensors is None else sensors
        self._luminaires = luminaires
        self._targets = RuleTargets(site, luminaires)
        self._in_force: tuple[bool, ...] = (False,) * len(self._rules)

    def of(self, site: Site) -> Self:
        """The watch over another site's rules; what sensors said is kept where it applies."""
        return type(self)(site, self._luminaires, self._sensors.carried_to(site.plan.rules))

    @property
    def sensors(self) -> Sensors:
        """What the rules remember, to be kept over a restart."""
        return self._sensors

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

    def levels(self, now: float) -> RuledLevels:
        """Levels of the luminaires that rules in force select."""
        self._in_force = tuple(self._sensors.verdict(rule, now).is_in_force for rule in self._rules)
        return self._targets.levels(now, self._sensors)

    @property
    def looks_again_s(self) -> float:
        """After so many seconds levels are asked anew; infinite where time alone ends no rule."""
        ends_by_time = (
            is_in_force and (rule.window, rule.start_at, rule.end_at) != (None, None, None)
            for rule, is_in_force in zip(self._rules, self._in_force, strict=True)
        )
        return LOOK_AGAIN_S if any(ends_by_time) else float("inf")

    def trusts(self, now: float) -> Counter[Trust]:
        """Sensors of all rules by whether they are heard, one sensor of two rules twice."""
        found: Counter[Trust] = Counter()
        for rule in self._rules:
            ignored = self._sensors.verdict(rule, now).ignored
            found.update(one.trust for one in ignored)
            found[Trust.BELIEVED] += len(rule.sensors) - len(ignored)
        return found
