"""What ``diff``, ``apply`` and ``history`` tell: as lines for a person, as data for a machine."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from itertools import groupby
from pathlib import Path
from typing import Any

from controller.ports.store import Revision
from controller.service.editing.weighing import Forecasts
from schedules import Site
from schedules.difference import Difference, DocumentChange, What
from schedules.emission_factors import EmissionFactor
from schedules.files import Problem
from schedules.forecast import Use, total

MAX_DOCUMENTS = 30
MAX_FIELDS = 12
MAX_NAMES = 8
MAX_PROBLEMS = 100
MAX_OF_FILE = 10
_MAX_VALUE = 70
_MARK = {What.ADDED: "+", What.CHANGED: "~", What.REMOVED: "-"}


def problem_lines(folder: Path, problems: Sequence[Problem]) -> Iterator[str]:
    """A line for each problem with its place; the first of each file, and how many more."""
    shown = 0
    for _, group in groupby(problems, key=lambda one: one.file):
        of_file = list(group)
        told = of_file[: min(MAX_OF_FILE, max(1, MAX_PROBLEMS - shown))]
        shown += len(told)
        for one in told:
            yield f"{folder / one.text}"
        if len(of_file) > len(told):
            yield f"{folder / of_file[0].file}: and {len(of_file) - len(told):,} more"


def change_lines(change: Difference) -> Iterator[str]:
    """Documents and fields that change, bounded; then whom it concerns."""
    by_part: dict[str, list[DocumentChange]] = {}
    for one in change.documents:
        by_part.setdefault(one.part, []).append(one)
    for part, documents in by_part.items():
        counts = (
            f"{count:,} {what.value}"
            for what in What
            if (count := sum(one.what is what for one in documents))
        )
        yield f"{part.replace('_', ' ')}: {', '.join(counts)}"
        for what in (What.ADDED, What.REMOVED):
            names = [one.id for one in documents if one.what is what]
            if names:
                more = f" and {len(names) - MAX_NAMES:,} more" if len(names) > MAX_NAMES else ""
                yield f"  {_MARK[what]} {', '.join(names[:MAX_NAMES])}{more}"
        changed = [one for one in documents if one.what is What.CHANGED]
        for one in changed[:MAX_DOCUMENTS]:
            yield f"  {_MARK[one.what]} {one.id}"
            for field in one.fields[:MAX_FIELDS]:
                yield f"      {field.path}: {_short(field.before)} -> {_short(field.after)}"
            if len(one.fields) > MAX_FIELDS:
                yield f"      and {len(one.fields) - MAX_FIELDS:,} more fields"
        if len(changed) > MAX_DOCUMENTS:
            yield f"  {_MARK[What.CHANGED]} and {len(changed) - MAX_DOCUMENTS:,} more"
    yield f"affected: {change.luminaires:,} luminaires in {len(change.zones):,} zones"


def _short(value: str | None) -> str:
    if value is None:
        return "(not said)"
    shown = "".join(one if one.isprintable() else "\ufffd" for one in value)
    return shown if len(shown) <= _MAX_VALUE else shown[: _MAX_VALUE - 3] + "..."


def use_lines(site: Site, forecasts: Forecasts) -> Iterator[str]:
    """A table of energy, hours, level and CO2 of the districts that change, and the total."""
    factor = forecasts.factor
    yield (
        f"{forecasts.nights} nights from {forecasts.first}, by programs and limits "
        "(overrides left out), before -> after:"
    )
    yield (
        f"  {'district':<20} {'luminaires':>10} {'kWh':>27} {'change':>14} "
        f"{'hours each':>16} {'mean level %':>14} {'CO2 kg':>25}"
    )
    unchanged = 0
    names = {one.id: one.name_en or one.name for one in site.inventory.districts}
    for district in sorted(forecasts.before.keys() | forecasts.after.keys()):
        before, after = forecasts.of(district)
        if before == after:
            unchanged += 1
        else:
            yield _row(names.get(district, district), before, after, factor)
    if unchanged:
        yield f"  {unchanged} districts unchanged"
    before, after = total(forecasts.before.values()), total(forecasts.after.values())
    yield _row("total", before, after, factor)
    if factor is None:
        yield "  CO2 not known: the plan declares no grid factor (emission_factors) for its nights"
    else:
        yield f"  {factor.gas} at {factor.g_per_kwh:g} g/kWh: {_factor_text(factor)}"
    yield from _money_lines(forecasts)


def _money_lines(forecasts: Forecasts) -> Iterator[str]:
    if forecasts.money_delta is None:
        yield "  cost not known: the plan declares no tariff (tariffs) for its nights"
        return
    was, will = forecasts.cost_before, forecasts.cost_after
    for currency, change in forecasts.money_delta.items():
        sums = was.by_currency.get(currency, 0.0), will.by_currency.get(currency, 0.0)
        yield (
            f"  cost, by the tariffs' hours: {_arrow(*sums, ',.2f')} {currency}, {change:+z,.2f}"
        )
    if was.unpriced_kwh or will.unpriced_kwh:
        unpriced = _arrow(was.unpriced_kwh, will.unpriced_kwh, ",.0f")
        yield f"  not in the cost, where no tariff is declared: {unpriced} kWh"


def _row(name: str, before: Use, after: Use, factor: EmissionFactor | None) -> str:
    saved = after.energy_kwh - before.energy_kwh
    share = f" {saved / before.energy_kwh:+.1%}" if before.energy_kwh else ""
    mass = (
        "not known"
        if factor is None
        else _arrow(factor.mass_kg(before.energy_j), factor.mass_kg(after.energy_j), ",.0f")
    )
    return (
        f"  {name[:20]:<20} {after.luminaires:>10,} "
        f"{_arrow(before.energy_kwh, after.energy_kwh, ',.0f'):>27} "
        f"{f'{saved:+z,.0f}{share}':>14} "
        f"{_arrow(before.burning_hours, after.burning_hours, ',.0f'):>16} "
        f"{_arrow(before.mean_level, after.mean_level, '.1f'):>14} "
        f"{mass:>25}"
    )


def _arrow(before: float, after: float, form: str) -> str:
    return f"{before:{form}} -> {after:{form}}"


def _factor_text(factor: EmissionFactor) -> str:
    if not factor.year:
        return factor.source
    return f"{factor.region} {factor.year}, {factor.source}"


def history_lines(revisions: Sequence[Revision], time_zone: tzinfo) -> Iterator[str]:
    """A line for each revision, the newest first."""
    for one in reversed(revisions):
        saved = datetime.fromtimestamp(one.saved_at, UTC).astimezone(time_zone)
        said = one.comment or "-"
        if one.restores is not None:
            said = f"rollback to {one.restores}" + (f": {one.comment}" if one.comment else "")
        yield (
            f"{one.number:>5}  {saved.isoformat(sep=' ', timespec='seconds')}  "
            f"{one.author or '-':<16} {said}"
        )


def history_data(revisions: Sequence[Revision]) -> list[dict[str, Any]]:
    """The same as plain data."""
    return [
        {
            "revision": one.number,
            "saved_at": datetime.fromtimestamp(one.saved_at, UTC).isoformat(),
            "author": one.author or None,
            "comment": one.comment or None,
            "restores": one.restores,
        }
        for one in reversed(revisions)
    ]
