"""``lamplighter run`` as installed: seen with other people's tools."""

import json
import shutil
import socket
import subprocess
import time
from pathlib import Path

import jsonschema
import pytest

from tests.integration.brokers import Mosquitto, system_tool
from tests.system.command import LAMPLIGHTER, answer, get, lamplighter, running

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
LAMPS = """\
lamp;lon;lat;watts;type;zone
L1;116.391;39.907;150;LED;North Road
L2;116.392;39.907;150;LED;North Road
L3;116.393;39.907;250;HPS;North Road
L4;116.394;39.908;60;LED;South Lane
"""


@pytest.fixture
def city(tmp_path: Path) -> Path:
    (tmp_path / "lamps.csv").write_text(LAMPS)
    imported = lamplighter(
        "inventory", "import", "lamps.csv", "--tz", "Asia/Shanghai", "--city-id", "town",
        folder=tmp_path,
    )  # fmt: skip
    assert imported.returncode == 0, imported.stderr
    return tmp_path


def test_a_plain_subscriber_sees_the_documented_topics(city: Path, mosquitto: Mosquitto) -> None:
    lines: list[str] = []
    with running(city, "--broker", mosquitto.url()):
        for topics, count in (
            (("zone/+/program", "luminaire/+/config"), 6),
            (("controller/#",), 1),
        ):
            filters = [word for leaf in topics for word in ("-t", f"lamplighter/v1/town/{leaf}")]
            heard = subprocess.run(
                [
                    system_tool("mosquitto_sub", "mosquitto-clients"),
                    "-h", "127.0.0.1", "-p", str(mosquitto.port),
                    *filters, "-F", "%t %p", "-C", str(count), "-W", "30",
                ],
                capture_output=True,
                text=True,
                check=False,
            )  # fmt: skip
            lines += heard.stdout.splitlines()
    messages = dict(line.split(" ", 1) for line in lines)
    leaves = sorted(topic.removeprefix("lamplighter/v1/town/") for topic in messages)
    assert [leaf.split("/")[0] for leaf in leaves] == ["controller"] + ["luminaire"] * 4 + [
        "zone"
    ] * 2
    for topic, payload in messages.items():
        name = topic.rsplit("/", 1)[1]
        schema = json.loads((SCHEMAS / f"{name}.json").read_text())
        jsonschema.validate(json.loads(payload), schema)


def test_promtool_finds_nothing_to_say(city: Path, mosquitto: Mosquitto) -> None:
    with running(city, "--broker", mosquitto.url()) as web:
        exposition = get(f"{web}/metrics")
    checked = subprocess.run(
        [system_tool("promtool", "prometheus"), "check", "metrics"],
        input=exposition,
        capture_output=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")
    text = exposition.decode()
    for zone in ("North", "South"):
        assert f'zone="{zone}' in text or f"{zone.lower()}" in text.lower()
    assert "streetlight_mqtt_connected" in text


def test_the_service_with_its_own_broker_says_when_it_is_ready(city: Path) -> None:
    (city / "lamplighter.toml").write_text("[broker]\nembedded_port = 0\n")
    with running(city) as web:
        answers = [answer(f"{web}/readyz")]
        while answers[-1][0] != 200 and len(answers) < 400:
            time.sleep(0.05)
            answers.append(answer(f"{web}/readyz"))
        assert answers[-1][0] == 200
        assert answers[-1][1]["status"] == "ready"
        assert all(code == 503 and "waits_for" in body for code, body in answers[:-1])
        assert json.loads(get(f"{web}/healthz"))["status"] == "ok"


def test_a_second_service_on_the_same_folder_is_refused(city: Path) -> None:
    (city / "lamplighter.toml").write_text("[broker]\nembedded_port = 0\n")
    with running(city):
        second = lamplighter("run", "--console", "off", "--http", "127.0.0.1:0", folder=city)
    assert second.returncode == 1
    assert "is in use by process" in second.stderr
    assert len(second.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["run", "--data", "nowhere-yet"], 1, "inventory import"),
        (["run", "--config", "missing.toml"], 1, "missing.toml"),
        (["run", "--broker", "http://x"], 1, "http://x"),
        (["run", "--http", "here"], 2, "HOST:PORT"),
        (["run", "--console", "here"], 2, "HOST:PORT"),
        (["run", "--console", "0.0.0.0:8080"], 2, "behind_proxy"),
        (["demo", "--luminaires", "0"], 2, "0 is not in the range"),
        (["demo", "--format", "xml"], 2, "xml"),
        (["plan", "--data", "nowhere"], 1, "nowhere"),
        (["plan", "--site", "lamps.csv"], 1, "lamps.csv"),
        (["explain", "nobody", "--demo", "100"], 1, "nobody"),
        (["sun", "--lat", "91", "--lon", "0"], 2, "91"),
        (["inventory", "import", "missing.csv"], 1, "missing.csv"),
        (["frobnicate"], 2, "frobnicate"),
        (["simulate", "--broker", "nonsense"], 2, "nonsense"),
    ],
)
def test_wrong_use_is_one_clear_line(
    city: Path, arguments: list[str], code: int, says: str
) -> None:
    before = sorted(city.rglob("*"))
    ran = lamplighter(*arguments, folder=city)
    assert (ran.returncode, ran.stdout) == (code, ""), ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert says in ran.stderr
    if arguments[0] != "run":
        assert sorted(city.rglob("*")) == before, "nothing is changed"


def test_a_taken_port_of_the_console_is_told_with_its_option(city: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ran = lamplighter("run", "--http", "127.0.0.1:0", "--console", address, folder=city)
    assert ran.returncode == 1
    assert len(ran.stderr.splitlines()) == 1
    assert f"cannot listen on {address} (--console" in ran.stderr


def test_the_script_is_installed() -> None:
    assert shutil.which(LAMPLIGHTER)
