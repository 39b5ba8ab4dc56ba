"""`lamplighter prove`: text and JSON, exit codes, zones and years."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from controller.cli.prove import prove
from schedules import Site
from schedules.errors import UnknownTarget
from tests.fakes.one_zone import program
from tests.fakes.proofs import city

GOOD = city(program("sunset", "sunrise"), zones=3)
BAD = city(program("sunset", "05:00"), zones=3)


@pytest.fixture
def site_file(tmp_path: Path) -> Path:
    """Where a site document is written."""
    return tmp_path / "site.json"


def run(site: Site, file: Path, *options: str) -> Result:
    """The command on a site file, from New Year 2026 on."""
    file.write_text(site.model_dump_json())
    return CliRunner().invoke(prove, ["--site", str(file), "--from", "2026-01-01", *options])


def test_a_proved_site_is_one_line_and_exit_code_0(site_file: Path) -> None:
    result = run(GOOD, site_file)
    assert result.exit_code == 0
    (line,) = result.output.splitlines()
    assert line.startswith(
        "proved: 3 zones x 368 nights (2026-01-01 ... 2026-12-31, Asia/Shanghai)"
    )
    assert line.endswith("h from sunset to sunrise")


def test_a_failure_is_exit_code_1_with_its_counter_example(site_file: Path) -> None:
    result = run(BAD, site_file, "--zone", "z2", "--zone", "z")
    assert result.exit_code == 1
    assert "FAILED" in result.output
    assert "dark while the sun is down: 2026-01-01" in result.output
    # Off at 05:00, two hours before the winter sun.
    assert "2026-01-02 05:00:00+08:00: dark with the sun at" in result.output
    assert "dark: the lit window runs from 01-01 16:5" in result.output
    assert result.output.splitlines()[-1].startswith("NOT proved, 1 failure: 2 zones x 368 nights")


def test_json_says_the_same(site_file: Path) -> None:
    result = run(BAD, site_file, "--format", "json", "--years", "2", "--lang", "zh")
    assert result.exit_code == 1
    told = json.loads(result.output)
    assert told["proved"] is False
    assert (told["zones"], told["first_day"], told["last_day"]) == (3, "2026-01-01", "2027-12-31")
    assert told["special_nights"]["2028-02-29"] == "闰日"
    (failure,) = told["failures"]
    assert failure["finding"] == "dark_at_night"
    assert failure["zones"] == ["z", "z2", "z3"]
    assert failure["zone_nights"] == 3 * failure["nights"]
    example = failure["example"]
    assert example["local"] == "2026-01-02T05:00:00+08:00"
    assert example["reasons"][-1]["code"] == "window_dark"
    assert example["reasons"][-1]["text"].startswith("熄灯")
    assert example["expected"] == "太阳低于 -6 度，亮度应大于 0 %"
    assert json.loads(run(GOOD, site_file, "--format", "json").output)["failures"] == []


def test_the_text_speaks_chinese(site_file: Path) -> None:
    result = run(BAD, site_file, "--lang", "zh")
    lines = result.output.splitlines()
    assert lines[0].startswith("不合格：249 夜夜间不亮：2026-01-01 ... 2028-03-01，3 个分区")
    assert lines[1].startswith("  分区 z，控制日 2026-01-01，2026-01-02 05:00:00+08:00：太阳高度")
    assert lines[-1].startswith("未通过，1 项不合格：3 个分区 × 368 夜")
    assert run(GOOD, site_file, "--lang", "zh").output.startswith("已证明：3 个分区 × 368 夜")


def test_the_demo_city_is_proved() -> None:
    for since in ("2026-01-01", "2027-06-30"):
        result = CliRunner().invoke(prove, ["--demo", "600", "--from", since])
        assert result.exit_code == 0, result.output
        assert "exceptions x 368 nights" in result.output or "exception x 36" in result.output


def test_an_unknown_zone_is_said(site_file: Path) -> None:
    result = run(GOOD, site_file, "--zone", "Z2")
    assert isinstance(result.exception, UnknownTarget)
    assert "zone 'Z2' is not in the inventory; near it: z2" in str(result.exception)


@pytest.mark.parametrize("years", ["0", "51", "x"])
def test_years_are_bounded(site_file: Path, years: str) -> None:
    result = run(GOOD, site_file, "--years", years)
    assert result.exit_code == 2
    assert "--years" in result.output


def test_without_from_the_present_night_is_the_first(site_file: Path) -> None:
    site_file.write_text(GOOD.model_dump_json())
    result = CliRunner().invoke(prove, ["--site", str(site_file), "--format", "json"])
    first = date.fromisoformat(json.loads(result.output)["first_day"])
    assert abs((first - date.today()).days) <= 1  # noqa: DTZ011 - either day will do
