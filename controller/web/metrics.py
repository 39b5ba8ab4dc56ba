"""The metric catalogue, as Prometheus reads it.

Base units, ``streetlight_`` prefix, labels ``zone`` and ``district`` only. Energy totals are
persisted, so a restart is not a reset; saved energy may fall and is a gauge.

Ref: prometheus.io, "Metric and label naming".
"""

import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import version

import numpy as np
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from controller.engine.columns import Floats, Ints
from controller.service.tally import Distribution
from controller.web.alarm_metrics import alarm_families
from controller.web.snapshot import MISMATCHES, STATES, Snapshot
from controller.wire.codec import Reason
from schedules import Trust

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

_COMMAND_OUTCOMES = ("acked", "failed", "superseded", "timeout")
_OUT_CLASSES = ("program", "config", "command", "heartbeat")
_IN_CLASSES = ("state", "telemetry", "availability", "reading")

ZoneValues = Floats | Ints


def render(snapshot: Snapshot) -> bytes:
    """The text exposition format, version 0.0.4."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(snapshot))
    return generate_latest(registry)


class _Families(Collector):
    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        yield from _service(self._snapshot)
        yield from _fleet(self._snapshot)
        yield from _energy(self._snapshot)
        yield from _commands(self._snapshot)
        yield from _messages(self._snapshot)
        yield from alarm_families(self._snapshot)


def _service(shot: Snapshot) -> Iterator[Metric]:
    build = GaugeMetricFamily(
        "streetlight_build_info",
        "Build of the running service; value is always 1.",
        labels=["version", "python"],
    )
    build.add_metric([version("lamplighter"), platform.python_version()], 1)
    yield build
    yield _histogram(
        "streetlight_reconcile_duration_seconds",
        "Duration of one full reconciliation pass.",
        shot.reconcile_s,
    )
    yield _histogram(
        "streetlight_event_loop_lag_seconds",
        "Delay between the planned and the real wake-up of the event loop.",
        shot.loop_lag_s,
    )
    yield _gauge(
        "streetlight_event_loop_tasks",
        "Tasks of the event loop that are not finished; grows where one is leaked.",
        shot.loop_tasks,
    )
    yield _gauge(
        "streetlight_reconcile_last_success_timestamp_seconds",
        "Unix time, on the site's clock, at which the last pass ended without error.",
        shot.last_reconcile_at,
    )
    yield _counter(
        "streetlight_clock_steps",
        "Jumps of wall time against monotonic time above 2 s.",
        shot.clock_steps,
    )
    yield _gauge(
        "streetlight_clock_offset_seconds",
        "The machine's wall clock minus trusted time; signed.",
        shot.clock_offset_s,
    )
    yield _gauge(
        "streetlight_clock_trusted",
        "1 while the machine's wall clock is followed.",
        float(shot.is_clock_trusted),
    )
    yield _gauge(
        "streetlight_controller_active",
        "1 while this controller leads its site, 0 while it is passive.",
        float(shot.is_active),
    )
    yield _gauge(
        "streetlight_controller_epoch",
        "Epoch that this controller leads with, or last led with; 0 where another has led since.",
        float(shot.epoch),
    )
    yield _gauge(
        "streetlight_controllers_differing",
        "Other controllers of the site that have other documents in force.",
        float(shot.controllers_differing),
    )
    yield _gauge(
        "streetlight_backup_last_success_timestamp_seconds",
        "Unix time of the last verified copy of the store; 0 for none.",
        shot.backup_at,
    )
    up = GaugeMetricFamily(
        "streetlight_component_up",
        "1 if the component passed its last self-check.",
        labels=["component"],
    )
    for component, is_up in shot.components.items():
        up.add_metric([component], float(is_up))
    yield up
    yield _gauge(
        "streetlight_sun_elevation_degrees",
        "Computed geometric elevation of the sun at the city's reference point.",
        shot.sun_elevation_deg,
    )


def _fleet(shot: Snapshot) -> Iterator[Metric]:
    yield _by_zone(
        shot,
        "streetlight_luminaires_configured",
        "Luminaires in the active inventory.",
        shot.configured,
    )
    yield _by_zone_and(
        shot,
        "streetlight_luminaires",
        "Luminaires by reported state; states are exclusive and sum to the inventory.",
        "state",
        {state: shot.states[state] for state in STATES},
    )
    yield _by_zone(
        shot,
        "streetlight_luminaires_commanded_on",
        "Luminaires whose desired level is above zero now.",
        shot.commanded_on,
    )
    yield _by_zone_and(
        shot,
        "streetlight_luminaires_mismatched",
        "Luminaires whose reported state disagrees with the desired one beyond the grace time.",
        "mismatch",
        {mismatch: shot.mismatched[mismatch] for mismatch in MISMATCHES},
    )
    yield _by_zone(
        shot,
        "streetlight_luminaires_schedule_stale",
        "Luminaires that hold another program than the one in force.",
        shot.stale_programs,
    )
    yield _by_zone(
        shot,
        "streetlight_connected_power_watts",
        "Rated input power of the luminaires in the active inventory.",
        shot.connected_power_w,
    )
    yield _by_zone(
        shot,
        "streetlight_power_watts",
        "Present input power by reported level. Use the joules counter for energy.",
        shot.power_w,
    )
    yield _by_zone(
        shot,
        "streetlight_level_ratio",
        "Power-weighted mean of the reported dimming level.",
        shot.level_ratio,
    )
    yield _by_zone(
        shot,
        "streetlight_target_level_ratio",
        "Power-weighted mean of the desired dimming level.",
        shot.target_level_ratio,
    )
    yield _by_zone(
        shot,
        "streetlight_next_transition_timestamp_seconds",
        "Unix time of the next planned level change.",
        shot.next_change_at,
    )


def _energy(shot: Snapshot) -> Iterator[Metric]:
    used = CounterMetricFamily(
        "streetlight_energy_joules",
        "Electrical energy used since commissioning, by source. Persisted over restarts.",
        labels=["district", "zone", "source"],
    )
    for source, values in (("metered", shot.metered_j), ("modelled", shot.modelled_j)):
        for district, zone, value in zip(shot.districts, shot.zones, values, strict=True):
            used.add_metric([district, zone, source], float(value))
    yield used
    baseline = CounterMetricFamily(
        "streetlight_baseline_energy_joules",
        "Energy the declared baseline would have used since commissioning. Persisted.",
        labels=["district", "zone"],
    )
    for district, zone, value in zip(shot.districts, shot.zones, shot.baseline_j, strict=True):
        baseline.add_metric([district, zone], float(value))
    yield baseline
    yield _by_zone(
        shot,
        "streetlight_energy_saved_joules",
        "Net energy saved since commissioning: baseline minus used. Signed, may fall.",
        shot.saved_j,
    )
    yield _labelled(
        "streetlight_meter_readings_quarantined",
        "Meter readings that were not believed, by reason.",
        "reason",
        shot.quarantined,
    )


def _commands(shot: Snapshot) -> Iterator[Metric]:
    delays = HistogramMetricFamily(
        "streetlight_switching_delay_seconds",
        "Planned instant of a switching point to the luminaire's confirmation, by edge.",
        labels=["edge"],
    )
    for edge, distribution in shot.switching_delay_s.items():
        delays.add_metric([edge.value], _buckets(distribution), distribution.sum_s)
    yield delays
    yield _labelled(
        "streetlight_commands",
        "Finished commands by outcome.",
        "outcome",
        {outcome: shot.commands.get(outcome, 0) for outcome in _COMMAND_OUTCOMES},
    )
    yield _counter(
        "streetlight_command_retries",
        "Commands sent again after no acknowledgement.",
        shot.retries,
    )
    yield _gauge(
        "streetlight_commands_pending", "Commands sent and not yet finished.", shot.pending
    )
    yield _gauge(
        "streetlight_command_queue_length", "Messages waiting to be sent.", shot.queue_length
    )


def _messages(shot: Snapshot) -> Iterator[Metric]:
    yield _gauge(
        "streetlight_mqtt_connected", "1 while the MQTT session is up.", float(shot.is_connected)
    )
    yield _labelled(
        "streetlight_mqtt_connects",
        "Sessions opened and lost.",
        "result",
        {result: shot.connects.get(result, 0) for result in ("up", "down")},
    )
    messages = CounterMetricFamily(
        "streetlight_mqtt_messages",
        "MQTT messages by direction and topic class.",
        labels=["direction", "topic_class"],
    )
    for topic_class in _IN_CLASSES:
        messages.add_metric(["in", topic_class], shot.messages_in.get(topic_class, 0))
    for topic_class in _OUT_CLASSES:
        messages.add_metric(["out", topic_class], shot.messages_out.get(topic_class, 0))
    yield messages
    yield _labelled(
        "streetlight_mqtt_payload_bytes",
        "MQTT payload bytes.",
        "direction",
        {direction: shot.payload_bytes.get(direction, 0) for direction in ("in", "out")},
    )
    yield _labelled(
        "streetlight_mqtt_messages_rejected",
        "Inbound messages dropped, by reason.",
        "reason",
        {reason.value: shot.rejected.get(reason, 0) for reason in Reason},
    )
    yield _gauge(
        "streetlight_telemetry_last_received_timestamp_seconds",
        "Unix time, on the site's clock, of the last accepted telemetry message.",
        shot.last_telemetry_at,
    )
    sensors = GaugeMetricFamily(
        "streetlight_rule_sensors",
        "Sensors that dynamic rules listen to, by whether they are heard.",
        labels=["trust"],
    )
    for trust in Trust:
        sensors.add_metric([trust.value], shot.sensor_trusts.get(trust.value, 0))
    yield sensors


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def _counter(name: str, text: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(name, text, value=value)


def _histogram(name: str, text: str, distribution: Distribution) -> HistogramMetricFamily:
    return HistogramMetricFamily(
        name, text, buckets=_buckets(distribution), sum_value=distribution.sum_s
    )


def _buckets(distribution: Distribution) -> list[tuple[str, float]]:
    bounds = [*map(floatToGoString, distribution.bounds), "+Inf"]
    return list(zip(bounds, np.cumsum(distribution.counts).tolist(), strict=True))


def _labelled(name: str, text: str, label: str, values: Mapping[str, float]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _by_zone(shot: Snapshot, name: str, text: str, values: ZoneValues) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=["district", "zone"])
    for district, zone, value in zip(shot.districts, shot.zones, values, strict=True):
        family.add_metric([district, zone], float(value))
    return family


def _by_zone_and(
    shot: Snapshot, name: str, text: str, label: str, values: Mapping[str, ZoneValues]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=["district", "zone", label])
    for key, column in values.items():
        for district, zone, value in zip(shot.districts, shot.zones, column, strict=True):
            family.add_metric([district, zone, key], float(value))
    return family
