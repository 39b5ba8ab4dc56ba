"""SECURITY.md names counters and tests that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
TABLE = (ROOT / "SECURITY.md").read_text(encoding="utf-8").split("## Attacks, one by one")[1]
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in TABLE.split("\n## ")[0].splitlines()
    if line.startswith("| ")
][1:]


def test_every_attack_names_what_there_is() -> None:
    metrics = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert len(ROWS) >= 25
    for attack, refused_by, counted_by, tested_in in ROWS:
        assert refused_by, attack
        for name in re.findall(r"`([a-z]+_[a-z_]+)", counted_by):
            assert f"`streetlight_{name}`" in metrics, (attack, name)
        files = re.findall(r"`([^`]+\.py)`", tested_in)
        assert files, attack
        for file in files:
            assert (ROOT / "tests" / file).is_file(), (attack, file)
