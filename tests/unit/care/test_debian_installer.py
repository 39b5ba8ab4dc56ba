"""What ``deploy/debian/install`` puts in place fits the unit that starts it."""

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
