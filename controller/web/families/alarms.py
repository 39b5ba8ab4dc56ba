"""Metric families of alarms. Every series is there from the start, so that none appears late."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import Metric

from controller.engine.alarm_types import RULES, SERVICE_TYPES, AlarmType, Severity
from controller.web.instruments import counters, gauge, gauges
from controller.web.snapshot import Snapshot

_LABELS = ("severity", "type")

Counts = Mapping[tuple[AlarmType, Severity], int]


def alarm_families(shot: Snapshot) -> Iterator[Metric]:
    """Open and raised alarms by severity and type, and luminaires with a wrong clock."""
    yield from counted(shot.alarms_active, shot.alarms_raised)
    yield gauge(
        "streetlight_luminaires_clock_skewed",
        "Luminaires whose clock is off by more than 60 s, by their last word.",
        shot.clocks_skewed,
    )


def counted(active: Counts, raised: Counts) -> Iterator[Metric]:
    """Open and raised alarms, a series for every type and each severity that it can have."""
    yield gauges(
        "streetlight_alarms_active", "Alarms not yet cleared.", _LABELS, _all_series(active)
    )
    yield counters(
        "streetlight_alarms_raised_total", "Alarms raised.", _LABELS, _all_series(raised)
    )


def _all_series(counts: Counts) -> dict[tuple[str, ...], float]:
    found: dict[tuple[str, ...], float] = {}
    for kind, rule in RULES.items():
        severities = {rule.severity}
        if kind not in SERVICE_TYPES:
            severities.add(rule.group_severity)
        for severity in sorted(severities):
            found[severity.value, kind.value] = counts.get((kind, severity), 0)
    return found
