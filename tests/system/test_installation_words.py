"""docs/installation.md, word by word: from a list of lamps to a secured, scraped service.

Paths of the system stand below a scratch folder, and what systemd would start is started here;
everything else is as the document says it.
"""

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.fakes.followed import DOCS, follow, words_of
from tests.integration.brokers import free_port, system_tool
from tests.system.command import LAMPLIGHTER, lamplighter, metric, wait_until
from tests.system.test_secured_street import LAMPS, STALE, unheard

_SYSTEMCTL = """\
#!/usr/bin/env bash
# Restarts by starting; the rest is systemd's own.
set -eu
[ "$1" = restart ] || exit 0
case "$2" in
    mosquitto) exec {mosquitto} -c {root}/etc/mosquitto/lamplighter/mosquitto.conf ;;
    lamplighter) exec {lamplighter} run --config {root}/etc/lamplighter/lamplighter.toml ;;
    prometheus) exit 0 ;;
esac </dev/null >>{root}/log 2>&1 &
echo $! >>{root}/pids
sleep 1
"""


def test_the_words_of_the_installation_make_a_secured_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mosquitto = system_tool("mosquitto", "mosquitto")
    promtool = system_tool("promtool", "prometheus")
    ports = {"8883": str(free_port()), "9464": str(free_port()), "8080": str(free_port())}

    def here(words: str) -> str:
        for path in ("/etc/", "/var/lib/lamplighter"):
            words = words.replace(path, f"{tmp_path}{path}")
        for port, free in ports.items():
            words = words.replace(f":{port}", f":{free}")
        # The test's folder belongs to whoever runs it.
        return words.replace(" --owner mosquitto", f" --persistence {tmp_path}")

    for folder in ("etc/lamplighter", "etc/prometheus", "etc/systemd/system", "var/lib", "bin"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "lamps.csv").write_text(LAMPS)
    shutil.copytree(DOCS.parent / "deploy", tmp_path / "deploy")
    settings = (tmp_path / "deploy/debian/lamplighter.toml").read_text()
    settings = here(settings).replace("[console]\n", f"[console]\nport = {ports['8080']}\n")
    (tmp_path / "etc/lamplighter/lamplighter.toml").write_text(
        settings + f"\n[web]\nport = {ports['9464']}\n"
    )
    systemctl = tmp_path / "bin/systemctl"
    systemctl.write_text(
        _SYSTEMCTL.format(mosquitto=mosquitto, lamplighter=LAMPLIGHTER, root=tmp_path)
    )
    systemctl.chmod(0o755)
    (tmp_path / "bin/promtool").symlink_to(promtool)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")

    blocks = [here(one) for one in words_of("installation.md", "A secured service")]
    if os.geteuid() == 0:  # mosquitto would give up the rights to the test's folder
        conf = f"{tmp_path}/etc/mosquitto/lamplighter/mosquitto.conf"
        blocks[2] = blocks[2].replace(
            "systemctl daemon-reload", f"echo 'user root' >> {conf}\nsystemctl daemon-reload"
        )
    try:
        done = follow(blocks, tmp_path)
        said = (tmp_path / "log").read_text()
        assert done.returncode == 0, done.stderr[-3000:] + said
        assert "SUCCESS" in done.stdout + done.stderr
        assert f"mqtts://localhost:{ports['8883']} let us in" in done.stdout
        assert "broker certificate" in done.stdout
        _is_followed_by_a_street(tmp_path, ports, here)
        said = (tmp_path / "log").read_text()
        link = f"console at https://127.0.0.1:{ports['8080']}/#/setup/"
        assert link in said
        _may_be_told_of(tmp_path, said.partition(link)[2][:20])
    finally:
        _end_all(tmp_path)
    assert "Traceback" not in (tmp_path / "log").read_text()


def _is_followed_by_a_street(tmp_path: Path, ports: dict[str, str], here: object) -> None:
    assert callable(here)
    (words,) = [
        line
        for line in (DOCS / "installation.md").read_text().splitlines()
        if line.startswith("lamplighter simulate ")
    ]
    web = f"http://127.0.0.1:{ports['9464']}"
    with (
        (tmp_path / "log").open("a") as log,
        subprocess.Popen(
            [LAMPLIGHTER, *here(words).split()[1:]], cwd=tmp_path, stdout=log, stderr=log
        ) as street,
    ):
        try:
            wait_until(lambda: not unheard(web), "all three are heard")
            wait_until(lambda: not metric(web, STALE), "all three hold their program")
        finally:
            street.terminate()


def _may_be_told_of(folder: Path, secret: str) -> None:
    """A bundle of the running service shows how it stands, and not its one-time link."""
    settings = str(folder / "etc/lamplighter/lamplighter.toml")
    done = lamplighter(
        *("support-bundle", "bundle.zip", "--config", settings, "--log", "log"), folder=folder
    )
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(folder / "bundle.zip") as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert json.loads(parts["status.json"])["role"] == "active"
    assert STALE in parts["metrics.txt"]
    assert "/#/setup/" in parts["log-1.txt"]
    assert secret not in "".join(parts.values())
    assert "PRIVATE KEY" not in "".join(parts.values())


def _end_all(folder: Path) -> None:
    pids = folder / "pids"
    for pid in reversed(pids.read_text().split() if pids.exists() else []):
        subprocess.run(["kill", pid], check=False)
        wait_until(lambda pid=pid: _is_over(pid), f"process {pid} ends")  # type: ignore[misc]  # a default binds it


def _is_over(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
