"""``lamplighter inventory``: exit codes, output, and that nothing is half-imported."""

import csv
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from controller.cli.inventory import inventory
from zones import Inventory, MappingWrong, OptionWrong, ZonesError
from zones.inventory.text import MAX_BYTES

FILES = Path(__file__).parent / "files"
STRAY = str(FILES / "stray_points.csv")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(inventory, [str(argument) for argument in arguments])


def report(*arguments: str | Path) -> dict[str, Any]:
    result = run(*arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def test_a_dry_run_tells_everything_as_one_json_object() -> None:
    document = report("import", STRAY, "--dry-run")
    assert document["rows"] == 17
    assert document["luminaires"] == 13
    assert document["rejected"] == len(document["rejects"]) == 4
    assert document["rejects"][0]["line"] == 14
    assert set(document["rejects"][0]) == {"line", "column", "value", "reason"}
    assert document["total_kw"] == 1.3
    assert document["bbox"] == [116.4, 39.9, 116.4121, 39.9028]
    assert document["mapping"] == {
        "longitude": "lon",
        "latitude": "lat",
        "wattage": "watts",
        "id": "id",
    }
    assert set(document["mapping_reasons"]) == set(document["mapping"])
    assert document["corrected"] == 1
    assert document["led_share"] == 0
    assert document["stored"] is False


def test_text_tells_mapping_rejects_and_figures() -> None:
    result = run("import", STRAY, "--dry-run")
    assert result.exit_code == 0
    assert "longitude      = 'lon': its name: numbers from" in result.stdout
    assert "line 15, column 'lon, lat': '0, 0': 0, 0 is a place that was never set" in result.stdout
    assert "rejected     4" in result.stdout
    assert "Nothing was stored" in result.stdout
    assert result.stderr == ""


def test_check_fails_where_a_row_is_rejected() -> None:
    assert run("check", STRAY).exit_code == 1
    assert run("check", FILES / "tabs_utf16.csv").exit_code == 0


def test_rejects_go_to_a_file(tmp_path: Path) -> None:
    target = tmp_path / "rejects.csv"
    assert run("import", STRAY, "--dry-run", "--rejects", target).exit_code == 0
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["line"] for row in rows] == ["14", "15", "16", "18"]
    assert set(rows[0]) == {"line", "column", "value", "reason"}


@pytest.mark.parametrize("command", ["import", "check"])
def test_rejects_never_overwrite_the_file_that_is_read(command: str, tmp_path: Path) -> None:
    source, link = tmp_path / "city.csv", tmp_path / "link.csv"
    content = Path(STRAY).read_bytes()
    source.write_bytes(content)
    link.symlink_to(source)
    for target in (source, link):
        stored = ("--tz", "UTC", "--data", tmp_path / "d") if command == "import" else ()
        result = run(command, source, "--rejects", target, *stored)
        assert result.exit_code == 2
        assert "is the file to be read and would be overwritten" in result.stderr
        assert source.read_bytes() == content
    assert not (tmp_path / "d").exists()


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as file:
        file.truncate(MAX_BYTES + 1)  # takes no room on the disk
    result = run("check", huge)
    assert isinstance(result.exception, ZonesError)
    assert str(result.exception) == (
        f"{huge}: has 536,870,913 bytes; at most 536,870,912 (512 MiB) can be read, "
        "so split it, by district perhaps"
    )


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(Path(STRAY).read_bytes(),))
    writer.start()
    document = report("import", pipe, "--dry-run")
    writer.join()
    assert document["luminaires"] == 13


def test_one_zone_is_one_zone() -> None:
    lines = run("check", STRAY).stdout.splitlines()
    assert "luminaires   13 in 1 zone" in lines


def test_options_reach_the_import() -> None:
    document = report(
        "import", FILES / "utm50.csv", "--dry-run", "--crs", "EPSG:32650", "--map", "wattage="
    )
    assert "wattage" not in document["mapping"]
    document = report("import", STRAY, "--dry-run", "--bbox", "116.39,39.89,116.4056,39.91")
    assert document["luminaires"] == 7


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("import", STRAY), "--tz is missing"),
        (("import", STRAY, "--dry-run", "--map", "lon"), "must be FIELD=COLUMN"),
        (("import", STRAY, "--dry-run", "--map", "id=a", "--map", "id=b"), "mapped twice"),
        (("import", STRAY, "--dry-run", "--bbox", "1,2,3"), "must be west,south,east,north"),
        (("import", STRAY, "--format", "yaml"), "yaml"),
        (("export", "--demo", "10", "--data", "x"), "give one of"),
        (("export", "--demo", "0"), "0"),
        (("import",), "FILE"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("import", "absent.csv", "--dry-run"), ZonesError, "absent.csv: cannot be read"),
        (("import", str(FILES), "--dry-run"), ZonesError, "is a folder"),
        (("import", "/dev/zero", "--dry-run"), ZonesError, "/dev/zero: is a device"),
        (("import", STRAY, "--dry-run", "--map", "a=b"), MappingWrong, "stray_points.csv: .*'a'"),
        (("import", STRAY, "--dry-run", "--encoding", "x"), OptionWrong, "encoding 'x'"),
        (("import", STRAY, "--dry-run", "--city-id", "a b"), OptionWrong, "id 'a b'"),
        (("import", STRAY, "--tz", "Mars"), OptionWrong, "'Mars' is no IANA time zone"),
        (("export", "--demo", "5", "-o", str(FILES)), ZonesError, "cannot be written"),
    ],
)
def test_what_is_wrong_is_one_line(
    arguments: tuple[str, ...], error: type[ZonesError], message: str
) -> None:
    result = run(*arguments)
    assert isinstance(result.exception, error)
    with pytest.raises(error, match=message):
        raise result.exception
    assert "\n" not in str(result.exception)


def test_an_import_is_stored_once_and_replaced_only_when_told(tmp_path: Path) -> None:
    data = tmp_path / "data"
    arguments = ("--data", data, "--tz", "Asia/Shanghai", "--city-name", "Test")
    first = report("import", STRAY, *arguments)
    assert first["stored"] is True
    again = run("import", FILES / "tabs_utf16.csv", *arguments)
    assert isinstance(again.exception, ZonesError)
    assert "holds 'Test' with 13 luminaires already; --replace" in str(again.exception)
    exported = run("export", "--data", data, "--format", "json")
    held = Inventory.model_validate_json(exported.stdout)
    assert len(held.luminaires) == 13
    assert report("import", FILES / "tabs_utf16.csv", *arguments, "--replace")["stored"] is True
    exported = run("export", "--data", data)
    assert exported.stdout.count("\n") == 13


def test_a_file_without_a_good_row_stores_nothing(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("id,lon,lat\nA,,\nB,0,0\n")
    result = run("import", file, "--tz", "UTC", "--data", tmp_path / "data")
    assert isinstance(result.exception, ZonesError)
    assert "line 3, column 'lon, lat': '0, 0'" in result.stdout
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("kind", ["csv", "geojson", "json"])
def test_the_demo_city_can_be_exported_and_imported(tmp_path: Path, kind: str) -> None:
    target = tmp_path / f"demo.{kind}"
    assert (
        run("export", "--demo", "300", "--seed", "4", "--format", kind, "-o", target).exit_code == 0
    )
    document = report("import", target, "--dry-run")
    assert document["luminaires"] == 300
    assert document["rejected"] == 0
