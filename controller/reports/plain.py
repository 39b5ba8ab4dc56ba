"""A report as plain data, as JSON and as CSV: the same in every language.

The fields are a promise: new ones may come, these stay.
"""

import csv
import io
import json
from typing import Any, Final

from controller.reports.cells import safe_text
from controller.reports.content import Compared, DayState, GroupRow, Report, ZoneRow, kwh
from schedules.energy.density import Density, Lacking
from schedules.energy.figures import Money
from schedules.energy.ladder import Ladder
from schedules.energy.outlook import Standing
from schedules.energy.periods import Period

FORMAT: Final = 1
"""Version of the JSON document."""

_KWH_DIGITS: Final = 8
"""Of energies in kWh: finer than a joule, so that sums over many rows agree to the joule."""


CSV_FIELDS: Final = (
    "level", "id", "name", "period", "luminaires", "connected_kw", "used_kwh", "metered_kwh",
    "modelled_kwh", "baseline_kwh", "saved_kwh", "saved_ratio", "retrofit_kwh", "window_kwh",
    "dimming_kwh", "constant_light_kwh", "rules_kwh", "overrides_kwh", "deviation_kwh",
    "metered_ratio", "currency", "cost", "baseline_cost", "emission_kg", "lit_ratio",
    "burning_hours_per_night", "area_m2", "power_density_w_per_lx_m2", "lpd_w_per_m2",
    "lpd_limit_w_per_m2", "annual_kwh_per_m2", "unpriced_kwh", "is_cost_partial",
    "day_burning_kwh", "day_burning_luminaire_hours", "status",
)  # fmt: skip


def report_json(report: Report) -> bytes:
    """The report as a JSON document, UTF-8."""
    return (json.dumps(report_data(report), ensure_ascii=False, indent=2) + "\n").encode()


def report_csv(report: Report) -> bytes:
    """A row for the scope, its districts, categories and zones; UTF-8 with a mark for Excel."""
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(CSV_FIELDS)
    level = "city" if report.district is None else "district"
    table.writerow(_cells(report, level, report.whole, report.density))
    for district in report.districts:
        table.writerow(_cells(report, "district", district, None))
    for _, category in report.categories:
        table.writerow(_cells(report, "category", category, None))
    for zone in report.zones:
        table.writerow(_cells(report, "zone", zone.group, zone.density))
    return out.getvalue().encode("utf-8-sig")


def _cells(report: Report, level: str, group: GroupRow, density: Density | None) -> list[str]:
    ladder = group.ladder
    money = sorted(group.money.items())
    figures: list[object] = [
        group.luminaires, group.connected_w / 1000, kwh(ladder.used_j), kwh(ladder.metered_j),
        kwh(ladder.modelled_j), kwh(ladder.baseline_j), kwh(ladder.saved_j), ladder.saved_ratio,
        *(kwh(step) for _, step in ladder.steps()), ladder.metered_ratio,
        " ".join(currency for currency, _ in money),
        " ".join(f"{cost:.2f}" for _, (cost, _) in money),
        " ".join(f"{before:.2f}" for _, (_, before) in money),
        group.emission_kg, group.lit_ratio, group.night_hours,
    ]  # fmt: skip
    if density is not None:
        figures += [
            density.area_m2, density.power_density, density.lighting_power_density,
            density.limit_w_per_m2, density.annual_kwh_per_m2,
        ]  # fmt: skip
    else:
        figures += [None] * 5
    figures += [
        kwh(group.unpriced_j[0]), "yes" if group.is_cost_partial else "no",
        None if group.daylight_j is None else kwh(group.daylight_j), group.daylight_hours,
        _status(report),
    ]  # fmt: skip
    texts = (level, safe_text(group.id), safe_text(group.name), report.period.text)
    return [*texts, *map(_cell, figures)]


def _status(report: Report) -> str:
    return "provisional" if report.is_provisional else "final"


def _cell(value: object) -> str:
    match value:
        case None | Lacking():
            return ""
        case float():
            # One precision for all: sums agree to the joule; never as 1e-05. No minus zero.
            text = f"{round(value, _KWH_DIGITS) + 0.0:.{_KWH_DIGITS}f}"
            return text.rstrip("0").rstrip(".")
        case _:
            return str(value)


def report_data(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    city = report.site.inventory.city
    whole = _group(report.whole)
    return {
        "format": FORMAT,
        "kind": "lamplighter.energy_report",
        "city": {
            "id": city.id,
            "name": city.name,
            "name_en": city.name_en,
            "synthetic": city.synthetic,
        },
        "district": None
        if report.district is None
        else {
            "id": report.district.id,
            "name": report.district.name,
            "name_en": report.district.name_en,
        },
        "period": _period(report.period),
        "since": report.since.isoformat(),
        "until": report.until.isoformat(),
        "generated_at": report.generated_at.isoformat(timespec="seconds"),
        "status": _status(report),
        "nights_ahead": report.nights_ahead,
        "revision": report.revision,
        "figures": {
            **whole,
            "luminaire_hours": (
                None if report.whole.night_hours is None else _rounded(report.burning.hours())
            ),
            "used_uncertainty_kwh": _rounded(kwh(report.uncertainty.used_j)),
            "saved_uncertainty_kwh": _rounded(kwh(report.uncertainty.saved_j)),
            "baseline_uncertainty_ratio": _rounded(report.baseline_uncertainty, 6),
            "density": {**_density(report.density), "zones": report.dense_zones},
        },
        "money": [_money(one) for one in report.money],
        "compared": [_compared(one) for one in report.compared],
        "targets": [
            {"period": _period(period), **_standing(one)} for period, one in report.standings
        ],
        "days": [
            {
                "day": one.day.isoformat(),
                "state": one.state.value,
                "coverage": _rounded(one.coverage, 4),
                **_ladder(one.ladder),
            }
            for one in report.days
        ],
        "districts": [_group(one) for one in report.districts],
        "categories": [_group(one) for _, one in report.categories],
        "zones": [_zone(one) for one in report.zones],
        "quality": _quality(report),
        "sources": _sources(report),
    }


def _period(period: Period) -> dict[str, Any]:
    return {
        "kind": period.kind.value,
        "text": period.text,
        "first_day": period.first_day.isoformat(),
        "last_day": period.last_day.isoformat(),
    }


def _ladder(ladder: Ladder) -> dict[str, Any]:
    return {
        "used_kwh": _rounded(kwh(ladder.used_j), _KWH_DIGITS),
        "metered_kwh": _rounded(kwh(ladder.metered_j), _KWH_DIGITS),
        "modelled_kwh": _rounded(kwh(ladder.modelled_j), _KWH_DIGITS),
        "baseline_kwh": _rounded(kwh(ladder.baseline_j), _KWH_DIGITS),
        "saved_kwh": _rounded(kwh(ladder.saved_j), _KWH_DIGITS),
        "saved_ratio": _rounded(ladder.saved_ratio, 6),
        "metered_ratio": _rounded(ladder.metered_ratio, 6),
        "ladder_kwh": {
            rung.value: _rounded(kwh(step), _KWH_DIGITS) for rung, step in ladder.steps()
        },
    }


def _group(group: GroupRow) -> dict[str, Any]:
    return {
        "id": group.id,
        "name": group.name,
        "name_en": group.name_en,
        "luminaires": group.luminaires,
        "connected_w": _rounded(group.connected_w),
        **_ladder(group.ladder),
        "cost": {
            currency: {"used": _rounded(cost, 4), "baseline": _rounded(before, 4)}
            for currency, (cost, before) in sorted(group.money.items())
        },
        "unpriced_kwh": _rounded(kwh(group.unpriced_j[0]), _KWH_DIGITS),
        "is_cost_partial": group.is_cost_partial,
        "day_burning_kwh": (
            None if group.daylight_j is None else _rounded(kwh(group.daylight_j), _KWH_DIGITS)
        ),
        "day_burning_luminaire_hours": _rounded(group.daylight_hours),
        "emission_kg": _rounded(group.emission_kg),
        "baseline_emission_kg": _rounded(group.baseline_emission_kg),
        "lit_ratio": _rounded(group.lit_ratio, 6),
        "burning_hours_per_night": _rounded(group.night_hours, 4),
    }


def _zone(row: ZoneRow) -> dict[str, Any]:
    return {
        **_group(row.group),
        "district": row.zone.district,
        "category": row.zone.category.value,
        "lighting_class": row.zone.lighting_class,
        "density": _density(row.density),
    }


def _density(density: Density) -> dict[str, Any]:
    def known(value: float | Lacking | None) -> Any:
        if isinstance(value, Lacking):
            return {"lacks": list(value.fields)}
        return _rounded(value, 6)

    return {
        "area_m2": known(density.area_m2),
        "power_density_w_per_lx_m2": known(density.power_density),
        "lpd_w_per_m2": known(density.lighting_power_density),
        "lpd_limit_w_per_m2": known(density.limit_w_per_m2),
        "is_within_limit": density.is_within_limit,
        "annual_kwh_per_m2": known(density.annual_kwh_per_m2),
    }


def _money(money: Money) -> dict[str, Any]:
    return {
        "currency": money.currency,
        "cost": _rounded(money.cost, 4),
        "baseline_cost": _rounded(money.baseline_cost, 4),
        "saved": _rounded(money.saved, 4),
        "bands": [
            {
                "tariff": tariff,
                "band": band,
                "price_per_kwh": use.price_per_kwh,
                "used_kwh": _rounded(kwh(use.energy_j), _KWH_DIGITS),
                "cost": _rounded(use.cost, 4),
            }
            for (tariff, band), use in money.bands.items()
        ],
    }


def _compared(one: Compared) -> dict[str, Any]:
    return {
        "period": _period(one.period),
        "complete_days": one.complete_days,
        "days": one.period.days,
        **_ladder(one.ladder),
        "money": [_money(money) for money in one.money],
        "unpriced_kwh": _rounded(kwh(one.unpriced_j[0]), _KWH_DIGITS),
        "is_cost_partial": bool(one.money) and any(one.unpriced_j),
        "emission_kg": _rounded(one.emission_kg),
    }


def _standing(one: Standing) -> dict[str, Any]:
    return {
        "id": one.target.id,
        "energy_kwh": one.target.energy_kwh,
        "saved_ratio": one.target.saved_ratio,
        "level": one.level.value,
        "is_assessable": one.is_assessable,
        "used_kwh": _rounded(one.used_kwh),
        "planned_kwh": _rounded(one.planned_kwh),
        "unaccounted_kwh": _rounded(one.unaccounted_kwh),
        "forecast_kwh": _rounded(one.forecast_kwh),
        "baseline_kwh": _rounded(one.baseline_kwh),
        "allowed_kwh": _rounded(one.allowed_kwh),
        "shortfall_kwh": _rounded(one.shortfall_kwh),
        "accounted_days": one.accounted_days,
        "planned_days": one.planned_days,
        "unaccounted_days": one.unaccounted_days,
    }


def _quality(report: Report) -> dict[str, Any]:
    quality = report.quality
    days = {
        state.value: [day.isoformat() for day in quality.days.get(state, ())] for state in DayState
    }
    return {
        "days": days,
        "quarantined_readings": dict(quality.quarantined),
        "rolled_up_rows": quality.rolled_up,
        "zones_in_excess": [
            {"zone": one.zone, "days": one.days, "coverage": _rounded(one.coverage, 4)}
            for one in quality.excess
        ],
        "alarms": None
        if quality.alarms is None
        else [
            {
                "type": one.type,
                "severity": one.severity,
                "raised": one.raised,
                "open": one.still_open,
            }
            for one in quality.alarms
        ],
    }


def _sources(report: Report) -> dict[str, Any]:
    sources = report.sources
    return {
        "baselines": [
            {
                **one.model_dump(mode="json"),
                "zones_counted": zones,
                "baseline_kwh": _rounded(kwh(energy_j), _KWH_DIGITS),
            }
            for one, zones, energy_j in sources.baselines
            if one is not None
        ],
        "zones_without_declared_baseline": sources.undeclared_zones,
        "tariffs": [
            {
                **one.model_dump(mode="json"),
                "is_default": one.id in sources.default_tariffs,
            }
            for one in sources.tariffs
        ],
        "zones_without_tariff": sources.zones_without_tariff,
        "unpriced": [
            {"first": one.first.isoformat(), "last": one.last.isoformat(), "zones": [*one.zones]}
            for one in sources.unpriced
        ],
        "emission_factors": [
            {
                **one.model_dump(mode="json"),
                "is_default": one.id in sources.default_factors,
            }
            for one in sources.factors
        ],
        "metering": report.site.plan.metering.model_dump(mode="json"),
        "annual_is_accounted": sources.annual_is_accounted,
    }


def _rounded(value: float | None, digits: int = 3) -> float | None:
    if value is None:
        return None
    # Minus zero is no figure.
    return round(value, digits) + 0.0
