"""Documents changed while the service runs: followed at once, or by a start anew."""

import json
import os
import socket
import sqlite3
from pathlib import Path

import pytest

from tests.integration.brokers import Mosquitto
from tests.system.command import answer, lamplighter, metric, running, wait_until

PLANNED = "streetlight_luminaires_commanded_on"
ALL_LIT = """\
- id: storm
  selector: {city: true}
  level: 80
  kind: emergency
  start_at: '2020-01-01T00:00:00+08:00'
  end_at: '2099-01-01T00:00:00+08:00'
  reason: storm
  author: wang
"""


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A demo city of 60 luminaires in force, and its documents in ``plan``."""
    for arguments in (("export", "plan", "--demo", "60"), ("apply", "plan", "--nights", "1")):
        done = lamplighter(*arguments, folder=tmp_path)
        assert done.returncode == 0, done.stderr
    return tmp_path


def is_ready(web: str) -> bool:
    return answer(f"{web}/readyz")[0] == 200


def test_a_plan_is_followed_without_a_restart(city: Path, mosquitto: Mosquitto) -> None:
    with running(city, "--broker", mosquitto.url()) as web:
        wait_until(lambda: is_ready(web), "ready")
        epoch = answer(f"{web}/healthz")[1]["epoch"]
        edit(city / "plan/overrides.yaml", "[]", ALL_LIT)
        done = lamplighter("apply", "plan", "--nights", "1", folder=city)
        assert done.returncode == 0, done.stderr
        assert "revision 2 is in force" in done.stdout
        wait_until(lambda: metric(web, PLANNED) == 60, "every lamp wanted lit")
        back = lamplighter("rollback", "1", "--nights", "1", folder=city)
        assert back.returncode == 0, back.stderr
        assert answer(f"{web}/healthz")[1]["epoch"] == epoch, "still the same start"
    history = lamplighter("history", "--format", "json", folder=city)
    assert [one["revision"] for one in json.loads(history.stdout)] == [3, 2, 1]


def test_an_inventory_is_followed_by_a_start_anew(city: Path, mosquitto: Mosquitto) -> None:
    with running(city, "--broker", mosquitto.url()) as web:
        wait_until(lambda: is_ready(web), "ready")
        edit(city / "plan/city.yaml", "name:", "name: Renamed \n#")
        done = lamplighter("apply", "plan", "--nights", "1", folder=city)
        assert done.returncode == 0, done.stderr
        wait_until(
            lambda: is_ready(web) and answer(f"{web}/healthz")[1]["epoch"] == 2, "begun anew"
        )


def test_two_edits_at_once_do_not_overwrite_each_other(city: Path, mosquitto: Mosquitto) -> None:
    with running(city, "--broker", mosquitto.url()) as web:
        wait_until(lambda: is_ready(web), "ready")
        late = b'{"base":null,"author":"","comment":"","plan":null}'
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(os.fspath(city / "lamplighter-data/control.sock"))
            line.sendall(
                b"POST /documents HTTP/1.1\r\nhost: service\r\nconnection: close\r\n"
                b"content-length: %d\r\n\r\n%s" % (len(late), late)
            )
            said = b"".join(iter(lambda: line.recv(4096), b""))
    assert said.startswith(b"HTTP/1.1 409")
    assert b"revision 1 was put in force" in said


def test_what_was_acknowledged_is_in_the_store(city: Path, mosquitto: Mosquitto) -> None:
    with running(city, "--broker", mosquitto.url()):
        edit(city / "plan/overrides.yaml", "[]", ALL_LIT)
        done = lamplighter("apply", "plan", "-m", "trial", "--nights", "1", folder=city)
        assert done.returncode == 0, done.stderr
        with sqlite3.connect(
            f"file:{city}/lamplighter-data/lamplighter.db?mode=ro", uri=True
        ) as db:
            assert db.execute("SELECT comment FROM revision WHERE number = 2").fetchone() == (
                "trial",
            )
