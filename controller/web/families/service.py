"""Metric families of the service itself: build, loop, clock, store, leadership."""

import platform
from collections.abc import Iterator
from importlib.metadata import version

from prometheus_client.core import Metric

from controller.web.instruments import counter, counters, gauge, gauges, histogram, keyed
from controller.web.snapshot import Aside, Snapshot


def service_families(shot: Snapshot, aside: Aside) -> Iterator[Metric]:
    """How the service stands."""
    yield from _process(shot)
    yield from _clock(shot)
    yield from _store(shot, aside)
    yield gauges(
        "streetlight_tls_certificate_not_after_timestamp_seconds",
        "Unix time, on the machine's clock, at which a certificate in use ends, by who shows it; "
        "absent where none is used.",
        ("endpoint",),
        keyed(aside.certificates),
    )
    yield gauges(
        "streetlight_client_certificates",
        "Certificates that the site's authority handed out, the newest of each holder, by its "
        "role and by state: valid, expiring within 30 days, expired; absent without a register.",
        ("role", "state"),
        aside.handed_out.counts,
    )
    yield gauges(
        "streetlight_client_certificates_first_not_after_timestamp_seconds",
        "Unix time, on the machine's clock, at which the first of them ends, by role; absent "
        "where there is none.",
        ("role",),
        keyed(aside.handed_out.first_not_after),
    )
    yield from _leadership(shot)


def _process(shot: Snapshot) -> Iterator[Metric]:
    yield gauges(
        "streetlight_build_info",
        "Build of the running service; value is always 1.",
        ("version", "python"),
        {(version("lamplighter"), platform.python_version()): 1},
    )
    yield gauges(
        "streetlight_component_up",
        "1 if the component passed its last self-check.",
        ("component",),
        keyed({component: float(is_up) for component, is_up in shot.components.items()}),
    )
    yield histogram(
        "streetlight_event_loop_lag_seconds",
        "Delay between the planned and the real wake-up of the event loop.",
        (),
        {(): shot.loop_lag_s},
    )
    yield gauge(
        "streetlight_event_loop_tasks",
        "Tasks of the event loop that are not finished; grows where one is leaked.",
        shot.loop_tasks,
    )
    yield histogram(
        "streetlight_reconcile_duration_seconds",
        "Duration of one full reconciliation pass.",
        (),
        {(): shot.reconcile_s},
    )
    yield gauge(
        "streetlight_reconcile_last_success_timestamp_seconds",
        "Unix time, on the site's clock, at which the last pass ended without error.",
        shot.last_reconcile_at,
    )
    yield gauge(
        "streetlight_site_timestamp_seconds",
        "Unix time on the site's clock: what the other timestamps are to be held against.",
        shot.at,
    )


def _clock(shot: Snapshot) -> Iterator[Metric]:
    yield counter(
        "streetlight_clock_steps_total",
        "Jumps of wall time against monotonic time above 2 s.",
        shot.clock_steps,
    )
    yield gauge(
        "streetlight_clock_offset_seconds",
        "The machine's wall clock minus trusted time; signed.",
        shot.clock_offset_s,
    )
    yield gauge(
        "streetlight_clock_trusted",
        "1 while the machine's wall clock is followed.",
        float(shot.is_clock_trusted),
    )
    yield gauge(
        "streetlight_sun_elevation_degrees",
        "Computed geometric elevation of the sun at the city's reference point.",
        shot.sun_elevation_deg,
    )


def _store(shot: Snapshot, aside: Aside) -> Iterator[Metric]:
    yield counters(
        "streetlight_store_transactions_total",
        "Writes to the store by result.",
        ("result",),
        keyed({"ok": shot.store_worked, "failed": shot.store_failed}),
    )
    yield histogram(
        "streetlight_store_commit_duration_seconds",
        "Duration of commits to the store, with the disk's word that they are kept.",
        (),
        {(): shot.commit_s},
    )
    yield gauge(
        "streetlight_store_size_bytes",
        "Size of the store's files with the write-ahead log, without copies.",
        aside.store_size_bytes,
    )
    yield gauge(
        "streetlight_backup_last_success_timestamp_seconds",
        "Unix time, on the machine's clock, of the last verified copy of the store; 0 for none.",
        shot.backup_at,
    )
    yield counter(
        "streetlight_backup_failures_total",
        "Copies of the store that failed.",
        shot.backup_failures,
    )


def _leadership(shot: Snapshot) -> Iterator[Metric]:
    yield gauge(
        "streetlight_controller_active",
        "1 while this controller leads its site, 0 while it is passive.",
        float(shot.is_active),
    )
    yield gauge(
        "streetlight_controller_epoch",
        "Epoch that this controller leads with, or last led with; 0 where another has led since.",
        shot.epoch,
    )
    yield gauge(
        "streetlight_controllers_alive",
        "Controllers of the site that were heard within 15 s, this one among them.",
        shot.controllers_alive,
    )
    yield gauge(
        "streetlight_controllers_differing",
        "Other controllers of the site that have other documents in force.",
        shot.controllers_differing,
    )
