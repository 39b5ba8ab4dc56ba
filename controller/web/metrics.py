"""The metric catalogue, as Prometheus reads it.

Base units, ``streetlight_`` prefix, labels ``zone`` and ``district`` and fixed sets only. Energy
totals are persisted, so a restart is not a reset; saved energy may fall and is a gauge.

Ref: prometheus.io, "Metric and label naming".
"""

from collections.abc import Iterable, Iterator
from itertools import chain, groupby

from prometheus_client.core import Metric

from controller.web import exposition, instruments
from controller.web.doors import DoorFigures
from controller.web.exposition import Family
from controller.web.families.alarms import alarm_families
from controller.web.families.doors import door_families
from controller.web.families.energy import energy_families
from controller.web.families.fleet import fleet_families
from controller.web.families.service import service_families
from controller.web.families.traffic import traffic_families
from controller.web.snapshot import Aside, Snapshot


def render(
    snapshot: Snapshot, doors: DoorFigures, aside: Aside, last_render_s: float = 0.0
) -> bytes:
    """The page; ``last_render_s`` is how long the one before took."""
    return written(catalogue(snapshot, doors, aside, last_render_s))


def catalogue(
    snapshot: Snapshot, doors: DoorFigures, aside: Aside, last_render_s: float = 0.0
) -> Iterator[Metric | Family]:
    """Every family with its figures."""
    return chain(
        service_families(snapshot, aside),
        fleet_families(snapshot),
        energy_families(snapshot),
        traffic_families(snapshot),
        alarm_families(snapshot),
        door_families(doors, aside.sessions),
        (
            instruments.gauge(
                "streetlight_metrics_render_duration_seconds",
                "Time taken to gather and write the page before this one.",
                last_render_s,
            ),
        ),
    )


def written(families: Iterable[Metric | Family]) -> bytes:
    """One page of both kinds of families, in their order."""
    parts: list[bytes] = []
    for is_by_hand, some in groupby(families, lambda one: isinstance(one, Family)):
        if is_by_hand:
            parts.append(exposition.written(one for one in some if isinstance(one, Family)))
        else:
            parts.append(instruments.written(one for one in some if isinstance(one, Metric)))
    return b"".join(parts)
