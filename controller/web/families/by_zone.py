"""Families with a series for every zone, which are most of a large city's page."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from controller.engine.columns import Floats, Ints
from controller.web.exposition import Family, Kind, Sample, labelled
from controller.web.snapshot import Snapshot

Values = Floats | Ints


@lru_cache(maxsize=4)
def _labels(zones: tuple[str, ...], districts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        labelled(district=district, zone=zone)
        for district, zone in zip(districts, zones, strict=True)
    )


def zone_labels(shot: Snapshot) -> tuple[str, ...]:
    """Labels of each zone; written once for a city."""
    return _labels(shot.zones, shot.districts)


def by_zone(shot: Snapshot, name: str, text: str, values: Values, kind: Kind = "gauge") -> Family:
    """One series a zone."""
    # One at a time: ten thousand tuples kept would set the collector to work, which stops all.
    samples = (
        Sample(labels, value)
        for labels, value in zip(zone_labels(shot), values.tolist(), strict=True)
    )
    return Family(name, kind, text, samples)


def by_zone_and(
    shot: Snapshot,
    name: str,
    text: str,
    label: str,
    values: Mapping[str, Values] | Iterable[tuple[str, Values]],
    kind: Kind = "gauge",
) -> Family:
    """One series a zone and value of another label."""
    zones = zone_labels(shot)
    samples = (
        Sample(f"{labels},{more}", value)
        for key, column in dict(values).items()
        for more in (labelled(**{label: key}),)
        for labels, value in zip(zones, column.tolist(), strict=True)
    )
    return Family(name, kind, text, samples)
