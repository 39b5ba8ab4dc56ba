"""What an edit does, as plain data for programs and pages."""

from typing import Any

from controller.service.editing.weighing import Edit, Forecasts
from schedules import Language
from schedules.difference import Difference
from schedules.emission_factors import EmissionFactor
from schedules.forecast import Use, total


def edit_data(edit: Edit, language: Language) -> dict[str, Any]:
    """All of it; what was not reckoned or proved is null."""
    return {
        "difference": change_data(edit.change),
        "proof": None if edit.proof is None else edit.proof.as_dict(language),
        "cost": None if edit.forecasts is None else _cost(edit.forecasts),
        "use": None if edit.forecasts is None else use_data(edit.forecasts),
    }


def _cost(forecasts: Forecasts) -> dict[str, Any]:
    """The whole city, over the nights that were reckoned."""
    before, after = total(forecasts.before.values()), total(forecasts.after.values())
    factor = forecasts.factor
    return {
        "nights": forecasts.nights,
        "money_delta": money_data(forecasts),
        "unpriced_kwh_delta": round(forecasts.unpriced_kwh_delta, 3),
        "energy_kwh_before": round(before.energy_kwh, 3),
        "energy_kwh_after": round(after.energy_kwh, 3),
        "energy_kwh_delta": round(after.energy_kwh - before.energy_kwh, 3),
        "co2_kg_delta": None
        if factor is None
        else round(factor.mass_kg(after.energy_j - before.energy_j), 3),
        "burning_hours_delta": round(after.burning_hours - before.burning_hours, 3),
    }


def money_data(forecasts: Forecasts) -> list[dict[str, Any]] | None:
    """What the change costs, by currency; None where no tariff is known."""
    if forecasts.money_delta is None:
        return None
    return [
        {"currency": currency, "amount": round(amount, 2) + 0.0}
        for currency, amount in forecasts.money_delta.items()
    ]


def change_data(change: Difference) -> dict[str, Any]:
    """What changes, as plain data."""
    return {
        "documents": [
            {
                "part": one.part,
                "id": one.id,
                "what": one.what.value,
                "fields": [field._asdict() for field in one.fields],
            }
            for one in change.documents
        ],
        "zones": list(change.zones),
        "luminaires": change.luminaires,
    }


def use_data(forecasts: Forecasts) -> dict[str, Any]:
    """The forecasts as plain data."""
    factor = forecasts.factor
    districts = sorted(forecasts.before.keys() | forecasts.after.keys())
    sums = total(forecasts.before.values()), total(forecasts.after.values())
    return {
        "first_day": forecasts.first.isoformat(),
        "nights": forecasts.nights,
        "money_delta": money_data(forecasts),
        "unpriced_kwh_delta": round(forecasts.unpriced_kwh_delta, 3),
        "emission_factor": None
        if factor is None
        else {
            "g_per_kwh": factor.g_per_kwh,
            "gas": factor.gas,
            "region": factor.region or None,
            "year": factor.year or None,
            "source": factor.source,
        },
        "districts": {
            district: {
                side: _use_data(use, factor)
                for side, use in zip(("before", "after"), forecasts.of(district), strict=True)
            }
            for district in districts
        },
        "total": {
            side: _use_data(use, factor)
            for side, use in zip(("before", "after"), sums, strict=True)
        },
    }


def _use_data(use: Use, factor: EmissionFactor | None) -> dict[str, float | None]:
    return {
        "luminaires": use.luminaires,
        "energy_kwh": round(use.energy_kwh, 3),
        "burning_hours": round(use.burning_hours, 3),
        "mean_level": round(use.mean_level, 3),
        "co2_kg": None if factor is None else round(factor.mass_kg(use.energy_j), 3),
    }
