"""The text exposition format, written by hand: a scrape of a large city is mostly this.

Owns names, help and the spelling of labels and values. Knows no figures.

Ref: prometheus.io, "Exposition formats", version 0.0.4.
"""

from collections.abc import Iterable, Mapping
from itertools import accumulate
from math import isfinite
from typing import Final, Literal, NamedTuple

from controller.service.tally import Distribution

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_NO_NUMBER: Final = {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}

Kind = Literal["gauge", "counter", "histogram"]


class Sample(NamedTuple):
    """One series and its value."""

    suffix: str
    """After the family's name; empty but for histograms."""
    labels: str
    """As `labelled` writes them; empty for none."""
    value: float


class Family(NamedTuple):
    """One metric with all its series. A counter's name ends in ``_total``."""

    name: str
    kind: Kind
    text: str
    samples: Iterable[Sample]
    """To be read once."""


def labelled(**labels: str) -> str:
    """Labels in the given order, such as ``zone="a",state="on"``."""
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())


def gauge(name: str, text: str, value: float) -> Family:
    """A gauge of one series."""
    return Family(name, "gauge", text, (Sample("", "", value),))


def counter(name: str, text: str, value: float) -> Family:
    """A counter of one series."""
    return Family(name, "counter", text, (Sample("", "", value),))


def by_label(kind: Kind, name: str, text: str, label: str, values: Mapping[str, float]) -> Family:
    """One series for each value of a label."""
    return Family(
        name,
        kind,
        text,
        [Sample("", labelled(**{label: key}), value) for key, value in values.items()],
    )


def histogram(name: str, text: str, distributions: Mapping[str, Distribution]) -> Family:
    """A histogram for each set of labels, as `labelled` writes them."""
    samples: list[Sample] = []
    for labels, found in distributions.items():
        before = f"{labels}," if labels else ""
        counts = list(accumulate(found.counts.tolist()))
        bounds = [*map(_number, found.bounds), "+Inf"]
        for bound, count in zip(bounds, counts, strict=True):
            samples.append(Sample("_bucket", f'{before}le="{bound}"', count))
        samples.append(Sample("_count", labels, counts[-1]))
        samples.append(Sample("_sum", labels, found.sum_s))
    return Family(name, "histogram", text, samples)


def written(families: Iterable[Family]) -> bytes:
    """The page."""
    lines: list[str] = []
    for name, kind, text, samples in families:
        lines.append(f"# HELP {name} {_escaped_help(text)}\n# TYPE {name} {kind}\n")
        lines.extend(
            f"{name}{suffix}{{{labels}}} {_number(value)}\n"
            if labels
            else f"{name}{suffix} {_number(value)}\n"
            for suffix, labels, value in samples
        )
    return "".join(lines).encode()


def _number(value: float) -> str:
    # Python writes a float as Go reads it, but for what is none.
    return repr(value) if isfinite(value) else _NO_NUMBER[repr(float(value))]


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _escaped_help(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")
