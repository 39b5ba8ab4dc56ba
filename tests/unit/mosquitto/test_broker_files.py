"""What mosquitto is told of a site."""

import base64
import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from controller.adapters.sqlite import SqliteStore
from controller.cli.broker import broker
from controller.errors import ConfigurationError
from controller.mosquitto import Listeners, access_list, configuration, password_line
from tests.fakes.small_city import small_inventory, small_site

ROOT = "lamplighter/v1/small"


def rules(user: str) -> set[str]:
    """What stands under one user of the small city's list."""
    text = "".join(access_list(small_inventory(), ["eye"], "controller"))
    parts = dict(part.partition("\n")[::2] for part in text.split("\nuser ")[1:])
    return {line for line in parts[user].splitlines() if line}


def test_a_luminaire_hears_its_own_zone_only() -> None:
    assert rules("b1") == {
        f"topic read {ROOT}/zone/b/program",
        f"topic read {ROOT}/zone/b/command",
        f"topic read {ROOT}/controller/heartbeat",
    }


def test_a_gateway_speaks_for_its_luminaires_only() -> None:
    assert f"topic write {ROOT}/luminaire/a2/state" in rules("g")
    assert not any("b1" in line or "zone/b" in line for line in rules("g"))


def test_a_sensor_only_reads_out() -> None:
    assert rules("eye") == {f"topic write {ROOT}/sensor/eye/reading"}


def test_the_controller_writes_no_state() -> None:
    written = {line for line in rules("controller") if not line.startswith("topic read ")}
    assert written
    assert not any("state" in line or "telemetry" in line or "#" in line for line in written)


@pytest.mark.parametrize(
    ("sensors", "controller", "told"),
    [
        (["b1"], "controller", "'b1' is the name of a sensor and of a luminaire"),
        ([], "g", "'g' is the name of a controller and of a gateway"),
        (["eye"], "eye", "'eye' is the name of a controller and of a sensor"),
    ],
)
def test_one_name_for_two_is_refused(sensors: list[str], controller: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        access_list(small_inventory(), sensors, controller)


def test_nothing_is_in_the_clear_and_nobody_anonymous() -> None:
    listeners = Listeners(("0.0.0.0", 8883), ("10.0.0.5", 8884))
    lines = "".join(configuration(Path("/etc/m"), listeners, Path("/var/m"))).splitlines()
    assert "allow_anonymous false" in lines
    for at in (lines.index("listener 8883 0.0.0.0"), lines.index("listener 8884 10.0.0.5")):
        assert "keyfile /etc/m/broker.key" in lines[at : at + 5]
    assert lines.count("require_certificate true") == 1


def test_a_password_line_is_as_mosquitto_hashes() -> None:
    user, _, rest = password_line("L-1", "lantern").strip().partition(":")
    _, kind, rounds, salt, key = rest.split("$")
    again = hashlib.pbkdf2_hmac("sha512", b"lantern", base64.b64decode(salt), int(rounds))
    assert (user, kind, base64.b64decode(key)) == ("L-1", "7", again)
    assert password_line("L-1", "lantern") != password_line("L-1", "lantern")


def configured(folder: Path, *more: str) -> Path:
    """The files that the command makes of the small city."""
    data = folder / "data"
    with SqliteStore(data) as store:
        store.save_site(small_site(), author="a", comment="b")
    (data / "pki/issued/broker").mkdir(parents=True)
    for name in ("ca.crt", "revoked.crl", "issued/broker/broker.crt", "issued/broker/broker.key"):
        (data / "pki" / name).write_text("PEM")
    (data / "pki/credentials.csv").write_text("user,password\nb1,lantern\ngone,lantern\n")
    words = ["configure", "--output", str(folder / "out"), "--data", str(data), *more]
    done = CliRunner().invoke(broker, words)
    assert done.exit_code == 0, done.output + repr(done.exception)
    return folder / "out"


def test_a_password_of_who_left_the_inventory_lets_nobody_in(tmp_path: Path) -> None:
    out = configured(tmp_path, "--listen-passwords", "0.0.0.0:8884")
    users = [line.partition(":")[0] for line in (out / "passwords").read_text().splitlines()]
    assert users == ["b1"]


def test_a_broker_in_a_container_is_told_its_own_paths(tmp_path: Path) -> None:
    out = configured(tmp_path, "--seen-at", "/mosquitto/lamplighter", "--persistence", "/m/data")
    text = (out / "mosquitto.conf").read_text()
    assert "keyfile /mosquitto/lamplighter/broker.key\n" in text
    assert "persistence_location /m/data/\n" in text
    assert str(tmp_path) not in text
