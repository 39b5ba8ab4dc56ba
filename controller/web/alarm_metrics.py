"""Metric families of alarms. Every series is there from the start, so that none appears late."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from controller.engine.alarm_types import RULES, SERVICE_TYPES, AlarmType, Severity
from controller.web.snapshot import Snapshot

Counts = Mapping[tuple[AlarmType, Severity], int]


def alarm_families(shot: Snapshot) -> Iterator[Metric]:
    """Open and raised alarms by severity and type, and luminaires with a wrong clock."""
    yield from counted(shot.alarms_active, shot.alarms_raised)
    yield GaugeMetricFamily(
        "streetlight_luminaires_clock_skewed",
        "Luminaires whose clock is off by more than 60 s, by their last word.",
        value=shot.clocks_skewed,
    )


def counted(active_counts: Counts, raised_counts: Counts) -> Iterator[Metric]:
    """Open and raised alarms, a series for every type and each severity that it can have."""
    active = GaugeMetricFamily(
        "streetlight_alarms_active", "Alarms not yet cleared.", labels=["severity", "type"]
    )
    raised = CounterMetricFamily(
        "streetlight_alarms_raised", "Alarms raised.", labels=["severity", "type"]
    )
    for family, counts in ((active, active_counts), (raised, raised_counts)):
        _fill(family, counts)
        yield family


def _fill(
    family: GaugeMetricFamily | CounterMetricFamily,
    counts: Counts,
) -> None:
    for kind, rule in RULES.items():
        severities = {rule.severity}
        if kind not in SERVICE_TYPES:
            severities.add(rule.group_severity)
        for severity in sorted(severities):
            family.add_metric([severity.value, kind.value], counts.get((kind, severity), 0))
