"""The report's format by name and by the file's ending, which must not say different things."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from controller.cli.report import report


def asked(tmp_path: Path, *arguments: str) -> Result:
    data = ("--data", str(tmp_path / "no-store"))
    return CliRunner().invoke(report, ["--month", "2026-11", *arguments, *data])


@pytest.mark.parametrize("name", ["x.docx", "x.xls", "x.PDFX"])
def test_an_ending_of_no_report_is_refused(tmp_path: Path, name: str) -> None:
    result = asked(tmp_path, "-o", str(tmp_path / name))
    assert result.exit_code == 2
    assert name in result.output
    assert "no report ends in" in result.output
    assert ".xlsx" in result.output
    assert not (tmp_path / name).exists()


def test_an_ending_that_says_another_format_is_refused(tmp_path: Path) -> None:
    result = asked(tmp_path, "--format", "pdf", "-o", str(tmp_path / "y.xlsx"))
    assert result.exit_code == 2
    assert "is to hold pdf: its ending says other" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("-o", "y.PDF"),
        ("-o", "y.txt"),
        ("-o", "y"),
        ("-o", "-"),
        ("--format", "pdf", "-o", "y.pdf"),
        ("--format", "json", "-o", "y.txt"),
        ("--format", "pdf", "-o", "-"),
    ],
)
def test_endings_that_agree_go_on_to_the_store(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    result = asked(tmp_path, *arguments)
    assert result.exit_code != 2
    assert "ends in" not in result.output
