"""Metric families of alarms. Every series is there from the start, so that none appears late."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from controller.engine.alarm_types import RULES, SERVICE_TYPES, AlarmType, Severity
from controller.web.snapshot import Snapshot


def alarm_families(shot: Snapshot) -> Iterator[Metric]:
    """Open and raised alarms by severity and type, and luminaires with a wrong clock."""
    active = GaugeMetricFamily(
        "streetlight_alarms_active", "Alarms not yet cleared.", labels=["severity", "type"]
    )
    raised = CounterMetricFamily(
        "streetlight_alarms_raised", "Alarms raised.", labels=["severity", "type"]
    )
    for family, counts in ((active, shot.alarms_active), (raised, shot.alarms_raised)):
        _fill(family, counts)
        yield family
    yield GaugeMetricFamily(
        "streetlight_luminaires_clock_skewed",
        "Luminaires whose clock is off by more than 60 s, by their last word.",
        value=shot.clocks_skewed,
    )


def _fill(
    family: GaugeMetricFamily | CounterMetricFamily,
    counts: Mapping[tuple[AlarmType, Severity], int],
) -> None:
    for kind, rule in RULES.items():
        severities = {rule.severity}
        if kind not in SERVICE_TYPES:
            severities.add(rule.group_severity)
        for severity in sorted(severities):
            family.add_metric([severity.value, kind.value], counts.get((kind, severity), 0))
