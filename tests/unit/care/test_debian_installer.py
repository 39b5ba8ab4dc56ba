"""What ``deploy/debian/install`` puts in place fits the unit that starts it."""

import re
import subprocess
from pathlib import Path

from controller.config import read_settings

DEPLOY = Path(__file__).parents[3] / "deploy"


def test_the_first_settings_are_settings() -> None:
    settings = read_settings(DEPLOY / "debian/lamplighter.toml")
    unit = (DEPLOY / "systemd/lamplighter.service").read_text()
    assert f"WorkingDirectory={settings.data}" in unit
    assert settings.console.is_loopback
    assert settings.console.has_tls
    assert settings.broker.url.startswith("mqtts://")


def test_the_installer_is_bash_and_makes_what_the_unit_starts() -> None:
    script = DEPLOY / "debian/install"
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", script], check=True)
    words = script.read_text()
    unit = (DEPLOY / "systemd/lamplighter.service").read_text()
    (start,) = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
    assert start == (
        "ExecStart=/opt/lamplighter/bin/lamplighter run --config /etc/lamplighter/lamplighter.toml"
    )
    assert 'venv="$root/opt/lamplighter"' in words
    assert '"$root/etc/lamplighter/lamplighter.toml"' in words


def test_the_daily_backup_is_of_what_the_service_runs_on_and_has_a_place() -> None:
    settings = read_settings(DEPLOY / "debian/lamplighter.toml")
    unit = (DEPLOY / "systemd/lamplighter-backup.service").read_text()
    (start,) = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
    assert " --config /etc/lamplighter/lamplighter.toml" in start
    assert " --data " not in start
    assert f"\nReadWritePaths=/srv/backup {settings.data}\n" in unit
    assert "ConditionPathExists" not in unit, "a backup that is not made must be told of"
    words = (DEPLOY / "debian/install").read_text()
    assert 'install -d -m 0700 "$root/srv/backup"' in words
    assert "/deploy/systemd/lamplighter* " in words


def test_the_daily_backup_is_a_command_that_a_shell_understands() -> None:
    unit = (DEPLOY / "systemd/lamplighter-backup.service").read_text()
    (start,) = [line for line in unit.splitlines() if line.startswith("ExecStart=/bin/sh -c ")]
    words = start.removeprefix("ExecStart=").replace("%%", "%").replace("$$", "$")
    said = words.replace("exec /opt/lamplighter/bin/lamplighter", "echo")
    done = subprocess.run(["bash", "-c", said], capture_output=True, text=True, check=True)
    assert re.fullmatch(
        r"backup /srv/backup/city-\d\d\.backup --config /etc/lamplighter/lamplighter\.toml\n",
        done.stdout,
    )
