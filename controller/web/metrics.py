"""The metric catalogue, as Prometheus reads it.

Base units, ``streetlight_`` prefix, labels ``zone`` and ``district`` and fixed sets only. Energy
totals are persisted, so a restart is not a reset; saved energy may fall and is a gauge.

Ref: prometheus.io, "Metric and label naming".
"""

from collections.abc import Iterator
from itertools import chain

from controller.web.exposition import Family, gauge, written
from controller.web.families.alarms import alarm_families
from controller.web.families.energy import energy_families
from controller.web.families.fleet import fleet_families
from controller.web.families.service import service_families
from controller.web.families.traffic import traffic_families
from controller.web.snapshot import Snapshot


def render(snapshot: Snapshot, last_render_s: float = 0.0) -> bytes:
    """The page; ``last_render_s`` is how long the one before took."""
    return written(catalogue(snapshot, last_render_s))


def catalogue(snapshot: Snapshot, last_render_s: float = 0.0) -> Iterator[Family]:
    """Every family with its figures."""
    return chain(
        service_families(snapshot),
        fleet_families(snapshot),
        energy_families(snapshot),
        traffic_families(snapshot),
        alarm_families(snapshot),
        (
            gauge(
                "streetlight_metrics_render_duration_seconds",
                "Time taken to gather and write the page before this one.",
                last_render_s,
            ),
        ),
    )
