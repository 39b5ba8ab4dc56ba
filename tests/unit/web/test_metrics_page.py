"""docs/metrics.md names what there is: every family, rule and alert."""

from pathlib import Path

import yaml
from prometheus_client.parser import text_string_to_metric_families

from controller.service.outlook import Outlook
from controller.web.access import OPEN
from controller.web.page import Beside
from controller.web.snapshot import HandedOut
from tests.fakes.scraped import a_control, ask

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")


def table(heading: str) -> list[list[str]]:
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip(" `") for cell in line.strip("|").split(" | ")] for line in lines[2:]]


async def test_every_family_is_on_the_page_as_it_is(tmp_path: Path) -> None:
    with a_control(tmp_path) as control:
        control.outlooks = (Outlook(None, "year", 1.0, "green"),)
        handed_out = HandedOut({("gateway", "valid"): 1}, {"gateway": 1.0})
        beside = Beside(lambda: {"console": 1.0}, lambda: handed_out)
        page = (await ask(control, "/metrics", OPEN, {}, beside)).text
    found = []
    for family in text_string_to_metric_families(page):
        labels = {name for one in family.samples for name in one.labels}
        shown = ", ".join(sorted(labels - {"le"})) or "–"
        name = family.name + ("_total" if family.type == "counter" else "")
        found.append((name, family.type, shown, family.documentation))
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
