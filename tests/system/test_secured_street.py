"""From nothing to a street over mutual TLS, in the words of docs/broker.md."""

import os
import subprocess
from pathlib import Path

from tests.integration.brokers import free_port, system_tool
from tests.system.command import LAMPLIGHTER, get, lamplighter, metric, running, wait_until

LAMPS = """\
lamp;lon;lat;watts;type;zone;gateway
L1;116.391;39.907;150;LED;North Road;
L2;116.392;39.907;150;LED;North Road;G1
L3;116.394;39.908;60;LED;South Lane;G1
"""


STALE = "streetlight_luminaires_schedule_stale"


def unheard(web: str) -> int:
    """Luminaires that said nothing yet, or are offline."""
    lines = get(f"{web}/metrics").decode().splitlines()
    return sum(
        int(line.rpartition(" ")[2])
        for line in lines
        if line.startswith("streetlight_luminaires{") and ("offline" in line or "unknown" in line)
    )


def test_a_street_over_mutual_tls(tmp_path: Path) -> None:
    def does(*words: str) -> None:
        done = lamplighter(*words, folder=tmp_path)
        assert done.returncode == 0, done.stderr

    port = free_port()
    (tmp_path / "lamps.csv").write_text(LAMPS)
    does("inventory", "import", "lamps.csv", "--tz", "Asia/Shanghai", "--city-id", "town")
    does("pki", "init")
    does("pki", "issue", "broker", "broker", "--host", "localhost")
    does("pki", "issue", "controller", "controller")
    does("pki", "issue-all", "luminaires", "gateways", "sensors")
    does("broker", "configure", "--output", "mosquitto", "--listen", f"127.0.0.1:{port}",
         "--persistence", str(tmp_path / "mosquitto"))  # fmt: skip
    does("pki", "signing-key", "make")
    pki = "lamplighter-data/pki"
    (signing_key,) = (tmp_path / pki / "signing").glob("*.key")
    conf = tmp_path / "mosquitto" / "mosquitto.conf"
    if os.geteuid() == 0:  # it would give up the rights to the test's folder
        conf.write_text(conf.read_text() + "user root\n")
    (tmp_path / "lamplighter.toml").write_text(
        "[broker]\n"
        f'url = "mqtts://localhost:{port}"\n'
        f'ca_file = "{pki}/ca.crt"\n'
        f'certificate_file = "{pki}/issued/controller/controller.crt"\n'
        f'key_file = "{pki}/issued/controller/controller.key"\n'
        f'[signing]\nkey_file = "{signing_key}"\n'
    )
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(
            [system_tool("mosquitto", "mosquitto"), "-v", "-c", str(conf)], stdout=log, stderr=log
        ) as broker,
        running(tmp_path) as web,
        subprocess.Popen(
            [
                *(LAMPLIGHTER, "simulate", "--data", "lamplighter-data"),
                *("--broker", f"mqtts://localhost:{port}", "--ca-file", f"{pki}/ca.crt"),
                *("--certificates", f"{pki}/issued"),
                *("--signed-by", f"{pki}/signing/trusted.txt"),
            ],
            cwd=tmp_path,
            stdout=log,
            stderr=log,
        ) as street,
    ):
        try:
            wait_until(lambda: not unheard(web), "all three are heard")
            wait_until(lambda: not metric(web, STALE), "all three hold their program")
        finally:
            street.terminate()
            broker.terminate()
    said = (tmp_path / "log").read_text()
    assert "Denied" not in said
    assert "Traceback" not in said
