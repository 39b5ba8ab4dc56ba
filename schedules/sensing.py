"""What a sensor's readings mean to a rule: believed or not, in force or not, until when.

Owns the memory that a rule has of each of its sensors. It is folded over the readings one
by one, so that a history and a live stream give the same. Instants are Unix seconds UTC.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from math import inf
from typing import NamedTuple, Self

from schedules.rules import Combination, DynamicRule


class Reading(NamedTuple):
    """One value of a sensor."""

    at: float
    kind: str
    value: float


Readings = Mapping[str, Sequence[Reading]]
"""Readings by sensor, in order of time."""


class Trust(StrEnum):
    """Whether a sensor is heard, and why not."""

    BELIEVED = "believed"
    SILENT = "silent"
    """Nothing was ever heard of it."""
    STALE = "stale"
    IMPLAUSIBLE = "implausible"
    STUCK = "stuck"


class Memory(NamedTuple):
    """What a rule remembers of one sensor."""

    at: float = -inf
    """Of the last reading, believed or not."""
    value: float = 0.0
    same_since: float = -inf
    """Since when the value has been the same."""
    trust: Trust = Trust.SILENT
    """Of the last reading, its age left aside."""
    believed_at: float = -inf
    is_beyond: bool = False
    """What the believed readings say, hysteresis included."""
    beyond_at: float = -inf
    """Of the last believed reading that was beyond the value."""

    def take(self, rule: DynamicRule, reading: Reading) -> Self:
        """After one more reading; one that is older than the last changes nothing."""
        if reading.kind != rule.reading or reading.at < self.at:
            return self
        is_same = reading.value == self.value and reading.at - self.at <= rule.stale_after_s
        same_since = self.same_since if is_same else reading.at
        heard = self._replace(at=reading.at, value=reading.value, same_since=same_since)
        plausible, stuck_after_s = rule.plausible, rule.stuck_after_s
        if plausible is not None and not plausible.low <= reading.value <= plausible.high:
            return heard._replace(trust=Trust.IMPLAUSIBLE, is_beyond=False)
        if stuck_after_s is not None and reading.at - same_since >= stuck_after_s:
            return heard._replace(trust=Trust.STUCK, is_beyond=False)
        # After a silence the past says nothing of what lies within the hysteresis.
        was_beyond = self.is_beyond and reading.at - self.believed_at <= rule.stale_after_s
        is_beyond = rule.is_beyond(reading.value)
        return heard._replace(
            trust=Trust.BELIEVED,
            believed_at=reading.at,
            is_beyond=is_beyond or (was_beyond and not rule.is_back(reading.value)),
            beyond_at=reading.at if is_beyond else self.beyond_at,
        )

    def trust_at(self, rule: DynamicRule, at: float) -> Trust:
        """Whether the sensor is heard at an instant."""
        if self.trust is Trust.SILENT:
            return Trust.SILENT
        if at - self.at > rule.stale_after_s:
            return Trust.STALE
        return self.trust

    def is_in_force(self, rule: DynamicRule, at: float) -> bool:
        """Whether the sensor calls for the rule at an instant, hold time included."""
        if at < self.beyond_at + rule.hold_s:
            return True
        return self.is_beyond and at - self.believed_at <= rule.stale_after_s

    def changes_after(self, rule: DynamicRule, at: float) -> float:
        """When what this memory says changes next by time alone; infinite for never."""
        edges = (
            self.beyond_at + rule.hold_s,
            _just_after(self.believed_at + rule.stale_after_s),
            _just_after(self.at + rule.stale_after_s),
        )
        return min((edge for edge in edges if edge > at), default=inf)


class Ignored(NamedTuple):
    """A sensor without a voice."""

    sensor: str
    trust: Trust
    value: float | None
    """Its last value; None where there is none."""


class Verdict(NamedTuple):
    """What the sensors of one rule say together."""

    is_in_force: bool
    sensor: str | None
    """The sensor that decided, and its value."""
    value: float | None
    ignored: tuple[Ignored, ...]


class Sensors:
    """What a set of rules remembers of its sensors."""

    def __init__(self, rules: Iterable[DynamicRule]) -> None:
        self._rules: dict[str, list[DynamicRule]] = {}
        self._memory: dict[tuple[str, str], Memory] = {}
        for rule in rules:
            for sensor in rule.sensors:
                self._rules.setdefault(sensor, []).append(rule)

    @classmethod
    def after(cls, rules: Iterable[DynamicRule], readings: Readings, at: float) -> Self:
        """After all readings up to and including an instant, in any order."""
        sensors = cls(rules)
        for sensor, history in readings.items():
            for reading in sorted(history):
                if reading.at <= at:
                    sensors.take(sensor, reading)
        return sensors

    def carried_to(self, rules: Sequence[DynamicRule]) -> Self:
        """The same memory for other rules; a rule that was changed remembers nothing."""
        known = {rule.id: rule for same in self._rules.values() for rule in same}
        unchanged = {rule.id for rule in rules if known.get(rule.id) == rule}
        carried = type(self)(rules)
        carried._memory = {  # noqa: SLF001 - of the same class
            key: memory for key, memory in self._memory.items() if key[0] in unchanged
        }
        return carried

    def memories(self) -> Iterator[tuple[DynamicRule, str, Memory]]:
        """What is remembered: (rule, sensor, memory)."""
        for sensor, rules in self._rules.items():
            for rule in rules:
                memory = self._memory.get((rule.id, sensor))
                if memory is not None:
                    yield rule, sensor, memory

    def remember(self, rule: str, sensor: str, memory: Memory) -> None:
        """Take up what was remembered before; readings since then come after it."""
        self._memory[rule, sensor] = memory

    @property
    def known(self) -> frozenset[str]:
        """Identifiers of the sensors that any rule listens to."""
        return frozenset(self._rules)

    def take(self, sensor: str, reading: Reading) -> None:
        """One more reading; those of sensors that no rule names are passed over."""
        for rule in self._rules.get(sensor, ()):
            self._memory[rule.id, sensor] = self.memory(rule, sensor).take(rule, reading)

    def memory(self, rule: DynamicRule, sensor: str) -> Memory:
        """What a rule remembers of a sensor."""
        return self._memory.get((rule.id, sensor), Memory())

    def verdict(self, rule: DynamicRule, at: float) -> Verdict:
        """What the rule's sensors say at an instant; its window is not asked."""
        ignored: list[Ignored] = []
        voices: list[tuple[bool, str, float]] = []
        for sensor in sorted(rule.sensors):
            memory = self.memory(rule, sensor)
            calls, trust = memory.is_in_force(rule, at), memory.trust_at(rule, at)
            if trust is not Trust.BELIEVED:
                value = None if trust is Trust.SILENT else memory.value
                ignored.append(Ignored(sensor, trust, value))
            # Within its hold time what was once believed still counts.
            if trust is Trust.BELIEVED or calls:
                voices.append((calls, sensor, memory.value))
        calling = [one for one in voices if one[0]]
        is_any = bool(calling)
        is_in_force = is_any and (rule.combine is Combination.ANY or len(calling) == len(voices))
        decides = calling[0] if is_any else None
        return Verdict(
            is_in_force,
            None if decides is None else decides[1],
            None if decides is None else decides[2],
            tuple(ignored),
        )

    def changes_after(self, at: float) -> float:
        """When any verdict may change next by time alone; infinite for never."""
        edges = (
            self.memory(rule, sensor).changes_after(rule, at)
            for sensor, rules in self._rules.items()
            for rule in rules
        )
        return min(edges, default=inf)


def _just_after(instant: float) -> float:
    """The next whole second: a reading is believed up to and including its last one."""
    return instant + 1
