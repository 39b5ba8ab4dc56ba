"""Metric families of luminaires: what they do, what they should, and by when."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
from prometheus_client.core import Metric

from controller.web.exposition import Family
from controller.web.families.by_zone import by_zone, by_zone_and
from controller.web.instruments import gauge, gauges, keyed
from controller.web.snapshot import Snapshot
from schedules import overrides_in_force
from schedules.overrides import OverrideKind


def fleet_families(shot: Snapshot) -> Iterator[Metric | Family]:
    """How the street stands."""
    yield by_zone(
        shot,
        "streetlight_luminaires_configured",
        "Luminaires in the active inventory.",
        shot.configured,
    )
    yield by_zone_and(
        shot,
        "streetlight_luminaires",
        "Luminaires by reported state; states are exclusive and sum to the inventory.",
        "state",
        shot.states,
    )
    yield by_zone(
        shot,
        "streetlight_luminaires_commanded_on",
        "Luminaires whose desired level is above zero now.",
        shot.commanded_on,
    )
    yield by_zone_and(
        shot,
        "streetlight_luminaires_mismatched",
        "Luminaires whose reported state disagrees with the desired one beyond the grace time.",
        "mismatch",
        shot.mismatched,
    )
    yield by_zone(
        shot,
        "streetlight_connected_power_watts",
        "Rated input power of the luminaires in the active inventory.",
        shot.connected_power_w,
    )
    yield by_zone(
        shot,
        "streetlight_power_watts",
        "Present input power by reported level. Use the joules counter for energy.",
        shot.power_w,
    )
    yield by_zone(
        shot,
        "streetlight_level_ratio",
        "Power-weighted mean of the reported dimming level.",
        shot.level_ratio,
    )
    yield by_zone(
        shot,
        "streetlight_target_level_ratio",
        "Power-weighted mean of the desired dimming level.",
        shot.target_level_ratio,
    )
    yield from _programs(shot)
    yield from _overrides(shot)


def _programs(shot: Snapshot) -> Iterator[Family]:
    yield by_zone(
        shot,
        "streetlight_schedule_version",
        "Revision of the zone's program in force; 0 before the first.",
        np.array(shot.program_revs, dtype=np.int64),
    )
    yield by_zone(
        shot,
        "streetlight_luminaires_schedule_stale",
        "Luminaires that hold another program than the one in force.",
        shot.stale_programs,
    )
    yield by_zone(
        shot,
        "streetlight_next_transition_timestamp_seconds",
        "Unix time, on the site's clock, of the next planned level change; 0 for none known.",
        shot.next_change_at,
    )


def _overrides(shot: Snapshot) -> Iterator[Metric]:
    now = datetime.fromtimestamp(shot.at, UTC)
    in_force = overrides_in_force(shot.site.plan.overrides, now)
    kinds = [one.kind for one in in_force]
    yield gauges(
        "streetlight_overrides_active",
        "Overrides in force, each of which has an end, by kind.",
        ("kind",),
        keyed({kind.value: kinds.count(kind) for kind in OverrideKind}),
    )
    yield gauge(
        "streetlight_override_oldest_start_timestamp_seconds",
        "Unix time, on the site's clock, at which the longest-running override began; 0 for none.",
        min((one.start_at.timestamp() for one in in_force), default=0.0),
    )
