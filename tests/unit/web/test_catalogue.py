"""The metric catalogue: units, labels, all series from the start, and what adds up."""

import re
from datetime import UTC, datetime, timedelta
from math import isfinite
from pathlib import Path

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from controller.engine.account import ZoneTotals
from controller.service.energy import LastNight
from controller.service.outlook import Outlook
from controller.web.families.energy import MEASURES
from schedules import Override
from schedules.overrides import OverrideKind, Selector
from tests.fakes.scraped import a_control, ask, series
from tests.fakes.small_city import small_site

UNITS = ("seconds", "joules", "ratio", "grams_per_joule", "per_joule", "watts", "bytes", "degrees")
COUNTED = (
    "alarms", "commands", "messages", "readings", "connects", "retries", "steps", "luminaires",
    "overrides", "controllers", "sensors", "tasks", "transactions", "failures",
    "requests", "problems", "denials", "logins", "lockouts", "sessions", "streams", "lines",
    "certificates",
)  # fmt: skip
STATES_AND_NUMBERS = {
    "streetlight_component_up", "streetlight_mqtt_connected", "streetlight_clock_trusted",
    "streetlight_controller_active", "streetlight_controller_epoch",
    "streetlight_schedule_version", "streetlight_command_queue_length",
    "streetlight_target_warning_level", "streetlight_audit_chain_valid",
}  # fmt: skip
FOREIGN = re.compile(
    r"_(kwh|wh|kilo\w*|hours?|minutes?|days?|percent|ms|milli\w*|kg|tons?|celsius)(_|$)"
)
FIXED = {
    "zone", "district", "state", "mismatch", "source", "measure", "edge", "kind", "outcome",
    "result", "direction", "topic_class", "reason", "trust", "severity", "type", "component",
    "version", "python", "endpoint", "baseline", "method", "currency", "period", "level", "le",
    "route", "code_class", "problem", "right", "way", "of", "what", "role",
}  # fmt: skip


async def test_every_name_ends_in_a_base_unit_or_says_what_it_counts(tmp_path: Path) -> None:
    with a_control(tmp_path) as control:
        page = (await ask(control, "/metrics")).text
    families = list(text_string_to_metric_families(page))
    assert len(families) == len({family.name for family in families})
    assert len(families) == page.count("# TYPE ") == page.count("# HELP ")
    for family in families:
        name = family.name + ("_total" if family.type == "counter" else "")
        assert name.startswith("streetlight_")
        assert not FOREIGN.search(name), name
        assert family.documentation.endswith("."), name
        assert name.endswith("_total") == (family.type == "counter"), name
        bare = name.removesuffix("_total")
        has_unit = bare.endswith((*UNITS, "_info"))
        counts = any(word in bare.split("_") for word in COUNTED)
        assert has_unit or counts or name in STATES_AND_NUMBERS, name
        assert family.type != "histogram" or name.endswith("_seconds")


async def test_labels_are_zone_district_and_fixed_sets(tmp_path: Path) -> None:
    with a_control(tmp_path) as control:
        page = (await ask(control, "/metrics")).text
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            assert set(sample.labels) <= FIXED, sample
            if family.type == "histogram":
                assert "zone" not in sample.labels


async def test_every_zone_has_all_its_series_before_anything_was_heard(tmp_path: Path) -> None:
    with a_control(tmp_path) as control:
        page = (await ask(control, "/metrics")).text
        shapes = [
            {
                (sample.name, *sorted((k, v) for k, v in sample.labels.items() if k != "zone"))
                for family in text_string_to_metric_families(page)
                for sample in family.samples
                if sample.labels.get("zone") == zone
            }
            for zone in ("a", "b")
        ]
    assert shapes[0] == shapes[1]
    assert len(shapes[0]) >= 30
    assert all(isfinite(value) for value in series(page).values())


async def test_measures_add_up_to_baseline_minus_used(tmp_path: Path) -> None:
    figures = np.array([[9.0, 8, 7.5, 5, 4, 4.5, 5], [90, 70, 70, 65, 64, 60, 61]]).T * 1e6
    used = np.array([2e6, 30e6]), np.array([3.25e6, 32e6])
    with a_control(tmp_path) as control:
        control.energy.stored = ZoneTotals(figures, *used, *used)
        found = series((await ask(control, "/metrics")).text)
    for zone, baseline, spent in (("a", 9e6, 5.25e6), ("b", 90e6, 62e6)):
        labels = f'{{district="d",zone="{zone}"'
        saved = [
            found[f'streetlight_energy_saved_joules{labels},measure="{measure}"}}']
            for measure in MEASURES
        ]
        assert sum(saved) == pytest.approx(baseline - spent)
        assert min(saved) < 0, "what costs energy says so"
        assert found[f"streetlight_baseline_energy_joules_total{labels}}}"] == baseline
    assert found['streetlight_energy_joules_total{district="d",zone="b",source="modelled"}'] == 32e6


async def test_the_last_night_is_shown_once_there_is_one(tmp_path: Path) -> None:
    night = LastNight(
        "2026-11-21",
        1_795_320_000,
        np.array([10.0, 20]),
        np.array([4.0, 25]),
        np.array([1.0, 25]),
    )
    with a_control(tmp_path) as control:
        before = series((await ask(control, "/metrics")).text)
        control.energy.last_night = night
        after = series((await ask(control, "/metrics")).text)
    assert before["streetlight_last_night_end_timestamp_seconds"] == 0
    assert after["streetlight_last_night_end_timestamp_seconds"] == 1_795_320_000
    b = '{district="d",zone="b"}'
    assert after[f"streetlight_last_night_energy_saved_joules{b}"] == -5
    assert after[f"streetlight_energy_metered_ratio{b}"] == 1
    assert after['streetlight_energy_metered_ratio{district="d",zone="a"}'] == 0.25


async def test_documents_that_hold_now_are_shown(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    override = Override(
        id="o",
        selector=Selector(city=True),
        level=70,
        kind=OverrideKind.EVENT,
        start_at=now - timedelta(hours=1),
        end_at=now + timedelta(hours=1),
        reason="parade",
        author="me",
    )
    over = override.model_copy(update={"id": "p", "end_at": now - timedelta(minutes=1)})
    with a_control(tmp_path, small_site(override, over)) as control:
        found = series((await ask(control, "/metrics")).text)
    assert found['streetlight_overrides_active{kind="event"}'] == 1
    assert found['streetlight_overrides_active{kind="emergency"}'] == 0
    oldest = found["streetlight_override_oldest_start_timestamp_seconds"]
    assert oldest == pytest.approx(override.start_at.timestamp())
    assert found['streetlight_baseline_info{baseline="undeclared",method="undated"}'] == 1
    assert found["streetlight_emission_factor_grams_per_joule"] == pytest.approx(530.6 / 3.6e6)
    price = 'streetlight_energy_price_per_joule{district="d",zone="a",currency="CNY"}'
    assert found[price] == pytest.approx(0.7 / 3.6e6)


async def test_one_warning_level_of_a_target_is_on(tmp_path: Path) -> None:
    with a_control(tmp_path) as control:
        control.outlooks = (Outlook("d", "year", 1.2, "red"),)
        found = series((await ask(control, "/metrics")).text)
    assert found['streetlight_target_forecast_ratio{district="d",period="year"}'] == 1.2
    levels = {
        level: found[
            f'streetlight_target_warning_level{{district="d",level="{level}",period="year"}}'
        ]
        for level in ("green", "yellow", "red")
    }
    assert levels == {"green": 0, "yellow": 0, "red": 1}
