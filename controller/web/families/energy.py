"""Metric families of the energy account, and of the documents that it is counted by.

Two counters that never fall are the truth; what was saved may fall and is a gauge.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
from prometheus_client.core import Metric

from controller.web.exposition import Family, Sample, labelled
from controller.web.families.by_zone import by_zone, by_zone_and, zone_labels
from controller.web.instruments import counters, gauge, gauges, keyed
from controller.web.snapshot import Snapshot
from schedules import control_day
from schedules.energy.figures import J_PER_KWH
from schedules.energy.in_force import emission_factor_for, tariff_for
from schedules.energy.previous import declared_baseline
from schedules.energy.tariffs import prices_at

MEASURES = (
    "led_retrofit",
    "window",
    "dimming",
    "constant_light",
    "dynamic_rules",
    "overrides",
    "deviation",
)
"""The rungs of the ladder, from baseline to used."""

LEVELS = ("green", "yellow", "red")


def energy_families(shot: Snapshot) -> Iterator[Metric | Family]:
    """Energy used, saved and paid for."""
    totals = shot.totals
    yield by_zone_and(
        shot,
        "streetlight_energy_joules_total",
        "Electrical energy used since commissioning, by source. Persisted over restarts.",
        "source",
        {"metered": totals.metered_counter_j, "modelled": totals.modelled_counter_j},
        kind="counter",
    )
    yield by_zone(
        shot,
        "streetlight_baseline_energy_joules_total",
        "Energy the declared baseline would have used since commissioning. Persisted.",
        totals.baseline_j,
        kind="counter",
    )
    yield by_zone_and(
        shot,
        "streetlight_energy_saved_joules",
        "Net energy saved since commissioning, by measure; the measures of a zone add up to "
        "baseline minus used. Signed, may fall.",
        "measure",
        zip(MEASURES, totals.rungs_j, strict=True),
    )
    yield from _last_night(shot)
    yield counters(
        "streetlight_meter_readings_quarantined_total",
        "Meter readings that were not believed, by reason.",
        ("reason",),
        keyed(shot.quarantined),
    )
    yield from _documents(shot)
    yield from _targets(shot)


def _last_night(shot: Snapshot) -> Iterator[Metric | Family]:
    night, nothing = shot.last_night, np.zeros(len(shot.zones))
    yield by_zone(
        shot,
        "streetlight_last_night_energy_joules",
        "Energy used in the last control day that is over, noon to noon; 0 before the first.",
        nothing if night is None else night.used_j,
    )
    yield by_zone(
        shot,
        "streetlight_last_night_baseline_energy_joules",
        "Energy of the baseline in the last control day that is over; 0 before the first.",
        nothing if night is None else night.baseline_j,
    )
    yield by_zone(
        shot,
        "streetlight_last_night_energy_saved_joules",
        "Net energy saved in the last control day that is over. Signed; 0 before the first.",
        nothing if night is None else night.saved_j,
    )
    yield by_zone(
        shot,
        "streetlight_energy_metered_ratio",
        "Share of the last control day's energy that meters counted; 0 where none was used.",
        nothing if night is None else night.metered_ratio,
    )
    yield gauge(
        "streetlight_last_night_end_timestamp_seconds",
        "Unix time, on the site's clock, at which the last control day ended; 0 before the first.",
        0 if night is None else night.end_at,
    )


def _documents(shot: Snapshot) -> Iterator[Metric | Family]:
    """What is declared, as it holds now."""
    site, now = shot.site, datetime.fromtimestamp(shot.at, UTC)
    day, today = control_day(now, site.time_zone), now.astimezone(site.time_zone).date()
    zones = site.inventory.zones
    baselines = {
        ("undeclared", "undated") if found is None else (found.id, found.hours.kind)
        for zone in zones
        for found in (declared_baseline(site, zone, day),)
    }
    yield gauges(
        "streetlight_baseline_info",
        "Baselines in force, by document and method; value is always 1.",
        ("baseline", "method"),
        dict.fromkeys(sorted(baselines), 1),
    )
    factor = emission_factor_for(site, day)
    yield gauges(
        "streetlight_emission_factor_grams_per_joule",
        "Emission factor of the grid in force; absent where none is known.",
        (),
        {} if factor is None else {(): factor.g_per_kwh / J_PER_KWH},
    )
    price_of: dict[str, float] = {}
    samples = []
    for labels, zone in zip(zone_labels(shot), zones, strict=True):
        tariff = tariff_for(site, zone, today)
        if tariff is None:
            continue
        if tariff.id not in price_of:
            price_of[tariff.id] = prices_at(tariff, [int(shot.at)], site.time_zone)[0].price_per_kwh
        currency = labelled(currency=tariff.currency)
        samples.append(Sample(f"{labels},{currency}", price_of[tariff.id] / J_PER_KWH))
    yield Family(
        "streetlight_energy_price_per_joule",
        "gauge",
        "Price of energy in force now, in units of the currency; absent where none is known.",
        samples,
    )


def _targets(shot: Snapshot) -> Iterator[Metric]:
    """The targets of the running quarter and year. The city has the district ``all``."""
    of = {(one.district or "all", one.period): one for one in shot.outlooks}
    yield gauges(
        "streetlight_target_forecast_ratio",
        "Forecast use at the end of the period as a share of what the target allows.",
        ("district", "period"),
        {key: one.forecast_ratio for key, one in of.items()},
    )
    yield gauges(
        "streetlight_target_warning_level",
        "1 for the warning level of the target, 0 for the others.",
        ("district", "period", "level"),
        {(*key, level): float(level == one.level) for key, one in of.items() for level in LEVELS},
    )
