"""The doctor: what is wrong is named, with what to do; what is right is not complained of."""

import json
import os
import socket
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from controller.adapters.sqlite import SqliteStore
from controller.adapters.sqlite_backup import copies
from controller.adapters.sqlite_file import FILE_NAME
from controller.cli.doctor import broker, folder, machine
from controller.cli.doctor.command import doctor
from controller.cli.doctor.finding import Finding, Verdict
from controller.config import Settings
from controller.engine.clock_evidence import KernelClock
from controller.pki import Authority, Identity, Role
from controller.pki.folder import keep
from controller.pki.signing import make_key
from tests.fakes.crooked_machine import CrookedMachine
from tests.fakes.small_city import small_site


def verdicts(found: list[Finding]) -> dict[str, Verdict]:
    for one in found:
        assert one.detail
        assert (one.verdict is Verdict.OK) == (not one.advice), one
    return {one.name: one.verdict for one in found}


def a_data_folder(data: Path) -> Path:
    with SqliteStore(data) as store:
        store.save_site(small_site(), author="a", comment="b")
        store.back_up()
    data.chmod(0o700)
    return data


def examined(*arguments: str) -> tuple[int, dict[str, str]]:
    done = CliRunner().invoke(doctor, [*arguments, "--format", "json"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, {one["name"]: one["verdict"] for one in json.loads(done.output)}


def settings_file(folder: Path, text: str = "") -> Path:
    """Settings on ports that are free."""
    file = folder / "lamplighter.toml"
    file.write_text(
        'data = "data"\n[broker]\nembedded_port = 0\n[web]\nport = 0\n[console]\nport = 0\n' + text
    )
    return file


def test_a_whole_installation_is_found_well(tmp_path: Path) -> None:
    a_data_folder(tmp_path / "data")
    code, found = examined("--config", str(settings_file(tmp_path)))
    assert code == 0
    assert {name for name, verdict in found.items() if verdict != "ok"} <= {"clock", "console"}
    assert {"settings", "data folder", "disk", "store", "city", "copy", "broker"} <= found.keys()


def test_what_fails_is_the_exit_code(tmp_path: Path) -> None:
    code, found = examined("--config", str(settings_file(tmp_path)))
    assert code == 1
    assert found["data folder"] == found["store"] == "fail"


def test_a_signing_key_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    a_data_folder(tmp_path / "data")
    words = "[signing]\nkey_file = 'gone.key'\n"
    code, found = examined("--config", str(settings_file(tmp_path, words)))
    assert code == 1
    assert found["signing"] == found["signing.key_file"] == "fail"
    made = make_key(tmp_path / "pki", datetime.now(UTC))
    words = f"[signing]\nkey_file = '{made}'\n"
    _, found = examined("--config", str(settings_file(tmp_path, words)))
    assert found["signing"] == found["signing.key_file"] == "ok"


def test_wrong_settings_are_a_finding(tmp_path: Path) -> None:
    code, found = examined("--config", str(settings_file(tmp_path, "[log]\nlevel = 'loud'\n")))
    assert code == 1
    assert found["settings"] == "fail"
    assert "store" not in found


def test_a_store_damaged_or_from_a_newer_version_fails(tmp_path: Path) -> None:
    data = a_data_folder(tmp_path / "data")
    path = data / FILE_NAME
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    assert verdicts(list(folder.store(data)))["store"] is Verdict.FAIL
    path.write_bytes(whole)
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    (newer,) = folder.store(data)
    assert newer.verdict is Verdict.FAIL
    assert "99" in newer.detail


def test_a_store_without_a_city_or_copies_is_told(tmp_path: Path) -> None:
    with SqliteStore(tmp_path):
        pass
    found = verdicts(list(folder.store(tmp_path)))
    assert found == {"store": Verdict.OK, "city": Verdict.FAIL, "copy": Verdict.WARN}


def test_a_copy_dated_ahead_is_told(tmp_path: Path) -> None:
    data = a_data_folder(tmp_path / "data")
    (copy, _) = copies(data / FILE_NAME)
    at = datetime.now(UTC).timestamp() + 30 * 86_400
    os.utime(copy, (at, at))
    assert verdicts(list(folder.store(data)))["copy"] is Verdict.WARN


def test_a_folder_open_to_everybody_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert verdicts(list(folder.data_folder(tmp_path))) == {"data folder": Verdict.WARN}


def test_files_that_settings_name_must_be_there_and_ours_alone(tmp_path: Path) -> None:
    word = tmp_path / "word"
    word.write_text("x")
    word.chmod(0o644)
    settings = Settings.model_validate(
        {"broker": {"password_file": word, "ca_file": tmp_path / "none"}}
    )
    found = verdicts(list(folder.files(settings)))
    assert found == {"broker.password_file": Verdict.WARN, "broker.ca_file": Verdict.FAIL}


@pytest.mark.parametrize(
    ("wall_at", "kernel", "verdict"),
    [
        (None, KernelClock(is_synchronised=True, max_error_s=0.01), Verdict.OK),
        (None, KernelClock(is_synchronised=True, max_error_s=30.0), Verdict.WARN),
        (None, KernelClock(is_synchronised=False, max_error_s=0.01), Verdict.WARN),
        (None, None, Verdict.WARN),
        (0.0, KernelClock(is_synchronised=True, max_error_s=0.01), Verdict.FAIL),
    ],
)
def test_the_clock(wall_at: float | None, kernel: KernelClock | None, verdict: Verdict) -> None:
    assert verdicts(list(machine.clock(CrookedMachine(wall_at, kernel)))) == {"clock": verdict}


def test_a_port_that_somebody_else_has(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        settings = Settings.model_validate(
            {"web": {"port": port}, "console": {"serve": False}, "broker": {"embedded_port": 0}}
        )
        alone = verdicts(list(machine.ports(settings, service_runs=False)))
        beside_ours = verdicts(list(machine.ports(settings, service_runs=True)))
    assert alone == {"metrics port": Verdict.FAIL, "broker port": Verdict.OK}
    assert beside_ours["metrics port"] is Verdict.OK


def test_a_broker_that_nobody_is(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings.model_validate({"broker": {"url": f"mqtt://127.0.0.1:{port}"}})
    (found,) = broker.broker(settings)
    assert found.verdict is Verdict.FAIL
    assert str(port) in found.detail


@pytest.mark.parametrize(
    ("days", "verdict"), [(400, Verdict.OK), (5, Verdict.WARN), (-5, Verdict.FAIL)]
)
def test_certificates_that_end(tmp_path: Path, days: int, verdict: Verdict) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    authority = Authority.create(tmp_path, "site", now - timedelta(days=100))
    (handed,) = authority.issue(
        [Identity(Role.CONTROLLER, "controller")], now - timedelta(days=50), days=50 + days
    )
    file = keep(tmp_path, handed)
    settings = Settings.model_validate({"broker": {"certificate_file": file}})
    assert verdicts(list(broker.own_certificates(settings))) == {"own certificate": verdict}
