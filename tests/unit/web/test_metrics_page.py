"""docs/metrics.md names what there is: every family, rule and alert."""

import re
from pathlib import Path

import yaml

from controller.service.outlook import Outlook
from controller.web.metrics import catalogue
from controller.web.snapshot import take_snapshot
from tests.fakes.scraped import a_control

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")


def table(heading: str) -> list[list[str]]:
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip(" `") for cell in line.strip("|").split(" | ")] for line in lines[2:]]


async def test_every_family_is_on_the_page_as_it_is(tmp_path: Path) -> None:
    with a_control(tmp_path) as control:
        control.outlooks = (Outlook(None, "year", 1.0, "green"),)
        found = []
        for family in catalogue(take_snapshot(control, 1_800_000_000.0)):
            labels = {name for one in family.samples for name in re.findall(r'(\w+)="', one.labels)}
            shown = ", ".join(sorted(labels - {"le"})) or "–"
            found.append((family.name, family.kind, shown, family.text))
    assert [
        (name, kind, labels, text) for name, kind, _, labels, text in table("Families")
    ] == found


def test_every_rule_is_on_the_page() -> None:
    rules = yaml.safe_load((ROOT / "deploy/prometheus/recording_rules.yml").read_text())
    names = [rule["record"] for group in rules["groups"] for rule in group["rules"]]
    assert [row[0] for row in table("Recording rules")] == names


def test_every_alert_is_on_the_page_with_what_to_do() -> None:
    (group,) = yaml.safe_load((ROOT / "deploy/prometheus/alert_rules.yml").read_text())["groups"]
    told = [
        [rule["alert"], rule["labels"]["severity"], rule["annotations"]["action"]]
        for rule in group["rules"]
    ]
    assert [[row[0], row[1], row[4]] for row in table("Alerts")] == told
