"""What one scrape shows, taken on the loop in one go.

Copies of the engine's figures, so that rendering can happen in a thread while control goes
on. What documents alone decide is worked out there too, from the site as it was.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from controller.engine.account import ZoneTotals
from controller.engine.alarm_types import AlarmType, Severity
from controller.engine.awaited import Outcome, Sent
from controller.engine.columns import Columns, Floats, Ints
from controller.engine.engine import Edge
from controller.service.control import Control
from controller.service.energy import LastNight
from controller.service.health import components
from controller.service.outlook import Outlook
from controller.service.tally import Distribution
from controller.wire.codec import Reason
from schedules import Site

STATES = ("on", "off", "fault", "offline", "unknown")
MISMATCHES = ("dark", "dayburning", "level")


@dataclass(frozen=True)
class Snapshot:
    """Figures of one instant. Arrays have one entry a zone, in the order of ``zones``."""

    at: float
    """Site time, Unix s."""
    site: Site
    zones: tuple[str, ...]
    districts: tuple[str, ...]
    """District of each zone."""
    configured: Ints
    states: dict[str, Ints]
    commanded_on: Ints
    mismatched: dict[str, Ints]
    stale_programs: Ints
    program_revs: list[int]
    connected_power_w: Floats
    power_w: Floats
    level_ratio: Floats
    target_level_ratio: Floats
    totals: ZoneTotals
    """As the store has them: a counter that a killed service takes back would count twice."""
    last_night: LastNight | None
    outlooks: tuple[Outlook, ...]
    next_change_at: Floats
    switching_delay_s: dict[Edge, Distribution]
    answer_s: dict[Sent, Distribution]
    reconcile_s: Distribution
    loop_lag_s: Distribution
    loop_tasks: int
    """Unfinished tasks of the event loop."""
    last_reconcile_at: float
    sun_elevation_deg: float
    messages_in: dict[str, int]
    messages_out: dict[str, int]
    payload_bytes: dict[str, int]
    rejected: dict[Reason, int]
    quarantined: dict[str, int]
    commands: dict[tuple[Sent, Outcome], int]
    retries: int
    pending: int
    queue_length: int
    is_connected: bool
    connects: dict[str, int]
    last_telemetry_at: float
    clock_steps: int
    clock_offset_s: float
    is_clock_trusted: bool
    is_active: bool
    epoch: int
    controllers_alive: int
    controllers_differing: int
    backup_at: float
    backup_failures: int
    store_worked: int
    store_failed: int
    commit_s: Distribution
    telemetry_lag_s: Distribution
    components: Mapping[str, bool]
    """Whether each part of the service passed its last check."""
    clocks_skewed: int
    """Luminaires whose clock is wrong by their last word."""
    alarms_active: Mapping[tuple[AlarmType, Severity], int]
    alarms_raised: Mapping[tuple[AlarmType, Severity], int]
    sensor_trusts: dict[str, int]
    """Sensors of dynamic rules by whether they are heard."""


class HandedOut(NamedTuple):
    """Certificates that the site's authority handed out: the newest of each holder."""

    counts: Mapping[tuple[str, ...], int] = {}
    """By role and state: valid, expiring within thirty days, expired."""
    first_not_after: Mapping[str, float] = {}
    """End of the one that ends first, Unix s, by role."""


class Aside(NamedTuple):
    """What a page shows beside the snapshot: learnt in the thread that writes it."""

    store_size_bytes: int
    certificates: Mapping[str, float]
    """Ends of the certificates in use, Unix s, by who shows them."""
    handed_out: HandedOut
    """Certificates that the site's authority handed out."""
    sessions: int | None
    """Sessions of people that are not over; None where that cannot be told."""


def take_snapshot(control: Control, now: float) -> Snapshot:
    """Copy what a scrape shows at ``now`` (site time, Unix s). Call it on the loop."""
    engine, tally = control.engine, control.tally
    columns, account = engine.columns, engine.account
    disagrees = (
        columns.is_known & ~np.isnan(columns.desired) & ~columns.agrees() & (columns.attempts > 0)
    )
    dark = disagrees & (columns.reported <= 0)
    dayburning = disagrees & (columns.desired <= 0)
    zone_by_id = control.site.inventory.zone_by_id
    backups = control.backups
    return Snapshot(
        at=now,
        site=control.site,
        zones=columns.zone_ids,
        districts=tuple(zone_by_id[zone].district for zone in columns.zone_ids),
        configured=columns.luminaires_in_zone,
        states=_states(columns),
        commanded_on=columns.by_zone(columns.desired > 0),
        mismatched={
            "dark": columns.by_zone(dark),
            "dayburning": columns.by_zone(dayburning),
            "level": columns.by_zone(disagrees & ~dark & ~dayburning),
        },
        stale_programs=columns.by_zone(engine.stale_programs()),
        program_revs=control.documents.program_revs(columns.zone_ids),
        connected_power_w=columns.zone_sum(account.rated_w),
        power_w=columns.zone_sum(account.power_w),
        level_ratio=columns.zone_mean(columns.reported, account.rated_w) / 100,
        target_level_ratio=columns.zone_mean(columns.desired, account.rated_w) / 100,
        totals=control.energy.stored,
        last_night=control.energy.last_night,
        outlooks=control.outlooks,
        next_change_at=engine.next_changes(now),
        switching_delay_s={edge: delays.copy() for edge, delays in tally.switching_delay_s.items()},
        answer_s={kind: answers.copy() for kind, answers in tally.answer_s.items()},
        reconcile_s=tally.reconcile_s.copy(),
        loop_lag_s=tally.loop_lag_s.copy(),
        loop_tasks=len(asyncio.all_tasks()),
        last_reconcile_at=tally.last_reconcile_at,
        sun_elevation_deg=control.sun_elevation_deg(now),
        messages_in=dict(tally.messages_in),
        messages_out=dict(tally.messages_out),
        payload_bytes=dict(tally.payload_bytes),
        rejected=dict(tally.rejected),
        quarantined={reason.value: count for reason, count in account.quarantined.items()},
        commands=dict(engine.awaited.ended),
        retries=tally.retries,
        pending=control.intake.awaited_commands,
        queue_length=control.dispatch.length,
        is_connected=tally.is_connected,
        connects=dict(tally.connects),
        last_telemetry_at=tally.last_telemetry_at,
        clock_steps=control.clock_watch.steps,
        clock_offset_s=control.clock_watch.offset_s,
        is_clock_trusted=control.clock_watch.check().is_ok,
        is_active=control.leader.is_active,
        epoch=control.epoch,
        controllers_alive=1 + len(control.leader.others()),
        controllers_differing=len(control.leader.differing),
        backup_at=0.0 if backups is None else backups.last_success_at,
        backup_failures=0 if backups is None else backups.failures,
        store_worked=control.store_watch.transactions,
        store_failed=control.store_watch.failures,
        commit_s=tally.commit_s.copy(),
        telemetry_lag_s=tally.telemetry_lag_s.copy(),
        components=components(control),
        clocks_skewed=int(np.count_nonzero(control.alarms.conditions.signs.clock_is_off())),
        alarms_active=control.alarms.active(),
        alarms_raised=dict(control.alarms.raised_total),
        sensor_trusts={trust.value: n for trust, n in engine.rules.trusts(now).items()},
    )


def _states(columns: Columns) -> dict[str, Ints]:
    known, reachable = columns.is_known, columns.is_reachable
    heard = known & reachable
    healthy = heard & ~columns.is_faulty
    return {
        "on": columns.by_zone(healthy & (columns.reported > 0)),
        "off": columns.by_zone(healthy & ~(columns.reported > 0)),
        "fault": columns.by_zone(heard & columns.is_faulty),
        "offline": columns.by_zone(~reachable),
        "unknown": columns.by_zone(reachable & ~known),
    }
