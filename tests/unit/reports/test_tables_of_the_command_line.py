"""Tables that people open in a spreadsheet: no name in them is reckoned with."""

import csv
import io

import pytest

from controller.cli.inventory_report import rejects_csv
from controller.cli.values import cell, echo_csv
from zones.inventory import Finding

FORMULAS = ("=cmd|' /c calc'!A1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "＝1")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_text_in_every_table(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    echo_csv(("note", "level"), [{"note": text, "level": "-1.5"}])
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row == {"note": f"'{text}", "level": "-1.5"}
    found = rejects_csv((Finding(2, text, text, text),)).decode("utf-8-sig")
    _, (line, *cells) = csv.reader(io.StringIO(found))
    assert (line, cells) == ("2", [f"'{text}"] * 3)


@pytest.mark.parametrize("value", ["-1", "+2.5", "1e-3", "", "-", "路", 7, None])
def test_what_is_no_formula_stays(value: object) -> None:
    assert cell(value) == value
