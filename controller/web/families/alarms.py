"""Metric families of alarms. Every series is there from the start, so that none appears late."""

from collections.abc import Iterator, Mapping

from controller.engine.alarm_types import RULES, SERVICE_TYPES, AlarmType, Severity
from controller.web.exposition import Family, Sample, gauge, labelled
from controller.web.snapshot import Snapshot

Counts = Mapping[tuple[AlarmType, Severity], int]


def alarm_families(shot: Snapshot) -> Iterator[Family]:
    """Open and raised alarms by severity and type, and luminaires with a wrong clock."""
    yield from counted(shot.alarms_active, shot.alarms_raised)
    yield gauge(
        "streetlight_luminaires_clock_skewed",
        "Luminaires whose clock is off by more than 60 s, by their last word.",
        shot.clocks_skewed,
    )


def counted(active: Counts, raised: Counts) -> Iterator[Family]:
    """Open and raised alarms, a series for every type and each severity that it can have."""
    yield Family("streetlight_alarms_active", "gauge", "Alarms not yet cleared.", _samples(active))
    yield Family("streetlight_alarms_raised_total", "counter", "Alarms raised.", _samples(raised))


def _samples(counts: Counts) -> list[Sample]:
    samples: list[Sample] = []
    for kind, rule in RULES.items():
        severities = {rule.severity}
        if kind not in SERVICE_TYPES:
            severities.add(rule.group_severity)
        samples.extend(
            Sample(
                "",
                labelled(severity=severity.value, type=kind.value),
                counts.get((kind, severity), 0),
            )
            for severity in sorted(severities)
        )
    return samples
