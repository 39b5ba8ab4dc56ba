"""The whole chain as a user starts it: broker, controller, street, a night, a summary."""

import contextlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.integration.brokers import Mosquitto

LAMPLIGHTER = str(Path(sys.executable).with_name("lamplighter"))
DEMO = [LAMPLIGHTER, "demo", "--headless", "--format", "json"]
NIGHT = ["--nights", "1", "--speed", "7200", "--date", "2026-03-20"]


def demo(*arguments: str, folder: Path) -> tuple[int, dict[str, Any], str]:
    ran = subprocess.run(
        [*DEMO, *NIGHT, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=240,
    )
    return ran.returncode, json.loads(ran.stdout or "{}"), ran.stderr


def assert_night_was_right(summary: dict[str, Any], luminaires: int) -> None:
    assert summary["luminaires"] == luminaires
    assert summary["nights"] == 1
    assert summary["lit_ratio"] == 1.0
    assert summary["dark_minutes"] == 0
    assert summary["daylight_burn_minutes"] == 0
    assert summary["switchings_confirmed"] >= 2 * luminaires
    assert summary["converged_p99_s"] > 0
    assert 0 < summary["energy_kwh"] < summary["baseline_kwh"]
    assert summary["saved_kwh"] == pytest.approx(
        summary["baseline_kwh"] - summary["energy_kwh"], abs=0.002
    )
    # The controller's account against the meters of a street that it knows by MQTT alone.
    assert summary["energy_kwh"] == pytest.approx(summary["street_energy_kwh"], rel=0.001)
    assert summary["messages_rejected"] == 0
    assert summary["messages_sent"] >= luminaires
    assert summary["messages_received"] >= 3 * luminaires


def test_a_night_with_the_embedded_broker(tmp_path: Path) -> None:
    code, summary, said = demo("--luminaires", "400", folder=tmp_path)
    assert code == 0, said
    assert_night_was_right(summary, 400)
    assert list(tmp_path.iterdir()) == [], "a demonstration leaves nothing behind"


def test_a_signed_night_on_mosquitto(tmp_path: Path, mosquitto: Mosquitto) -> None:
    code, summary, said = demo(
        "--luminaires", "300", "--signed", "--broker", mosquitto.url(), folder=tmp_path
    )
    assert code == 0, said
    assert_night_was_right(summary, 300)


def test_luminaires_without_a_clock_are_switched_by_command(tmp_path: Path) -> None:
    code, summary, said = demo(
        "--luminaires", "400", "--clockless", "0.5", "--signed", folder=tmp_path
    )
    assert code == 0, said
    assert summary["commands_sent"] > 0
    # At this speed a machine second is two hours of the street: late, but switched.
    assert summary["lit_ratio"] > 0.9


def test_faults_are_seen_and_do_not_count_as_ours(tmp_path: Path) -> None:
    code, summary, said = demo("--luminaires", "400", "--faults", "0.1", folder=tmp_path)
    assert code == 0, said
    assert summary["lit_ratio"] < 1.0 or summary["daylight_burn_minutes"] > 0


def test_a_folder_with_a_city_in_it_is_left_alone(tmp_path: Path) -> None:
    code, _, said = demo("--luminaires", "20", "--data", "kept", folder=tmp_path)
    assert code == 0, said
    before = (tmp_path / "kept" / "lamplighter.db").read_bytes()
    code, summary, said = demo("--luminaires", "30", "--data", "kept", folder=tmp_path)
    assert code == 1
    assert summary == {}
    assert "holds a city already" in said.splitlines()[-1]
    assert (tmp_path / "kept" / "lamplighter.db").read_bytes() == before


def test_a_killed_demo_leaves_no_process_behind(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    process = subprocess.Popen(
        [*DEMO, "--luminaires", "50", "--data", str(folder)], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "time begins to pass" in line:
            break
    assert len(processes_of(folder)) == 3
    process.kill()
    process.wait(timeout=20)
    process.stderr.close()
    for _ in range(400):
        if not processes_of(folder):
            break
        time.sleep(0.05)
    assert processes_of(folder) == []


def processes_of(folder: Path) -> list[str]:
    """Command lines that name the folder."""
    lines = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            lines.append(entry.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return [line for line in lines if str(folder) in line]


def test_an_interrupted_demo_ends_in_order(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*DEMO, "--luminaires", "200", "--data", str(tmp_path / "kept")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "time begins to pass" in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == ""
    assert "Traceback" not in err
    assert "interrupted" in err
