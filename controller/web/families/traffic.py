"""Metric families of commands and messages."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from controller.engine.awaited import Outcome, Sent
from controller.web.instruments import counter, counters, gauge, gauges, histogram, keyed
from controller.web.snapshot import Snapshot
from controller.wire.codec import Reason
from schedules import Trust

_KINDS = {Sent.OWN: "luminaire", Sent.ZONE: "zone", Sent.QUESTION: "question"}
_OUT_CLASSES = ("program", "config", "command", "heartbeat")
_IN_CLASSES = ("state", "telemetry", "availability", "reading")


def traffic_families(shot: Snapshot) -> Iterator[Metric]:
    """What goes out and comes in, and how the street answers."""
    yield from _commands(shot)
    yield from _messages(shot)


def _commands(shot: Snapshot) -> Iterator[Metric]:
    yield histogram(
        "streetlight_switching_delay_seconds",
        "Planned instant of a switching point to the luminaire's confirmation, by edge.",
        ("edge",),
        {(edge.value,): delays for edge, delays in shot.switching_delay_s.items()},
    )
    yield histogram(
        "streetlight_command_latency_seconds",
        "Sending of a command to the luminaire's answer, by kind.",
        ("kind",),
        {(_KINDS[kind],): answers for kind, answers in shot.answer_s.items()},
    )
    yield counters(
        "streetlight_commands_total",
        "Finished commands by kind and outcome; one to a zone ends once for each luminaire.",
        ("kind", "outcome"),
        {
            (name, outcome.value): shot.commands.get((kind, outcome), 0)
            for kind, name in _KINDS.items()
            for outcome in Outcome
        },
    )
    yield counter(
        "streetlight_command_retries_total",
        "Commands sent again after no acknowledgement.",
        shot.retries,
    )
    yield gauge("streetlight_commands_pending", "Commands sent and not yet finished.", shot.pending)
    yield gauge(
        "streetlight_command_queue_length", "Messages waiting to be sent.", shot.queue_length
    )


def _messages(shot: Snapshot) -> Iterator[Metric]:
    yield gauge(
        "streetlight_mqtt_connected", "1 while the MQTT session is up.", float(shot.is_connected)
    )
    yield counters(
        "streetlight_mqtt_connects_total",
        "Sessions opened and lost.",
        ("result",),
        keyed({result: shot.connects.get(result, 0) for result in ("up", "down")}),
    )
    yield counters(
        "streetlight_mqtt_messages_total",
        "MQTT messages by direction and topic class.",
        ("direction", "topic_class"),
        {
            (direction, topic_class): found.get(topic_class, 0)
            for direction, classes, found in (
                ("in", _IN_CLASSES, shot.messages_in),
                ("out", _OUT_CLASSES, shot.messages_out),
            )
            for topic_class in classes
        },
    )
    yield counters(
        "streetlight_mqtt_payload_bytes_total",
        "MQTT payload bytes.",
        ("direction",),
        keyed({direction: shot.payload_bytes.get(direction, 0) for direction in ("in", "out")}),
    )
    yield counters(
        "streetlight_mqtt_messages_rejected_total",
        "Inbound messages dropped, by reason.",
        ("reason",),
        keyed({reason.value: shot.rejected.get(reason, 0) for reason in Reason}),
    )
    yield gauge(
        "streetlight_telemetry_last_received_timestamp_seconds",
        "Unix time, on the site's clock, of the last accepted telemetry message.",
        shot.last_telemetry_at,
    )
    yield histogram(
        "streetlight_telemetry_lag_seconds",
        "Stamp of a measurement to its acceptance, on the site's clock; 0 for clocks ahead.",
        (),
        {(): shot.telemetry_lag_s},
    )
    yield gauges(
        "streetlight_rule_sensors",
        "Sensors that dynamic rules listen to, by whether they are heard.",
        ("trust",),
        keyed({trust.value: shot.sensor_trusts.get(trust.value, 0) for trust in Trust}),
    )
