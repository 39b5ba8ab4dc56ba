"""Alarms of whole runs: what is wrong is found, nothing else, and it is kept."""

import json
import signal
import subprocess
from pathlib import Path

import numpy as np

from controller.adapters.sqlite import SqliteStore
from simulator.faults import assign_faults
from tests.integration.brokers import free_port
from tests.system.command import LAMPLIGHTER, lamplighter, metric, running, wait_until
from zones import demo_inventory

LUMINAIRES, FAULTS = 500, 0.1


def test_alarms_are_the_faults_that_were_planted_and_no_others(tmp_path: Path) -> None:
    # So slow that there are machine seconds enough for three questions in a night.
    done = lamplighter(
        *("demo", "--headless", "--luminaires", str(LUMINAIRES), "--faults", str(FAULTS)),
        *("--speed", "1440", "--date", "2026-03-20", "--data", "kept", "--format", "json"),
        folder=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    faults = assign_faults(LUMINAIRES, FAULTS, {}, 1)
    planted = {
        "lamp_failure": faults.lamp_failed,
        "day_burner": faults.stuck_on,
        "dimming_failure": faults.dimming_failed,
        "communication_failure": faults.silent,
        "wrong_clock": faults.clock_offset_s != 0,
        "cycling": np.isfinite(faults.cycle_s),
        "power_range": faults.power_scale != 1,
    }
    with SqliteStore(tmp_path / "kept", read_only=True) as store:
        site = store.load_site()
        types = {alarm.id: alarm.type.value for alarm in store.open_alarms()}
        pairs = store.alarm_luminaires()
        past = store.past_alarms(0, 1e12, 100)
    assert site is not None
    row_of = {one.id: row for row, one in enumerate(site.inventory.luminaires)}
    found = {
        kind: sorted(row_of[name] for number, name in pairs if types[number] == kind)
        for kind in set(types.values())
    }
    assert found == {kind: np.flatnonzero(rows).tolist() for kind, rows in planted.items()}
    assert past == [], "nothing was raised that cleared again"
    assert summary["alarms_raised"] == len(types)
    assert summary["alarms_open"] == {kind: len(rows) for kind, rows in found.items()}


def test_an_alarm_and_its_acknowledgement_survive_kill_9(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "lamplighter-data") as store:
        store.save_inventory(demo_inventory(20, seed=1))
    nobody = ("--broker", f"mqtt://127.0.0.1:{free_port()}")

    def opened() -> list[dict[str, object]]:
        told = lamplighter("alarms", "--format", "json", folder=tmp_path)
        rows: list[dict[str, object]] = json.loads(told.stdout)
        return rows

    port = free_port()
    process = subprocess.Popen(
        [LAMPLIGHTER, "run", "--console", "off", "--http", f"127.0.0.1:{port}", *nobody],
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
    )
    try:
        web = f"http://127.0.0.1:{port}"
        wait_until(lambda: metric(web, "streetlight_alarms_active") == 1, "the broker is missed")
        wait_until(lambda: len(opened()) == 1, "the alarm is kept")
        (alarm,) = opened()
        assert alarm["type"] == "broker_down"
        number = str(alarm["id"])
        done = lamplighter("alarms", "acknowledge", number, "--author", "li", folder=tmp_path)
        assert done.returncode == 0, done.stderr
        late = lamplighter("alarms", "acknowledge", number, "--author", "wang", folder=tmp_path)
        assert late.returncode == 1
        assert "acknowledged already by li" in late.stderr
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)
    assert [row["acknowledged_by"] for row in opened()] == ["li"]
    before = opened()
    with running(tmp_path, *nobody) as web:
        wait_until(
            lambda: metric(web, "streetlight_alarms_active") == 1, "the alarm is taken up again"
        )
        assert metric(web, "streetlight_alarms_raised_total") == 0
        assert opened() == before
