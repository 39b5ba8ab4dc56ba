"""The rules and routes that come with the service, judged by the tools of those who read them."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.brokers import system_tool

DEPLOY = Path(__file__).parents[2] / "deploy"
ROUTES = DEPLOY / "alertmanager" / "alertmanager.yml"


def run(tool: str, package: str, *arguments: str) -> str:
    done = subprocess.run(
        [system_tool(tool, package), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=DEPLOY / "prometheus",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def alerts() -> dict[str, dict[str, Any]]:
    text = (DEPLOY / "prometheus" / "alert_rules.yml").read_text()
    (group,) = yaml.safe_load(text)["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def test_the_configuration_and_its_rules_are_sound() -> None:
    run("promtool", "prometheus", "check", "config", "prometheus.yml")


def test_alerts_fire_for_what_they_are_for_and_are_quiet_beside_it() -> None:
    run("promtool", "prometheus", "test", "rules", "alert_tests.yml")


def test_every_alert_has_both_tests_and_says_what_to_do() -> None:
    tests = yaml.safe_load((DEPLOY / "prometheus" / "alert_tests.yml").read_text())["tests"]
    names = {test["name"]: test for test in tests}
    for name, rule in alerts().items():
        (fires,) = names[f"{name} fires"]["promql_expr_test"]
        (quiet,) = names[f"{name} is quiet"]["promql_expr_test"]
        assert f'"{name}"' in fires["expr"]
        assert fires["expr"] == quiet["expr"]
        assert fires["exp_samples"]
        assert not quiet["exp_samples"]
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert {"summary", "action"} <= set(rule["annotations"])


def test_the_city_is_judged_dark_without_the_schedule() -> None:
    asked = alerts()["CityDark"]["expr"]
    for planned in ("commanded", "target_level", "mismatched", "schedule", "transition"):
        assert planned not in asked


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (("alertname=CityDark", "severity=critical"), "duty"),
        (("alertname=TargetMissed", "severity=critical"), "energy"),
        (("alertname=DayBurning", "severity=warning"), "workshop"),
    ],
)
def test_alerts_reach_who_should_hear(labels: tuple[str, str], receiver: str) -> None:
    run("amtool", "prometheus-alertmanager", "check-config", str(ROUTES))
    told = run(
        "amtool", "prometheus-alertmanager",
        "config", "routes", "test", f"--config.file={ROUTES}", *labels,
    )  # fmt: skip
    assert told.split() == [receiver]
