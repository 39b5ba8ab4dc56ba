"""Families of few series, as `prometheus_client` writes them. Knows no figures.

Made anew for each page from copied figures, so that nothing is counted twice: the service's own
counts are the truth. Families with a series for every zone are `controller.web.exposition`'s.
"""

from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Final

from prometheus_client import generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from controller.service.tally import Distribution


def gauge(name: str, text: str, value: float) -> Metric:
    """A gauge of one series."""
    return GaugeMetricFamily(name, text, value=value)


def counter(name: str, text: str, value: float) -> Metric:
    """A counter of one series; its name ends in ``_total``."""
    return CounterMetricFamily(name, text, value=value)


def gauges(
    name: str, text: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]
) -> Metric:
    """A gauge of one series for each set of the labels' values."""
    family = GaugeMetricFamily(name, text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def counters(
    name: str, text: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]
) -> Metric:
    """A counter of one series for each set of the labels' values."""
    family = CounterMetricFamily(name, text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def histogram(
    name: str, text: str, labels: tuple[str, ...], found: Mapping[tuple[str, ...], Distribution]
) -> Metric:
    """A histogram for each set of the labels' values."""
    family = HistogramMetricFamily(name, text, labels=labels)
    for key, values in found.items():
        counts = accumulate(values.counts.tolist())
        bounds = [*map(floatToGoString, values.bounds), "+Inf"]
        family.add_metric(key, list(zip(bounds, counts, strict=True)), values.sum_s)
    return family


def keyed(values: Mapping[str, float]) -> dict[tuple[str, ...], float]:
    """Values by the one label that a family has."""
    return {(key,): value for key, value in values.items()}


class _Made(Collector):
    """What was made for a page."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families: Final = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def written(families: Iterable[Metric]) -> bytes:
    """Their part of a page."""
    return generate_latest(_Made(families))
