"""What is in deploy/, read by those who will read it: systemd, hadolint, Kubernetes' schemas."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from compose_spec import PyCompose

from controller.config import Settings, read_settings
from tests.integration.brokers import system_tool

DEPLOY = Path(__file__).parents[2] / "deploy"
LAMPLIGHTER = Path(sys.executable).with_name("lamplighter")
UNITS = sorted((DEPLOY / "systemd").iterdir())


def documents() -> list[dict[str, Any]]:
    """The objects of the manifests."""
    files = sorted((DEPLOY / "kubernetes").iterdir())
    return [one for file in files for one in yaml.safe_load_all(file.read_text()) if one]


def of_kind(kind: str) -> dict[str, Any]:
    return next(one for one in documents() if one["kind"] == kind)


@pytest.fixture
def installed_units(tmp_path: Path) -> Path:
    """The units as if the program were where it is on this machine."""
    for unit in UNITS:
        text = unit.read_text().replace("/opt/lamplighter/bin/lamplighter", str(LAMPLIGHTER))
        (tmp_path / unit.name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("unit", [one.name for one in UNITS])
def test_systemd_understands_every_line(installed_units: Path, unit: str) -> None:
    done = subprocess.run(
        [system_tool("systemd-analyze", "systemd"), "verify", str(installed_units / unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "lamplighter" in line]
    assert ours == []


def test_the_service_is_shut_in() -> None:
    done = subprocess.run(
        [
            *(system_tool("systemd-analyze", "systemd"), "security", "--offline=yes"),
            *("--no-pager", "--threshold=20", str(DEPLOY / "systemd" / "lamplighter.service")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-500:]


def test_every_command_of_the_units_is_one_of_ours() -> None:
    for unit in UNITS:
        for command, rest in re.findall(
            r"^ExecStart=.*/lamplighter (\S+)(.*)$", unit.read_text(), re.M
        ):
            options = set(re.findall(r"--[a-z-]+", rest))
            told = subprocess.run(
                [str(LAMPLIGHTER), command, "--help"], capture_output=True, text=True, check=True
            ).stdout
            assert all(option in told for option in options), (unit.name, options)


def test_hadolint_finds_nothing_in_the_image() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [str(hadolint), str(DEPLOY / "container" / "Containerfile")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_compose_is_as_its_specification_says() -> None:
    file = DEPLOY / "container" / "compose.yaml"
    told = yaml.safe_load(file.read_text())
    PyCompose.from_json(json.dumps(told)).validate()
    assert set(told["services"]) == {
        *("controller", "mosquitto", "prometheus", "alertmanager", "grafana")
    }
    for name, service in told["services"].items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert not service["user"].startswith("0"), name
        assert set(service.get("secrets", ())) <= told["secrets"].keys(), name
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            if source.startswith(".") and source != "./mosquitto":
                assert (file.parent / source).exists(), (name, source)


def test_what_the_containers_are_told_is_where_they_look() -> None:
    services = yaml.safe_load((DEPLOY / "container/compose.yaml").read_text())["services"]
    mounted = {name: dict(one.split(":")[:2][::-1] for one in service.get("volumes", ()))
               for name, service in services.items()}  # fmt: skip
    words = (DEPLOY.parent / "docs/installation.md").read_text()
    (configure,) = [line for line in words.splitlines() if "by_hand lamplighter broker" in line]
    told = dict(re.findall(r"--(seen-at|persistence|output|owner) (\S+)", configure))
    assert mounted["mosquitto"][told["seen-at"]] == f"./{told['output']}"
    assert mounted["mosquitto"][told["persistence"]] == "mosquitto-data"
    assert services["mosquitto"]["user"] == f"{told['owner']}:{told['owner']}"
    assert f"{told['seen-at']}/mosquitto.conf" in services["mosquitto"]["command"]
    grafana = DEPLOY / "container/grafana"
    (source,) = yaml.safe_load((grafana / "datasources/lamplighter.yaml").read_text())[
        "datasources"
    ]
    assert source["url"].split("/")[2].partition(":")[0] in services
    (provider,) = yaml.safe_load((grafana / "dashboards/lamplighter.yaml").read_text())["providers"]
    assert mounted["grafana"][provider["options"]["path"]] == "../grafana"
    assert mounted["grafana"]["/etc/grafana/provisioning"] == "./grafana"


def test_the_hand_takes_the_volume_that_the_controller_has() -> None:
    (template,) = of_kind("StatefulSet")["spec"]["volumeClaimTemplates"]
    name = of_kind("StatefulSet")["metadata"]["name"]
    claims = [
        one["persistentVolumeClaim"]["claimName"]
        for one in of_kind("Pod")["spec"]["volumes"]
        if "persistentVolumeClaim" in one
    ]
    assert claims == [f"{template['metadata']['name']}-{name}-0"]
    selector = of_kind("Service")["spec"]["selector"]
    assert not selector.items() <= of_kind("Pod")["metadata"]["labels"].items()


@pytest.mark.parametrize("one", documents(), ids=lambda one: one["kind"])
def test_kubernetes_knows_every_field(one: dict[str, Any]) -> None:
    kubernetes_validate.validate(one, "1.30", strict=True)


def test_the_pod_runs_as_the_image_and_watches_what_there_is() -> None:
    pod = of_kind("StatefulSet")["spec"]["template"]["spec"]
    image = (DEPLOY / "container" / "Containerfile").read_text()
    user = pod["securityContext"]["runAsUser"]
    assert f"USER {user}:{pod['securityContext']['runAsGroup']}" in image
    (container,) = pod["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    mounted = {one["mountPath"] for one in container["volumeMounts"]}
    assert mounted == {"/data", "/etc/lamplighter", "/keys", "/tmp"}
    probes = [container[name]["httpGet"]["path"] for name in ("livenessProbe", "readinessProbe")]
    assert probes == ["/healthz", "/readyz"]


def test_the_settings_are_settings() -> None:
    read_settings(DEPLOY / "container" / "lamplighter.toml")
    words = tomllib.loads(of_kind("ConfigMap")["data"]["lamplighter.toml"])
    settings = Settings.model_validate(words)
    assert settings.broker.url.startswith("mqtts://")
    assert settings.console.has_tls


def test_prometheus_reads_its_configuration(tmp_path: Path) -> None:
    text = (DEPLOY / "container" / "prometheus.yml").read_text()
    token = tmp_path / "scrape.token"
    token.write_text("a token of some length\n")
    text = text.replace("/run/secrets/scrape.token", str(token))
    text = text.replace("/etc/prometheus/rules", str(DEPLOY / "prometheus"))
    (tmp_path / "prometheus.yml").write_text(text)
    done = subprocess.run(
        [
            system_tool("promtool", "prometheus"),
            "check",
            "config",
            str(tmp_path / "prometheus.yml"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
