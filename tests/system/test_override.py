"""``lamplighter override``, as an operator steps in."""

import json
from pathlib import Path

import pytest

from tests.integration.brokers import Mosquitto
from tests.system.command import answer, lamplighter, metric, running, wait_until


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A demo city of 60 luminaires in force."""
    for arguments in (("export", "plan", "--demo", "60"), ("apply", "plan", "--nights", "1")):
        done = lamplighter(*arguments, folder=tmp_path)
        assert done.returncode == 0, done.stderr
    return tmp_path


def test_an_override_is_followed_by_the_running_service_and_ended(
    city: Path, mosquitto: Mosquitto
) -> None:
    def wanted_lit() -> float:
        return metric(web, "streetlight_luminaires_commanded_on")

    with running(city, "--broker", mosquitto.url()) as web:
        wait_until(lambda: answer(f"{web}/readyz")[0] == 200, "ready")
        done = lamplighter(
            "override", "set", "--city", "--level", "80", "--for", "2h", "--kind", "emergency",
            "--reason", "storm", "--author", "wang", "--id", "storm",
            folder=city,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "60 luminaires" in done.stdout
        wait_until(lambda: wanted_lit() == 60, "all wanted lit")
        listed = json.loads(lamplighter("override", "list", "--format", "json", folder=city).stdout)
        assert [(one["id"], one["state"], one["author"]) for one in listed] == [
            ("storm", "in force", "wang")
        ]
        ended = lamplighter("override", "end", "storm", folder=city)
        assert ended.returncode == 0, ended.stderr
        assert "no override" in lamplighter("override", "list", folder=city).stdout
    history = json.loads(lamplighter("history", "--format", "json", folder=city).stdout)
    assert [one["comment"] for one in history[:2]] == [
        "override storm ended",
        "override storm: storm",
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--city", "--level", "80", "--reason", "r"], "--until INSTANT or --for DURATION"),
        (["--city", "--for", "2h", "--reason", "r"], "--level or --program"),
        (["--level", "80", "--for", "2h", "--reason", "r"], "selects nothing"),
        (["--zone", "nowhere", "--level", "80", "--for", "2h", "--reason", "r"], "'nowhere'"),
        (["--city", "--program", "none", "--for", "2h", "--reason", "r"], "'none'"),
        (["--city", "--level", "80", "--for", "soon", "--reason", "r"], "'2h'"),
        (["--city", "--level", "80", "--until", "2020-01-01", "--reason", "r"], "before now"),
    ],
)
def test_what_cannot_be_is_one_clear_line(city: Path, arguments: list[str], says: str) -> None:
    done = lamplighter("override", "set", *arguments, folder=city)
    assert done.returncode in (1, 2)
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    history = json.loads(lamplighter("history", "--format", "json", folder=city).stdout)
    assert len(history) == 1, "nothing changed"
