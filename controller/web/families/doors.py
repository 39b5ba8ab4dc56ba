"""Metric families of the doors: requests, logins, refusals, streams of events, the audit log."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from controller.web.api.events import StreamCounts
from controller.web.doors import AuditFigures, DoorFigures
from controller.web.instruments import counter, counters, gauge, gauges, histogram, keyed
from controller.web.requests import Requests


def door_families(doors: DoorFigures, sessions: int | None) -> Iterator[Metric]:
    """Who came, by which way, and what they were refused; ``sessions`` are not over."""
    yield from _requests(doors.requests)
    yield from _logins(doors)
    yield gauges(
        "streetlight_sessions_active",
        "Sessions that are not over; absent where the store cannot be read.",
        (),
        {} if sessions is None else {(): sessions},
    )
    yield from _streams(doors.streams)
    yield from _audit(doors.audit)


def _requests(requests: Requests) -> Iterator[Metric]:
    yield counters(
        "streetlight_http_requests_total",
        "HTTP requests by route template, method and class of the answer.",
        ("route", "method", "code_class"),
        requests.answered,
    )
    yield histogram(
        "streetlight_http_request_duration_seconds",
        "A request to the head of its answer, by route template.",
        ("route",),
        {(route,): taken for route, taken in requests.head_s.items()},
    )
    yield counters(
        "streetlight_http_problems_total",
        "Requests that were refused or failed, by problem.",
        ("problem",),
        keyed(requests.problems),
    )
    yield counters(
        "streetlight_authorization_denials_total",
        "Requests of people and programs that are known, refused by the right they lack.",
        ("right",),
        keyed(requests.denials),
    )


def _logins(doors: DoorFigures) -> Iterator[Metric]:
    yield counters(
        "streetlight_logins_total",
        "Tries to come in by way and result; waits are those that came too early after wrong ones.",
        ("way", "result"),
        doors.logins,
    )
    yield counters(
        "streetlight_login_lockouts_total",
        "Waits that wrong guesses brought about, at a user's name or for an address.",
        ("of",),
        keyed(doors.lockouts),
    )


def _streams(streams: StreamCounts) -> Iterator[Metric]:
    yield gauge(
        "streetlight_event_streams",
        "Streams of events that are open.",
        streams.open,
    )
    yield counters(
        "streetlight_event_streams_ended_total",
        "Streams of events that ended, or were refused for there being too many, by reason.",
        ("reason",),
        keyed(streams.ended),
    )
    yield counter(
        "streetlight_event_messages_dropped_total",
        "Events that a slow reader was not sent, for a newer one of the kind took their place.",
        streams.dropped,
    )


def _audit(audit: AuditFigures) -> Iterator[Metric]:
    yield counters(
        "streetlight_audit_lines_total",
        "Lines written to the audit log by outcome.",
        ("outcome",),
        keyed(audit.written),
    )
    yield counters(
        "streetlight_audit_failures_total",
        "Lines that could not be written to the audit log, and cuts of it that were found.",
        ("what",),
        keyed(audit.failures),
    )
    yield gauge(
        "streetlight_audit_last_line_timestamp_seconds",
        "Unix time, on the machine's clock, of the audit log's newest line; 0 for none yet.",
        audit.written_at,
    )
    yield gauge(
        "streetlight_audit_last_check_timestamp_seconds",
        "Unix time, on the machine's clock, of the last walk along the audit log; 0 for none yet.",
        0.0 if audit.verified is None else audit.verified.at,
    )
    yield gauge(
        "streetlight_audit_chain_valid",
        "0 if the last walk along the audit log found that it does not hold, else 1.",
        float(audit.verified is None or audit.verified.is_sound),
    )
