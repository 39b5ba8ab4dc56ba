"""The documents behind a report's figures, a line each; defaults are said as such."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from controller.reports.content import Report
from controller.reports.words import Words
from schedules.anchors import anchor_text
from schedules.energy.baselines import (
    CalendarHours,
    DeclaredBaseline,
    DuskToDawn,
    FixedHours,
    PartNight,
    ProgramHours,
)

_MOST_NAMES = 8
"""Zones of a gap that are named."""


class SourceLine(NamedTuple):
    """A document behind the figures."""

    kind: str
    id: str
    valid_from: str
    detail: str
    source: str


def source_lines(report: Report, words: Words) -> Iterator[SourceLine]:
    """Every document behind the figures, defaults said as such."""
    sources = report.sources
    counted_j = report.ladder.baseline_j
    for baseline, zones, energy_j in sources.baselines:
        assert baseline is not None, "declared ones are listed"
        share = energy_j / counted_j if counted_j else 0.0
        yield SourceLine(
            words["baseline_document"],
            baseline.id,
            baseline.valid_from.isoformat(),
            f"{hours_text(baseline)}; {words['counted'].format(zones=zones, share=share)}; "
            f"±{baseline.uncertainty:.0%}",
            _joined(baseline.source, baseline.author, baseline.declared_on),
        )
    if sources.undeclared_zones:
        undeclared = words["undeclared"].format(sources.undeclared_zones)
        yield SourceLine(words["baseline_document"], "-", "-", undeclared, words["default"])
    for tariff in sources.tariffs:
        notes = []
        if tariff.id in sources.default_tariffs:
            notes.append(words["default"])
        if tariff.is_example:
            notes.append(words["example"])
        bands = {band.name: band.price_per_kwh for band in tariff.bands}
        bands[tariff.flat_name] = tariff.price_per_kwh
        prices = ", ".join(f"{name} {price:g}" for name, price in bands.items())
        yield SourceLine(
            words["tariff_name"],
            tariff.id,
            tariff.valid_from.isoformat(),
            f"{tariff.name}: {prices} {tariff.currency}/kWh",
            _joined(*notes, tariff.source, tariff.author),
        )
    if sources.zones_without_tariff:
        text = words["without_tariff"].format(sources.zones_without_tariff)
        yield SourceLine(words["tariff_name"], "-", "-", text, "")
    for gap in sources.unpriced:
        text = words["unpriced_gap"].format(
            first=gap.first, last=gap.last, count=len(gap.zones), zones=_some(gap.zones)
        )
        yield SourceLine(words["tariff_name"], "-", "-", text, "")
    for factor in sources.factors:
        is_default = factor.id in sources.default_factors
        yield SourceLine(
            words["factor_document"],
            factor.id,
            factor.valid_from.isoformat() if factor.valid_from.year > 1970 else "-",
            f"{factor.g_per_kwh:g} g {factor.gas}/kWh, {factor.region} {factor.year or ''}".strip(),
            _joined(*([words["default"]] if is_default else []), factor.source),
        )
    if not sources.factors:
        yield SourceLine(words["factor_document"], "-", "-", words["without_factor"], "")
    metering = report.site.plan.metering
    yield SourceLine(
        words["metering_document"],
        "plan.yaml",
        "-",
        f"{words['metered']} ±{metering.metered_uncertainty:.1%}, "
        f"{words['modelled']} ±{metering.modelled_uncertainty:.1%}",
        "",
    )


def _some(names: Sequence[str]) -> str:
    more = ", …" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def _joined(*parts: object) -> str:
    return "; ".join(str(part) for part in parts if part)


def hours_text(baseline: DeclaredBaseline) -> str:
    """The previous hours in the documents' own notation."""
    hours = baseline.hours
    match hours:
        case DuskToDawn():
            return f"{hours.kind}: {anchor_text(hours.on)} - {anchor_text(hours.off)}"
        case PartNight():
            dark = f"{anchor_text(hours.extinguish.off)} - {anchor_text(hours.extinguish.on)}"
            return f"{hours.kind}: {anchor_text(hours.on)} - {anchor_text(hours.off)}, off {dark}"
        case FixedHours():
            return f"{hours.kind}: {hours.on:%H:%M} - {hours.off:%H:%M}"
        case ProgramHours():
            return f"{hours.kind}: {hours.program}"
        case CalendarHours():
            return f"{hours.kind}: {hours.calendar}"
