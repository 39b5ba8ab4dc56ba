"""A night of the demonstration, and the report that a clerk makes of it."""

import csv
import io
import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from controller.adapters.sqlite import SqliteStore

LAMPLIGHTER = str(Path(sys.executable).with_name("lamplighter"))


def lamplighter(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [LAMPLIGHTER, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=240,
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A folder in which ``data`` holds a night, and the demonstration's summary."""
    folder = tmp_path_factory.mktemp("night")
    done = lamplighter(
        "demo", "--headless", "--format", "json", "--luminaires", "200", "--faults", "0.05",
        "--nights", "1", "--speed", "7200", "--date", "2026-03-20", "--data", "data",
        folder=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


def report(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return lamplighter("report", "--data", "data", *arguments, folder=folder)


def test_the_report_is_the_demonstrations_night(night: tuple[Path, dict[str, Any]]) -> None:
    folder, summary = night
    done = report(folder, "--month", "2026-03", "--format", "json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    figures = told["figures"]
    assert figures["used_kwh"] == pytest.approx(summary["energy_kwh"], abs=0.002)
    assert figures["baseline_kwh"] == pytest.approx(summary["baseline_kwh"], abs=0.002)
    assert figures["saved_kwh"] == pytest.approx(summary["saved_kwh"], abs=0.002)
    assert figures["metered_ratio"] == pytest.approx(summary["metered_ratio"], abs=0.0002)
    assert sum(figures["ladder_kwh"].values()) == pytest.approx(figures["saved_kwh"], abs=0.01)
    assert told["quality"]["days"]["complete"] == ["2026-03-20"]
    assert len(told["quality"]["days"]["missing"]) == 30
    assert 0 < figures["lit_ratio"] <= 1
    assert sum(one["used_kwh"] for one in told["districts"]) == pytest.approx(
        figures["used_kwh"], abs=0.02
    )
    assert {one["period"]["text"] for one in told["targets"]} == {"2026-Q1", "2026"}


def test_districts_add_up_to_the_city(night: tuple[Path, dict[str, Any]]) -> None:
    folder, summary = night
    done = report(folder, "--quarter", "2026-Q1", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout.removeprefix("\ufeff"))))
    assert rows[0]["level"] == "city"
    districts = [row for row in rows if row["level"] == "district"]
    total = sum(float(row["used_kwh"]) for row in districts)
    assert total == pytest.approx(summary["energy_kwh"], abs=0.05)
    one = report(
        folder, "--quarter", "2026-Q1", "--district", districts[0]["id"], "--format", "json"
    )
    assert json.loads(one.stdout)["figures"]["used_kwh"] == pytest.approx(
        float(districts[0]["used_kwh"]), abs=0.002
    )


def test_files_beside_a_store_that_is_held(night: tuple[Path, dict[str, Any]]) -> None:
    folder, summary = night
    with SqliteStore(folder / "data"):
        done = report(folder, "--month", "2026-03", "--format", "xlsx")
        assert done.stdout.strip() == "lamplighter-2026-03.xlsx", done.stderr
        pdf = report(folder, "--month", "2026-03", "--lang", "en", "-o", "march.pdf")
        assert pdf.returncode == 0, pdf.stderr
    workbook = openpyxl.load_workbook(folder / "lamplighter-2026-03.xlsx", data_only=True)
    front = workbook.worksheets[0]
    used = next(row[2].value for row in front.iter_rows() if row[0].value == "实际用电量")
    assert used == pytest.approx(summary["energy_kwh"], abs=0.001)
    text = "".join(page.extract_text() for page in PdfReader(folder / "march.pdf").pages)
    assert f"{summary['energy_kwh']:,.1f}" in text


def test_the_city_and_its_districts_go_to_a_platform_once(
    night: tuple[Path, dict[str, Any]],
) -> None:
    folder, _ = night
    (folder / "platform.key").write_bytes(b"0123456789abcdef")
    taken: list[str] = []

    class Platform(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            taken.append(self.headers["X-Lamplighter-Report"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Platform)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    (folder / "lamplighter.toml").write_text(
        f'data = "data"\n[report_push]\nurl = "http://127.0.0.1:{server.server_port}/"\n'
        'key_file = "platform.key"\n',
        encoding="utf-8",
    )
    push = ("push", "--month", "2026-03", "--config", "lamplighter.toml", "--all")
    try:
        first = lamplighter("report", *push, folder=folder)
        again = lamplighter("report", *push, folder=folder)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert first.returncode == again.returncode == 0, first.stderr
    districts = json.loads(report(folder, "--month", "2026-03", "--format", "json").stdout)
    names = [f"2026-03-district-{one['id']}-1" for one in districts["districts"]]
    assert sorted(taken) == sorted(["2026-03-city-1", *names])
    assert "sent before" in again.stdout


def test_a_year_on_the_screen(night: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = night
    done = report(folder, "--year", "2026")
    assert done.returncode == 0, done.stderr
    assert "城市照明能耗与节能报告" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--month", "2025-03"), 1, "account from control day 2026-03-20 to 2026-03-2"),
        (("--month", "2026-03", "--district", "x"), 1, "district 'x' is not in the inventory"),
        (("--month", "March"), 2, "'March' is no month; one such is '2026-11'"),
        (("--month", "2026-03", "--year", "2026"), 2, "give one of --month, --quarter and --year"),
        (("--month", "2026-03", "-o", "none/x.pdf"), 1, "folder 'none' does not exist"),
        (("push", "--month", "2026-03"), 2, "give --data after 'push', not before it"),
    ],
)
def test_what_is_wrong_is_said(
    night: tuple[Path, dict[str, Any]], arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = report(night[0], *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
